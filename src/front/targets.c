/* SPDX-License-Identifier: ISC */
/* Targets for people: how they are, what is parked and why, trying again. The
 * engine knows it all; front asks through front_conf.targets. */
#include <string.h>

#include "base/arena.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/targets.h"

void targets_answer(struct call *c, int (*put)(void *engine,
    const char *target, struct buf *out, struct err *e))
{
	struct buf out;
	struct err e;

	if (put == NULL) {
		answer_status(c, 503, "", "there is no engine here");
		return;
	}
	buf_init(&out, ANSWER_MAX);
	buf_putc(&out, '{');
	if (put(c->f->conf.engine, c->id, &out, &e) == 0) {
		buf_putc(&out, '}');
		answer_buf(c, 200, &out);
	} else {
		answer_error(c, &e);
	}
	buf_fini(&out);
}

void targets_list(struct call *c)
{
	if (call_staff(c))
		targets_answer(c, c->f->conf.targets.show);
}

void targets_parked(struct call *c)
{
	if (call_staff(c))
		targets_answer(c, c->f->conf.targets.parked);
}

/* {"users":["id or user name",..]}; without it everybody. People who are gone
 * are named by id. */
static int read_people(struct call *c, struct strv *people, struct err *e)
{
	const struct json *list = json_member(c->body, "users"), *u;
	uint8_t uuid[16];
	char id[37];
	int rc;

	if (list == NULL)
		return 0;
	if (list->kind != JSON_IS_ARRAY || list->n == 0)
		return err_set(e, ERR_INVALID, "users: a list of ids or user "
		    "names; without it all are tried again");
	for (u = list->child; u != NULL; u = u->next) {
		if (u->kind != JSON_IS_STRING)
			return err_set(e, ERR_INVALID, "users: a list of "
			    "strings");
		if (!str_uuid(u->s, uuid) && (rc = resolver_person(&c->names,
		    c->a, u->s, uuid, e)) != 0)
			return rc;
		str_uuid_text(uuid, id);
		strv_add(c->a, people, arena_strdup(c->a, id));
	}
	return 0;
}

void targets_retry(struct call *c)
{
	struct strv people = { 0 };
	struct json *j;
	struct err e;
	size_t n = 0;

	if (!call_staff(c) || call_open(c) != 0)
		return;
	if (c->q->body_len != 0 && call_body(c) != 0)
		return;
	if (c->f->conf.targets.retry == NULL) {
		answer_status(c, 503, "", "there is no engine here");
	} else if (read_people(c, &people, &e) != 0 ||
	    c->f->conf.targets.retry(c->f->conf.engine, c->id, &people, &n,
	    &e) != 0) {
		answer_error(c, &e);
	} else {
		j = json_new(c->a, JSON_IS_OBJECT);
		operations_put(c->a, j, "target", c->id);
		json_put(c->a, j, "retried", json_new_int(c->a, (int64_t)n));
		operations_answer(c, j);
	}
}
