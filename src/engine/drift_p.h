/* SPDX-License-Identifier: ISC */
/* drift's own: drift.c runs, drift_list.c keeps a list, drift_compare.c holds
 * it against the receipts, drift_report.c says what came of it. */
#ifndef ENGINE_DRIFT_P_H
#define ENGINE_DRIFT_P_H

#include <pthread.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "directory/world.h"
#include "engine/drift.h"

/* --- a list, as it came ------------------------------------------------- */

struct seen {
	struct target_account acc;	/* copied */
	bool matched;			/* it is somebody's */
	bool twin;			/* another one has the same key */
};

struct seen_list {
	struct arena *a;
	struct map *by;			/* kind and key -> struct seen */
	struct seen **v;		/* those that hold something */
	size_t n, cap;
	uint64_t accounts;		/* all there are */
	bool keyed;			/* some say whose they are */
	/* How it ended: */
	bool over;
	int code;
	struct err err;
};

void seen_init(struct seen_list *l);
void seen_fini(struct seen_list *l);
/* False: it is more than is kept. */
bool seen_add(struct seen_list *l, const struct target_account *acc);
/* The account of a person; remote_id: what the receipts say, NULL none. Twins
 * are nobody's. NULL: none, or it holds nothing. */
struct seen *seen_find(const struct seen_list *l, const char *id,
	const struct person *p, const char *remote_id);
/* What it holds of a tool, NULL nothing. */
const struct target_holding *seen_held(const struct seen *s,
	const char *tool);

/* --- a report ----------------------------------------------------------- */

enum drift_state { DRIFT_SEEN, DRIFT_MISSING, DRIFT_EXTRA, DRIFT_UNMANAGED,
	DRIFT_PENDING, DRIFT_STATES };

struct drift_count {
	const char *tool;
	uint64_t people[DRIFT_STATES];
};

struct drift_row {
	enum drift_state state;
	const char *person, *user;	/* "" nobody */
	const char *tool, *account;	/* account "": the tool itself */
	const char *remote_id;
	int64_t confirmed;		/* 0 not */
};

struct report {
	struct arena *a;		/* owned: it lies in it */
	const char *target;
	uint64_t run;
	int64_t started, ended;		/* wall */
	bool complete;			/* of the list */
	bool mute;			/* the target has nothing to say */
	const char *why;		/* it is not; "" */
	const char *held;		/* why nothing is corrected; "" */
	uint64_t accounts, people;	/* there; confirmed */
	uint64_t missing, extra, unmanaged;	/* people, accounts */
	uint64_t corrected, stripped;	/* actions caused */
	struct drift_count *count;	/* a tool */
	size_t n_counts;
	struct buf rows;		/* the first differences, JSON */
	size_t n_rows, more;
	FILE *csv;			/* every row; NULL: no room on disk */
};

struct report *report_new(const char *target, uint64_t run);
void report_free(struct report *r);	/* NULL allowed */
struct drift_count *report_count(struct report *r, const char *tool);
void report_row(struct report *r, const struct drift_row *row);
/* Appends the members of an object. */
void report_write(const struct report *r, bool rows, struct buf *out);

/* --- comparing ---------------------------------------------------------- */

struct fix {
	char person[37];
	struct action act;		/* in the comparison's arena */
};

struct comparison {
	const struct drift_conf *conf;
	const _Atomic bool *stop;
	struct report *report;
	struct seen_list *list;
	struct arena *a;
	struct fix *fix;
	size_t n, cap;
	bool accept, strips;
};

/* Holds list against the receipts in the view, fills the report, has corrected
 * what is to be. */
void drift_compare(struct comparison *c);

#endif
