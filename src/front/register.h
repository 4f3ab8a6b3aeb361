/* SPDX-License-Identifier: ISC */
/*
 * register: people make themselves known, without a token: with an invitation
 * (V8, register.c) or with the code printed on an invoice (L5,
 * register_self.c). What is wrong is counted for the address, as bad tokens
 * are (front/limits), and on the entry that is guessed at (core/attempts): in
 * its lane, so that many tries at once are counted one by one.
 */
#ifndef FRONT_REGISTER_H
#define FRONT_REGISTER_H

#include "front/users.h"

/* Registers whoever has an invitation code; on a worker. */
void register_self(struct call *c);

/* It was wrong: counted for the address. */
void register_wrong(struct call *c);
/* In an edit: one more was wrong. Counts it on w->want and answers why with
 * 403, or, when too many were already, nothing is looked at: 429. */
void register_count(struct write *w, const struct wrong_codes *have,
	const char *why);
/* May another one be tried now? */
bool register_open(const struct wrong_codes *have);
/* A member that must be there, as it is. NULL: e says so. */
const char *register_text(const struct call *c, const char *name,
	struct err *e);

#endif
