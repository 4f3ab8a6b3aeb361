/* SPDX-License-Identifier: ISC */
#include "front/signer.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "front/answer.h"
#include "front/worker.h"

#define THREADS 4

struct signer {
	const struct ldapc_conf *ldap;
	struct writer *writer;
	struct worker *worker;
	_Atomic int64_t slowest;	/* us */
};

int signer_start(const struct ldapc_conf *c, struct writer *w,
    struct signer **out, struct err *e)
{
	struct signer *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return err_set(e, ERR_IO, "front: out of memory");
	s->ldap = c;
	s->writer = w;
	rc = worker_start(THREADS, &s->worker, e);
	if (rc != 0)
		free(s);
	else
		*out = s;
	return rc;
}

void signer_stop(struct signer *s)
{
	if (s == NULL)
		return;
	worker_stop(s->worker);
	free(s);
}

bool signer_ready(struct call *c)
{
	const char *key = c->f->conf.map->code_key;

	if (key != NULL && *key != '\0')
		return true;
	answer_status(c, 501, "", "nobody can sign in here: sessions need "
	    "directory.code_key_file in provostd.conf");
	return false;
}

void signer_submit(struct signer *s, struct call *c,
    void (*fn)(struct call *c))
{
	if (!worker_take(s->worker, c, fn))
		answer_status(c, 503, "", "too many people sign in at a time");
}

/* The longest fades, or one that hung would be felt for ever. */
static void note_time(struct signer *s, int64_t took)
{
	int64_t was = atomic_load(&s->slowest);

	was -= was / 8;
	atomic_store(&s->slowest, took > was ? took : was);
}

static int dial(struct signer *s, const struct ldapc_conf *c, size_t uri,
    const char *dn, const char *password, struct ldapc **out,
    enum ldapc_policy *policy, struct err *e)
{
	int64_t since = clock_mono();
	int rc = ldapc_open_as(c, &uri, dn, password, out, policy, e);

	note_time(s, clock_mono() - since);
	return rc;
}

/* False: there is none just now, and uri is the first of all. */
static bool in_use(struct signer *s, size_t *uri)
{
	bool known = s->writer == NULL || writer_provider(s->writer, uri);

	if (s->writer == NULL || !known)
		*uri = 0;
	return known;
}

int signer_open(struct signer *s, const char *dn, const char *password,
    struct ldapc **out, enum ldapc_policy *policy, struct err *e)
{
	struct ldapc_conf one = *s->ldap;
	size_t uri;

	if (!in_use(s, &uri))
		return err_set(e, ERR_BUSY, "the directory takes no writes "
		    "just now");
	one.uris = (struct strv){ &one.uris.v[uri], 1, 1 };
	return dial(s, &one, 0, dn, password, out, policy, e);
}

int signer_check(struct signer *s, const char *dn, const char *password,
    enum ldapc_policy *policy, struct err *e)
{
	struct ldapc *l = NULL;
	size_t uri;
	int rc;

	(void)in_use(s, &uri);
	rc = dial(s, s->ldap, uri, dn, password, &l, policy, e);

	ldapc_close(l);
	return rc;
}

int64_t signer_slowest(const struct signer *s, int64_t least)
{
	int64_t t = atomic_load(&s->slowest);

	return t > least ? t : least;
}
