/* SPDX-License-Identifier: ISC */
#include "codec/mime.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/text.h"
#include "base/utf8.h"

#define LINE 76			/* RFC 2047 2, RFC 2045 6.7 */
#define WORD_HEAD "=?UTF-8?B?"
#define WORD_TAIL "?="
#define OVERHEAD (sizeof(WORD_HEAD) + sizeof(WORD_TAIL) - 2)
#define MAX_PLAIN 60		/* a longer word is encoded, which breaks it */
#define FOLD "\r\n "

/* --- header fields ------------------------------------------------------- */

static bool control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

static int check(const char *field, const char *value, struct err *e)
{
	if (control(value))
		return err_set(e, ERR_INVALID, "%s holds a control character, "
		    "such as the end of a line", field);
	if (!utf8_valid(value, strlen(value)))
		return err_set(e, ERR_INVALID, "%s is not UTF-8", field);
	return 0;
}

/* Words with one space between them, none of them long and none that looks
 * encoded already. */
static bool is_plain(const char *s)
{
	size_t n;

	if (strstr(s, "=?") != NULL)
		return false;
	for (;; s += n + 1) {
		n = strcspn(s, " ");
		if (n == 0 || n > MAX_PLAIN)
			return false;
		if (s[n] == '\0')
			return true;
	}
}

static bool is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x7f)
			return false;
	return true;
}

/* How many bytes of s, whole characters, fit into max. */
static size_t whole(const char *s, size_t max)
{
	size_t n = 0, k;
	uint32_t c;

	while ((k = utf8_next(s + n, strlen(s + n), &c)) != 0 && n + k <= max)
		n += k;
	return n;
}

/* Encoded words, as many as needed; *col: where the line stands. */
static void put_encoded(struct arena *a, struct buf *out, const char *s,
    size_t *col)
{
	while (*s != '\0') {
		size_t room = *col + OVERHEAD < LINE ?
		    (LINE - *col - OVERHEAD) / 4 * 3 : 0;
		size_t n = whole(s, room);
		const char *word;

		if (n == 0) {
			buf_puts(out, FOLD);
			*col = 1;
			continue;
		}
		word = str_base64(a, s, n);
		buf_printf(out, WORD_HEAD "%s" WORD_TAIL, word);
		*col += OVERHEAD + strlen(word);
		s += n;
		if (*s != '\0') {
			buf_puts(out, FOLD);
			*col = 1;
		}
	}
}

/* One word, or what must not be broken, behind a space or a fold. */
static void put_word(struct buf *out, const char *word, size_t n, bool first,
    size_t *col)
{
	if (!first && *col + 1 + n > LINE) {
		buf_puts(out, FOLD);
		*col = 1;
	} else if (!first) {
		buf_putc(out, ' ');
		(*col)++;
	}
	buf_put(out, word, n);
	*col += n;
}

static void put_words(struct buf *out, const char *s, size_t *col)
{
	bool first = true;
	size_t n;

	for (;; s += n + 1, first = false) {
		n = strcspn(s, " ");
		put_word(out, s, n, first, col);
		if (s[n] == '\0')
			return;
	}
}

int mime_text(struct arena *a, const char *field, const char *value,
    struct buf *out, struct err *e)
{
	size_t col = strlen(field) + 2;
	int rc = check(field, value, e);

	if (rc != 0)
		return rc;
	buf_printf(out, "%s: ", field);
	if (*value != '\0' && is_ascii(value) && is_plain(value))
		put_words(out, value, &col);
	else
		put_encoded(a, out, value, &col);
	buf_puts(out, "\r\n");
	return 0;
}

/* atext and spaces: an RFC 5322 phrase as it is. */
static bool is_phrase(const char *s)
{
	for (; *s != '\0'; s++)
		if (strchr("!#$%&'*+-/=?^_`{|}~ ", *s) == NULL &&
		    !(*s >= '0' && *s <= '9') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= 'a' && *s <= 'z'))
			return false;
	return true;
}

static void put_quoted(struct arena *a, struct buf *out, const char *s,
    size_t *col)
{
	char *text = arena_alloc(a, 2 * strlen(s) + 3), *to = text;

	for (*to++ = '"'; *s != '\0'; *to++ = *s++)
		if (*s == '"' || *s == '\\')
			*to++ = '\\';
	*to++ = '"';
	buf_puts(out, text);
	*col += strlen(text);
}

static void put_name(struct arena *a, struct buf *out, const char *name,
    size_t *col)
{
	if (!is_ascii(name) || strstr(name, "=?") != NULL ||
	    strlen(name) > MAX_PLAIN / 2)
		put_encoded(a, out, name, col);
	else if (is_phrase(name) && is_plain(name))
		put_words(out, name, col);
	else
		put_quoted(a, out, name, col);
}

int mime_mailbox(struct arena *a, const char *field, const char *name,
    const char *address, struct buf *out, struct err *e)
{
	const char *text = arena_printf(a, "<%s>", address);
	size_t col = strlen(field) + 2;
	int rc = check(field, name, e);

	if (rc != 0)
		return rc;
	if (!text_address(address))
		return err_set(e, ERR_INVALID, "%s: \"%.64s\" is no e-mail "
		    "address", field, control(address) ? "" : address);
	buf_printf(out, "%s: ", field);
	if (*name == '\0') {
		buf_printf(out, "%s\r\n", address);
		return 0;
	}
	put_name(a, out, name, &col);
	put_word(out, text, strlen(text), false, &col);
	buf_puts(out, "\r\n");
	return 0;
}

/* RFC 5322 3.3, whatever the locale. */
static void put_date(struct buf *out, int64_t date)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
	    "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
	    "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)(date / CLOCK_SECOND);
	struct tm tm;

	gmtime_r(&t, &tm);
	buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* --- bodies ---------------------------------------------------------------- */

/* One line without its end, quoted-printable (RFC 2045 6.7). */
static void put_quoted_line(struct buf *out, const char *s, size_t n)
{
	size_t col = 0, i, width;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		bool last = i + 1 == n;
		bool plain = c >= ' ' && c < 0x7f && c != '=' &&
		    !(c == ' ' && last);

		width = plain ? 1 : 3;
		/* The line's last byte may stand where = would. */
		if (col + width + (last ? 0 : 1) > LINE) {
			buf_puts(out, "=\r\n");
			col = 0;
		}
		if (plain)
			buf_putc(out, (char)c);
		else
			buf_printf(out, "=%02X", c);
		col += width;
	}
}

/* The next line of *s; what ends it is LF, CRLF or a lone CR. */
static size_t next_line(const char **s, bool *end)
{
	size_t n = strcspn(*s, "\r\n");
	const char *rest = *s + n;

	*end = *rest == '\0';
	*s = *rest == '\0' ? rest : rest[0] == '\r' && rest[1] == '\n' ?
	    rest + 2 : rest + 1;
	return n;
}

static void put_quoted_printable(struct buf *out, const char *s)
{
	const char *line;
	bool end = *s == '\0';
	size_t n;

	while (!end) {
		line = s;
		n = next_line(&s, &end);
		put_quoted_line(out, line, n);
		buf_puts(out, "\r\n");
		end |= *s == '\0';
	}
}

static void put_base64(struct arena *a, struct buf *out, const char *s)
{
	struct buf lines;
	const char *text, *line;
	bool end = *s == '\0';
	size_t n;

	buf_init(&lines, out->max);
	while (!end) {
		line = s;
		n = next_line(&s, &end);
		buf_put(&lines, line, n);
		buf_puts(&lines, "\r\n");
		end |= *s == '\0';
	}
	out->failed |= lines.failed;
	text = str_base64(a, buf_str(&lines), lines.len);
	buf_fini(&lines);
	for (; *text != '\0'; text += n) {
		n = strnlen(text, LINE);
		buf_put(out, text, n);
		buf_puts(out, "\r\n");
	}
}

/* Base64 where quoted-printable would be longer. */
static bool mostly_ascii(const char *s)
{
	size_t n = 0, other = 0;

	for (; s[n] != '\0'; n++)
		other += (unsigned char)s[n] >= 0x7f;
	return other * 6 <= n;
}

static int put_part(struct arena *a, struct buf *out, const char *type,
    const char *s, struct err *e)
{
	bool quoted = mostly_ascii(s);

	if (!utf8_valid(s, strlen(s)))
		return err_set(e, ERR_INVALID, "the %s part is not UTF-8",
		    type);
	buf_printf(out, "Content-Type: text/%s; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: %s\r\n\r\n", type,
	    quoted ? "quoted-printable" : "base64");
	if (quoted)
		put_quoted_printable(out, s);
	else
		put_base64(a, out, s);
	return 0;
}

/* A boundary can't stand in a part: "=_" is nothing in either encoding. */
static int put_both(struct arena *a, struct buf *out,
    const struct mime_message *m, struct err *e)
{
	const char *boundary = arena_printf(a, "=_%.32s",
	    hash_sha256_hex(a, m->id));
	int rc;

	buf_printf(out, "Content-Type: multipart/alternative;\r\n"
	    " boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary);
	if ((rc = put_part(a, out, "plain", m->text, e)) != 0)
		return rc;
	buf_printf(out, "\r\n--%s\r\n", boundary);
	if ((rc = put_part(a, out, "html", m->html, e)) != 0)
		return rc;
	buf_printf(out, "\r\n--%s--\r\n", boundary);
	return 0;
}

int mime_write(struct arena *a, const struct mime_message *m,
    struct buf *out, struct err *e)
{
	int rc;

	if (!text_address(m->id))
		return err_set(e, ERR_INVALID, "the Message-ID must be like "
		    "an address");
	put_date(out, m->date);
	if ((rc = mime_mailbox(a, "From", m->from_name, m->from, out,
	    e)) != 0 || (rc = mime_mailbox(a, "To", m->to_name, m->to, out,
	    e)) != 0 || (rc = mime_text(a, "Subject", m->subject, out,
	    e)) != 0)
		return rc;
	buf_printf(out, "Message-ID: <%s>\r\nAuto-Submitted: auto-generated"
	    "\r\nMIME-Version: 1.0\r\n", m->id);
	return m->html != NULL ? put_both(a, out, m, e) :
	    put_part(a, out, "plain", m->text, e);
}
