/* SPDX-License-Identifier: ISC */
/*
 * rights: what a person may do, computed from what is stored, never stored
 * (rule 6). Every effective right carries every path by which it exists, every
 * refusal its reason, so that explain is a look-up and not a second opinion.
 * Pure: clock passed in, world by function pointers. DOMAIN V13-V20, L1, T3.
 */
#ifndef CORE_RIGHTS_H
#define CORE_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/catalog.h"

enum path_kind {
	PATH_DIRECT,		/* a value on the person's entry */
	PATH_ALL_ACCOUNTS,	/* provostAllAccountsOf COMPANY (V15) */
	PATH_GROUP_IDENTIFIER,	/* through a CGI or eMedia identifier */
	PATH_RULE,		/* birthright */
	PATH_ROLE,		/* a permission of the role */
};

struct path {
	enum path_kind kind;
	const char *via;	/* company, identifier, rule, role id */
	const struct provenance *provenance;	/* who gave it, NULL unknown */
};

struct effective {
	struct right right;
	bool granted;		/* false: stored or implied, but cut; see why */
	const char *why;	/* the cut: "company acme is not authorised" */
	struct path *path;
	size_t n_paths;
	bool ended;		/* cut, because a period has come to an end
				 * that somebody had set before it came */
};

struct rights {
	struct effective *v;	/* sorted by right_cmp */
	size_t n;
	struct strv permissions;	/* of the role */
	int64_t next_change;	/* when a period begins or ends next */
	struct problems problems;
};

/* Everything in a. A person who is suspended or has left has every right
 * listed with granted false. */
void rights_compute(struct arena *a, const struct person *p,
	const struct world *w, int64_t now, struct rights *out);
/* NULL: not held and not cut: nothing gives it. */
const struct effective *rights_find(const struct rights *r,
	const struct right *right);
/* Is it held now? */
bool rights_hold(const struct rights *r, const struct right *right);
/* The three numbers of the User extension (V15, V22). */
void rights_counts(const struct rights *r, int64_t *accounts,
	int64_t *groups, int64_t *tools);

#endif
