/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "directory/writer_p.h"

/* Outstanding on one connection: enough for any server (MEASURED: 64 on two
 * are saturation), few enough that a lost one leaves little in doubt. */
#define MAX_SENT 64
/* Nothing of ours is due later than that; bounds what we oversleep. */
#define MAX_SLEEP CLOCK_SECOND

static const char *const word[] = { [CHANGE_ADD] = "add",
	[CHANGE_MODIFY] = "modify", [CHANGE_DELETE] = "delete" };

/* --- order within one DN ------------------------------------------------ */
static void admit(struct writer *w, struct op *op)
{
	struct op *before = map_get(w->by_dn, op->key);

	if (before != NULL) {
		ops_push(&before->held, op);
		return;
	}
	map_put(w->by_dn, op->key, op);
	ops_push(&w->ready, op);
}

/* op has its answer: the next one for its DN may go. */
static void release(struct writer *w, struct op *op)
{
	struct op *next = ops_pop(&op->held);

	if (next == NULL) {
		map_del(w->by_dn, op->key);
		return;
	}
	next->held = op->held;
	op->held = (struct ops){ NULL, NULL };
	map_put(w->by_dn, next->key, next);
	ops_push(&w->ready, next);
}

/* op and all held behind it end without an answer. Those behind an unknown
 * outcome do not go on another way: they might overtake it. */
static void drop(struct writer *w, struct op *op, int code, const char *why)
{
	struct ops held = op->held;
	struct op *later;

	map_del(w->by_dn, op->key);
	while ((later = ops_pop(&held)) != NULL)
		writer_end(later, ERR_BUSY, "%s %s: not sent: %s",
		    word[later->change->kind], later->change->dn, why);
	writer_end(op, code, "%s %s: %s%s", word[op->change->kind],
	    op->change->dn, code == ERR_TIMEOUT ? "outcome unknown: " :
	    "not sent: ", why);
}

static void drop_ready(struct writer *w, const char *why)
{
	struct op *op;

	while ((op = ops_pop(&w->ready)) != NULL)
		drop(w, op, ERR_BUSY, why);
}

/* --- connections -------------------------------------------------------- */
static void count_up(struct writer *w)
{
	unsigned i, n = 0;

	for (i = 0; i < w->conf.connections; i++)
		n += w->conn[i].l != NULL;
	atomic_store(&w->up, n);
}

/* Close it, end what was outstanding, ask for a new one. */
static void lose(struct writer *w, struct conn *c, const char *why)
{
	struct ops sent = c->sent;
	struct op *op;

	log_warn("writer: connection to %s lost, %u outstanding: %s",
	    ldapc_uri(c->l), c->n, why);
	ldapc_close(c->l);
	c->l = NULL;
	c->n = 0;
	c->sent = (struct ops){ NULL, NULL };
	count_up(w);
	counter_add(C_LDAP_RECONNECTS, 1);
	pthread_mutex_lock(&w->lock);
	c->wanted = true;
	pthread_cond_signal(&w->want);
	pthread_mutex_unlock(&w->lock);
	while ((op = ops_pop(&sent)) != NULL)
		drop(w, op, ERR_TIMEOUT, why);
	if (atomic_load(&w->up) == 0)
		drop_ready(w, why);
}

/* All connections go to one provider: assertions hold only there. */
static void leave_others(struct writer *w)
{
	unsigned i;
	size_t uri;

	pthread_mutex_lock(&w->lock);
	uri = w->uri;
	pthread_mutex_unlock(&w->lock);
	for (i = 0; i < w->conf.connections; i++)
		if (w->conn[i].l != NULL && w->conn[i].uri != uri)
			lose(w, &w->conn[i], "another provider is in use");
}

static struct conn *take_fresh_one(struct writer *w)
{
	struct conn *c;
	unsigned i;

	for (i = 0; i < w->conf.connections; i++) {
		c = &w->conn[i];
		if (c->fresh == NULL)
			continue;
		c->l = c->fresh;
		c->uri = c->fresh_uri;
		c->fresh = NULL;
		return c;
	}
	return NULL;
}

static void take_fresh(struct writer *w)
{
	struct conn *c;

	for (;;) {
		pthread_mutex_lock(&w->lock);
		c = take_fresh_one(w);
		pthread_mutex_unlock(&w->lock);
		if (c == NULL)
			break;
	}
	leave_others(w);
	count_up(w);
}

/* --- sending ------------------------------------------------------------ */
static void take_queue(struct writer *w)
{
	struct ops queue;
	struct op *op;

	pthread_mutex_lock(&w->lock);
	queue = w->queue;
	w->queue = (struct ops){ NULL, NULL };
	w->draining = w->stopping;
	pthread_mutex_unlock(&w->lock);
	while ((op = ops_pop(&queue)) != NULL)
		admit(w, op);
}

/* The connection with the fewest outstanding that can take one more. */
static struct conn *pick(struct writer *w)
{
	struct conn *c, *best = NULL;
	unsigned i;

	for (i = 0; i < w->conf.connections; i++) {
		c = &w->conn[i];
		if (c->l != NULL && c->n < MAX_SENT &&
		    (best == NULL || c->n < best->n) && ldapc_writable(c->l))
			best = c;
	}
	return best;
}

static void begin_mark(struct writer *w, struct op *op)
{
	const struct change *c = op->change;

	if (op->mark == NULL && c->batch != NULL && w->conf.journal != NULL)
		op->mark = journal_mark_begin(w->conf.journal, c->batch,
		    c->dn, c->act_as);
}

static void send_op(struct writer *w, struct conn *c, struct op *op)
{
	char why[sizeof(op->r.err.text)];
	int rc;

	begin_mark(w, op);
	rc = ldapc_send_change(c->l, op->change, &op->msgid, &op->r.err);
	if (rc == 0) {
		op->since = clock_mono();
		ops_push(&c->sent, op);
		c->n++;
	} else if (rc == ERR_BUSY) {
		/* It had no effect: it may go another way. */
		snprintf(why, sizeof(why), "%s", op->r.err.text);
		ops_unshift(&w->ready, op);
		lose(w, c, why);
	} else {
		release(w, op);
		writer_end(op, rc, NULL);
	}
}

static void send_ready(struct writer *w)
{
	struct conn *c;

	if (atomic_load(&w->up) == 0)
		drop_ready(w, "the directory can't be reached just now");
	else if (!writer_allowed(w))
		drop_ready(w, "the provider in use can't be told just now");
	else if (w->draining)
		drop_ready(w, "shutting down");
	while (w->ready.head != NULL && (c = pick(w)) != NULL)
		send_op(w, c, ops_pop(&w->ready));
}

/* --- receiving ---------------------------------------------------------- */
static void seen(void *arg, enum view_wait_end end)
{
	struct op *op = arg;

	op->r.in_view = end == VIEW_WAIT_SEEN;
	writer_end(op, 0, NULL);
}

static void succeed(struct writer *w, struct op *op, const struct entry *en)
{
	bool gone = op->change->kind == CHANGE_DELETE;

	if (en != NULL) {
		memcpy(op->r.uuid, en->uuid, sizeof(op->r.uuid));
		snprintf(op->r.csn, sizeof(op->r.csn), "%s", en->csn);
		op->r.created = en->created;
		op->r.modified = en->modified;
		op->has_uuid = true;
	}
	/* Without a post-read answer there is nothing to recognise. */
	if (op->wait && op->has_uuid && (gone || op->r.csn[0] != '\0'))
		view_wait(w->view, op->r.uuid, gone ? NULL : op->r.csn,
		    clock_mono() + w->conf.wait, seen, op);
	else
		writer_end(op, 0, NULL);
}

static struct op *take_sent(struct conn *c, int msgid)
{
	struct op *op, *before = NULL;

	/* Answers come nearly in order: the one wanted is near the head. */
	for (op = c->sent.head; op != NULL && op->msgid != msgid;
	    op = op->next)
		before = op;
	if (op == NULL)
		return NULL;
	if (before == NULL)
		c->sent.head = op->next;
	else
		before->next = op->next;
	if (c->sent.tail == op)
		c->sent.tail = before;
	c->n--;
	return op;
}

static void answered(struct writer *w, struct conn *c,
    const struct ldapc_result *r)
{
	struct op *op = take_sent(c, r->msgid);
	char what[160];
	int rc;

	if (op == NULL)
		return;
	release(w, op);
	snprintf(what, sizeof(what), "%s %s", word[op->change->kind],
	    op->change->dn);
	rc = ldapc_error(r, what, &op->r.err);
	if (rc == 0)
		succeed(w, op, r->entry);
	else
		writer_end(op, rc, NULL);
}

static void receive(struct writer *w, struct conn *c)
{
	struct ldapc_result r;
	struct err e;

	c->readable = false;
	do {
		arena_reset(w->message);
		if (ldapc_next(c->l, w->message, 0, 0, &r, &e) != 0)
			lose(w, c, e.text);
		else if (r.kind == LDAPC_NONE)
			break;
		else if (r.kind == LDAPC_DONE)
			answered(w, c, &r);
	} while (c->n > 0);
}

static void receive_all(struct writer *w)
{
	unsigned i;

	for (i = 0; i < w->conf.connections; i++)
		if (w->conn[i].l != NULL && w->conn[i].readable)
			receive(w, &w->conn[i]);
}

/* --- time --------------------------------------------------------------- */
/* Ends what is overdue; the next time something may be. */
static int64_t expire(struct writer *w)
{
	int64_t limit = w->conf.ldap.op_timeout, now = clock_mono();
	int64_t next = now + MAX_SLEEP, at;
	struct conn *c;
	unsigned i;

	for (i = 0; i < w->conf.connections; i++) {
		c = &w->conn[i];
		if (c->sent.head == NULL)
			continue;
		at = c->sent.head->since + limit;
		if (at <= now)
			lose(w, c, "no answer in time");
		else if (at < next)
			next = at;
	}
	while (w->ready.head != NULL && w->ready.head->since + limit <= now)
		drop(w, ops_pop(&w->ready), ERR_BUSY,
		    "the directory is too slow");
	if (w->ready.head != NULL && w->ready.head->since + limit < next)
		next = w->ready.head->since + limit;
	at = w->view != NULL ? view_wait_expire(w->view) : CLOCK_NEVER;
	return at < next ? at : next;
}

static nfds_t watch(struct writer *w, struct pollfd *p)
{
	struct conn *c;
	nfds_t n = 0;
	unsigned i;

	p[n++] = (struct pollfd){ .fd = w->wake, .events = POLLIN };
	for (i = 0; i < w->conf.connections; i++) {
		c = &w->conn[i];
		/* poll takes no notice of a negative descriptor. */
		p[n].fd = c->l != NULL ? ldapc_fd(c->l) : -1;
		p[n].events = POLLIN;
		if (w->ready.head != NULL && c->n < MAX_SENT)
			p[n].events |= POLLOUT;
		n++;
	}
	return n;
}

static void sleep_until(struct writer *w, int64_t next)
{
	struct pollfd p[WRITER_MAX_CONNECTIONS + 1];
	int64_t left = next - clock_mono();
	nfds_t n = watch(w, p), i;
	uint64_t count;

	if (w->draining && left > CLOCK_SECOND / 100)
		left = CLOCK_SECOND / 100;
	if (poll(p, n, left > 0 ? (int)((left + 999) / 1000) : 0) <= 0)
		return;
	for (i = 1; i < n; i++)
		w->conn[i - 1].readable = (p[i].revents & ~POLLOUT) != 0;
	if (p[0].revents != 0 &&
	    read(w->wake, &count, sizeof(count)) == -1 && errno != EAGAIN)
		log_error("writer: wake-up: %s", strerror(errno));
}

/* Stopping: what is outstanding may be answered until then, and whoever waits
 * for the view is told at their own deadline. */
static bool finished(struct writer *w)
{
	unsigned i;

	if (!w->draining)
		return false;
	for (i = 0; i < w->conf.connections; i++)
		if (w->conn[i].sent.head != NULL && clock_mono() >= w->stop_at)
			lose(w, &w->conn[i], "shutting down");
	return atomic_load(&w->pending) == 0;
}

void *writer_loop(void *arg)
{
	struct writer *w = arg;
	int64_t next;

	pthread_setname_np(pthread_self(), "writer");
	do {
		take_fresh(w);
		take_queue(w);
		receive_all(w);
		next = expire(w);
		send_ready(w);
		sleep_until(w, next);
	} while (!finished(w));
	return NULL;
}
