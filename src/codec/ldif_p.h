/* SPDX-License-Identifier: ISC */
/* ldif_p: the lines of an LDIF file, unfolded; what ldif's files share. */
#ifndef CODEC_LDIF_P_H
#define CODEC_LDIF_P_H

#include "base/buf.h"
#include "codec/ldif.h"

#define LDIF_CHUNK 65536

struct ldif {
	struct source *src;	/* borrowed */
	struct ldif_conf conf;
	char chunk[LDIF_CHUNK];
	size_t pos, end;
	bool eof;
	struct buf text;	/* the line, unfolded */
	uint64_t line, next_line;	/* where it began, what comes next */
	size_t size;		/* of the record, so far */
	bool whole;		/* the last line had its end */
	bool inside;		/* the last line was no blank one */
	bool open;		/* so it was at the file's end */
	bool begun;		/* the version may not come any more */
	bool changes, entries;	/* what the file has held so far */
	int dead;
	struct err why;
};

/* A line as name and value, both in arena or line memory until the next. */
struct ldif_line {
	char *name;
	const char *value;	/* NUL-terminated; n does not count it */
	size_t n;
};

/* The next line, comments passed over, into l->text: 1; 0 a blank line or the
 * end of the file (l->eof and nothing left); an error. */
int ldif_line_next(struct ldif *l);
bool ldif_line_end(const struct ldif *l);	/* of the file */
/* l->text split; base64 is decoded into a. */
int ldif_line_split(struct ldif *l, struct arena *a, struct ldif_line *out);
/* This record is wrong, at the line that was read last. */
int ldif_bad(struct ldif *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
