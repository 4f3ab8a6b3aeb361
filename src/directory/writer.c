/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "directory/writer_p.h"
#include "model/dn.h"

/* --- lists -------------------------------------------------------------- */
void ops_push(struct ops *l, struct op *op)
{
	op->next = NULL;
	if (l->head == NULL)
		l->head = op;
	else
		l->tail->next = op;
	l->tail = op;
}

void ops_unshift(struct ops *l, struct op *op)
{
	op->next = l->head;
	if (l->head == NULL)
		l->tail = op;
	l->head = op;
}

struct op *ops_pop(struct ops *l)
{
	struct op *op = l->head;

	if (op != NULL) {
		l->head = op->next;
		op->next = NULL;
	}
	return op;
}

/* --- ending an operation ------------------------------------------------ */
void writer_end(struct op *op, int code, const char *fmt, ...)
{
	struct writer *w = op->w;
	va_list ap;

	if (code != 0) {
		op->r.code = code;
		if (fmt != NULL) {
			va_start(ap, fmt);
			op->r.err.code = code;
			vsnprintf(op->r.err.text, sizeof(op->r.err.text), fmt,
			    ap);
			va_end(ap);
		}
	}
	journal_mark_end(w->conf.journal, op->mark, code == 0 ?
	    !op->r.in_view : code == ERR_TIMEOUT);
	counter_add(code == 0 ? C_LDAP_WRITES : C_LDAP_WRITE_ERRORS, 1);
	op->done(op->arg, &op->r);
	arena_free(op->a);
	/* The last touch: writer_stop may free w from here on. */
	atomic_fetch_sub(&w->pending, 1);
}

void writer_wake(struct writer *w)
{
	uint64_t one = 1;

	/* A full counter wakes as well. */
	if (write(w->wake, &one, sizeof(one)) == -1 && errno != EAGAIN)
		log_error("writer: wake-up failed: %s", strerror(errno));
}

/* --- the connector ------------------------------------------------------ */
/* Opening blocks, so a thread of its own does it: a connection that is lost
 * must not hold up the others. */
static struct conn *wanted(struct writer *w)
{
	unsigned i;

	for (i = 0; i < w->conf.connections && w->uri != NOWHERE; i++)
		if (w->conn[i].wanted)
			return &w->conn[i];
	return NULL;
}

/* For so long, unless another provider is in use before. */
static void wait_until(struct writer *w, int64_t us)
{
	struct timespec ts;
	size_t uri = w->uri;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	us += ts.tv_nsec / 1000;
	ts.tv_sec += (time_t)(us / CLOCK_SECOND);
	ts.tv_nsec = (long)(us % CLOCK_SECOND) * 1000;
	while (!w->stopping && w->uri == uri &&
	    pthread_cond_timedwait(&w->want, &w->lock, &ts) != ETIMEDOUT)
		;
}

static int dial(struct writer *w, size_t uri, struct ldapc **l, struct err *e)
{
	struct ldapc_conf one = w->conf.ldap;
	size_t first = 0;

	if (one.uris.n > 1)
		one.uris = (struct strv){ &one.uris.v[uri], 1, 1 };
	return ldapc_open(&one, &first, l, e);
}

static void connect_one(struct writer *w, struct conn *c, struct backoff *b)
{
	struct ldapc *l = NULL;
	size_t uri = w->uri;
	struct err e;
	int rc;

	pthread_mutex_unlock(&w->lock);
	rc = dial(w, uri, &l, &e);
	pthread_mutex_lock(&w->lock);
	if (uri != w->uri) {
		ldapc_close(l);
		backoff_reset(b);
		return;
	}
	if (rc == 0) {
		if (b->tries > 0)
			log_info("writer: connected to %s", ldapc_uri(l));
		backoff_reset(b);
		c->fresh = l;
		c->fresh_uri = uri;
		c->wanted = false;
		writer_wake(w);
		return;
	}
	if (b->tries == 0)
		log_error("writer: no directory to write to, trying on: %s",
		    e.text);
	wait_until(w, backoff_next(b));
}

static void *connector(void *arg)
{
	struct backoff b = { .base = CLOCK_SECOND / 10,
		.max = 10 * CLOCK_SECOND };
	struct writer *w = arg;
	struct conn *c;

	pthread_setname_np(pthread_self(), "connect");
	pthread_mutex_lock(&w->lock);
	while (!w->stopping)
		if ((c = wanted(w)) != NULL)
			connect_one(w, c, &b);
		else
			pthread_cond_wait(&w->want, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* --- life --------------------------------------------------------------- */
static struct writer *writer_new(const struct writer_conf *c, struct view *v)
{
	struct writer *w = calloc(1, sizeof(*w));
	pthread_condattr_t attr;
	unsigned i;

	if (w == NULL)
		abort();
	w->a = arena_new();
	w->message = arena_new();
	w->by_dn = map_new();
	w->conf = *c;
	w->conf.ldap = ldapc_conf_dup(w->a, &c->ldap);
	if (w->conf.connections == 0)
		w->conf.connections = 2;
	if (w->conf.connections > WRITER_MAX_CONNECTIONS)
		w->conf.connections = WRITER_MAX_CONNECTIONS;
	if (w->conf.max_queue == 0)
		w->conf.max_queue = 10000;
	for (i = 0; i < w->conf.connections; i++)
		w->conn[i].wanted = true;
	w->uri = w->conf.ldap.uris.n > 1 ? NOWHERE : 0;
	atomic_init(&w->until, w->uri == NOWHERE ? 0 : CLOCK_NEVER);
	w->view = v;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->want, &attr);
	pthread_condattr_destroy(&attr);
	return w;
}

static void writer_free(struct writer *w)
{
	unsigned i;

	for (i = 0; i < w->conf.connections; i++) {
		ldapc_close(w->conn[i].l);
		ldapc_close(w->conn[i].fresh);
	}
	if (w->wake != -1)
		close(w->wake);
	pthread_cond_destroy(&w->want);
	pthread_mutex_destroy(&w->lock);
	map_free(w->by_dn, NULL);
	arena_free(w->message);
	arena_free(w->a);
	free(w);
}

/* The first connection: only what trying on can't mend is an error. */
static int first_connection(struct writer *w, struct err *e)
{
	struct conn *c = &w->conn[0];
	int rc;

	if (w->uri == NOWHERE)
		return 0;
	rc = dial(w, w->uri, &c->l, e);
	if (rc == 0) {
		c->uri = w->uri;
		c->wanted = false;
		atomic_store(&w->up, 1);
		return 0;
	}
	return rc == ERR_BUSY || rc == ERR_TIMEOUT ? 0 : rc;
}

static void request_stop(struct writer *w, unsigned seconds)
{
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	w->stop_at = clock_mono() + (int64_t)seconds * CLOCK_SECOND;
	pthread_cond_broadcast(&w->want);
	pthread_mutex_unlock(&w->lock);
	writer_wake(w);
}

static int start_threads(struct writer *w, struct err *e)
{
	int rc;

	rc = pthread_create(&w->loop, NULL, writer_loop, w);
	if (rc != 0)
		return err_set(e, ERR_IO, "writer: no thread: %s",
		    strerror(rc));
	rc = pthread_create(&w->connector, NULL, connector, w);
	if (rc == 0)
		return 0;
	request_stop(w, 0);
	pthread_join(w->loop, NULL);
	return err_set(e, ERR_IO, "writer: no thread: %s", strerror(rc));
}

int writer_start(const struct writer_conf *c, struct view *v,
    struct writer **out, struct err *e)
{
	struct writer *w = writer_new(c, v);
	int rc;

	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake == -1)
		rc = err_set(e, ERR_IO, "writer: eventfd: %s",
		    strerror(errno));
	else
		rc = first_connection(w, e);
	if (rc == 0)
		rc = start_threads(w, e);
	if (rc != 0) {
		writer_free(w);
		return rc;
	}
	*out = w;
	return 0;
}

void writer_stop(struct writer *w, unsigned seconds)
{
	if (w == NULL)
		return;
	request_stop(w, seconds);
	pthread_join(w->connector, NULL);
	pthread_join(w->loop, NULL);
	writer_free(w);
}

bool writer_allowed(const struct writer *w)
{
	return clock_boot() < atomic_load(&w->until);
}

bool writer_up(const struct writer *w)
{
	return atomic_load(&w->up) > 0 && writer_allowed(w);
}

bool writer_provider(struct writer *w, size_t *uri)
{
	pthread_mutex_lock(&w->lock);
	*uri = w->uri;
	pthread_mutex_unlock(&w->lock);
	return *uri != NOWHERE && writer_allowed(w);
}

void writer_use(struct writer *w, size_t uri, int64_t until)
{
	bool other;

	pthread_mutex_lock(&w->lock);
	other = w->uri != uri;
	if (other) {
		/* Not before those to the old one are gone. */
		atomic_store(&w->up, 0);
		w->uri = uri;
		pthread_cond_broadcast(&w->want);
	}
	atomic_store(&w->until, until);
	pthread_mutex_unlock(&w->lock);
	if (other)
		writer_wake(w);
}

/* --- submission --------------------------------------------------------- */
static struct op *op_new(struct writer *w, const struct change *c,
    const uint8_t *uuid, bool wait,
    void (*done)(void *, const struct writer_result *), void *arg)
{
	struct arena *a = arena_new();
	struct op *op = arena_alloc(a, sizeof(*op));

	op->a = a;
	op->w = w;
	op->change = c;
	op->wait = wait && w->view != NULL;
	op->has_uuid = uuid != NULL;
	if (uuid != NULL)
		memcpy(op->r.uuid, uuid, sizeof(op->r.uuid));
	op->done = done;
	op->arg = arg;
	op->since = clock_mono();
	return op;
}

/* False: not now. */
static bool enqueue(struct writer *w, struct op *op)
{
	bool ok, first;

	pthread_mutex_lock(&w->lock);
	ok = !w->stopping && atomic_load(&w->pending) <= w->conf.max_queue;
	first = ok && w->queue.head == NULL;
	if (ok)
		ops_push(&w->queue, op);
	pthread_mutex_unlock(&w->lock);
	if (first)
		writer_wake(w);
	return ok;
}

void writer_submit(struct writer *w, const struct change *c,
    const uint8_t *uuid, bool wait,
    void (*done)(void *arg, const struct writer_result *r), void *arg)
{
	struct op *op = op_new(w, c, uuid, wait, done, arg);

	atomic_fetch_add(&w->pending, 1);
	op->key = dn_normal(op->a, c->dn, &op->r.err);
	if (op->key == NULL)
		writer_end(op, ERR_INVALID, NULL);
	else if (!writer_up(w))
		writer_end(op, ERR_BUSY, "the directory can't be reached just "
		    "now, nothing was written");
	else if (w->conf.journal != NULL && journal_failing(w->conf.journal))
		writer_end(op, ERR_BUSY, "the journal can't be written, so "
		    "nothing was: make room on its disk, or mend it");
	else if (!enqueue(w, op))
		writer_end(op, ERR_BUSY, "too many writes are waiting for the "
		    "directory, nothing was written");
}

struct call {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool over;
	struct writer_result *r;
};

static void call_done(void *arg, const struct writer_result *r)
{
	struct call *call = arg;

	pthread_mutex_lock(&call->lock);
	*call->r = *r;
	call->over = true;
	pthread_cond_signal(&call->cond);
	pthread_mutex_unlock(&call->lock);
}

int writer_call(struct writer *w, const struct change *c,
    const uint8_t *uuid, bool wait, struct writer_result *r)
{
	struct call call = { PTHREAD_MUTEX_INITIALIZER,
		PTHREAD_COND_INITIALIZER, false, r };

	writer_submit(w, c, uuid, wait, call_done, &call);
	pthread_mutex_lock(&call.lock);
	while (!call.over)
		pthread_cond_wait(&call.cond, &call.lock);
	pthread_mutex_unlock(&call.lock);
	pthread_mutex_destroy(&call.lock);
	pthread_cond_destroy(&call.cond);
	return r->code;
}
