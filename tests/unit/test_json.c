/* SPDX-License-Identifier: ISC */
#include "codec_help.h"

static int parse(const char *s, struct err *e)
{
	struct json *j;

	*e = (struct err){ 0 };
	return json_parse(help_a, s, strlen(s), &j, e);
}

static void refuse(const char *s)
{
	struct err e;

	if (parse(s, &e) != ERR_INVALID)
		fail_msg("taken: %.60s", s);
	assert_string_equal(e.kind, "invalidSyntax");
	assert_true(strlen(e.text) > 5);
}

static void round_trip(void **state)
{
	const char *s = "{\"a\":[1,-2,2.5,true,false,null,\"x\\\"\\\\\\n\\u0001"
	    "\"],\"José\":{\"\":\"\xf0\x9f\x98\x80\"}}";
	struct err e = { 0 };
	struct json *j, *k;

	(void)state;
	assert_int_equal(json_parse(help_a, s, strlen(s), &j, &e), 0);
	assert_string_equal(help_text(j), s);
	k = json_dup(help_a, j);
	assert_true(json_same(j, k));
	json_put(help_a, json_member(k, "josé"), "b", json_new_int(help_a, 1));
	assert_false(json_same(j, k));
}

static void refused(void **state)
{
	char *deep;
	int n, sizes[] = { 33, 64, 10000, 1000000 };
	struct json *j;
	struct err e;
	size_t i;

	(void)state;
	refuse("");
	refuse("{");
	refuse("1");
	refuse("{\"a\":1,\"a\":2}");
	refuse("{\"active\":true,\"Active\":false}");
	refuse("{\"a\":\"\\u0000\"}");
	refuse("{\"a\":\"\\ud800\"}");
	refuse("{\"a\":\"\xc0\xaf\"}");
	refuse("\xef\xbb\xbf{}");
	refuse("{\"a\":1e999}");
	refuse("{\"a\":123456789012345678901234567890}");
	refuse("{} x");
	for (i = 0; i < 4; i++) {
		n = sizes[i];
		deep = arena_alloc(help_a, (size_t)n + 1);
		memset(deep, '[', (size_t)n);
		refuse(deep);
	}
	assert_int_equal(json_parse(help_a, "[\"a\0b\"]", 7, &j, &e),
	    ERR_INVALID);
	assert_int_equal(parse("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1"
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", &e), 0);
	assert_int_equal(parse("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "\\\"[[\"}", &e), 0);
}

/* Masses of tiny values take memory out of all proportion. */
static void masses(void **state)
{
	struct buf text;
	struct err e;
	int i, space;

	(void)state;
	for (space = 0; space <= 8; space += 8) {
		buf_init(&text, 4 << 20);
		buf_putc(&text, '[');
		for (i = 0; i < 200000; i++)
			buf_printf(&text, "%s0%*s", i != 0 ? "," : "", space,
			    "");
		buf_putc(&text, ']');
		assert_int_equal(parse(buf_str(&text), &e), space == 0 ?
		    ERR_LIMIT : 0);
		buf_fini(&text);
	}
}

static void edit(void **state)
{
	struct json *j = help_json("{'a':1,'b':'x','c':[1,2,3]}");
	struct json *c = json_member(j, "C");

	(void)state;
	assert_int_equal(json_member_int(j, "A", 0), 1);
	assert_int_equal(json_member_int(j, "b", 7), 7);
	assert_string_equal(json_member_str(j, "b"), "x");
	assert_null(json_member_str(j, "a"));
	assert_null(json_member(NULL, "a"));
	json_remove(c, c->child->next);
	json_remove(c, c->last);
	json_push(c, json_new_bool(help_a, true));
	json_put(help_a, j, "B", json_new_str(help_a, "y"));
	json_remove(j, j->child);
	assert_string_equal(help_text(j), "{\"B\":\"y\",\"c\":[1,true]}");
	assert_int_equal(j->n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(refused),
		cmocka_unit_test(masses),
		cmocka_unit_test(edit),
	};

	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
