/* SPDX-License-Identifier: ISC */
/*
 * xml_write: XML into a struct buf, always well-formed: elements close in
 * order, text and attributes are escaped, a character that XML 1.0 cannot
 * hold becomes U+FFFD.  Names are the program's own and not checked.
 *
 *	xml_begin(&w, "job");  xml_put_attr(&w, "id", "17");
 *	xml_put(&w, "name", "Müller & Co");  xml_end(&w);
 */
#ifndef CODEC_XML_WRITE_H
#define CODEC_XML_WRITE_H

#include <stdbool.h>

#define XML_WRITE_DEPTH 16

struct buf;

struct xml_writer {
	struct buf *out;	/* borrowed; its error counts */
	const char *open[XML_WRITE_DEPTH];	/* borrowed names */
	int depth;
	bool tag;		/* the start tag is not closed yet */
};

/* The XML declaration, nothing open. */
void xml_write_init(struct xml_writer *w, struct buf *out);
void xml_begin(struct xml_writer *w, const char *name);
/* Right after xml_begin. */
void xml_put_attr(struct xml_writer *w, const char *name, const char *value);
void xml_put_text(struct xml_writer *w, const char *text);
void xml_end(struct xml_writer *w);
/* An element with text only. */
void xml_put(struct xml_writer *w, const char *name, const char *text);

#endif
