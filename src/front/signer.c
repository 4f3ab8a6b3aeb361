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
	struct worker *worker;
	_Atomic size_t uri;		/* that answered last */
	_Atomic int64_t slowest;	/* us */
};

int signer_start(const struct ldapc_conf *c, struct signer **out,
    struct err *e)
{
	struct signer *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return err_set(e, ERR_IO, "front: out of memory");
	s->ldap = c;
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

int signer_open(struct signer *s, const char *dn, const char *password,
    struct ldapc **out, enum ldapc_policy *policy, struct err *e)
{
	int64_t since = clock_mono();
	size_t uri = atomic_load(&s->uri);
	int rc = ldapc_open_as(s->ldap, &uri, dn, password, out, policy, e);

	atomic_store(&s->uri, uri);
	note_time(s, clock_mono() - since);
	return rc;
}

int signer_check(struct signer *s, const char *dn, const char *password,
    enum ldapc_policy *policy, struct err *e)
{
	struct ldapc *l = NULL;
	int rc = signer_open(s, dn, password, &l, policy, e);

	ldapc_close(l);
	return rc;
}

int64_t signer_slowest(const struct signer *s, int64_t least)
{
	int64_t t = atomic_load(&s->slowest);

	return t > least ? t : least;
}
