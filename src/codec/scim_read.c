/* SPDX-License-Identifier: ISC */
#include "codec/scim_read.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/map.h"
#include "codec/scim_filter.h"
#include "codec/scim_kind.h"
#include "codec/scim_render.h"

#define RDN_LEN 16
#define RENDERING_MAX (16u << 20)
#define IGNORED_MAX 32		/* names that are reported */

/* --- every attribute of a resource type ---------------------------------- */

struct cursor {
	const struct scim_resource *r;
	size_t schema, i;	/* schema 0: the common attributes */
};

static const struct scim_attr *next_attr(struct cursor *c)
{
	for (;;) {
		const struct scim_attr *v = c->schema == 0 ? c->r->common :
		    c->r->schema[c->schema - 1].attr;
		size_t n = c->schema == 0 ? c->r->n_common :
		    c->r->schema[c->schema - 1].n;

		if (c->i < n)
			return &v[c->i++];
		if (c->schema++ == c->r->n_schemas)
			return NULL;
		c->i = 0;
	}
}

/* --- what was there before ----------------------------------------------- */

/* The old entry as its owner sees it, but for what is counted or listed from
 * elsewhere. An attribute that is the same in the body is left as it is
 * stored, also where SCIM can't show all of that. */
static int render_before(struct scim_reading *rd, struct err *e)
{
	struct scim_resolver rs = { .base_url = "", .owner = "" };
	struct buf stored, text;
	struct json *j = NULL;
	int rc;

	if (rd->rs != NULL)
		rs = *rd->rs;
	rs.members = NULL;
	rs.count = NULL;
	buf_init(&stored, RENDERING_MAX);
	buf_init(&text, RENDERING_MAX);
	scim_render(rd->a, rd->m, rd->r, rd->old->e, NULL, &stored);
	rc = scim_render_fill(rd->a, rd->m, rd->r, rd->old->e,
	    buf_str(&stored), stored.len, &rs, &text, e);
	if (rc == 0)
		rc = json_parse(rd->a, buf_str(&text), text.len, &j, e);
	rd->before = j;
	buf_fini(&stored);
	buf_fini(&text);
	return rc;
}

/* Does the body speak of this schema at all? A client that does not know an
 * extension shall not clear it by a PUT. */
static bool speaks_of(const struct scim_reading *rd, const char *urn)
{
	const struct json *c;
	size_t n = strlen(urn);

	if (str_ieq(urn, rd->r->schema[0].urn))
		return true;
	for (c = rd->body->child; c != NULL; c = c->next)
		if (strncasecmp(c->name, urn, n) == 0)
			return true;
	c = json_member(rd->body, "schemas");
	for (c = c == NULL ? NULL : c->child; c != NULL; c = c->next)
		if (c->kind == JSON_IS_STRING && str_ieq(c->s, urn))
			return true;
	return false;
}

/* --- attributes ---------------------------------------------------------- */

static void keep(struct scim_reading *rd, const struct scim_attr *at)
{
	size_t i;

	scim_reading_keep(rd, at->ldap);
	for (i = 0; i < 2 && at->how != SH_TOKENS; i++)
		scim_reading_keep(rd, at->more[i]);
	for (i = 0; i < at->n_sub; i++)
		scim_reading_keep(rd, at->sub[i].ldap);
}

static int change(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	const struct scim_kind *k = scim_kind(at->how);
	int rc;

	if (j == NULL || scim_nothing(j)) {
		if (k->absent != NULL && rd->old != NULL)
			k->absent(rd, at, j != NULL);
		if (j != NULL)
			strv_add(rd->a, &rd->decided, at->ldap);
		return 0;
	}
	rc = k->read(rd, at, j, e);
	strv_add(rd->a, &rd->decided, at->ldap);
	return rc;
}

/* An attribute of which neither side shows anything, or both the same, stays.
 * A kind that shares its LDAP attributes with another (active with state,
 * entitlements with tools) is read last; what the other has changed stands,
 * what the other has lost is restored from it. */
static int update(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	const struct json *was = scim_reading_json(rd, rd->before, at);
	bool none = j == NULL || scim_nothing(j);

	if (!(none && was == NULL) && !json_same(j, was))
		return change(rd, at, j, e);
	if (strv_has(&rd->decided, at->ldap))
		return 0;
	if (!none && scim_kind(at->how)->late)
		return scim_kind(at->how)->read(rd, at, j, e);
	keep(rd, at);
	return 0;
}

static bool readable(const struct scim_attr *at)
{
	return at->mutability != SM_READ_ONLY &&
	    scim_kind(at->how)->read != NULL;
}

static int read_attr(struct scim_reading *rd, const struct scim_attr *at,
    struct err *e)
{
	const struct json *j = scim_reading_json(rd, rd->body, at);

	if (rd->old == NULL) {
		if (at->how == SH_TOKENS)
			return scim_kind(at->how)->read(rd, at, j, e);
		return j == NULL || scim_nothing(j) ? 0 : change(rd, at, j, e);
	}
	if (!speaks_of(rd, at->urn)) {
		keep(rd, at);
		return 0;
	}
	return update(rd, at, j, e);
}

static int read_all(struct scim_reading *rd, bool late, struct err *e)
{
	struct cursor c = { .r = rd->r };
	const struct scim_attr *at;
	int rc = 0;

	while (rc == 0 && (at = next_attr(&c)) != NULL)
		if (readable(at) && scim_kind(at->how)->late == late)
			rc = read_attr(rd, at, e);
	return rc;
}

/* --- defaults ------------------------------------------------------------ */

static const char *literal_default(struct scim_reading *rd,
    const struct scim_attr *at)
{
	const char *d = at->dflt;
	char gt[24];
	int64_t days;
	char *n;

	if (!str_starts(d, "now"))
		return d;
	n = arena_strdup(rd->a, d + 3);
	if (n[0] == '+' && strlen(n) > 2 && n[strlen(n) - 1] == 'd')
		n[strlen(n) - 1] = '\0';
	if (n[0] != '+' || !str_int(n + 1, &days))
		days = 0;
	return arena_strdup(rd->a, clock_print_gt(clock_now() +
	    days * 86400 * CLOCK_SECOND, gt));
}

/* A computed default follows what it is computed from as long as nobody has
 * set another value. */
static void computed_default(struct scim_reading *rd,
    const struct scim_attr *at)
{
	const char *now = entry_get(rd->out, at->ldap), *was = NULL, *d;
	struct scim_src src;

	if (now != NULL) {
		if (rd->old != NULL)
			was = scim_default(rd->a, rd->r, at, rd->old);
		if (was == NULL || strcmp(was, now) != 0 ||
		    !entry_has(rd->old->e, at->ldap, now))
			return;
	}
	scim_src_init(&src, rd->out);
	d = scim_default(rd->a, rd->r, at, &src);
	if (d == NULL && now == NULL)
		scim_reading_keep(rd, at->ldap);
	if (d == NULL || (now != NULL && strcmp(d, now) == 0))
		return;
	d = arena_strdup(rd->a, d);
	scim_reading_clear(rd, at->ldap);
	entry_add(rd->a, rd->out, at->ldap, d);
}

static void attr_default(struct scim_reading *rd, const struct scim_attr *at,
    bool computed)
{
	size_t i;

	for (i = 0; i < at->n_sub; i++)
		attr_default(rd, &at->sub[i], computed);
	if (at->dflt[0] == '\0' || (at->dflt[0] == '=') != computed)
		return;
	if (computed)
		computed_default(rd, at);
	else if (rd->old == NULL && entry_get(rd->out, at->ldap) == NULL)
		entry_add(rd->a, rd->out, at->ldap, literal_default(rd, at));
}

/* In order of appearance: a default sees those before it, not behind. */
static void defaults(struct scim_reading *rd, bool computed)
{
	struct cursor c = { .r = rd->r };
	const struct scim_attr *at;

	while ((at = next_attr(&c)) != NULL)
		attr_default(rd, at, computed);
}

/* Attributes that lost all their values on the way are none. */
static void compact(struct entry *e)
{
	size_t i, n = 0;

	for (i = 0; i < e->n; i++)
		if (e->a[i].n > 0)
			e->a[n++] = e->a[i];
	e->n = n;
}

void scim_read_follow(struct arena *a, const struct scim_map *m,
    const struct scim_resource *r, const struct entry *old,
    struct entry *want)
{
	struct scim_src src;
	struct scim_reading rd = { .a = a, .m = m, .r = r, .old = &src,
	    .out = want };

	scim_src_init(&src, old);
	defaults(&rd, true);
	compact(want);
}

/* --- checks -------------------------------------------------------------- */

static bool is_blank(struct scim_reading *rd, const struct scim_attr *at)
{
	const char *v = entry_get(rd->out, at->ldap);

	if (v != NULL)
		v = scim_key(rd->a, at, v);
	return v == NULL || v[strspn(v, " \t\r\n")] == '\0';
}

/* What was not there before (an invited person has no user name yet) is not
 * asked of a change. */
static int check_required(struct scim_reading *rd, struct err *e)
{
	struct cursor c = { .r = rd->r };
	const struct scim_attr *at;

	while ((at = next_attr(&c)) != NULL)
		if (at->required && at->ldap[0] != '\0' &&
		    !str_ieq(at->ldap, rd->later) &&
		    is_blank(rd, at) && (rd->old == NULL ||
		    entry_get(rd->old->e, at->ldap) != NULL))
			return scim_bad(at, e, "is required: send a value");
	return 0;
}

static bool same_values(struct scim_reading *rd, const struct scim_attr *at)
{
	const struct attr *x = entry_attr(rd->out, at->ldap);
	const struct attr *y = entry_attr(rd->old->e, at->ldap);
	size_t i, k, n = x == NULL ? 0 : x->n;

	if (n != (y == NULL ? 0 : y->n))
		return false;
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++)
			if (str_eq(scim_key(rd->a, at, x->v[i].p),
			    scim_key(rd->a, at, y->v[k].p)))
				break;
		if (k == n)
			return false;
	}
	return true;
}

/* What a default would have given is as good as there, and not added now. */
static void leave_default(struct scim_reading *rd, const struct scim_attr *at)
{
	const char *now = entry_get(rd->out, at->ldap), *d;

	if (now == NULL || entry_attr(rd->old->e, at->ldap) != NULL)
		return;
	d = scim_default(rd->a, rd->r, at, rd->old);
	if (d != NULL && str_eq(scim_key(rd->a, at, now), scim_key(rd->a, at,
	    d)))
		scim_reading_clear(rd, at->ldap);
}

/* Immutable: may be left out, may be repeated, may not change. */
static int check_immutable(struct scim_reading *rd, struct err *e)
{
	struct cursor c = { .r = rd->r };
	const struct scim_attr *at;

	while ((at = next_attr(&c)) != NULL) {
		if (at->mutability != SM_IMMUTABLE || at->ldap[0] == '\0')
			continue;
		scim_reading_keep(rd, at->ldap);
		leave_default(rd, at);
		if (!same_values(rd, at))
			return err_kind(e, ERR_INVALID, "mutability",
			    "%s: can't be changed once the %s is there: "
			    "leave it out or send its old value", at->name,
			    rd->r->name);
	}
	return 0;
}

/* --- unknown names ------------------------------------------------------- */

static void note(struct scim_reading *rd, const char *name)
{
	struct strv *names = &rd->res->ignored;

	if (names->n < IGNORED_MAX && !strv_has(names, name))
		strv_add(rd->a, names, name);
}

/* The attribute that a member of the body is read as, NULL: none. */
static const struct scim_attr *known(struct scim_reading *rd,
    const char *name, const char *urn)
{
	struct scim_path p = { .urn = urn, .attr = name };
	const struct scim_attr *at, *sub = NULL;
	struct err e = { 0 };

	if (str_istarts(name, "urn:") &&
	    scim_path_parse(rd->a, name, &p, &e) != 0)
		return NULL;
	at = scim_attr_find(rd->r, &p, &sub);
	return sub == NULL ? at : NULL;
}

static void note_subs(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *value)
{
	const struct json *el, *c;

	for (el = scim_first(value); el != NULL; el = scim_next(value, el))
		for (c = el->child; el->kind == JSON_IS_OBJECT && c != NULL;
		    c = c->next)
			if (scim_sub(at, c->name) == NULL)
				note(rd, arena_printf(rd->a, "%s.%s",
				    at->name, c->name));
}

/* Some libraries put schemas into every object. */
static bool is_schemas(const char *name)
{
	const char *colon = strrchr(name, ':');

	return str_ieq(colon == NULL ? name : colon + 1, "schemas");
}

/* The members of the body, or of an extension's object in it. */
static void note_unknown(struct scim_reading *rd, const struct json *obj,
    const char *urn)
{
	const struct scim_attr *at;
	const struct json *c;
	size_t i;

	for (c = obj->child; c != NULL; c = c->next) {
		for (i = 0; i < rd->r->n_schemas && urn == NULL; i++)
			if (str_ieq(c->name, rd->r->schema[i].urn))
				break;
		if (urn == NULL && i < rd->r->n_schemas) {
			if (c->kind == JSON_IS_OBJECT)
				note_unknown(rd, c, c->name);
			continue;
		}
		at = known(rd, c->name, urn);
		if (at == NULL && is_schemas(c->name))
			continue;
		if (at == NULL)
			note(rd, c->name);
		else if (at->n_sub > 0 && at->how != SH_META)
			note_subs(rd, at, c);
	}
}

/* --- a whole resource ---------------------------------------------------- */

static void keep_unowned(struct scim_reading *rd)
{
	const struct entry *old = rd->old->e;
	size_t i, k;

	for (i = 0; i < old->n; i++) {
		const struct attr *la = &old->a[i];

		if (scim_read_owns(la->name,
		    (void *)(uintptr_t)rd->r))
			continue;
		for (k = 0; k < la->n; k++)
			entry_add_n(rd->a, rd->out, la->name, la->v[k].p,
			    la->v[k].n);
	}
}

static int finish_new(struct scim_reading *rd, struct err *e)
{
	const struct scim_resource *r = rd->r;
	const char *owner = rd->rs == NULL ? NULL : rd->rs->owner;
	char rdn[RDN_LEN + 1];
	size_t i;

	for (i = 0; i < r->object_classes.n; i++)
		entry_add(rd->a, rd->out, "objectClass",
		    r->object_classes.v[i]);
	if (r->natural_key[0] == '\0') {
		hash_random_id(rdn, RDN_LEN);
		entry_add(rd->a, rd->out, r->rdn, rdn);
	}
	if (r->owner_attr[0] != '\0' && owner != NULL && owner[0] != '\0' &&
	    entry_get(rd->out, r->owner_attr) == NULL)
		entry_add(rd->a, rd->out, r->owner_attr, owner);
	rd->res->rdn_value = entry_get(rd->out, r->rdn);
	return check_required(rd, e);
}

static int finish_old(struct scim_reading *rd, struct err *e)
{
	const struct entry *old = rd->old->e;
	struct entry *out = rd->out;
	int rc = check_immutable(rd, e);

	if (rc != 0)
		return rc;
	keep_unowned(rd);
	out->dn = old->dn;
	memcpy(out->uuid, old->uuid, sizeof(out->uuid));
	out->csn = old->csn;
	out->created = old->created;
	out->modified = old->modified;
	out->creator = old->creator;
	out->modifier = old->modifier;
	rd->res->rdn_value = entry_get(out, rd->r->rdn);
	return check_required(rd, e);
}

/* Is there a member named by a URN that is not an extension's? */
static bool urn_names(const struct scim_reading *rd)
{
	const struct json *c;
	size_t i;

	for (c = rd->body->child; c != NULL; c = c->next) {
		if (!str_istarts(c->name, "urn:"))
			continue;
		for (i = 1; i < rd->r->n_schemas; i++)
			if (str_ieq(c->name, rd->r->schema[i].urn))
				break;
		if (i == rd->r->n_schemas)
			return true;
	}
	return false;
}

static int check_shape(const struct scim_reading *rd, struct err *e)
{
	size_t i;

	if (rd->body->kind != JSON_IS_OBJECT)
		return err_kind(e, ERR_INVALID, "invalidSyntax",
		    "expected a JSON object with the %s", rd->r->name);
	for (i = 0; i < rd->r->n_schemas; i++) {
		const char *urn = rd->r->schema[i].urn;
		const struct json *ext = json_member(rd->body, urn);

		if (ext != NULL && ext->kind != JSON_IS_OBJECT &&
		    ext->kind != JSON_IS_NULL)
			return err_kind(e, ERR_INVALID, "invalidValue",
			    "%s: expected an object", urn);
	}
	return 0;
}

static int read_body(struct scim_reading *rd, struct err *e)
{
	int rc = check_shape(rd, e);

	if (rc != 0)
		return rc;
	rd->urn_names = urn_names(rd);
	if (rd->old != NULL)
		rc = render_before(rd, e);
	if (rc == 0)
		rc = read_all(rd, false, e);
	if (rc == 0)
		rc = read_all(rd, true, e);
	if (rc != 0)
		return rc;
	compact(rd->out);
	defaults(rd, false);
	defaults(rd, true);
	note_unknown(rd, rd->body, NULL);
	rc = rd->old == NULL ? finish_new(rd, e) : finish_old(rd, e);
	compact(rd->out);
	return rc;
}

static int read_whole(struct scim_reading *rd, const struct entry *old,
    struct scim_read_result *out, struct err *e)
{
	struct scim_src src;
	int rc;

	*out = (struct scim_read_result){ 0 };
	out->entry = arena_alloc(rd->a, sizeof(*out->entry));
	out->entry->dn = out->entry->csn = "";
	out->entry->creator = out->entry->modifier = "";
	rd->res = out;
	rd->out = out->entry;
	if (old != NULL) {
		scim_src_init(&src, old);
		rd->old = &src;
	}
	rd->seen = map_new();
	rc = read_body(rd, e);
	map_free(rd->seen, NULL);
	return rc;
}

int scim_read(struct arena *a, const struct scim_map *m,
    const struct scim_resource *r, const struct json *j,
    const struct entry *old, const struct scim_resolver *rs,
    struct scim_read_result *out, struct err *e)
{
	struct scim_reading rd = { .a = a, .m = m, .r = r, .rs = rs,
	    .body = j, .later = "" };

	return read_whole(&rd, old, out, e);
}

int scim_read_without(struct arena *a, const struct scim_map *m,
    const struct scim_resource *r, const struct json *j, const char *later,
    const struct scim_resolver *rs, struct scim_read_result *out,
    struct err *e)
{
	struct scim_reading rd = { .a = a, .m = m, .r = r, .rs = rs,
	    .body = j, .later = later };

	return read_whole(&rd, NULL, out, e);
}
