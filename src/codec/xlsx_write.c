/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "codec/xlsx_p.h"
#include "codec/xml_write.h"

#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/" \
	"relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/"
#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml."
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static const char content_types[] = HEAD
    "<Types xmlns=\"" PACKAGE "content-types\">"
    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-"
    "package.relationships+xml\"/>"
    "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
    "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" TYPE
    "sheet.main+xml\"/>"
    "<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"" TYPE
    "worksheet+xml\"/>"
    "<Override PartName=\"/xl/styles.xml\" ContentType=\"" TYPE
    "styles+xml\"/></Types>";

static const char root_rels[] = HEAD
    "<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship "
    "Id=\"rId1\" Type=\"" OFFICE "/officeDocument\" "
    "Target=\"xl/workbook.xml\"/></Relationships>";

static const char workbook_rels[] = HEAD
    "<Relationships xmlns=\"" PACKAGE "relationships\">"
    "<Relationship Id=\"rId1\" Type=\"" OFFICE "/worksheet\" "
    "Target=\"worksheets/sheet1.xml\"/>"
    "<Relationship Id=\"rId2\" Type=\"" OFFICE "/styles\" "
    "Target=\"styles.xml\"/></Relationships>";

/* Cell format 1 is text (number format 49, "@"). */
static const char styles[] = HEAD
    "<styleSheet xmlns=\"" MAIN "\">"
    "<fonts count=\"1\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
    "</fonts><fills count=\"2\"><fill><patternFill patternType=\"none\"/>"
    "</fill><fill><patternFill patternType=\"gray125\"/></fill></fills>"
    "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/>"
    "</border></borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" "
    "fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>"
    "<cellXfs count=\"2\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" "
    "borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" "
    "borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/></cellXfs>"
    "<cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" "
    "builtinId=\"0\"/></cellStyles></styleSheet>";

static void put_workbook(struct buf *out, const char *sheet)
{
	struct xml_writer w;

	xml_write_init(&w, out);
	xml_begin(&w, "workbook");
	xml_put_attr(&w, "xmlns", MAIN);
	xml_put_attr(&w, "xmlns:r", OFFICE);
	xml_begin(&w, "sheets");
	xml_begin(&w, "sheet");
	xml_put_attr(&w, "name", sheet);
	xml_put_attr(&w, "sheetId", "1");
	xml_put_attr(&w, "r:id", "rId1");
	while (w.depth > 0)
		xml_end(&w);
}

static void put_attr_number(struct xml_writer *w, const char *name,
    unsigned long long n)
{
	char s[24];

	snprintf(s, sizeof(s), "%llu", n);
	xml_put_attr(w, name, s);
}

/* Text that reads like an escape is escaped itself (xlsx_unescape). */
static void put_text(struct xml_writer *w, const char *s)
{
	struct buf b;
	const char *p;

	if (strstr(s, "_x") == NULL) {
		xml_put_text(w, s);
		return;
	}
	buf_init(&b, 8 * strlen(s));
	while ((p = strstr(s, "_x")) != NULL) {
		buf_put(&b, s, (size_t)(p - s));
		buf_puts(&b, "_x005F_x");
		s = p + 2;
	}
	buf_puts(&b, s);
	xml_put_text(w, buf_str(&b));
	buf_fini(&b);
}

static void put_cell(struct xml_writer *w, const char *text)
{
	xml_begin(w, "c");
	xml_put_attr(w, "s", "1");
	if (text[0] != '\0') {
		xml_put_attr(w, "t", "inlineStr");
		xml_begin(w, "is");
		xml_begin(w, "t");
		xml_put_attr(w, "xml:space", "preserve");
		put_text(w, text);
		xml_end(w);
		xml_end(w);
	}
	xml_end(w);
}

static size_t widest(const struct xlsx_out *o)
{
	size_t i, n = 1;

	for (i = 0; i < o->n; i++)
		if (o->row[i].n > n)
			n = o->row[i].n;
	return n;
}

static void put_columns(struct xml_writer *w, const struct xlsx_out *o)
{
	xml_begin(w, "cols");
	xml_begin(w, "col");
	xml_put_attr(w, "min", "1");
	put_attr_number(w, "max", widest(o));
	put_attr_number(w, "width", o->width ? o->width : 20);
	xml_put_attr(w, "style", "1");
	xml_put_attr(w, "customWidth", "1");
	xml_end(w);
	xml_end(w);
}

static void put_sheet(struct buf *out, const struct xlsx_out *o)
{
	struct xml_writer w;
	size_t i, k;

	xml_write_init(&w, out);
	xml_begin(&w, "worksheet");
	xml_put_attr(&w, "xmlns", MAIN);
	put_columns(&w, o);
	xml_begin(&w, "sheetData");
	for (i = 0; i < o->n; i++) {
		xml_begin(&w, "row");
		put_attr_number(&w, "r", o->row[i].number);
		for (k = 0; k < o->row[i].n; k++)
			put_cell(&w, o->row[i].cell[k]);
		xml_end(&w);
	}
	while (w.depth > 0)
		xml_end(&w);
}

static int check(const struct xlsx_out *o, struct err *e)
{
	size_t n = strlen(o->sheet), i;
	uint64_t last = 0;

	if (n == 0 || n > 31 || o->sheet[strcspn(o->sheet, "[]:*?/\\'")] != 0)
		return err_set(e, ERR_INVALID, "XLSX: \"%.40s\" cannot name a "
		    "sheet: at most 31 characters, none of []:*?/\\'",
		    o->sheet);
	for (i = 0; i < o->n; i++) {
		if (o->row[i].number <= last || o->row[i].n > XLSX_COLUMN_MAX ||
		    o->row[i].number > XLSX_ROW_MAX)
			return err_set(e, ERR_LIMIT, "XLSX: at most %u rows, "
			    "in order, of %u cells", XLSX_ROW_MAX,
			    XLSX_COLUMN_MAX);
		last = o->row[i].number;
	}
	return 0;
}

int xlsx_write(struct buf *out, const struct xlsx_out *o, struct err *e)
{
	struct buf workbook, sheet;
	int rc = check(o, e);

	if (rc != 0)
		return rc;
	buf_init(&workbook, 4096);
	buf_init(&sheet, (size_t)1 << 30);
	put_workbook(&workbook, o->sheet);
	put_sheet(&sheet, o);
	{
		const struct xlsx_zip_file file[] = {
			{ "[Content_Types].xml", content_types,
			    sizeof(content_types) - 1 },
			{ "_rels/.rels", root_rels, sizeof(root_rels) - 1 },
			{ "xl/workbook.xml", workbook.data, workbook.len },
			{ "xl/_rels/workbook.xml.rels", workbook_rels,
			    sizeof(workbook_rels) - 1 },
			{ "xl/styles.xml", styles, sizeof(styles) - 1 },
			{ "xl/worksheets/sheet1.xml", sheet.data, sheet.len },
		};

		rc = sheet.failed || workbook.failed ? err_set(e, ERR_LIMIT,
		    "XLSX: too much for one workbook") :
		    xlsx_zip_write(out, file, sizeof(file) / sizeof(file[0]),
		    e);
	}
	buf_fini(&workbook);
	buf_fini(&sheet);
	return rc;
}
