/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "link/httpd_p.h"

/* What a body is doing that is made while it is sent:
 *
 *	FLOWING -> PAUSED -> FLOWING	nothing to say; woken: resume
 *	FLOWING -> WOKEN		woken while it said that: no pause
 *
 * All arrows are atomic, so that no waking is lost and nobody resumes twice. */
enum flow_state { FLOWING, PAUSED, WOKEN };

struct httpd_flow {
	struct httpd_stream s;
	struct httpd *d;
	struct MHD_Connection *conn;
	_Atomic int state;
	bool waiting;			/* counted as suspended; the server's
					 * thread's own */
};

static void awake(struct httpd_flow *f)
{
	if (!f->waiting)
		return;
	f->waiting = false;
	atomic_fetch_sub(&f->d->suspended, 1);
}

static void flow_pause(struct httpd_flow *f)
{
	int expected = FLOWING;

	f->waiting = true;
	atomic_fetch_add(&f->d->suspended, 1);
	MHD_suspend_connection(f->conn);
	if (!atomic_compare_exchange_strong(&f->state, &expected, PAUSED))
		MHD_resume_connection(f->conn);
}

void httpd_flow_wake(struct httpd_flow *f)
{
	int seen = atomic_load(&f->state);

	while (seen != WOKEN && !atomic_compare_exchange_weak(&f->state,
	    &seen, seen == PAUSED ? FLOWING : WOKEN))
		;
	if (seen == PAUSED)
		MHD_resume_connection(f->conn);
}

static ssize_t flow_read(void *cls, uint64_t pos, char *out, size_t max)
{
	struct httpd_flow *f = cls;
	ssize_t n;

	(void)pos;
	awake(f);
	atomic_store(&f->state, FLOWING);
	n = f->s.read(f->s.ctx, out, max);
	if (n > 0)
		return n;
	if (n == HTTPD_STREAM_WAIT) {
		flow_pause(f);
		return 0;
	}
	return n == 0 ? MHD_CONTENT_READER_END_OF_STREAM :
	    MHD_CONTENT_READER_END_WITH_ERROR;
}

static void flow_free(void *cls)
{
	struct httpd_flow *f = cls;

	awake(f);
	f->s.free(f->s.ctx);
	free(f);
}

void httpd_answer_stream(struct httpd_request *pub, int status,
    const char *content_type, const struct httpd_stream *s)
{
	struct request *q = request_of(pub);
	struct httpd_flow *f = calloc(1, sizeof(*f));
	struct MHD_Response *r = NULL;

	if (f != NULL) {
		f->s = *s;
		f->d = q->d;
		f->conn = q->conn;
		r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN,
		    HTTPD_STREAM_BLOCK, flow_read, f, flow_free);
	}
	if (r == NULL) {
		free(f);
		s->free(s->ctx);
	} else if (s->flow != NULL) {
		*s->flow = f;
	}
	httpd_answer_with(q, status, content_type, r);
}
