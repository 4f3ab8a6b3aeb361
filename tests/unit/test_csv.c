/* SPDX-License-Identifier: ISC */
#include "codec/csv.h"
#include "sheet_help.h"

static struct buf out;

/* What the reader says of a text: "2:a|b" a row, "!" an error that it goes on
 * behind, "X" one that it does not; a line each. */
static const char *all_of(struct source *s, const struct csv_conf *conf)
{
	struct csv *c = csv_open(s, conf);
	const struct row *r;
	struct err e = { 0 };
	size_t i;
	int rc;

	buf_fini(&out);
	buf_init(&out, 1u << 24);
	while ((rc = csv_next(c, &r, &e)) != 0) {
		if (rc < 0) {
			assert_null(r);
			buf_printf(&out, "%s %s\n", rc == ERR_ITEM_BAD ? "!" :
			    "X", e.text);
			if (rc != ERR_ITEM_BAD)
				break;
			continue;
		}
		buf_printf(&out, "%d/%d:", (int)r->number, (int)r->line);
		for (i = 0; i < r->n; i++)
			buf_printf(&out, "%s%s", i ? "|" : "", r->cell[i]);
		buf_putc(&out, '\n');
	}
	assert_int_equal(csv_next(c, &r, &e), rc);
	if (!csv_whole(c))
		buf_puts(&out, "cut off\n");
	csv_close(c);
	return buf_str(&out);
}

static const char *read_n(const char *text, size_t n,
    const struct csv_conf *conf)
{
	struct source s = source_mem(text, n);
	char *whole;

	/* A byte at a time reads the same. */
	whole = strdup(all_of(&s, conf));
	s = source_mem(text, n);
	s.read = sheet_one_byte;
	assert_string_equal(all_of(&s, conf), whole);
	free(whole);
	return buf_str(&out);
}

static const char *read(const char *text)
{
	return read_n(text, strlen(text), NULL);
}

static void plain(void **state)
{
	(void)state;
	assert_string_equal(read("a,b\r\n1,2\n3,4\r5,6\r\n"),
	    "1/1:a|b\n2/2:1|2\n3/3:3|4\n4/4:5|6\n");
	assert_string_equal(read("a,b\n\n\r\n\"x\",\n"),
	    "1/1:a|b\n4/4:x|\n");
	assert_string_equal(read("a,\"b\n\r\nc\"\"d\"\n\"\",e\n"),
	    "1/1:a|b\n\r\nc\"d\n2/4:|e\n");
	assert_string_equal(read("0012,\" x \"\nJos\xc3\xa9,=1"),
	    "1/1:0012| x \n2/2:Jos\xc3\xa9|=1\ncut off\n");
	assert_string_equal(read("a"), "1/1:a\ncut off\n");
	assert_string_equal(read("\"\"\n"), "1/1:\n");
	assert_string_equal(read(""), "");
	assert_string_equal(read("\n\n"), "");
	assert_string_equal(read("\xef\xbb\xbf"), "");
}

static void delimiter(void **state)
{
	const struct csv_conf semicolon = { .delimiter = ';' };

	(void)state;
	assert_string_equal(read("a;b,c;d\n1;2;3\n"),
	    "1/1:a|b,c|d\n2/2:1|2|3\n");
	assert_string_equal(read("a\tb\n"), "1/1:a|b\n");
	assert_string_equal(read("a|b\n"), "1/1:a|b\n");
	assert_string_equal(read("\"a;b;c\",d\n"), "1/1:a;b;c|d\n");
	assert_string_equal(read_n("a,b;c\n", 6, &semicolon), "1/1:a,b|c\n");
	/* Decimal commas outnumber the delimiter in all lines but the first. */
	assert_string_equal(read("id;shares\n1;1.000,25 0,5\n2;0,5 0,5\n"),
	    "1/1:id|shares\n2/2:1|1.000,25 0,5\n3/3:2|0,5 0,5\n");
	sheet_has(read("id,share\n1,0,5\n"), "row 2 (line 2): 3 cells");
}

/* A formula is text like any other; the quotes with which a spreadsheet
 * program keeps zeros make a row bad, instead of a number. */
static void formulas(void **state)
{
	(void)state;
	assert_string_equal(read("a,b\n=1+1,@x\n\"=cmd|' /C calc'!A0\",+1\n"
	    "-1,\t=1\n"), "1/1:a|b\n2/2:=1+1|@x\n3/3:=cmd|' /C calc'!A0|+1\n"
	    "4/4:-1|\t=1\n");
	sheet_has(read("a,b\n=\"0012\",2\n3,4\n"), "! CSV: row 2 (line 2), "
	    "column 1: a quote inside an unquoted cell");
	sheet_has(buf_str(&out), "\n3/3:3|4\n");
}

static void charsets(void **state)
{
	const struct csv_conf western = { .charset = CHARSET_WINDOWS_1252 };

	(void)state;
	assert_string_equal(read("\xef\xbb\xbf" "a,b\n"), "1/1:a|b\n");
	assert_string_equal(read_n("\xff\xfe" "a\0,\0\xe9\0\n\0", 10, NULL),
	    "1/1:a|\xc3\xa9\n");
	assert_string_equal(read_n("\xfe\xff" "\0a\0,\xd8\x3d\xde\0\0\n", 12,
	    NULL), "1/1:a|\xf0\x9f\x98\x80\n");
	assert_string_equal(read_n("Jos\xe9,\x80\n", 7, &western),
	    "1/1:Jos\xc3\xa9|\xe2\x82\xac\n");
	/* A mark counts more than what was said. */
	assert_string_equal(read_n("\xef\xbb\xbf" "\xc3\xa9\n", 6, &western),
	    "1/1:\xc3\xa9\n");
	sheet_has(read("a,b\n1,Jos\xe9\n2,3\n"),
	    "! CSV: row 2 (line 2), column 2: not valid UTF-8");
	sheet_has(buf_str(&out), "3/3:2|3\n");
	sheet_has(read_n("a\n\x81\n", 4, &western),
	    "! CSV: row 2 (line 2), column 1: not valid Windows-1252");
	sheet_has(read_n("\xff\xfe" "a\0\n\0" "\0\xd8x\0\n\0", 12, NULL),
	    "row 2 (line 2), column 1: not valid UTF-16");
	sheet_has(read_n("\xff\xfe" "a\0\n\0b", 7, NULL),
	    "row 2 (line 2), column 1: not valid UTF-16");
	sheet_has(read_n("\xff\xfe" "a\0\n\0\0\0\n\0", 10, NULL),
	    "row 2 (line 2), column 1: a NUL byte");
}

/* Every fault names its place, and the next row is read. */
static void faults(void **state)
{
	(void)state;
	assert_string_equal(read("a,b\n1,x\"y\n3,4\n"), "1/1:a|b\n! CSV: row 2 "
	    "(line 2), column 2: a quote inside an unquoted cell: quote the "
	    "whole cell and write the quote twice\n3/3:3|4\n");
	sheet_has(read("a,b\n1,\"x\"y\n3,4\n"), "! CSV: row 2 (line 2), column "
	    "2: text behind the closing quote");
	sheet_has(buf_str(&out), "3/3:3|4\n");
	sheet_has(read_n("a,b\n1,\0\n3,4\n", 12, NULL), "column 2: a NUL byte");
	sheet_has(read_n("a,b\n\"\0\",2\n3,4\n", 14, NULL),
	    "column 1: a NUL byte");
	sheet_has(buf_str(&out), "3/3:3|4\n");
	sheet_has(read("a,b\n1\n1,2,3\n3,4\n"), "! CSV: row 2 (line 2): 1 "
	    "cells, the first row has 2");
	sheet_has(buf_str(&out), "row 3 (line 3): 3 cells");
	sheet_has(buf_str(&out), "4/4:3|4\n");
}

/* A quote that is never closed costs its own row only, even if what follows
 * spans lines itself. */
static void lone_quote(void **state)
{
	(void)state;
	sheet_has(read("a,b\n1,\"x\n3,4\n5,\"6\n7\"\n"),
	    "! CSV: row 2 (line 2), column 2: text behind the closing quote");
	sheet_has(buf_str(&out), "\n3/3:3|4\n4/4:5|6\n7\n");
	sheet_has(read("a,b\n1,\"\n3,4\n5,6"), "! CSV: row 2 (line 2), column "
	    "2: the quoted cell is not closed");
	sheet_has(buf_str(&out), "\n3/3:3|4\n4/4:5|6\ncut off\n");
	sheet_has(read("a,b\n\""), "not closed");
}

static void first_row(void **state)
{
	(void)state;
	sheet_has(read("a,b\"\n1,2\n"), "X CSV: row 1 (line 1), column 2: a "
	    "quote inside");
	assert_null(strstr(buf_str(&out), "1|2"));
}

static char *filled(size_t n, char c)
{
	char *s = malloc(n + 1);

	assert_non_null(s);
	memset(s, c, n);
	s[n] = '\0';
	return s;
}

static void huge(const char *head, size_t n, char c, const char *why)
{
	char *body = filled(n, c), *text;

	assert_true(asprintf(&text, "a,b\n%s%s\n3,4\n", head, body) > 0);
	sheet_has(read(text), why);
	sheet_has(buf_str(&out), ":3|4\n");
	free(body);
	free(text);
}

static void limits(void **state)
{
	const struct csv_conf small = { .row_max = 100000, .cell_max = 100000 };
	char *body = filled(99990, 'x'), *text;
	struct source s;

	(void)state;
	huge("1,", 10u << 20, 'x', "row 2 (line 2), column 2: the cell is "
	    "longer than 65536 bytes");
	huge("1,\"", 10u << 20, 'x', "column 2: the cell is longer than 65536");
	huge("", 100000, ',', "row 2 (line 2), column 1025: more than 1024");
	/* A quote of many lines costs as much as it may, and no more. */
	huge("1,\"", 3u << 20, '\n', "column 2: the cell is longer");
	assert_true(asprintf(&text, "%s\n%s,%s\n3\n", body, body, body) > 0);
	sheet_has(read_n(text, strlen(text), &small), "! CSV: row 2 (line 2), "
	    "column 2: the row is longer than 100000 bytes\n3/3:3\n");
	s = source_mem(text, strlen(text));
	s.max = 150000;
	sheet_has(all_of(&s, &small), "X the file is larger than 150000 bytes");
	free(body);
	free(text);
}

static void broken_source(void **state)
{
	struct source s = source_mem("a,b\n1,", 6);

	(void)state;
	s.read = sheet_broken;
	assert_string_equal(all_of(&s, NULL),
	    "1/1:a|b\nX the disk is on fire\n");
}

/* A file that ends anywhere: no row is made up, only the last can be short. */
static void truncated(void **state)
{
	static const char text[] = "a,b\r\n\"1\"\"\n2\",x\r\n3,4\r\n";
	size_t n;

	(void)state;
	for (n = 0; n <= sizeof(text) - 1; n++) {
		read_n(text, n, NULL);
		assert_null(strstr(buf_str(&out), "X"));
		if (n < sizeof(text) - 3)
			assert_null(strstr(buf_str(&out), "3|4"));
	}
	sheet_has(buf_str(&out), "1\"\n2|x\n3/4:3|4\n");
}

static void header(void **state)
{
	const char *cell[] = { " Name ", "e-Mail", "", "" };
	const char *twice[] = { "id", "name", "ID" };
	struct row r = { .number = 1, .cell = cell, .n = 4 };
	struct columns *c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(columns_new(&r, &c, &e), 0);
	assert_int_equal(columns_find(c, "name"), 0);
	assert_int_equal(columns_find(c, "E-MAIL"), 1);
	assert_int_equal(columns_find(c, ""), -1);
	assert_int_equal(columns_find(c, "phone"), -1);
	assert_int_equal(columns_count(c), 4);
	assert_string_equal(columns_name(c, 0), "Name");
	assert_string_equal(columns_name(c, 4), "");
	assert_string_equal(row_cell(&r, columns_find(c, "e-mail")), "e-Mail");
	assert_string_equal(row_cell(&r, -1), "");
	assert_string_equal(row_cell(&r, 4), "");
	columns_free(c);
	r = (struct row){ .number = 1, .cell = twice, .n = 3 };
	assert_int_equal(columns_new(&r, &c, &e), ERR_INVALID);
	assert_null(c);
	sheet_has(e.text, "row 1: columns 1 and 3 are both named");
	columns_free(NULL);
}

static const char *put(const struct csv_format *f, const char *a,
    const char *b)
{
	const char *cell[] = { a, b };

	buf_fini(&out);
	buf_init(&out, 1u << 20);
	csv_put(&out, f, cell, b == NULL ? 1 : 2);
	return buf_str(&out);
}

static void writer(void **state)
{
	const struct csv_format guard = { .guard = true };
	const struct csv_format semicolon = { .delimiter = ';' };
	static const char *const danger[] = { "=1+1", "+1", "-1", "@x", "\tx",
	    "\rx", "\nx" };
	size_t i;

	(void)state;
	assert_string_equal(put(NULL, "a", "b"), "a,b\r\n");
	assert_string_equal(put(NULL, "a,b", "c\"d"),
	    "\"a,b\",\"c\"\"d\"\r\n");
	assert_string_equal(put(NULL, "a\nb", "c\rd"),
	    "\"a\nb\",\"c\rd\"\r\n");
	assert_string_equal(put(NULL, "", NULL), "\"\"\r\n");
	assert_string_equal(put(NULL, "=1", ""), "=1,\r\n");
	assert_string_equal(put(&semicolon, "a,b", "c;d"), "a,b;\"c;d\"\r\n");
	assert_string_equal(put(&guard, "=\"x\",1", "a=1"),
	    "\"'=\"\"x\"\",1\",a=1\r\n");
	for (i = 0; i < sizeof(danger) / sizeof(danger[0]); i++) {
		put(&guard, danger[i], "x");
		assert_int_equal(out.data[out.data[0] == '"'], '\'');
		assert_memory_equal(out.data + 1 + (out.data[0] == '"'),
		    danger[i], strlen(danger[i]));
	}
	/* What is written is read again. */
	put(NULL, "x\"\r\n,;", " ");
	assert_string_equal(read(strdupa(buf_str(&out))),
	    "1/1:x\"\r\n,;| \n");
}

static int teardown(void **state)
{
	(void)state;
	buf_fini(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain), cmocka_unit_test(delimiter),
		cmocka_unit_test(formulas),
		cmocka_unit_test(charsets), cmocka_unit_test(faults),
		cmocka_unit_test(lone_quote), cmocka_unit_test(first_row),
		cmocka_unit_test(limits), cmocka_unit_test(broken_source),
		cmocka_unit_test(truncated), cmocka_unit_test(header),
		cmocka_unit_test(writer),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
