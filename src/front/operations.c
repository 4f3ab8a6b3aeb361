/* SPDX-License-Identifier: ISC */
#include "front/operations.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "config.h"
#include "core/authorise.h"
#include "core/explain.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/withheld.h"
#include "model/dn.h"

/* --- helpers ------------------------------------------------------------------ */

void operations_put(struct arena *a, struct json *o, const char *name,
    const char *text)
{
	json_put(a, o, name, json_new_str(a, text != NULL ? text : ""));
}

void operations_put_list(struct arena *a, struct json *o, const char *name,
    const struct strv *v)
{
	struct json *list = json_put(a, o, name, json_new(a, JSON_IS_ARRAY));
	size_t i;

	for (i = 0; i < v->n; i++)
		json_push(list, json_new_str(a, v->v[i]));
}

static void put_time(struct arena *a, struct json *o, const char *name,
    int64_t t)
{
	char text[32];

	if (t != 0)
		operations_put(a, o, name, clock_print_rfc3339(t, text));
}

void operations_answer(struct call *c, const struct json *j)
{
	struct buf out;

	buf_init(&out, ANSWER_MAX);
	json_write(&out, j);
	answer_buf(c, 200, &out);
}

/* A person's world: opened, found, computed; 0, or it was answered. */
struct one {
	struct world_view *w;
	const struct person *p;
	struct rights rights;
	struct receipts receipts;
	struct reach reach;		/* of who asks, over p */
	bool partly;			/* they see what it reaches alone */
	struct withheld withheld;
};

static int find_person(struct call *c, const char *name, uint8_t uuid[16])
{
	struct err e = { 0 };
	int rc;

	if (name == NULL || *name == '\0')
		rc = err_set(&e, ERR_INVALID, "user= is missing: an id, a "
		    "user name or a provostPersonId");
	else if (call_open(c) != 0)
		return -1;
	else
		rc = resolver_person(&c->names, c->a, name, uuid, &e);
	if (rc != 0)
		answer_error(c, &e);
	return rc;
}

/* One's own rights, or those of whom one administers (V5, V4a). */
static bool sees(struct call *c, struct one *o)
{
	const struct world *w = world_lookups(o->w);
	enum sight sight = authorise_sees(c->a, &c->actor, o->p, w);

	reach_init(c->a, &c->actor, o->p, w, &o->reach);
	o->partly = sight == SIGHT_SHARED;
	return sight >= SIGHT_SHARED;
}

static bool shows(const struct one *o, const struct right *r)
{
	return !o->partly || reach_sees(&o->reach, r);
}

static int open_one(struct call *c, const char *name, struct one *o)
{
	struct err e = { 0 };
	uint8_t uuid[16];
	int rc = find_person(c, name, uuid);

	if (rc != 0)
		return rc;
	rc = world_open(c->f->conf.view, c->f->conf.map, &o->w, &e);
	if (rc != 0) {
		answer_error(c, &e);
		return rc;
	}
	o->p = world_person(o->w, uuid);
	if (o->p == NULL || !sees(c, o)) {
		world_close(o->w);
		resolver_nobody(&e);
		answer_error(c, &e);
		return -1;
	}
	rights_compute(c->a, o->p, world_lookups(o->w), clock_now(),
	    &o->rights);
	o->receipts = world_receipts(o->w, o->p->id);
	withheld_find(c, o->w, uuid, &o->withheld);
	return 0;
}

static void put_person(struct arena *a, struct json *o,
    const struct person *p)
{
	struct json *j = json_put(a, o, "user", json_new(a, JSON_IS_OBJECT));

	operations_put(a, j, "id", p->id);
	operations_put(a, j, "userName", p->uid);
	operations_put(a, j, "displayName", p->display);
	operations_put(a, j, "dn", p->dn);
	operations_put(a, j, "state", person_state_word(p->state));
}

/* --- rights -------------------------------------------------------------------- */

static void put_path(struct arena *a, struct json *list,
    const struct path *path)
{
	static const char *const kinds[] = { [PATH_DIRECT] = "direct",
	    [PATH_ALL_ACCOUNTS] = "allAccounts",
	    [PATH_GROUP_IDENTIFIER] = "groupIdentifier",
	    [PATH_RULE] = "rule", [PATH_ROLE] = "role" };
	struct json *j = json_push(list, json_new(a, JSON_IS_OBJECT));

	operations_put(a, j, "kind", kinds[path->kind]);
	if (path->via != NULL && *path->via != '\0')
		operations_put(a, j, "via", path->via);
	if (path->provenance != NULL) {
		operations_put(a, j, "origin", path->provenance->origin);
		put_time(a, j, "since", path->provenance->time);
	}
}

static void put_right(struct call *c, struct json *list,
    const struct one *o, const struct effective *ef)
{
	struct json *j = json_push(list, json_new(c->a, JSON_IS_OBJECT));
	struct json *paths;
	size_t i;

	operations_put(c->a, j, "right", right_print(c->a, &ef->right));
	json_put(c->a, j, "granted", json_new_bool(c->a, ef->granted));
	operations_put(c->a, j, "state", !ef->granted && withheld_at(c->a,
	    &o->withheld, &ef->right) >= 0 ? "held" : explain_state(
	    &ef->right, ef->granted, o->receipts.v, o->receipts.n));
	if (!ef->granted && ef->why != NULL)
		operations_put(c->a, j, "why", ef->why);
	paths = json_put(c->a, j, "paths", json_new(c->a, JSON_IS_ARRAY));
	for (i = 0; i < ef->n_paths; i++)
		put_path(c->a, paths, &ef->path[i]);
}

/* Receipts of rights that nobody gives any more: on their way out. */
static void put_leftovers(struct call *c, struct json *list,
    const struct one *o)
{
	size_t i;

	for (i = 0; i < o->receipts.n; i++) {
		const struct receipt *r = &o->receipts.v[i];
		const struct effective ef = { .right = r->right,
		    .why = "nothing gives it any more" };

		if (r->right.kind != RIGHT_MAIL && shows(o, &r->right) &&
		    rights_find(&o->rights, &r->right) == NULL)
			put_right(c, list, o, &ef);
	}
}

void operations_rights(struct call *c)
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT), *list;
	struct one o = { 0 };
	size_t i;

	if (open_one(c, c->id, &o) != 0)
		return;
	put_person(c->a, j, o.p);
	operations_put(c->a, j, "role", o.p->role);
	operations_put_list(c->a, j, "permissions", &o.rights.permissions);
	list = json_put(c->a, j, "rights", json_new(c->a, JSON_IS_ARRAY));
	for (i = 0; i < o.rights.n; i++)
		if (shows(&o, &o.rights.v[i].right))
			put_right(c, list, &o, &o.rights.v[i]);
	put_leftovers(c, list, &o);
	if (o.rights.next_change != CLOCK_NEVER)
		put_time(c->a, j, "nextChange", o.rights.next_change);
	operations_answer(c, j);
	world_close(o.w);
}

/* --- explain -------------------------------------------------------------------- */

struct requests_in {
	struct world_view *w;
	const struct scim_map *map;
};

/* A request by the value of its RDN, as provenance names it. */
static const struct request *request_by_id(void *ctx, const char *id)
{
	const struct requests_in *in = ctx;
	const struct scim_resource *r = scim_map_name(in->map,
	    "AccessRequest");
	struct world_view *w = in->w;
	struct arena *a = world_arena(w);
	struct view_item item;
	const char *norm;

	if (r == NULL)
		return NULL;
	norm = dn_normal(a, dn_make(a, r->rdn, id, r->container_norm), NULL);
	if (norm == NULL || view_find(world_read(w), r->type, SCIM_INDEX_DN,
	    norm, &item) != 0)
		return NULL;
	return world_request(w, item.uuid);
}

/* Nobody gives it, but the guard holds its end (T1). */
static void put_withheld(struct call *c, struct json *list,
    const struct one *o, const struct right *right)
{
	int at = withheld_at(c->a, &o->withheld, right);
	struct json *s;

	if (at < 0)
		return;
	s = json_push(list, json_new(c->a, JSON_IS_OBJECT));
	operations_put(c->a, s, "what", "held");
	operations_put(c->a, s, "text", arena_printf(c->a,
	    o->withheld.rejected[at] ? "it stays at the tool: to end it there "
	    "was rejected with held job %s" : "it stays at the tool until "
	    "somebody releases held job %s", o->withheld.job[at]));
}

static void put_steps(struct call *c, struct json *j,
    const struct explanation *x, const struct one *o,
    const struct right *right)
{
	struct json *list = json_put(c->a, j, "steps", json_new(c->a,
	    JSON_IS_ARRAY));
	size_t i;

	for (i = 0; i < x->n; i++) {
		struct json *s = json_push(list, json_new(c->a,
		    JSON_IS_OBJECT));

		operations_put(c->a, s, "what", x->step[i].what);
		operations_put(c->a, s, "text", x->step[i].text);
		if (x->step[i].dn != NULL && *x->step[i].dn != '\0')
			operations_put(c->a, s, "dn", x->step[i].dn);
		put_time(c->a, s, "time", x->step[i].time);
	}
	put_withheld(c, list, o, right);
}

void operations_explain(struct call *c)
{
	const char *user = call_arg(c, "user"), *text = call_arg(c, "right");
	struct json *j = json_new(c->a, JSON_IS_OBJECT);
	struct requests_in in = { .map = c->f->conf.map };
	struct explanation x = { 0 };
	struct one o = { 0 };
	struct right right;
	struct err e = { 0 };

	if (text == NULL || right_parse(c->a, text, &right, &e) != 0) {
		answer_status(c, 400, "", text == NULL ? "right= is missing: "
		    "such as tool:wan-analysis" : e.text);
		return;
	}
	if (open_one(c, user, &o) != 0)
		return;
	if (!shows(&o, &right)) {
		world_close(o.w);
		answer_status(c, 403, "", "this right hangs on a company "
		    "beyond the reach of who asks (V4a)");
		return;
	}
	in.w = o.w;
	explain_right(c->a, o.p, &o.rights, &right, o.receipts.v,
	    o.receipts.n, request_by_id, &in, &x);
	put_person(c->a, j, o.p);
	operations_put(c->a, j, "right", right_print(c->a, &right));
	json_put(c->a, j, "granted", json_new_bool(c->a, x.granted));
	operations_put(c->a, j, "state", !x.granted && withheld_at(c->a,
	    &o.withheld, &right) >= 0 ? "held" : x.state);
	put_steps(c, j, &x, &o, &right);
	operations_answer(c, j);
	world_close(o.w);
}

/* --- status --------------------------------------------------------------------- */

static void put_directory(struct call *c, struct json *j)
{
	struct json *d = json_put(c->a, j, "directory", json_new(c->a,
	    JSON_IS_OBJECT));
	struct sync_state s;

	sync_state(c->f->conf.sync, &s);
	json_put(c->a, d, "connected", json_new_bool(c->a, s.connected));
	json_put(c->a, d, "writable", json_new_bool(c->a,
	    writer_up(c->f->conf.writer)));
	json_put(c->a, d, "held", json_new_bool(c->a, s.held));
	json_put(c->a, d, "ageSeconds", json_new_int(c->a, s.connected ? 0 :
	    (clock_mono() - s.agreed_mono) / CLOCK_SECOND));
	operations_put(c->a, d, "why", s.why);
}

/* Who tells the targets, and where everybody writes. */
static void put_lease(struct call *c, struct json *j)
{
	struct json *d;
	struct lease_state s;

	if (c->f->conf.lease == NULL)
		return;
	lease_state(c->f->conf.lease, &s);
	d = json_put(c->a, j, "lease", json_new(c->a, JSON_IS_OBJECT));
	json_put(c->a, d, "mine", json_new_bool(c->a, s.mine));
	operations_put(c->a, d, "name", arena_strdup(c->a, s.name));
	operations_put(c->a, d, "holder", arena_strdup(c->a, s.holder));
	operations_put(c->a, d, "provider", arena_strdup(c->a, s.provider));
	operations_put(c->a, d, "why", arena_strdup(c->a, s.why));
}

static void put_counts(struct call *c, struct json *j)
{
	const struct scim_map *m = c->f->conf.map;
	struct json *n = json_put(c->a, j, "entries", json_new(c->a,
	    JSON_IS_OBJECT));
	size_t i;

	for (i = 0; i < m->n; i++)
		json_put(c->a, n, m->resource[i].endpoint + 1, json_new_int(
		    c->a, (int64_t)view_count(c->read, m->resource[i].type)));
}

static void put_engine(struct call *c, struct json *j)
{
	struct json *engine;
	struct buf text;

	if (c->f->conf.describe_engine == NULL)
		return;
	buf_init(&text, ANSWER_MAX);
	c->f->conf.describe_engine(c->f->conf.engine, &text);
	if (json_parse(c->a, buf_str(&text), text.len, &engine, NULL) == 0)
		json_put(c->a, j, "engine", engine);
	buf_fini(&text);
}

static void put_guard(struct call *c, struct json *j)
{
	struct json *g = json_put(c->a, j, "guard", json_new(c->a,
	    JSON_IS_OBJECT));

	json_put(c->a, g, "held", json_new_int(c->a,
	    (int64_t)held_jobs_waiting(c->f)));
}

void operations_status(struct call *c)
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT);

	if (!call_staff(c) || call_open(c) != 0)
		return;
	operations_put(c->a, j, "version", PACKAGE_VERSION);
	operations_put(c->a, j, "suffix", c->f->conf.map->suffix);
	put_time(c->a, j, "started", c->f->started);
	json_put(c->a, j, "uptimeSeconds", json_new_int(c->a,
	    (clock_now() - c->f->started) / CLOCK_SECOND));
	put_directory(c, j);
	put_lease(c, j);
	put_counts(c, j);
	put_guard(c, j);
	put_engine(c, j);
	operations_answer(c, j);
}
