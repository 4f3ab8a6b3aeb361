/* SPDX-License-Identifier: ISC */
/*
 * plans: those that were made and can be looked at and applied, for ten
 * minutes, in memory: a bounded number and size in all, and of each author. A
 * plan that was made again replaces the one before. Thread safe; what hangs on
 * a plan is not changed once it stands here, but for its state.
 */
#ifndef FRONT_PLANS_H
#define FRONT_PLANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "front/call.h"

struct plan;
struct plans;

#define PLANS_KEPT (10 * 60 * CLOCK_SECOND)

/* Of what it is one. */
enum planned_kind { PLANNED_RECONCILE, PLANNED_REQUEST, PLANNED_LDIF,
	PLANNED_UNDO };

enum planned_state {
	PLANNED_OPEN,
	PLANNED_APPLYING,
	PLANNED_APPLIED,
	PLANNED_STOPPED,	/* applied in part: the same again goes on */
	PLANNED_HELD,		/* by the guard: a job has it */
};

struct planned {
	struct arena *a;		/* owned */
	const char *id, *hash;
	enum planned_kind kind;
	const char *author;		/* call_origin of who made it */
	struct client client;		/* the same */
	const uint8_t *person;		/* NULL: a client */
	int64_t made, expires;		/* wall clock */
	struct plan *plan;		/* owned; NULL of a reconciliation */
	const char *body;		/* the request's, to make it again */
	size_t body_len;
	const char *text;		/* as JSON, its last brace left out */
	size_t size;			/* bytes that it takes, about */
	/* plans.c's own: */
	struct planned *next;
	unsigned refs;
	enum planned_state state;
	const char *result;		/* a JSON object; NULL none */
};

struct plans *plans_new(void);
void plans_free(struct plans *s);
void planned_free(struct planned *p);	/* one that never stood here */
/* Takes it. ERR_LIMIT: there is no room, and it is freed. */
int plans_put(struct plans *s, struct planned *p, struct err *e);
/* NULL: there is none, or none any more. plans_let_go afterwards. */
struct planned *plans_get(struct plans *s, const char *id);
void plans_let_go(struct plans *s, struct planned *p);
enum planned_state plans_state(struct plans *s, const struct planned *p);
/* Appends the members "state" and, if it was applied, "result". */
void plans_put_state(struct plans *s, const struct planned *p,
	struct buf *out);
/* OPEN or STOPPED becomes APPLYING: its former state; another one stays as it
 * is and is returned. */
enum planned_state plans_begin(struct plans *s, struct planned *p);
/* result: a JSON object, copied; NULL none. */
void plans_end(struct plans *s, struct planned *p,
	enum planned_state state, const char *result);

#endif
