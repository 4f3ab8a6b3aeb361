/* SPDX-License-Identifier: ISC */
/* The seal: checks a filled map whole, then adds and numbers what follows. */
#include "codec/scim_map.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "codec/scim_kind.h"
#include "model/dn.h"

/* Raised whenever the stored rendering or the keys change their form. */
#define FORMAT "scim 2"

struct seal {
	struct scim_map *m;
	struct scim_resource *r;
	const struct scim_schema *s;
	struct err *e;
};

static int bad(const struct seal *s, const struct scim_attr *at,
    const char *what)
{
	const char *name = s->r->name == NULL ? "?" : s->r->name;

	if (at == NULL)
		return err_set(s->e, ERR_INVALID, "mapping: %s: %s", name,
		    what);
	return err_set(s->e, ERR_INVALID, "mapping: %s: %s%s%s: %s", name,
	    at->parent != NULL ? at->parent->name : "",
	    at->parent != NULL ? "." : "", at->name, what);
}

static const char *or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

static bool name_ok(const char *s)
{
	if (!isalpha((unsigned char)*s) && strcmp(s, "$ref") != 0)
		return false;
	for (s++; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && *s != '-' && *s != '_')
			return false;
	return true;
}

static void attr_strings(struct scim_attr *at)
{
	at->ldap = or_empty(at->ldap);
	at->more[0] = or_empty(at->more[0]);
	at->more[1] = or_empty(at->more[1]);
	at->refers = or_empty(at->refers);
	at->dflt = or_empty(at->dflt);
	at->description = or_empty(at->description);
	at->hash = scim_hash_name(at->ldap, attr_base_len(at->ldap));
}

static void default_sub(const struct scim_attr *at,
    const struct scim_sub_def *d, struct scim_attr *sub)
{
	const struct scim_attr *given = scim_sub(at, d->name);

	if (given != NULL)
		*sub = *given;
	sub->name = d->name;
	if (sub->description == NULL || sub->description[0] == '\0')
		sub->description = d->description;
	sub->type = d->type;
	sub->mutability = d->mutability;
	sub->multi = d->multi;
	if (strcmp(d->name, "type") == 0) {
		sub->canonical = at->canonical;
	} else if (strcmp(d->name, "value") == 0) {
		sub->refers = at->refers;
		sub->required = at->how != SH_TYPED;
		sub->case_exact = at->case_exact;
		if (at->type != ST_COMPLEX && at->how == SH_TYPED)
			sub->type = at->type;
	}
}

/* The sub-attributes that a kind always has, in its order; "value" is of the
 * type that the mapping gives the attribute. What the mapping says of one of
 * them is kept, and others that it adds follow. */
static void default_subs(struct arena *a, struct scim_attr *at)
{
	const struct scim_sub_def *d = scim_kind(at->how)->subs;
	struct scim_attr *sub;
	size_t n = 0, i, k;

	if (d == NULL)
		return;
	while (d[n].name != NULL)
		n++;
	if (at->how == SH_TOOLS && at->more[1][0] == '\0')
		n -= 2;		/* no periods: no notBefore, notAfter */
	sub = arena_array(a, n + at->n_sub, sizeof(*sub));
	for (i = 0; i < n; i++)
		default_sub(at, &d[i], &sub[i]);
	for (i = 0; i < at->n_sub; i++) {
		for (k = 0; d[k].name != NULL; k++)
			if (str_ieq(d[k].name, or_empty(at->sub[i].name)))
				break;
		if (d[k].name == NULL)
			sub[n++] = at->sub[i];
	}
	at->sub = sub;
	at->n_sub = n;
	at->type = ST_COMPLEX;
	at->canonical = (struct strv){ 0 };
}

static int check_ldap(const struct seal *s, const struct scim_attr *at)
{
	int have = (at->ldap[0] != '\0') + (at->more[0][0] != '\0') +
	    (at->more[1][0] != '\0');
	int want = scim_kind(at->how)->n_ldap;

	if (want >= 0 && have != want)
		return bad(s, at, want == 0 ? "takes no LDAP attribute" :
		    want == 1 ? "needs one LDAP attribute (ldap = \"...\")" :
		    "needs three LDAP attributes (ldap, more)");
	return 0;
}

static int seal_refers(const struct seal *s, struct scim_attr *at)
{
	const struct scim_resource *to;

	if (at->refers[0] == '\0')
		return 0;
	to = scim_map_name(s->m, at->refers);
	if (to == NULL)
		return bad(s, at, "refers to a resource type that is not in "
		    "the mapping");
	at->refers = to->name;
	at->by_id = to->natural_key == NULL || to->natural_key[0] == '\0';
	return 0;
}

static int seal_attr(const struct seal *s, struct scim_attr *at,
    struct scim_attr *parent);

static int seal_subs(const struct seal *s, struct scim_attr *at)
{
	size_t i, k;
	int rc = 0;

	for (i = 0; rc == 0 && i < at->n_sub; i++) {
		for (k = 0; k < i; k++)
			if (str_ieq(at->sub[k].name, at->sub[i].name))
				return bad(s, &at->sub[i], "is there twice");
		rc = seal_attr(s, &at->sub[i], at);
	}
	return rc;
}

static int seal_attr(const struct seal *s, struct scim_attr *at,
    struct scim_attr *parent)
{
	int rc;

	if (at->name == NULL || !name_ok(at->name))
		return bad(s, NULL, "an attribute's name must begin with a "
		    "letter and hold letters, digits, - and _ only");
	attr_strings(at);
	at->parent = parent;
	at->urn = s->s->urn;
	at->no = s->r->n_attrs++;
	if (parent != NULL && parent->how != SH_COMPLEX &&
	    (parent->how != SH_ADDRESS || at->ldap[0] == '\0'))
		return seal_refers(s, at);
	if (parent != NULL && scim_kind(at->how)->n_ldap != 1)
		return bad(s, at, "a sub-attribute must be of a kind with one "
		    "LDAP attribute (plain, lines)");
	rc = check_ldap(s, at);
	if (rc == 0)
		rc = seal_refers(s, at);
	if (rc != 0)
		return rc;
	if (at->dflt[0] == '=' && scim_kind(at->how)->n_ldap != 1)
		return bad(s, at, "a default \"=...\" needs one LDAP attribute");
	default_subs(s->m->arena, at);
	if (at->indexed)
		at->index = ++s->m->n_indexes;
	if (at->how == SH_MEMBERS)
		s->r->members = at;
	if (at->hide_dflt) {
		if (s->r->hidden != NULL || at->dflt[0] != '=')
			return bad(s, at, "hide_default goes with a default "
			    "\"=...\", and with one attribute of a resource");
		s->r->hidden = at;
	}
	return seal_subs(s, at);
}

static int seal_schema(struct seal *s, struct scim_schema *sc)
{
	size_t i, k;
	int rc;

	s->s = sc;
	if (sc->urn == NULL || !str_istarts(sc->urn, "urn:"))
		return bad(s, NULL, "a schema's urn must begin with urn:");
	sc->name = or_empty(sc->name);
	sc->description = or_empty(sc->description);
	for (i = 0; i < sc->n; i++) {
		rc = seal_attr(s, &sc->attr[i], NULL);
		if (rc != 0)
			return rc;
		for (k = 0; k < i; k++)
			if (str_ieq(sc->attr[k].name, sc->attr[i].name))
				return bad(s, &sc->attr[i], "is there twice");
	}
	return 0;
}

static void index_modified(struct scim_attr *meta)
{
	size_t i;

	for (i = 0; i < meta->n_sub; i++)
		if (str_eq(meta->sub[i].name, "lastModified"))
			meta->sub[i].index = SCIM_INDEX_MODIFIED;
}

static int seal_common(struct seal *s)
{
	static const struct scim_attr common[] = {
		{ .name = "schemas", .how = SH_SCHEMAS, .multi = true,
		  .type = ST_REFERENCE, .returned = SR_ALWAYS,
		  .case_exact = true },
		{ .name = "id", .how = SH_ID, .mutability = SM_READ_ONLY,
		  .returned = SR_ALWAYS, .unique = SU_SERVER },
		{ .name = "externalId", .how = SH_EXTERNAL_ID,
		  .ldap = "provostExternalId", .case_exact = true },
		{ .name = "meta", .how = SH_META, .type = ST_COMPLEX,
		  .mutability = SM_READ_ONLY },
	};
	struct scim_resource *r = s->r;
	struct scim_schema sc = { .urn = r->schema[0].urn };
	size_t i, n = sizeof(common) / sizeof(common[0]);
	int rc = 0;

	s->s = &sc;
	r->common = arena_memdup(s->m->arena, common, sizeof(common));
	r->n_common = n;
	for (i = 0; rc == 0 && i < n; i++)
		rc = seal_attr(s, &r->common[i], NULL);
	r->common[1].index = r->id_index = SCIM_INDEX_ID;
	r->common[2].index = ++s->m->n_indexes;
	index_modified(&r->common[3]);
	return rc;
}

static int seal_key(struct seal *s)
{
	struct scim_resource *r = s->r;
	struct scim_attr *at = NULL;
	size_t i;

	r->natural_key = or_empty(r->natural_key);
	if (r->natural_key[0] == '\0')
		return 0;
	for (i = 0; i < r->schema[0].n && at == NULL; i++)
		if (str_ieq(r->schema[0].attr[i].name, r->natural_key))
			at = &r->schema[0].attr[i];
	if (at == NULL || !str_ieq(at->ldap, r->rdn))
		return bad(s, at, "natural_key must be an attribute of the "
		    "core schema whose ldap is the rdn");
	at->mutability = SM_IMMUTABLE;
	at->required = true;
	if (at->index == 0)
		at->index = ++s->m->n_indexes;
	r->key_index = at->index;
	return 0;
}

static int seal_resource(struct seal *s, size_t no)
{
	struct scim_resource *r = s->r;
	size_t i;
	int rc;

	r->type = (int)no + 1;
	r->dn_index = SCIM_INDEX_DN;
	if (r->name == NULL || r->endpoint == NULL || r->endpoint[0] != '/' ||
	    r->container == NULL || r->rdn == NULL || r->n_schemas == 0 ||
	    r->object_class == NULL || r->object_classes.n == 0)
		return bad(s, NULL, "name, endpoint (\"/Users\"), container, "
		    "rdn, object_class, object_classes and schemas are needed");
	r->description = or_empty(r->description);
	r->owner_attr = or_empty(r->owner_attr);
	r->display = or_empty(r->display);
	for (i = 0; i < no; i++)
		if (str_ieq(s->m->resource[i].name, r->name) ||
		    str_ieq(s->m->resource[i].endpoint, r->endpoint))
			return bad(s, NULL, "name or endpoint is there twice");
	r->container_norm = dn_normal(s->m->arena,
	    scim_map_container(s->m->arena, s->m, r), s->e);
	if (r->container_norm == NULL)
		return err_wrap(s->e, "mapping: %s: container", r->name);
	rc = seal_common(s);
	for (i = 0; rc == 0 && i < r->n_schemas; i++)
		rc = seal_schema(s, &r->schema[i]);
	return rc == 0 ? seal_key(s) : rc;
}

static void print_attr(struct buf *b, const struct scim_attr *at)
{
	size_t i;

	buf_printf(b, "%s %d %d %s %s %s %s %d%d%d %d %s %d(", at->name,
	    (int)at->type, (int)at->how, at->ldap, at->more[0], at->more[1],
	    at->refers, at->multi, at->case_exact, at->hide_dflt,
	    (int)at->returned, at->dflt, at->index);
	for (i = 0; i < at->n_sub; i++)
		print_attr(b, &at->sub[i]);
	buf_puts(b, ")\n");
}

static uint64_t fingerprint(const struct scim_map *m)
{
	struct buf b;
	size_t i, s, k;
	uint64_t h;

	buf_init(&b, 16u << 20);
	buf_printf(&b, "%s %s\n", FORMAT, m->suffix);
	for (i = 0; i < m->n; i++) {
		const struct scim_resource *r = &m->resource[i];

		buf_printf(&b, "%s %s %s %s %s %s\n", r->name, r->endpoint,
		    r->container, r->object_class, r->natural_key,
		    r->owner_attr);
		for (s = 0; s < r->n_schemas; s++) {
			buf_printf(&b, "%s\n", r->schema[s].urn);
			for (k = 0; k < r->schema[s].n; k++)
				print_attr(&b, &r->schema[s].attr[k]);
		}
	}
	h = hash_fast(b.data, b.len, 0);
	buf_fini(&b);
	return h;
}

int scim_map_seal(struct scim_map *m, struct err *e)
{
	size_t i;
	int rc = 0;

	m->n_indexes = SCIM_INDEX_MODIFIED;
	if (m->n == 0)
		return err_set(e, ERR_INVALID, "mapping: no resource type");
	for (i = 0; rc == 0 && i < m->n; i++) {
		struct seal s = { .m = m, .r = &m->resource[i], .e = e };

		rc = seal_resource(&s, i);
	}
	if (rc == 0 && m->n_indexes >= INDEX_ABSENT)
		rc = err_set(e, ERR_INVALID, "mapping: more than %d indexes",
		    INDEX_ABSENT - 1);
	if (rc == 0)
		m->fingerprint = fingerprint(m);
	return rc;
}
