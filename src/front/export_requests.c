/* SPDX-License-Identifier: ISC */
/*
 * GET /v1/exports/access-requests.csv (V25): which requests those are is found
 * on a worker, a batch in a snapshot at a time, and kept as 16 bytes each; what
 * is said of them is made while it is sent, some with a snapshot of their own
 * at a time. So neither memory nor a snapshot grows with what is exported,
 * however slowly the client reads. A request is shown as it is when its turn
 * comes. People get what they may see (V5, V25).
 */
#include "front/export_requests.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/authorise.h"
#include "core/request.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/sweep.h"
#include "front/worker.h"

#define MOST ((size_t)1 << 20)		/* requests of one export */
#define PIECE ((size_t)32 << 10)	/* about so much with one snapshot */
#define PIECE_MAX ((size_t)16 << 20)	/* with the last request's items */

typedef uint8_t uuid[16];

/* What is asked for. */
struct wanted {
	unsigned states, kinds;		/* bits of their enums */
	const char *company;		/* NULL any */
	const char *requester;		/* DN in normal form, NULL any */
	int64_t from, until;		/* [from, until) of their creation */
	bool json;
};

struct export {
	struct view *view;
	const struct scim_map *map;
	bool json;
	uuid *v;			/* owned */
	size_t n, cap, next;
	struct buf piece;		/* being sent, from off on */
	size_t off;
};

static void export_free(void *ctx)
{
	struct export *x = ctx;

	buf_fini(&x->piece);
	free(x->v);
	free(x);
}

/* --- arguments ---------------------------------------------------------------- */

/* Words with commas between, each the n-th of its kind: a bit. */
static int read_words(struct call *c, const char *name,
    const char *(*word)(int i), int n, unsigned *bits, struct err *e)
{
	const char *s = call_arg(c, name);
	char *copy, *w, *save;
	int i;

	*bits = ~0u;
	if (s == NULL)
		return 0;
	*bits = 0;
	copy = arena_strdup(c->a, s);
	for (w = strtok_r(copy, ",", &save); w != NULL;
	    w = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < n && !str_ieq(word(i), w); i++)
			;
		if (i == n)
			return err_set(e, ERR_INVALID, "%s=%.32s: there is no "
			    "such %s", name, w, name);
		*bits |= 1u << i;
	}
	return 0;
}

static const char *state_word(int i)
{
	return request_state_word((enum request_state)i);
}

static const char *kind_word(int i)
{
	return request_kind_word((enum request_kind)i);
}

/* A time, or a day, which begins at midnight. */
static int read_time(struct call *c, const char *name, int64_t dflt,
    int64_t *out, struct err *e)
{
	const char *s = call_arg(c, name);

	*out = dflt;
	if (s == NULL || clock_parse_rfc3339(s, out) || (strlen(s) == 10 &&
	    clock_parse_rfc3339(arena_printf(c->a, "%sT00:00:00Z", s), out)))
		return 0;
	return err_set(e, ERR_INVALID, "%s: a day (2026-01-31) or a time "
	    "(2026-01-31T12:00:00Z)", name);
}

static int read_requester(struct call *c, const char **dn, struct err *e)
{
	const char *s = call_arg(c, "requester");
	const struct person *p;
	struct world_view *w;
	uint8_t who[16];
	int rc;

	*dn = NULL;
	if (s == NULL)
		return 0;
	rc = resolver_person(&c->names, c->a, s, who, e);
	/* People don't learn here who there is. */
	*dn = "";
	if (rc != 0)
		return c->person != NULL ? 0 : err_wrap(e, "requester");
	w = world_over(c->read, c->f->conf.map);
	p = world_person(w, who);
	*dn = p != NULL ? arena_strdup(c->a, p->dn_norm) : "";
	world_close(w);
	return 0;
}

/* format= wins; else what Accept asks for by name. */
static int read_format(struct call *c, bool *json, struct err *e)
{
	const char *format = call_arg(c, "format");
	const char *accept = call_header(c, "Accept");

	*json = str_ieq(format, "jsonl") || (format == NULL &&
	    accept != NULL && (strstr(accept, "application/jsonl") != NULL ||
	    strstr(accept, "application/x-ndjson") != NULL));
	return format == NULL || *json || str_ieq(format, "csv") ? 0 :
	    err_set(e, ERR_INVALID, "format: csv or jsonl");
}

static int read_wanted(struct call *c, struct wanted *out, struct err *e)
{
	int rc = read_words(c, "state", state_word, REQUEST_FAILED + 1,
	    &out->states, e);

	if (rc == 0)
		rc = read_words(c, "kind", kind_word, REQUEST_PORTAL + 1,
		    &out->kinds, e);
	if (rc == 0)
		rc = read_time(c, "from", INT64_MIN, &out->from, e);
	if (rc == 0)
		rc = read_time(c, "until", CLOCK_NEVER, &out->until, e);
	if (rc == 0)
		rc = read_format(c, &out->json, e);
	if (rc == 0)
		rc = read_requester(c, &out->requester, e);
	out->company = call_arg(c, "company");
	return rc;
}

/* --- which ---------------------------------------------------------------------- */

struct picking {
	struct call *c;
	struct wanted wanted;
	struct export *x;
	struct world_view *world;	/* whose actor this is, NULL none */
	struct actor who;
	struct err e;			/* the first one */
};

/* The company that an item is about, NULL: none. */
static const char *company_of(const struct world *w, const struct right *r)
{
	const struct group_identifier *g;
	const struct account *acc;

	switch (r->kind) {
	case RIGHT_COMPANY:
		return r->key;
	case RIGHT_GROUP:
		g = w->group_identifier(w->ctx, r->key);
		return g != NULL ? g->company : NULL;
	case RIGHT_ACCOUNT: case RIGHT_TOOL_ACCOUNT:
		acc = w->account(w->ctx, request_item(r));
		return acc != NULL ? acc->company : NULL;
	default:
		return NULL;
	}
}

/* Of what it asks for; a role, a tool or the portal is its beneficiary's
 * companies' business. */
static bool of_company(struct world_view *w, const struct request *r,
    const char *company)
{
	const struct person *p = world_person_dn(w, r->beneficiary);
	const char *found;
	bool any = false;
	struct right *v;
	size_t n = request_rights(world_arena(w), r, &v), i;

	for (i = 0; i < n; i++) {
		found = company_of(world_lookups(w), &v[i]);
		if (str_ieq(found, company))
			return true;
		any |= found != NULL;
	}
	return !any && p != NULL && strv_ihas(&p->companies, company);
}

static bool is_wanted(const struct wanted *q, struct world_view *w,
    const struct request *r)
{
	return (q->states & (1u << r->state)) != 0 &&
	    (q->kinds & (1u << r->kind)) != 0 &&
	    r->created >= q->from && r->created < q->until &&
	    (q->requester == NULL || str_eq(q->requester, r->requester)) &&
	    (q->company == NULL || of_company(w, r, q->company));
}

static bool is_seen(struct picking *p, struct world_view *w,
    const struct request *r)
{
	const struct subject on = { .type = "AccessRequest", .request = r,
	    .person = world_person_dn(w, r->beneficiary) };

	if (p->world != w && call_actor(p->c, w, &p->who, &p->e) != 0)
		return false;
	p->world = w;
	return authorise_actor(&p->who, OP_READ, &on, world_lookups(w),
	    NULL) == 0;
}

static void keep(struct picking *p, const uint8_t id[16])
{
	struct export *x = p->x;

	if (x->n == MOST) {
		err_set(&p->e, ERR_LIMIT, "more than %zu requests: narrow it "
		    "down with from and until", MOST);
		return;
	}
	if (x->n == x->cap) {
		x->cap = x->cap != 0 ? x->cap * 2 : 64;
		if ((x->v = realloc(x->v, x->cap * sizeof(*x->v))) == NULL)
			abort();
	}
	memcpy(x->v[x->n++], id, 16);
}

static void each(void *arg, struct world_view *w, struct view_item *item)
{
	struct picking *p = arg;
	const struct request *r;

	if (p->e.code != 0)
		return;
	r = world_request(w, item->uuid);
	if (r != NULL && is_wanted(&p->wanted, w, r) && is_seen(p, w, r))
		keep(p, item->uuid);
}

/* The next world may stand where this one stood. */
static void after_batch(void *arg, struct world_view *w)
{
	struct picking *p = arg;

	(void)w;
	p->world = NULL;
}

static int pick(struct picking *p, struct err *e)
{
	const struct scim_resource *r = scim_map_name(p->c->f->conf.map,
	    "AccessRequest");
	int rc = r == NULL ? 0 : sweep_type(p->c, r->type, each, after_batch,
	    p, e);

	if (rc == 0 && p->e.code != 0)
		*e = p->e;
	return rc != 0 ? rc : p->e.code;
}

/* --- sending ----------------------------------------------------------------------- */

static int more(struct export *x)
{
	const struct request *r;
	struct world_view *w;

	buf_reset(&x->piece);
	x->off = 0;
	if (world_open(x->view, x->map, &w, NULL) != 0)
		return -1;
	while (x->next < x->n && x->piece.len < PIECE) {
		r = world_request(w, x->v[x->next++]);
		if (r != NULL && x->json)
			export_put_json(w, r, &x->piece);
		else if (r != NULL)
			export_put_csv(w, r, &x->piece);
	}
	world_close(w);
	return x->piece.failed ? -1 : 0;
}

static ssize_t export_read(void *ctx, char *out, size_t max)
{
	struct export *x = ctx;

	while (x->off == x->piece.len) {
		if (x->next == x->n)
			return 0;
		if (more(x) != 0)
			return -1;
	}
	if (max > x->piece.len - x->off)
		max = x->piece.len - x->off;
	memcpy(out, x->piece.data + x->off, max);
	x->off += max;
	return (ssize_t)max;
}

static struct export *export_new(const struct call *c, bool json)
{
	struct export *x = calloc(1, sizeof(*x));

	if (x == NULL)
		abort();
	x->view = c->f->conf.view;
	x->map = c->f->conf.map;
	x->json = json;
	buf_init(&x->piece, PIECE_MAX);
	if (!json)
		export_head_csv(&x->piece);
	return x;
}

static void send(struct call *c, struct export *x)
{
	const struct httpd_stream s = { .read = export_read,
	    .free = export_free, .ctx = x };

	answer_header(c, "Cache-Control", "no-store");
	answer_header(c, "Content-Disposition", arena_printf(c->a,
	    "attachment; filename=\"access-requests.%s\"",
	    x->json ? "jsonl" : "csv"));
	httpd_answer_stream(c->q, 200, x->json ? "application/jsonl" :
	    "text/csv; charset=utf-8; header=present", &s);
}

static void export_now(struct call *c)
{
	struct picking p = { .c = c };
	struct err e = { 0 };
	int rc;

	if (call_open(c) != 0)
		return;
	rc = read_wanted(c, &p.wanted, &e);
	call_close(c);
	if (rc == 0) {
		p.x = export_new(c, p.wanted.json);
		rc = pick(&p, &e);
	}
	if (rc == 0) {
		send(c, p.x);
		return;
	}
	if (p.x != NULL)
		export_free(p.x);
	answer_error(c, &e);
}

void export_requests(struct call *c)
{
	worker_submit(c->f->worker, c, export_now);
}
