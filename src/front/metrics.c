/* SPDX-License-Identifier: ISC */
#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "directory/held.h"
#include "front/answer.h"
#include "front/handlers.h"

void metrics_text(struct call *c)
{
	struct buf out;

	counter_set(C_HELD, (int64_t)held_jobs_waiting(c->f));
	counter_set(C_HELD_BEHIND, (int64_t)held_behind(c->f->conf.held));
	buf_init(&out, ANSWER_MAX);
	counters_print(&out);
	answer_text(c, 200, "text/plain; version=0.0.4", buf_str(&out));
	buf_fini(&out);
}

void metrics_live(struct call *c)
{
	answer_text(c, 200, "application/json", "{\"status\":\"alive\"}");
}

static void reason(struct json *list, struct arena *a, const char *text)
{
	json_push(list, json_new_str(a, text));
}

/* A daemon that stands by serves all the same: it says for whom. */
static void tell_lease(struct call *c, struct json *j, struct json *why)
{
	struct lease_state s;

	if (c->f->conf.lease == NULL)
		return;
	lease_state(c->f->conf.lease, &s);
	json_put(c->a, j, "lease", json_new_str(c->a, arena_strdup(c->a,
	    s.mine ? "mine" : s.holder)));
	if (s.several && *s.why != '\0')
		reason(why, c->a, arena_strdup(c->a, s.why));
}

/* Really able to serve: connected, in agreement, able to write. */
void metrics_ready(struct call *c)
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT), *why;
	struct sync_state s = { .connected = true, .served = true };
	struct buf out;

	why = json_new(c->a, JSON_IS_ARRAY);
	if (c->f->conf.sync != NULL)
		sync_state(c->f->conf.sync, &s);
	if (c->f->draining)
		reason(why, c->a, "shutting down");
	if (!s.served)
		reason(why, c->a, "the view is not complete yet");
	if (!s.connected)
		reason(why, c->a, "not connected to the directory: reads are "
		    "answered from the view");
	if (s.held)
		reason(why, c->a, "a refresh would remove too much: held by "
		    "the guard");
	if (*s.why != '\0')
		reason(why, c->a, s.why);
	if (c->f->conf.writer != NULL && !writer_up(c->f->conf.writer))
		reason(why, c->a, "the directory takes no writes");
	tell_lease(c, j, why);
	json_put(c->a, j, "status", json_new_str(c->a,
	    why->n == 0 ? "ready" : "not ready"));
	if (why->n != 0)
		json_put(c->a, j, "reasons", why);
	buf_init(&out, ANSWER_MAX);
	json_write(&out, j);
	answer_text(c, why->n == 0 ? 200 : 503, "application/json",
	    buf_str(&out));
	buf_fini(&out);
}
