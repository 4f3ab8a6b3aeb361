/* SPDX-License-Identifier: ISC */
/*
 * libmicrohttpd's time-out starts anew with every byte, so one byte a second
 * holds a connection for ever. Here each connection notes since when it owes
 * us a whole header; one thread looks every second and ends those that took
 * too long by closing their reading side.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "link/httpd_p.h"

struct conn {
	struct conn *prev, *next;
	int fd;
	_Atomic int64_t until;	/* mono; CLOCK_NEVER: a request under way */
	struct httpd *d;
	struct live *live;	/* held */
	struct tls_peer *peer;	/* owned; NULL: no certificate seen yet */
};

static struct conn *conn_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i != NULL ? i->socket_context : NULL;
}

static void link_in(struct httpd *d, struct conn *n)
{
	pthread_mutex_lock(&d->lock);
	n->next = d->conns;
	if (n->next != NULL)
		n->next->prev = n;
	d->conns = n;
	pthread_mutex_unlock(&d->lock);
}

static void take_out(struct httpd *d, struct conn *n)
{
	pthread_mutex_lock(&d->lock);
	if (n->prev != NULL)
		n->prev->next = n->next;
	else
		d->conns = n->next;
	if (n->next != NULL)
		n->next->prev = n->prev;
	pthread_mutex_unlock(&d->lock);
	tls_peer_free(n->peer);
	httpd_live_free(n->live);
	free(n);
}

void conn_notify(void *cls, struct MHD_Connection *c, void **socket_context,
    enum MHD_ConnectionNotificationCode what)
{
	struct httpd *d = cls;
	const union MHD_ConnectionInfo *i;
	struct conn *n;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*socket_context != NULL)
			take_out(d, *socket_context);
		*socket_context = NULL;
		return;
	}
	i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	n = calloc(1, sizeof(*n));
	if (i == NULL || n == NULL) {
		free(n);
		return;
	}
	n->fd = i->connect_fd;
	n->d = d;
	n->until = clock_mono() + d->conf.header_timeout * CLOCK_SECOND;
	n->live = live_hold(d);
	tls_attach(n->live, c);
	*socket_context = n;
	link_in(d, n);
}

static const char *address(struct request *q)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(q->conn,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char text[INET6_ADDRSTRLEN] = "";
	const struct sockaddr *sa;

	if (i == NULL || (sa = i->client_addr) == NULL)
		return "";
	if (sa->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)
		    (const void *)sa)->sin_addr, text, sizeof(text));
	else if (sa->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)
		    (const void *)sa)->sin6_addr, text, sizeof(text));
	return arena_strdup(q->pub.arena, text);
}

void conn_identify(struct request *q)
{
	struct conn *n = conn_of(q->conn);
	struct live *now;

	q->pub.tls = q->d->tls;
	q->pub.peer = address(q);
	if (n == NULL)
		return;
	/* Without the lock as long as nothing was reloaded. */
	now = n->live->number == atomic_load(&q->d->live_number) ? n->live :
	    live_hold(q->d);
	q->pub.peer = live_peer(now, q, q->pub.peer);
	tls_names(&n->peer, q->conn, now, &q->pub.cert);
	if (now != n->live)
		httpd_live_free(now);
}

void conn_busy(struct MHD_Connection *c)
{
	struct conn *n = conn_of(c);

	if (n != NULL)
		n->until = CLOCK_NEVER;
}

void conn_idle(struct MHD_Connection *c)
{
	struct conn *n = conn_of(c);

	if (n != NULL)
		n->until = clock_mono() +
		    n->d->conf.idle_timeout * CLOCK_SECOND;
}

static void *reap(void *arg)
{
	struct httpd *d = arg;
	struct timespec t;
	struct conn *n;
	int64_t now;

	pthread_mutex_lock(&d->lock);
	while (!d->stopping) {
		clock_gettime(CLOCK_REALTIME, &t);
		t.tv_sec++;
		pthread_cond_timedwait(&d->stop_cond, &d->lock, &t);
		now = clock_mono();
		for (n = d->conns; n != NULL; n = n->next)
			if (n->until < now) {
				shutdown(n->fd, SHUT_RD);
				n->until = CLOCK_NEVER;
			}
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

int conn_reaper_start(struct httpd *d, struct err *e)
{
	pthread_cond_init(&d->stop_cond, NULL);
	if (pthread_create(&d->reaper, NULL, reap, d) != 0)
		return err_set(e, ERR_IO, "http: cannot start a thread");
	return 0;
}

void conn_reaper_stop(struct httpd *d)
{
	pthread_mutex_lock(&d->lock);
	d->stopping = true;
	pthread_cond_signal(&d->stop_cond);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->reaper, NULL);
	pthread_cond_destroy(&d->stop_cond);
}
