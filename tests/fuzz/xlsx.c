/* SPDX-License-Identifier: ISC */
/* A workbook; or, what is no zip, a sheet with its strings and styles behind
 * it, each after a line "--", for which a workbook is made. */
#include <string.h>

#include "base/buf.h"
#include "codec/xlsx.h"
#include "codec/xlsx_zip.h"
#include "fuzz.h"

const char fuzz_name[] = "xlsx";

#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/" \
	"relationships"
#define RELS(list) "<Relationships xmlns='http://schemas.openxmlformats.org/" \
	"package/2006/relationships'>" list "</Relationships>"
#define REL(id, type, target) "<Relationship Id='" id "' Type='" OFFICE "/" \
	type "' Target='" target "'/>"

static const char root[] = RELS(REL("r", "officeDocument", "w.xml"));
static const char workbook[] = "<workbook xmlns='http://schemas."
    "openxmlformats.org/spreadsheetml/2006/main' xmlns:r='" OFFICE "'><sheets>"
    "<sheet name='S' r:id='a'/></sheets></workbook>";
static const char rels[] = RELS(REL("a", "worksheet", "a.xml")
    REL("b", "sharedStrings", "b.xml") REL("c", "styles", "c.xml"));

static void read_all(const void *p, size_t n)
{
	const struct xlsx_conf conf = { .limits = { .cells = 100000,
	    .inflated = 4u << 20, .ratio_floor = 1u << 20, .columns = 64 } };
	const struct row *r;
	struct xlsx *x;
	struct err e;
	int rc;

	if (xlsx_open(p, n, &conf, &x, &e) != 0)
		return;
	do {
		rc = xlsx_next(x, &r, &e);
	} while (rc == 1 || rc == ERR_ITEM_BAD);
	xlsx_close(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xlsx_zip_file f[6] = {
		{ "_rels/.rels", root, sizeof(root) - 1 },
		{ "w.xml", workbook, sizeof(workbook) - 1 },
		{ "_rels/w.xml.rels", rels, sizeof(rels) - 1 },
		{ "a.xml", "", 0 }, { "b.xml", "", 0 }, { "c.xml", "", 0 },
	};
	const char *p = (const char *)data, *end;
	struct buf zip;
	struct err e;
	size_t n;

	if (size >= 2 && memcmp(data, "PK", 2) == 0) {
		read_all(data, size);
		return 0;
	}
	for (n = 3; n < 6; n++) {
		end = n == 5 ? NULL : memmem(p, size, "\n--\n", 4);
		f[n].data = p;
		f[n].n = end == NULL ? size : (size_t)(end - p);
		if (end == NULL) {
			n++;
			break;
		}
		size -= f[n].n + 4;
		p = end + 4;
	}
	buf_init(&zip, 16u << 20);
	if (xlsx_zip_write(&zip, f, n, &e) == 0)
		read_all(zip.data, zip.len);
	buf_fini(&zip);
	return 0;
}
