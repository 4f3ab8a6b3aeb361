/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/mime.h"

static struct arena *a;
static struct buf out;
static struct err e;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	buf_init(&out, 1 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_fini(&out);
	arena_free(a);
	return 0;
}

static const char *subject(const char *s)
{
	buf_reset(&out);
	if (mime_text(a, "Subject", s, &out, &e) != 0)
		fail_msg("%s", e.text);
	return buf_str(&out);
}

static const char *to(const char *name, const char *address)
{
	buf_reset(&out);
	if (mime_mailbox(a, "To", name, address, &out, &e) != 0)
		fail_msg("%s", e.text);
	return buf_str(&out);
}

static void test_subject(void **state)
{
	(void)state;
	assert_string_equal(subject("Hello there"), "Subject: Hello there\r\n");
	/* The example words of RFC 2047, in base 64. */
	assert_string_equal(subject("Gr\xc3\xbc\xc3\x9f" "e"),
	    "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n");
	assert_string_equal(subject("=?UTF-8?B?eA==?="),
	    "Subject: =?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=\r\n");
	assert_string_equal(subject("two  spaces"),
	    "Subject: =?UTF-8?B?dHdvICBzcGFjZXM=?=\r\n");
	assert_string_equal(subject(""), "Subject: \r\n");
	/* Folded at a space, which stays. */
	assert_string_equal(subject("aaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbb "
	    "ccccccccccccccccccc dddddddddddddddddd"),
	    "Subject: aaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbb "
	    "ccccccccccccccccccc\r\n dddddddddddddddddd\r\n");
}

/* Encoded words are at most 75 long, lines 76, and no character is cut. */
static void test_long(void **state)
{
	static const char tree[] = "\xf0\x9f\x8c\xb3";
	struct buf text, back;
	const char *s, *word, *end;
	unsigned char *raw;
	size_t n;
	int i;

	(void)state;
	buf_init(&text, 4096);
	buf_init(&back, 4096);
	for (i = 0; i < 100; i++)
		buf_printf(&text, "%s%s", tree, i % 7 ? "" : "x");
	s = subject(buf_str(&text));
	for (word = s; (word = strstr(word, "=?UTF-8?B?")) != NULL;
	    word = end) {
		word += 10;
		end = strstr(word, "?=");
		assert_true(end + 2 - (word - 10) <= 75);
		assert_int_equal(str_unbase64(a, arena_strndup(a, word,
		    (size_t)(end - word)), &raw, &n), 0);
		assert_true((raw[0] & 0xc0) != 0x80);
		buf_put(&back, raw, n);
	}
	assert_string_equal(buf_str(&back), buf_str(&text));
	for (; (end = strstr(s, "\r\n")) != NULL; s = end + 2)
		assert_true(end - s <= 76);
	buf_fini(&text);
	buf_fini(&back);
}

static void test_mailbox(void **state)
{
	(void)state;
	assert_string_equal(to("", "a@b.example"), "To: a@b.example\r\n");
	assert_string_equal(to("Ann Bell", "a@b.example"),
	    "To: Ann Bell <a@b.example>\r\n");
	/* M3: what looks like an address is quoted. */
	assert_string_equal(to("ceo@x.example", "a@b.example"),
	    "To: \"ceo@x.example\" <a@b.example>\r\n");
	assert_string_equal(to("Bell, A. \"Ann\" \\", "a@b.example"),
	    "To: \"Bell, A. \\\"Ann\\\" \\\\\" <a@b.example>\r\n");
	assert_string_equal(to("<x@y>, z", "a@b.example"),
	    "To: \"<x@y>, z\" <a@b.example>\r\n");
	assert_string_equal(to("J\xc3\xb6rg", "a@b.example"),
	    "To: =?UTF-8?B?SsO2cmc=?= <a@b.example>\r\n");
}

static void test_injection(void **state)
{
	static const char *const bad[] = { "x\r\nBcc: y@z", "x\ny", "x\ry",
	    "x\ty", "x\x7f", "x\x01", "x\xff", "x\xc3" };
	static const char *const addresses[] = { "a@b\r\nRCPT TO:<x@y>",
	    "a", "", "a@b>", "a@b, c@d", "a b@c" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&out);
		assert_int_equal(mime_text(a, "Subject", bad[i], &out, &e),
		    ERR_INVALID);
		assert_non_null(strstr(e.text, "Subject"));
		assert_int_equal(mime_mailbox(a, "To", bad[i], "a@b", &out,
		    &e), ERR_INVALID);
		assert_int_equal(out.len, 0);
	}
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		assert_int_equal(mime_mailbox(a, "To", "x", addresses[i],
		    &out, &e), ERR_INVALID);
	assert_int_equal(out.len, 0);
}

static struct mime_message message(void)
{
	struct mime_message m = { .from_name = "Provost", .from = "p@b.example",
	    .to_name = "", .to = "a@b.example", .subject = "Hello",
	    .id = "0123@b.example", .text = "Hello\n" };

	clock_parse_gt("20260315120000Z", &m.date);
	return m;
}

static const char *write_message(const struct mime_message *m)
{
	buf_reset(&out);
	if (mime_write(a, m, &out, &e) != 0)
		fail_msg("%s", e.text);
	return buf_str(&out);
}

static void test_plain(void **state)
{
	struct mime_message m = message();

	(void)state;
	assert_string_equal(write_message(&m),
	    "Date: Sun, 15 Mar 2026 12:00:00 +0000\r\n"
	    "From: Provost <p@b.example>\r\n"
	    "To: a@b.example\r\n"
	    "Subject: Hello\r\n"
	    "Message-ID: <0123@b.example>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n"
	    "Hello\r\n");
}

static const char *body(const char *text)
{
	struct mime_message m = message();

	m.text = text;
	return strstr(write_message(&m), "\r\n\r\n") + 4;
}

/* M2: any end of a line becomes CRLF; dots are the transport's. */
static void test_body(void **state)
{
	(void)state;
	assert_string_equal(body("a\nb\r\nc\rd"), "a\r\nb\r\nc\r\nd\r\n");
	assert_string_equal(body("a\n\nb\n"), "a\r\n\r\nb\r\n");
	assert_string_equal(body(""), "");
	assert_string_equal(body(".\n..a\n"), ".\r\n..a\r\n");
	assert_string_equal(body("1=1 \n\t\n"), "1=3D1=20\r\n=09\r\n");
	assert_string_equal(body("Gr\xc3\xbc\xc3\x9f" "e und viel mehr dazu\n"),
	    "Gr=C3=BC=C3=9Fe und viel mehr dazu\r\n");
	/* 76 fit, of 77 the last 2 do not. */
	assert_string_equal(body("aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
	    "eeeeeeeeeeffffffffffgggggggggghhhhhh\n"),
	    "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
	    "eeeeeeeeeeffffffffffgggggggggghhhhhh\r\n");
	assert_string_equal(body("aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
	    "eeeeeeeeeeffffffffffgggggggggghhhhhhi\n"),
	    "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
	    "eeeeeeeeeeffffffffffgggggggggghhhhh=\r\nhi\r\n");
	/* Mostly not ASCII: base 64 of CRLF lines. */
	assert_string_equal(body("\xce\xb1\xce\xb2\n"), "zrHOsg0K\r\n");
}

static void test_both(void **state)
{
	struct mime_message m = message();
	const char *s, *boundary;

	(void)state;
	m.html = "<p>Hello</p>\n";
	s = arena_strdup(a, write_message(&m));
	boundary = strstr(s, "boundary=\"") + 10;
	boundary = arena_strndup(a, boundary, strcspn(boundary, "\""));
	assert_non_null(strstr(s, arena_printf(a, "\r\n\r\n--%s\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n", boundary)));
	assert_non_null(strstr(s, arena_printf(a, "Hello\r\n\r\n--%s\r\n"
	    "Content-Type: text/html; charset=UTF-8\r\n", boundary)));
	assert_non_null(strstr(s, arena_printf(a, "<p>Hello</p>\r\n"
	    "\r\n--%s--\r\n", boundary)));
	assert_string_equal(write_message(&m), s);
}

static void test_faults(void **state)
{
	struct mime_message m = message();

	(void)state;
	m.id = "0123> x";
	assert_int_equal(mime_write(a, &m, &out, &e), ERR_INVALID);
	m = message();
	m.text = "\xff";
	assert_int_equal(mime_write(a, &m, &out, &e), ERR_INVALID);
	m = message();
	m.html = "\xff";
	assert_int_equal(mime_write(a, &m, &out, &e), ERR_INVALID);
	m = message();
	m.subject = "a\r\nb";
	assert_int_equal(mime_write(a, &m, &out, &e), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_subject), T(test_long), T(test_mailbox),
		T(test_injection), T(test_plain), T(test_body), T(test_both),
		T(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
