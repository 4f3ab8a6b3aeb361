/* SPDX-License-Identifier: ISC */
#include "ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/diff.h"
#include "core/explain.h"
#include "core/request.h"

#define PAT "dn: cn=pat\nuid: pat\nprovostState: active\n" \
	"provostRole: primary-contact\nprovostCompany: c1\nprovostCompany: c2\n"
#define ANN_UUID "0e0e0e0e-0000-4000-8000-000000000001"

static void stamp(struct ring *r, struct entry *e)
{
	e->csn = arena_printf(r->t->a, "csn%06d", ++r->csn);
}

void ring_init(struct ring *r, const char *person, const char *request)
{
	*r = (struct ring){ .t = table_new(), .now = table_noon() };
	table_acme(r->t);
	r->pat = table_entry(r->t, PAT);
	r->person = table_entry(r->t, arena_printf(r->t->a,
	    "dn: cn=ann\nentryUUID: " ANN_UUID "\nuid: ann\n%s", person));
	stamp(r, r->person);
	if (request == NULL)
		return;
	r->request = table_entry(r->t, arena_printf(r->t->a,
	    "dn: provostRequestId=r1\ncreateTimestamp: 20260314120000Z\n"
	    "provostRequestId: r1\nprovostRequester: cn=ann\n%s", request));
	stamp(r, r->request);
}

void ring_fini(struct ring *r)
{
	table_free(r->t);
}

/* --- a directory ---------------------------------------------------------- */

static struct attr *attr_of(struct ring *r, struct entry *e, const char *name)
{
	if (entry_attr(e, name) == NULL) {
		entry_add(r->t->a, e, name, "");
		e->a[e->n - 1].n = 0;
	}
	return &e->a[entry_attr(e, name) - e->a];
}

static void take_value(struct attr *at, const char *value)
{
	size_t i, n = 0;

	for (i = 0; i < at->n; i++)
		if (strcasecmp(at->v[i].p, value) != 0)
			at->v[n++] = at->v[i];
	at->n = n;
}

/* As slapd does with the permissive modify control. */
static void modify(struct ring *r, struct entry *e, enum mod_op op,
    const char *name, const char *value)
{
	struct attr *at = attr_of(r, e, name);

	if (op == MOD_REPLACE || value == NULL)
		at->n = 0;
	else
		take_value(at, value);
	if (op != MOD_DELETE && value != NULL)
		entry_add(r->t->a, e, name, value);
}

static void apply_change(struct ring *r, struct entry *e,
    const struct change *c)
{
	size_t i, k;

	assert(c->assert_csn != NULL && strcmp(c->assert_csn, e->csn) == 0);
	for (i = 0; i < c->n; i++)
		for (k = 0; k < c->mod[i].n; k++)
			modify(r, e, c->mod[i].op, c->mod[i].name,
			    c->mod[i].v[k].p);
	stamp(r, e);
}

/* --- input ---------------------------------------------------------------- */

static void input_modify(struct ring *r, const char *s)
{
	enum mod_op op = *s == 'a' ? MOD_ADD : *s == 'd' ? MOD_DELETE :
	    MOD_REPLACE;
	bool person = str_starts(s + 4, "person ");
	const char *name = s + 4 + strlen(person ? "person " : "request ");
	size_t n = strcspn(name, ":");
	struct entry *e = person ? r->person : r->request;

	modify(r, e, op, arena_strndup(r->t->a, name, n), name + n + 2);
	stamp(r, e);
}

void ring_input(struct ring *r, const char *s)
{
	if (str_eq(s, "delete person"))
		r->person = NULL;
	else if (str_starts(s, "tool "))
		r->down = str_eq(s, "tool down");
	else if (str_starts(s, "now "))
		r->now = clock_parse_gt(s + 4, &r->now) ? r->now : 0;
	else if (str_starts(s, "dn: "))
		table_fill(r->t, s);
	else
		input_modify(r, s);
}

/* --- the engine ----------------------------------------------------------- */

/* Called after each effect: may end everything here. */
static bool lives(struct ring *r)
{
	r->effects++;
	r->dead = r->die_after != 0 && r->effects == r->die_after;
	return !r->dead;
}

static const struct person *read_person(struct ring *r,
    const struct entry *e)
{
	struct person *p;

	if (e == NULL)
		return NULL;
	p = arena_alloc(r->t->a, sizeof(*p));
	person_read(r->t->a, e, p, NULL);
	return p;
}

static struct receipt *read_receipts(struct ring *r)
{
	struct receipt *v = arena_array(r->t->a, RING_MAX, sizeof(*v));
	size_t i;

	for (i = 0; i < r->n_receipts; i++)
		receipt_parse(r->t->a, r->receipt[i], &v[i], NULL);
	return v;
}

static bool confirmed(struct ring *r, const struct request *q,
    const struct person *p)
{
	struct receipt *rec = read_receipts(r);
	struct right *v;
	struct rights rights;
	size_t n = request_rights(r->t->a, q, &v), i;

	rights_compute(r->t->a, p, &r->t->world, r->now, &rights);
	for (i = 0; i < n; i++) {
		const struct effective *e = rights_find(&rights, &v[i]);

		if (request_item_approved(q, v[i].kind == RIGHT_TOOL_ACCOUNT ?
		    v[i].account : v[i].key) && (e == NULL || !e->granted ||
		    !str_eq(explain_state(&v[i], true, rec, r->n_receipts),
		    "confirmed")))
			return false;
	}
	return true;
}

static void run_request(struct ring *r)
{
	const struct person *ann = read_person(r, r->person);
	const struct person *pat = read_person(r, r->pat), *decider;
	struct request q;
	struct request_plan plan;
	struct rights rights;

	if (r->request == NULL ||
	    request_read(r->t->a, r->request, &q, NULL, NULL) != 0)
		return;
	decider = str_eq(q.decided_by, "cn=pat") ? pat :
	    str_eq(q.decided_by, "cn=ann") ? ann : NULL;
	if (decider != NULL)
		rights_compute(r->t->a, decider, &r->t->world, r->now,
		    &rights);
	request_next(r->t->a, &(struct request_case){ .r = &q,
	    .requester = ann, .beneficiary = ann, .decider = decider,
	    .beneficiary_entry = r->person, .decider_rights = decider ?
	    &rights : NULL, .w = &r->t->world, .code_key = "",
	    .confirmed = q.state == REQUEST_APPROVED && ann != NULL &&
	    confirmed(r, &q, ann), .now = r->now }, &plan);
	if (plan.grant != NULL && plan.grant->n != 0) {
		apply_change(r, r->person, plan.grant);
		if (!lives(r))
			return;
	}
	if (plan.record != NULL) {
		apply_change(r, r->request, plan.record);
		lives(r);
	}
}

static struct holding *holding_of(struct ring *r, const struct action *act)
{
	size_t i;

	for (i = 0; i < r->n_holdings; i++)
		if (str_eq(r->holding[i].tool, act->tool) &&
		    str_eq(r->holding[i].target, act->target))
			return &r->holding[i];
	assert(r->n_holdings < RING_MAX);
	r->holding[i] = (struct holding){ .target = arena_strdup(r->t->a,
	    act->target), .tool = arena_strdup(r->t->a, act->tool) };
	r->n_holdings++;
	return &r->holding[i];
}

static void tell_tool(struct ring *r, const struct action *act)
{
	struct holding *h = holding_of(r, act);
	size_t i;

	r->repeated += strcmp(h->key, act->key) == 0;
	memcpy(h->key, act->key, sizeof(h->key));
	h->accounts = act->kind == ACTION_REMOVE ? NULL : "";
	for (i = 0; i < act->accounts.n; i++)
		h->accounts = arena_printf(r->t->a, "%s %s", h->accounts,
		    act->accounts.v[i]);
}

static void write_receipts(struct ring *r, const struct action *act,
    enum receipt_state state)
{
	struct receipt *old = read_receipts(r), *v;
	size_t i, n, kept = 0;

	diff_receipts_after(r->t->a, act, state, r->now, "remote", old,
	    r->n_receipts, &v, &n);
	for (i = 0; i < r->n_receipts; i++)
		if (!str_ieq(old[i].right.key, act->tool) ||
		    !str_eq(old[i].target, act->target))
			r->receipt[kept++] = r->receipt[i];
	for (i = 0; i < n; i++) {
		assert(kept < RING_MAX);
		r->receipt[kept++] = receipt_print(r->t->a, &v[i]);
	}
	r->n_receipts = kept;
}

static void run_tools(struct ring *r)
{
	const struct person *p = read_person(r, r->person);
	struct action *act;
	struct rights rights;
	size_t n, i;

	if (p != NULL)
		rights_compute(r->t->a, p, &r->t->world, r->now, &rights);
	diff_tools(r->t->a, ANN_UUID, p ? &rights : NULL, &r->t->world,
	    read_receipts(r), r->n_receipts, &act, &n);
	for (i = 0; i < n; i++) {
		if (!r->down) {
			tell_tool(r, &act[i]);
			if (!lives(r))
				return;
		}
		write_receipts(r, &act[i], r->down ? RECEIPT_PENDING :
		    RECEIPT_CONFIRMED);
		if (!lives(r))
			return;
	}
}

void ring_run(struct ring *r)
{
	unsigned before;

	r->dead = false;
	do {
		before = r->effects;
		run_request(r);
		if (!r->dead)
			run_tools(r);
	} while (!r->dead && r->effects != before && !r->down);
}

/* --- what is left --------------------------------------------------------- */

static int by_tool(const void *x, const void *y)
{
	const struct holding *p = x, *q = y;
	int d = strcmp(p->tool, q->tool);

	return d != 0 ? d : strcmp(p->target, q->target);
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

const char *ring_tools(struct ring *r)
{
	const char *out = "";
	size_t i;

	qsort(r->holding, r->n_holdings, sizeof(r->holding[0]), by_tool);
	for (i = 0; i < r->n_holdings; i++)
		if (r->holding[i].accounts != NULL)
			out = arena_printf(r->t->a, "%s%s%s:%s", out,
			    *out ? "; " : "", r->holding[i].tool,
			    r->holding[i].accounts);
	return out;
}

static const char *print_entry(struct ring *r, const struct entry *e)
{
	const char *out = "";
	size_t i, k;

	for (i = 0; e != NULL && i < e->n; i++)
		for (k = 0; k < e->a[i].n; k++)
			out = arena_printf(r->t->a, "%s%s: %s\n", out,
			    e->a[i].name, e->a[i].v[k].p);
	return out;
}

const char *ring_print(struct ring *r)
{
	const char *out = arena_printf(r->t->a, "%s\n%s\n%s\n",
	    print_entry(r, r->person), print_entry(r, r->request),
	    ring_tools(r));
	size_t i;

	qsort(r->receipt, r->n_receipts, sizeof(r->receipt[0]), by_text);
	for (i = 0; i < r->n_receipts; i++)
		out = arena_printf(r->t->a, "%s%s\n", out, r->receipt[i]);
	return out;
}
