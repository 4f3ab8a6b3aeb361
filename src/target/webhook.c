/* SPDX-License-Identifier: ISC */
/*
 * webhook: one POST an action, signed as the Standard Webhooks specification
 * (1.0.0) says: webhook-id is the action's key, so a repetition is known by
 * it; webhook-signature is "v1," and the base64 of HMAC-SHA-256 over
 * "id.timestamp.body" with the secret of "whsec_<base64>".
 *
 * {"type":"grant.put","timestamp":"2026-01-02T03:04:05Z","data":{
 *  "person":{"id":"..","userName":"..","displayName":"..","email":".."},
 *  "tool":"wan-analysis","accounts":["100001"]}}       type: grant.removed
 *
 * (Of an account that is nobody's the person is empty, and "account" is what
 * the other side listed it as.)
 *
 * A call or a letter (core/notice, V23) is an event of its own, whose id stays
 * the same whenever it is repeated:
 *
 * {"type":"delivery.phone","timestamp":"..","data":{"request":"..",
 *  "expires":"..","name":"..","code":"ABCD-2345","account":"100001",
 *  "phone":".."}}             delivery.post: company, address, not phone
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "codec/json.h"
#include "target/reply.h"
#include "target/webhook_p.h"

#define PREFIX "whsec_"

struct call {
	struct webhook *w;
	void (*done)(void *arg, const struct target_result *r);
	void *arg;
};

/* The decoded secret; 24 to 64 bytes as the specification recommends are not
 * enforced beyond not being empty: the other side chose it. */
static int set_secret(struct webhook *w, struct err *e)
{
	const char *token = w->t.conf.token;
	struct arena *a = arena_new();
	unsigned char *key;
	int rc = 0;

	if (!str_starts(token, PREFIX) || str_unbase64(a,
	    token + strlen(PREFIX), &key, &w->key_len) != 0 ||
	    w->key_len == 0) {
		rc = err_set(e, ERR_INVALID, "target %s: the secret must be "
		    PREFIX " followed by base64", w->t.conf.name);
		goto out;
	}
	if ((w->key = malloc(w->key_len)) == NULL)
		abort();
	memcpy(w->key, key, w->key_len);
out:
	arena_free(a);
	return rc;
}

static void webhook_close(struct target *t)
{
	struct webhook *w = (struct webhook *)(void *)t;

	target_conf_fini(&t->conf);
	free(w->key);
	free(w);
}

static int webhook_open(const struct target_conf *c, struct httpc *h,
    struct target **out, struct err *e)
{
	struct webhook *w;
	int rc;

	if ((rc = target_check_url(c, c->url, e)) != 0 ||
	    (c->list_url != NULL && *c->list_url != '\0' &&
	    (rc = target_check_url(c, c->list_url, e)) != 0))
		return rc;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		abort();
	w->t.kind = &target_webhook;
	w->http = h;
	target_conf_copy(&w->t.conf, c);
	if ((rc = set_secret(w, e)) != 0) {
		webhook_close(&w->t);
		return rc;
	}
	*out = &w->t;
	return 0;
}

static void put_text(struct arena *a, struct json *o, const char *name,
    const char *value)
{
	if (value != NULL && *value != '\0')
		json_put(a, o, name, json_new_str(a, value));
}

static struct json *make_event(struct arena *a, const struct target_person *p,
    const struct action *act, const char *when)
{
	struct json *event = json_new(a, JSON_IS_OBJECT), *data, *person, *acc;
	const char *id;
	size_t i;

	put_text(a, event, "type", act->kind == ACTION_PUT ? "grant.put" :
	    "grant.removed");
	put_text(a, event, "timestamp", when);
	data = json_put(a, event, "data", json_new(a, JSON_IS_OBJECT));
	person = json_put(a, data, "person", json_new(a, JSON_IS_OBJECT));
	put_text(a, person, "id", p->id);
	put_text(a, person, "userName", p->uid);
	put_text(a, person, "displayName", p->display);
	put_text(a, person, "email", p->mail);
	/* Nobody of ours: the account as the other side listed it. */
	if (*p->id == '\0' && str_words(a, act->remote_id, &id, 1) == 1)
		put_text(a, data, "account", id);
	put_text(a, data, "tool", act->tool);
	acc = json_put(a, data, "accounts", json_new(a, JSON_IS_ARRAY));
	for (i = 0; act->kind == ACTION_PUT && i < act->accounts.n; i++)
		json_push(acc, json_new_str(a, act->accounts.v[i]));
	return event;
}

static struct json *make_delivery(struct arena *a, const struct letter *l,
    const char *when)
{
	struct json *event = json_new(a, JSON_IS_OBJECT), *data;
	const char *const *name = notice_names(l->kind);
	size_t i;

	put_text(a, event, "type", arena_printf(a, "delivery.%s",
	    notice_word(l->kind)));
	put_text(a, event, "timestamp", when);
	data = json_put(a, event, "data", json_new(a, JSON_IS_OBJECT));
	for (i = 0; name[i] != NULL; i++)
		put_text(a, data, name[i], l->value[i]);
	return event;
}

/* What is to be sent, read now. */
static int make_body(struct webhook *w, struct arena *a,
    const struct target_person *p, const struct action *act,
    struct buf *body, struct err *e)
{
	const struct target_source *source = w->t.conf.source;
	struct letter l;
	char when[32];
	int rc = 0;

	clock_print_rfc3339(clock_now(), when);
	if (act->kind != ACTION_MAIL)
		json_write(body, make_event(a, p, act, when));
	else if ((rc = source->letter(source->ctx, a, p->id, act, "", &l,
	    e)) == 0)
		json_write(body, make_delivery(a, &l, when));
	return rc == 0 && body->failed ? err_set(e, ERR_ITEM_BAD,
	    "the event is too large") : rc;
}

static const char *sign(struct arena *a, const struct webhook *w,
    const char *id, const char *stamp, const struct buf *body)
{
	struct buf b;
	uint8_t mac[32];

	buf_init(&b, WEBHOOK_MAX_BODY + 256);
	buf_printf(&b, "%s.%s.", id, stamp);
	buf_put(&b, body->data, body->len);
	hash_hmac256(w->key, w->key_len, b.data, b.len, mac);
	buf_fini(&b);
	return arena_printf(a, "webhook-signature: v1,%s",
	    str_base64(a, mac, sizeof(mac)));
}

static void answered(void *arg, const struct httpc_answer *a)
{
	struct target_result r = { .remote_id = "-" };
	struct call *c = arg;

	r.code = reply_code(a, "calling the webhook", &r.err);
	c->done(c->arg, &r);
	free(c);
}

static void fail(void (*done)(void *arg, const struct target_result *r),
    void *arg, int code, const char *text)
{
	struct target_result r = { .remote_id = "-" };

	r.code = err_set(&r.err, code, "%s", text);
	done(arg, &r);
}

int webhook_send(struct webhook *w, struct arena *a, const char *url,
    const char *id, const struct buf *body, size_t max_answer,
    void (*done)(void *arg, const struct httpc_answer *a), void *arg,
    struct err *e)
{
	const char *stamp = arena_printf(a, "%" PRId64,
	    clock_now() / CLOCK_SECOND);
	const char *headers[] = { "Content-Type: application/json",
	    arena_printf(a, "webhook-id: %s", id),
	    arena_printf(a, "webhook-timestamp: %s", stamp),
	    sign(a, w, id, stamp, body), NULL };
	struct httpc_request q = { .method = "POST", .url = url,
	    .headers = headers, .body = body->data, .body_len = body->len,
	    .insecure = w->t.conf.insecure, .ca_file = w->t.conf.ca_file,
	    .timeout = w->t.conf.timeout, .max_answer = max_answer };

	return httpc_submit(w->http, &q, done, arg, e);
}

/* To forget a receipt tells nobody anything. */
static void forget(void (*done)(void *arg, const struct target_result *r),
    void *arg)
{
	const struct target_result r = { .remote_id = "-" };

	done(arg, &r);
}

static void start(struct webhook *w, const struct target_person *p,
    const struct action *act,
    void (*done)(void *arg, const struct target_result *r), void *arg)
{
	struct call *c = malloc(sizeof(*c));
	struct arena *a = arena_new();
	struct buf body;
	struct err e;
	int rc;

	if (c == NULL)
		abort();
	*c = (struct call){ w, done, arg };
	buf_init(&body, WEBHOOK_MAX_BODY);
	rc = make_body(w, a, p, act, &body, &e);
	if (rc == 0 && webhook_send(w, a, w->t.conf.url, act->key, &body, 0,
	    answered, c, &e) != 0)
		rc = ERR_STOP;
	if (rc != 0) {
		fail(done, arg, rc, e.text);
		free(c);
	}
	buf_fini(&body);
	arena_free(a);
}

static void webhook_apply(struct target *t, const struct target_person *p,
    const struct action *act,
    void (*done)(void *arg, const struct target_result *r), void *arg)
{
	if (act->notice && act->kind == ACTION_REMOVE)
		forget(done, arg);
	else
		start((struct webhook *)(void *)t, p, act, done, arg);
}

static const char *webhook_describe(const struct target *t)
{
	return t->conf.insecure ? "signed events over plain http" :
	    "signed events";
}

const struct target_kind target_webhook = { "webhook", webhook_open,
    webhook_close, webhook_apply, webhook_describe, NULL, webhook_list };
