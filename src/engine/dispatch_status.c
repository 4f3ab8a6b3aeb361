/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/json.h"
#include "engine/dispatch_p.h"

#define SHOWN 20		/* failed jobs in a status */
#define MAX_PARKED 10000

static void text(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "\"%s\":", name);
	json_text(out, value);
}

static void show_target(struct buf *out, const struct tgt *t, size_t overdue)
{
	const struct target *target = t->target;
	int64_t pause = t->circuit.until - clock_mono();

	buf_putc(out, '{');
	text(out, "name", target->conf.name);
	buf_putc(out, ',');
	text(out, "kind", target->conf.kind);
	buf_putc(out, ',');
	text(out, "what", target->kind->describe(target));
	buf_putc(out, ',');
	text(out, "state", t->removed ? "removed" : circuit_word(&t->circuit));
	buf_printf(out, ",\"pending\":%zu,\"underWay\":%zu,\"failed\":%zu,"
	    "\"overdue\":%zu,\"pausedSeconds\":%" PRId64 ",\"lists\":%s,",
	    t->jobs - t->parked, t->under_way, t->parked, overdue,
	    pause > 0 ? (pause + CLOCK_SECOND - 1) / CLOCK_SECOND : 0,
	    target->kind->list != NULL ? "true" : "false");
	text(out, "error", t->text);
	buf_putc(out, '}');
}

static void show_job(struct buf *out, const struct job *j)
{
	char when[32];

	buf_putc(out, '{');
	text(out, "person", j->who.id);
	buf_putc(out, ',');
	text(out, "tool", j->act.tool);
	buf_putc(out, ',');
	text(out, "target", j->act.target);
	buf_putc(out, ',');
	text(out, "state", j->state == JOB_PARKED ? "failed" : "pending");
	buf_printf(out, ",\"attempts\":%u,", j->failures);
	text(out, "since", clock_print_rfc3339(j->since, when));
	buf_putc(out, ',');
	text(out, "error", j->text);
	buf_putc(out, '}');
}

struct showing {
	struct buf *out;
	int64_t late;
	size_t shown, overdue, most;
	bool parked_only;
};

static void count_overdue(struct job *j, void *arg)
{
	struct showing *s = arg;

	s->overdue += j->since < s->late;
}

static void show_one(struct job *j, void *arg)
{
	struct showing *s = arg;

	if (j->failures == 0 || (s->parked_only && j->state != JOB_PARKED))
		return;
	if (s->shown++ >= s->most)
		return;
	if (s->shown != 1)
		buf_putc(s->out, ',');
	show_job(s->out, j);
}

static void show_targets(struct dispatch *d, struct showing *s)
{
	struct tgt *t;
	size_t before;

	buf_puts(s->out, "\"targets\":[");
	for (t = d->targets; t != NULL; t = t->next) {
		before = s->overdue;
		jobs_each(d, t, count_overdue, s);
		if (t != d->targets)
			buf_putc(s->out, ',');
		show_target(s->out, t, s->overdue - before);
	}
	buf_putc(s->out, ']');
}

static struct showing showing(struct dispatch *d, struct buf *out)
{
	return (struct showing){ .out = out, .most = SHOWN,
	    .late = clock_now() - d->conf.overdue };
}

static void show_unknown(struct buf *out, const struct dispatch *d)
{
	size_t pos = 0, n = 0;
	const char *name;

	buf_puts(out, ",\"unknownTargets\":[");
	while ((name = map_next(d->unknown, &pos, NULL)) != NULL) {
		if (n++ != 0)
			buf_putc(out, ',');
		json_text(out, name);
	}
	buf_putc(out, ']');
}

void dispatch_describe(struct dispatch *d, struct buf *out)
{
	struct showing s;
	struct tgt *t;

	pthread_mutex_lock(&d->lock);
	s = showing(d, out);
	buf_printf(out, "\"pending\":%zu,\"failed\":%zu,",
	    d->n_jobs - d->n_parked, d->n_parked);
	show_targets(d, &s);
	show_unknown(out, d);
	buf_puts(out, ",\"jobs\":[");
	for (t = d->targets; t != NULL; t = t->next)
		jobs_each(d, t, show_one, &s);
	buf_printf(out, "],\"overdue\":%zu", s.overdue);
	pthread_mutex_unlock(&d->lock);
}

/* --- for people --------------------------------------------------------- */

void dispatch_targets(struct dispatch *d, struct buf *out)
{
	struct showing s;

	pthread_mutex_lock(&d->lock);
	s = showing(d, out);
	show_targets(d, &s);
	pthread_mutex_unlock(&d->lock);
}

int dispatch_no_target(const char *name, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no target \"%.64s\": the "
	    "configuration has no such section", name);
}

int dispatch_parked(struct dispatch *d, const char *target, struct buf *out,
    struct err *e)
{
	struct showing s;
	struct tgt *t;
	int rc = 0;

	pthread_mutex_lock(&d->lock);
	s = showing(d, out);
	s.parked_only = true;
	s.most = MAX_PARKED;
	if ((t = jobs_target(d, target)) == NULL) {
		rc = dispatch_no_target(target, e);
	} else {
		buf_puts(out, "\"parked\":[");
		jobs_each(d, t, show_one, &s);
		buf_printf(out, "],\"more\":%zu", s.shown > s.most ?
		    s.shown - s.most : 0);
	}
	pthread_mutex_unlock(&d->lock);
	return rc;
}

struct retrying {
	const struct strv *people;
	size_t n;
};

static void retry(struct job *j, void *arg)
{
	struct retrying *r = arg;

	if ((r->people->n != 0 && !strv_ihas(r->people, j->who.id)) ||
	    (j->state != JOB_PARKED &&
	    (j->state != JOB_WAITING || j->failures == 0 || j->blocked)))
		return;
	backoff_reset(&j->wait);
	job_wait(j, clock_mono());
	r->n++;
}

int dispatch_retry(struct dispatch *d, const char *target,
    const struct strv *people, size_t *n, struct err *e)
{
	struct retrying r = { people, 0 };
	struct tgt *t;
	int rc = 0;

	pthread_mutex_lock(&d->lock);
	if ((t = jobs_target(d, target)) == NULL) {
		rc = dispatch_no_target(target, e);
	} else {
		jobs_each(d, t, retry, &r);
		dispatch_reset_circuit(d, t);
	}
	pthread_mutex_unlock(&d->lock);
	httpc_wake(d->http);
	*n = r.n;
	return rc;
}
