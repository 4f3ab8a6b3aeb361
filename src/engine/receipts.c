/* SPDX-License-Identifier: ISC */
#include "engine/receipts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "directory/intake.h"
#include "directory/world.h"
#include "engine/heap.h"
#include "model/dn.h"

#define AGAIN (2 * 1000)		/* us, after a conflict */
#define VIEW_WAIT (10 * CLOCK_SECOND)
#define BATCH 256
#define MAX_DELETED 16384

/* How an action ended; its receipts are made when the write goes out. */
struct part {
	struct part *next;
	struct arena *arena;		/* owned: act and what it holds */
	struct action *act;
	enum receipt_state state;
	int64_t time;
	const char *remote_id;
	bool awaited;
	struct receipt *v;		/* in the arena of the work */
	const char **value;		/* v as text */
	size_t n;
};

/* All that is to be written for one person. */
struct work {
	struct heap_node node;		/* first; in the heap while waiting */
	struct receipts_writer *r;
	struct work *done_next;		/* in the list of what has ended */
	char id[37];
	uint8_t uuid[16];
	struct part *next, *sent;	/* to go out; under way */
	struct arena *arena;		/* of the change under way */
	struct backoff wait;
	bool under_way, in_view_only;	/* the latter: written, to be seen */
	struct writer_result result;
	enum change_kind kind;
};

struct receipts_writer {
	struct receipts_conf conf;
	struct map *work;		/* person id -> struct work, owned */
	struct heap due;
	size_t under_way;
	bool stopped;
	pthread_mutex_t lock;		/* of the two below */
	struct work *done;
	struct map *deleted;		/* uuid text -> itself */
};

struct receipts_writer *receipts_new(const struct receipts_conf *c)
{
	struct receipts_writer *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	r->conf = *c;
	r->work = map_new();
	r->deleted = map_new();
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

static void parts_free(struct part *p)
{
	struct part *next;

	for (; p != NULL; p = next) {
		next = p->next;
		arena_free(p->arena);
	}
}

static void work_free(void *arg)
{
	struct work *w = arg;

	parts_free(w->next);
	parts_free(w->sent);
	arena_free(w->arena);
	free(w);
}

void receipts_free(struct receipts_writer *r)
{
	if (r == NULL)
		return;
	map_free(r->work, work_free);
	map_free(r->deleted, NULL);
	heap_fini(&r->due);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

size_t receipts_pending(const struct receipts_writer *r)
{
	return map_count(r->work);
}

bool receipts_under_way(const struct receipts_writer *r)
{
	return r->under_way != 0;
}

void receipts_retime(struct receipts_writer *r, int64_t base, int64_t max)
{
	r->conf.retry_base = base;
	r->conf.retry_max = max;
}

void receipts_stop(struct receipts_writer *r)
{
	r->stopped = true;
}

bool receipts_deleted(struct receipts_writer *r, const uint8_t uuid[16])
{
	char key[37];
	bool ours;

	str_uuid_text(uuid, key);
	pthread_mutex_lock(&r->lock);
	ours = map_del(r->deleted, key) != NULL;
	pthread_mutex_unlock(&r->lock);
	return ours;
}

/* --- taking in ------------------------------------------------------------ */

static struct action *action_dup(struct arena *a, const struct action *from)
{
	struct action *act = arena_memdup(a, from, sizeof(*from));
	size_t i;

	act->target = arena_strdup(a, from->target);
	act->tool = arena_strdup(a, from->tool);
	act->remote_id = arena_strdup(a, from->remote_id);
	act->accounts = act->taken = (struct strv){ 0 };
	for (i = 0; i < from->accounts.n; i++)
		strv_add(a, &act->accounts,
		    arena_strdup(a, from->accounts.v[i]));
	return act;
}

static bool same_thing(const struct action *x, const struct action *y)
{
	return str_ieq(x->tool, y->tool) && str_eq(x->target, y->target);
}

static struct work *work_of(struct receipts_writer *r, const char *person_id)
{
	struct work *w = map_get(r->work, person_id);

	if (w != NULL)
		return w;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		abort();
	w->r = r;
	w->wait = (struct backoff){ r->conf.retry_base, r->conf.retry_max, 0 };
	memcpy(w->id, person_id, strnlen(person_id, sizeof(w->id) - 1));
	str_uuid(w->id, w->uuid);
	map_put(r->work, person_id, w);
	return w;
}

/* A part takes the place of an older one for the same thing. */
static void part_put(struct work *w, struct part *p)
{
	struct part **at, *old;

	for (at = &w->next; (old = *at) != NULL; at = &old->next)
		if (same_thing(old->act, p->act)) {
			p->awaited |= old->awaited;
			*at = old->next;
			old->next = NULL;
			parts_free(old);
			break;
		}
	p->next = w->next;
	w->next = p;
}

void receipts_put(struct receipts_writer *r, const char *person_id,
    const struct action *act, enum receipt_state state, int64_t time,
    const char *remote_id, bool awaited)
{
	struct work *w = work_of(r, person_id);
	struct arena *a = arena_new();
	struct part *p = arena_alloc(a, sizeof(*p));

	p->arena = a;
	p->act = action_dup(a, act);
	p->state = state;
	p->time = time;
	p->remote_id = arena_strdup(a, remote_id);
	p->awaited = awaited;
	part_put(w, p);
	if (!w->under_way && w->node.pos == 0)
		heap_put(&r->due, &w->node, clock_mono());
}

/* --- the change ------------------------------------------------------------ */

/* Which of the parts under way does a stored value belong to? */
static const struct part *part_of(struct arena *a, const struct work *w,
    const char *value)
{
	const struct part *p;
	struct receipt rec;

	if (receipt_parse(a, value, &rec, NULL) != 0)
		return NULL;
	for (p = w->sent; p != NULL; p = p->next)
		if (str_ieq(p->act->tool, rec.right.key) &&
		    str_eq(p->act->target, rec.target))
			return p;
	return NULL;
}

static bool part_has(const struct part *p, const char *value)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (str_eq(p->value[i], value))
			return true;
	return false;
}

static struct change *make_add(struct work *w, struct world_view *world)
{
	struct arena *a = w->arena;
	const struct person *p = world_person(world, w->uuid);
	struct change *c = change_new(a, CHANGE_ADD, dn_make(a,
	    "provostPersonUuid", w->id, arena_printf(a, INTAKE_RECEIPTS_OU
	    ",%s", w->r->conf.map->suffix)));
	const struct part *part;
	size_t i, n = 0;

	c->entry = arena_alloc(a, sizeof(*c->entry));
	c->entry->dn = c->dn;
	entry_add(a, c->entry, "objectClass", "provostReceipts");
	entry_add(a, c->entry, "provostPersonUuid", w->id);
	if (p != NULL && p->person_id != NULL && *p->person_id != '\0')
		entry_add(a, c->entry, "provostPersonId", p->person_id);
	for (part = w->sent; part != NULL; part = part->next)
		for (i = 0; i < part->n; i++, n++)
			entry_add(a, c->entry, "provostReceipt",
			    part->value[i]);
	return n != 0 ? c : NULL;
}

/* The values to take away; the number of those that stay in *stay. */
static struct mod *take_old(struct work *w, struct change *c,
    const struct attr *old, size_t *stay)
{
	struct mod *m = NULL;
	size_t i;

	for (i = 0; old != NULL && i < old->n; i++) {
		const struct part *p = part_of(w->arena, w, old->v[i].p);

		if (p == NULL || part_has(p, old->v[i].p)) {
			(*stay)++;
			continue;
		}
		if (m == NULL)
			m = change_mod(w->arena, c, MOD_DELETE,
			    "provostReceipt");
		mod_value(w->arena, m, old->v[i].p);
	}
	return m;
}

static struct change *make_modify(struct work *w, const struct entry *e)
{
	struct arena *a = w->arena;
	struct change *c = change_new(a, CHANGE_MODIFY,
	    arena_strdup(a, e->dn));
	const struct attr *old = entry_attr(e, "provostReceipt");
	const struct part *p;
	struct mod *add = NULL;
	size_t i, stay = 0;

	c->assert_csn = arena_strdup(a, e->csn);
	take_old(w, c, old, &stay);
	for (p = w->sent; p != NULL; p = p->next)
		for (i = 0; i < p->n; i++) {
			if (entry_has(e, "provostReceipt", p->value[i]))
				continue;
			if (add == NULL)
				add = change_mod(a, c, MOD_ADD,
				    "provostReceipt");
			mod_value(a, add, p->value[i]);
		}
	if (stay == 0 && add == NULL) {
		c->kind = CHANGE_DELETE;
		c->n = 0;
	} else if (c->n == 0) {
		return NULL;
	}
	return c;
}

/* --- what has ended -------------------------------------------------------- */

static void tell(struct work *w)
{
	struct receipts_writer *r = w->r;
	struct part *p = w->sent, *q;

	w->sent = NULL;
	backoff_reset(&w->wait);
	for (q = p; q != NULL; q = q->next)
		if (q->awaited)
			r->conf.written(r->conf.ctx, w->id, q->act->target,
			    q->act->tool);
	parts_free(p);
	if (w->next != NULL) {
		heap_put(&r->due, &w->node, clock_mono());
	} else {
		map_del(r->work, w->id);
		work_free(w);
	}
}

/* Back to what is to go out, unless something newer is there. */
static void again(struct work *w, int64_t wait)
{
	struct part *p, *next;

	for (p = w->sent; p != NULL; p = next) {
		struct part *q;

		next = p->next;
		for (q = w->next; q != NULL; q = q->next)
			if (same_thing(q->act, p->act))
				break;
		p->next = NULL;
		if (q != NULL) {
			q->awaited |= p->awaited;
			parts_free(p);
		} else {
			part_put(w, p);
		}
	}
	w->sent = NULL;
	heap_put(&w->r->due, &w->node, clock_mono() + wait);
}

static void ended(struct work *w)
{
	struct receipts_writer *r = w->r;

	pthread_mutex_lock(&r->lock);
	w->done_next = r->done;
	r->done = w;
	/* Under the lock: once it is free r may be gone. */
	r->conf.wake(r->conf.ctx);
	pthread_mutex_unlock(&r->lock);
}

static void on_written(void *arg, const struct writer_result *result)
{
	struct work *w = arg;

	w->result = *result;
	ended(w);
}

static void on_seen(void *arg, enum view_wait_end end)
{
	struct work *w = arg;

	w->result.in_view = end == VIEW_WAIT_SEEN;
	ended(w);
}

static void failed(struct work *w)
{
	const struct writer_result *res = &w->result;
	int64_t wait;

	switch (res->code) {
	case ERR_CONFLICT: case ERR_EXISTS: case ERR_NOT_FOUND:
		if (!lease_mine(w->r->conf.lease)) {
			tell(w);
			return;
		}
		again(w, w->wait.tries++ < 8 ? AGAIN << w->wait.tries :
		    backoff_next(&w->wait));
		return;
	case ERR_BUSY: case ERR_TIMEOUT:
		break;
	default:
		log_error("the receipts of person %s cannot be "
		    "written: %s", w->id, res->err.text);
	}
	wait = backoff_next(&w->wait);
	again(w, wait);
}

static void handle(struct work *w)
{
	struct receipts_writer *r = w->r;

	w->under_way = false;
	r->under_way--;
	if (w->result.code != 0 && !w->in_view_only) {
		failed(w);
		return;
	}
	if (!w->result.in_view && !r->stopped) {
		/* It is written; until the view has it nothing else about
		 * this person may be decided by it. */
		w->in_view_only = w->under_way = true;
		r->under_way++;
		view_wait(r->conf.view, w->result.uuid,
		    w->kind == CHANGE_DELETE ? NULL : w->result.csn,
		    clock_mono() + VIEW_WAIT, on_seen, w);
		return;
	}
	w->in_view_only = false;
	failpoint("after-receipt");
	tell(w);
}

static void collect(struct receipts_writer *r)
{
	struct work *w, *next;

	pthread_mutex_lock(&r->lock);
	w = r->done;
	r->done = NULL;
	pthread_mutex_unlock(&r->lock);
	for (; w != NULL; w = next) {
		next = w->done_next;
		handle(w);
	}
}

/* --- sending --------------------------------------------------------------- */

static void note_delete(struct receipts_writer *r, const uint8_t uuid[16])
{
	char key[37];

	str_uuid_text(uuid, key);
	pthread_mutex_lock(&r->lock);
	/* What nobody asked for was lost in a full pass. */
	if (map_count(r->deleted) >= MAX_DELETED) {
		map_free(r->deleted, NULL);
		r->deleted = map_new();
	}
	map_put(r->deleted, key, r);
	pthread_mutex_unlock(&r->lock);
}

/* What each part means for the receipts that are there now. */
static void make_values(struct work *w, const struct receipts *old)
{
	struct part *p;
	size_t i;

	for (p = w->sent; p != NULL; p = p->next) {
		diff_receipts_after(w->arena, p->act, p->state, p->time,
		    p->remote_id, old->v, old->n, &p->v, &p->n);
		p->value = arena_array(w->arena, p->n + 1, sizeof(char *));
		for (i = 0; i < p->n; i++)
			p->value[i] = receipt_print(w->arena, &p->v[i]);
	}
}

/* Without the lease: nothing new is announced, and only what nobody has
 * confirmed since is there to be answered. */
static bool overtaken(const struct part *p, const struct receipts *old)
{
	bool open = false;
	size_t i;

	if (p->state == RECEIPT_PENDING)
		return true;
	for (i = 0; i < old->n; i++)
		if (str_ieq(old->v[i].right.key, p->act->tool) &&
		    str_eq(old->v[i].target, p->act->target)) {
			if (old->v[i].state == RECEIPT_CONFIRMED)
				return true;
			open = true;
		}
	return !open;
}

static void let_go(struct work *w, const struct receipts *old)
{
	struct part **at = &w->sent, *p;

	while ((p = *at) != NULL) {
		if (!overtaken(p, old)) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		p->next = NULL;
		if (p->awaited)
			w->r->conf.written(w->r->conf.ctx, w->id,
			    p->act->target, p->act->tool);
		parts_free(p);
	}
}

static void send(struct work *w, struct world_view *world)
{
	struct receipts_writer *r = w->r;
	struct receipts old = world_receipts(world, w->id);
	struct change *c;

	if (w->arena == NULL)
		w->arena = arena_new();
	arena_reset(w->arena);
	w->sent = w->next;
	w->next = NULL;
	if (!lease_mine(r->conf.lease))
		let_go(w, &old);
	make_values(w, &old);
	c = old.entry == NULL ? make_add(w, world) : make_modify(w, old.entry);
	if (c == NULL) {
		tell(w);
		return;
	}
	w->kind = c->kind;
	w->under_way = true;
	r->under_way++;
	if (c->kind == CHANGE_DELETE)
		note_delete(r, old.entry->uuid);
	failpoint("before-receipt");
	writer_submit(r->conf.writer, c, c->kind == CHANGE_DELETE ?
	    old.entry->uuid : NULL, true, on_written, w);
}

static void send_due(struct receipts_writer *r)
{
	struct world_view *world = NULL;
	int64_t now = clock_mono();
	struct work *w;
	struct err e;
	int i;

	for (i = 0; i < BATCH && !r->stopped; i++) {
		w = (struct work *)(void *)heap_first(&r->due);
		if (w == NULL || w->node.at > now)
			break;
		if (world == NULL && world_open(r->conf.view, r->conf.map,
		    &world, &e) != 0) {
			log_error("receipts: %s", e.text);
			heap_put(&r->due, &w->node, now + CLOCK_SECOND);
			break;
		}
		heap_del(&r->due, &w->node);
		send(w, world);
	}
	world_close(world);
}

int64_t receipts_run(struct receipts_writer *r)
{
	const struct heap_node *first;

	collect(r);
	send_due(r);
	first = heap_first(&r->due);
	return first != NULL && !r->stopped ? first->at : CLOCK_NEVER;
}
