/* SPDX-License-Identifier: ISC */
#include "store/pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct pack_head {
	uint32_t len;		/* of the whole record */
	uint32_t json_len;
	uint32_t n_keys, n_attrs, n_vals;
	uint16_t csn_len;
	uint8_t type, unused;
	int64_t created, modified;
};

static int key_cmp(const void *x, const void *y)
{
	const struct index_key *a = x, *b = y;

	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return strcmp(a->key, b->key);
}

size_t pack_sort_keys(struct arena *a, const struct index_key *in, size_t n,
    struct index_key **out)
{
	struct index_key *k = arena_array(a, n, sizeof(*k));
	size_t i, m = 0;

	*out = k;
	if (n == 0)
		return 0;
	memcpy(k, in, n * sizeof(*k));
	qsort(k, n, sizeof(*k), key_cmp);
	for (i = 0; i < n; i++)
		if (m == 0 || key_cmp(&k[m - 1], &k[i]) != 0)
			k[m++] = k[i];
	return m;
}

static void put_u32(struct buf *b, size_t v)
{
	uint32_t u = (uint32_t)v;

	buf_put(b, &u, sizeof(u));
}

static const char *or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

static void put_str(struct buf *b, const char *s)
{
	s = or_empty(s);
	buf_put(b, s, strlen(s) + 1);
}

static void put_attr(struct buf *b, const struct attr *t)
{
	size_t i;

	put_str(b, t->name);
	put_u32(b, t->n);
	for (i = 0; i < t->n; i++) {
		put_u32(b, t->v[i].n);
		buf_put(b, t->v[i].p, t->v[i].n);
		buf_putc(b, '\0');
	}
}

static struct pack_head make_head(const struct view_record *rec,
    size_t n_keys)
{
	const struct entry *en = rec->entry;
	struct pack_head h = { .json_len = (uint32_t)rec->json_len,
	    .n_keys = (uint32_t)n_keys, .n_attrs = (uint32_t)en->n,
	    .csn_len = (uint16_t)strlen(or_empty(en->csn)),
	    .type = (uint8_t)rec->type, .created = en->created,
	    .modified = en->modified };
	size_t i;

	for (i = 0; i < en->n; i++)
		h.n_vals += (uint32_t)en->a[i].n;
	return h;
}

void pack_record(struct buf *b, const struct view_record *rec,
    const struct index_key *key, size_t n_keys)
{
	const struct entry *en = rec->entry;
	struct pack_head h = make_head(rec, n_keys);
	size_t start = b->len, i;

	buf_put(b, &h, sizeof(h));
	buf_put(b, or_empty(en->csn), h.csn_len);
	buf_putc(b, '\0');
	buf_put(b, rec->json, rec->json_len);
	buf_putc(b, '\0');
	put_str(b, en->dn);
	put_str(b, en->creator);
	put_str(b, en->modifier);
	for (i = 0; i < n_keys; i++) {
		uint16_t index = (uint16_t)key[i].index;

		buf_put(b, &index, sizeof(index));
		put_str(b, key[i].key);
	}
	for (i = 0; i < en->n; i++)
		put_attr(b, &en->a[i]);
	if (b->failed)
		return;
	h.len = (uint32_t)(b->len - start);
	memcpy(b->data + start, &h, sizeof(h));
}

/* A reader with a sticky error: once bad, all it gives is empty. */
struct cur {
	const char *p, *end;
	bool bad;
};

static const void *take(struct cur *c, size_t n)
{
	const char *p = c->p;

	if (c->bad || n > (size_t)(c->end - c->p)) {
		c->bad = true;
		return NULL;
	}
	c->p += n;
	return p;
}

static uint32_t take_u32(struct cur *c)
{
	const void *p = take(c, sizeof(uint32_t));
	uint32_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof(v));
	return v;
}

static const char *take_str(struct cur *c)
{
	const char *nul = c->bad ? NULL :
	    memchr(c->p, '\0', (size_t)(c->end - c->p));
	const char *s = nul == NULL ? NULL :
	    take(c, (size_t)(nul - c->p) + 1);

	if (s == NULL)
		c->bad = true;
	return s == NULL ? "" : s;
}

/* n bytes that a NUL follows. */
static const char *take_text(struct cur *c, size_t n)
{
	const char *s = take(c, n + 1);

	if (s == NULL || s[n] != '\0')
		c->bad = true;
	return c->bad ? "" : s;
}

int pack_open(const void *p, size_t n, struct view_item *out)
{
	struct pack_head h;
	struct cur c = { p, (const char *)p + n, false };

	if (n < sizeof(h))
		return ERR_CORRUPT;
	memcpy(&h, take(&c, sizeof(h)), sizeof(h));
	out->type = h.type;
	out->created = h.created;
	out->csn = take_text(&c, h.csn_len);
	out->json = take_text(&c, h.json_len);
	out->json_len = h.json_len;
	out->packed = p;
	out->packed_len = n;
	return c.bad || h.len != n ? ERR_CORRUPT : 0;
}

/* Past csn and json of a record that pack_open found good. */
static struct cur body(const struct view_item *item, struct pack_head *h)
{
	struct cur c = { item->packed,
	    (const char *)item->packed + item->packed_len, false };

	memcpy(h, take(&c, sizeof(*h)), sizeof(*h));
	take(&c, (size_t)h->csn_len + 1);
	take(&c, (size_t)h->json_len + 1);
	return c;
}

static int take_index(struct cur *c)
{
	const void *p = take(c, sizeof(uint16_t));
	uint16_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof(v));
	return v;
}

/* A count in the header is believed only as far as the bytes can hold it:
 * every counted thing takes at least least bytes. */
static bool fits(const struct cur *c, size_t count, size_t least)
{
	return count <= (size_t)(c->end - c->p) / least;
}

int pack_keys(struct arena *a, const struct view_item *item,
    struct index_key **key, size_t *n)
{
	struct pack_head h;
	struct cur c = body(item, &h);
	size_t i;

	*n = 0;
	take_str(&c);
	take_str(&c);
	take_str(&c);
	if (c.bad || !fits(&c, h.n_keys, 3))
		return ERR_CORRUPT;
	*key = arena_array(a, h.n_keys, sizeof(**key));
	for (i = 0; i < h.n_keys; i++) {
		(*key)[i].index = take_index(&c);
		(*key)[i].key = take_str(&c);
	}
	if (c.bad)
		return ERR_CORRUPT;
	*n = h.n_keys;
	return 0;
}

/* One attribute; *v is where its values go, *left how many may. */
static void take_attr(struct cur *c, struct attr *t, struct val **v,
    size_t *left)
{
	size_t i;

	t->name = take_str(c);
	t->n = t->cap = take_u32(c);
	t->v = *v;
	if (t->n > *left)
		c->bad = true;
	for (i = 0; !c->bad && i < t->n; i++) {
		t->v[i].n = take_u32(c);
		t->v[i].p = take_text(c, t->v[i].n);
	}
	if (c->bad)
		return;
	*v += t->n;
	*left -= t->n;
}

static void take_entry(struct arena *a, struct cur *c, struct entry *en,
    const struct pack_head *h)
{
	size_t i, left = h->n_vals;
	struct val *v;

	en->dn = take_str(c);
	en->creator = take_str(c);
	en->modifier = take_str(c);
	for (i = 0; i < h->n_keys && !c->bad; i++) {
		take_index(c);
		take_str(c);
	}
	if (c->bad || !fits(c, h->n_attrs, 5) || !fits(c, h->n_vals, 5)) {
		c->bad = true;
		return;
	}
	en->a = arena_array(a, h->n_attrs, sizeof(*en->a));
	v = arena_array(a, h->n_vals, sizeof(*v));
	en->n = en->cap = h->n_attrs;
	for (i = 0; i < en->n && !c->bad; i++)
		take_attr(c, &en->a[i], &v, &left);
}

int pack_entry(struct arena *a, struct view_item *item)
{
	struct entry *en = &item->entry;
	struct pack_head h;
	struct cur c = body(item, &h);

	*en = (struct entry){ .dn = "", .csn = item->csn, .creator = "",
	    .modifier = "", .created = h.created, .modified = h.modified };
	memcpy(en->uuid, item->uuid, 16);
	take_entry(a, &c, en, &h);
	if (!c.bad)
		return 0;
	en->dn = "";
	en->n = en->cap = 0;
	return ERR_CORRUPT;
}
