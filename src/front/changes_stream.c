/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "front/answer.h"
#include "front/changes.h"
#include "front/changes_p.h"
#include "store/journal_line.h"

#define PIECE ((size_t)32 << 10)	/* about so much is made at a time */
#define PIECE_KEEP ((size_t)256 << 10)	/* memory kept for the next one */
#define PIECE_MAX ((size_t)16 << 20)
#define LOOK ((size_t)1 << 20)		/* looked through at a time */
#define BEAT (15 * CLOCK_SECOND)	/* a comment, when nothing happens */

struct changes_hub {
	struct front *f;
	struct journal *journal;
	pthread_t thread;
	pthread_mutex_t lock;
	struct feed *first;		/* lock: all streams */
	unsigned n;			/* lock */
	_Atomic bool stopping;
};

/* One stream. The server's thread's own but for what is atomic. */
struct feed {
	struct changes_hub *hub;
	struct feed *prev, *next;	/* hub's lock */
	struct httpd_flow *flow;	/* set before the first read */
	bool linked;			/* into the hub's list */
	struct journal_cursor *cursor;	/* owned */
	struct changes_query query;
	char *batch;			/* owned; what query has */
	struct arena *a;		/* owned; scratch */
	struct buf piece;		/* being sent, from off on */
	size_t off;
	bool over;
	_Atomic uint64_t seen;		/* all lines up to this one */
	_Atomic int64_t beat;		/* mono */
};

/* --- what is sent -------------------------------------------------------- */

static void put_event(struct feed *s, const char *line, size_t n)
{
	size_t mark = s->piece.len;

	buf_printf(&s->piece, "id: %" PRIu64 "\nevent: change\ndata: ",
	    journal_cursor_at(s->cursor));
	if (changes_put(&s->piece, s->hub->f->conf.map, s->a, &s->query, line,
	    n))
		buf_puts(&s->piece, "\n\n");
	else
		s->piece.len = mark;
}

/* It can't go on: say why, then end. */
static void put_error(struct feed *s, const struct err *e)
{
	buf_puts(&s->piece, "event: error\ndata: ");
	json_text(&s->piece, e->text);
	buf_puts(&s->piece, "\n\n");
	s->over = true;
}

/* Where others would wait, a line says how far it got: so a stream that finds
 * nothing of what it wants goes on from there when it is cut. */
static void put_place(struct feed *s)
{
	buf_printf(&s->piece, "id: %" PRIu64 "\n:\n\n",
	    journal_cursor_at(s->cursor));
}

static void read_lines(struct feed *s, uint64_t upto)
{
	struct err e = { 0 };
	const char *line;
	size_t n, looked = 0;
	int rc = 0;

	while (s->piece.len < PIECE && looked < LOOK) {
		rc = journal_cursor_next(s->cursor, upto, &line, &n, &e);
		if (rc != 0)
			break;
		looked += n;
		put_event(s, line, n);
	}
	if (rc != 0 && rc != ERR_NOT_FOUND)
		put_error(s, &e);
	else if (s->piece.len == 0 && looked >= LOOK)
		put_place(s);
}

static void fresh_piece(struct feed *s)
{
	if (s->piece.cap > PIECE_KEEP) {
		buf_fini(&s->piece);
		buf_init(&s->piece, PIECE_MAX);
	}
	buf_reset(&s->piece);
	s->off = 0;
}

static void fill(struct feed *s)
{
	uint64_t upto = journal_last(s->hub->journal);

	fresh_piece(s);
	if (s->over || s->hub->f->draining) {
		s->over = true;
		return;
	}
	read_lines(s, upto);
	if (s->piece.len == 0 && clock_mono() >= atomic_load(&s->beat))
		put_place(s);
	atomic_store(&s->seen, s->piece.len == 0 ? upto :
	    journal_cursor_at(s->cursor));
	if (s->piece.len != 0)
		atomic_store(&s->beat, clock_mono() + BEAT);
}

/* --- all of them --------------------------------------------------------- */

/* False: there are too many. */
static bool take_place(struct changes_hub *h)
{
	bool room;

	pthread_mutex_lock(&h->lock);
	room = h->n < CHANGES_STREAMS;
	h->n += room;
	pthread_mutex_unlock(&h->lock);
	return room;
}

static void link_in(struct feed *s)
{
	struct changes_hub *h = s->hub;

	pthread_mutex_lock(&h->lock);
	s->next = h->first;
	if (s->next != NULL)
		s->next->prev = s;
	h->first = s;
	pthread_mutex_unlock(&h->lock);
	s->linked = true;
}

/* The lock is held. */
static void take_out(struct feed *s)
{
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		s->hub->first = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
}

static ssize_t feed_read(void *ctx, char *out, size_t max)
{
	struct feed *s = ctx;
	size_t n;

	if (!s->linked)
		link_in(s);
	if (s->off == s->piece.len)
		fill(s);
	n = s->piece.len - s->off;
	if (n == 0)
		return s->over ? 0 : HTTPD_STREAM_WAIT;
	if (s->piece.failed)
		return -1;
	if (n > max)
		n = max;
	memcpy(out, s->piece.data + s->off, n);
	s->off += n;
	return (ssize_t)n;
}

static void feed_free(void *ctx)
{
	struct feed *s = ctx;
	struct changes_hub *h = s->hub;

	pthread_mutex_lock(&h->lock);
	if (s->linked)
		take_out(s);
	h->n--;
	pthread_mutex_unlock(&h->lock);
	counter_add(C_CHANGE_STREAMS, -1);
	journal_cursor_close(s->cursor);
	arena_free(s->a);
	buf_fini(&s->piece);
	free(s->batch);
	free(s);
}

/* The lock is held. */
static void wake_some(struct changes_hub *h, uint64_t last)
{
	int64_t now = clock_mono();
	struct feed *s;

	for (s = h->first; s != NULL; s = s->next)
		if (h->f->draining || atomic_load(&s->seen) < last ||
		    atomic_load(&s->beat) <= now)
			httpd_flow_wake(s->flow);
}

static void *run(void *arg)
{
	struct changes_hub *h = arg;
	uint64_t last = 0;

	pthread_setname_np(pthread_self(), "changes");
	while (!atomic_load(&h->stopping)) {
		journal_wait(h->journal, last, clock_mono() + CLOCK_SECOND);
		last = journal_last(h->journal);
		pthread_mutex_lock(&h->lock);
		wake_some(h, last);
		pthread_mutex_unlock(&h->lock);
	}
	return NULL;
}

int changes_start(struct front *f, struct changes_hub **out, struct err *e)
{
	struct changes_hub *h;

	*out = NULL;
	if (f->conf.journal == NULL)
		return 0;
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		abort();
	h->f = f;
	h->journal = f->conf.journal;
	pthread_mutex_init(&h->lock, NULL);
	if (pthread_create(&h->thread, NULL, run, h) != 0) {
		pthread_mutex_destroy(&h->lock);
		free(h);
		return err_set(e, ERR_IO, "front: cannot start a thread");
	}
	*out = h;
	return 0;
}

void changes_drain(struct changes_hub *h)
{
	if (h != NULL)
		journal_wake(h->journal);
}

void changes_stop(struct changes_hub *h)
{
	if (h == NULL)
		return;
	atomic_store(&h->stopping, true);
	journal_wake(h->journal);
	pthread_join(h->thread, NULL);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* --- a new one ----------------------------------------------------------- */

static struct feed *feed_new(struct changes_hub *h,
    const struct changes_query *q, struct journal_cursor *cursor)
{
	struct feed *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->batch = strdup(q->batch)) == NULL)
		abort();
	s->hub = h;
	s->cursor = cursor;
	s->query = *q;
	s->query.batch = s->batch;
	s->a = arena_new();
	s->seen = q->since;
	/* The first thing it says is where it stands. */
	s->beat = clock_mono();
	buf_init(&s->piece, PIECE_MAX);
	return s;
}

void changes_stream(struct call *c, const struct changes_query *q,
    struct journal_cursor *cursor)
{
	struct changes_hub *h = c->f->changes;
	struct feed *s;

	if (!take_place(h)) {
		journal_cursor_close(cursor);
		answer_status(c, 503, "", "too many streams of changes are "
		    "open: close some, or ask for pages");
		return;
	}
	s = feed_new(h, q, cursor);
	counter_add(C_CHANGE_STREAMS, 1);
	httpd_set_header(c->q, "Cache-Control", "no-store");
	httpd_set_header(c->q, "X-Accel-Buffering", "no");
	httpd_answer_stream(c->q, 200, "text/event-stream",
	    &(struct httpd_stream){ .read = feed_read, .free = feed_free,
	    .ctx = s, .flow = &s->flow });
}
