/* SPDX-License-Identifier: ISC */
#include "core/given.h"

#include "base/arena.h"
#include "core/stored.h"

const char *given_company(const struct world *w, const struct right *right)
{
	const struct account *acc;
	const struct group_identifier *g;

	switch (right->kind) {
	case RIGHT_ACCOUNT:
	case RIGHT_TOOL_ACCOUNT:
		acc = w->account(w->ctx, right->kind == RIGHT_ACCOUNT ?
		    right->key : right->account);
		return acc ? acc->company : NULL;
	case RIGHT_GROUP:
		g = w->group_identifier(w->ctx, right->key);
		return g ? g->company : NULL;
	case RIGHT_ALL_ACCOUNTS:
		return right->key;
	default:
		return "";
	}
}

static int add(struct arena *a, const struct rights *have,
    const struct right *right, const struct world *w, struct err *e)
{
	const char *id = given_company(w, right);

	if (id == NULL)
		return err_set(e, ERR_INVALID, "%s: there is no such thing",
		    right_print(a, right));
	if (*id == '\0' || rights_hold(have, &(struct right){ RIGHT_COMPANY,
	    id, "" }))
		return 0;
	return err_set(e, ERR_INVALID, "%s: authorise company %s for the user "
	    "first (V18)", right_print(a, right), id);
}

int given_add(const struct rights *have, const struct right *right,
    const struct world *w, struct err *e)
{
	struct arena *a = arena_new();
	int rc = add(a, have, right, w, e);

	arena_free(a);
	return rc;
}

/* Whether somebody is suspended just now has nothing to do with it, and what
 * begins later may be prepared. */
static void companies_of(struct arena *a, const struct entry *want,
    const struct world *w, int64_t now, struct rights *out)
{
	struct person p;
	size_t i;

	person_read(a, want, &p, NULL);
	p.state = PERSON_ACTIVE;
	p.starts = INT64_MIN;
	for (i = 0; i < p.n_periods; i++)
		if (p.periods[i].right.kind == RIGHT_COMPANY &&
		    p.periods[i].until > now)
			p.periods[i].from = INT64_MIN;
	rights_compute(a, &p, w, now, out);
}

int given_change(struct arena *a, const struct entry *old,
    const struct entry *want, const struct world *w, int64_t now,
    struct err *e)
{
	struct stored_list x = stored_read(a, old), y = stored_read(a, want);
	struct stored_list gained = stored_beyond(a, &y, &x);
	struct rights have;
	int rc = 0;
	size_t i;

	if (gained.n != 0)
		companies_of(a, want, w, now, &have);
	for (i = 0; rc == 0 && i < gained.n; i++)
		rc = add(a, &have, &gained.v[i].right, w, e);
	return rc;
}

static const char *path_words(enum path_kind k)
{
	switch (k) {
	case PATH_ALL_ACCOUNTS:
		return "all accounts of company";
	case PATH_GROUP_IDENTIFIER:
		return "group identifier";
	default:
		return "rule";
	}
}

int given_take(const struct rights *have, const struct right *right,
    struct err *e)
{
	const struct effective *x = rights_find(have, right);
	size_t i;

	if (x == NULL)
		return 0;
	for (i = 0; i < x->n_paths; i++)
		if (x->path[i].kind == PATH_DIRECT)
			return 0;
	return err_set(e, ERR_INVALID, "account %s is held through %s %s and "
	    "is taken away by the same means (V15)",
	    right->kind == RIGHT_ACCOUNT ? right->key : right->account,
	    path_words(x->path[0].kind), x->path[0].via);
}
