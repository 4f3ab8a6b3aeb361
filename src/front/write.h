/* SPDX-License-Identifier: ISC */
/*
 * write: from a SCIM write to the one LDAP change that it is: read the body
 * against the entry as the view has it, check preconditions, uniqueness and
 * references, take the difference. Nothing is sent from here (scim_write
 * does), so it can be done again when the world has moved. A group's members
 * stand elsewhere: front/members. Everything lives in the request's arena; one
 * thread at a time.
 */
#ifndef FRONT_WRITE_H
#define FRONT_WRITE_H

#include "codec/scim_members.h"
#include "codec/scim_read.h"
#include "directory/writer.h"
#include "front/call.h"
#include "front/gate.h"
#include "model/change.h"

struct membership;

/* WRITE_EDIT: what an operation below /v1 makes of an entry. */
enum write_kind { WRITE_POST, WRITE_PUT, WRITE_PATCH, WRITE_DELETE,
	WRITE_EDIT };

struct write {
	struct call *c;
	enum write_kind kind;
	uint8_t uuid[16];		/* not of a POST */
	struct entry *old;		/* as the view had it; NULL: a POST */
	struct entry *seen;		/* what who asks sees of it, old itself
					 * where that is all */
	struct entry *want;		/* as it shall be; NULL: a DELETE */
	struct change *change;		/* mod n 0: nothing to do */
	/* Of operations below /v1: changes want, as it was read (POST) or as
	 * it is (EDIT). Called again with every newer snapshot. NULL: as it
	 * is. */
	int (*edit)(struct write *w, struct err *e);
	void *edit_ctx;			/* the edit's own */
	bool nameless;			/* a POST without user name is good */
	/* Also replaced, of what the view never shows; no value: taken away.
	 * NULL: nothing. */
	struct entry *unseen;
	const char *act_as;		/* in whose name; NULL: the daemon's */
	/* Once it is written, instead of the answer; NULL: answer it. */
	void (*then)(struct write *w);
	const struct json *also;	/* one more member of the answer */
	const char *also_name;
	const char *secret, *secret_name;	/* shown once; NULL none */
	struct strv ignored;		/* names that nobody reads */
	const char *twin;		/* URL of what its owner has with this
					 * externalId already; NULL none */
	bool stale;			/* If-Match did not match: 412 */
	const struct scim_members *said;	/* NULL: nothing of members */
	struct membership *membership;	/* what that comes to */
	size_t n_memberships;
	struct gate gate;		/* what the guard has counted of it */
	struct writer_result result;	/* of change, once it is written */
	bool written;
	bool placed;			/* on a worker already */
	bool new_password;		/* change sets one */
	bool ends_sessions;		/* ... and those with the old one end */
	bool same_password;		/* ... no more: it was the old one */
	unsigned tries;
	bool in_lane;			/* of lane (front/lanes) */
	uint8_t lane[16];		/* uuid, or what a POST's twin has */
	struct write *next;		/* waiting in it */
};

/* Fills change and what stands above it; the call's snapshot must be open.
 * May be called again, with a newer snapshot. */
int write_prepare(struct write *w, struct err *e);

/* scim_write.c: begins with w, of which c, kind and what an operation sets are
 * set; goes on by itself until the call is answered. */
void write_start(struct write *w);

/* write_check.c: is a value that must be unique taken by another entry?
 * ERR_EXISTS, uniqueness. */
int write_unique(struct write *w, struct err *e);
/* May this client change the entry at all? ERR_DENIED: it is another source's
 * (the mapping's "owned"; FAULTS A9). */
int write_owned(const struct write *w, const struct entry *old, struct err *e);
/* Does something refer to the entry? ERR_REFERRED names what. */
int write_referred(struct write *w, struct err *e);
/* A decision (V26) is two values in one change, made once, in the name of a
 * person: who asks, or whom a client with the scope admin or decide names. */
int write_decision(struct write *w, struct err *e);
/* users_portal.c: adds to a person's change what ends with access to the
 * portal (A2), if that ends. */
void write_portal_ends(struct write *w);
/* users_portal.c: what was once said of it is taken away as "none": absent
 * may sign in. Must come before the difference is taken. */
void write_portal_none(struct write *w);
/* write_may.c: may who asks turn old into want (NULL: away with it)? Takes out
 * of a person's want what goes with a company (V14); must come before the
 * difference is taken. ERR_DENIED, or ERR_INVALID: nobody may (V15, V16,
 * V18). */
int write_may(struct write *w, struct err *e);
/* Is what belongs to a decision on a request other than it was? */
bool write_decides(const struct write *w);
/* write_given.c: what of that is a person's: V14, V15, V18. */
int write_given(struct write *w, struct err *e);
/* write_rights.c: adds to a person's change who gave the rights it gives. */
void write_rights(struct write *w);

#endif
