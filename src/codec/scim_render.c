/* SPDX-License-Identifier: ISC */
/*
 * A stored rendering:
 *	b7c1f0a2944e3d11			version, 16 hex digits
 *	{"schemas":[...],"id":"...",...}	JSON with splices
 * A splice is 0x01, its kind, the length of what follows as two bytes (low
 * first), and NUL-terminated strings:
 *	D name type dn {what sub}...	\ the object, for what a person or a
 *	K name type key {what sub}...	/ key refers to; sub "" is a plain
 *					value; what t and b bring their text
 *	C name				a count; "c" a boolean one
 *	M name type key			members of a group
 *	X name owner id			externalId
 *	B path				base URL with path behind it
 *	V				the member "version"
 * JSON holds no byte below 0x20, so 0x01 can't be anything else. name is ""
 * inside an array. All but B bring the comma before them with them,
 * since they may turn out to be nothing.
 */
#include "codec/scim_render.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "codec/json.h"
#include "codec/scim_kind.h"
#include "codec/scim_projection.h"

#define VERSION_LEN 16

struct rendering {
	struct scim_elems b;
	struct buf *out;
	const struct scim_projection *p;
};

/* --- splices ------------------------------------------------------------- */

static size_t splice_begin(struct buf *out, char kind)
{
	char head[4] = { 1, kind, 0, 0 };

	buf_put(out, head, sizeof(head));
	return out->len;
}

static void splice_str(struct buf *out, const char *s)
{
	buf_put(out, s, strlen(s) + 1);
}

/* What is too long for two bytes of length is left out. */
static void splice_end(struct buf *out, size_t begin)
{
	size_t n = out->len - begin;

	if (out->failed)
		return;
	if (n > 0xffff) {
		out->len = begin - 4;
		out->data[out->len] = '\0';
		return;
	}
	out->data[begin - 2] = (char)(n & 0xff);
	out->data[begin - 1] = (char)(n >> 8);
}

static void put_ref(struct rendering *w, const char *name,
    const struct scim_field *f, size_t n)
{
	struct buf *out = w->out;
	size_t i, begin = splice_begin(out, f->form == SF_DN ? 'D' : 'K');

	splice_str(out, name);
	splice_str(out, f->type);
	splice_str(out, f->s);
	for (i = 0; i < n; i++) {
		char what = f[i].form == SF_TEXT ? 't' :
		    f[i].form == SF_BOOL ? 'b' : f[i].what;

		if (f[i].sub != NULL && !scim_projection_has(w->p, f[i].sub))
			continue;
		buf_putc(out, what);
		splice_str(out, f[i].sub == NULL ? "" : f[i].sub->name);
		if (what == 't' || what == 'b')
			splice_str(out, what == 't' ? f[i].s :
			    f[i].i ? "true" : "false");
	}
	splice_end(out, begin);
}

static void put_splice(struct rendering *w, const char *name, char kind,
    const struct scim_field *f)
{
	size_t begin = splice_begin(w->out, kind);

	if (kind != 'B' && kind != 'V')
		splice_str(w->out, name);
	if (kind == 'X' || kind == 'M')
		splice_str(w->out, f->type);
	if (kind == 'X' || kind == 'M' || kind == 'B')
		splice_str(w->out, f->s);
	splice_end(w->out, begin);
}

/* --- writing ------------------------------------------------------------- */

static void comma(struct buf *out)
{
	char last = out->len == 0 ? '{' : out->data[out->len - 1];

	if (last != '{' && last != '[')
		buf_putc(out, ',');
}

/* A name of the map: letters, digits, $, - and _ only. */
static void put_name(struct buf *out, const char *name)
{
	size_t n = strlen(name);

	comma(out);
	buf_putc(out, '"');
	buf_put(out, name, n);
	buf_put(out, "\":", 2);
}

static void put_value(struct rendering *w, const struct scim_field *f)
{
	char t[32];

	switch (f->form) {
	case SF_TEXT:
		json_text(w->out, f->s);
		return;
	case SF_BOOL:
		buf_puts(w->out, f->i ? "true" : "false");
		return;
	case SF_INT:
		buf_printf(w->out, "%lld", (long long)f->i);
		return;
	case SF_TIME:
		json_text(w->out, clock_print_rfc3339(f->i, t));
		return;
	case SF_BASE:
		put_splice(w, "", 'B', f);
		return;
	case SF_VERSION:
	case SF_DN:
	case SF_KEY:
	case SF_COUNT:
	case SF_MEMBERS:
	case SF_EXTERNAL:
		break;
	}
}

static bool is_splice(const struct scim_field *f)
{
	return f->form == SF_DN || f->form == SF_KEY || f->form == SF_COUNT ||
	    f->form == SF_MEMBERS || f->form == SF_EXTERNAL;
}

/* Fields of one multi-valued sub-attribute that follow one another. */
static size_t put_sub(struct rendering *w, const struct scim_field *f,
    size_t n)
{
	size_t i, k = 1;

	if (f->sub->multi)
		while (k < n && f[k].sub == f->sub)
			k++;
	if (!scim_projection_has(w->p, f->sub))
		return k;
	if (f->form == SF_VERSION) {
		put_splice(w, "", 'V', f);
		return 1;
	}
	put_name(w->out, f->sub->name);
	if (!f->sub->multi) {
		put_value(w, f);
		return 1;
	}
	buf_putc(w->out, '[');
	for (i = 0; i < k; i++) {
		comma(w->out);
		put_value(w, &f[i]);
	}
	buf_putc(w->out, ']');
	return k;
}

static void put_element(struct rendering *w, const struct scim_attr *at,
    const struct scim_field *f, size_t n)
{
	const char *name = at->multi ? "" : at->name;
	size_t i;

	if (f->form == SF_DN || f->form == SF_KEY) {
		put_ref(w, name, f, n);
		return;
	}
	if (is_splice(f)) {
		put_splice(w, at->name, f->form == SF_MEMBERS ? 'M' :
		    f->form == SF_EXTERNAL ? 'X' : f->i ? 'c' : 'C', f);
		return;
	}
	if (at->multi)
		comma(w->out);
	else
		put_name(w->out, at->name);
	if (f->sub == NULL) {
		put_value(w, f);
		return;
	}
	buf_putc(w->out, '{');
	for (i = 0; i < n; )
		i += put_sub(w, f + i, n - i);
	buf_putc(w->out, '}');
}

static void put_attr(struct rendering *w, const struct scim_attr *at)
{
	struct scim_elems *b = &w->b;
	bool list = at->multi && at->how != SH_MEMBERS;
	size_t i, k;

	if (!scim_projection_has(w->p, at))
		return;
	scim_elems_of(b, at);
	if (b->n == 0)
		return;
	if (list) {
		put_name(w->out, at->name);
		buf_putc(w->out, '[');
	}
	for (i = 0; i < b->n; i = k) {
		for (k = i + 1; k < b->n && b->f[k].elem == b->f[i].elem; )
			k++;
		put_element(w, at, &b->f[i], k - i);
	}
	if (list)
		buf_putc(w->out, ']');
}

/* An extension is an object of its own; with nothing in it, it is left out. */
static void put_schema(struct rendering *w, const struct scim_schema *s,
    bool core)
{
	size_t i, begin = w->out->len, empty;

	if (!core) {
		put_name(w->out, s->urn);
		buf_putc(w->out, '{');
	}
	empty = w->out->len;
	for (i = 0; i < s->n; i++)
		put_attr(w, &s->attr[i]);
	if (core || w->out->failed)
		return;
	if (w->out->len > empty) {
		buf_putc(w->out, '}');
	} else {
		w->out->len = begin;
		w->out->data[begin] = '\0';
	}
}

/* Everything but meta: what the version is a hash of. */
static void put_body(struct rendering *w, const struct scim_resource *r)
{
	size_t i;

	buf_putc(w->out, '{');
	for (i = 0; i + 1 < r->n_common; i++)
		put_attr(w, &r->common[i]);
	for (i = 0; i < r->n_schemas; i++)
		put_schema(w, &r->schema[i], i == 0);
}

/* Eight bytes at a time, since it is a good part of a rendering's cost. */
static uint64_t body_hash(const struct buf *out, size_t begin)
{
	const char *p = out->data + begin;
	size_t n = out->failed ? 0 : out->len - begin;
	uint64_t h = n, w;

	for (; n >= sizeof(w); n -= sizeof(w), p += sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	return hash_fast(p, n, h);
}

/* The version is that of the whole representation, whatever p asks for. */
static uint64_t whole_hash(struct rendering *w, const struct scim_resource *r)
{
	struct buf whole, *out = w->out;
	const struct scim_projection *p = w->p;
	uint64_t h;

	buf_init(&whole, out->max);
	w->out = &whole;
	w->p = NULL;
	put_body(w, r);
	h = body_hash(&whole, 0);
	buf_fini(&whole);
	w->out = out;
	w->p = p;
	return h;
}

void scim_render(struct arena *a, const struct scim_map *m,
    const struct scim_resource *r, const struct entry *e,
    const struct scim_projection *p, struct buf *out)
{
	const struct scim_attr *meta = &r->common[r->n_common - 1];
	struct scim_src src;
	struct rendering w = { .b = { .a = a, .src = &src, .r = r },
		.out = out, .p = p };
	char version[VERSION_LEN + 1];
	size_t begin = out->len;
	uint64_t h;

	(void)m;
	scim_src_init(&src, e);
	scim_src_hash(a, &src);
	buf_put(out, "0000000000000000", VERSION_LEN);
	put_body(&w, r);
	h = p == NULL ? body_hash(out, begin + VERSION_LEN) :
	    whole_hash(&w, r);
	put_attr(&w, meta);
	buf_putc(out, '}');
	snprintf(version, sizeof(version), "%016llx", (unsigned long long)h);
	if (!out->failed)
		memcpy(out->data + begin, version, VERSION_LEN);
}
