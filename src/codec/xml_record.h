/* SPDX-License-Identifier: ISC */
/*
 * xml_record: the records of an XML feed, one at a time: elements at one path
 * from the root, with fields at paths below them.
 *
 *	record	"hr:workers/hr:worker"
 *	field	"@id"  "hr:name/hr:first"  "hr:mail"  "hr:manager/@ref"  "."
 *
 * A step is an element's name, the last may be an attribute (@name) or "." for
 * the record's own text.  A prefix stands for the namespace that the
 * configuration gives it, whatever the file calls it; a name without one is in
 * the namespace of prefix "", or in none.  A field has a value for each time
 * it occurs; white space around it is cut off.  What no field names is passed
 * over.  A root of another name or namespace refuses the file.
 * See codec/row.h for the meaning of _next, codec/xml.h for what is refused.
 */
#ifndef CODEC_XML_RECORD_H
#define CODEC_XML_RECORD_H

#include "base/str.h"
#include "codec/xml.h"

struct xml_records;

struct xml_prefix {
	const char *prefix, *uri;
};

struct xml_record_conf {
	const char *record;
	const char *const *field;
	size_t n_fields;	/* at most 256 */
	const struct xml_prefix *prefix;
	size_t n_prefixes;
	size_t record_max;	/* bytes of its values; 0: 1 MiB */
	struct xml_limits limits;
};

struct xml_record {
	uint64_t number;	/* from 1 */
	uint64_t line;
	const struct strv *value;	/* of each field, in their order */
	size_t n;
};

/* ERR_INVALID: a path is none, or its prefix unknown. The source is borrowed
 * until xml_record_close, conf is not kept. */
int xml_record_open(struct source *src, const struct xml_record_conf *conf,
	struct xml_records **out, struct err *e);
int xml_record_next(struct xml_records *r, const struct xml_record **record,
	struct err *e);
void xml_record_close(struct xml_records *r);

#endif
