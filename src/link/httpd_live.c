/* SPDX-License-Identifier: ISC */
/*
 * What a running server may be given anew: certificate, key, the clients' CAs
 * and the trusted proxies, as one counted object. A connection holds the one
 * it began with, the server the current one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cidr.h"
#include "link/httpd_p.h"

#define FORWARDED_MAX 64	/* addresses that are looked at */

/* --- life ------------------------------------------------------------------- */

static int load_proxies(struct live *l, const struct strv *list, struct err *e)
{
	size_t i;

	l->proxy = calloc(list->n != 0 ? list->n : 1, sizeof(*l->proxy));
	if (l->proxy == NULL)
		return err_set(e, ERR_IO, "http: out of memory");
	l->n_proxies = list->n;
	for (i = 0; i < list->n; i++)
		if (cidr_parse(list->v[i], &l->proxy[i], e) != 0)
			return err_wrap(e, "http.trusted_proxies");
	return 0;
}

int httpd_live_load(const struct httpd_conf *c, struct live **out,
    struct err *e)
{
	static _Atomic unsigned number;
	struct live *l = calloc(1, sizeof(*l));
	int rc;

	if (l == NULL)
		return err_set(e, ERR_IO, "http: out of memory");
	l->users = 1;
	l->number = atomic_fetch_add(&number, 1) + 1;
	if ((rc = tls_load(l, c, e)) != 0 ||
	    (rc = load_proxies(l, &c->trusted_proxies, e)) != 0) {
		httpd_live_free(l);
		return rc;
	}
	*out = l;
	return 0;
}

void httpd_live_free(struct live *l)
{
	if (l == NULL || atomic_fetch_sub(&l->users, 1) != 1)
		return;
	tls_unload(l);
	free(l->proxy);
	free(l);
}

struct live *live_hold(struct httpd *d)
{
	struct live *l;

	pthread_mutex_lock(&d->lock);
	l = d->live;
	atomic_fetch_add(&l->users, 1);
	pthread_mutex_unlock(&d->lock);
	return l;
}

bool httpd_live_use(struct httpd *d, struct live *l)
{
	struct live *old = l;
	bool fits = (l->cred != NULL) == d->tls;

	if (fits) {
		pthread_mutex_lock(&d->lock);
		old = d->live;
		d->live = l;
		d->live_number = l->number;
		pthread_mutex_unlock(&d->lock);
	}
	httpd_live_free(old);
	return fits;
}

/* --- who asks --------------------------------------------------------------- */

static bool is_proxy(const struct live *l, const char *address)
{
	struct cidr c;
	size_t i;

	if (cidr_parse(address, &c, NULL) != 0)
		return false;
	for (i = 0; i < l->n_proxies; i++)
		if (cidr_has(&l->proxy[i], &c))
			return true;
	return false;
}

struct forwarded {
	struct arena *a;
	const char *v[FORWARDED_MAX];
	size_t n;			/* in all; the last ones are kept */
};

/* Several headers are one list (RFC 9110 5.3). */
static enum MHD_Result each_forwarded(void *cls, enum MHD_ValueKind kind,
    const char *key, const char *value)
{
	struct forwarded *f = cls;
	size_t n;

	(void)kind;
	if (strcasecmp(key, "X-Forwarded-For") != 0)
		return MHD_YES;
	for (; *value != '\0'; value += n) {
		value += strspn(value, ", \t");
		n = strcspn(value, ", \t");
		if (n != 0)
			f->v[f->n++ % FORWARDED_MAX] = arena_strndup(f->a,
			    value, n);
	}
	return MHD_YES;
}

/* Each proxy appends whom it was asked by: from the right, the first that is
 * no proxy of ours. What stands before it is anybody's word. */
const char *live_peer(const struct live *l, struct request *q,
    const char *address)
{
	struct forwarded f = { .a = q->pub.arena };
	struct cidr c;
	size_t i, least;

	if (l->n_proxies == 0 || !is_proxy(l, address))
		return address;
	MHD_get_connection_values(q->conn, MHD_HEADER_KIND, each_forwarded,
	    &f);
	least = f.n > FORWARDED_MAX ? f.n - FORWARDED_MAX : 0;
	for (i = f.n; i > least; i--) {
		const char *from = f.v[(i - 1) % FORWARDED_MAX];

		if (cidr_parse(from, &c, NULL) != 0)
			break;
		address = from;
		if (!is_proxy(l, from))
			break;
	}
	return address;
}
