/* SPDX-License-Identifier: ISC */
/* Files of people over HTTP. A feed takes its time: the call waits for it, or,
 * with wait=no, is answered at once and GET says how far it has come. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/tempfile.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"

static bool may(struct call *c)
{
	if (!call_staff(c))
		return false;
	if (c->f->conf.feeds != NULL)
		return true;
	answer_status(c, 404, "", "no feed is configured here");
	return false;
}

static void describe(struct call *c, const char *name)
{
	struct buf out;
	struct err e;

	if (!may(c))
		return;
	buf_init(&out, ANSWER_MAX);
	if (c->f->conf.feed_describe(c->f->conf.feeds, name, &out, &e) == 0) {
		answer_buf(c, 200, &out);
		return;
	}
	buf_fini(&out);
	answer_error(c, &e);
}

void feeds_list(struct call *c)
{
	describe(c, NULL);
}

void feeds_get(struct call *c)
{
	describe(c, c->id);
}

static void done(void *arg, int code, const struct err *e, char *report)
{
	struct call *c = arg;
	bool plan = str_eq(call_arg(c, "mode"), "plan");
	struct buf b;

	if (report == NULL) {
		answer_error(c, e);
	} else if (code == 0 || (plan && code == ERR_HELD)) {
		buf_init(&b, ANSWER_MAX);
		buf_puts(&b, report);
		answer_buf(c, 200, &b);
	} else {
		answer_problem(c, answer_code(e), e->text, report);
	}
	free(report);
}

static void answer_taken(struct call *c, uint64_t run)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_printf(&b, "{\"run\":%llu}", (unsigned long long)run);
	answer_buf(c, 202, &b);
}

/* Nothing is kept for whoever may not send it. */
bool feeds_accept(struct call *c)
{
	struct err e;

	if (!may(c))
		return false;
	call_close(c);
	if (tempfile_new(c->f->conf.tmp, &c->q->body_fd, &e) == 0)
		return true;
	log_error("http: request %s: %s", c->q->id, err_text(&e));
	answer_status(c, 503, "", err_text(&e));
	return false;
}

void feeds_post(struct call *c)
{
	const char *mode = call_arg(c, "mode"), *hash = call_arg(c, "hash");
	bool wait = !str_eq(call_arg(c, "wait"), "no");
	int fd = c->q->body_fd;
	uint64_t run = 0;
	struct err e;

	if (!str_eq(mode, "plan") && !str_eq(mode, "apply")) {
		answer_status(c, 400, "", "say mode=plan (what it would do) "
		    "or mode=apply");
		return;
	}
	c->q->body_fd = -1;
	if (c->f->conf.feed_submit(c->f->conf.feeds, c->id,
	    str_eq(mode, "apply"), hash != NULL ? hash : "", call_origin(c),
	    fd, wait ? done : NULL, c, &run, &e) != 0)
		answer_error(c, &e);
	else if (!wait)
		answer_taken(c, run);
}
