/* SPDX-License-Identifier: ISC */
#include "core/plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "codec/ldif.h"

#define STEPS 10000
#define BYTES ((size_t)64 << 20)
#define TEXT_MAX ((size_t)256 << 20)	/* of one step */
#define STAMP 14			/* digits of a GeneralizedTime */

/* --- the hash ------------------------------------------------------------- */

/* The length of a time ("20260724103000Z", "20260724103000.5Z") at s, 0: there
 * is none. */
static size_t stamp_len(const char *s)
{
	size_t n = 0;

	while (n < STAMP && isdigit((unsigned char)s[n]))
		n++;
	if (n != STAMP)
		return 0;
	if (s[n] == '.')
		for (n++; isdigit((unsigned char)s[n]); n++)
			;
	return s[n] == 'Z' ? n + 1 : 0;
}

/* What was made up and stands at s: its length. */
static size_t made_len(const struct plan *p, const char *s)
{
	size_t i;

	for (i = 0; i < p->made.n; i++)
		if (str_starts(s, p->made.v[i]))
			return strlen(p->made.v[i]);
	return 0;
}

/* Shortens text to what it means. */
static size_t mask(const struct plan *p, char *text)
{
	char *to = text;
	const char *from = text;
	size_t n;

	while (*from != '\0') {
		n = stamp_len(from);
		if (n == 0)
			n = made_len(p, from);
		if (n == 0) {
			*to++ = *from++;
		} else {
			*to++ = '*';
			from += n;
		}
	}
	return (size_t)(to - text);
}

void plan_put_step(struct buf *b, struct arena *a, const struct plan_step *s)
{
	char id[37];

	if (*s->why != '\0')
		ldif_put_comment(b, s->why);
	if (s->old != NULL) {
		str_uuid_text(s->old->uuid, id);
		ldif_put_comment(b, arena_printf(a, "entryUUID %s entryCSN %s",
		    id, s->old->csn));
	}
	ldif_put_change(b, a, s->change);
}

static int fold_step(struct plan *p, struct arena *a,
    const struct plan_step *s, struct err *e)
{
	struct buf b;
	bool failed;

	buf_init(&b, TEXT_MAX);
	plan_put_step(&b, a, s);
	failed = b.failed;
	if (!failed) {
		hash_run_add(p->running, b.data, b.len);
		hash_run_add(p->meaning, b.data, mask(p, b.data));
	}
	buf_fini(&b);
	return failed ? err_set(e, ERR_LIMIT, "%s: the change is larger than "
	    "can be planned", s->change->dn) : 0;
}

/* --- keeping -------------------------------------------------------------- */

static void keep(struct plan *p, const struct plan_step *s)
{
	struct plan_step *k;

	p->cut = p->cut || p->n == p->conf.max_steps ||
	    arena_used(p->a) > p->conf.max_bytes;
	if (p->cut)
		return;
	if (p->n == p->cap) {
		size_t cap = p->cap == 0 ? 16 : p->cap * 2;

		p->step = arena_grow(p->a, p->step, p->cap, cap,
		    sizeof(*p->step));
		p->cap = cap;
	}
	k = &p->step[p->n++];
	*k = *s;
	k->change = change_dup(p->a, s->change);
	k->old = s->old != NULL ? entry_dup(p->a, s->old) : NULL;
	k->want = s->want != NULL ? entry_dup(p->a, s->want) : NULL;
	k->why = arena_strdup(p->a, s->why);
	k->made = arena_strdup(p->a, s->made);
}

static void count(struct plan *p, const struct plan_step *s)
{
	const struct guard_tally t = guard_weigh(s->old, s->want);

	guard_add(&p->tally, &t);
	p->adds += s->old == NULL;
	p->deletes += s->want == NULL;
	p->modifies += s->old != NULL && s->want != NULL;
	if (s->old != NULL && strcmp(s->old->csn, p->csn) > 0)
		p->csn = arena_strdup(p->a, s->old->csn);
}

/* --- steps ---------------------------------------------------------------- */

int plan_take(struct plan *p, struct arena *a, const struct plan_step *s,
    struct err *e)
{
	struct plan_step t = *s;
	struct entry *want = NULL;
	int rc;

	if (t.want == NULL && t.change->kind != CHANGE_DELETE) {
		rc = change_apply(a, t.old, t.change, &want, e);
		if (rc != 0)
			return rc;
		t.want = want;
	}
	t.why = t.why != NULL ? t.why : "";
	t.made = t.made != NULL ? t.made : "";
	if (t.old != NULL)
		memcpy(t.uuid, t.old->uuid, sizeof(t.uuid));
	if (*t.made != '\0')
		strv_add(p->a, &p->made, arena_strdup(p->a, t.made));
	rc = fold_step(p, a, &t, e);
	if (rc != 0)
		return rc;
	count(p, &t);
	keep(p, &t);
	return 0;
}

static bool any(const char *name, void *ctx)
{
	(void)name;
	(void)ctx;
	return true;
}

static bool is_unique(const struct plan_conf *conf, const struct entry *old,
    const struct change *c)
{
	size_t i;

	for (i = 0; conf->unique != NULL && i < c->n; i++)
		if (conf->unique(conf->ctx, old, c->mod[i].name))
			return true;
	return false;
}

static struct change *make(const struct plan_conf *conf, struct arena *a,
    const struct entry *old, const struct entry *want)
{
	struct change *c;

	if (old == NULL) {
		c = change_new(a, CHANGE_ADD, want->dn);
		c->entry = entry_dup(a, want);
		return c;
	}
	c = want != NULL ? change_diff(a, old, want, any, NULL) :
	    change_new(a, CHANGE_DELETE, old->dn);
	if (want != NULL && c->n == 0)
		return NULL;
	c->assert_csn = *old->csn != '\0' ? old->csn : NULL;
	return want != NULL && is_unique(conf, old, c) ?
	    change_by_value(a, old, c) : c;
}

int plan_change(const struct plan_conf *conf, struct arena *a,
    const struct entry *old, const struct entry *want, struct change **out,
    struct err *e)
{
	*out = NULL;
	if (old != NULL && want != NULL && !str_ieq(old->dn, want->dn))
		return err_set(e, ERR_UNSUPPORTED, "%s: an entry is not "
		    "renamed by a plan", old->dn);
	*out = make(conf, a, old, want);
	return 0;
}

int plan_step(struct plan *p, struct arena *a, const struct entry *old,
    const struct entry *want, const char *why, struct change **out,
    struct err *e)
{
	struct plan_step s = { .old = old, .want = want, .why = why };
	struct change *c;
	int rc;

	if (out != NULL)
		*out = NULL;
	rc = plan_change(&p->conf, a, old, want, &c, e);
	if (rc != 0 || c == NULL)
		return rc;
	s.change = c;
	rc = plan_take(p, a, &s, e);
	if (rc == 0 && out != NULL)
		*out = c;
	return rc;
}

/* --- life ----------------------------------------------------------------- */

struct plan *plan_begin(const struct plan_conf *conf)
{
	struct arena *a = arena_new();
	struct plan *p = arena_alloc(a, sizeof(*p));
	const char *head;

	p->a = a;
	p->conf = *conf;
	p->conf.author = arena_strdup(a, conf->author);
	p->conf.source = arena_strdup(a, conf->source);
	if (p->conf.max_steps == 0)
		p->conf.max_steps = STEPS;
	if (p->conf.max_bytes == 0)
		p->conf.max_bytes = BYTES;
	p->csn = "";
	p->running = hash_run_begin();
	p->meaning = hash_run_begin();
	head = arena_printf(a, "%s\n%s\n", conf->author, conf->source);
	hash_run_add(p->running, head, strlen(head));
	hash_run_add(p->meaning, head, strlen(head));
	return p;
}

static void end_hash(struct plan *p, struct hash_run **run, char hex[65])
{
	uint8_t sum[32];

	if (*run == NULL)
		return;
	hash_run_end(*run, sum);
	*run = NULL;
	memcpy(hex, str_hex(p->a, sum, sizeof(sum)), 65);
}

void plan_end(struct plan *p)
{
	end_hash(p, &p->running, p->hash);
	end_hash(p, &p->meaning, p->sense);
	memcpy(p->id, p->hash, sizeof(p->id) - 1);
}

void plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	plan_end(p);
	arena_free(p->a);
}
