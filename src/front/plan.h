/* SPDX-License-Identifier: ISC */
/*
 * plan: POST /v1/plan and what becomes of a plan (T4, A2; FAULTS D5, D6, D10).
 * The files: plan.c takes the question and keeps the plan (front/plans);
 * plan_request.c runs SCIM requests through their own code up to the write;
 * plan_ldif.c reads LDIF, plan_undo.c the journal backwards; plan_touched.c
 * gathers what they do to entries; plan_effects.c works out what the engine
 * would do after it; plan_reconcile.c what it would do now; plan_guard.c asks
 * the guard; plan_show.c makes JSON of it; plan_apply.c applies it. All of it
 * runs on workers.
 */
#ifndef FRONT_PLAN_H
#define FRONT_PLAN_H

#include "base/buf.h"
#include "base/map.h"
#include "core/diff.h"
#include "core/plan.h"
#include "core/ways.h"
#include "directory/apply.h"
#include "directory/held.h"
#include "directory/overlay.h"
#include "directory/world.h"
#include "front/plans.h"

#define PLAN_HELD "plan"		/* kind of held jobs */

/* An entry that the plan changes, and how. */
struct touched {
	const struct entry *old;	/* NULL: it is new */
	const struct entry *want;	/* NULL: it goes */
	struct change *change;
	const char *why, *made;		/* as struct plan_step */
	size_t by;			/* the request, from 1 */
	bool membership;		/* and nothing else so far */
};

/* A plan in the making; all in a. */
struct planning {
	struct call *c;			/* who asks */
	struct arena *a;
	int64_t now;
	const char *source;
	const struct json *body;	/* of POST /v1/plan */
	enum planned_kind kind;
	struct touched **v;		/* in the order they were touched */
	size_t n, cap;
	struct map *by_dn;		/* owned; normal DN -> struct touched */
	struct map *taken;		/* owned; unique keys -> the request */
	struct overlay *over;		/* the world as it would be */
	const char *csn;		/* the highest that was seen */
	struct json *notes;		/* of entries, what to know; NULL none */
};

/* --- plan_touched.c ------------------------------------------------------- */

void planning_init(struct planning *pl, struct call *c, struct arena *a);
void planning_fini(struct planning *pl);
/* NULL: not so far. dn: any form. */
struct touched *planning_find(const struct planning *pl, const char *dn);
/* One more, or the same again as it is now. ERR_LIMIT: too many. */
int planning_touch(struct planning *pl, const struct touched *t,
	struct err *e);
/* What the view has, in pl->a, less CASCADE_TAKEN. */
struct entry *planning_entry(const struct planning *pl,
	struct view_item *item);
/* The change that turns t->old into t->want as those two stand, which asserts
 * what was seen. */
void planning_change(const struct planning *pl, struct touched *t);
/* All that was gathered as one plan; to be freed. */
int planning_finish(struct planning *pl, struct plan **out, struct err *e);

/* --- what is asked for: fill pl ------------------------------------------ */

/* status: of the answer that says why not. */
int plan_requests(struct planning *pl, int *status, struct err *e);
int plan_ldif(struct planning *pl, const char *text, struct err *e);
int plan_undo(struct planning *pl, int *status, struct err *e);

/* --- plan_effects.c ------------------------------------------------------- */

/* Actions at targets, listed as JSON. */
struct plan_actions {
	struct arena *a;
	struct json *list;
	struct buf keys;		/* what a hash is of; fini it */
	int64_t puts, removes, mails, people;
};

void plan_actions_init(struct plan_actions *x, struct arena *a);
void plan_actions_add(struct plan_actions *x, const char *id,
	const struct person *p, const struct action *act);
/* The members "people" to "actions". */
void plan_actions_put(const struct plan_actions *x, struct json *j);
/* Adds "effects" to j: what is to be done after the plan that is not to be
 * done without it. */
int plan_effects(struct planning *pl, struct json *j, struct err *e);

/* --- plan_reconcile.c ----------------------------------------------------- */

/* What is to be done now. */
int plan_reconcile(struct call *c, struct plan_actions *x, struct err *e);

/* --- plan_show.c ---------------------------------------------------------- */

/* "steps", "counts" and "csn". */
int plan_show(struct planning *pl, const struct plan *p, struct json *j,
	struct err *e);
/* Times and who; the head of every plan. */
void plan_show_head(const struct planned *p, struct json *j,
	struct arena *a);

/* --- plan_guard.c --------------------------------------------------------- */

/* "guard": would it be held? */
int plan_verdict(struct planning *pl, const struct planned *p, struct json *j,
	struct err *e);
/* How many people there are. */
int plan_population(const struct front *f, uint64_t *n, struct err *e);
/* 0: counted for its source, go on. ERR_HELD: a job waits with all its steps,
 * its id in id. */
int plan_ask(const struct front *f, struct arena *a, const struct planned *p,
	char id[HELD_ID], struct err *e);
/* The steps that such a job has, in a. */
int plan_read_data(struct arena *a, const char *data,
	struct apply_step **out, size_t *n, struct err *e);

/* --- plan_apply.c --------------------------------------------------------- */

/* A released job of the kind plan is applied when it stands so; ERR_CONFLICT
 * says what has moved. */
int plan_held_check(struct front *f, const char *data, struct err *e);
/* front.c: while front runs such jobs are applied here. */
void plan_held_start(struct front *f);
void plan_held_stop(struct front *f);

/* --- plan.c --------------------------------------------------------------- */

/* What pl->body and kind ask for, as a plan. status as above. */
int plan_make(struct planning *pl, struct plan **out, int *status,
	struct err *e);
/* The hash that a reconciliation has now. */
int plan_again_reconcile(struct call *c, const char **hash, struct err *e);
/* The plan of the call's path, if it is theirs; NULL: it was answered. */
struct planned *plan_find(struct call *c);

#endif
