/* SPDX-License-Identifier: ISC */
/* Bulk (RFC 7644 3.7): many writes in one request, each authorised and done as
 * if it were a request of its own. */
#include <string.h>

#include "base/arena.h"
#include "front/answer.h"
#include "front/bulk_p.h"
#include "front/handlers.h"

#define WINDOW 64		/* steps under way at a time */
#define BURST 16		/* steps begun before others have a turn */
#define PATH_SHOWN 128		/* a longer one is no resource's */
#define UPSERT "upsert"		/* scope: a POST of what is there is a merge */

/* --- what comes when ------------------------------------------------------ */

static bool good(int status)
{
	return status >= 200 && status < 300;
}

/* With failOnErrors no more may be under way than may still fail: then
 * nothing behind the last one has been begun. */
static bool may_begin(const struct bulk *b)
{
	int64_t most = b->plan.fail_on_errors;

	return b->next < b->plan.n_steps && b->running < WINDOW &&
	    b->plan.step[b->next].after <= b->low &&
	    (most == 0 || b->errors + (int64_t)b->running < most);
}

static bool stopped(const struct bulk *b)
{
	return b->next == b->plan.n_steps || (b->plan.fail_on_errors != 0 &&
	    b->errors >= b->plan.fail_on_errors);
}

static bool next_step(struct bulk *b, size_t *s)
{
	if (b->n_again != 0) {
		*s = b->again[--b->n_again];
		return true;
	}
	if (!may_begin(b))
		return false;
	*s = b->next++;
	b->running++;
	return true;
}

static bool wake(struct bulk *b)
{
	bool was = b->driving;

	b->driving = true;
	return !was;
}

bool bulk_step_over(struct bulk *b, size_t s, bool failed)
{
	b->over[s] = true;
	while (b->low < b->next && b->over[b->low])
		b->low++;
	b->running--;
	b->errors += failed;
	return wake(b);
}

bool bulk_step_again(struct bulk *b, size_t s)
{
	b->again[b->n_again++] = s;
	return wake(b);
}

/* --- the answer ----------------------------------------------------------- */

/* One that is there, but not whole: what it refers to was never made. */
static void check_whole(struct bulk *b, size_t i)
{
	struct bulk_result *r = &b->result[i];
	struct buf text;

	if (b->plan.op[i].n_held == 0 || r->whole || !good(r->status))
		return;
	buf_init(&text, 4096);
	answer_scim_error(&text, 409, "", "it was made, but without its "
	    "references to other new resources: failOnErrors ended the "
	    "request before those were made");
	r->status = 409;
	r->body = arena_strdup(b->c->a, buf_str(&text));
	buf_fini(&text);
}

static void put_string(struct buf *out, const char *name, const char *s)
{
	if (s == NULL || *s == '\0')
		return;
	buf_printf(out, "\"%s\":", name);
	json_text(out, s);
	buf_putc(out, ',');
}

static void put_result(struct bulk *b, size_t i, struct buf *out)
{
	const struct scim_bulk_op *op = &b->plan.op[i];
	const struct bulk_result *r = &b->result[i];
	const char *location = r->location;

	if (location == NULL && r->path != NULL &&
	    strlen(r->path) <= PATH_SHOWN && strcmp(op->method, "POST") != 0)
		location = arena_printf(b->c->a, "%s/scim/v2%s", b->c->base,
		    r->path);
	buf_putc(out, '{');
	put_string(out, "location", location);
	put_string(out, "method", op->method);
	put_string(out, "bulkId", op->bulk_id);
	put_string(out, "version", r->version);
	if (r->body != NULL)
		buf_printf(out, "\"response\":%s,", r->body);
	buf_printf(out, "\"status\":\"%d\"}", r->status);
}

/* In the request's order; what was not begun is left out. */
static void finish(struct bulk *b)
{
	const char *comma = "";
	struct buf out;
	size_t i;

	buf_init(&out, ANSWER_MAX);
	buf_puts(&out, "{\"schemas\":[\"urn:ietf:params:scim:api:messages:"
	    "2.0:BulkResponse\"],\"Operations\":[");
	for (i = 0; i < b->plan.n; i++) {
		if (b->result[i].status == 0)
			continue;
		check_whole(b, i);
		buf_puts(&out, comma);
		put_result(b, i, &out);
		comma = ",";
	}
	buf_puts(&out, "]}");
	scim_bulk_fini(&b->plan);
	pthread_mutex_destroy(&b->lock);
	answer_buf(b->c, 200, &out);
}

/* --- driving -------------------------------------------------------------- */

static void drive(void *arg)
{
	struct bulk *b = arg;
	bool end = false;
	size_t s, n = 0;

	pthread_mutex_lock(&b->lock);
	for (; n < BURST && next_step(b, &s); n++) {
		pthread_mutex_unlock(&b->lock);
		bulk_step_begin(b, s);
		pthread_mutex_lock(&b->lock);
	}
	if (n < BURST) {
		end = b->running == 0 && stopped(b);
		b->driving = end;
	}
	pthread_mutex_unlock(&b->lock);
	if (n == BURST)
		worker_resume(b->c->f->worker, &b->task);
	else if (end)
		finish(b);
}

static struct bulk *bulk_new(struct call *c, const struct scim_bulk *plan)
{
	struct bulk *b = arena_alloc(c->a, sizeof(*b));

	call_batch(c);
	b->c = c;
	b->plan = *plan;
	b->upsert = strv_has(&c->client.scopes, UPSERT);
	b->task = (struct worker_task){ .run = drive, .arg = b };
	pthread_mutex_init(&b->lock, NULL);
	b->result = arena_array(c->a, plan->n, sizeof(*b->result));
	b->over = arena_array(c->a, plan->n_steps, sizeof(*b->over));
	b->again = arena_array(c->a, plan->n_steps, sizeof(*b->again));
	b->driving = true;
	return b;
}

static void bulk_now(struct call *c)
{
	struct scim_bulk plan;
	struct err e = { 0 };

	if (call_body(c) != 0)
		return;
	if (scim_bulk_read(c->a, c->body, SCIM_BULK_OPERATIONS, &plan, &e)
	    != 0) {
		scim_bulk_fini(&plan);
		answer_error(c, &e);
		return;
	}
	drive(bulk_new(c, &plan));
}

void bulk_post(struct call *c)
{
	worker_submit(c->f->worker, c, bulk_now);
}
