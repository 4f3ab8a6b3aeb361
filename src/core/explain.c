/* SPDX-License-Identifier: ISC */
#include "core/explain.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"

struct telling {
	struct arena *a;
	const struct person *p;
	const struct request *(*request_by_id)(void *ctx, const char *id);
	void *ctx;
	struct explanation *out;
	size_t cap;
};

static void tell(struct telling *t, const char *what, const char *dn,
    int64_t time, const char *text)
{
	struct explanation *x = t->out;

	if (x->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 8;

		x->step = arena_grow(t->a, x->step, x->n, cap,
		    sizeof(*x->step));
		t->cap = cap;
	}
	x->step[x->n++] = (struct explain_step){ what, text, dn, time };
}

static const char *when(struct arena *a, int64_t t)
{
	char out[32];

	return t == 0 ? "an unknown time" :
	    arena_strdup(a, clock_print_rfc3339(t, out));
}

static void tell_request(struct telling *t, const char *id)
{
	const struct request *r = t->request_by_id == NULL ? NULL :
	    t->request_by_id(t->ctx, id);

	if (r == NULL) {
		tell(t, "missing", "", 0, arena_printf(t->a, "request %s is "
		    "no longer in the directory", id));
		return;
	}
	tell(t, "request", r->dn, r->created, arena_printf(t->a, "request %s "
	    "for %s, made by %s at %s%s%s", r->id, request_kind_word(r->kind),
	    r->requester, when(t->a, r->created), *r->justification ? ": " :
	    "", r->justification));
	tell(t, "decision", r->dn, r->decided_at, arena_printf(t->a,
	    "%s by %s at %s%s%s", *r->decision ? r->decision : "undecided",
	    *r->decided_by ? r->decided_by : "nobody",
	    when(t->a, r->decided_at), *r->reason ? ": " : "", r->reason));
}

static void tell_provenance(struct telling *t, const struct right *right)
{
	size_t i;

	for (i = 0; i < t->p->n_provenance; i++) {
		const struct provenance *p = &t->p->provenance[i];

		if (!right_eq(&p->right, right))
			continue;
		tell(t, "provenance", t->p->dn, p->time, arena_printf(t->a,
		    "given by %s at %s", p->origin, when(t->a, p->time)));
		if (strncmp(p->origin, "request:", 8) == 0)
			tell_request(t, p->origin + 8);
	}
}

static const char *path_text(struct telling *t, const struct path *p,
    const char *right)
{
	switch (p->kind) {
	case PATH_DIRECT:
		return arena_printf(t->a, "%s stands on the person's entry",
		    right);
	case PATH_ALL_ACCOUNTS:
		return arena_printf(t->a, "%s comes with all accounts of "
		    "company %s (V15)", right, p->via);
	case PATH_GROUP_IDENTIFIER:
		return arena_printf(t->a, "%s comes with group identifier %s "
		    "(V16)", right, p->via);
	case PATH_RULE:
		return arena_printf(t->a, "%s is given by rule %s", right,
		    p->via);
	default:
		return arena_printf(t->a, "%s comes with role %s", right,
		    p->via);
	}
}

static void tell_periods(struct telling *t, const struct right *right)
{
	size_t i;

	for (i = 0; i < t->p->n_periods; i++) {
		const struct period *q = &t->p->periods[i];

		if (right_eq(&q->right, right))
			tell(t, "period", t->p->dn, 0, q->until == INT64_MIN ?
			    "its period is malformed and grants nothing" :
			    arena_printf(t->a, "period %s",
			    period_print(t->a, q)));
	}
}

static void tell_receipts(struct telling *t, const struct right *right,
    const struct receipt *r, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const char *word = receipt_state_word(r[i].state);

		if (!right_eq(&r[i].right, right))
			continue;
		tell(t, "receipt", "", r[i].time, r[i].attempts == 0 &&
		    r[i].state != RECEIPT_ENDING ?
		    arena_printf(t->a, "%s by target %s at %s", word,
		    r[i].target, when(t->a, r[i].time)) :
		    arena_printf(t->a, "%s at target %s since %s, %d attempts",
		    word, r[i].target, when(t->a, r[i].time), r[i].attempts));
	}
}

const char *explain_state(const struct right *right, bool granted,
    const struct receipt *receipt, size_t n)
{
	const char *state = granted ? "wanted" : "none";
	size_t i;

	if (right->kind != RIGHT_TOOL && right->kind != RIGHT_TOOL_ACCOUNT)
		return granted ? "confirmed" : "none";
	for (i = 0; i < n; i++)
		if (right_eq(&receipt[i].right, right))
			state = granted ?
			    receipt_state_word(receipt[i].state) : "removing";
	return state;
}

void explain_right(struct arena *a, const struct person *p,
    const struct rights *r, const struct right *right,
    const struct receipt *receipt, size_t n_receipts,
    const struct request *(*request_by_id)(void *ctx, const char *id),
    void *ctx, struct explanation *out)
{
	struct telling t = { a, p, request_by_id, ctx, out, 0 };
	const struct effective *e = rights_find(r, right);
	const char *name = right_print(a, right);
	size_t i;

	*out = (struct explanation){ .granted = e != NULL && e->granted };
	for (i = 0; e != NULL && i < e->n_paths; i++)
		tell(&t, "path", e->path[i].kind == PATH_DIRECT ? p->dn : "",
		    0, path_text(&t, &e->path[i], name));
	tell_provenance(&t, right);
	tell_periods(&t, right);
	if (e == NULL)
		tell(&t, "missing", p->dn, 0, arena_printf(a, "nothing gives "
		    "%s to %s", name, person_name(p)));
	else if (!e->granted)
		tell(&t, "cut", p->dn, 0, arena_printf(a, "%s is cut: %s",
		    name, e->why));
	tell_receipts(&t, right, receipt, n_receipts);
	out->state = explain_state(right, out->granted, receipt, n_receipts);
}
