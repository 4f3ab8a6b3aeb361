/* SPDX-License-Identifier: ISC */
/* XML: its events, written, are the same events; its records. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "codec/source.h"
#include "codec/xml_record.h"
#include "codec/xml_write.h"
#include "fuzz.h"

const char fuzz_name[] = "xml";

/* The text of the document; written with escapes and read again, the same. */
static void text_of(struct source *s, struct buf *out)
{
	struct xml *x = xml_open(s, NULL, "XML");
	const struct xml_node *n;
	struct err e;
	size_t i;

	while (xml_next(x, &n, &e) == 1) {
		buf_put(out, n->text, n->n);
		for (i = 0; i < n->n_attrs; i++)
			buf_puts(out, n->attr[i].value);
	}
	xml_close(x);
}

static void written_same(const struct buf *text)
{
	struct xml_writer w;
	struct buf b, again;
	struct source s;

	buf_init(&b, 64u << 20);
	buf_init(&again, 64u << 20);
	xml_write_init(&w, &b);
	xml_begin(&w, "x");
	xml_put_text(&w, buf_str(text));
	xml_end(&w);
	s = source_mem(b.data, b.len);
	text_of(&s, &again);
	if (strcmp(buf_str(&again), buf_str(text)) != 0)
		abort();
	buf_fini(&b);
	buf_fini(&again);
}

static void records(const uint8_t *data, size_t size)
{
	static const char *const field[] = { "@id", "name/first", ".", "p:m",
	    "mail" };
	static const struct xml_prefix prefix[] = { { "p", "urn:p" } };
	static const struct xml_record_conf conf = { .record = "list/item",
	    .field = field, .n_fields = 5, .prefix = prefix,
	    .n_prefixes = 1, .record_max = 1024 };
	struct source s = source_mem(data, size);
	const struct xml_record *rec;
	struct xml_records *r;
	struct err e;
	int rc;

	if (xml_record_open(&s, &conf, &r, &e) != 0)
		abort();
	do {
		rc = xml_record_next(r, &rec, &e);
	} while (rc == 1 || rc == ERR_ITEM_BAD);
	xml_record_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source s = source_mem(data, size);
	struct buf text;

	buf_init(&text, 16u << 20);
	text_of(&s, &text);
	written_same(&text);
	records(data, size);
	buf_fini(&text);
	return 0;
}
