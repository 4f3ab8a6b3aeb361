/* SPDX-License-Identifier: ISC */
/*
 * gate: what takes something from people asks the guard first (rule 8, J3): a
 * SCIM write, an operation of Bulk, an operation below /v1, whoever makes it.
 * It is counted for its source: the one that a client writes for, or the person
 * who acts. Above the limits nothing is written and nothing queued: the answer
 * is 403 and names the held job, once that can be read. What takes nothing is
 * not asked about.
 *
 * What rules, companies and enterprises stop giving because of a write of
 * theirs is no business of the gate: nothing is taken from an entry then, and
 * what it does to targets is weighed by the engine.
 */
#ifndef FRONT_GATE_H
#define FRONT_GATE_H

#include "core/guard.h"
#include "directory/held.h"
#include "front/call.h"

struct write;

/* What a request has asked for; lives in its arena. */
struct gate {
	struct held_ask ask;
	bool counted;
};

/* The source that somebody acts for: whoever a client writes for, or origin,
 * which is themselves. person: NULL of a client. */
const char *gate_source(const struct client *c, const uint8_t *person,
	const char *origin);
/* Many people at once: item lists them, kind is what is done to each. ERR_HELD:
 * c->held names the job. Nobody: 0. */
int gate_people(struct call *c, struct gate *g, enum guard_kind kind,
	const struct held_item *item, size_t n, struct err *e);
/* What w is about to do, as it stands after write_prepare: may be called again
 * when that has been. */
int gate_write(struct write *w, struct err *e);
/* That was not done after all; item NULL: nothing of it was. */
void gate_return(struct call *c, struct gate *g,
	const struct held_item *item, size_t n);
/* What w did not do of it. */
void gate_unwritten(struct write *w);

/* gate_text.c: what c does to a person, for people and by what it is known
 * again; name: who they are. */
struct held_item gate_item(struct arena *a, const uint8_t uuid[16],
	enum guard_kind kind, const char *name, const struct change *c);

#endif
