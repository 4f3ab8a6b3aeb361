/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/counters.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/tempfile.h"
#include "link/httpd_p.h"

#define POOL_MAX 256		/* idle request objects kept */
#define BODY_KEEP ((size_t)64 << 10)	/* body memory a kept one may have */
/* Zeroed by libmicrohttpd for every request: so no more than a header block
 * and its answer need. Beyond it says 414 or 431 itself. */
#define CONNECTION_MEMORY ((size_t)32 << 10)
#define OVERRUN_MAX ((size_t)1 << 20)
/* A body in a file may take longer than idle_timeout; so much of it not. */
#define BODY_STEP ((size_t)256 << 10)

/* --- requests ------------------------------------------------------------- */

static struct request *request_take(struct httpd *d)
{
	struct request *q;

	pthread_mutex_lock(&d->lock);
	q = d->pool;
	if (q != NULL) {
		d->pool = q->next;
		d->pooled--;
	}
	pthread_mutex_unlock(&d->lock);
	if (q == NULL) {
		q = calloc(1, sizeof(*q));
		if (q == NULL)
			return NULL;
		q->pub.arena = arena_new();
		q->pub.body_fd = -1;
		q->d = d;
		buf_init(&q->body, 0);
	}
	return q;
}

static void request_free(struct request *q)
{
	arena_free(q->pub.arena);
	buf_fini(&q->body);
	free(q);
}

static void drop_file(struct request *q)
{
	if (q->pub.body_fd >= 0)
		close(q->pub.body_fd);
	q->pub.body_fd = -1;
}

/* Everything but what is worth keeping is forgotten. */
static void request_clear(struct request *q)
{
	struct arena *a = q->pub.arena;
	struct httpd *d = q->d;
	struct buf body = q->body;

	if (q->response != NULL)
		MHD_destroy_response(q->response);
	drop_file(q);
	arena_reset(a);
	if (body.cap > BODY_KEEP)
		buf_fini(&body);
	else
		buf_reset(&body);
	memset(q, 0, offsetof(struct request, arg));
	q->n_args = q->n_headers = 0;
	q->max_body = q->seen = 0;
	q->begun = q->handed = q->waiting = q->close = false;
	q->pub.arena = a;
	q->pub.body_fd = -1;
	q->d = d;
	q->body = body;
}

static void request_give(struct request *q)
{
	struct httpd *d = q->d;

	request_clear(q);
	pthread_mutex_lock(&d->lock);
	if (d->pooled < POOL_MAX) {
		q->next = d->pool;
		d->pool = q;
		d->pooled++;
		q = NULL;
	}
	pthread_mutex_unlock(&d->lock);
	if (q != NULL)
		request_free(q);
}

struct request *request_of(const struct httpd_request *q)
{
	return (struct request *)(uintptr_t)q;
}

const char *httpd_header(const struct httpd_request *q, const char *name)
{
	return MHD_lookup_connection_value(request_of(q)->conn,
	    MHD_HEADER_KIND, name);
}

const char *httpd_query(const struct httpd_request *pub, const char *name)
{
	const struct request *q = request_of(pub);
	size_t i;

	for (i = 0; i < q->n_args; i++)
		if (strcmp(q->arg[i].name, name) == 0)
			return q->arg[i].value;
	return NULL;
}

/* --- answering ------------------------------------------------------------ */

void httpd_set_header(struct httpd_request *pub, const char *name,
    const char *value)
{
	struct request *q = request_of(pub);
	struct pair *p;

	if (q->n_headers == HEADERS_MAX)
		return;
	p = &q->header[q->n_headers++];
	p->name = arena_strdup(pub->arena, name);
	p->value = arena_strdup(pub->arena, value);
}

static void add_headers(struct request *q, const char *content_type)
{
	size_t i;

	if (content_type != NULL)
		MHD_add_response_header(q->response, "Content-Type",
		    content_type);
	MHD_add_response_header(q->response, "X-Request-Id", q->pub.id);
	for (i = 0; i < q->n_headers; i++)
		MHD_add_response_header(q->response, q->header[i].name,
		    q->header[i].value);
	if (q->close || q->d->draining)
		MHD_add_response_header(q->response, "Connection", "close");
}

void httpd_answer_with(struct request *q, int status,
    const char *content_type, struct MHD_Response *response)
{
	struct MHD_Connection *conn = q->conn;

	q->response = response;
	q->status = status;
	if (q->response != NULL)
		add_headers(q, content_type);
	counter_add(C_HTTP_REQUESTS, 1);
	if (status >= 500)
		counter_add(C_HTTP_ERRORS, 1);
	/* q may be gone right behind this line, unless it is suspended. */
	if (atomic_exchange(&q->state, ANSWERED) == SUSPENDED)
		MHD_resume_connection(conn);
}

void httpd_answer(struct httpd_request *q, int status,
    const char *content_type, const char *body, size_t len)
{
	httpd_answer_with(request_of(q), status, content_type,
	    MHD_create_response_from_buffer(len, (void *)(uintptr_t)body,
	    MHD_RESPMEM_MUST_COPY));
}

void httpd_answer_take(struct httpd_request *q, int status,
    const char *content_type, char *body, size_t len)
{
	httpd_answer_with(request_of(q), status, content_type,
	    MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE));
}

static enum MHD_Result queue(struct request *q)
{
	enum MHD_Result rc;

	if (q->response == NULL)
		return MHD_NO;
	rc = MHD_queue_response(q->conn, (unsigned)q->status, q->response);
	MHD_destroy_response(q->response);
	q->response = NULL;
	return rc;
}

/* --- one request's way ---------------------------------------------------- */

/* Called with the request line, before anything is decoded: what it returns
 * is the first *con_cls of take_request. */
static void *take_target(void *cls, const char *uri,
    struct MHD_Connection *conn)
{
	struct httpd *d = cls;
	struct request *q = request_take(d);

	if (q == NULL)
		return NULL;
	q->conn = conn;
	q->wire = uri;
	q->raw_len = strlen(uri);
	q->raw = arena_strndup(q->pub.arena, uri, q->raw_len);
	return q;
}

static void prepare(struct request *q, const char *method)
{
	struct httpd *d = q->d;

	q->begun = true;
	q->pub.method = method;
	q->pub.path = q->pub.body = q->pub.host = "";
	conn_identify(q);
	str_hex_u64(atomic_fetch_add(&d->next_id, 1), q->pub.id);
}

static void refuse(struct request *q, int status, const char *why)
{
	q->close = true;
	drop_file(q);
	counter_add(C_HTTP_REFUSED, 1);
	q->d->h.refused(q->d->h.ctx, &q->pub, status, why);
}

static const char too_large[] = "the request body is too large";

static bool too_long(struct request *q)
{
	const char *v = httpd_header(&q->pub, "Content-Length");

	return v != NULL && (strlen(v) > 18 ||
	    strtoull(v, NULL, 10) > q->max_body);
}

/* The header is here. A refusal goes out at once and ends the connection if a
 * body would follow; else it waits for the second call, which keeps it. */
static enum MHD_Result begin(struct request *q, const char *method,
    const char *version)
{
	struct httpd *d = q->d;
	struct guard_result g = { 0 };

	prepare(q, method);
	httpd_guard_check(q, version, &g);
	if (g.status != 0)
		refuse(q, g.status, g.why);
	else if (d->h.accept(d->h.ctx, &q->pub, &q->max_body)) {
		q->filed = q->pub.body_fd >= 0;
		if (!q->filed && q->max_body > d->conf.max_body)
			q->max_body = d->conf.max_body;
		q->body.max = q->max_body;
		if (g.has_body && too_long(q))
			refuse(q, 413, too_large);
	}
	if (q->state == ANSWERED && (g.has_body || q->close))
		return queue(q);
	if (g.has_body)
		conn_idle(q->conn);
	return MHD_YES;
}

static void lose(struct request *q, int status, const char *why)
{
	q->lost = status;
	q->why = why;
	drop_file(q);
}

/* q->seen counts this piece already. */
static void keep(struct request *q, const char *data, size_t n)
{
	struct err e;

	if (q->seen > q->max_body)
		lose(q, 413, too_large);
	else if (!q->filed)
		buf_put(&q->body, data, n);
	else if (tempfile_put(q->pub.body_fd, data, n, &e) != 0)
		lose(q, 503, arena_strdup(q->pub.arena, err_text(&e)));
	if (q->body.failed)
		lose(q, 413, too_large);
}

static enum MHD_Result take_body(struct request *q, const char *data,
    size_t *n)
{
	size_t before = q->seen;

	q->seen += *n;
	if (q->lost == 0)
		keep(q, data, *n);
	/* Nothing can be answered before the end; do not wait for it without
	 * limit. */
	if (q->seen > q->max_body && q->seen - q->max_body > OVERRUN_MAX)
		return MHD_NO;
	if (q->filed && before / BODY_STEP != q->seen / BODY_STEP)
		conn_idle(q->conn);
	*n = 0;
	return MHD_YES;
}

/* It has been resumed; a client that has gone meanwhile is not asked for
 * again, its request only ends. */
static void awake(struct request *q)
{
	if (!q->waiting)
		return;
	q->waiting = false;
	counter_add(C_HTTP_WAITING, -1);
	atomic_fetch_sub(&q->d->suspended, 1);
}

static enum MHD_Result finish(struct request *q)
{
	struct httpd *d = q->d;
	int expected = HANDLING;

	q->handed = true;
	conn_busy(q->conn);
	if (q->state == HANDLING && q->lost != 0) {
		refuse(q, q->lost, q->why);
	} else if (q->state == HANDLING) {
		q->pub.body = buf_str(&q->body);
		q->pub.body_len = q->seen;
		d->h.handle(d->h.ctx, &q->pub);
	}
	if (q->state == ANSWERED)
		return queue(q);
	q->waiting = true;
	atomic_fetch_add(&d->suspended, 1);
	counter_add(C_HTTP_WAITING, 1);
	MHD_suspend_connection(q->conn);
	if (!atomic_compare_exchange_strong(&q->state, &expected, SUSPENDED))
		MHD_resume_connection(q->conn);
	return MHD_YES;
}

static enum MHD_Result take_request(void *cls, struct MHD_Connection *conn,
    const char *url, const char *method, const char *version,
    const char *data, size_t *n, void **con_cls)
{
	struct request *q = *con_cls;

	(void)cls;
	(void)conn;
	(void)url;
	if (q == NULL)
		return MHD_NO;
	if (!q->begun)
		return begin(q, method, version);
	if (*n != 0)
		return take_body(q, data, n);
	if (q->handed && q->state == ANSWERED) {
		awake(q);
		return queue(q);
	}
	return q->handed ? MHD_YES : finish(q);
}

static void ended(void *cls, struct MHD_Connection *conn, void **con_cls,
    enum MHD_RequestTerminationCode toe)
{
	struct request *q = *con_cls;

	(void)cls;
	(void)toe;
	if (q == NULL)
		return;
	*con_cls = NULL;
	awake(q);
	conn_idle(conn);
	request_give(q);
}

/* --- start and stop ------------------------------------------------------- */

static int start_mhd(struct httpd *d, struct err *e)
{
	const struct httpd_conf *c = &d->conf;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD |
	    MHD_ALLOW_SUSPEND_RESUME | (d->tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem more[6] = { 0 };
	int n = 0;

	if (c->threads > 1)
		more[n++] = (struct MHD_OptionItem){
		    MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)c->threads, NULL };
	if (d->tls) {
		more[n++] = (struct MHD_OptionItem){
		    MHD_OPTION_HTTPS_CERT_CALLBACK, 0,
		    tls_no_certificate() };
		more[n++] = (struct MHD_OptionItem){
		    MHD_OPTION_HTTPS_PRIORITIES, 0,
		    (void *)(uintptr_t)httpd_tls_priority };
	}
	more[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	d->mhd = MHD_start_daemon(flags, 0, NULL, NULL, take_request, d,
	    MHD_OPTION_LISTEN_SOCKET, d->listen_fd,
	    MHD_OPTION_URI_LOG_CALLBACK, take_target, d,
	    MHD_OPTION_NOTIFY_COMPLETED, ended, d,
	    MHD_OPTION_NOTIFY_CONNECTION, conn_notify, d,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_LIMIT, c->max_connections,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, c->per_ip_connections,
	    MHD_OPTION_CONNECTION_TIMEOUT, c->idle_timeout,
	    MHD_OPTION_ARRAY, more, MHD_OPTION_END);
	if (d->mhd == NULL)
		return err_set(e, ERR_IO, "the HTTP server does not start on "
		    "%s", c->listen);
	return 0;
}

static void defaults(struct httpd_conf *c)
{
	if (c->threads == 0)
		c->threads = 1;
	if (c->max_connections == 0)
		c->max_connections = 100000;
	if (c->idle_timeout == 0)
		c->idle_timeout = 60;
	if (c->header_timeout == 0)
		c->header_timeout = 10;
	if (c->max_body == 0)
		c->max_body = (size_t)16 << 20;
}

static void httpd_free(struct httpd *d)
{
	struct request *q;

	while ((q = d->pool) != NULL) {
		d->pool = q->next;
		request_free(q);
	}
	if (d->listen_fd >= 0)
		close(d->listen_fd);
	httpd_live_free(d->live);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

int httpd_start(const struct httpd_conf *c, const struct httpd_handler *h,
    struct httpd **out, int *port, struct err *e)
{
	struct httpd *d = calloc(1, sizeof(*d));
	uint64_t first;
	int rc;

	if (d == NULL)
		return err_set(e, ERR_IO, "http: out of memory");
	d->conf = *c;
	d->h = *h;
	d->listen_fd = -1;
	defaults(&d->conf);
	pthread_mutex_init(&d->lock, NULL);
	hash_random(&first, sizeof(first));
	d->next_id = first;
	d->wire_known = strcmp(MHD_get_version(), "0.9.75") == 0;
	if ((rc = httpd_live_load(c, &d->live, e)) != 0 ||
	    (rc = httpd_listen(c->listen, &d->listen_fd, port, e)) != 0 ||
	    (rc = conn_reaper_start(d, e)) != 0) {
		httpd_free(d);
		return rc;
	}
	d->tls = d->live->cred != NULL;
	d->live_number = d->live->number;
	rc = start_mhd(d, e);
	if (rc != 0) {
		conn_reaper_stop(d);
		httpd_free(d);
		return rc;
	}
	*out = d;
	return 0;
}

void httpd_drain(struct httpd *d)
{
	if (atomic_exchange(&d->draining, true))
		return;
	MHD_quiesce_daemon(d->mhd);
	close(d->listen_fd);
	d->listen_fd = -1;
}

bool httpd_stop(struct httpd *d, unsigned seconds)
{
	const struct timespec nap = { .tv_nsec = 5000000 };
	unsigned tries = seconds * 200;

	if (d == NULL)
		return true;
	httpd_drain(d);
	while (atomic_load(&d->suspended) != 0 && tries-- > 0)
		nanosleep(&nap, NULL);
	/* libmicrohttpd ends the process if a connection is suspended. */
	if (atomic_load(&d->suspended) != 0)
		return false;
	MHD_stop_daemon(d->mhd);
	conn_reaper_stop(d);
	httpd_free(d);
	return true;
}
