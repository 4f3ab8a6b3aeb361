/* SPDX-License-Identifier: ISC */
#include "front/catalogue.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "front/answer.h"
#include "front/operations.h"
#include "front/resolver.h"

int catalogue_mode(struct call *c, bool *plan)
{
	const char *mode = call_arg(c, "mode");

	*plan = str_eq(mode, "plan");
	if (mode == NULL || *plan || str_eq(mode, "apply"))
		return 0;
	answer_status(c, 400, "", "mode is plan (look only) or apply");
	return -1;
}

static bool find(struct world_view *w, const struct scim_resource *r,
    const char *key, struct view_item *item)
{
	const struct scim_path path = { .attr = r->natural_key };
	const struct scim_attr *sub = NULL;
	const struct scim_attr *at = scim_attr_find(r, &path, &sub);
	uint8_t uuid[16];

	if (at != NULL && view_find(world_read(w), r->type, r->key_index,
	    scim_key(world_arena(w), at, key), item) == 0)
		return true;
	return str_uuid(key, uuid) &&
	    view_get(world_read(w), uuid, item) == 0 && item->type == r->type;
}

const struct entry *catalogue_entry(struct world_view *w,
    const struct scim_map *m, const char *type, const char *key)
{
	const struct scim_resource *r = scim_map_name(m, type);
	struct view_item item;

	if (r == NULL || key == NULL || *r->natural_key == '\0' ||
	    !find(w, r, key, &item))
		return NULL;
	return world_entry(w, item.uuid);
}

int catalogue_find(struct call *c, struct world_view *w,
    const struct actor *who, const char *name, uint8_t uuid[16],
    struct err *e)
{
	struct scim_resolver unused;
	struct resolver names;
	int rc;

	resolver_init(&names, &unused, c->f->conf.map, world_read(w));
	rc = resolver_person(&names, world_arena(w), name, uuid, e);
	resolver_fini(&names);
	if (rc == 0 && authorise_sees(world_arena(w), who,
	    world_person(w, uuid), world_lookups(w)) == SIGHT_NONE)
		rc = resolver_nobody(e);
	return rc;
}

/* What hangs on companies beyond the actor's reach is left out (V4a). */
static void leave_out(struct world_view *w, const struct actor *who,
    const struct person *p, struct rights *out)
{
	struct reach r;
	size_t i, n = 0;

	reach_init(world_arena(w), who, p, world_lookups(w), &r);
	for (i = 0; i < out->n; i++)
		if (reach_sees(&r, &out->v[i].right))
			out->v[n++] = out->v[i];
	out->n = n;
}

static int named(struct call *c, struct world_view *w,
    const struct actor *who, const char *name, uint8_t uuid[16],
    struct err *e)
{
	if (name != NULL && *name != '\0')
		return catalogue_find(c, w, who, name, uuid, e);
	if (who->person == NULL)
		return err_set(e, ERR_INVALID, "user= is missing: an id, a "
		    "user name or a provostPersonId");
	memcpy(uuid, who->person->uuid, 16);
	return 0;
}

const struct entry *catalogue_group(struct call *c, struct world_view *w,
    const struct actor *who, const char *key, struct group_identifier *g,
    struct err *e)
{
	struct subject on = { .type = "GroupIdentifier", .group = g };
	const struct entry *en = catalogue_entry(w, c->f->conf.map, on.type,
	    key);

	if (en != NULL) {
		group_identifier_read(world_arena(w), en, g, NULL);
		on.key = g->id;
		if (who->person == NULL || authorise_actor(who, OP_READ, &on,
		    world_lookups(w), NULL) == 0)
			return en;
	}
	err_set(e, ERR_NOT_FOUND, "there is no group identifier %.100s", key);
	return NULL;
}

int catalogue_rights(struct call *c, struct world_view *w,
    const struct actor *who, const char *name, const struct person **p,
    struct rights *out, struct err *e)
{
	struct subject on = { .type = "User" };
	enum sight sight;
	uint8_t uuid[16];
	int rc = named(c, w, who, name, uuid, e);

	if (rc != 0)
		return rc;
	*p = on.person = world_person(w, uuid);
	rc = authorise_actor(who, OP_READ, &on, world_lookups(w), e);
	if (rc != 0)
		return rc;
	sight = authorise_sees(world_arena(w), who, *p, world_lookups(w));
	if (sight == SIGHT_CONTACT)
		return err_set(e, ERR_DENIED, "%s sees whom to ask, not what "
		    "they have (V5)", who->name);
	rights_compute(world_arena(w), *p, world_lookups(w), clock_now(),
	    out);
	if (sight == SIGHT_SHARED)
		leave_out(w, who, *p, out);
	return 0;
}

enum outcome catalogue_outcome(int code, bool changed)
{
	if (code == 0)
		return changed ? OUTCOME_CHANGED : OUTCOME_UNCHANGED;
	switch (code) {
	case ERR_BUSY: case ERR_TIMEOUT: case ERR_CONFLICT: case ERR_IO:
		return OUTCOME_FAILED;
	default:
		return OUTCOME_REFUSED;
	}
}

const char *catalogue_failure(struct arena *a, const struct err *e)
{
	return catalogue_outcome(e->code, false) == OUTCOME_FAILED ?
	    arena_printf(a, "%s; send the request again, it goes on from "
	    "there", e->text) : arena_strdup(a, e->text);
}

static const char *const outcomes[N_OUTCOMES] = { "unchanged", "changed",
	"refused", "failed" };

struct json *catalogue_answer(struct call *c, bool plan,
    const size_t count[N_OUTCOMES])
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT), *counts;
	size_t i;

	operations_put(c->a, j, "mode", plan ? "plan" : "apply");
	if (!plan && c->batch != NULL)
		operations_put(c->a, j, "batch", c->batch);
	counts = json_put(c->a, j, "counts", json_new(c->a, JSON_IS_OBJECT));
	for (i = 0; i < N_OUTCOMES; i++)
		json_put(c->a, counts, outcomes[i], json_new_int(c->a,
		    (int64_t)count[i]));
	return j;
}

void catalogue_put(struct arena *a, struct json *row, enum outcome o,
    int code, const char *text)
{
	const struct err e = { .code = code };

	operations_put(a, row, "outcome", outcomes[o]);
	json_put(a, row, "status", json_new_int(a, code == 0 ? 200 :
	    answer_code(&e)));
	if (*text != '\0')
		operations_put(a, row, "detail", text);
}
