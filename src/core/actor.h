/* SPDX-License-Identifier: ISC */
/*
 * actor: who acts: a client of the API with its scopes, or a person with
 * their rights. Provider staff are clients with the scope "admin" or
 * "provider", and active people whose provostAdminScope is "provider". Of
 * other people the role says what they are. Plain values, borrowed. V2-V5.
 */
#ifndef CORE_ACTOR_H
#define CORE_ACTOR_H

#include "core/rights.h"

#define ACTOR_PROVIDER "provider"

enum actor_rank {
	ACTOR_USER,		/* anyone else (V5) */
	ACTOR_ADMINISTRATOR,	/* V4 */
	ACTOR_PRIMARY_CONTACT,	/* V2 */
	ACTOR_CLIENT,		/* bounded by its scopes alone */
	ACTOR_STAFF,		/* the provider's: V3, V6, L4 */
};

struct actor {
	enum actor_rank rank;
	const char *name;		/* for sentences */
	const struct person *person;	/* NULL: a client */
	const struct rights *rights;	/* the person's, NULL: a client */
	const struct strv *scopes;	/* the client's, NULL: a person */
};

struct actor actor_client(const char *name, const struct strv *scopes);
/* rights: computed for now. */
struct actor actor_person(const struct person *p, const struct rights *r);
/* The carrier's own people and systems, and what they run: no company bounds
 * them. */
bool actor_is_staff(const struct actor *who);
/* Do these values of provostAdminScope make provider staff of a person? */
bool actor_scopes_staff(const struct strv *admin_scopes);
/* A person who may change other people's rights. */
bool actor_manages(const struct actor *who);
/* Does the person hold the right now? False for clients. */
bool actor_holds(const struct actor *who, enum right_kind kind,
	const char *key, const char *account);
bool actor_is(const struct actor *who, const struct person *p);

#endif
