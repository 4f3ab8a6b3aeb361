/* SPDX-License-Identifier: ISC */
/*
 * xml: XML 1.0 as a stream of events, pulled one at a time from a source of
 * any length.  Only this file's .c knows libxml2.
 *
 * What could reach outside or grow is refused, not handled: a DOCTYPE (and so
 * every entity, in whatever encoding, before its first declaration is read),
 * XInclude, markup longer than `token', nesting below `depth', too many
 * attributes.  Nothing is ever fetched.  No tree is built: memory is bounded
 * by the limits and one piece of the file.  Every error is final and names
 * line and column.  Readers are independent, each one thread at a time.
 */
#ifndef CODEC_XML_H
#define CODEC_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct source;
struct xml;

enum xml_event { XML_START, XML_TEXT, XML_END };

struct xml_attr {
	const char *ns, *name;	/* ns "": none */
	const char *value;
};

/* Borrowed until the next call; ns and name until xml_close. */
struct xml_node {
	enum xml_event event;
	const char *ns, *name;	/* START, END: namespace URI, local name */
	const char *text;	/* TEXT: perhaps a piece of it; CDATA too */
	size_t n;
	const struct xml_attr *attr;	/* START: without declarations */
	size_t n_attrs;
	int depth;		/* START, END: 1 for the root */
	uint64_t line;		/* where a tag begins, where a text ends */
};

struct xml_limits {
	size_t token;		/* bytes of a tag, comment or instruction;
				 * 0: 64 KiB */
	int depth;		/* levels; 0: 64 */
	size_t attrs;		/* of one element; 0: 256 */
};

/* what begins error messages ("XML", "XLSX: xl/workbook.xml"), is copied; the
 * source is borrowed until xml_close. */
struct xml *xml_open(struct source *src, const struct xml_limits *limits,
	const char *what);
/* 1 a node, 0 the end of a well-formed document, else an error. */
int xml_next(struct xml *x, const struct xml_node **node, struct err *e);
void xml_close(struct xml *x);

/* The value of an attribute without a namespace or of one in ns; NULL. */
const char *xml_attr(const struct xml_node *n, const char *name);
const char *xml_attr_ns(const struct xml_node *n, const char *ns,
	const char *name);

#endif
