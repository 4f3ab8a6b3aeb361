/* SPDX-License-Identifier: ISC */
#include "link/httpc.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "link/httpc_p.h"

#define MAX_ANSWER (1024 * 1024)
#define MAX_RETRY_AFTER 86400
#define CONNECT_TIMEOUT (5 * CLOCK_SECOND)
#define DEFAULT_TIMEOUT (10 * CLOCK_SECOND)

/* A request. */
struct transfer {
	struct httpc_transfer t;	/* first: a transfer is its request */
	struct curl_slist *headers;
	struct httpc_file file;
	int64_t sent;			/* of it */
	struct buf answer;
	void (*done)(void *arg, const struct httpc_answer *a);
	void *arg;
};

/* What another thread has handed over. */
struct post {
	struct post *next;
	void (*fn)(void *arg);
	void *arg;
};

struct httpc {
	CURLM *multi;
	struct httpc_transfer *all;
	pthread_mutex_t lock;		/* of the two below */
	struct post *posts, **last_post;
};

_Static_assert(sizeof(((struct httpc_transfer *)0)->text) >= CURL_ERROR_SIZE,
    "curl's error text fits");

static pthread_once_t global_once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

int httpc_open(unsigned connections_per_host, struct httpc **out,
    struct err *e)
{
	struct httpc *h;

	pthread_once(&global_once, global_init);
	if ((h = calloc(1, sizeof(*h))) == NULL ||
	    (h->multi = curl_multi_init()) == NULL) {
		free(h);
		return err_set(e, ERR_IO, "http client: out of memory");
	}
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
	    (long)connections_per_host);
	pthread_mutex_init(&h->lock, NULL);
	h->last_post = &h->posts;
	*out = h;
	return 0;
}

/* --- from other threads -------------------------------------------------- */

void httpc_post(struct httpc *h, void (*fn)(void *arg), void *arg)
{
	struct post *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	p->fn = fn;
	p->arg = arg;
	pthread_mutex_lock(&h->lock);
	*h->last_post = p;
	h->last_post = &p->next;
	pthread_mutex_unlock(&h->lock);
	curl_multi_wakeup(h->multi);
}

static void run_posts(struct httpc *h)
{
	struct post *p, *next;

	pthread_mutex_lock(&h->lock);
	p = h->posts;
	h->posts = NULL;
	h->last_post = &h->posts;
	pthread_mutex_unlock(&h->lock);
	for (; p != NULL; p = next) {
		next = p->next;
		p->fn(p->arg);
		free(p);
	}
}

/* --- what is under way -------------------------------------------------- */

static void transfer_end(struct httpc *h, struct httpc_transfer *t, int code)
{
	curl_multi_remove_handle(h->multi, t->easy);
	*t->prev = t->next;
	if (t->next != NULL)
		t->next->prev = t->prev;
	t->ended(t, code);
}

void httpc_close(struct httpc *h)
{
	if (h == NULL)
		return;
	while (h->all != NULL)
		transfer_end(h, h->all, HTTPC_CLOSING);
	while (h->posts != NULL)
		run_posts(h);
	curl_multi_cleanup(h->multi);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

void httpc_prepare(struct httpc_transfer *t, const char *url,
    int64_t timeout, const char *ca_file)
{
	CURL *c = t->easy;

	timeout = timeout > 0 ? timeout : DEFAULT_TIMEOUT;
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PRIVATE, (void *)t);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->text);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)((timeout + 999) / 1000));
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)(
	    (timeout < CONNECT_TIMEOUT ? timeout : CONNECT_TIMEOUT) / 1000));
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TCP_NODELAY, 1L);
	if (ca_file != NULL && ca_file[0] != '\0')
		curl_easy_setopt(c, CURLOPT_CAINFO, ca_file);
}

int httpc_begin(struct httpc *h, struct httpc_transfer *t, struct err *e)
{
	if (curl_multi_add_handle(h->multi, t->easy) != CURLM_OK)
		return err_set(e, ERR_IO, "http client: cannot start");
	t->next = h->all;
	t->prev = &h->all;
	if (t->next != NULL)
		t->next->prev = &t->next;
	h->all = t;
	return 0;
}

int httpc_code(int code)
{
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return ERR_TIMEOUT;
	case CURLE_URL_MALFORMAT:
		return ERR_INVALID;
	case HTTPC_CLOSING:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return ERR_BUSY;
	default:
		return ERR_IO;
	}
}

const char *httpc_text(const struct httpc_transfer *t, int code)
{
	if (code == HTTPC_CLOSING)
		return "http client: closing";
	return t->text[0] != '\0' ? t->text :
	    curl_easy_strerror((CURLcode)code);
}

/* --- a request ------------------------------------------------------------ */

static void request_free(struct transfer *q)
{
	if (q->t.easy != NULL)
		curl_easy_cleanup(q->t.easy);
	curl_slist_free_all(q->headers);
	buf_fini(&q->answer);
	free(q);
}

/* A control byte would end the header, or the request line, and begin
 * whatever the other side then makes of the rest. */
static bool clean(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

static int check(const struct httpc_request *r, struct err *e)
{
	const char *const *h;

	if (!str_istarts(r->url, "https://") &&
	    !(r->insecure && str_istarts(r->url, "http://")))
		return err_set(e, ERR_INVALID, "the URL must begin with https://"
		    " (plain http needs the setting insecure)");
	if (!clean(r->url) || strchr(r->url, ' ') != NULL)
		return err_set(e, ERR_INVALID,
		    "the URL holds a space or a control character");
	for (h = r->headers; h != NULL && *h != NULL; h++)
		if (!clean(*h))
			return err_set(e, ERR_INVALID, "header %.*s holds a "
			    "control character", (int)strcspn(*h, ":\r\n"), *h);
	return 0;
}

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	buf_put(&t->answer, p, size * n);
	return t->answer.failed ? 0 : size * n;
}

static size_t give(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	int64_t left = t->file.len - t->sent;
	ssize_t got;

	n *= size;
	if ((int64_t)n > left)
		n = (size_t)left;
	got = pread(t->file.fd, p, n, (off_t)t->sent);
	if (got < 0 || (got == 0 && n > 0))
		return CURL_READFUNC_ABORT;
	t->sent += got;
	return (size_t)got;
}

static int again_from(void *arg, curl_off_t at, int origin)
{
	struct transfer *t = arg;

	if (origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	t->sent = at;
	return CURL_SEEKFUNC_OK;
}

static void set_file(struct transfer *t, const struct httpc_request *r)
{
	CURL *c = t->t.easy;
	int64_t timeout = r->timeout > 0 ? r->timeout : DEFAULT_TIMEOUT;

	t->file = *r->file;
	curl_easy_setopt(c, CURLOPT_POST, 1L);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)t->file.len);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(c, CURLOPT_READDATA, (void *)t);
	curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, again_from);
	curl_easy_setopt(c, CURLOPT_SEEKDATA, (void *)t);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, 0L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME,
	    (long)((timeout + CLOCK_SECOND - 1) / CLOCK_SECOND));
}

static void set_method(struct transfer *t, const struct httpc_request *r)
{
	CURL *c = t->t.easy;

	if (r->file != NULL) {
		set_file(t, r);
	} else if (r->body != NULL) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->body_len);
		curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, r->body);
	} else if (str_eq(r->method, "POST")) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, 0L);
		curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, "");
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
}

static void set_protocol(CURL *c, const struct httpc_request *r)
{
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
	    r->insecure ? "http,https" : "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "provost");
}

static int set_headers(struct transfer *t, const struct httpc_request *r)
{
	const char *const *h;
	struct curl_slist *l;

	/* Without Expect a large body does not wait for a 100 that many
	 * servers never send. A large file does: it may be refused unsent. */
	if (r->file == NULL &&
	    (t->headers = curl_slist_append(NULL, "Expect:")) == NULL)
		return -1;
	for (h = r->headers; h != NULL && *h != NULL; h++) {
		if ((l = curl_slist_append(t->headers, *h)) == NULL)
			return -1;
		t->headers = l;
	}
	curl_easy_setopt(t->t.easy, CURLOPT_HTTPHEADER, t->headers);
	return 0;
}

static struct transfer *transfer_new(const struct httpc_request *r)
{
	struct transfer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	buf_init(&t->answer, r->max_answer != 0 ? r->max_answer : MAX_ANSWER);
	if ((t->t.easy = curl_easy_init()) == NULL || set_headers(t, r) != 0) {
		request_free(t);
		return NULL;
	}
	httpc_prepare(&t->t, r->url, r->timeout, r->ca_file);
	curl_easy_setopt(t->t.easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(t->t.easy, CURLOPT_WRITEDATA, (void *)t);
	set_method(t, r);
	set_protocol(t->t.easy, r);
	return t;
}

static const char *header(CURL *c, const char *name)
{
	struct curl_header *h;

	return curl_easy_header(c, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ?
	    h->value : "";
}

static void fill(struct httpc_answer *a, struct transfer *t)
{
	curl_off_t retry = 0;
	long status = 0;

	curl_easy_getinfo(t->t.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->t.easy, CURLINFO_RETRY_AFTER, &retry);
	a->status = (int)status;
	a->retry_after = retry <= 0 ? 0 :
	    retry > MAX_RETRY_AFTER ? MAX_RETRY_AFTER : (int)retry;
	a->body = buf_str(&t->answer);
	a->len = t->answer.len;
	a->content_type = header(t->t.easy, "Content-Type");
	a->etag = header(t->t.easy, "ETag");
}

static void ended(struct httpc_transfer *base, int code)
{
	struct httpc_answer a = { .body = "", .content_type = "", .etag = "" };
	struct transfer *t = (struct transfer *)(void *)base;

	if (code == CURLE_OK)
		fill(&a, t);
	else if (code == CURLE_WRITE_ERROR && t->answer.failed)
		err_set(&a.err, ERR_LIMIT, "the answer is larger than %zu bytes",
		    t->answer.max);
	else
		err_set(&a.err, httpc_code(code), "%s",
		    httpc_text(base, code));
	t->done(t->arg, &a);
	request_free(t);
}

int httpc_submit(struct httpc *h, const struct httpc_request *r,
    void (*done)(void *arg, const struct httpc_answer *a), void *arg,
    struct err *e)
{
	struct transfer *t;
	int rc;

	if ((rc = check(r, e)) != 0)
		return rc;
	if ((t = transfer_new(r)) == NULL)
		return err_set(e, ERR_IO, "http client: out of memory");
	t->t.ended = ended;
	t->done = done;
	t->arg = arg;
	if ((rc = httpc_begin(h, &t->t, e)) != 0)
		request_free(t);
	return rc;
}

/* --- driving -------------------------------------------------------------- */

static int finish(struct httpc *h)
{
	CURLMsg *m;
	int left, n = 0;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		struct httpc_transfer *t = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		transfer_end(h, t, (int)m->data.result);
		n++;
	}
	return n;
}

void httpc_drive(struct httpc *h, int64_t timeout_us)
{
	int running, ms;

	run_posts(h);
	curl_multi_perform(h->multi, &running);
	if (finish(h) > 0)
		return;
	ms = timeout_us <= 0 ? 0 : timeout_us > 3600 * CLOCK_SECOND ? 3600000 :
	    (int)((timeout_us + 999) / 1000);
	curl_multi_poll(h->multi, NULL, 0, ms, NULL);
	curl_multi_perform(h->multi, &running);
	finish(h);
}

void httpc_wake(struct httpc *h)
{
	curl_multi_wakeup(h->multi);
}

struct call {
	struct httpc_answer *a;
	char *body;
	bool over;
};

/* Body, content type and etag behind one another in one block. */
static void call_done(void *arg, const struct httpc_answer *a)
{
	struct call *c = arg;
	size_t n = strlen(a->content_type) + 1, m = strlen(a->etag) + 1;

	c->over = true;
	*c->a = *a;
	if ((c->body = malloc(a->len + 1 + n + m)) == NULL)
		abort();
	memcpy(c->body, a->body, a->len);
	c->body[a->len] = '\0';
	memcpy(c->body + a->len + 1, a->content_type, n);
	memcpy(c->body + a->len + 1 + n, a->etag, m);
	c->a->body = c->body;
	c->a->content_type = c->body + a->len + 1;
	c->a->etag = c->a->content_type + n;
}

int httpc_call(const struct httpc_request *r, struct httpc_answer *a,
    char **body, struct err *e)
{
	struct call c = { .a = a };
	struct httpc *h;
	int rc;

	*body = NULL;
	memset(a, 0, sizeof(*a));
	if ((rc = httpc_open(1, &h, e)) != 0)
		return rc;
	rc = httpc_submit(h, r, call_done, &c, e);
	while (rc == 0 && !c.over)
		httpc_drive(h, CLOCK_SECOND);
	httpc_close(h);
	*body = c.body;
	if (rc == 0 && a->status == 0)
		return err_set(e, a->err.code, "%s", a->err.text);
	return rc;
}
