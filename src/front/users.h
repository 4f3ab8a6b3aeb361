/* SPDX-License-Identifier: ISC */
/*
 * users: the life of a person below /v1 (V7-V11, A1, A2, L5). Each operation
 * is one write (front/write.h) with an edit of its own: asked of
 * core/authorise, written as one LDAP change in the actor's name, answered
 * from the view. Everything lives in the request's arena.
 */
#ifndef FRONT_USERS_H
#define FRONT_USERS_H

#include "core/authorise.h"
#include "front/write.h"

/* Begins an edit of a person (POST: a creation) on a worker; the body has been
 * read where there is one. */
void users_begin(struct call *c, enum write_kind kind,
	int (*edit)(struct write *w, struct err *e));

/* May the caller do op to whom (NULL: somebody new)? Whom they don't see is
 * not found. p: whom, read; NULL with NULL. */
int users_ask(struct write *w, enum operation op, const struct entry *whom,
	struct person *p, struct err *e);

/* The only value of an attribute; NULL: none any more. */
void users_set(struct arena *a, struct entry *e, const char *name,
	const char *value);
/* Nobody but the daemon itself acts from here on: it has checked what is to be
 * checked. name: for logs and provenance. */
void users_as_daemon(struct call *c, const char *name);

#endif
