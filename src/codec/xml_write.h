/* SPDX-License-Identifier: ISC */
/*
 * xml_write: XML into a struct buf with libxml2's writer, always well-formed:
 * elements close in order, text and attributes are escaped, a character that
 * XML 1.0 cannot hold becomes U+FFFD. Names are the program's own and not
 * checked.
 *
 *	xml_begin(&w, "job");  xml_put_attr(&w, "id", "17");
 *	xml_put(&w, "name", "Müller & Co");  xml_end(&w);
 */
#ifndef CODEC_XML_WRITE_H
#define CODEC_XML_WRITE_H

#include "base/buf.h"

struct _xmlTextWriter;

struct xml_writer {
	struct _xmlTextWriter *w;	/* owned until the last xml_end */
	struct buf clean;
	int depth;
};

/* The XML declaration, nothing open. One element must follow; when it is
 * closed all is written and the writer is gone. */
void xml_write_init(struct xml_writer *w, struct buf *out);
void xml_begin(struct xml_writer *w, const char *name);
/* Right after xml_begin. */
void xml_put_attr(struct xml_writer *w, const char *name, const char *value);
void xml_put_text(struct xml_writer *w, const char *text);
void xml_end(struct xml_writer *w);
/* An element with text only. */
void xml_put(struct xml_writer *w, const char *name, const char *text);

#endif
