/* SPDX-License-Identifier: ISC */
#include "front/write.h"

#include "base/arena.h"
#include "base/clock.h"
#include "codec/scim_patch.h"
#include "codec/scim_render.h"
#include "core/leaver.h"
#include "core/session.h"
#include "front/answer.h"
#include "front/members.h"
#include "front/render.h"
#include "front/sight.h"
#include "front/write_request.h"
#include "model/dn.h"

#define USER_NAME "uid"

static bool change_owns(const char *name, void *resource)
{
	return str_ieq(name, LEAVER_LEFT) || scim_read_owns(name, resource);
}

/* --- the entry there is ------------------------------------------------------ */

static int no_such(const struct write *w, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no %s with this id",
	    w->c->resource->name);
}

/* What a person doesn't see is not theirs to change. */
static bool take_seen(struct write *w, struct view_item *item)
{
	struct call *c = w->c;

	if (!sight_item(c, c->a, c->resource, item))
		return false;
	if (item->json == NULL)
		w->seen = entry_dup(c->a, &item->entry);
	sight_render(c, c->a, item);
	return true;
}

static int take_old(struct write *w, struct view_item *item, struct err *e)
{
	struct call *c = w->c;
	const char *match = call_header(c, "If-Match");
	const char *none = call_header(c, "If-None-Match");
	char etag[32];
	int rc;

	if (!str_uuid(c->id, w->uuid) || view_get(c->read, w->uuid, item) != 0
	    || item->type != c->resource->type)
		return no_such(w, e);
	view_item_entry(c->a, item);
	/* What is borrowed from the snapshot must outlive it. */
	w->old = w->seen = entry_dup(c->a, &item->entry);
	if (c->bounded && !take_seen(w, item))
		return no_such(w, e);
	rc = write_owned(w, w->old, e);
	if (rc != 0)
		return rc;
	if (match != NULL || none != NULL) {
		render_etag(c, item, etag);
		w->stale = (match != NULL && !render_etag_among(match, etag))
		    || (none != NULL && render_etag_among(none, etag));
		if (w->stale)
			return err_set(e, ERR_CONFLICT, "the %s is not in "
			    "the version that was asked for: it is %s now",
			    c->resource->name, etag);
	}
	return 0;
}

/* --- PATCH ------------------------------------------------------------------- */

/* The resource as its caller sees it, but for what others' entries say. */
static int shown(struct write *w, const struct view_item *item,
    struct json **out, struct err *e)
{
	struct call *c = w->c;
	struct scim_resolver rs = c->rs;
	struct buf text;
	int rc;

	rs.count = NULL;
	rs.members = NULL;
	buf_init(&text, ANSWER_MAX);
	rc = scim_render_fill(c->a, c->f->conf.map, c->resource,
	    &item->entry, item->json, item->json_len, &rs, &text, e);
	if (rc == 0)
		rc = json_parse(c->a, buf_str(&text), text.len, out, e);
	buf_fini(&text);
	return rc;
}

static int patched(struct write *w, const struct view_item *item,
    struct json **out, struct err *e)
{
	int rc = shown(w, item, out, e);

	return rc != 0 ? rc : scim_patch_apply(w->c->a, w->c->resource,
	    w->c->body, *out, e);
}

/* --- the guard against lost updates -------------------------------------------- */

/* slapo-unique (slapd 2.5.13) looks for twins with the controls of the
 * modify itself: an assertion then fails whatever the entry says. So where a
 * unique attribute changes, the old values guard the new ones: what is not
 * there any more can't be taken away, and the server says so. */
static void guard_by_values(struct write *w)
{
	size_t i;

	for (i = 0; i < w->change->n; i++)
		if (scim_unique(w->c->resource, w->change->mod[i].name))
			break;
	if (i != w->change->n)
		w->change = change_by_value(w->c->a, w->old, w->change);
}

/* --- changes ------------------------------------------------------------------ */

/* What who asks doesn't see stays as it is. */
static void keep_unseen(struct write *w)
{
	size_t i, k;

	for (i = 0; i < w->old->n; i++)
		for (k = 0; k < w->old->a[i].n; k++) {
			const char *name = w->old->a[i].name;
			const struct val *v = &w->old->a[i].v[k];

			if (!entry_has_val(w->seen, name, v) &&
			    !entry_has_val(w->want, name, v))
				entry_add_n(w->c->a, w->want, name, v->p,
				    v->n);
		}
}

static int read_body(struct write *w, const struct json *j,
    struct scim_read_result *res, struct err *e)
{
	struct call *c = w->c;
	int rc = w->nameless ? scim_read_without(c->a, c->f->conf.map,
	    c->resource, j, USER_NAME, &c->rs, res, e) : scim_read(c->a,
	    c->f->conf.map, c->resource, j, w->seen, &c->rs, res, e);

	if (rc != 0)
		return rc;
	w->want = res->entry;
	w->secret = res->secret;
	w->secret_name = res->secret_name;
	w->ignored = res->ignored;
	if (w->seen != w->old)
		keep_unseen(w);
	rc = write_request_read(w, e);
	if (rc == 0 && w->edit != NULL)
		rc = w->edit(w, e);
	return rc != 0 ? rc : write_unique(w, e);
}

/* Who leaves by this change, or is back (J1): in the same change. */
static void settle(struct write *w)
{
	if (str_eq(w->c->resource->name, "User"))
		leaver_settle(w->c->a, w->want, clock_now());
}

static int prepare_post(struct write *w, struct err *e)
{
	struct call *c = w->c;
	struct scim_read_result res = { 0 };
	const char *dn;
	int rc;

	write_request_fill(w);
	rc = read_body(w, c->body, &res, e);
	if (rc != 0)
		return rc;
	dn = dn_make(c->a, c->resource->rdn, res.rdn_value,
	    scim_map_container(c->a, c->f->conf.map, c->resource));
	w->want->dn = dn;
	settle(w);
	rc = write_may(w, e);
	if (rc != 0)
		return rc;
	w->change = change_new(c->a, CHANGE_ADD, dn);
	w->change->entry = w->want;
	w->change->act_as = w->act_as;
	write_rights(w);
	rc = write_request(w, e);
	return rc != 0 ? rc : write_decision(w, e);
}

/* A client's word is enough; a session's is not, whoever has got hold of it. */
static int set_password(struct write *w, const struct scim_read_result *res,
    struct err *e)
{
	struct call *c = w->c;
	int64_t now = clock_now();

	if (c->person != NULL)
		return err_set(e, ERR_DENIED, "people change their password "
		    "with POST /v1/password, which asks for the old one (V5)");
	change_set(c->a, w->change, MOD_REPLACE, res->password_attr,
	    res->password);
	session_end(c->a, w->change, now, session_begin(w->old, now));
	w->ends_sessions = true;
	return 0;
}

static int prepare_update(struct write *w, struct err *e)
{
	struct call *c = w->c;
	struct scim_read_result res = { 0 };
	struct view_item item;
	struct json *j = c->body;
	int rc = take_old(w, &item, e);

	if (rc == 0 && w->kind == WRITE_PATCH)
		rc = patched(w, &item, &j, e);
	if (rc == 0)
		rc = read_body(w, j, &res, e);
	w->new_password = rc == 0 && res.password != NULL &&
	    !w->same_password;
	w->ends_sessions = false;
	if (rc == 0)
		settle(w);
	if (rc == 0)
		rc = write_may(w, e);
	if (rc != 0)
		return rc;
	write_portal_none(w);
	w->change = change_diff(c->a, w->old, w->want, change_owns,
	    (void *)(uintptr_t)c->resource);
	guard_by_values(w);
	if (w->new_password && (rc = set_password(w, &res, e)) != 0)
		return rc;
	write_rights(w);
	rc = write_request(w, e);
	if (rc == 0)
		write_portal_ends(w);
	return rc != 0 ? rc : write_decision(w, e);
}

static bool any_attribute(const char *name, void *ctx)
{
	(void)name;
	(void)ctx;
	return true;
}

static void put_unseen(struct write *w)
{
	const struct entry *u = w->unseen;
	size_t i;

	for (i = 0; u != NULL && i < u->n; i++)
		change_set(w->c->a, w->change, MOD_REPLACE, u->a[i].name,
		    u->a[i].n != 0 ? u->a[i].v[0].p : NULL);
}

static int prepare_edit(struct write *w, struct err *e)
{
	struct call *c = w->c;
	struct view_item item;
	int rc = take_old(w, &item, e);

	if (rc != 0)
		return rc;
	w->want = entry_dup(c->a, w->old);
	w->unseen = NULL;
	rc = w->edit(w, e);
	if (rc == 0)
		rc = write_unique(w, e);
	if (rc != 0)
		return rc;
	settle(w);
	w->change = change_diff(c->a, w->old, w->want, any_attribute, NULL);
	guard_by_values(w);
	put_unseen(w);
	w->change->act_as = w->act_as;
	write_rights(w);
	write_portal_ends(w);
	return 0;
}

static int prepare_delete(struct write *w, struct err *e)
{
	struct view_item item;
	int rc = take_old(w, &item, e);

	if (rc == 0)
		rc = write_may(w, e);
	if (rc == 0)
		rc = write_referred(w, e);
	if (rc != 0)
		return rc;
	w->change = change_new(w->c->a, CHANGE_DELETE, w->old->dn);
	if (call_header(w->c, "If-Match") != NULL)
		w->change->assert_csn = w->old->csn;
	return 0;
}

/* What a person does is done in their name, so that the directory's own rules
 * hold, and its modifiersName says who it was. */
static void sign(struct write *w)
{
	if (w->c->person == NULL)
		return;
	w->act_as = arena_strdup(w->c->a, w->c->actor.person->dn);
	w->change->act_as = w->act_as;
}

int write_prepare(struct write *w, struct err *e)
{
	int rc = w->kind == WRITE_DELETE ? prepare_delete(w, e) :
	    w->kind == WRITE_POST ? prepare_post(w, e) :
	    w->kind == WRITE_EDIT ? prepare_edit(w, e) : prepare_update(w, e);

	if (rc != 0)
		return rc;
	sign(w);
	rc = members_prepare(w, e);
	if (rc != 0 || (rc = gate_write(w, e)) != 0)
		return rc;
	if (w->n_memberships > 0)
		call_batch(w->c);
	w->change->batch = w->c->batch;
	return 0;
}
