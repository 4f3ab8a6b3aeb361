/* SPDX-License-Identifier: ISC */
/*
 * scim: a tool's SCIM 2.0 service (RFC 7643, 7644). Its user has externalId =
 * the person's entryUUID. An action is a few requests in a row: find the user
 * (by the receipt's remote id, else by externalId), put this tool's part in
 * its place (scim_merge), PUT it back under its version, or POST a new one; a
 * user without any tool left is deleted. What is there already is not
 * written again, so a repeated action changes nothing.
 *
 *   start -> GET /Users/ID --404, not ours--> look-up --none--> POST
 *               |                               |                | 409
 *               +------------> merge <----------+<-- look-up ----+
 *                          PUT | DELETE | nothing to do
 *   412 or 404 after PUT: GET again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "codec/json.h"
#include "target/reply.h"
#include "target/scim_p.h"

#define MAX_BODY (1024 * 1024)
#define MAX_STEPS 16		/* requests for one action */

enum clash { CLASH_NONE, CLASH_ID, CLASH_NAME };

struct op {
	struct scim *s;
	struct arena *a;
	struct target_person p;		/* borrowed until done */
	const struct action *act;	/* likewise */
	void (*done)(void *arg, const struct target_result *r);
	void *arg;
	const char *id;			/* the remote user's, NULL unknown */
	const char *etag;		/* NULL none */
	struct json *user;		/* as read */
	enum clash clash;		/* what a 409 to POST led to */
	const char *clash_text;
	int steps;
};

typedef void answered(void *arg, const struct httpc_answer *a);
static void look_up(struct op *o, const char *attr, const char *value);
static void get_user(struct op *o);

/* --- the end of an action ------------------------------------------------ */

static void finish(struct op *o, int code, const struct err *e)
{
	struct target_result r = { .code = code, .remote_id = "-" };
	const char *word = o->id != NULL ? str_word(o->a, o->id) : "-";

	if (e != NULL)
		r.err = *e;
	if (strlen(word) < sizeof(r.remote_id))
		memcpy(r.remote_id, word, strlen(word) + 1);
	o->done(o->arg, &r);
	arena_free(o->a);
}

static void fail(struct op *o, int code, const char *text)
{
	struct err e;

	err_set(&e, code, "%s", text);
	finish(o, code, &e);
}

/* True, and the action is over, when the answer is no success. */
static bool refused(struct op *o, const struct httpc_answer *a,
    const char *what)
{
	struct err e;
	int code = reply_code(a, what, &e);

	/* On a list or a creation 404 means that the base URL is wrong; on a
	 * user it was dealt with before. */
	if (code == 0)
		return false;
	finish(o, code, &e);
	return true;
}

/* The JSON object of a successful answer, or NULL and the action is over: a
 * 200 with a log-in page is no confirmation. */
static struct json *object(struct op *o, const struct httpc_answer *a,
    const char *what)
{
	struct json *j;
	struct err e;
	char excerpt[65];

	if (json_parse(o->a, a->body, a->len, &j, &e) == 0 &&
	    j->kind == JSON_IS_OBJECT)
		return j;
	reply_excerpt(a->body, a->len, excerpt);
	err_set(&e, ERR_RETRY, "%s: answered %d without a JSON object: %s",
	    what, a->status, excerpt);
	finish(o, ERR_RETRY, &e);
	return NULL;
}

/* --- sending ------------------------------------------------------------- */

static size_t add_headers(struct op *o, const char **h, bool body)
{
	size_t n = 0;

	h[n++] = "Accept: application/scim+json";
	if (o->s->authorization != NULL)
		h[n++] = o->s->authorization;
	if (body) {
		h[n++] = "Content-Type: application/scim+json";
		h[n++] = arena_printf(o->a, "Idempotency-Key: %s", o->act->key);
	}
	if (body && o->etag != NULL)
		h[n++] = arena_printf(o->a, "If-Match: %s", o->etag);
	return n;
}

static void request(struct op *o, const char *method, const char *path,
    const struct json *body, answered *done)
{
	const char *headers[8] = { 0 };
	struct httpc_request q = { .method = method, .headers = headers,
	    .insecure = o->s->t.conf.insecure, .ca_file = o->s->t.conf.ca_file,
	    .timeout = o->s->t.conf.timeout };
	struct buf b;
	struct err e;
	int rc;

	if (++o->steps > MAX_STEPS) {
		fail(o, ERR_RETRY, "the remote user does not come to rest");
		return;
	}
	buf_init(&b, MAX_BODY);
	if (body != NULL) {
		json_write(&b, body);
		q.body = b.data;
		q.body_len = b.len;
	}
	add_headers(o, headers, strcmp(method, "GET") != 0);
	q.url = arena_printf(o->a, "%s%s", o->s->base, path);
	if (b.failed)
		rc = err_set(&e, ERR_ITEM_BAD, "the user is larger than %d "
		    "bytes", MAX_BODY);
	else if ((rc = httpc_submit(o->s->http, &q, done, o, &e)) != 0)
		rc = err_set(&e, ERR_STOP, "%s", arena_strdup(o->a, e.text));
	buf_fini(&b);
	if (rc != 0)
		finish(o, rc, &e);
}

static const char *user_path(struct op *o)
{
	return arena_printf(o->a, "/Users/%s", str_url(o->a, o->id));
}

/* --- writing ------------------------------------------------------------- */

static void on_deleted(void *arg, const struct httpc_answer *a)
{
	struct op *o = arg;

	if (a->status == 412) {
		get_user(o);
		return;
	}
	if (a->status != 404 && refused(o, a, "deleting the user"))
		return;
	if (a->status == 200 && a->len > 0 &&
	    object(o, a, "deleting the user") == NULL)
		return;
	o->id = NULL;
	finish(o, 0, NULL);
}

static void on_put(void *arg, const struct httpc_answer *a)
{
	struct op *o = arg;

	if (a->status == 412 || a->status == 404) {
		get_user(o);
	} else if (!refused(o, a, "replacing the user") &&
	    (a->status == 204 ||
	    object(o, a, "replacing the user") != NULL)) {
		finish(o, 0, NULL);
	}
}

static void on_created(void *arg, const struct httpc_answer *a)
{
	struct op *o = arg;
	struct json *user;
	char excerpt[65];

	if (a->status == 409 && o->clash == CLASH_NONE) {
		reply_excerpt(a->body, a->len, excerpt);
		o->clash_text = arena_strdup(o->a, excerpt);
		o->clash = CLASH_ID;
		look_up(o, "externalId", o->p.id);
		return;
	}
	if (refused(o, a, "creating the user") ||
	    (user = object(o, a, "creating the user")) == NULL)
		return;
	if ((o->id = json_member_str(user, "id")) == NULL)
		fail(o, ERR_RETRY, "creating the user: the answer has no id");
	else
		finish(o, 0, NULL);
}

static void write_user(struct op *o)
{
	struct json *want;
	bool empty;

	want = scim_merge(o->a, o->s->form, &o->p, o->act, o->user, &empty);
	if (empty)
		request(o, "DELETE", user_path(o), NULL, on_deleted);
	else if (scim_merge_same(o->a, o->s->form, o->user, want,
	    o->act->tool))
		finish(o, 0, NULL);
	else
		request(o, "PUT", user_path(o), want, on_put);
}

static void create_user(struct op *o)
{
	struct json *want;
	bool empty;

	o->etag = NULL;
	o->user = NULL;
	if (o->p.uid == NULL || *o->p.uid == '\0') {
		fail(o, ERR_ITEM_BAD, "the person has no uid, which is the "
		    "remote user's userName: add one");
		return;
	}
	want = scim_merge(o->a, o->s->form, &o->p, o->act, NULL, &empty);
	request(o, "POST", "/Users", want, on_created);
}

/* --- finding ------------------------------------------------------------- */

static void adopt(struct op *o, struct json *user, const char *etag)
{
	const char *version = json_member_str(json_member(user, "meta"),
	    "version");

	o->user = user;
	o->id = json_member_str(user, "id");
	o->etag = etag != NULL && *etag != '\0' ? arena_strdup(o->a, etag) :
	    version;
	write_user(o);
}

static void absent(struct op *o)
{
	struct err e;

	if (o->act->kind == ACTION_REMOVE) {
		finish(o, 0, NULL);
	} else if (o->clash == CLASH_ID) {
		o->clash = CLASH_NAME;
		look_up(o, "userName", o->p.uid);
	} else if (o->clash == CLASH_NAME) {
		err_set(&e, ERR_ITEM_BAD, "creating the user: answered 409, "
		    "but nobody there has this userName: %s", o->clash_text);
		finish(o, ERR_ITEM_BAD, &e);
	} else {
		create_user(o);
	}
}

static bool ours(const struct op *o, const struct json *user)
{
	return json_member_str(user, "id") != NULL &&
	    str_ieq(json_member_str(user, "externalId"), o->p.id);
}

/* Somebody else has the userName: only a person can tell who is who. */
static void name_taken(struct op *o, const struct json *other)
{
	const char *id = json_member_str(other, "id");
	char excerpt[65];
	struct err e;

	reply_excerpt(id != NULL ? id : "?", id != NULL ? strlen(id) : 1,
	    excerpt);
	err_set(&e, ERR_ITEM_BAD, "the userName is taken there by user %s, "
	    "whose externalId is not %s: rename one of them or set its "
	    "externalId", excerpt, o->p.id);
	finish(o, ERR_ITEM_BAD, &e);
}

static void choose(struct op *o, const struct json *list)
{
	struct json *u, *found = NULL;
	struct err e;

	for (u = list->child; u != NULL; u = u->next) {
		if (!ours(o, u))
			continue;
		if (found != NULL) {
			err_set(&e, ERR_ITEM_BAD, "several users there have "
			    "externalId %s: delete all but one", o->p.id);
			finish(o, ERR_ITEM_BAD, &e);
			return;
		}
		found = u;
	}
	if (found != NULL)
		adopt(o, found, NULL);
	else if (o->clash == CLASH_NAME && list->child != NULL)
		name_taken(o, list->child);
	else if (list->child != NULL)
		fail(o, ERR_STOP, "looking the user up: the service answers "
		    "with others than asked for: does it filter by externalId?");
	else
		absent(o);
}

/* An answer that is no complete list is not taken as "there is none". */
static void on_list(void *arg, const struct httpc_answer *a)
{
	struct op *o = arg;
	struct json *list, *res;
	int64_t total;

	if (refused(o, a, "looking the user up") ||
	    (list = object(o, a, "looking the user up")) == NULL)
		return;
	total = json_member_int(list, "totalResults", -1);
	res = json_member(list, "Resources");
	if (total < 0 || (total > 0 && (res == NULL ||
	    res->kind != JSON_IS_ARRAY || res->n == 0))) {
		fail(o, ERR_RETRY, "looking the user up: the answer is no "
		    "list with totalResults and Resources");
		return;
	}
	if (res == NULL || res->kind != JSON_IS_ARRAY)
		res = json_new(o->a, JSON_IS_ARRAY);
	choose(o, res);
}

static void look_up(struct op *o, const char *attr, const char *value)
{
	struct buf b;
	const char *path;

	buf_init(&b, MAX_BODY);
	buf_printf(&b, "%s eq ", attr);
	json_text(&b, value);
	path = arena_printf(o->a, "/Users?filter=%s&startIndex=1&count=10",
	    str_url(o->a, buf_str(&b)));
	buf_fini(&b);
	request(o, "GET", path, NULL, on_list);
}

/* Some services store externalId and never show it: then the receipt's word is
 * enough. An account of nobody's is known by its id alone. */
static bool meant(const struct op *o, const struct json *user)
{
	return *o->p.id == '\0' || ours(o, user) ||
	    json_member(user, "externalId") == NULL;
}

static void on_user(void *arg, const struct httpc_answer *a)
{
	struct op *o = arg;
	struct json *user;

	if (a->status != 404) {
		if (refused(o, a, "reading the user") ||
		    (user = object(o, a, "reading the user")) == NULL)
			return;
		/* Absence is never proof: this is not even a user. */
		if (!str_eq(json_member_str(user, "id"), o->id)) {
			fail(o, ERR_RETRY, "reading the user: the answer is "
			    "not the user that was asked for");
			return;
		}
		if (meant(o, user)) {
			adopt(o, user, a->etag);
			return;
		}
	}
	o->id = NULL;
	if (*o->p.id == '\0')
		absent(o);
	else
		look_up(o, "externalId", o->p.id);
}

static void get_user(struct op *o)
{
	o->etag = NULL;
	request(o, "GET", user_path(o), NULL, on_user);
}

static void scim_apply(struct target *t, const struct target_person *p,
    const struct action *act,
    void (*done)(void *arg, const struct target_result *r), void *arg)
{
	struct arena *a = arena_new();
	struct op *o = arena_alloc(a, sizeof(*o));
	const char *word;

	*o = (struct op){ .s = (struct scim *)(void *)t, .a = a, .p = *p,
	    .act = act, .done = done, .arg = arg };
	if (act->remote_id != NULL && !str_eq(act->remote_id, "-") &&
	    str_words(a, act->remote_id, &word, 1) == 1) {
		o->id = word;
		get_user(o);
	} else {
		look_up(o, "externalId", p->id);
	}
}

/* --- life ---------------------------------------------------------------- */

static void scim_close(struct target *t)
{
	struct scim *s = (struct scim *)(void *)t;

	target_conf_fini(&t->conf);
	free(s->authorization);
	free(s->base);
	free(s);
}

static int set_form(struct scim *s, struct err *e)
{
	const char *form = s->t.conf.form;

	if (*form == '\0' || str_eq(form, "entitlements"))
		s->form = FORM_ENTITLEMENTS;
	else if (str_eq(form, "provost"))
		s->form = FORM_PROVOST;
	else
		return err_set(e, ERR_INVALID, "target %s: form \"%.32s\" is "
		    "neither entitlements nor provost", s->t.conf.name, form);
	return 0;
}

static int scim_open(const struct target_conf *c, struct httpc *h,
    struct target **out, struct err *e)
{
	struct scim *s;
	size_t n;
	int rc;

	if ((rc = target_check_url(c, c->url, e)) != 0)
		return rc;
	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->base = strdup(c->url)) == NULL)
		abort();
	for (n = strlen(s->base); n > 0 && s->base[n - 1] == '/'; n--)
		s->base[n - 1] = '\0';
	s->t.kind = &target_scim;
	s->http = h;
	target_conf_copy(&s->t.conf, c);
	if (*s->t.conf.token != '\0' && asprintf(&s->authorization,
	    "Authorization: Bearer %s", s->t.conf.token) < 0)
		abort();
	if ((rc = set_form(s, e)) != 0) {
		scim_close(&s->t);
		return rc;
	}
	*out = &s->t;
	return 0;
}

static const char *scim_describe(const struct target *t)
{
	const struct scim *s = (const struct scim *)(const void *)t;

	return s->form == FORM_PROVOST ? "SCIM 2.0, tools of the Provost "
	    "extension" : "SCIM 2.0, entitlements";
}

const struct target_kind target_scim = { "scim", scim_open, scim_close,
    scim_apply, scim_describe, NULL, scim_list_users };
