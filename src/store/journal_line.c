/* SPDX-License-Identifier: ISC */
#include "store/journal_line.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/text.h"
#include "base/utf8.h"

#define VALUE_MAX 65536

/* ,"prev":"<64>","sum":"<16>"} */
#define PREV ",\"prev\":\""
#define SUM "\",\"sum\":\""
#define END "\"}"
#define N(s) (sizeof(s) - 1)
#define SUM_LEN (16 + N(END) + N(SUM))
#define TAIL_LEN (N(PREV) + 64 + SUM_LEN)

bool journal_key(const uint8_t uuid[16], const char *csn, bool deleted,
    uint8_t key[16])
{
	uint64_t h;
	int i;

	if (csn == NULL || csn[0] == '\0')
		return false;
	h = hash_fast(csn, strlen(csn), deleted ? 1 : 0);
	memcpy(key, uuid, 16);
	for (i = 0; i < 8; i++)
		key[8 + i] ^= (uint8_t)(h >> (8 * i));
	return true;
}

static void put_string(struct buf *b, const char *s)
{
	s = s == NULL ? "" : s;
	text_json(b, s, strlen(s));
}

static void put_field(struct buf *b, const char *name, const char *s)
{
	buf_printf(b, ",\"%s\":", name);
	put_string(b, s);
}

static void put_hex(struct buf *b, const uint8_t *p, size_t n)
{
	static const char digit[] = "0123456789abcdef";

	for (; n > 0; p++, n--) {
		buf_putc(b, digit[*p >> 4]);
		buf_putc(b, digit[*p & 15]);
	}
}

static void begin(struct buf *b, const struct journal_chain *c, const char *op)
{
	char when[32];

	buf_reset(b);
	buf_printf(b, "{\"seq\":%" PRIu64 ",\"time\":\"%s\",\"op\":\"%s\"",
	    c->seq + 1, clock_print_rfc3339(clock_now(), when), op);
}

static void finish(struct buf *b, const struct journal_chain *c)
{
	buf_puts(b, PREV);
	put_hex(b, c->hash, 32);
	if (!b->failed)
		buf_printf(b, SUM "%016" PRIx64 END,
		    hash_fast(b->data, b->len, 0));
}

static void put_value(struct buf *b, struct arena *a, const struct attr *t,
    const struct val *v)
{
	uint8_t digest[32];

	if (attr_secret(t->name)) {
		buf_puts(b, "\"" JOURNAL_SECRET "\"");
	} else if (v->n > VALUE_MAX) {
		hash_sha256(v->p, v->n, digest);
		buf_puts(b, "{\"sha256\":\"");
		put_hex(b, digest, sizeof(digest));
		buf_printf(b, "\",\"size\":%zu}", v->n);
	} else if (utf8_valid(v->p, v->n)) {
		text_json(b, v->p, v->n);
	} else {
		buf_printf(b, "{\"base64\":\"%s\"}",
		    str_base64(a, v->p, v->n));
	}
}

static int val_cmp(const void *x, const void *y)
{
	const struct val *a = x, *b = y;
	int c = memcmp(a->p, b->p, a->n < b->n ? a->n : b->n);

	if (c != 0 || a->n == b->n)
		return c;
	return a->n < b->n ? -1 : 1;
}

static const struct val *sorted(struct arena *a, const struct attr *t)
{
	struct val *v;

	if (t == NULL || t->n < 2)
		return t == NULL ? NULL : t->v;
	v = arena_memdup(a, t->v, t->n * sizeof(*v));
	qsort(v, t->n, sizeof(*v), val_cmp);
	return v;
}

/* "name":[values of t that other lacks], if there are any. */
static void put_missing(struct buf *b, struct arena *a, const struct attr *t,
    const struct attr *other, bool *any)
{
	const struct val *v = sorted(a, t), *o = sorted(a, other);
	size_t n = other == NULL ? 0 : other->n, i, k = 0;
	bool first = true;

	for (i = 0; i < t->n; i++) {
		while (k < n && val_cmp(&o[k], &v[i]) < 0)
			k++;
		if (k < n && val_cmp(&o[k], &v[i]) == 0)
			continue;
		if (first) {
			buf_putc(b, *any ? ',' : '{');
			put_string(b, t->name);
		}
		buf_puts(b, first ? ":[" : ",");
		put_value(b, a, t, &v[i]);
		first = false;
		*any = true;
	}
	if (!first)
		buf_putc(b, ']');
}

/* ,"label":{all that one has and the other lacks}, if there is anything. */
static bool put_section(struct buf *b, struct arena *a, const char *label,
    const struct entry *one, const struct entry *other)
{
	size_t mark = b->len, i;
	bool any = false;

	buf_printf(b, ",\"%s\":", label);
	for (i = 0; one != NULL && i < one->n; i++)
		if (!str_istarts(one->a[i].name, "pwd"))
			put_missing(b, a, &one->a[i], other == NULL ? NULL :
			    entry_attr(other, one->a[i].name), &any);
	if (any)
		buf_putc(b, '}');
	else
		b->len = b->failed ? b->len : mark;
	return any;
}

static const char *who(const struct entry *old, const struct entry *now,
    const char *deleter)
{
	if (now == NULL)
		return deleter;
	if (old == NULL && now->creator != NULL && now->creator[0] != '\0')
		return now->creator;
	return now->modifier;
}

/* All that stands before the difference. */
static void put_head(struct buf *b, const struct journal_chain *c,
    const struct entry *old, const struct entry *now, const char *deleter,
    const char *batch)
{
	const struct entry *en = now ? now : old;
	char uuid[37];

	assert(en != NULL);
	begin(b, c, old == NULL ? "add" : now == NULL ? "delete" : "modify");
	str_uuid_text(en->uuid, uuid);
	put_field(b, "uuid", uuid);
	put_field(b, "csn", en->csn);
	put_field(b, "dn", en->dn);
	if (old != NULL && now != NULL && !str_eq(old->dn, now->dn))
		put_field(b, "from", old->dn);
	put_field(b, "by", who(old, now, deleter));
	if (batch != NULL)
		put_field(b, "batch", batch);
}

bool journal_line_diff(struct buf *b, struct arena *a,
    const struct journal_chain *c, const struct entry *old,
    const struct entry *now, const char *deleter, const char *batch)
{
	bool any = old == NULL || now == NULL || !str_eq(old->dn, now->dn);

	put_head(b, c, old, now, deleter, batch);
	any |= put_section(b, a, "add", now, old);
	any |= put_section(b, a, "del", old, now);
	if (b->failed || b->len > JOURNAL_LINE_MAX) {
		put_head(b, c, old, now, deleter, batch);
		buf_puts(b, ",\"cut\":true");
	}
	finish(b, c);
	return any;
}

void journal_line_refused(struct buf *b, const struct journal_chain *c,
    const char *who_, const char *what, const char *why)
{
	begin(b, c, "refused");
	put_field(b, "by", who_);
	put_field(b, "what", what);
	put_field(b, "why", why);
	finish(b, c);
}

/* --- reading ------------------------------------------------------------ */

/* A place in a line. */
struct cur {
	const char *p, *end;
};

static bool skip(struct cur *c, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(c->end - c->p) < n || memcmp(c->p, text, n) != 0)
		return false;
	c->p += n;
	return true;
}

/* Up to the next quote, which is passed; no escapes in what we read. */
static bool take(struct cur *c, char *out, size_t size)
{
	const char *q = memchr(c->p, '"', (size_t)(c->end - c->p));
	size_t n = q == NULL ? size : (size_t)(q - c->p);

	if (n >= size)
		return false;
	memcpy(out, c->p, n);
	out[n] = '\0';
	c->p = q + 1;
	return true;
}

static bool take_number(struct cur *c, uint64_t *out)
{
	const char *start = c->p;

	*out = 0;
	while (c->p < c->end && *c->p >= '0' && *c->p <= '9' &&
	    c->p - start < 19)
		*out = *out * 10 + (uint64_t)(*c->p++ - '0');
	return c->p > start;
}

static bool take_hash(struct cur *c, uint8_t out[32])
{
	static const char digit[] = "0123456789abcdef";
	int i;

	if (c->end - c->p < 64)
		return false;
	for (i = 0; i < 64; i++) {
		const char *d = memchr(digit, c->p[i], 16);

		if (d == NULL)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (d - digit));
	}
	c->p += 64;
	return true;
}

static bool parse_tail(const char *line, size_t n, struct journal_line *out)
{
	struct cur c;
	char sum[17], want[17];

	if (n < TAIL_LEN)
		return false;
	c = (struct cur){ line + n - TAIL_LEN, line + n };
	snprintf(want, sizeof(want), "%016" PRIx64,
	    hash_fast(line, n - SUM_LEN, 0));
	return skip(&c, PREV) && take_hash(&c, out->prev) && skip(&c, SUM) &&
	    take(&c, sum, sizeof(sum)) && strcmp(sum, want) == 0 &&
	    skip(&c, "}") && c.p == c.end;
}

/* A whole JSON string; in one of ours a quote inside has a backslash. */
static bool take_string(struct cur *c, const char **p, size_t *n)
{
	const char *q = c->p;

	if (q == c->end || *q++ != '"')
		return false;
	while (q < c->end && *q != '"')
		q += *q == '\\' && q + 1 < c->end ? 2 : 1;
	if (q == c->end)
		return false;
	*p = c->p;
	*n = (size_t)(++q - c->p);
	c->p = q;
	return true;
}

/* What there is of a change: by uuid and csn a double is known. */
static void parse_change(struct cur *c, struct journal_line *out)
{
	const char *unused;
	char csn[128];
	uint8_t u[16];
	size_t n;

	if (!skip(c, ",\"uuid\":\"") || !take(c, out->uuid,
	    sizeof(out->uuid)) || !str_uuid(out->uuid, u)) {
		out->uuid[0] = '\0';
		return;
	}
	if (!skip(c, ",\"csn\":\"") || !take(c, csn, sizeof(csn)))
		return;
	out->keyed = journal_key(u, csn, strcmp(out->op, "delete") == 0,
	    out->key);
	if (!skip(c, ",\"dn\":") || !take_string(c, &out->dn, &out->dn_len))
		return;
	if (skip(c, ",\"from\":") && !take_string(c, &unused, &n))
		return;
	if (skip(c, ",\"by\":") && take_string(c, &unused, &n) &&
	    skip(c, ",\"batch\":\"") && !take(c, out->batch,
	    sizeof(out->batch)))
		out->batch[0] = '\0';
}

bool journal_line_seq(const char *line, size_t n, uint64_t *seq)
{
	struct cur c = { line, line + n };

	return skip(&c, "{\"seq\":") && take_number(&c, seq) &&
	    skip(&c, ",");
}

bool journal_line_parse(const char *line, size_t n, struct journal_line *out)
{
	struct cur c = { line, line + n };
	char when[32];

	*out = (struct journal_line){ 0 };
	if (!parse_tail(line, n, out) || !skip(&c, "{\"seq\":") ||
	    !take_number(&c, &out->seq) || !skip(&c, ",\"time\":\"") ||
	    !take(&c, when, sizeof(when)) || !skip(&c, ",\"op\":\"") ||
	    !take(&c, out->op, sizeof(out->op)))
		return false;
	parse_change(&c, out);
	return true;
}

bool journal_line_follows(const struct journal_chain *c,
    const struct journal_line *l)
{
	return l->seq == c->seq + 1 && memcmp(l->prev, c->hash, 32) == 0;
}

void journal_chain_set(struct journal_chain *c, uint64_t seq,
    const char *line, size_t n)
{
	c->seq = seq;
	hash_sha256(line, n, c->hash);
}
