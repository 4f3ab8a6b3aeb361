/* SPDX-License-Identifier: ISC */
#include "feed/field.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "codec/scim_filter.h"

/* --- compiling --------------------------------------------------------------- */

/* What is no attribute itself, and the attribute that it sets. */
static const struct {
	const char *path;
	enum field_use use;
	const char *attr;		/* NULL none */
} special[] = {
	{ "feed:action", FIELD_ACTION, NULL },
	{ "feed:start", FIELD_START, "startsAt" },
	{ "feed:end", FIELD_END, "endsAt" },
};

/* [type eq "work"], the one filter that says which element is meant. */
static int element_type(const struct filter *v, const char **type,
    struct err *e)
{
	if (v->op != FILTER_EQ || v->type != FT_STRING ||
	    !str_ieq(v->path.attr, "type") || v->path.sub != NULL)
		return err_set(e, ERR_INVALID, "the one filter that a feed's "
		    "path may have is [type eq \"...\"]");
	*type = v->s;
	return 0;
}

static const char *extension_of(const struct scim_resource *r,
    const struct scim_attr *at)
{
	return str_ieq(at->urn, r->schema[0].urn) ||
	    str_ieq(at->name, "externalId") ? NULL : at->urn;
}

static int check_attr(const struct field *f, struct err *e)
{
	const struct scim_attr *at = f->sub != NULL ? f->sub : f->attr;

	if (at->mutability == SM_READ_ONLY)
		return err_set(e, ERR_INVALID, "%s is read-only", at->name);
	if (f->attr->how == SH_PASSWORD)
		return err_set(e, ERR_INVALID, "a feed sets no passwords: "
		    "people choose theirs, or are invited");
	if (f->attr->how == SH_COMPLEX && f->sub == NULL)
		return err_set(e, ERR_INVALID, "%s has parts: name one, "
		    "%s.PART", f->attr->name, f->attr->name);
	if (f->attr->how == SH_ADDRESS && (f->sub == NULL || f->type == NULL))
		return err_set(e, ERR_INVALID, "%s: say which and what of it, "
		    "%s[type eq \"work\"].locality", f->attr->name,
		    f->attr->name);
	return 0;
}

static enum field_use use_of(const struct scim_attr *at)
{
	return str_ieq(at->name, "externalId") ? FIELD_KEY :
	    at->how == SH_REF_DN ? FIELD_MANAGER : FIELD_SCIM;
}

static int path_compile(struct arena *a, const struct scim_resource *r,
    const char *path, struct field *f, struct err *e)
{
	struct scim_path p = { 0 };
	int rc = scim_path_parse(a, path, &p, e);

	if (rc != 0)
		return err_wrap(e, "path \"%s\"", path);
	if ((f->attr = scim_attr_find(r, &p, &f->sub)) == NULL)
		return err_set(e, ERR_INVALID, "path \"%s\": there is no such "
		    "attribute; `provost schema %s' lists them", path, r->name);
	/* emails.value is what the element itself is. */
	if (f->sub == NULL && p.sub != NULL && !str_ieq(p.sub, "value"))
		return err_set(e, ERR_INVALID, "path \"%s\": %s has no part "
		    "%s", path, f->attr->name, p.sub);
	if (p.value != NULL && (rc = element_type(p.value, &f->type, e)) != 0)
		return err_wrap(e, "path \"%s\"", path);
	if ((rc = check_attr(f, e)) != 0)
		return err_wrap(e, "path \"%s\"", path);
	f->urn = extension_of(r, f->attr);
	f->use = use_of(f->attr);
	return 0;
}

int field_compile(struct arena *a, const struct scim_resource *r,
    const struct feed_conf *conf, const struct feed_field_conf *fc,
    struct field *out, struct err *e)
{
	size_t i;
	int rc;

	*out = (struct field){ .conf = fc };
	if ((rc = transform_compile(a, &fc->transform, conf->table,
	    conf->n_tables, &out->transform, e)) != 0)
		return err_wrap(e, "column \"%s\"", fc->column);
	for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (strcmp(special[i].path, fc->path) == 0)
			break;
	if (i == sizeof(special) / sizeof(special[0]))
		return path_compile(a, r, fc->path, out, e);
	if (special[i].attr != NULL && (rc = path_compile(a, r,
	    special[i].attr, out, e)) != 0)
		return rc;
	out->use = special[i].use;
	return 0;
}

/* --- into JSON ----------------------------------------------------------------- */

static struct json *child(struct arena *a, struct json *in, const char *name,
    enum json_kind kind)
{
	struct json *j = json_member(in, name);

	return j != NULL && j->kind == kind ? j :
	    json_put(a, in, name, json_new(a, kind));
}

/* The element of the field's type, made if there is none. */
static struct json *element(struct arena *a, const struct field *f,
    struct json *list)
{
	struct json *j;

	for (j = list->child; f->type != NULL && j != NULL; j = j->next)
		if (str_ieq(json_member_str(j, "type"), f->type))
			return j;
	j = json_push(list, json_new(a, JSON_IS_OBJECT));
	if (f->type != NULL)
		json_put(a, j, "type", json_new_str(a, f->type));
	return j;
}

/* Do the elements of its list have parts? */
static bool has_parts(const struct scim_attr *at)
{
	return at->how == SH_TYPED || at->how == SH_ADDRESS ||
	    at->how == SH_REF_KEY || at->how == SH_TOOLS ||
	    at->how == SH_ENTITLEMENTS;
}

static void put_list(struct arena *a, const struct field *f,
    const struct strv *value, struct json *in)
{
	struct json *list = child(a, in, f->attr->name, JSON_IS_ARRAY), *el;
	const char *part = f->sub != NULL ? f->sub->name : "value";
	size_t i;

	for (i = 0; i < value->n; i++) {
		if (!has_parts(f->attr)) {
			json_push(list, json_new_str(a, value->v[i]));
			continue;
		}
		el = element(a, f, list);
		json_put(a, el, part, json_new_str(a, value->v[i]));
	}
}

void field_put(struct arena *a, const struct field *f,
    const struct strv *value, struct json *body)
{
	struct json *in = body;

	if (value->n == 0)
		return;
	if (f->urn != NULL)
		in = child(a, body, f->urn, JSON_IS_OBJECT);
	if (f->attr->multi)
		put_list(a, f, value, in);
	else if (f->use == FIELD_MANAGER)
		json_put(a, child(a, in, f->attr->name, JSON_IS_OBJECT),
		    "value", json_new_str(a, value->v[0]));
	else if (f->sub != NULL)
		json_put(a, child(a, in, f->attr->name, JSON_IS_OBJECT),
		    f->sub->name, json_new_str(a, value->v[0]));
	else
		json_put(a, in, f->attr->name, json_new_str(a, value->v[0]));
}

/* --- who owns what --------------------------------------------------------------- */

static bool same_base(const char *description, const char *ldap)
{
	size_t n = attr_base_len(description);

	return ldap != NULL && *ldap != '\0' && n == attr_base_len(ldap) &&
	    strncasecmp(description, ldap, n) == 0;
}

static bool attr_owns(const struct scim_attr *at, const char *description)
{
	size_t i;

	if (same_base(description, at->ldap))
		return true;
	for (i = 0; i < 2 && at->how != SH_TOKENS; i++)
		if (same_base(description, at->more[i]))
			return true;
	for (i = 0; i < at->n_sub; i++)
		if (same_base(description, at->sub[i].ldap))
			return true;
	return false;
}

bool field_owns(const struct field *f, const char *description)
{
	char option[64];
	size_t n;

	if (f->attr == NULL)
		return false;
	if (f->attr->how == SH_COMPLEX || f->attr->how == SH_ADDRESS) {
		if (!same_base(description, f->sub->ldap))
			return false;
	} else if (!attr_owns(f->attr, description)) {
		return false;
	}
	if (f->type == NULL)
		return true;
	n = strlen(f->type);
	if (n + 3 > sizeof(option))
		return false;
	memcpy(option, "x-", 2);
	memcpy(option + 2, f->type, n + 1);
	return attr_option(description, option);
}

static bool members_own(struct arena *a, const struct scim_resource *r,
    const struct json *in, const char *urn, const char *description)
{
	struct scim_path p = { .urn = urn };
	const struct scim_attr *at, *sub = NULL;
	const struct json *j;

	for (j = in->child; j != NULL; j = j->next) {
		if (urn == NULL && j->kind == JSON_IS_OBJECT &&
		    str_istarts(j->name, "urn:")) {
			if (members_own(a, r, j, j->name, description))
				return true;
			continue;
		}
		p.attr = j->name;
		at = scim_attr_find(r, &p, &sub);
		if (at != NULL && sub == NULL && attr_owns(at, description))
			return true;
	}
	return false;
}

bool field_json_owns(struct arena *a, const struct scim_resource *r,
    const struct json *body, const char *description)
{
	return members_own(a, r, body, NULL, description);
}
