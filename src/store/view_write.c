/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/counters.h"
#include "store/keys.h"
#include "store/order.h"
#include "store/pack.h"
#include "store/uset.h"
#include "store/view_p.h"

struct view_write {
	struct view *view;
	struct db_txn *txn;
	struct arena *scratch;	/* owned; of one put or delete */
	struct arena *kept;	/* owned; CSNs of what changed */
	struct buf packed;
	struct wait_event *ev;	/* owned; what changed, in order */
	size_t n, cap;
	struct uset *marked;	/* owned; NULL: view_mark_begin not called */
	bool touched[256];	/* types of what changed */
	struct err failed;	/* sticky: the first failure */
};

int view_write_begin(struct view *v, struct view_write **out, struct err *e)
{
	struct view_write *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return err_set(e, ERR_IO, "view: out of memory");
	rc = db_write_begin(v->db, &w->txn, e);
	if (rc != 0) {
		free(w);
		return rc;
	}
	w->view = v;
	w->scratch = arena_new();
	w->kept = arena_new();
	buf_init(&w->packed, PACK_MAX);
	*out = w;
	return 0;
}

static void free_write(struct view_write *w)
{
	arena_free(w->scratch);
	arena_free(w->kept);
	buf_fini(&w->packed);
	uset_free(w->marked);
	free(w->ev);
	free(w);
}

/* Remember the first failure that left something half done: after it nothing
 * can be committed. */
static int keep(struct view_write *w, int rc, struct err *e)
{
	if (rc == 0 || rc == ERR_NOT_FOUND || rc == ERR_INVALID)
		return rc;
	if (w->failed.code == 0 && e != NULL)
		w->failed = *e;
	if (w->failed.code == 0)
		err_set(&w->failed, rc, "view: an earlier step failed");
	return rc;
}

static void changed(struct view_write *w, const uint8_t uuid[16],
    const char *csn)
{
	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 64;
		w->ev = realloc(w->ev, w->cap * sizeof(*w->ev));
		if (w->ev == NULL) {
			fputs("out of memory\n", stderr);
			abort();
		}
	}
	memcpy(w->ev[w->n].uuid, uuid, 16);
	w->ev[w->n++].csn = csn ? arena_strdup(w->kept, csn) : NULL;
}

/* The record before, copied: the page it lies on is about to change. */
static int old_record(struct view_write *w, const uint8_t uuid[16],
    struct arena *a, struct view_item *old, struct err *e)
{
	struct db_val v;
	int rc = db_get(w->txn, DB_ENTRY, (struct db_val){ uuid, 16 }, &v, e);

	if (rc != 0)
		return rc;
	memcpy(old->uuid, uuid, 16);
	rc = pack_open(arena_memdup(a, v.p, v.n), v.n, old);
	return rc == 0 ? 0 : err_set(e, rc, "view: a record is damaged: stop, "
	    "remove the view's directory and start again");
}

/* An entry's place: its type and position. */
struct place {
	int type;
	struct view_pos pos;
};

static struct place place_of(int type, int64_t created, const uint8_t uuid[16])
{
	struct place p = { .type = type, .pos = { .created = created } };

	memcpy(p.pos.uuid, uuid, 16);
	return p;
}

static int index_change(struct view_write *w, const struct place *p,
    const struct index_key *k, bool add, struct err *e)
{
	uint8_t buf[KEY_INDEX], pos[KEY_POS];
	struct db_val key = key_index(buf, p->type, k->index, k->key);
	struct db_val val = { pos, KEY_POS };
	int rc;

	key_pos(pos, &p->pos);
	if (add)
		return db_put(w->txn, DB_INDEX, key, val, e);
	rc = db_del(w->txn, DB_INDEX, key, &val, e);
	return rc != ERR_NOT_FOUND ? rc : err_set(e, ERR_CORRUPT, "view: an "
	    "index lacks an entry: stop, remove the view's directory and "
	    "start again");
}

/* A list of keys as it is walked. */
struct keys {
	const struct index_key *v;
	size_t n;
};

static int keys_cmp(const struct keys *a, const struct keys *b)
{
	if (a->n == 0 || b->n == 0)
		return a->n != 0 ? -1 : 1;
	if (a->v->index != b->v->index)
		return a->v->index < b->v->index ? -1 : 1;
	return strcmp(a->v->key, b->v->key);
}

/* Both sorted: walk once, take out what is only old, put in what is new. */
static int index_diff(struct view_write *w, const struct place *p,
    struct keys old, struct keys now, struct err *e)
{
	int rc = 0;

	while (rc == 0 && (old.n != 0 || now.n != 0)) {
		int c = keys_cmp(&old, &now);

		if (c < 0)
			rc = index_change(w, p, old.v, false, e);
		else if (c > 0)
			rc = index_change(w, p, now.v, true, e);
		if (c <= 0) {
			old.v++;
			old.n--;
		}
		if (c >= 0) {
			now.v++;
			now.n--;
		}
	}
	return rc;
}

/* Take a record's keys and place away. */
static int unlink_record(struct view_write *w, const struct view_item *old,
    struct err *e)
{
	struct place p = place_of(old->type, old->created, old->uuid);
	struct index_key *k;
	struct keys had = { 0 };
	int rc = pack_keys(w->scratch, old, &k, &had.n);

	if (rc != 0)
		return err_set(e, rc, "view: a record's keys are damaged");
	had.v = k;
	rc = index_diff(w, &p, had, (struct keys){ 0 }, e);
	return rc != 0 ? rc : order_del(w->txn, p.type, &p.pos, e);
}

/* Same place: only the keys that differ are touched. */
static int relink_record(struct view_write *w, const struct view_item *old,
    struct keys now, struct err *e)
{
	struct place p = place_of(old->type, old->created, old->uuid);
	struct index_key *k;
	struct keys had = { 0 };
	int rc = pack_keys(w->scratch, old, &k, &had.n);

	if (rc != 0)
		return err_set(e, rc, "view: a record's keys are damaged");
	had.v = k;
	return index_diff(w, &p, had, now, e);
}

static int link_record(struct view_write *w, const struct place *p,
    struct keys now, struct err *e)
{
	int rc = index_diff(w, p, (struct keys){ 0 }, now, e);

	return rc != 0 ? rc : order_add(w->txn, p->type, &p->pos, e);
}

static int place_record(struct view_write *w, const struct view_record *rec,
    const struct view_item *old, struct keys now, struct err *e)
{
	struct place p = place_of(rec->type, rec->entry->created,
	    rec->entry->uuid);
	int rc;

	if (old != NULL && old->type == p.type &&
	    old->created == p.pos.created)
		return relink_record(w, old, now, e);
	rc = old == NULL ? 0 : unlink_record(w, old, e);
	return rc != 0 ? rc : link_record(w, &p, now, e);
}

static int put(struct view_write *w, const struct view_record *rec,
    const struct view_item *old, struct err *e)
{
	struct index_key *key;
	struct keys now = { 0 };
	int rc;

	now.n = pack_sort_keys(w->scratch, rec->key, rec->n_keys, &key);
	now.v = key;
	buf_reset(&w->packed);
	pack_record(&w->packed, rec, key, now.n);
	if (w->packed.failed)
		return err_set(e, ERR_INVALID, "view: %s is larger than %u "
		    "MiB", rec->entry->dn, PACK_MAX >> 20);
	if (old != NULL && old->packed_len == w->packed.len &&
	    memcmp(old->packed, w->packed.data, w->packed.len) == 0)
		return 0;
	rc = place_record(w, rec, old, now, e);
	w->touched[rec->type] = true;
	if (old != NULL)
		w->touched[old->type] = true;
	if (rc == 0)
		rc = db_put(w->txn, DB_ENTRY,
		    (struct db_val){ rec->entry->uuid, 16 },
		    (struct db_val){ w->packed.data, w->packed.len }, e);
	if (rc == 0)
		changed(w, rec->entry->uuid,
		    rec->entry->csn ? rec->entry->csn : "");
	return rc;
}

int view_put(struct view_write *w, struct arena *a,
    const struct view_record *rec, struct entry *old, struct err *e)
{
	struct view_item was;
	int rc;

	assert(rec->type >= 0 && rec->type <= 255);
	arena_reset(w->scratch);
	if (old != NULL)
		*old = (struct entry){ 0 };
	rc = old_record(w, rec->entry->uuid, old ? a : w->scratch, &was, e);
	if (rc != 0 && rc != ERR_NOT_FOUND)
		return keep(w, rc, e);
	if (rc == 0 && old != NULL) {
		view_item_entry(a, &was);
		*old = was.entry;
	}
	if (w->marked != NULL)
		uset_add(w->marked, rec->entry->uuid);
	return keep(w, put(w, rec, rc == 0 ? &was : NULL, e), e);
}

int view_del(struct view_write *w, struct arena *a, const uint8_t uuid[16],
    struct entry *old, struct err *e)
{
	struct view_item was;
	int rc;

	arena_reset(w->scratch);
	if (old != NULL)
		*old = (struct entry){ 0 };
	rc = old_record(w, uuid, old ? a : w->scratch, &was, e);
	if (rc != 0)
		return keep(w, rc, e);
	if (old != NULL) {
		view_item_entry(a, &was);
		*old = was.entry;
	}
	w->touched[was.type] = true;
	rc = unlink_record(w, &was, e);
	if (rc == 0)
		rc = db_del(w->txn, DB_ENTRY, (struct db_val){ uuid, 16 },
		    NULL, e);
	if (rc == 0)
		changed(w, uuid, NULL);
	return keep(w, rc, e);
}

int view_mark_begin(struct view_write *w, struct err *e)
{
	(void)e;
	uset_free(w->marked);
	w->marked = uset_new();
	return 0;
}

int view_mark(struct view_write *w, const uint8_t uuid[16], struct err *e)
{
	if (w->marked == NULL)
		return err_set(e, ERR_INVALID, "view: mark without begin");
	uset_add(w->marked, uuid);
	return 0;
}

int view_unmarked(struct view_write *w, struct arena *a, uint8_t (**uuid)[16],
    size_t *n, struct err *e)
{
	struct db_val k = { 0 }, v = { 0 };
	struct db_cur *c;
	size_t cap = 0;
	int rc;

	*uuid = NULL;
	*n = 0;
	if (w->marked == NULL)
		return err_set(e, ERR_INVALID, "view: sweep without begin");
	rc = db_cur_open(w->txn, DB_ENTRY, &c, e);
	if (rc != 0)
		return rc;
	while ((rc = db_cur_get(c, DB_NEXT, &k, &v, e)) == 0) {
		if (k.n != 16 || uset_has(w->marked, k.p))
			continue;
		if (*n == cap) {
			*uuid = arena_grow(a, *uuid, cap, cap ? cap * 2 : 64,
			    16);
			cap = cap ? cap * 2 : 64;
		}
		memcpy((*uuid)[(*n)++], k.p, 16);
	}
	db_cur_close(c);
	return rc == ERR_NOT_FOUND ? 0 : keep(w, rc, e);
}

int view_set_cookie(struct view_write *w, const void *cookie, size_t len,
    struct err *e)
{
	return keep(w, db_put(w->txn, DB_META, view_meta_key("cookie"),
	    (struct db_val){ len ? cookie : "", len }, e), e);
}

/* Before anybody is woken: who waited for an entry finds it counted. */
static void note_types(const struct view_write *w)
{
	int i;

	for (i = 0; i < 256; i++)
		if (w->touched[i])
			w->view->changed[i]++;
}

int view_write_commit(struct view_write *w, struct err *e)
{
	struct view *v = w->view;
	uint64_t entries = db_entries(w->txn, DB_ENTRY);
	size_t i;
	int rc;

	if (w->failed.code != 0) {
		rc = err_set(e, w->failed.code, "%s", w->failed.text);
		view_write_abort(w);
		return rc;
	}
	rc = db_commit(w->txn, e);
	if (rc == 0) {
		counter_set(C_VIEW_ENTRIES, (int64_t)entries);
		note_types(w);
		waits_committed(v->waits, w->ev, w->n);
		for (i = 0; i < w->n; i++)
			changes_add(v->changes, w->ev[i].uuid);
		if (w->n > 0)
			changes_notify(v->changes);
	}
	free_write(w);
	return rc;
}

void view_write_abort(struct view_write *w)
{
	if (w == NULL)
		return;
	db_abort(w->txn);
	free_write(w);
}
