/* SPDX-License-Identifier: ISC */
#include "filter_plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/arena.h"

#define ENT "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define PRO "urn:ietf:params:scim:schemas:extension:provost:2.0:User"

const struct plain_attr plain_attrs[] = {
	{ "", "userName", NULL, PLAIN_TEXT, false },
	{ "", "displayName", NULL, PLAIN_TEXT, false },
	{ "", "title", NULL, PLAIN_TEXT, false },
	{ "", "profileUrl", NULL, PLAIN_EXACT, false },
	{ "", "active", NULL, PLAIN_BOOL, false },
	{ "", "externalId", NULL, PLAIN_EXACT, false },
	{ "", "id", NULL, PLAIN_TEXT, false },
	{ "", "schemas", NULL, PLAIN_EXACT, true },
	{ "", "name", "formatted", PLAIN_TEXT, false },
	{ "", "name", "familyName", PLAIN_TEXT, false },
	{ "", "name", "givenName", PLAIN_TEXT, false },
	{ "", "emails", "value", PLAIN_TEXT, true },
	{ "", "emails", "type", PLAIN_TEXT, true },
	{ "", "emails", "primary", PLAIN_BOOL, true },
	{ "", "roles", "value", PLAIN_TEXT, true },
	{ "", "roles", "display", PLAIN_TEXT, true },
	{ "", "meta", "created", PLAIN_TIME, false },
	{ "", "meta", "lastModified", PLAIN_TIME, false },
	{ "", "meta", "resourceType", PLAIN_TEXT, false },
	{ ENT, "department", NULL, PLAIN_TEXT, false },
	{ ENT, "employeeNumber", NULL, PLAIN_TEXT, false },
	{ ENT, "manager", "value", PLAIN_TEXT, false },
	{ ENT, "manager", "displayName", PLAIN_TEXT, false },
	{ PRO, "state", NULL, PLAIN_TEXT, false },
	{ PRO, "companies", NULL, PLAIN_TEXT, true },
	{ PRO, "preferences", NULL, PLAIN_EXACT, true },
	{ PRO, "cpniAuthorized", NULL, PLAIN_BOOL, false },
	{ PRO, "toolCount", NULL, PLAIN_INT, false },
	{ PRO, "tools", "value", PLAIN_TEXT, true },
	{ PRO, "tools", "accounts", PLAIN_TEXT, true },
	{ PRO, "tools", "notBefore", PLAIN_TIME, true },
	{ NULL, NULL, NULL, PLAIN_TEXT, false },
};

/* --- values ------------------------------------------------------------------- */

char *plain_fold(struct arena *a, const char *s, bool exact)
{
	char *out = arena_alloc(a, strlen(s) + 1), *w = out;

	for (; *s != '\0'; s++) {
		if (*s == ' ' && (w == out || w[-1] == ' '))
			continue;
		*w++ = *s;
		if (!exact && *s >= 'A' && *s <= 'Z')
			w[-1] = (char)(*s + 32);
		/* É is c3 89, é is c3 a9: the one such letter in use here. */
		if (!exact && *s == '\x89' && w - out > 1 && w[-2] == '\xc3')
			w[-1] = '\xa9';
	}
	if (w > out && w[-1] == ' ')
		w--;
	*w = '\0';
	return out;
}

/* "2026-01-02T03:04:05[.25](Z|+01:00)" in microseconds. */
static long long moment(const char *s)
{
	struct tm tm = { 0 };
	char *end = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	long long t = (long long)timegm(&tm) * 1000000;
	int h, m;

	if (*end == '.')
		t += (long long)(strtod(end, &end) * 1e6 + 0.5);
	if (sscanf(end + 1, "%d:%d", &h, &m) == 2)
		t -= (*end == '+' ? 1 : -1) * (h * 60 + m) * 60000000LL;
	return t;
}

static int order(long long x, long long y)
{
	return x < y ? -1 : x > y;
}

static bool holds(enum filter_op op, int cmp)
{
	return op == FILTER_EQ ? cmp == 0 : op == FILTER_GT ? cmp > 0 :
	    op == FILTER_GE ? cmp >= 0 : op == FILTER_LT ? cmp < 0 : cmp <= 0;
}

static bool ends(const char *x, const char *y)
{
	size_t n = strlen(x), k = strlen(y);

	return k <= n && strcmp(x + n - k, y) == 0;
}

static bool text_meets(struct arena *a, enum filter_op op, bool exact,
    const char *x, const char *y)
{
	x = plain_fold(a, x, exact);
	y = plain_fold(a, y, exact);
	if (op == FILTER_CO)
		return strstr(x, y) != NULL;
	if (op == FILTER_SW)
		return strncmp(x, y, strlen(y)) == 0;
	if (op == FILTER_EW)
		return ends(x, y);
	return holds(op, strcmp(x, y));
}

static bool value_meets(struct arena *a, const struct plain_attr *at,
    enum filter_op op, const struct json *j, const char *want)
{
	switch (at->type) {
	case PLAIN_BOOL:
		return j->b == (strcasecmp(want, "true") == 0);
	case PLAIN_INT:
		return holds(op, order(j->i, atoll(want)));
	case PLAIN_TIME:
		return holds(op, order(moment(j->s), moment(want)));
	default:
		return text_meets(a, op, at->type == PLAIN_EXACT, j->s, want);
	}
}

static bool present(const struct json *j)
{
	return j->kind != JSON_IS_NULL && (j->kind != JSON_IS_STRING ||
	    j->s[0] != '\0');
}

/* --- names ---------------------------------------------------------------------- */

/* whole: whatever its parts. */
static const struct plain_attr *find(const char *urn, const char *name,
    const char *sub, bool whole)
{
	const struct plain_attr *at;

	for (at = plain_attrs; at->name != NULL; at++) {
		if (strcasecmp(at->name, name) != 0 ||
		    (urn != NULL && at->urn[0] != '\0' &&
		    strcasecmp(urn, at->urn) != 0))
			continue;
		if (whole || (sub == NULL ? at->sub == NULL ||
		    strcmp(at->sub, "value") == 0 :
		    at->sub == NULL ? strcasecmp(sub, "value") == 0 :
		    strcasecmp(at->sub, sub) == 0))
			return at;
	}
	fprintf(stderr, "no such attribute: %s.%s\n", name, sub ? sub : "");
	abort();
}

static const struct json *place(const struct json *resource,
    const struct plain_attr *at)
{
	return json_member(at->urn[0] == '\0' ? resource :
	    json_member(resource, at->urn), at->name);
}

/* Everything that a term speaks of in one element (or simple value), one after
 * the other. */
static bool element_meets(struct arena *a, const struct plain_attr *at,
    const struct filter *f, enum filter_op op, const struct json *el)
{
	const struct json *j = el;

	if (at->sub != NULL)
		j = json_member(el, at->sub);
	if (j != NULL && j->kind == JSON_IS_ARRAY) {
		for (j = j->child; j != NULL; j = j->next)
			if (op == FILTER_PR ? present(j) :
			    value_meets(a, at, op, j, f->s))
				return true;
		return false;
	}
	if (j == NULL || j->kind == JSON_IS_NULL)
		return false;
	return op == FILTER_PR ? present(j) :
	    value_meets(a, at, op, j, f->s);
}

static bool any_meets(struct arena *a, const struct plain_attr *at,
    const struct filter *f, enum filter_op op, const struct json *all,
    const struct json *one)
{
	const struct json *el;

	if (one != NULL)
		return element_meets(a, at, f, op, one);
	if (all == NULL || all->kind != JSON_IS_ARRAY)
		return all != NULL && element_meets(a, at, f, op, all);
	for (el = all->child; el != NULL; el = el->next)
		if (element_meets(a, at, f, op, el))
			return true;
	return false;
}

/* --- expressions ------------------------------------------------------------------ */

/* of, one: within [], the attribute and the element that is looked at. */
static bool meets(struct arena *a, const struct json *resource,
    const struct filter *f, const char *of, const char *urn,
    const struct json *one);

static bool term(struct arena *a, const struct json *resource,
    const struct filter *f, const char *of, const char *urn,
    const struct json *one)
{
	const struct plain_attr *at = of != NULL ? find(urn, of,
	    f->path.attr, false) : find(f->path.urn, f->path.attr,
	    f->path.sub, false);
	const struct json *all = place(resource, at);
	bool null = f->op != FILTER_PR && f->type == FT_NULL;

	if (null)
		return any_meets(a, at, f, FILTER_PR, all, one) ==
		    (f->op == FILTER_NE);
	if (f->op == FILTER_NE)
		return !any_meets(a, at, f, FILTER_EQ, all, one);
	return any_meets(a, at, f, f->op, all, one);
}

/* attr[left], and attr[left].sub op value as attr[left and sub op value]. */
static bool value_path(struct arena *a, const struct json *resource,
    const struct filter *f, const struct filter *inner,
    const struct filter *last)
{
	const struct plain_attr *at = find(f->path.urn, f->path.attr,
	    NULL, true);
	const struct json *all = place(resource, at), *el;

	el = all != NULL && all->kind == JSON_IS_ARRAY ? all->child : all;
	for (; el != NULL; el = all->kind == JSON_IS_ARRAY ? el->next : NULL)
		if (meets(a, resource, inner, f->path.attr, f->path.urn, el) &&
		    (last == NULL || meets(a, resource, last, f->path.attr,
		    f->path.urn, el)))
			return true;
	return false;
}

static bool meets(struct arena *a, const struct json *resource,
    const struct filter *f, const char *of, const char *urn,
    const struct json *one)
{
	struct filter last;

	switch (f->op) {
	case FILTER_AND:
		return meets(a, resource, f->left, of, urn, one) &&
		    meets(a, resource, f->right, of, urn, one);
	case FILTER_OR:
		return meets(a, resource, f->left, of, urn, one) ||
		    meets(a, resource, f->right, of, urn, one);
	case FILTER_NOT:
		return !meets(a, resource, f->left, of, urn, one);
	case FILTER_VALUE:
		return value_path(a, resource, f, f->left, NULL);
	default:
		break;
	}
	if (f->path.value == NULL)
		return term(a, resource, f, of, urn, one);
	last = *f;
	last.path = (struct scim_path){ .attr = f->path.sub };
	return value_path(a, resource, f, f->path.value, &last);
}

bool plain_match(struct arena *a, const struct json *resource,
    const struct filter *f)
{
	return meets(a, resource, f, NULL, NULL, NULL);
}
