/* SPDX-License-Identifier: ISC */
/*
 * owed: one look at a person, as the view is now: what the targets must be
 * told (core/diff) and, as far as there are ways (core/ways), which mails,
 * calls and letters are due (core/notice). The engine acts on it, a plan shows
 * it. What is the same for everybody, requests that wait and primary contacts,
 * is read once a world.
 */
#ifndef DIRECTORY_OWED_H
#define DIRECTORY_OWED_H

#include "core/notice.h"
#include "directory/world.h"

struct owed {
	const struct person *person;	/* NULL: gone */
	struct rights rights;		/* of a person */
	struct receipts receipts;
	struct action *act;		/* tools first */
	size_t n;
};

/* Results in a, or borrowed from the world. */
void owed_look(struct arena *a, struct world_view *w, const uint8_t uuid[16],
	const struct ways *ways, int64_t now, struct owed *out);

/* All active primary contacts. */
const struct person *const *owed_contacts(struct world_view *w, size_t *n);
/* Must the i-th of them be told of this request? */
bool owed_concerns(struct world_view *w, const struct request *r, size_t i,
	int64_t now);

/* What one mail, call or letter says and to whom, read when it is sent. key:
 * "kind/id". Everything in a. ERR_RETRY: it is not owed any more, which the
 * engine will see as well; ERR_ITEM_BAD: see notice_values. */
int owed_letter(struct arena *a, struct world_view *w,
	const struct ways *ways, const char *code_key,
	const char *person_id, const char *key, const char *link, int64_t now,
	struct letter *out, struct err *e);

#endif
