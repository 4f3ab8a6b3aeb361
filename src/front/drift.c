/* SPDX-License-Identifier: ISC */
/* What targets hold against what they confirmed (engine/drift), for people. */
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/targets.h"

/* --- all rows, piece by piece ------------------------------------------- */

struct rows {
	int fd;
	off_t at;
};

static ssize_t next_piece(void *ctx, char *out, size_t max)
{
	struct rows *r = ctx;
	ssize_t n = pread(r->fd, out, max, r->at);

	r->at += n > 0 ? n : 0;
	return n;
}

static void rows_end(void *ctx)
{
	struct rows *r = ctx;

	close(r->fd);
	free(r);
}

static void send_rows(struct call *c)
{
	const struct front_conf *conf = &c->f->conf;
	struct httpd_stream s = { .read = next_piece, .free = rows_end };
	struct rows *r;
	struct err e;
	int fd;

	if (conf->targets.rows(conf->engine, c->id, &fd, &e) != 0) {
		answer_error(c, &e);
		return;
	}
	if ((r = calloc(1, sizeof(*r))) == NULL)
		abort();
	r->fd = fd;
	s.ctx = r;
	answer_header(c, "Content-Disposition",
	    "attachment; filename=\"drift.csv\"");
	httpd_answer_stream(c->q, 200, "text/csv; charset=utf-8", &s);
}

/* --- the reports -------------------------------------------------------- */

void drift_get(struct call *c)
{
	if (call_staff(c))
		targets_answer(c, c->f->conf.targets.compared);
}

void drift_get_one(struct call *c)
{
	const char *format = call_arg(c, "format");

	if (!call_staff(c))
		return;
	if (format != NULL && !str_ieq(format, "csv"))
		answer_status(c, 400, "", "format is csv, or absent for JSON");
	else if (format != NULL && c->f->conf.targets.rows != NULL)
		send_rows(c);
	else
		targets_answer(c, c->f->conf.targets.compared);
}

/* --- now ---------------------------------------------------------------- */

static int compare(struct call *c, struct buf *out, struct err *e)
{
	const struct json *target = json_member(c->body, "target");
	const struct json *accept = json_member(c->body, "accept");
	const struct front_conf *conf = &c->f->conf;

	if ((target != NULL && target->kind != JSON_IS_STRING) ||
	    (accept != NULL && accept->kind != JSON_IS_BOOL))
		return err_set(e, ERR_INVALID, "target is a string, and "
		    "accept true or false; without target all are compared");
	if (accept != NULL && accept->b && target == NULL)
		return err_set(e, ERR_INVALID, "accept goes with one target: "
		    "it says that its list is right");
	return conf->targets.compare(conf->engine, target != NULL ?
	    target->s : NULL, accept != NULL && accept->b, out, e);
}

void drift_post(struct call *c)
{
	struct buf out;
	struct err e;

	if (!call_staff(c) || (c->q->body_len != 0 && call_body(c) != 0))
		return;
	if (c->f->conf.targets.compare == NULL) {
		answer_status(c, 503, "", "there is no engine here");
		return;
	}
	buf_init(&out, ANSWER_MAX);
	buf_putc(&out, '{');
	if (compare(c, &out, &e) == 0) {
		buf_putc(&out, '}');
		answer_buf(c, 202, &out);
	} else {
		answer_error(c, &e);
	}
	buf_fini(&out);
}
