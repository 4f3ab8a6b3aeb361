/* SPDX-License-Identifier: ISC */
/* A plan and the guard (rule 8, J3): its verdict, and the held job that has a
 * plan's steps with it, so that whoever releases it releases exactly them, on
 * whatever daemon and whenever. */
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "codec/ldif.h"
#include "codec/source.h"
#include "front/acting.h"
#include "front/gate.h"
#include "front/operations.h"
#include "front/plan.h"

#define DATA_MAX ((size_t)4 << 20)	/* more fits into no entry */

/* --- asking --------------------------------------------------------------- */

static bool takes(const struct plan_step *s)
{
	const struct guard_tally t = guard_weigh(s->old, s->want);

	return guard_taken(&t) != 0;
}

static void add_items(struct arena *a, const struct plan *p,
    struct held_ask *q)
{
	struct held_item *it = arena_array(a, p->n + 1, sizeof(*it));
	char id[37];
	struct buf b;
	size_t i;

	buf_init(&b, DATA_MAX);
	for (i = 0; i < p->n; i++) {
		const struct plan_step *s = &p->step[i];

		if (!takes(s))
			continue;
		str_uuid_text(s->uuid, id);
		buf_reset(&b);
		plan_put_step(&b, a, s);
		it[q->n_items++] = (struct held_item){
		    .person = arena_strdup(a, id),
		    .digest = arena_strndup(a, hash_sha256_hex(a,
		    buf_str(&b)), 16), .text = arena_printf(a, "%s: %s",
		    s->change->dn, s->why) };
	}
	buf_fini(&b);
	q->item = it;
}

int plan_population(const struct front *f, uint64_t *n, struct err *e)
{
	const struct scim_resource *people = scim_map_name(f->conf.map,
	    "User");
	struct view_read *r;
	int rc = view_read_begin(f->conf.view, &r, e);

	if (rc != 0)
		return rc;
	*n = view_count(r, people->type);
	view_read_end(r);
	return 0;
}

static int ask_of(const struct front *f, struct arena *a,
    const struct planned *p, struct held_ask *q, struct err *e)
{
	*q = (struct held_ask){ .side = HELD_SOURCE, .name = gate_source(
	    &p->client, p->person, p->author), .author = p->author, .kind = PLAN_HELD, .tally = p->plan->tally,
	    .what = arena_printf(a, "plan %s", p->id) };
	add_items(a, p->plan, q);
	return plan_population(f, &q->population, e);
}

int plan_verdict(struct planning *pl, const struct planned *p, struct json *j,
    struct err *e)
{
	struct arena *a = pl->a;
	struct front *f = pl->c->f;
	struct json *o = json_put(a, j, "guard", json_new(a,
	    JSON_IS_OBJECT));
	struct err why = { 0 };
	struct held_ask q;
	bool held;
	int k, rc = ask_of(f, a, p, &q, e);

	if (rc != 0)
		return rc;
	held = f->conf.held != NULL && held_would(f->conf.held, &q, &why) !=
	    0;
	json_put(a, o, "held", json_new_bool(a, held));
	if (held)
		operations_put(a, o, "why", why.text);
	for (k = 0; k < GUARD_KINDS; k++)
		json_put(a, o, guard_word((enum guard_kind)k), json_new_int(a,
		    (int64_t)q.tally.n[k]));
	json_put(a, o, "population", json_new_int(a,
	    (int64_t)q.population));
	return 0;
}

/* --- the job's own -------------------------------------------------------- */

static void put_step(struct arena *a, struct json *list,
    const struct plan_step *s)
{
	struct json *j = json_push(list, json_new(a, JSON_IS_OBJECT));
	struct buf b;
	char id[37];

	buf_init(&b, DATA_MAX);
	ldif_put_change(&b, a, s->change);
	operations_put(a, j, "ldif", buf_str(&b));
	buf_fini(&b);
	str_uuid_text(s->uuid, id);
	operations_put(a, j, "uuid", id);
	operations_put(a, j, "csn", s->old != NULL ? s->old->csn : "");
	json_put(a, j, "asserted", json_new_bool(a,
	    s->change->assert_csn != NULL));
	if (s->change->act_as != NULL)
		operations_put(a, j, "actAs", s->change->act_as);
}

static int data_of(struct arena *a, const struct plan *p, const char **out,
    struct err *e)
{
	struct json *j = json_new(a, JSON_IS_OBJECT), *list;
	struct buf b;
	bool failed;
	size_t i;

	operations_put(a, j, "hash", p->hash);
	list = json_put(a, j, "steps", json_new(a, JSON_IS_ARRAY));
	for (i = 0; i < p->n; i++)
		put_step(a, list, &p->step[i]);
	buf_init(&b, DATA_MAX);
	json_write(&b, j);
	failed = b.failed;
	*out = arena_strdup(a, buf_str(&b));
	buf_fini(&b);
	return failed ? err_set(e, ERR_LIMIT, "the plan is over the guard's "
	    "limits and too large to wait as one held job: plan it in "
	    "parts") : 0;
}

static int read_change(struct arena *a, const struct json *j,
    struct change **out, struct err *e)
{
	const char *text = json_member_str(j, "ldif");
	struct source src = source_mem(text, text != NULL ? strlen(text) : 0);
	struct ldif *l = ldif_open(&src, NULL);
	struct ldif_record rec;
	int rc = ldif_next(l, a, &rec, e);

	ldif_close(l);
	if (rc != 1 || rec.kind != LDIF_CHANGE)
		return rc < 0 ? rc : err_set(e, ERR_CORRUPT, "a step of the "
		    "plan can't be read");
	*out = rec.change;
	return 0;
}

int plan_read_data(struct arena *a, const char *data,
    struct apply_step **out, size_t *n, struct err *e)
{
	struct json *j, *list, *x;
	struct change *c = NULL;
	int rc = json_parse(a, data, strlen(data), &j, e);

	*n = 0;
	list = rc == 0 ? json_member(j, "steps") : NULL;
	*out = arena_array(a, (list != NULL ? list->n : 0) + 1,
	    sizeof(**out));
	for (x = list != NULL ? list->child : NULL; rc == 0 && x != NULL;
	    x = x->next) {
		struct apply_step *s = &(*out)[*n];

		rc = read_change(a, x, &c, e);
		if (rc != 0)
			break;
		s->csn = json_member_str(x, "csn");
		s->csn = s->csn != NULL ? s->csn : "";
		if (json_member_bool(x, "asserted", false))
			c->assert_csn = s->csn;
		c->act_as = json_member_str(x, "actAs");
		str_uuid(json_member_str(x, "uuid"), s->uuid);
		s->change = c;
		(*n)++;
	}
	return rc;
}

int plan_ask(const struct front *f, struct arena *a, const struct planned *p,
    char id[HELD_ID], struct err *e)
{
	struct held_ask q;
	int rc = ask_of(f, a, p, &q, e);

	id[0] = '\0';
	if (rc != 0 || f->conf.held == NULL)
		return rc;
	if (held_would(f->conf.held, &q, NULL) != 0)
		rc = data_of(a, p->plan, &q.data, e);
	return rc != 0 ? rc : held_ask(f->conf.held, &q, id, e);
}
