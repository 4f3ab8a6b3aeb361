/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/template.h"
#include "arena_fixture.h"

static const char *const names[] = { "name", "link", NULL };
static struct err e;

static const char *written(const char *text, bool html, const char *name,
    const char *link)
{
	const char *const value[] = { name, link };
	struct template t;
	struct buf out;
	char *s;

	if (template_read(a, "t.txt", 1, text, names, &t, &e) != 0)
		fail_msg("%s", e.text);
	buf_init(&out, 1 << 16);
	template_write(&t, value, html, &out);
	s = arena_strdup(a, buf_str(&out));
	buf_fini(&out);
	return s;
}

static void test_write(void **state)
{
	(void)state;
	assert_string_equal(written("", false, "A", "L"), "");
	assert_string_equal(written("Hello {{name}}: {{link}}\n{{name}}",
	    false, "A", "L"), "Hello A: L\nA");
	assert_string_equal(written("{{name}}{{name}}", false, "A", "L"), "AA");
	assert_string_equal(written("{ {name} }}", false, "A", "L"),
	    "{ {name} }}");
	assert_string_equal(written("x{{link}}y", false, "A", NULL), "xy");
	/* What is filled in is not read again. */
	assert_string_equal(written("{{name}}", false, "{{link}}", "L"),
	    "{{link}}");
}

static void test_html(void **state)
{
	const char *bad = "<a href=\"x\" title='y'>&amp;";

	(void)state;
	assert_string_equal(written("<b>{{name}}</b>", true, bad, "L"),
	    "<b>&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;</b>");
	assert_string_equal(written("<b>{{name}}</b>", false, "<", "L"),
	    "<b><</b>");
}

static void test_faults(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "a\nb\n{{nmae}}\n", "t.txt:3: there is no {{nmae}}; this "
		    "template knows name, link" },
		{ "{{}}", "t.txt:1: there is no {{}}" },
		{ "{{ name }}", "t.txt:1: there is no {{ name }}" },
		{ "a\n{{name", "t.txt:2: {{ without }}" },
		{ "\xff", "t.txt is not UTF-8" },
	};
	struct template t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(template_read(a, "t.txt", 1, rows[i].text,
		    names, &t, &e), ERR_INVALID);
		assert_memory_equal(e.text, rows[i].says,
		    strlen(rows[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_write), T(test_html), T(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
