/* SPDX-License-Identifier: ISC */
#include "codec/xlsx.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "codec/xlsx_p.h"
#include "sheet_help.h"

static struct buf out;
static char dir[] = "/tmp/provost-xlsx-XXXXXX";
static const char *python;

/* All that the reader says: "2:a|b" a row, "!" an error that it goes on
 * behind, "X" one that it does not. */
static const char *say(int rc, struct xlsx *x, struct err *e)
{
	const struct row *r;
	size_t i;

	buf_fini(&out);
	buf_init(&out, 1u << 24);
	if (rc != 0) {
		assert_null(x);
		buf_printf(&out, "X %s\n", e->text);
		return buf_str(&out);
	}
	while ((rc = xlsx_next(x, &r, e)) != 0) {
		if (rc != 1)
			buf_printf(&out, "%s %s\n", rc == ERR_ITEM_BAD ? "!" :
			    "X", e->text);
		if (rc != 1 && rc != ERR_ITEM_BAD)
			break;
		if (rc == 1)
			buf_printf(&out, "%d:", (int)r->number);
		for (i = 0; rc == 1 && i < r->n; i++)
			buf_printf(&out, "%s%.200s", i ? "|" : "",
			    r->cell[i]);
		if (rc == 1)
			buf_putc(&out, '\n');
	}
	assert_int_equal(xlsx_next(x, &r, e), rc);
	xlsx_close(x);
	return buf_str(&out);
}

static const char *bytes(const void *p, size_t n,
    const struct xlsx_conf *conf)
{
	struct xlsx *x;
	struct err e = { 0 };
	int rc = xlsx_open(p, n, conf, &x, &e);

	return say(rc, x, &e);
}

static char *slurp(const char *name, size_t *n)
{
	char path[256], block[4096];
	struct buf b;
	size_t k;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	buf_init(&b, 1u << 27);
	while ((k = fread(block, 1, sizeof(block), f)) > 0)
		buf_put(&b, block, k);
	fclose(f);
	return buf_take(&b, n);
}

/* A file read from the disk; read from memory it says the same. */
static const char *file(const char *name, const struct xlsx_conf *conf)
{
	char path[256], *whole, *p;
	struct err e = { 0 };
	struct xlsx *x;
	size_t n;
	int fd, rc;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	rc = xlsx_open_fd(fd, conf, &x, &e);
	whole = strdup(say(rc, x, &e));
	close(fd);
	p = slurp(name, &n);
	assert_string_equal(bytes(p, n, conf), whole);
	free(p);
	free(whole);
	return buf_str(&out);
}

#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/" \
	"relationships"
#define REL(id, type, target) "<Relationship Id='" id "' Type='" OFFICE "/" \
	type "' Target='" target "'/>"
#define RELS(list) "<Relationships xmlns='http://schemas.openxmlformats.org/" \
	"package/2006/relationships'>" list "</Relationships>"

/* A workbook of these parts; NULL for what most have. */
struct book {
	const char *workbook, *rels, *sheet, *strings, *styles;
};

static const char *book(const struct book *b, const struct xlsx_conf *conf)
{
	const char *part[] = {
		"_rels/.rels",
		RELS(REL("r", "officeDocument", "/xl/workbook.xml")),
		"xl/workbook.xml", b->workbook ? b->workbook :
		"<workbook xmlns='" MAIN "' xmlns:r='" OFFICE "'><sheets>"
		"<sheet name='S' r:id='r1'/></sheets></workbook>",
		"xl/_rels/workbook.xml.rels", b->rels ? b->rels :
		RELS(REL("r1", "worksheet", "s.xml")
		REL("r2", "sharedStrings", "strings.xml")
		REL("r3", "styles", "styles.xml")),
		"xl/s.xml", b->sheet ? b->sheet : "<worksheet xmlns='" MAIN
		"'/>",
		"xl/strings.xml", b->strings ? b->strings : "<sst xmlns='" MAIN
		"'/>",
		"xl/styles.xml", b->styles ? b->styles : "<styleSheet xmlns='"
		MAIN "'/>",
	};
	struct xlsx_zip_file f[6];
	struct err e = { 0 };
	struct buf zip;
	size_t i;

	for (i = 0; i < 6; i++)
		f[i] = (struct xlsx_zip_file){ part[2 * i], part[2 * i + 1],
		    strlen(part[2 * i + 1]) };
	buf_init(&zip, 1u << 27);
	assert_int_equal(xlsx_zip_write(&zip, f, 6, &e), 0);
	bytes(zip.data, zip.len, conf);
	buf_fini(&zip);
	return buf_str(&out);
}

static const char *rows_limited(const char *rows, const struct xlsx_conf *conf)
{
	struct book b = { 0 };
	char *sheet;

	assert_true(asprintf(&sheet, "<worksheet xmlns='" MAIN "'><sheetData>"
	    "%s</sheetData></worksheet>", rows) > 0);
	b.sheet = sheet;
	b.strings = "<sst xmlns='" MAIN "'><si><t>one</t></si><si><r><t>t</t>"
	    "</r><rPh><t>no</t></rPh><r><t> wo</t></r></si><si><t/></si></sst>";
	b.styles = "<styleSheet xmlns='" MAIN "'><numFmts><numFmt "
	    "numFmtId='164' formatCode='dd/mm/yy'/></numFmts><cellStyleXfs>"
	    "<xf numFmtId='22'/></cellStyleXfs><cellXfs>"
	    "<xf numFmtId='0'/><xf numFmtId='14'/>"
	    "<xf numFmtId='164'/><xf numFmtId='22'/><xf numFmtId='21'/>"
	    "</cellXfs></styleSheet>";
	book(&b, conf);
	free(sheet);
	return buf_str(&out);
}

static const char *rows(const char *text)
{
	return rows_limited(text, NULL);
}

/* What openpyxl wrote. */
static void good(void **state)
{
	struct xlsx_conf conf = { 0 };

	(void)state;
	assert_string_equal(file("good.xlsx", NULL),
	    "1:id|name|start|number|yes|time|both\n"
	    "2:000123|Jos\xc3\xa9 & <\xc3\x84rzte>|2024-02-29|12345678901|TRUE|"
	    "13:45:30|2024-01-02T03:04:05\n"
	    "3:|||0.5|FALSE\n"
	    "4:1000000000000000|10000000000000000|-0.00000015|123456789012|0|"
	    "100|1.1\n"
	    "! XLSX: sheet \"Joiners\", cell A6: a formula without its value: "
	    "open the file in a spreadsheet program and save it\n"
	    "8:merged\n11:|last\n");
	conf.sheet = "oTHER";
	assert_string_equal(file("good.xlsx", &conf), "2:||other|1900-01-01\n");
	conf.sheet = "Hidden";
	sheet_has(file("good.xlsx", &conf), "sheet \"Hidden\" is hidden");
	conf.sheet = "Very";
	sheet_has(file("good.xlsx", &conf), "is hidden");
	conf.sheet = "Nope";
	sheet_has(file("good.xlsx", &conf), "there is no worksheet \"Nope\"");
	assert_string_equal(file("1904.xlsx", NULL), "1:2024-02-29\n");
	assert_string_equal(file("minimal.xlsx", NULL), "1:1\n");
	assert_string_equal(file("stored.xlsx", NULL), "1:1\n");
}

/* The container: refused before a part of it is read, or while it is. */
static void container(void **state)
{
	static const char *const wrong[][2] = {
		{ "twice.xlsx", "damaged" },
		{ "twice-case.xlsx", "is in the file twice" },
		{ "name1.xlsx", "\"../evil\" has a name that leads out" },
		{ "name2.xlsx", "\"/evil\" has a name that leads out" },
		{ "name3.xlsx", "leads out" }, { "name4.xlsx", "leads out" },
		{ "name5.xlsx", "leads out" },
		{ "encrypted.xlsx", "is encrypted" },
		{ "liar.xlsx", "not of the size that the file says" },
		{ "spoilt.xlsx", "is damaged" },
		{ "bzip2.xlsx", "compressed by method 12" },
		{ "many.xlsx", "more than 10000 parts" },
		{ "bomb.xlsx", "inflates to more than 100 times" },
		{ "string-bomb.xlsx", "inflates to more than 100 times" },
		{ "plain.zip", "is this a workbook?" },
		{ "old.xls", "an .xls file, or protected by a password" },
		{ "large.xlsx", "larger than 67108864 bytes" },
		{ "amplified.xlsx", "cell R839: the cells hold more than "
		    "536870912 bytes" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *said = file(wrong[i][0], NULL);

		/* The rows before the fault have been given out. */
		said = strstr(said, "X XLSX: ");
		if (said == NULL || strstr(said, wrong[i][1]) == NULL)
			fail_msg("%s: %.200s", wrong[i][0],
			    buf_str(&out));
	}
	/* What is never opened does no harm. */
	assert_string_equal(file("nested.xlsx", NULL), "1:1\n");
	sheet_has(file("no-strings.xlsx", NULL), "! XLSX: sheet \"S\", cell "
	    "A1: shared string \"0\" is not in the file, which has 0");
	sheet_has(bytes("", 0, NULL), "too short to be a workbook");
	sheet_has(bytes("a,b\n1,2\n3,4\n5,6\n7,8\n9,10", 24, NULL),
	    "not a workbook, or cut off");
}

static void not_a_file(void **state)
{
	struct err e = { 0 };
	struct xlsx *x;
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(xlsx_open_fd(fd[0], NULL, &x, &e), ERR_INVALID);
	assert_null(x);
	sheet_has(e.text, "not a regular file");
	close(fd[0]);
	close(fd[1]);
}

static void cells(void **state)
{
	(void)state;
	assert_string_equal(rows("<row r='2'><c r='B2' t='s'><v>1</v></c>"
	    "<c t='s'><v> 0 </v></c><c t='s'><v>2</v></c>"
	    "<c r='AA2' t='b'><v>1</v></c></row>"
	    "<row><c t='inlineStr'><is><t>a</t></is></c>"
	    "<c t='inlineStr'><is><r><t>b</t></r><rPh><t>x</t></rPh><r><t>c</t>"
	    "</r></is></c><c t='str'><f>x</f><v> d_x0041__x005F_x0041_</v></c>"
	    "<c t='str'><f>x</f><v/></c><c><f>1</f><v>2</v></c>"
	    "<c t='d'><v>2024-01-02</v></c></row>"
	    "<row r='9'/><row r='10'><c/><c s='1'/></row>"),
	    "2:|t wo|one||||||||||||||||||||||||TRUE\n"
	    "3:a|bc| dA_x0041_||2|2024-01-02\n");
	/* Of a formula the value counts, whatever file it speaks of. */
	assert_string_equal(rows("<row><c><f>[1]Sheet1!A1</f><v>2</v></c>"
	    "<c t='str'><f>WEBSERVICE(\"http://127.0.0.1/\")</f><v>x</v></c>"
	    "</row>"), "1:2|x\n");
	assert_string_equal(rows("<row><c s='1'><v>45351</v></c><c s='2'><v>"
	    "45351.5</v></c><c s='3'><v>45351.75</v></c><c s='4'><v>0.99999"
	    "</v></c><c s='4'><v>1.5</v></c><c s='9'><v>45351</v></c></row>"),
	    "1:2024-02-29|2024-02-29|2024-02-29T18:00:00|"
	    "23:59:59|1900-01-01T12:00:00|45351\n");
}

static void cell_faults(void **state)
{
	static const char *const wrong[][2] = {
		{ "<c t='e'><v>#N/A</v></c>", "cell A1: holds the error #N/A" },
		{ "<c t='s'><v>3</v></c>", "shared string \"3\" is not in" },
		{ "<c t='s'><v>-1</v></c>", "shared string \"-1\" is not in" },
		{ "<c t='s'><v>99999999999999999999</v></c>", "shared string" },
		{ "<c t='s'><v>x</v></c>", "shared string \"x\"" },
		{ "<c/><c><v>x</v></c>", "cell B1: \"x\" is no number" },
		{ "<c><v>1 2</v></c>", "is no number" },
		{ "<c><v>0x10</v></c>", "is no number" },
		{ "<c><v>nan</v></c>", "is no number" },
		{ "<c t='q'><v>1</v></c>", "unknown type \"q\"" },
		{ "<c><f>1</f></c>", "a formula without its value" },
		{ "<c t='str'><f>1</f></c>", "a formula without its value" },
		{ "<c s='1'><v>-1</v></c>", "-1 is formatted as a date" },
		{ "<c s='1'><v>60</v></c>", "60 is formatted as a date" },
		{ "<c s='1'><v>9999999</v></c>", "formatted as a date" },
		{ "<c r='A2'><v>1</v></c>", "cell A1: \"A2\" is out of order" },
		{ "<c r='B1'/><c r='A1'/>", "\"A1\" is out of order" },
		{ "<c r='A1'/><c r='A1'/>", "\"A1\" is out of order" },
		{ "<c r='1'/>", "\"1\" is out of order" },
		{ "<c r='XFE1'/>", "\"XFE1\" is out of order" },
		{ "<c r='AAAAAAAAAAAAAAAA1'/>", "is out of order" },
		{ "<c r='a1'/>", "\"a1\" is out of order" },
		{ "<c r='AMK1'><v>1</v></c>", "cell AMK1: beyond column 1024" },
	};
	char text[256], want[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "<row>%s</row><row><c><v>7</v></c>"
		    "</row>", wrong[i][0]);
		rows(text);
		snprintf(want, sizeof(want), "! XLSX: sheet \"S\", cell ");
		if (strncmp(buf_str(&out), want, strlen(want)) != 0 ||
		    strstr(buf_str(&out), wrong[i][1]) == NULL ||
		    strstr(buf_str(&out), "\n2:7\n") == NULL)
			fail_msg("%s: %s", wrong[i][0], buf_str(&out));
	}
}

static void row_faults(void **state)
{
	(void)state;
	sheet_has(rows("<row r='2'><c><v>1</v></c></row><row r='2'/>"),
	    "2:1\nX XLSX: sheet \"S\", after row 2: the next row is \"2\": "
	    "rows must ascend");
	sheet_has(rows("<row r='2'/><row r='1'/>"), "X XLSX");
	sheet_has(rows("<row r='0'/>"), "X XLSX");
	sheet_has(rows("<row r='x'/>"), "X XLSX");
	sheet_has(rows("<row r='1048577'/>"), "X XLSX: sheet \"S\", after "
	    "row 0: more than 1048576 rows");
	assert_string_equal(rows("<row r='1048576'><c r='A1048576'><v>1</v></c>"
	    "</row>"), "1048576:1\n");
	sheet_has(rows("<row r='1048576'/><row/>"), "more than 1048576 rows");
	sheet_has(rows("<row><c><v>1</v></c></row><row><x>"),
	    "1:1\nX XLSX: xl/s.xml: line 1");
}

static void caps(void **state)
{
	struct xlsx_conf conf = { .limits.cells = 3 };
	static const char three[] = "<row><c><v>1</v></c><c><v>2</v></c></row>"
	    "<row><c><v>3</v></c></row>";
	char *text;

	(void)state;
	assert_string_equal(rows_limited(three, &conf), "1:1|2\n2:3\n");
	conf.limits.cells = 2;
	sheet_has(rows_limited(three, &conf), "1:1|2\nX XLSX: sheet \"S\", "
	    "cell A2: more than 2 cells");
	conf = (struct xlsx_conf){ .limits.columns = 1 };
	sheet_has(rows_limited(three, &conf), "! XLSX: sheet \"S\", cell B1: "
	    "beyond column 1\n2:3\n");
	conf = (struct xlsx_conf){ .limits.inflated = 1000 };
	sheet_has(rows_limited(three, &conf), "inflates to more than 1000 by");
	conf = (struct xlsx_conf){ .limits.entries = 5 };
	sheet_has(rows_limited(three, &conf), "more than 5 parts");
	conf = (struct xlsx_conf){ .limits.file = 1000 };
	sheet_has(rows_limited(three, &conf), "larger than 1000 bytes");
	conf = (struct xlsx_conf){ .limits.strings = 10 };
	sheet_has(rows_limited(three, &conf), "its strings take more than 10");
	conf = (struct xlsx_conf){ .limits.cell = 3 };
	sheet_has(rows_limited(three, &conf), "shared string 1 is longer than");
	conf = (struct xlsx_conf){ .limits.cell = 5 };
	sheet_has(rows_limited("<row><c t='str'><v>123456</v></c></row>",
	    &conf), "! XLSX: sheet \"S\", cell A1: longer than 5 bytes");
	conf = (struct xlsx_conf){ .limits = { .ratio = 2, .ratio_floor = 1 } };
	assert_true(asprintf(&text, "<row><c t='str'><v>%0*d</v></c></row>",
	    100000, 0) > 0);
	sheet_has(rows_limited(text, &conf), "more than 2 times its size");
	assert_int_equal(strlen(rows_limited(text, NULL)), 203);
	free(text);
}

/* As many cells as may be, and one more; empty ones count as well. */
static void five_million(void **state)
{
	const struct xlsx_conf conf = { .limits.ratio = 1000000 };
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 1u << 26);
	buf_puts(&b, "<row>");
	for (i = 0; i < 4999999; i++)
		buf_puts(&b, i % 1000 == 999 ? "<c/></row><row>" : "<c/>");
	buf_puts(&b, "</row><row><c><v>7</v></c></row>");
	assert_string_equal(rows_limited(buf_str(&b), &conf), "5001:7\n");
	buf_puts(&b, "<row><c/></row>");
	assert_string_equal(rows_limited(buf_str(&b), &conf), "5001:7\nX XLSX: "
	    "sheet \"S\", cell A5002: more than 5000000 cells: split the "
	    "file, or send CSV\n");
	buf_fini(&b);
}

static void xml(void **state)
{
	static const char lol[] = "<!DOCTYPE x [<!ENTITY a 'b'>]>"
	    "<worksheet xmlns='" MAIN "'/>";
	const struct book b[] = { { .workbook = lol }, { .rels = lol },
	    { .sheet = lol }, { .strings = lol }, { .styles = lol } };
	struct book other = { .sheet = "<html/>" };
	char deep[2000] = "<worksheet xmlns='" MAIN "'>";
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++)
		sheet_has(book(&b[i], NULL), "a DOCTYPE is not accepted");
	sheet_has(book(&other, NULL), "\"xl/s.xml\" is no <worksheet>");
	other.sheet = "<worksheet xmlns='urn:x'/>";
	sheet_has(book(&other, NULL), "is no <worksheet>");
	other.sheet = "";
	sheet_has(book(&other, NULL), "the file is empty");
	for (i = 0; i < 200; i++)
		strcat(deep, "<a>");
	other.sheet = deep;
	sheet_has(book(&other, NULL), "nested deeper than 32");
	other.sheet = "<worksheet xmlns='" MAIN "' xmlns:i='http://www.w3.org/"
	    "2001/XInclude'><i:include href='file:///etc/passwd'/></worksheet>";
	sheet_has(book(&other, NULL), "XInclude is not followed");
	other.sheet = "<w:worksheet xmlns:w='http://purl.oclc.org/ooxml/"
	    "spreadsheetml/main'><w:sheetData><w:row><w:c><w:v>1</w:v></w:c>"
	    "<row/></w:row></w:sheetData></w:worksheet>";
	assert_string_equal(book(&other, NULL), "1:1\n");
}

#define SHEET(name, more) "<sheet name='" name "' " more "/>"
#define BOOK(list) "<workbook xmlns='" MAIN "' xmlns:r='" OFFICE "'>" \
	"<sheets>" list "</sheets></workbook>"

static void workbook(void **state)
{
	struct book b = { .sheet = "<worksheet xmlns='" MAIN "'><sheetData>"
	    "<row><c><v>1</v></c></row></sheetData></worksheet>" };

	(void)state;
	/* Charts and hidden sheets are passed over. */
	b.rels = RELS(REL("c", "chartsheet", "s.xml")
	    REL("h", "worksheet", "h.xml") REL("r1", "worksheet", "s.xml"));
	b.workbook = BOOK(SHEET("C", "r:id='c'") SHEET("H", "r:id='h' "
	    "state='hidden'") SHEET("S", "r:id='r1'"));
	assert_string_equal(book(&b, NULL), "1:1\n");
	b.workbook = BOOK(SHEET("C", "r:id='c'"));
	sheet_has(book(&b, NULL), "there is no visible worksheet");
	b.workbook = BOOK("");
	sheet_has(book(&b, NULL), "there is no visible worksheet");
	b.workbook = BOOK(SHEET("S", ""));
	sheet_has(book(&b, NULL), "list of sheets is wrong");
	b.workbook = NULL;
	b.rels = RELS(REL("r1", "worksheet", "missing.xml"));
	sheet_has(book(&b, NULL), "part \"xl/missing.xml\" is missing");
	/* No way out of the file. */
	b.rels = RELS(REL("r1", "worksheet", "../../etc/passwd"));
	sheet_has(book(&b, NULL), "there is no visible worksheet");
	b.rels = RELS(REL("r1", "worksheet", "file:///etc/passwd"));
	sheet_has(book(&b, NULL), "part \"xl/file:///etc/passwd\" is missing");
	b.rels = RELS("<Relationship Id='r1' Type='" OFFICE "/worksheet' "
	    "Target='s.xml' TargetMode='External'/>");
	sheet_has(book(&b, NULL), "there is no visible worksheet");
}

static void values(void **state)
{
	static const char *const number[][2] = {
		{ "12345678901", "12345678901" }, { "1.2E10", "12000000000" },
		{ "1.2345678901E10", "12345678901" }, { "1E+3", "1000" },
		{ "-1.5E-3", "-0.0015" }, { "1.50", "1.5" }, { "2.0", "2" },
		{ "0", "0" }, { "-0", "0" }, { "0.0", "0" }, { ".5", "0.5" },
		{ "5.", "5" }, { "007", "7" }, { "+7", "7" }, { "-0E5", "0" },
		{ "100", "100" }, { "1e300", "1e300" }, { "12.5E1", "125" },
		{ "0.1E1", "1" }, { "123E-2", "1.23" }, { "0.001E3", "1" },
	};
	static const char *const wrong[] = { "", ".", "-", "1e", "1e+", "e5",
	    "1.2.3", "1,5", "0x1", "inf", " 1" };
	static const struct {
		const char *number, *date;
		enum xlsx_style style;
		bool date1904;
	} date[] = {
		{ "1", "1900-01-01", XLSX_DATE, false },
		{ "59", "1900-02-28", XLSX_DATE, false },
		{ "60", NULL, XLSX_DATE, false },
		{ "61", "1900-03-01", XLSX_DATE, false },
		{ "25569", "1970-01-01", XLSX_DATE, false },
		{ "45351.99", "2024-02-29", XLSX_DATE, false },
		{ "2958465", "9999-12-31", XLSX_DATE, false },
		{ "2958466", NULL, XLSX_DATE, false },
		{ "0", NULL, XLSX_DATE, false },
		{ "0", "1904-01-01", XLSX_DATE, true },
		{ "43889", "2024-02-29", XLSX_DATE, true },
		{ "2958465", NULL, XLSX_DATE, true },
		{ "0.5", "12:00:00", XLSX_TIME, false },
		{ "0", "00:00:00", XLSX_TIME, false },
		{ "0.9999999", "1900-01-01T00:00:00", XLSX_TIME, false },
		{ "45292", "2024-01-01T00:00:00", XLSX_DATE_TIME, false },
		{ "45292.9999999", "2024-01-02T00:00:00", XLSX_DATE_TIME,
		    false },
		{ "-1", NULL, XLSX_DATE, false },
		{ "1e300", NULL, XLSX_DATE, false },
	};
	struct arena *a = arena_new();
	size_t i;
	char *s;

	(void)state;
	for (i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		assert_string_equal(xlsx_value_number(a, number[i][0]),
		    number[i][1]);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_null(xlsx_value_number(a, wrong[i]));
	for (i = 0; i < sizeof(date) / sizeof(date[0]); i++) {
		s = xlsx_value_date(a, date[i].number, date[i].style,
		    date[i].date1904);
		assert_string_equal(s ? s : "-",
		    date[i].date ? date[i].date : "-");
	}
	arena_free(a);
}

static void formats(void **state)
{
	static const struct {
		const char *code;
		enum xlsx_style style;
	} f[] = {
		{ "General", XLSX_NUMBER }, { "0.00E+00", XLSX_NUMBER },
		{ "@", XLSX_NUMBER }, { "#,##0 \"days\"", XLSX_NUMBER },
		{ "#,##0\\ \\d", XLSX_NUMBER }, { "[Red]0", XLSX_NUMBER },
		{ "[h]:mm:ss", XLSX_NUMBER }, { "[$-409]0", XLSX_NUMBER },
		{ "0_d", XLSX_NUMBER }, { "0;dd", XLSX_NUMBER },
		{ "yyyy-mm-dd", XLSX_DATE }, { "mmm", XLSX_DATE },
		{ "[$-407]DD.MM.YYYY", XLSX_DATE }, { "hh:mm", XLSX_TIME },
		{ "mm:ss", XLSX_TIME }, { "h:mm AM/PM", XLSX_TIME },
		{ "yyyy-mm-dd\"T\"hh:mm:ss", XLSX_DATE_TIME },
		{ "\"unclosed", XLSX_NUMBER }, { "[unclosed", XLSX_NUMBER },
		{ "\\", XLSX_NUMBER }, { "", XLSX_NUMBER },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		if (xlsx_style_of_format(f[i].code) != f[i].style)
			fail_msg("%s", f[i].code);
}

/* A file that ends anywhere is refused, and so is one with a byte changed
 * anywhere or read all the same. */
static void truncated(void **state)
{
	size_t n, i;
	char *p = slurp("minimal.xlsx", &n);

	(void)state;
	for (i = 0; i < n; i++)
		sheet_has(bytes(p, i, NULL), "X XLSX");
	for (i = 0; i < n; i++) {
		p[i] ^= 0x55;
		bytes(p, n, NULL);
		p[i] ^= 0x55;
	}
	assert_string_equal(bytes(p, n, NULL), "1:1\n");
	free(p);
}

/* What openpyxl reads in what we wrote. */
static void shown(const struct buf *b, const char *want)
{
	char path[256], command[512], block[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/written.xlsx", dir);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(b->data, 1, b->len, f), b->len);
	assert_int_equal(fclose(f), 0);
	snprintf(command, sizeof(command), "%s %s/tests/unit/xlsx_make.py "
	    "--show %s", python, PROVOST_SRCDIR, path);
	f = popen(command, "r");
	assert_non_null(f);
	n = fread(block, 1, sizeof(block) - 1, f);
	block[n] = '\0';
	assert_int_equal(pclose(f), 0);
	assert_string_equal(block, want);
}

static void writer(void **state)
{
	static const char *const head[] = { "id", "name" };
	static const char *const body[] = { "007", "", "=1+1",
	    " <\xc3\xa9>&\n" };
	const struct row row[] = { { .number = 1, .cell = head, .n = 2 },
	    { .number = 7, .cell = body, .n = 4 } };
	const struct xlsx_out o = { .sheet = "R & D", .row = row, .n = 2 };
	struct err e = { 0 };
	struct buf b, again;

	(void)state;
	buf_init(&b, 1u << 20);
	buf_init(&again, 1u << 20);
	assert_int_equal(xlsx_write(&b, &o, &e), 0);
	shown(&b, "R & D 1\nA1 s @ 'id'\nB1 s @ 'name'\nA7 s @ '007'\n"
	    "C7 s @ '=1+1'\nD7 s @ ' <\xc3\xa9>&\\n'\n");
	assert_string_equal(bytes(b.data, b.len, NULL),
	    "1:id|name\n7:007||=1+1| <\xc3\xa9>&\n\n");
	/* The same bytes, wherever and whenever. */
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	assert_int_equal(xlsx_write(&again, &o, &e), 0);
	assert_int_equal(b.len, again.len);
	assert_memory_equal(b.data, again.data, b.len);
	buf_fini(&b);
	buf_fini(&again);
}

static void escaped(void **state)
{
	static const char *const cell[] = { "_x0041_", "a\rb", "_x_x" };
	const struct row row = { .number = 1, .cell = cell, .n = 3 };
	const struct xlsx_out o = { .sheet = "S", .row = &row, .n = 1 };
	struct err e = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1u << 20);
	assert_int_equal(xlsx_write(&b, &o, &e), 0);
	assert_string_equal(bytes(b.data, b.len, NULL),
	    "1:_x0041_|a\rb|_x_x\n");
	buf_fini(&b);
}

static void writer_faults(void **state)
{
	static const char *const name[] = { "", "a/b", "[a]",
	    "12345678901234567890123456789012" };
	struct row row[2] = { { .number = 2 }, { .number = 2 } };
	struct xlsx_out o = { .row = row };
	struct err e = { 0 };
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 100);
	for (i = 0; i < 4; i++) {
		o.sheet = name[i];
		assert_int_equal(xlsx_write(&b, &o, &e), ERR_INVALID);
	}
	o.sheet = "S";
	assert_int_equal(xlsx_write(&b, &o, &e), ERR_LIMIT);
	sheet_has(e.text, "too large");
	o.n = 2;
	assert_int_equal(xlsx_write(&b, &o, &e), ERR_LIMIT);
	sheet_has(e.text, "in order");
	buf_fini(&b);
}

static void templates(void **state)
{
	struct err e = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1u << 20);
	assert_int_equal(xlsx_template_accounts(&b, &e), 0);
	bytes(b.data, b.len, NULL);
	sheet_has(buf_str(&out), "1:Accounts to add to an enterprise\n2:");
	sheet_has(buf_str(&out), "\n5:Account number\n");
	assert_null(strstr(buf_str(&out), "\n6:"));
	shown(&b, "Accounts 1\n"
	    "A1 s @ 'Accounts to add to an enterprise'\n"
	    "A2 s @ 'Write one account number in each row of column A, from "
	    "row 6 on.'\n"
	    "A3 s @ 'At most 100 numbers and 1 MB a file. Blank cells are "
	    "passed over; a number twice is refused.'\n"
	    "A4 s @ 'Leave the rows above and the format of the column (text) "
	    "as they are: numbers keep their leading zeros.'\n"
	    "A5 s @ 'Account number'\n");
	buf_reset(&b);
	assert_int_equal(xlsx_template_services(&b, &e), 0);
	sheet_has(bytes(b.data, b.len, NULL), "\n5:Service ID\n");
	buf_fini(&b);
}

/* Debian's openpyxl belongs to Debian's python3, which need not be the first
 * on PATH. */
static int setup(void **state)
{
	static const char *const try[] = { "python3", "/usr/bin/python3" };
	char command[512];
	size_t i;

	(void)state;
	for (i = 0; i < 2 && python == NULL; i++) {
		snprintf(command, sizeof(command), "%s -c 'import openpyxl' "
		    "2>/dev/null", try[i]);
		if (system(command) == 0)
			python = try[i];
	}
	if (python == NULL) {
		puts("skipped: no openpyxl (Debian: python3-openpyxl)");
		exit(77);
	}
	assert_non_null(mkdtemp(dir));
	snprintf(command, sizeof(command), "%s %s/tests/unit/xlsx_make.py %s",
	    python, PROVOST_SRCDIR, dir);
	return system(command);
}

static int teardown(void **state)
{
	char command[256];

	(void)state;
	buf_fini(&out);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good), cmocka_unit_test(container),
		cmocka_unit_test(not_a_file), cmocka_unit_test(cells),
		cmocka_unit_test(cell_faults), cmocka_unit_test(row_faults),
		cmocka_unit_test(caps), cmocka_unit_test(five_million),
		cmocka_unit_test(xml),
		cmocka_unit_test(workbook), cmocka_unit_test(values),
		cmocka_unit_test(formats), cmocka_unit_test(truncated),
		cmocka_unit_test(writer), cmocka_unit_test(escaped),
		cmocka_unit_test(writer_faults), cmocka_unit_test(templates),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
