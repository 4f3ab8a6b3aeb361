/* SPDX-License-Identifier: ISC */
/*
 * intake: from a directory entry to the view's record and the journal's line:
 * drop secrets, classify, render, make index keys, say what differs. Used by
 * the sync thread alone, around one write transaction of the view at a time.
 *
 * Besides the mapping's resource types the view keeps what the engine needs
 * under types of its own, and everything else (containers, policies) as type
 * 0, so that marking and sweeping see the whole tree. Every entry has its
 * normal DN as a key in the index SCIM_INDEX_DN.
 */
#ifndef DIRECTORY_INTAKE_H
#define DIRECTORY_INTAKE_H

#include <stdbool.h>

#include "base/str.h"
#include "codec/scim_map.h"
#include "store/journal.h"
#include "store/view.h"

struct aside;

#define INTAKE_RECEIPTS_OU "ou=receipts"
#define INTAKE_JOBS_OU "ou=jobs"

enum intake_type {
	INTAKE_OTHER = 0,
	INTAKE_RECEIPTS = 240,	/* provostReceipts in ou=receipts */
	INTAKE_JOBS = 241,	/* provostJob in ou=jobs */
	INTAKE_TYPES = 256,	/* all types are below */
};

struct intake {
	const struct scim_map *map;
	struct journal *journal;
	struct aside *aside;		/* asked who deleted what */
	struct arena *names;		/* owned; has the next line */
	const char *base, *receipts, *jobs;	/* normal DNs */
	struct arena *keep;		/* owned; of the transaction */
	struct view_write *w;		/* borrowed: the transaction, and */
	struct view_read *seen;		/* ... the state before it */
	/* What the transaction has met: */
	uint64_t differing;		/* entries put or deleted */
	uint64_t unfit;			/* too large to be served */
	bool base_seen;			/* the top entry was put */
	bool top_moved;			/* a container's DN changed: what is
					 * below it moved without a message */
	struct strv moved;		/* other entries' new DNs */
};

int intake_init(struct intake *in, const struct scim_map *m,
	struct journal *j, struct aside *aside, struct err *e);
void intake_fini(struct intake *in);
/* The entry with this normal DN, of whatever type. */
bool intake_find(struct view_read *r, const struct scim_map *m,
	const char *dn, struct view_item *out);
/* A new transaction; w and seen are the caller's. */
void intake_begin(struct intake *in, struct view_write *w,
	struct view_read *seen);
/* What is counted begins anew: a refresh may take several transactions. */
void intake_clear(struct intake *in);
/* Take one entry in. One that was there with this CSN and DN before is left
 * alone, only marked as present. Scratch memory in a. */
int intake_put(struct intake *in, struct arena *a, struct entry *e,
	bool marking, struct err *err);
/* It is gone. Not having had it is no error. */
int intake_del(struct intake *in, struct arena *a, const uint8_t uuid[16],
	struct err *err);

#endif
