/* SPDX-License-Identifier: ISC */
/*
 * ldif: LDIF (RFC 2849) as records, one at a time, from a source of any
 * length: entries, or changes; a file holds one or the other.
 *
 * Nothing outside the file is read: a value from a URL (`:<') and `include:'
 * are refused, and so are controls: what a change is guarded by is the
 * daemon's decision and not a file's.  Values are bytes; those not in base64
 * must be UTF-8.  A bad record is passed over up to the next blank line; a
 * version other than 1 refuses the file.  See codec/row.h for the meaning of
 * ldif_next.  One thread at a time.
 */
#ifndef CODEC_LDIF_H
#define CODEC_LDIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct buf;
struct change;
struct entry;
struct ldif;
struct source;

struct ldif_conf {
	const char *base;	/* in normal form: every DN must be it or
				 * below it; NULL: any DN */
	size_t line_max;	/* bytes, unfolded; 0: 1 MiB */
	size_t record_max;	/* bytes; 0: 4 MiB */
};

enum ldif_kind { LDIF_ENTRY, LDIF_CHANGE, LDIF_MODRDN };

struct ldif_record {
	enum ldif_kind kind;
	uint64_t line;		/* of its dn */
	const char *dn;
	struct entry *entry;	/* LDIF_ENTRY */
	struct change *change;	/* LDIF_CHANGE: add, modify, delete */
	const char *new_rdn;	/* LDIF_MODRDN */
	bool delete_old;
	const char *new_superior;	/* NULL: stays where it is */
};

/* conf NULL: all of it as above; conf->base and the source are borrowed until
 * ldif_close. */
struct ldif *ldif_open(struct source *src, const struct ldif_conf *conf);
/* The record's values are in a. */
int ldif_next(struct ldif *l, struct arena *a, struct ldif_record *r,
	struct err *e);
void ldif_close(struct ldif *l);
/* After the end: did the last line end as a line does?  A file cut off inside
 * a value shows only here. */
bool ldif_whole(const struct ldif *l);
/* ... and is there a blank line behind the last record?  RFC 2849 wants none,
 * but who writes records by program writes one, and a file cut off between two
 * lines, of one folded value perhaps, shows only here. */
bool ldif_closed(const struct ldif *l);

/* The change as one change record with the blank line behind it, unfolded;
 * values that are no safe string in base64. Of secrets (attr_secret) a comment
 * says only that they are left out. Scratch memory in a. */
void ldif_put_change(struct buf *b, struct arena *a, const struct change *c);
/* "# text", a comment; what can't stand in a line is put as a space. */
void ldif_put_comment(struct buf *b, const char *text);

#endif
