/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "link/httpd_p.h"

#define HEADER_BLOCK_MAX 16384	/* FAULTS H8 */
#define TARGET_MAX 60000	/* a filter of 16 KiB, percent-encoded */

/* --- the headers ---------------------------------------------------------- */

struct census {
	unsigned length, coding, host, authorization, type;
	const char *length_value, *coding_value, *encoding, *host_value;
	size_t bytes;
	const char *next;	/* where the next header must begin */
	bool wire;		/* check that it does */
	bool broken;
};

static bool is(const char *key, size_t n, const char *name)
{
	return strlen(name) == n && strncasecmp(key, name, n) == 0;
}

static void count(struct census *c, const char *key, size_t n,
    const char *value)
{
	if (is(key, n, "content-length")) {
		c->length++;
		c->length_value = value;
	} else if (is(key, n, "transfer-encoding")) {
		c->coding++;
		c->coding_value = value;
	} else if (is(key, n, "host")) {
		c->host++;
		c->host_value = value;
	} else if (is(key, n, "authorization")) {
		c->authorization++;
	} else if (is(key, n, "content-type")) {
		c->type++;
	} else if (is(key, n, "content-encoding")) {
		c->encoding = value;
	}
}

/* libmicrohttpd 0.9.75 ends lines at a bare LF, glues folded lines together
 * and cuts values at a NUL without a word. It leaves the block where it was
 * received, with CR and LF zeroed: so a header that does not begin two bytes
 * behind the end of the one before was not sent as RFC 9112 2.2 wants it. */
static void check_wire(struct census *c, const char *key, const char *value,
    size_t n)
{
	if (c->next != NULL && key != c->next)
		c->broken = true;
	if (value[n] != '\0' || value[n + 1] != '\0')
		c->broken = true;
	c->next = value + n + 2;
}

static enum MHD_Result each(void *cls, enum MHD_ValueKind kind,
    const char *key, size_t key_n, const char *value, size_t value_n)
{
	struct census *c = cls;

	(void)kind;
	c->bytes += key_n + value_n + 4;
	if (key_n == 0 || key[strcspn(key, " \t")] != '\0')
		c->broken = true;
	if (value == NULL)
		return MHD_YES;
	if (memchr(value, '\r', value_n) != NULL)
		c->broken = true;
	if (c->wire)
		check_wire(c, key, value, value_n);
	count(c, key, key_n, value);
	return MHD_YES;
}

static bool digits(const char *s)
{
	return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

static const char *framing(const struct census *c, bool old)
{
	if (c->length > 1)
		return "two Content-Length headers";
	if (c->length != 0 && c->coding != 0)
		return "Content-Length and Transfer-Encoding together";
	if (c->length != 0 && !digits(c->length_value))
		return "Content-Length is no decimal number";
	if (c->coding > 1 || (c->coding != 0 &&
	    strcasecmp(c->coding_value, "chunked") != 0))
		return "a transfer coding other than chunked";
	if (c->coding != 0 && old)
		return "Transfer-Encoding in HTTP/1.0";
	if (c->host > 1 || (c->host == 0 && !old))
		return "not exactly one Host header";
	if (c->authorization > 1)
		return "two Authorization headers";
	if (c->type > 1)
		return "two Content-Type headers";
	if (c->broken)
		return "a header line that is folded, ends in a bare LF, has "
		    "a space before its colon or holds a NUL or CR";
	return NULL;
}

static void refuse(struct guard_result *out, int status, const char *why)
{
	out->status = status;
	out->why = why;
}

void httpd_guard_check(struct request *q, const char *version,
    struct guard_result *out)
{
	struct census c = { .wire = q->d->wire_known };
	bool old = strcmp(version, "HTTP/1.0") == 0;
	const char *why;
	int status;

	/* The version stands behind "METHOD target "; the headers, unless
	 * there was a NUL in the target, right behind the version. */
	if (c.wire && q->wire != NULL) {
		c.broken = version != q->wire + q->raw_len + 1;
		c.next = version + strlen(version) + 2;
	}
	MHD_get_connection_values_n(q->conn, MHD_HEADER_KIND, each, &c);
	q->pub.host = c.host_value != NULL ? c.host_value : "";
	out->has_body = c.coding != 0 || (c.length != 0 &&
	    c.length_value[strspn(c.length_value, "0")] != '\0');
	if (!old && strcmp(version, "HTTP/1.1") != 0)
		refuse(out, 505, "this server speaks HTTP/1.1");
	else if ((why = framing(&c, old)) != NULL)
		refuse(out, 400, why);
	else if (c.bytes > HEADER_BLOCK_MAX)
		refuse(out, 431, "more than 16 KiB of headers");
	else if ((status = guard_target(q, &why)) != 0)
		refuse(out, status, why);
	else if (c.encoding != NULL && strcasecmp(c.encoding, "identity") != 0)
		refuse(out, 415, "Content-Encoding is not taken in requests");
}

/* --- the request target --------------------------------------------------- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL: a broken escape, a NUL, or not UTF-8. In a path an escaped slash stays
 * escaped: it is no separator. */
static char *decode(struct arena *a, const char *s, size_t n, bool query)
{
	char *out = arena_alloc(a, n + 1);
	size_t i, k = 0;
	int hi, lo;

	for (i = 0; i < n; i++) {
		if (s[i] == '+' && query) {
			out[k++] = ' ';
			continue;
		}
		if (s[i] != '%') {
			out[k++] = s[i];
			continue;
		}
		if (i + 2 >= n || (hi = hex(s[i + 1])) < 0 ||
		    (lo = hex(s[i + 2])) < 0 || hi + lo == 0)
			return NULL;
		if (!query && hi == 2 && lo == 15) {
			memcpy(out + k, "%2F", 3);
			k += 3;
		} else {
			out[k++] = (char)(hi << 4 | lo);
		}
		i += 2;
	}
	return utf8_valid(out, k) ? out : NULL;
}

static int split_query(struct request *q, const char *s, const char *end)
{
	const char *stop, *eq;
	struct pair *p;

	for (; s < end; s = stop + 1) {
		stop = memchr(s, '&', (size_t)(end - s));
		if (stop == NULL)
			stop = end;
		if (stop == s)
			continue;
		if (q->n_args == ARGS_MAX)
			return -1;
		eq = memchr(s, '=', (size_t)(stop - s));
		p = &q->arg[q->n_args++];
		p->name = decode(q->pub.arena, s,
		    (size_t)((eq != NULL ? eq : stop) - s), true);
		p->value = eq == NULL ? "" : decode(q->pub.arena, eq + 1,
		    (size_t)(stop - eq - 1), true);
		if (p->name == NULL || p->value == NULL)
			return -1;
	}
	return 0;
}

/* RFC 9112 3.2.2: absolute-form must be accepted. */
static const char *skip_authority(const char *s)
{
	if (strncasecmp(s, "http://", 7) == 0)
		s += 7;
	else if (strncasecmp(s, "https://", 8) == 0)
		s += 8;
	else
		return s;
	s += strcspn(s, "/?");
	return *s == '/' ? s : "/";
}

int guard_target(struct request *q, const char **why)
{
	const char *s, *mark, *end, *p;

	*why = "the request target is malformed";
	if (q->raw_len > TARGET_MAX) {
		*why = "the request target is too long";
		return 414;
	}
	for (p = q->raw; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '#')
			return 400;
	s = skip_authority(q->raw);
	end = s + strlen(s);
	mark = s + strcspn(s, "?");
	if (*s != '/' && strcmp(s, "*") != 0)
		return 400;
	q->pub.path = decode(q->pub.arena, s, (size_t)(mark - s), false);
	if (q->pub.path == NULL) {
		q->pub.path = "";
		return 400;
	}
	if (*mark == '?' && split_query(q, mark + 1, end) != 0) {
		*why = "the query is malformed or has too many arguments";
		return 400;
	}
	return 0;
}
