/* SPDX-License-Identifier: ISC */
/* Any bytes as a subject, a name and a template: a header field comes out that
 * is one field and reads back as what went in, or none. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "codec/mime.h"
#include "codec/template.h"
#include "fuzz.h"

const char fuzz_name[] = "header";

#define MAX ((size_t)1 << 22)

/* One field: printable ASCII in lines of 78 (a long address apart), each
 * ended by CRLF, each but the first behind a space. */
static void check_lines(const char *s)
{
	size_t n, line = 0;

	for (; *s != '\0'; s += n + 2, line++) {
		n = strcspn(s, "\r\n");
		if (s[n] != '\r' || s[n + 1] != '\n' || n > 78 ||
		    (line > 0 && (*s != ' ' || n < 2)))
			abort();
		while (n-- > 0)
			if (s[n] < ' ' || s[n] > '~')
				abort();
		n = strcspn(s, "\r");
	}
}

/* The value of a field, unfolded, encoded words decoded. */
static const char *decode(struct arena *a, const char *s, struct buf *out)
{
	unsigned char *raw;
	const char *end;
	size_t n;

	while (*s != '\0') {
		if (str_starts(s, "=?UTF-8?B?")) {
			s += strlen("=?UTF-8?B?");
			end = strstr(s, "?=");
			if (end == NULL || str_unbase64(a, arena_strndup(a, s,
			    (size_t)(end - s)), &raw, &n) != 0)
				abort();
			buf_put(out, raw, n);
			s = end + 2;
			/* White space between encoded words is none. */
			if (str_starts(s, "\r\n =?"))
				s += 3;
		} else if (str_starts(s, "\r\n")) {
			s += 2;
		} else {
			buf_putc(out, *s++);
		}
	}
	return buf_str(out);
}

static void subject(struct arena *a, const char *text)
{
	struct buf out, back;
	const char *value;

	buf_init(&out, MAX);
	buf_init(&back, MAX);
	if (mime_text(a, "Subject", text, &out, NULL) == 0) {
		check_lines(buf_str(&out));
		value = buf_str(&out) + strlen("Subject: ");
		/* Nothing but an encoded word that was put on a new line. */
		if (str_starts(value, "\r\n =?"))
			value += 3;
		if (!str_eq(decode(a, value, &back), text))
			abort();
	} else if (out.len != 0) {
		abort();
	}
	buf_fini(&out);
	buf_fini(&back);
}

static void mailbox(struct arena *a, const char *text)
{
	struct buf out;

	buf_init(&out, MAX);
	if (mime_mailbox(a, "To", text, "a@b.example", &out, NULL) == 0) {
		check_lines(buf_str(&out));
		/* Outside of quotes there is one address. */
		if (*text != '\0' &&
		    strstr(buf_str(&out), " <a@b.example>\r\n") == NULL)
			abort();
	}
	buf_reset(&out);
	if (mime_mailbox(a, "To", "", text, &out, NULL) == 0 &&
	    !str_eq(buf_str(&out), arena_printf(a, "To: %s\r\n", text)))
		abort();
	buf_fini(&out);
}

static void template(struct arena *a, const char *text)
{
	static const char *const names[] = { "name", NULL };
	const char *const value[] = { text };
	struct template t;
	struct buf out;

	if (template_read(a, "fuzz", 1, text, names, &t, NULL) != 0)
		return;
	buf_init(&out, MAX);
	template_write(&t, value, true, &out);
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	const char *text = fuzz_text(a, data, size);

	subject(a, text);
	mailbox(a, text);
	template(a, text);
	return 0;
}
