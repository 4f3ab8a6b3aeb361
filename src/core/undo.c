/* SPDX-License-Identifier: ISC */
#include "core/undo.h"

#include <string.h>

#include "base/arena.h"
#include "codec/json.h"
#include "core/cascade.h"
#include "model/dn.h"
#include "store/journal_line.h"

/* A line of the journal; newest first. */
struct step {
	struct step *before;
	const char *line;
	size_t n;
};

struct touched {
	struct undo_entry entry;
	struct step *last;
};

struct undo {
	struct arena *a;
	const struct strv *never;
	struct touched *v;		/* in the order of their first line */
	size_t *slot;			/* by uuid: index in v + 1; open
					 * addressing */
	size_t n, cap, slots, lines, bytes;
};

struct undo *undo_new(struct arena *a, const struct strv *never)
{
	struct undo *u = arena_alloc(a, sizeof(*u));

	u->a = a;
	u->never = never;
	return u;
}

/* --- reading ------------------------------------------------------------- */

static const char *dn_of(struct arena *a, const struct journal_line *l)
{
	const char *text = arena_printf(a, "[%.*s]", (int)l->dn_len, l->dn);
	struct json *j;

	if (l->dn_len == 0 || json_parse(a, text, l->dn_len + 2, &j, NULL) !=
	    0 || j->child == NULL || j->child->kind != JSON_IS_STRING)
		return NULL;
	return j->child->s;
}

static bool is_never(const struct undo *u, const char *dn)
{
	const char *norm = dn_normal(u->a, dn, NULL);
	size_t i;

	for (i = 0; norm != NULL && i < u->never->n; i++)
		if (dn_under(norm, u->never->v[i]))
			return true;
	return norm == NULL;
}

static size_t *find_slot(const struct undo *u, const uint8_t uuid[16])
{
	uint64_t h;
	size_t i;

	memcpy(&h, uuid + 8, 8);
	h ^= h >> 29;
	for (i = h % u->slots; u->slot[i] != 0; i = (i + 1) % u->slots)
		if (memcmp(u->v[u->slot[i] - 1].entry.uuid, uuid, 16) == 0)
			break;
	return &u->slot[i];
}

static void more_slots(struct undo *u)
{
	size_t i;

	if (u->n * 2 < u->slots)
		return;
	u->slots = u->slots * 2 + 64;
	u->slot = arena_array(u->a, u->slots, sizeof(*u->slot));
	for (i = 0; i < u->n; i++)
		*find_slot(u, u->v[i].entry.uuid) = i + 1;
}

static struct touched *touched(struct undo *u, const uint8_t uuid[16])
{
	size_t *at;

	more_slots(u);
	at = find_slot(u, uuid);
	if (*at == 0) {
		if (u->n == u->cap) {
			u->v = arena_grow(u->a, u->v, u->cap, u->cap * 2 + 16,
			    sizeof(*u->v));
			u->cap = u->cap * 2 + 16;
		}
		memcpy(u->v[u->n].entry.uuid, uuid, 16);
		*at = ++u->n;
	}
	return &u->v[*at - 1];
}

int undo_line(struct undo *u, const char *line, size_t n, struct err *e)
{
	struct journal_line l;
	struct touched *t;
	struct step *s;
	const char *dn;
	uint8_t uuid[16];

	if (!journal_line_parse(line, n, &l))
		return err_set(e, ERR_CORRUPT, "a line of the journal is "
		    "damaged: run provost journal verify");
	dn = l.uuid[0] != '\0' && str_uuid(l.uuid, uuid) ? dn_of(u->a, &l) :
	    NULL;
	if (dn == NULL || is_never(u, dn))
		return 0;
	if (++u->lines > UNDO_LINES || (u->bytes += n) > UNDO_BYTES)
		return err_set(e, ERR_LIMIT, "too much to be undone at once: "
		    "at most %d changes can be; name them by since and until",
		    UNDO_LINES);
	t = touched(u, uuid);
	s = arena_alloc(u->a, sizeof(*s));
	*s = (struct step){ t->last, arena_strndup(u->a, line, n), n };
	t->last = s;
	t->entry.dn = dn;
	t->entry.deleted = str_eq(l.op, "delete");
	return 0;
}

size_t undo_count(const struct undo *u)
{
	return u->n;
}

void undo_at(const struct undo *u, size_t i, struct undo_entry *out)
{
	*out = u->v[u->n - 1 - i].entry;
}

/* --- one entry ----------------------------------------------------------- */

struct undoing {
	struct arena *a;
	const struct undo_look *look;
	struct undo_result *out;
	struct entry *cur;		/* as it is, less what is undone */
	bool stop;			/* what was before can't be told */
};

static void note(struct undoing *d, const char *text)
{
	if (!strv_has(&d->out->notes, text))
		strv_add(d->a, &d->out->notes, text);
}

static void conflict(struct undoing *d, const char *text)
{
	d->out->conflict = true;
	note(d, text);
}

static void give_up(struct undoing *d, const char *text)
{
	conflict(d, text);
	d->stop = true;
}

/* A value as the journal writes it; false: it can't be told. */
static bool value_of(struct arena *a, const struct json *j, struct val *out)
{
	const char *b64 = json_member_str(j, "base64");
	unsigned char *p;

	if (j->kind == JSON_IS_STRING) {
		*out = (struct val){ j->s, strlen(j->s) };
		return !str_eq(j->s, JOURNAL_SECRET);
	}
	if (b64 == NULL || str_unbase64(a, b64, &p, &out->n) != 0)
		return false;
	out->p = (const char *)p;
	return true;
}

static void take_out(struct entry *e, const char *name, const struct val *v)
{
	struct attr *at = (struct attr *)(uintptr_t)entry_attr(e, name);
	size_t i, n = 0;

	for (i = 0; i < at->n; i++)
		if (!val_eq(&at->v[i], v))
			at->v[n++] = at->v[i];
	at->n = n;
	if (n == 0)
		entry_drop(e, at->name);
}

static const char *left_alone(struct undoing *d, const char *name)
{
	return arena_printf(d->a, "%s was changed since and is left as it is",
	    name);
}

static const char *not_kept(struct undoing *d, const char *name)
{
	return arena_printf(d->a, "%s is not kept in the journal and can't "
	    "be restored", name);
}

/* What the line added goes. */
static void undo_added(struct undoing *d, const struct json *add)
{
	const struct json *at, *j;
	struct val v;

	for (at = add != NULL ? add->child : NULL; at != NULL; at = at->next)
		for (j = at->child; j != NULL; j = j->next)
			if (!value_of(d->a, j, &v))
				note(d, not_kept(d, at->name));
			else if (entry_has_val(d->cur, at->name, &v))
				take_out(d->cur, at->name, &v);
			else
				conflict(d, left_alone(d, at->name));
}

/* What it took away comes back, unless somebody has put something there. */
static void undo_taken(struct undoing *d, const struct json *del)
{
	const struct json *at, *j;
	struct val v;
	bool full;

	for (at = del != NULL ? del->child : NULL; at != NULL; at = at->next) {
		full = entry_attr(d->cur, at->name) != NULL &&
		    d->look->single(at->name, d->look->ctx);
		for (j = at->child; j != NULL; j = j->next)
			if (!value_of(d->a, j, &v))
				note(d, not_kept(d, at->name));
			else if (entry_has_val(d->cur, at->name, &v))
				continue;
			else if (full)
				conflict(d, left_alone(d, at->name));
			else
				entry_add_n(d->a, d->cur, at->name, v.p, v.n);
	}
}

/* Is it just what the line made? Of secrets only that they are there. */
static bool as_made(struct undoing *d, const struct json *add)
{
	const struct json *at, *j;
	struct val v;
	size_t i, n = 0;

	for (at = add != NULL ? add->child : NULL; at != NULL; at = at->next) {
		const struct attr *has = entry_attr(d->cur, at->name);

		if (has == NULL || has->n != at->n)
			return false;
		for (j = at->child; j != NULL; j = j->next)
			if (value_of(d->a, j, &v) &&
			    !entry_has_val(d->cur, at->name, &v))
				return false;
	}
	for (i = 0; i < d->cur->n; i++)
		n += !str_istarts(d->cur->a[i].name, "pwd") &&
		    !str_eq(d->cur->a[i].name, CASCADE_TAKEN);
	return n == (add != NULL ? add->n : 0);
}

static void undo_add(struct undoing *d, const struct json *add)
{
	if (d->cur == NULL)
		conflict(d, "it has been deleted since");
	else if (as_made(d, add))
		d->cur = NULL;
	else
		give_up(d, "it was changed since it was made and is left as "
		    "it is");
}

/* V10: no undo restores password or login. */
static void no_login(struct undoing *d)
{
	const char *state = entry_get(d->cur, "provostState");

	if (!entry_is(d->cur, "provostUser"))
		return;
	entry_drop(d->cur, "uid");
	entry_drop(d->cur, "provostFirstLogin");
	entry_drop(d->cur, "provostSessionsEnded");
	if (str_ieq(state, "active")) {
		entry_drop(d->cur, "provostState");
		entry_add(d->a, d->cur, "provostState", "invited");
	}
	note(d, "password and login are not restored: the person must be "
	    "invited, and register, again (V10)");
}

static void undo_delete(struct undoing *d, const char *dn,
    const struct json *del)
{
	if (d->cur != NULL || d->look->taken) {
		give_up(d, "something else has its name by now, so it is not "
		    "made again");
		return;
	}
	d->cur = arena_alloc(d->a, sizeof(*d->cur));
	d->cur->dn = dn;
	d->cur->csn = d->cur->creator = d->cur->modifier = "";
	undo_taken(d, del);
	no_login(d);
	note(d, "it is made again with a new id");
}

static void undo_step(struct undoing *d, const struct step *s)
{
	const struct json *add, *del;
	struct json *j;
	const char *op;

	if (json_parse(d->a, s->line, s->n, &j, NULL) != 0) {
		give_up(d, "a line of the journal can't be read");
		return;
	}
	op = json_member_str(j, "op");
	add = json_member(j, "add");
	del = json_member(j, "del");
	if (json_member_bool(j, "cut", false) ||
	    json_member_str(j, "from") != NULL)
		give_up(d, "it was renamed, or the change was too large for "
		    "the journal: it can't be undone");
	else if (str_eq(op, "add"))
		undo_add(d, add);
	else if (str_eq(op, "delete"))
		undo_delete(d, json_member_str(j, "dn"), del);
	else if (d->cur == NULL)
		give_up(d, "it has been deleted since");
	else {
		undo_added(d, add);
		undo_taken(d, del);
	}
}

/* Entries with the same values, whatever their order. */
static bool same(const struct entry *x, const struct entry *y)
{
	size_t i, k;

	if (x == NULL || y == NULL)
		return x == y;
	if (x->n != y->n)
		return false;
	for (i = 0; i < x->n; i++) {
		const struct attr *at = entry_attr(y, x->a[i].name);

		if (at == NULL || at->n != x->a[i].n)
			return false;
		for (k = 0; k < at->n; k++)
			if (!entry_has_val(x, at->name, &at->v[k]))
				return false;
	}
	return true;
}

void undo_make(const struct undo *u, size_t i, struct arena *a,
    const struct undo_look *look, struct undo_result *out)
{
	const struct step *s = u->v[u->n - 1 - i].last;
	struct undoing d = { .a = a, .look = look, .out = out };

	*out = (struct undo_result){ 0 };
	d.cur = look->now != NULL ? entry_dup(a, look->now) : NULL;
	for (; s != NULL && !d.stop; s = s->before)
		undo_step(&d, s);
	/* Half an undo of one entry would be neither the one nor the other
	 * state. */
	if (d.stop)
		return;
	out->want = d.cur;
	out->change = !same(look->now, d.cur);
}
