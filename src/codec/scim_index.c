/* SPDX-License-Identifier: ISC */
/* Index keys: what they are, which entry has which, which can be walked in
 * order. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "codec/scim_kind.h"
#include "model/dn.h"

char *scim_number_key(struct arena *a, int64_t i)
{
	return arena_printf(a, "%020" PRIu64, (uint64_t)i ^ UINT64_C(1) << 63);
}

static char *typed_key(struct arena *a, const struct scim_attr *at,
    const char *value)
{
	int64_t i;

	switch (at->type) {
	case ST_INTEGER:
		if (str_int(value, &i))
			return scim_number_key(a, i);
		break;
	case ST_DATETIME:
		if (clock_parse_gt(value, &i))
			return scim_number_key(a, i);
		break;
	case ST_BINARY:
		return arena_strdup(a, value);
	case ST_STRING:
	case ST_BOOLEAN:
	case ST_REFERENCE:
	case ST_COMPLEX:
		break;
	}
	return scim_text_key(a, at, value);
}

char *scim_key(struct arena *a, const struct scim_attr *at,
    const char *value)
{
	char *k = NULL;

	if (at->how == SH_REF_DN || at->how == SH_PERSON)
		k = dn_normal(a, value, NULL);
	return k != NULL ? k : typed_key(a, at, value);
}

char *scim_external_key(struct arena *a, const char *owner, const char *id)
{
	return arena_printf(a, "%s\x1f%s", utf8_fold(a, owner),
	    utf8_squeeze(a, id));
}

/* --- which index ----------------------------------------------------------- */

/* Sub-attributes have indexes of their own; elsewhere the value has it. */
static bool by_sub(const struct scim_attr *at)
{
	return at->how == SH_COMPLEX || at->how == SH_META;
}

int scim_index_of(const struct scim_attr *at, const struct scim_attr *sub)
{
	if (by_sub(at))
		return sub == NULL ? 0 : sub->index;
	return sub == NULL || str_eq(sub->name, "value") ? at->index : 0;
}

/* Is the key the value as it is compared? Not where a reference is stored
 * otherwise than it is shown, or the owner stands in the key. */
static bool ordered(const struct scim_attr *at, const struct scim_attr *sub)
{
	switch (at->how) {
	case SH_COMPLEX:
		return ordered(sub, NULL);
	case SH_PLAIN:
	case SH_REF_KEY:
	case SH_TOOLS:
		return !at->by_id && at->type != ST_BINARY &&
		    at->type != ST_BOOLEAN;
	case SH_TYPED:
		return sub == NULL || sub->type != ST_BINARY;
	case SH_LINES:
	case SH_ID:
	case SH_META:
		return true;
	default:
		return false;
	}
}

int scim_index_ordered(const struct scim_attr *at, const struct scim_attr *sub,
    bool *single)
{
	int index = scim_index_of(at, sub);

	*single = !at->multi && at->how != SH_TYPED && at->how != SH_TOOLS;
	return index != 0 && ordered(at, sub) ? index : 0;
}

/* --- the keys of an entry -------------------------------------------------- */

struct keys {
	struct arena *a;
	struct index_key *v;
	size_t n, cap;
};

static void key_add(struct keys *k, int index, const char *key)
{
	if (k->n == k->cap) {
		size_t cap = k->cap == 0 ? 16 : k->cap * 2;

		k->v = arena_grow(k->a, k->v, k->n, cap, sizeof(*k->v));
		k->cap = cap;
	}
	k->v[k->n++] = (struct index_key){ index, key };
}

/* The key of one field, NULL when the field is not what is indexed. */
static const char *field_key(struct arena *a, const struct scim_attr *at,
    const struct scim_field *f)
{
	switch (f->form) {
	case SF_BOOL:
		return f->i ? "true" : "false";
	case SF_INT:
	case SF_TIME:
		return scim_number_key(a, f->i);
	case SF_EXTERNAL:
		return scim_external_key(a, f->type, f->s);
	case SF_TEXT:
	case SF_DN:
	case SF_KEY:
		return scim_key(a, f->sub != NULL && by_sub(at) ? f->sub : at,
		    f->s);
	case SF_COUNT:
	case SF_MEMBERS:
	case SF_BASE:
	case SF_VERSION:
		break;
	}
	return NULL;
}

static void note_absent(struct keys *k, const struct scim_attr *at,
    const struct scim_attr *sub, size_t from)
{
	bool single;
	int index = scim_index_ordered(at, sub, &single);

	if (index == 0 || !single)
		return;
	for (; from < k->n; from++)
		if (k->v[from].index == index)
			return;
	key_add(k, index | INDEX_ABSENT, "");
}

static void attr_keys(struct keys *k, struct scim_elems *b,
    const struct scim_attr *at)
{
	size_t i, from = k->n;

	scim_elems_of(b, at);
	for (i = 0; i < b->n; i++) {
		const struct scim_field *f = &b->f[i];
		int index = scim_index_of(at, f->sub);
		const char *key = index == 0 ? NULL : field_key(k->a, at, f);

		if (key != NULL)
			key_add(k, index, key);
	}
	if (!by_sub(at))
		note_absent(k, at, NULL, from);
	for (i = 0; by_sub(at) && i < at->n_sub; i++)
		note_absent(k, at, &at->sub[i], from);
}

static bool has_index(const struct scim_attr *at)
{
	size_t i;

	if (at->index != 0)
		return true;
	for (i = 0; by_sub(at) && i < at->n_sub; i++)
		if (at->sub[i].index != 0)
			return true;
	return false;
}

size_t scim_index_keys(struct arena *a, const struct scim_resource *r,
    const struct entry *e, const char *dn_norm, struct index_key **out)
{
	struct keys k = { .a = a };
	struct scim_src src;
	struct scim_elems b = { .a = a, .src = &src, .r = r };
	size_t i, s;

	scim_src_init(&src, e);
	scim_src_hash(a, &src);
	key_add(&k, SCIM_INDEX_DN, dn_norm);
	for (i = 0; i < r->n_common; i++)
		if (has_index(&r->common[i]))
			attr_keys(&k, &b, &r->common[i]);
	for (s = 0; s < r->n_schemas; s++)
		for (i = 0; i < r->schema[s].n; i++)
			if (has_index(&r->schema[s].attr[i]))
				attr_keys(&k, &b, &r->schema[s].attr[i]);
	*out = k.v;
	return k.n;
}
