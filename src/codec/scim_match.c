/* SPDX-License-Identifier: ISC */
#include "codec/scim_match.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/scim_kind.h"

struct matching {
	struct arena *a;
	const struct scim_resource *r;
	const struct scim_resolver *rs;
	struct scim_src src;
};

/* The elements that a term looks at: all, or one (inside []). */
struct view_of {
	struct scim_elems *b;
	bool one;
	unsigned elem;
};

static bool eval(struct matching *m, const struct filter *f,
    const struct view_of *in);

/* --- one field ----------------------------------------------------------- */

static const char *looked_up(struct matching *m, const struct scim_field *f)
{
	const struct scim_resolver *rs = m->rs;
	const char *id = NULL, *display = NULL;
	bool found = false;

	if (f->form == SF_KEY && f->what == 'k')
		return f->s;
	if (rs == NULL)
		return NULL;
	if (f->form == SF_DN)
		found = rs->id_of_dn != NULL &&
		    rs->id_of_dn(rs->ctx, m->a, f->s, &id, &display);
	else
		found = rs->of_key != NULL && rs->of_key(rs->ctx, m->a,
		    f->type, f->s, &id, &display);
	if (!found)
		return NULL;
	return f->what == 'n' ? display : id;
}

static bool mine(const struct matching *m, const struct scim_field *f)
{
	const char *me = m->rs == NULL || m->rs->owner == NULL ? "" :
	    m->rs->owner;

	return m->r->owner_attr[0] == '\0' ||
	    (me[0] != '\0' && str_ieq(f->type, me));
}

/* The field as text, NULL when the client would not see any. */
static const char *field_text(struct matching *m, const struct scim_field *f)
{
	switch (f->form) {
	case SF_TEXT:
		return f->s;
	case SF_DN:
	case SF_KEY:
		return looked_up(m, f);
	case SF_EXTERNAL:
		return mine(m, f) ? f->s : NULL;
	case SF_BASE:
		return arena_printf(m->a, "%s%s", m->rs == NULL ? "" :
		    m->rs->base_url, f->s);
	case SF_BOOL:
	case SF_INT:
	case SF_TIME:
	case SF_COUNT:
	case SF_MEMBERS:
	case SF_VERSION:
		break;
	}
	return NULL;
}

static bool field_number(struct matching *m, const struct scim_field *f,
    int64_t *out)
{
	if (f->form == SF_COUNT)
		return m->rs != NULL && m->rs->count != NULL &&
		    m->rs->count(m->rs->ctx, m->src.e, f->s, out);
	if (f->form != SF_BOOL && f->form != SF_INT && f->form != SF_TIME)
		return false;
	*out = f->i;
	return true;
}

static bool is_value(const struct filter *f)
{
	return f->sub == NULL || strcmp(f->sub->name, "value") == 0;
}

/* By what is stored, so that a reference need not be looked up. */
static bool field_equal(struct matching *m, const struct filter *f,
    const struct scim_field *fd, const struct scim_attr *target)
{
	const char *text;

	if (fd->form == SF_EXTERNAL)
		return mine(m, fd) && str_eq(scim_external_key(m->a,
		    m->r->owner_attr[0] == '\0' ? "" : fd->type, fd->s),
		    f->key);
	if (is_value(f) && (fd->form == SF_DN || fd->form == SF_KEY))
		return str_eq(scim_key(m->a, f->attr, fd->s), f->key);
	text = field_text(m, fd);
	return text != NULL && str_eq(scim_text_key(m->a, target, text),
	    f->key);
}

static bool part_of(enum filter_op op, const char *text, const char *part)
{
	size_t n = strlen(text), k = strlen(part);

	if (op == FILTER_CO)
		return strstr(text, part) != NULL;
	if (k > n)
		return false;
	return memcmp(op == FILTER_EW ? text + n - k : text, part, k) == 0;
}

static bool ordered(enum filter_op op, int cmp)
{
	switch (op) {
	case FILTER_GT:
		return cmp > 0;
	case FILTER_GE:
		return cmp >= 0;
	case FILTER_LT:
		return cmp < 0;
	case FILTER_LE:
		return cmp <= 0;
	default:
		return cmp == 0;
	}
}

static bool field_matches(struct matching *m, const struct filter *f,
    enum filter_op op, const struct scim_field *fd)
{
	const struct scim_attr *target = f->sub != NULL ? f->sub : f->attr;
	const char *text;
	int64_t i;

	if (field_number(m, fd, &i)) {
		if (target->type == ST_BOOLEAN)
			return (i != 0) == str_eq(f->key, "true");
		return ordered(op, i < f->i ? -1 : i > f->i);
	}
	if (op == FILTER_EQ)
		return field_equal(m, f, fd, target);
	text = field_text(m, fd);
	if (text == NULL)
		return false;
	text = scim_text_key(m->a, target, text);
	if (op == FILTER_CO || op == FILTER_SW || op == FILTER_EW)
		return part_of(op, text, f->key);
	return ordered(op, strcmp(text, f->key));
}

static bool field_present(struct matching *m, const struct scim_field *fd)
{
	const char *text;
	int64_t i;

	if (fd->form == SF_VERSION || field_number(m, fd, &i))
		return true;
	text = field_text(m, fd);
	return text != NULL && text[0] != '\0';
}

/* --- terms --------------------------------------------------------------- */

static bool any_field(struct matching *m, const struct filter *f,
    enum filter_op op, const struct view_of *in)
{
	size_t i;

	for (i = 0; i < in->b->n; i++) {
		const struct scim_field *fd = &in->b->f[i];

		if (in->one && fd->elem != in->elem)
			continue;
		if (f->sub != NULL && fd->sub != f->sub)
			continue;
		if (op == FILTER_PR ? field_present(m, fd) :
		    field_matches(m, f, op, fd))
			return true;
	}
	return false;
}

/* Without going through all the members of a large group. */
static bool is_member(struct matching *m, const struct filter *f)
{
	const char *key = entry_get(m->src.e, m->r->rdn);

	return key != NULL && m->rs->is_member(m->rs->ctx, key, f->s);
}

static bool compare(struct matching *m, const struct filter *f,
    const struct view_of *in)
{
	struct scim_elems b = { .a = m->a, .src = &m->src, .r = m->r,
		.rs = m->rs };
	struct view_of all = { .b = &b };

	if (f->attr->how == SH_MEMBERS && is_value(f) && in == NULL &&
	    (f->op == FILTER_EQ || f->op == FILTER_NE) && m->rs != NULL &&
	    m->rs->is_member != NULL)
		return is_member(m, f) == (f->op == FILTER_EQ);
	if (in == NULL) {
		scim_elems_of(&b, f->attr);
		in = &all;
	}
	if (f->op == FILTER_NE)
		return !any_field(m, f, FILTER_EQ, in);
	return any_field(m, f, f->op, in);
}

/* What refers to something that is gone is not shown, so it is no element. */
static bool shown(struct matching *m, const struct view_of *one)
{
	size_t i;

	for (i = 0; i < one->b->n; i++) {
		const struct scim_field *fd = &one->b->f[i];

		if (fd->elem == one->elem && ((fd->form != SF_DN &&
		    fd->form != SF_KEY) || looked_up(m, fd) != NULL))
			return true;
	}
	return false;
}

static bool value_path(struct matching *m, const struct filter *f)
{
	struct scim_elems b = { .a = m->a, .src = &m->src, .r = m->r,
		.rs = m->rs };
	struct view_of one = { .b = &b, .one = true };

	scim_elems_of(&b, f->attr);
	for (; one.elem < b.n_elems; one.elem++)
		if (shown(m, &one) && eval(m, f->left, &one))
			return true;
	return false;
}

static bool eval(struct matching *m, const struct filter *f,
    const struct view_of *in)
{
	switch (f->op) {
	case FILTER_AND:
		return eval(m, f->left, in) && eval(m, f->right, in);
	case FILTER_OR:
		return eval(m, f->left, in) || eval(m, f->right, in);
	case FILTER_NOT:
		return !eval(m, f->left, in);
	case FILTER_VALUE:
		return value_path(m, f);
	case FILTER_TRUE:
	case FILTER_FALSE:
		return f->op == FILTER_TRUE;
	default:
		return compare(m, f, in);
	}
}

bool scim_match(struct arena *a, const struct scim_resource *r,
    const struct entry *e, const struct filter *f,
    const struct scim_resolver *rs)
{
	struct matching m = { .a = a, .r = r, .rs = rs };

	scim_src_init(&m.src, e);
	return eval(&m, f, NULL);
}

/* --- sorting ------------------------------------------------------------- */

/* The element that counts: the primary one, else the first. */
static unsigned chosen(const struct scim_elems *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (b->f[i].sub != NULL && b->f[i].form == SF_BOOL &&
		    b->f[i].i && strcmp(b->f[i].sub->name, "primary") == 0)
			return b->f[i].elem;
	return 0;
}

static char *field_sort_key(struct matching *m, const struct scim_attr *target,
    const struct scim_field *fd)
{
	const char *text;
	int64_t i;

	if (field_number(m, fd, &i))
		return scim_number_key(m->a, i);
	text = field_text(m, fd);
	return text == NULL ? NULL : scim_text_key(m->a, target, text);
}

char *scim_sort_key(struct arena *a, const struct scim_resource *r,
    const struct entry *e, const struct scim_attr *attr,
    const struct scim_attr *sub, const struct scim_resolver *rs)
{
	struct matching m = { .a = a, .r = r, .rs = rs };
	struct scim_elems b = { .a = a, .src = &m.src, .r = r, .rs = rs };
	unsigned elem;
	size_t i;

	if (sub == NULL)
		sub = scim_sub(attr, "value");
	scim_src_init(&m.src, e);
	scim_elems_of(&b, attr);
	elem = chosen(&b);
	for (i = 0; i < b.n; i++)
		if (b.f[i].elem == elem && (sub == NULL || b.f[i].sub == sub))
			return field_sort_key(&m, sub != NULL ? sub : attr,
			    &b.f[i]);
	return NULL;
}
