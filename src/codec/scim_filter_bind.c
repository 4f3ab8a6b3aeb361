/* SPDX-License-Identifier: ISC */
/* Resolving a parsed filter against a resource type. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/scim_filter.h"
#include "codec/scim_kind.h"
#include "model/dn.h"

#define GROUPS_MAX 60		/* that a term is made of: below query's 64 */

struct binding {
	struct arena *a;
	const struct scim_resource *r;
	const struct scim_resolver *rs;
	const struct scim_map *any;	/* names of all of its types will do;
					 * NULL: only those of r */
	struct err *e;
};

static int bad(struct binding *b, const struct filter *f, const char *what)
{
	return err_kind(b->e, ERR_INVALID, "invalidFilter",
	    "filter: %.64s%s%.64s: %s", f->path.attr,
	    f->path.sub == NULL ? "" : ".",
	    f->path.sub == NULL ? "" : f->path.sub, what);
}

/* --- values in the form in which they are compared ------------------------ */

static bool equality(const struct filter *f)
{
	return f->op == FILTER_EQ || f->op == FILTER_NE;
}

/* The id of what is referred to, as it is stored: a DN or a natural key. An
 * id that nothing has is a key that nothing has. */
static const char *id_key(struct binding *b, const struct scim_attr *at,
    const char *type, const char *id, bool dn)
{
	const char *s = NULL;

	if (!dn)
		s = scim_key_of_id(b->a, b->rs, type, id);
	else if (b->rs == NULL || b->rs->dn_of_id == NULL ||
	    !b->rs->dn_of_id(b->rs->ctx, b->a, type, id, &s))
		s = NULL;
	return s == NULL ? "" : scim_key(b->a, at, s);
}

static const char *external_key(struct binding *b, const char *id)
{
	const char *me = b->rs == NULL || b->rs->owner == NULL ? "" :
	    b->rs->owner;

	if (b->r->owner_attr[0] != '\0' && me[0] == '\0')
		return "";
	return scim_external_key(b->a, b->r->owner_attr[0] == '\0' ? "" : me,
	    id);
}

/* The sub-attribute of a reference that is stored; others are looked up. */
static bool is_value(const struct filter *f)
{
	return f->sub == NULL || strcmp(f->sub->name, "value") == 0;
}

static const char *text_key(struct binding *b, struct filter *f,
    const struct scim_attr *target)
{
	const struct scim_attr *at = f->attr;

	if (equality(f) && is_value(f)) {
		if (at->how == SH_REF_DN || at->how == SH_PERSON)
			return id_key(b, at, at->refers, f->s, true);
		if (at->by_id && at->how != SH_MEMBERS)
			return id_key(b, at, at->refers, f->s, false);
		if (at->how == SH_EXTERNAL_ID)
			return external_key(b, f->s);
	}
	return scim_text_key(b->a, target, f->s);
}

static int bind_bool(struct binding *b, struct filter *f)
{
	if (!equality(f))
		return bad(b, f, "a boolean is compared by eq and ne only");
	if (str_ieq(f->s, "true"))
		f->key = "true";
	else if (str_ieq(f->s, "false"))
		f->key = "false";
	else
		return bad(b, f, "expected true or false");
	return 0;
}

static int bind_int(struct binding *b, struct filter *f)
{
	int64_t i;

	if (f->op == FILTER_CO || f->op == FILTER_SW || f->op == FILTER_EW)
		return bad(b, f, "a number has no parts: co, sw and ew are "
		    "for strings");
	if (!str_int(f->s, &i))
		return bad(b, f, "expected an integer");
	f->i = i;
	f->key = scim_number_key(b->a, i);
	return 0;
}

static int bind_time(struct binding *b, struct filter *f)
{
	if (f->op == FILTER_CO || f->op == FILTER_SW || f->op == FILTER_EW)
		return bad(b, f, "a time has no parts: co, sw and ew are "
		    "for strings");
	if (!clock_parse_rfc3339(f->s, &f->i))
		return bad(b, f, "expected a date and time such as "
		    "\"2026-11-22T12:00:00Z\"");
	f->key = scim_number_key(b->a, f->i);
	return 0;
}

/* "eq null" is "not present" (RFC 7643 2.5: null is no value). */
static int bind_null(struct binding *b, struct filter *f)
{
	struct filter *pr;

	if (!equality(f))
		return bad(b, f, "null is compared by eq and ne only");
	if (f->op == FILTER_NE) {
		f->op = FILTER_PR;
		return 0;
	}
	pr = arena_memdup(b->a, f, sizeof(*f));
	pr->op = FILTER_PR;
	*f = (struct filter){ .op = FILTER_NOT, .left = pr };
	return 0;
}

static int bind_value(struct binding *b, struct filter *f)
{
	const struct scim_attr *target = f->sub != NULL ? f->sub : f->attr;

	if (f->op == FILTER_PR)
		return 0;
	if (f->type == FT_NULL)
		return bind_null(b, f);
	switch (target->type) {
	case ST_BOOLEAN:
		return bind_bool(b, f);
	case ST_INTEGER:
		return bind_int(b, f);
	case ST_DATETIME:
		return bind_time(b, f);
	case ST_COMPLEX:
		return bad(b, f, "has sub-attributes: name one of them");
	case ST_STRING:
	case ST_REFERENCE:
	case ST_BINARY:
		break;
	}
	f->key = text_key(b, f, target);
	return 0;
}

/* --- what can be known without looking ------------------------------------- */

static void constant(struct filter *f, bool yes)
{
	*f = (struct filter){ .op = yes ? FILTER_TRUE : FILTER_FALSE,
		.path = f->path };
}

/* "schemas eq": the core is everybody's, an unknown one nobody's. */
static void bind_schemas(struct binding *b, struct filter *f)
{
	const struct scim_resource *r = b->r;
	size_t i;

	for (i = 0; i < r->n_schemas; i++)
		if (str_eq(scim_text_key(b->a, f->attr, r->schema[i].urn),
		    f->key))
			break;
	if (i == r->n_schemas)
		constant(f, false);
	else if (i == 0 || r->schema[i].required)
		constant(f, true);
}

static bool is_sub(const struct filter *f, const char *name)
{
	return f->sub != NULL && strcmp(f->sub->name, name) == 0;
}

static void bind_constant(struct binding *b, struct filter *f)
{
	if (f->op == FILTER_PR && f->sub == NULL && (f->attr->how == SH_META ||
	    f->attr->how == SH_ID || f->attr->how == SH_SCHEMAS))
		constant(f, true);
	else if (f->op == FILTER_EQ && f->attr->how == SH_SCHEMAS)
		bind_schemas(b, f);
	else if (equality(f) && f->attr->how == SH_META &&
	    is_sub(f, "resourceType"))
		constant(f, str_eq(scim_text_key(b->a, f->sub, b->r->name),
		    f->key) == (f->op == FILTER_EQ));
}

static void bind_index(struct filter *f)
{
	bool single;
	int index = scim_index_ordered(f->attr, f->sub, &single);

	switch (f->op) {
	case FILTER_EQ:
		f->index = scim_index_of(f->attr, f->sub);
		f->single = index != 0 && single;
		break;
	case FILTER_SW:
	case FILTER_GT:
	case FILTER_GE:
	case FILTER_LT:
	case FILTER_LE:
		f->index = index;
		f->single = single;
		break;
	case FILTER_PR:
		f->index = single ? index : 0;
		f->single = single;
		return;
	default:
		return;
	}
	if (f->attr->how == SH_META && is_sub(f, "created"))
		f->index = INDEX_CREATED;
}

/* --- active, by the index of the state that it is made of ------------------- */

static struct filter *node(struct binding *b, enum filter_op op,
    struct filter *left, struct filter *right)
{
	struct filter *f = arena_alloc(b->a, sizeof(*f));

	f->op = op;
	f->left = left;
	f->right = right;
	return f;
}

static struct filter *state_term(struct binding *b, enum filter_op op,
    const struct scim_attr *state, const char *word)
{
	struct filter *f = node(b, op, NULL, NULL);

	f->path = (struct scim_path){ .attr = state->name };
	f->s = f->key = word;
	f->attr = state;
	bind_index(f);
	return f;
}

/* The same state as a word, indexed; NULL: there is none. */
static const struct scim_attr *state_of(const struct scim_resource *r,
    const struct scim_attr *active)
{
	size_t i, k;

	for (i = 0; i < r->n_schemas; i++)
		for (k = 0; k < r->schema[i].n; k++) {
			const struct scim_attr *at = &r->schema[i].attr[k];

			if (at->how == SH_PLAIN && at->index != 0 &&
			    !at->case_exact && !at->multi &&
			    str_ieq(at->ldap, active->ldap))
				return at;
		}
	return NULL;
}

/* False is one of two words, true every other. */
static void bind_active(struct binding *b, struct filter *f)
{
	const struct scim_attr *at = state_of(b->r, f->attr);
	struct filter *low, *high;

	if (at == NULL)
		return;
	if (strcmp(f->key, "false") == 0) {
		low = state_term(b, FILTER_EQ, at, SCIM_STATE_LEFT);
		high = state_term(b, FILTER_EQ, at, SCIM_STATE_SUSPENDED);
	} else {
		low = node(b, FILTER_OR,
		    state_term(b, FILTER_LT, at, SCIM_STATE_LEFT),
		    state_term(b, FILTER_GT, at, SCIM_STATE_SUSPENDED));
		high = node(b, FILTER_AND,
		    state_term(b, FILTER_GT, at, SCIM_STATE_LEFT),
		    state_term(b, FILTER_LT, at, SCIM_STATE_SUSPENDED));
	}
	*f = *node(b, FILTER_OR, low, high);
}

/* --- members eq "x" -------------------------------------------------------- */

struct groups {
	struct binding *b;
	const struct scim_attr *id;
	struct filter *any;		/* id eq "g1" or id eq "g2" ... */
	size_t n;
};

static struct filter *id_term(struct groups *g, const char *id)
{
	struct filter *t = arena_alloc(g->b->a, sizeof(*t));

	*t = (struct filter){ .op = FILTER_EQ, .type = FT_STRING, .s = id,
		.path = { .attr = g->id->name }, .attr = g->id,
		.key = scim_text_key(g->b->a, g->id, id) };
	bind_index(t);
	return t;
}

static void one_group(void *arg, const char *id)
{
	struct groups *g = arg;
	struct filter *t;

	if (g->n++ >= GROUPS_MAX)
		return;
	t = id_term(g, id);
	g->any = g->any == NULL ? t : node(g->b, FILTER_OR, g->any, t);
}

/* Who is in it stands on the person's entry: these groups, by their ids. Of a
 * person in very many groups the term stays, and each group is asked. */
static void by_groups(struct binding *b, struct filter *f)
{
	const struct scim_resource *r = b->r;
	struct groups g = { .b = b };
	size_t i;

	for (i = 0; i < r->n_common; i++)
		if (r->common[i].how == SH_ID)
			g.id = &r->common[i];
	if (g.id == NULL || b->rs == NULL || b->rs->groups_of == NULL ||
	    !b->rs->groups_of(b->rs->ctx, b->a, r->name, f->s, one_group, &g)
	    || g.n > GROUPS_MAX)
		return;
	*f = g.any != NULL ? *g.any : *id_term(&g, "");
}

static bool is_member_term(const struct filter *f)
{
	return f->op == FILTER_EQ && f->attr->how == SH_MEMBERS &&
	    is_value(f);
}

static const struct filter *member_term(const struct filter *f)
{
	const struct filter *t;

	if (is_member_term(f))
		return f;
	if (f->op != FILTER_AND)
		return NULL;
	t = member_term(f->left);
	return t != NULL ? t : member_term(f->right);
}

/* members[x and value eq y] is among the groups with members eq y. */
static void use_groups(struct binding *b, struct filter *f)
{
	const struct filter *t = member_term(f->left);
	struct filter *whole, *term;

	if (t == NULL)
		return;
	term = arena_memdup(b->a, t, sizeof(*t));
	term->path = f->path;
	term->path.sub = t->path.attr;
	by_groups(b, term);
	if (t == f->left) {
		*f = *term;
		return;
	}
	whole = arena_memdup(b->a, f, sizeof(*f));
	*f = *node(b, FILTER_AND, term, whole);
}

/* --- names ---------------------------------------------------------------- */

static int bind_inner(struct binding *b, struct filter *f,
    const struct scim_attr *parent)
{
	f->attr = parent;
	if (f->path.urn == NULL && f->path.sub == NULL)
		f->sub = scim_sub(parent, f->path.attr);
	if (f->sub == NULL && (parent->n_sub > 0 ||
	    !str_ieq(f->path.attr, "value")))
		return bad(b, f, "there is no such sub-attribute");
	return 0;
}

static int bind_name(struct binding *b, struct filter *f)
{
	const struct scim_attr *sub;

	f->attr = scim_attr_find(b->r, &f->path, &sub);
	f->sub = sub;
	if (f->attr == NULL)
		return err_kind(b->e, ERR_INVALID, "invalidFilter",
		    "filter: %s has no attribute %.64s%s%.64s", b->r->name,
		    f->path.attr, f->path.sub == NULL ? "" : ".",
		    f->path.sub == NULL ? "" : f->path.sub);
	if (f->sub == NULL && f->op != FILTER_VALUE && f->op != FILTER_PR)
		f->sub = scim_sub(f->attr, "value");
	return 0;
}

/* What is never returned could be guessed by filtering (RFC 7644 7.5.2). */
static int bind_leaf(struct binding *b, struct filter *f,
    const struct scim_attr *parent)
{
	int rc = parent != NULL ? bind_inner(b, f, parent) : bind_name(b, f);

	if (rc != 0)
		return rc;
	if (f->attr->returned == SR_NEVER ||
	    (f->sub != NULL && f->sub->returned == SR_NEVER))
		return bad(b, f, "is never returned and can't be filtered by");
	return 0;
}

static int bind(struct binding *b, struct filter *f,
    const struct scim_attr *parent);

static int bind_term(struct binding *b, struct filter *f,
    const struct scim_attr *parent)
{
	int rc = bind_leaf(b, f, parent);

	if (rc == 0)
		rc = bind_value(b, f);
	if (rc != 0)
		return rc;
	if (f->op == FILTER_NOT)	/* "eq null" */
		f = f->left;
	bind_constant(b, f);
	if (f->attr != NULL)
		bind_index(f);
	if (parent == NULL && is_member_term(f))
		by_groups(b, f);
	if (f->op == FILTER_EQ && f->attr->how == SH_STATE && parent == NULL)
		bind_active(b, f);
	return 0;
}

/* Would another type take f? */
static bool taken(struct binding *b, const struct filter *f,
    const struct scim_attr *parent)
{
	struct scim_path path = { .attr = parent == NULL ? "" :
	    parent->name };
	size_t i;

	for (i = 0; i < b->any->n; i++) {
		struct binding other = { .a = b->a, .rs = b->rs,
			.r = &b->any->resource[i] };
		const struct scim_attr *at = NULL, *sub;
		struct filter copy = *f;

		if (parent != NULL) {
			at = scim_attr_find(other.r, &path, &sub);
			if (at == NULL)
				continue;
		}
		if ((f->op == FILTER_VALUE ? bind_leaf : bind_term)(&other,
		    &copy, at) == 0)
			return true;
	}
	return false;
}

/* RFC 7644 3.4.2.1: what only other types have is without a value here. */
static int elsewhere(struct binding *b, struct filter *f,
    const struct scim_attr *parent, int rc)
{
	if (b->any == NULL || !taken(b, f, parent))
		return rc;
	constant(f, f->type == FT_NULL ? f->op == FILTER_EQ :
	    f->op == FILTER_NE);
	return 0;
}

static int bind_value_path(struct binding *b, struct filter *f,
    const struct scim_attr *parent)
{
	int rc;

	if (parent != NULL)
		return bad(b, f, "a filter in [] can't stand inside another");
	rc = bind_leaf(b, f, NULL);
	if (rc != 0)
		return elsewhere(b, f, NULL, rc);
	rc = bind(b, f->left, f->attr);
	if (rc == 0)
		use_groups(b, f);
	return rc;
}

/* a[x].sub op v: one element meets x and has such a sub. */
static int bind_filtered(struct binding *b, struct filter *f,
    const struct scim_attr *parent)
{
	struct filter *both = arena_alloc(b->a, sizeof(*both));
	struct filter *leaf = arena_memdup(b->a, f, sizeof(*f));

	leaf->path = (struct scim_path){ .attr = f->path.sub };
	*both = (struct filter){ .op = FILTER_AND, .left = f->path.value,
		.right = leaf };
	f->op = FILTER_VALUE;
	f->left = both;
	f->path.value = NULL;
	f->path.sub = NULL;
	return bind_value_path(b, f, parent);
}

static int bind(struct binding *b, struct filter *f,
    const struct scim_attr *parent)
{
	int rc;

	if (f->op == FILTER_AND || f->op == FILTER_OR || f->op == FILTER_NOT) {
		rc = bind(b, f->left, parent);
		if (rc == 0 && f->right != NULL)
			rc = bind(b, f->right, parent);
		return rc;
	}
	if (f->op == FILTER_VALUE)
		return bind_value_path(b, f, parent);
	if (f->path.value != NULL)
		return bind_filtered(b, f, parent);
	rc = bind_term(b, f, parent);
	return rc == 0 ? 0 : elsewhere(b, f, parent, rc);
}

int scim_filter_bind(struct arena *a, struct filter *f,
    const struct scim_resource *r, const struct scim_resolver *rs,
    struct err *e)
{
	struct binding b = { .a = a, .r = r, .rs = rs, .e = e };

	return bind(&b, f, NULL);
}

int scim_filter_bind_any(struct arena *a, struct filter *f,
    const struct scim_map *m, const struct scim_resource *r,
    const struct scim_resolver *rs, struct err *e)
{
	struct binding b = { .a = a, .r = r, .rs = rs, .any = m, .e = e };

	return bind(&b, f, NULL);
}
