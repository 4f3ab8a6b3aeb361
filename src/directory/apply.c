/* SPDX-License-Identifier: ISC */
#include "directory/apply.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "directory/intake.h"
#include "model/dn.h"

#define WINDOW 256			/* the writer takes 10,000 */
#define NEWER_WAIT CLOCK_SECOND		/* for others' entries to arrive */

/* --- as it stands --------------------------------------------------------- */

/* The view has no passwords: nobody can tell. */
static bool is_unknown(const char *name)
{
	return attr_base_len(name) == strlen("userPassword") &&
	    str_istarts(name, "userPassword");
}

static bool holds_all(const struct entry *now, const char *name,
    const struct val *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!entry_has_val(now, name, &v[i]))
			return false;
	return true;
}

static bool as_added(const struct entry *now, const struct entry *e)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (!is_unknown(e->a[i].name) && !holds_all(now, e->a[i].name,
		    e->a[i].v, e->a[i].n))
			return false;
	return true;
}

/* Does a later mod of the change add this value? */
static bool comes_back(const struct change *c, size_t i, const char *name,
    const struct val *v)
{
	size_t k;

	for (; i < c->n; i++) {
		const struct mod *m = &c->mod[i];

		for (k = 0; m->op != MOD_DELETE && str_ieq(m->name, name) &&
		    k < m->n; k++)
			if (val_eq(&m->v[k], v))
				return true;
	}
	return false;
}

static bool is_taken(const struct entry *now, const struct change *c,
    size_t i)
{
	const struct mod *m = &c->mod[i];
	size_t k;

	if (m->n == 0)
		return entry_attr(now, m->name) == NULL;
	for (k = 0; k < m->n; k++)
		if (entry_has_val(now, m->name, &m->v[k]) &&
		    !comes_back(c, i + 1, m->name, &m->v[k]))
			return false;
	return true;
}

static bool is_replaced(const struct entry *now, const struct mod *m)
{
	const struct attr *at = entry_attr(now, m->name);

	return (at != NULL ? at->n : 0) == m->n &&
	    holds_all(now, m->name, m->v, m->n);
}

static bool as_modified(const struct entry *now, const struct change *c)
{
	size_t i, known = 0;

	for (i = 0; i < c->n; i++) {
		const struct mod *m = &c->mod[i];

		if (is_unknown(m->name))
			continue;
		known++;
		if (m->op == MOD_ADD ? !holds_all(now, m->name, m->v, m->n) :
		    m->op == MOD_REPLACE ? !is_replaced(now, m) :
		    !is_taken(now, c, i))
			return false;
	}
	return known != 0;
}

static enum apply_is moved(struct err *e, const struct apply_step *s,
    const char *how)
{
	err_set(e, ERR_CONFLICT, "%s: %s", s->change->dn, how);
	return APPLY_MOVED;
}

static enum apply_is look_add(struct view_read *r, const struct scim_map *m,
    struct arena *a, const struct apply_step *s, struct err *err)
{
	const char *dn = dn_normal(a, s->change->dn, NULL);
	struct view_item it;

	if (dn == NULL || !intake_find(r, m, dn, &it))
		return APPLY_READY;
	view_item_entry(a, &it);
	return as_added(&it.entry, s->change->entry) ? APPLY_ALREADY :
	    moved(err, s, "there is another entry of this name by now");
}

enum apply_is apply_look(struct view_read *r, const struct scim_map *m,
    struct arena *a, const struct apply_step *s, struct err *err)
{
	const struct change *c = s->change;
	struct view_item it;

	if (c->kind == CHANGE_ADD)
		return look_add(r, m, a, s, err);
	if (view_get(r, s->uuid, &it) != 0)
		return c->kind == CHANGE_DELETE ? APPLY_ALREADY :
		    moved(err, s, "it is gone");
	/* A view that is older than what was seen knows less. */
	if (strcmp(it.csn, s->csn) <= 0 || *s->csn == '\0')
		return APPLY_READY;
	view_item_entry(a, &it);
	return c->kind == CHANGE_MODIFY && as_modified(&it.entry, c) ?
	    APPLY_ALREADY : moved(err, s, "somebody changed it meanwhile");
}

/* --- under way ------------------------------------------------------------ */

struct run;

struct slot {
	struct slot *next;		/* in one of the run's lists */
	struct run *run;
	struct arena *a;		/* owned; of the step */
	struct apply_step step;
	struct err e;			/* why it must be looked at again */
};

struct run {
	const struct apply *ap;
	pthread_mutex_t lock;
	pthread_cond_t some;		/* a slot came back */
	struct slot *idle, *again;	/* lock */
	unsigned busy;			/* lock: slots in neither */
	struct err stop;		/* lock: what stopped it */
};

static bool is_general(int code)
{
	return code == ERR_BUSY || code == ERR_TIMEOUT || code == ERR_IO;
}

/* Lock held. */
static void tell(struct run *r, struct slot *s, enum apply_is is,
    const struct err *e)
{
	bool bad = is == APPLY_MOVED || is == APPLY_FAILED;

	if (bad && r->stop.code == 0 &&
	    (!r->ap->go_on || is_general(e->code)))
		r->stop = *e;
	r->ap->each(r->ap->ctx, &s->step, is, e);
}

static void give_back(struct run *r, struct slot **list, struct slot *s)
{
	s->next = *list;
	*list = s;
	r->busy--;
	pthread_cond_signal(&r->some);
}

static void over(struct slot *s, enum apply_is is, const struct err *e)
{
	struct run *r = s->run;

	pthread_mutex_lock(&r->lock);
	tell(r, s, is, e);
	give_back(r, &r->idle, s);
	pthread_mutex_unlock(&r->lock);
}

static void newer(void *arg, enum view_wait_end how)
{
	struct slot *s = arg;
	struct run *r = s->run;

	(void)how;
	pthread_mutex_lock(&r->lock);
	give_back(r, &r->again, s);
	pthread_mutex_unlock(&r->lock);
}

/* It may have been done before: that shows once the view is as new as what
 * stood in the way. Any later CSN sorts behind this one with a character
 * more. */
static void wait_for_newer(struct slot *s)
{
	const struct apply_step *st = &s->step;
	bool gone = st->change->kind == CHANGE_DELETE;

	if (st->change->kind == CHANGE_ADD)
		newer(s, VIEW_WAIT_DEADLINE);
	else
		view_wait(s->run->ap->view, st->uuid, gone ? NULL :
		    arena_printf(s->a, "%s~", st->csn), clock_mono() +
		    NEWER_WAIT, newer, s);
}

static void done(void *arg, const struct writer_result *res)
{
	struct slot *s = arg;

	switch (res->code) {
	case 0:
		failpoint("apply");
		over(s, APPLY_DONE, &res->err);
		break;
	case ERR_CONFLICT: case ERR_EXISTS: case ERR_NOT_FOUND:
	case ERR_TIMEOUT:
		s->e = res->err;
		wait_for_newer(s);
		break;
	default:
		over(s, APPLY_FAILED, &res->err);
	}
}

/* In a snapshot of its own. */
static enum apply_is look(const struct apply *ap, struct slot *s,
    struct err *e)
{
	struct view_read *r;
	enum apply_is is;

	if (view_read_begin(ap->view, &r, e) != 0)
		return APPLY_FAILED;
	is = apply_look(r, ap->map, s->a, &s->step, e);
	view_read_end(r);
	return is;
}

static void begin(const struct apply *ap, struct slot *s)
{
	struct err e = { 0 };
	enum apply_is is = look(ap, s, &e);

	if (is != APPLY_READY)
		over(s, is, &e);
	else
		writer_submit(ap->writer, s->step.change,
		    s->step.change->kind == CHANGE_ADD ? NULL : s->step.uuid,
		    true, done, s);
}

/* What the writer said stands, unless the view shows that all is well. */
static void once_more(const struct apply *ap, struct slot *s)
{
	struct err e = { 0 };
	enum apply_is is = look(ap, s, &e);

	if (is == APPLY_READY || is == APPLY_FAILED)
		over(s, s->e.code == ERR_CONFLICT ? APPLY_MOVED :
		    APPLY_FAILED, &s->e);
	else if (is == APPLY_MOVED && s->e.code == ERR_EXISTS &&
	    s->step.change->kind == CHANGE_MODIFY)
		over(s, APPLY_FAILED, &s->e);
	else
		over(s, is, &e);
}

/* --- the run -------------------------------------------------------------- */

/* Lock held; the slot is the caller's then. */
static struct slot *pop(struct run *r, struct slot **list)
{
	struct slot *s = *list;

	*list = s->next;
	r->busy++;
	return s;
}

static bool is_stopped(struct run *r)
{
	if (r->stop.code == 0 && r->ap->stop != NULL && *r->ap->stop)
		err_set(&r->stop, ERR_BUSY, "the daemon is shutting down");
	return r->stop.code != 0;
}

/* Lock held. NULL: there is no other step. */
static struct slot *fetch(struct run *r)
{
	struct slot *s = pop(r, &r->idle);
	bool more;

	pthread_mutex_unlock(&r->lock);
	arena_reset(s->a);
	s->step = (struct apply_step){ 0 };
	more = r->ap->next(r->ap->ctx, s->a, &s->step);
	pthread_mutex_lock(&r->lock);
	if (!more)
		give_back(r, &r->idle, s);
	return more ? s : NULL;
}

static void unlocked(struct run *r, void (*fn)(const struct apply *ap,
    struct slot *s), struct slot *s)
{
	pthread_mutex_unlock(&r->lock);
	fn(r->ap, s);
	pthread_mutex_lock(&r->lock);
}

/* A step that was fetched counts as busy. */
static bool may_begin(const struct run *r, const struct slot *s)
{
	return !s->step.alone || (r->busy == 1 && r->again == NULL);
}

/* One move onward; false: there is nothing to do but wait. */
static bool advance(struct run *r, struct slot **s, bool *more)
{
	if (r->again != NULL) {
		unlocked(r, once_more, pop(r, &r->again));
		return true;
	}
	if (is_stopped(r))
		return false;
	if (*more && *s == NULL && r->idle != NULL) {
		*s = fetch(r);
		*more = *s != NULL;
		return true;
	}
	if (*s == NULL || !may_begin(r, *s))
		return false;
	unlocked(r, begin, *s);
	*s = NULL;
	return true;
}

/* A step that was fetched and not begun, if something stopped it. */
static struct slot *drive(struct run *r)
{
	struct slot *s = NULL;
	bool more = true;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		if (advance(r, &s, &more))
			continue;
		if (r->busy == (s != NULL) && (!more || is_stopped(r)))
			break;
		pthread_cond_wait(&r->some, &r->lock);
	}
	pthread_mutex_unlock(&r->lock);
	return s;
}

/* s: one that was fetched and not begun; NULL none. */
static void leave_rest(struct run *r, struct slot *s)
{
	struct err e = { 0 };

	err_set(&e, r->stop.code, "not begun: %.400s", r->stop.text);
	if (s != NULL)
		tell(r, s, APPLY_LEFT, &e);
	for (s = s != NULL ? s : r->idle;; tell(r, s, APPLY_LEFT, &e)) {
		arena_reset(s->a);
		s->step = (struct apply_step){ 0 };
		if (!r->ap->next(r->ap->ctx, s->a, &s->step))
			break;
	}
}

int apply_run(const struct apply *ap, struct err *e)
{
	unsigned n = ap->window != 0 ? ap->window : WINDOW, i;
	struct slot *slot = calloc(n, sizeof(*slot)), *left;
	struct run r = { .ap = ap };

	if (slot == NULL)
		abort();
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.some, NULL);
	for (i = 0; i < n; i++) {
		slot[i] = (struct slot){ .run = &r, .a = arena_new(),
		    .next = r.idle };
		r.idle = &slot[i];
	}
	left = drive(&r);
	if (r.stop.code != 0)
		leave_rest(&r, left);
	for (i = 0; i < n; i++)
		arena_free(slot[i].a);
	free(slot);
	pthread_cond_destroy(&r.some);
	pthread_mutex_destroy(&r.lock);
	if (r.stop.code != 0 && e != NULL)
		*e = r.stop;
	return r.stop.code;
}
