/* SPDX-License-Identifier: ISC */
#include "codec/xml.h"
#include "codec/xml_record.h"
#include "codec/xml_write.h"
#include "sheet_help.h"

static struct buf out;

static void put_attrs(const struct xml_node *n)
{
	size_t i;

	for (i = 0; i < n->n_attrs; i++)
		buf_printf(&out, " {%s}%s='%s'", n->attr[i].ns,
		    n->attr[i].name, n->attr[i].value);
}

/* Events as text; neighbouring texts are one, pieces do not matter. */
static const char *events(struct source *s, const struct xml_limits *lim)
{
	struct xml *x = xml_open(s, lim, "XML");
	const struct xml_node *n;
	struct err e = { 0 };
	int rc;

	buf_fini(&out);
	buf_init(&out, 1u << 24);
	while ((rc = xml_next(x, &n, &e)) == 1) {
		if (n->event == XML_START) {
			buf_printf(&out, "<%d:{%s}%s", (int)n->line, n->ns,
			    n->name);
			put_attrs(n);
			buf_putc(&out, '>');
		} else if (n->event == XML_TEXT) {
			buf_put(&out, n->text, n->n);
		} else {
			buf_printf(&out, "</%s>", n->name);
		}
	}
	assert_null(n);
	if (rc < 0)
		buf_printf(&out, "\n%d %s", rc, e.text);
	assert_int_equal(xml_next(x, &n, &e), rc);
	xml_close(x);
	return buf_str(&out);
}

static const char *read_n(const char *text, size_t n)
{
	struct source s = source_mem(text, n);
	char *pieces;

	/* A byte at a time reads the same; of several faults in one place,
	 * another may be the one that is named. */
	s.read = sheet_one_byte;
	pieces = strdup(events(&s, NULL));
	s = source_mem(text, n);
	events(&s, NULL);
	if (strstr(pieces, "\n-") == NULL)
		assert_string_equal(buf_str(&out), pieces);
	else
		assert_non_null(strstr(buf_str(&out), "\n-"));
	free(pieces);
	return buf_str(&out);
}

static const char *read(const char *text)
{
	return read_n(text, strlen(text));
}

static void plain(void **state)
{
	(void)state;
	assert_string_equal(read("<a x='1'\n y='&lt;2'>t<b/>\n<c xmlns='u' "
	    "xmlns:p='v' p:z='3'>\n<![CDATA[<!DOCTYPE>]]></c>&amp;</a>"),
	    "<1:{}a {}x='1' {}y='<2'>t<2:{}b></b>\n<3:{u}c {v}z='3'>\n"
	    "<!DOCTYPE></c>&</a>");
	assert_string_equal(read("<!-- x --><?p q?><a><!-- <b> --></a>\n"),
	    "<1:{}a></a>");
	assert_string_equal(read("<?xml version='1.0' encoding='ISO-8859-1'?>"
	    "<a>\xe9</a>"), "<1:{}a>\xc3\xa9</a>");
	assert_string_equal(read_n("\xff\xfe<\0a\0/\0>\0", 10),
	    "<1:{}a></a>");
}

static char *many(const char *head, const char *what, size_t n,
    const char *tail)
{
	struct buf b;

	buf_init(&b, 1u << 28);
	buf_puts(&b, head);
	while (n-- > 0)
		buf_puts(&b, what);
	buf_puts(&b, tail);
	return buf_take(&b, NULL);
}

static void refuse(const char *text, const char *why)
{
	sheet_has(read(text), why);
}

static void refuse_many(const char *head, const char *what, size_t n,
    const char *tail, const char *why)
{
	char *text = many(head, what, n, tail);

	refuse(text, why);
	free(text);
}

/* In whatever encoding, and before its declarations mean anything. */
static void doctype(void **state)
{
	static const char lol[] = "<?xml version='1.0'?>\n<!DOCTYPE l [\n"
	    "<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>\n"
	    "<!ATTLIST l x CDATA '&b;'>]><l>&b;</l>";
	char wide[2 * sizeof(lol) + 2] = "\xff\xfe", *entity;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lol); i++) {
		wide[2 + 2 * i] = lol[i];
		wide[3 + 2 * i] = '\0';
	}
	refuse(lol, "XML: line 2, column 13: a DOCTYPE is not accepted");
	sheet_has(read_n(wide, 2 * sizeof(lol)), "a DOCTYPE is not accepted");
	refuse("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "a DOCTYPE");
	refuse("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
	    "<a>&x;</a>", "a DOCTYPE");
	refuse("<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1/'> %x;]>"
	    "<a/>", "a DOCTYPE");
	refuse("<!-- <a> --><!DOCTYPE a><a/>", "a DOCTYPE");
	assert_null(strstr(buf_str(&out), "{}a"));
	refuse("<a>&x;</a>", "line 1, column 7: Entity 'x' not defined");
	/* Quadratic: one long entity, used often. */
	entity = many("<!DOCTYPE a [<!ENTITY x '", "0123456789", 5000,
	    "'>]><a>");
	refuse_many(entity, "&x;", 50000, "</a>", "a DOCTYPE is not accepted");
	free(entity);
	refuse("<a xmlns:x='http://www.w3.org/2001/XInclude'>\n"
	    "<x:include href='/etc/passwd'/></a>",
	    "line 2, column 30: XInclude is not followed");
}

static void limits(void **state)
{
	const struct xml_limits small = { .depth = 2, .attrs = 2,
	    .token = 10000 };
	char *text = many("<a>", "0123456789", 10000, "</a>");
	struct source s = source_mem(text, strlen(text));

	(void)state;
	/* Text is not limited here, it comes in pieces. */
	assert_int_equal(strlen(events(&s, &small)), 100011);
	free(text);
	refuse_many("", "<a>", 100000, "", "nested deeper than 64 levels");
	refuse_many("<a x='", "0123456789", 10000000, "'/>",
	    "longer than 65536 bytes");
	refuse_many("<a><!--", "0123456789", 10000, "--></a>",
	    "longer than 65536 bytes");
	refuse_many("<a", "0123456789", 10000, "/>", "longer than 65536");
	refuse_many("<a xmlns:", "0123456789", 10000, "='x'/>",
	    "longer than 65536");
	s = source_mem("<a><b><c/></b></a>", 18);
	sheet_has(events(&s, &small), "deeper than 2");
	s = source_mem("<a x='' y='' z=''/>", 19);
	sheet_has(events(&s, &small), "<a> has more than 2 attributes");
	s = source_mem("<a><b/></a>", 11);
	s.read = sheet_broken;
	assert_string_equal(events(&s, NULL), "<1:{}a><1:{}b></b></a>\n-10 "
	    "the disk is on fire");
}

/* Line numbers stay right beyond 65,535. */
static void long_file(void **state)
{
	char *text = many("<a>", "\n", 70000, "<b c='\n\n'/>\n<d></a>");

	(void)state;
	sheet_has(read(text), "<70001:{}b");
	sheet_has(buf_str(&out), "<70004:{}d");
	sheet_has(buf_str(&out), "XML: line 70004, column 8: Opening and ending"
	    " tag mismatch");
	free(text);
}

static void not_well_formed(void **state)
{
	(void)state;
	refuse("", "line 1, column 1: the file is empty");
	refuse(" ", "XML: line");
	refuse("x", "XML: line");
	refuse("<a>\n<b>", "the file is cut off: it ends inside an element");
	refuse("<a>\n\x01</a>", "line 2, column 1: PCDATA invalid Char");
	refuse("<a>&#0;</a>", "invalid xmlChar value 0");
	refuse("<a>\n&#x1f;</a>", "line 2, column 7: xmlParseCharRef: invalid");
	refuse("<a b='&#xd800;'/>", "invalid xmlChar value 55296");
	refuse("<a>&#xfffe;&#x110000;</a>", "invalid xmlChar value 65534");
	refuse("<a>\xef\xbf\xbf</a>", "XML: line 1");
	refuse("<a>\xff</a>", "XML: line 1");
	refuse("<a>\xc1\xa9</a>", "XML: line 1");
	refuse("<a>\n<![CDATA[\xe0\x80\xbc]]></a>", "line 2, column 10: not "
	    "valid UTF-8");
	refuse("<a b='\xc1\xa9'/>", "XML: line 1");
	refuse("<\xc1\xa9/>", "XML: line 1");
	refuse("<a>\n<b:c/></a>", "line 2, column 5: Namespace prefix b");
	refuse("<a/><b/>", "Extra content");
	refuse("<a x='1' x='2'/>", "redefined");
}

static void truncated(void **state)
{
	static const char text[] = "<?xml version='1.0'?><a x='1'><!-- c -->"
	    "<b>\xc3\xa9&amp;</b><![CDATA[x]]></a>";
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(text) - 1; n++) {
		read_n(text, n);
		sheet_has(buf_str(&out), "XML: line 1");
	}
	read(text);
	assert_null(strstr(buf_str(&out), "XML:"));
}

static const struct xml_prefix prefixes[] = { { "h", "urn:hr" },
	{ "", "urn:dflt" } };
static const char *const fields[] = { "@id", "h:name/h:first", "h:mail",
	"h:boss/@h:ref", ".", "x" };
static const struct xml_record_conf conf = { .record = "h:list/h:p",
	.field = fields, .n_fields = 6, .prefix = prefixes, .n_prefixes = 2,
	.record_max = 1000 };

static const char *records(const char *text)
{
	struct source s = source_mem(text, strlen(text));
	const struct xml_record *rec;
	struct xml_records *r;
	struct err e = { 0 };
	size_t i, k;
	int rc;

	buf_fini(&out);
	buf_init(&out, 1u << 20);
	assert_int_equal(xml_record_open(&s, &conf, &r, &e), 0);
	while ((rc = xml_record_next(r, &rec, &e)) != 0) {
		if (rc < 0)
			buf_printf(&out, "%s %s\n", rc == ERR_ITEM_BAD ? "!" :
			    "X", e.text);
		if (rc < 0 && rc != ERR_ITEM_BAD)
			break;
		for (i = 0; rc == 1 && i < rec->n; i++)
			for (k = 0; k < rec->value[i].n; k++)
				buf_printf(&out, "%d/%d %zu=[%s]\n",
				    (int)rec->number, (int)rec->line, i,
				    rec->value[i].v[k]);
	}
	assert_int_equal(xml_record_next(r, &rec, &e), rc);
	xml_record_close(r);
	return buf_str(&out);
}

static void record(void **state)
{
	(void)state;
	assert_string_equal(records("<list xmlns='urn:hr' xmlns:q='urn:hr'>\n"
	    "<p id='&amp;1&#38;lt;&amp;#38;'>own <name><first> "
	    "An<i>x</i>na\n</first></name>\n"
	    "<mail>a@b</mail><mail/><q:boss ref='no' q:ref='7'/>text</p>\n"
	    "<other><p id='no'/></other><p><mail xmlns=''>no</mail>"
	    "<x xmlns='urn:dflt'>y</x></p></list>"),
	    "1/2 0=[&1&lt;&#38;]\n1/2 1=[Anna]\n1/2 2=[a@b]\n1/2 2=[]\n"
	    "1/2 3=[7]\n"
	    "1/2 4=[own \ntext]\n2/5 4=[]\n2/5 5=[y]\n");
}

static void record_faults(void **state)
{
	char *text = many("<list xmlns='urn:hr'>\n<p><mail>", "0123456789", 100,
	    "</mail></p><p id='2'/></list>");

	(void)state;
	sheet_has(records(text), "! XML: record 1 (line 2): its values take "
	    "more than 1000 bytes\n2/2 0=[2]\n");
	free(text);
	text = many("<list xmlns='urn:hr'><p>", "<mail/>", 1000,
	    "</p><p id='2'/></list>");
	sheet_has(records(text), "! XML: record 1 (line 1): its values");
	free(text);
	sheet_has(records("<list xmlns='urn:other'><p/></list>"), "X XML: line "
	    "1: the root is <list> in namespace \"urn:other\", not <list> in "
	    "\"urn:hr\"");
	sheet_has(records("<list><p/></list>"), "in namespace \"\"");
	sheet_has(records("<list xmlns='urn:hr'><p id='1'></p><p>"),
	    "1/1 0=[1]\n1/1 4=[]\nX XML: line 1");
}

static void record_paths(void **state)
{
	static const char *const wrong[] = { "", "/", "a/", "a//b", "@", "@a/b",
	    "q:a", "a:", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q" };
	struct xml_record_conf c = conf;
	struct source s = source_mem("", 0);
	struct xml_records *r;
	struct err e = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		c.field = &wrong[i];
		c.n_fields = 1;
		if (xml_record_open(&s, &c, &r, &e) != ERR_INVALID)
			fail_msg("taken: %s", wrong[i]);
		assert_null(r);
	}
	c = conf;
	c.record = "h:a/@b";
	assert_int_equal(xml_record_open(&s, &c, &r, &e), ERR_INVALID);
	xml_record_close(NULL);
}

static void writer(void **state)
{
	struct xml_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 1u << 20);
	xml_write_init(&w, &b);
	xml_begin(&w, "job");
	xml_put_attr(&w, "id", "<\"\n\t&>");
	xml_put(&w, "name", "M\xc3\xbcller & <Co>\r\x01\xff");
	xml_put(&w, "empty", "");
	xml_begin(&w, "b");
	xml_put_text(&w, "x");
	xml_put_text(&w, "y");
	xml_end(&w);
	xml_end(&w);
	assert_string_equal(buf_str(&b), "<?xml version=\"1.0\" "
	    "encoding=\"UTF-8\"?>\n<job id=\"&lt;&quot;&#10;&#9;&amp;&gt;\">"
	    "<name>M\xc3\xbcller &amp; &lt;Co&gt;&#13;\xef\xbf\xbd\xef\xbf\xbd"
	    "</name><empty/><b>xy</b></job>\n");
	assert_string_equal(read(buf_str(&b)), "<2:{}job {}id='<\"\n\t&>'>"
	    "<2:{}name>M\xc3\xbcller & <Co>\r\xef\xbf\xbd\xef\xbf\xbd</name>"
	    "<2:{}empty></empty><2:{}b>xy</b></job>");
	buf_fini(&b);
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
		cmocka_unit_test(plain), cmocka_unit_test(doctype),
		cmocka_unit_test(limits), cmocka_unit_test(long_file),
		cmocka_unit_test(not_well_formed),
		cmocka_unit_test(truncated), cmocka_unit_test(record),
		cmocka_unit_test(record_faults),
		cmocka_unit_test(record_paths), cmocka_unit_test(writer),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
