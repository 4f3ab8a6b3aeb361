/* SPDX-License-Identifier: ISC */
/*
 * libmicrohttpd's time-out starts anew with every byte, so one byte a second
 * holds a connection for ever. Here each connection notes since when it owes
 * us a whole header; one thread looks every second and ends those that took
 * too long by closing their reading side.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "link/httpd_p.h"

struct conn {
	struct conn *prev, *next;
	int fd;
	_Atomic int64_t until;	/* mono; CLOCK_NEVER: a request under way */
	struct httpd *d;
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
	*socket_context = n;
	link_in(d, n);
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
