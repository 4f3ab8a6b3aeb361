/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/json.h"
#include "engine/dispatch_p.h"

#define SHOWN 20		/* failed jobs in a status */

static void text(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "\"%s\":", name);
	json_text(out, value);
}

static void show_target(struct buf *out, const struct tgt *t)
{
	const struct target *target = t->target;

	buf_putc(out, '{');
	text(out, "name", target->conf.name);
	buf_putc(out, ',');
	text(out, "kind", target->conf.kind);
	buf_putc(out, ',');
	text(out, "what", target->kind->describe(target));
	buf_putc(out, ',');
	text(out, "state", t->removed ? "removed" : circuit_word(&t->circuit));
	buf_printf(out, ",\"pending\":%zu,\"underWay\":%zu,\"failed\":%zu,",
	    t->jobs - t->parked, t->under_way, t->parked);
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

static void show_jobs(struct buf *out, struct dispatch *d)
{
	int64_t late = clock_now() - d->conf.overdue;
	size_t pos = 0, overdue = 0, shown = 0;
	const struct job *j;
	void *p;

	buf_puts(out, "\"jobs\":[");
	while (map_next(d->people, &pos, &p) != NULL)
		for (j = ((struct person_jobs *)p)->first; j != NULL;
		    j = j->sibling) {
			overdue += j->since < late;
			if (j->failures == 0 || shown == SHOWN)
				continue;
			if (shown++ != 0)
				buf_putc(out, ',');
			show_job(out, j);
		}
	buf_printf(out, "],\"overdue\":%zu", overdue);
}

void dispatch_describe(struct dispatch *d, struct buf *out)
{
	const struct tgt *t;
	const char *name;
	size_t pos = 0;
	bool first = true;

	pthread_mutex_lock(&d->lock);
	buf_printf(out, "\"pending\":%zu,\"failed\":%zu,\"targets\":[",
	    d->n_jobs - d->n_parked, d->n_parked);
	for (t = d->targets; t != NULL; t = t->next) {
		if (t != d->targets)
			buf_putc(out, ',');
		show_target(out, t);
	}
	buf_puts(out, "],\"unknownTargets\":[");
	while ((name = map_next(d->unknown, &pos, NULL)) != NULL) {
		if (!first)
			buf_putc(out, ',');
		first = false;
		json_text(out, name);
	}
	buf_puts(out, "],");
	show_jobs(out, d);
	pthread_mutex_unlock(&d->lock);
}
