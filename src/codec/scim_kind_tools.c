/* SPDX-License-Identifier: ISC */
/*
 * tools[]{value accounts[] notBefore notAfter} over three attributes,
 *	provostToolGrant: wan-analysis
 *	provostToolAccount: wan-analysis A-100
 *	provostPeriod: tool:wan-analysis 20260101000000Z -
 * and the same grants as entitlements[] with type "tool".
 */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/scim_kind.h"

enum { VALUE, ACCOUNTS, NOT_BEFORE, NOT_AFTER, DISPLAY };

#define GRANT(at) ((at)->ldap)
#define ACCOUNT(at) ((at)->more[0])
#define PERIOD(at) ((at)->more[1])

/* Values "tool account" of this tool. */
static void put_accounts(struct scim_elems *b, const struct scim_attr *at,
    const char *tool)
{
	const struct attr *la = entry_attr(b->src->e, ACCOUNT(at));
	const char *w[2];
	size_t k;

	for (k = 0; la != NULL && k < la->n; k++)
		if (str_words(b->a, la->v[k].p, w, 2) == 2 &&
		    scim_same_key(b->a, w[0], tool))
			scim_elems_add(b, &at->sub[ACCOUNTS], SF_TEXT, w[1]);
}

/* Is this "tool:T from until" of the tool? Words in w. */
static bool is_period(struct arena *a, const char *value, const char *tool,
    const char *w[3])
{
	if (!str_istarts(value, "tool:"))
		return false;
	if (str_words(a, value, w, 3) != 3)
		return false;
	return scim_same_key(a, w[0] + 5, tool);
}

static void put_period(struct scim_elems *b, const struct scim_attr *at,
    const char *tool)
{
	const struct attr *la = entry_attr(b->src->e, PERIOD(at));
	const char *w[3];
	size_t k;
	int64_t t;

	for (k = 0; la != NULL && k < la->n; k++) {
		if (!is_period(b->a, la->v[k].p, tool, w))
			continue;
		if (clock_parse_gt(w[1], &t))
			scim_elems_add(b, &at->sub[NOT_BEFORE], SF_TIME,
			    NULL)->i = t;
		if (clock_parse_gt(w[2], &t))
			scim_elems_add(b, &at->sub[NOT_AFTER], SF_TIME,
			    NULL)->i = t;
		return;
	}
}

static void tools_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct attr *la;
	size_t i = 0, k;

	la = scim_src_next(b->src, GRANT(at), at->hash, &i);
	for (k = 0; la != NULL && k < la->n; k++) {
		const char *tool = la->v[k].p;

		scim_elems_add(b, &at->sub[VALUE], SF_TEXT, tool);
		put_accounts(b, at, tool);
		put_period(b, at, tool);
		b->n_elems++;
	}
}

static int read_time(struct scim_reading *rd, const struct scim_attr *sub,
    const struct json *j, const char **out, struct err *e)
{
	size_t n;
	int rc;

	*out = NULL;
	if (j == NULL || j->kind == JSON_IS_NULL)
		return 0;
	rc = scim_stored(rd, sub, j, out, &n, e);
	return rc;
}

static int read_period(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *el, const char *tool, struct err *e)
{
	const char *from, *until, *v;
	int rc;

	if (PERIOD(at)[0] == '\0')
		return 0;
	rc = read_time(rd, &at->sub[NOT_BEFORE], json_member(el, "notBefore"),
	    &from, e);
	if (rc == 0)
		rc = read_time(rd, &at->sub[NOT_AFTER],
		    json_member(el, "notAfter"), &until, e);
	if (rc != 0 || (from == NULL && until == NULL))
		return rc;
	if (from != NULL && until != NULL && strcmp(from, until) >= 0)
		return scim_bad(at, e, "%.64s: notAfter must be later than "
		    "notBefore", tool);
	v = arena_printf(rd->a, "tool:%s %s %s", str_word(rd->a, tool),
	    from == NULL ? "-" : from, until == NULL ? "-" : until);
	scim_reading_add(rd, &at->sub[VALUE], PERIOD(at), v, strlen(v));
	return 0;
}

static int read_accounts(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, const char *tool, struct err *e)
{
	const struct scim_attr *sub = &at->sub[ACCOUNTS];
	const struct json *c;
	const char *key, *v;
	int rc = 0;

	if (j == NULL || j->kind == JSON_IS_NULL)
		return 0;
	for (c = scim_first(j); rc == 0 && c != NULL; c = scim_next(j, c)) {
		rc = scim_stored_key(rd, sub, c, &key, e);
		if (rc != 0 || key == NULL)
			continue;
		v = arena_printf(rd->a, "%s %s", str_word(rd->a, tool),
		    str_word(rd->a, key));
		scim_reading_add(rd, sub, ACCOUNT(at), v, strlen(v));
	}
	return rc;
}

static int read_one(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *el, struct strv *seen, struct err *e)
{
	const struct json *v = el->kind == JSON_IS_OBJECT ?
	    json_member(el, "value") : el;
	const char *tool;
	int rc;

	if (v == NULL)
		return scim_bad(&at->sub[VALUE], e, "is missing, expected the "
		    "key of a %s", at->refers);
	rc = scim_stored_key(rd, &at->sub[VALUE], v, &tool, e);
	if (rc != 0 || tool == NULL)
		return rc;
	if (strv_has(seen, scim_fold(rd->a, tool)))
		return scim_bad(at, e, "%.64s is there twice", tool);
	strv_add(rd->a, seen, scim_fold(rd->a, tool));
	scim_reading_add(rd, &at->sub[VALUE], GRANT(at), tool, strlen(tool));
	if (el->kind != JSON_IS_OBJECT)
		return 0;
	rc = read_accounts(rd, at, json_member(el, "accounts"), tool, e);
	return rc == 0 ? read_period(rd, at, el, tool, e) : rc;
}

/* What of an attribute of words does not belong to a grant stays: periods of
 * other rights, and for grants that are kept (tools given) their values. */
static void keep_words(struct scim_reading *rd, const char *ldap,
    const char *prefix, bool (*keep)(struct scim_reading *, const char *,
    const struct strv *), const struct strv *tools)
{
	const struct attr *la = rd->old == NULL || ldap[0] == '\0' ? NULL :
	    entry_attr(rd->old->e, ldap);
	const char *w[3];
	size_t k;

	for (k = 0; la != NULL && k < la->n; k++) {
		const char *v = la->v[k].p;
		int n = str_words(rd->a, v, w, 3);
		bool ours = n > 0 && str_istarts(w[0], prefix);

		if (!ours || keep(rd, w[0] + strlen(prefix), tools))
			entry_add(rd->a, rd->out, ldap, v);
	}
}

static bool keep_named(struct scim_reading *rd, const char *word,
    const struct strv *tools)
{
	const char *slash = strchr(word, '/');
	const char *tool = slash == NULL ? word :
	    arena_strndup(rd->a, word, (size_t)(slash - word));

	return strv_has(tools, scim_fold(rd->a, tool));
}

/* Only periods of single accounts in a tool that is still granted: the rest
 * is in the JSON. */
static bool keep_account_period(struct scim_reading *rd, const char *word,
    const struct strv *tools)
{
	return strchr(word, '/') != NULL && keep_named(rd, word, tools);
}

static int tools_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	struct strv seen = { 0 };
	const struct json *c;
	int rc = 0;

	for (c = scim_first(j); rc == 0 && c != NULL; c = scim_next(j, c))
		rc = read_one(rd, at, c, &seen, e);
	if (rc == 0)
		keep_words(rd, PERIOD(at), "tool:", keep_account_period,
		    &seen);
	return rc;
}

/* No tools, but periods of other rights stay. */
static void tools_absent(struct scim_reading *rd, const struct scim_attr *at,
    bool given)
{
	struct strv none = { 0 };

	(void)given;
	keep_words(rd, PERIOD(at), "tool:", keep_account_period, &none);
}

static const struct scim_sub_def tools_subs[] = {
	{ .name = "value", .description = "The key of the tool" },
	{ .name = "accounts", .multi = true,
	  .description = "The accounts that may be used in the tool" },
	{ .name = "notBefore", .type = ST_DATETIME,
	  .description = "When the grant begins" },
	{ .name = "notAfter", .type = ST_DATETIME,
	  .description = "When the grant ends" },
	{ .name = NULL }
};

const struct scim_kind scim_kind_tools = { .word = "tools", .n_ldap = -1,
	.subs = tools_subs, .elements = tools_elements, .read = tools_read,
	.absent = tools_absent };

/* --- the grants as entitlements ------------------------------------------ */

static void entitlement_elements(struct scim_elems *b,
    const struct scim_attr *at)
{
	const struct attr *la;
	struct scim_field *f;
	size_t i = 0, k;

	la = scim_src_next(b->src, GRANT(at), at->hash, &i);
	for (k = 0; la != NULL && k < la->n; k++) {
		f = scim_elems_add(b, &at->sub[0], SF_KEY, la->v[k].p);
		f->what = 'k';
		f->type = at->refers;
		f = scim_elems_add(b, &at->sub[1], SF_KEY, la->v[k].p);
		f->what = 'n';
		f->type = at->refers;
		scim_elems_add(b, &at->sub[2], SF_TEXT, "tool");
		b->n_elems++;
	}
}

static bool same_grants(struct scim_reading *rd, const struct attr *x,
    const struct attr *y)
{
	size_t i, k;

	if ((x == NULL ? 0 : x->n) != (y == NULL ? 0 : y->n))
		return false;
	for (i = 0; x != NULL && i < x->n; i++) {
		for (k = 0; k < y->n; k++)
			if (scim_same_key(rd->a, x->v[i].p, y->v[k].p))
				break;
		if (k == y->n)
			return false;
	}
	return true;
}

static int entitlements_list(struct scim_reading *rd,
    const struct scim_attr *at, const struct json *j, struct attr *list,
    struct err *e)
{
	const struct json *c;
	struct entry tmp = { 0 };
	const struct attr *la;
	int rc = 0;

	for (c = scim_first(j); rc == 0 && c != NULL; c = scim_next(j, c)) {
		const struct json *v = c->kind == JSON_IS_OBJECT ?
		    json_member(c, "value") : c;
		const char *type = json_member_str(c, "type");
		const char *tool;

		if (type != NULL && !str_ieq(type, "tool")) {
			strv_add(rd->a, &rd->res->ignored, "entitlements of "
			    "a type other than tool");
			continue;
		}
		if (v == NULL)
			continue;
		rc = scim_stored_key(rd, &at->sub[0], v, &tool, e);
		if (rc == 0 && tool != NULL)
			entry_add(rd->a, &tmp, GRANT(at), tool);
	}
	la = entry_attr(&tmp, GRANT(at));
	*list = la == NULL ? (struct attr){ 0 } : *la;
	return rc;
}

/* Exactly these tools; what is kept keeps its accounts and periods. */
static void entitlements_set(struct scim_reading *rd,
    const struct scim_attr *at, const struct attr *list)
{
	struct strv tools = { 0 };
	size_t i;

	scim_reading_clear(rd, GRANT(at));
	scim_reading_clear(rd, ACCOUNT(at));
	scim_reading_clear(rd, PERIOD(at));
	for (i = 0; i < list->n; i++) {
		scim_reading_add(rd, &at->sub[0], GRANT(at), list->v[i].p,
		    list->v[i].n);
		strv_add(rd->a, &tools, scim_fold(rd->a, list->v[i].p));
	}
	keep_words(rd, ACCOUNT(at), "", keep_named, &tools);
	keep_words(rd, PERIOD(at), "tool:", keep_named, &tools);
}

/* tools say the same in more detail: where they have changed they decide. */
static int entitlements_read(struct scim_reading *rd,
    const struct scim_attr *at, const struct json *j, struct err *e)
{
	struct attr list;
	int rc = entitlements_list(rd, at, j, &list, e);

	if (rc != 0 || strv_has(&rd->decided, GRANT(at)))
		return rc;
	if (same_grants(rd, &list, entry_attr(rd->out, GRANT(at))))
		return 0;
	entitlements_set(rd, at, &list);
	return 0;
}

static void entitlements_absent(struct scim_reading *rd,
    const struct scim_attr *at, bool given)
{
	struct attr none = { 0 };

	if (given && !strv_has(&rd->decided, GRANT(at)))
		entitlements_set(rd, at, &none);
}

static const struct scim_sub_def entitlement_subs[] = {
	{ .name = "value", .description = "The key of the tool" },
	{ .name = "display", .mutability = SM_READ_ONLY,
	  .description = "The tool's name" },
	{ .name = "type", .description = "What it is: tool" },
	{ .name = NULL }
};

const struct scim_kind scim_kind_entitlements = { .word = "entitlements",
	.n_ldap = 3, .late = true, .subs = entitlement_subs,
	.elements = entitlement_elements, .read = entitlements_read,
	.absent = entitlements_absent };
