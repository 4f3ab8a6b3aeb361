/* SPDX-License-Identifier: ISC */
#include "front/issuer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#define LOOK CLOCK_SECOND	/* between two looks at the file */

/* Which content a path had. */
struct identity {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec modified;
};

struct issuer_keys {
	struct arena *arena;		/* owned: the strings */
	const char *file;		/* "" none */
	struct jwt_policy policy;
	bool narrow;
	struct jwt_keys *keys;		/* owned; NULL: no file */
	struct identity seen;
};

struct issuer {
	pthread_rwlock_t lock;		/* keys; changed under changing, too */
	pthread_mutex_t changing;
	struct issuer_keys *keys;	/* owned */
	struct identity refused;	/* reported already */
	_Atomic int64_t next_look;	/* mono */
};

/* --- the file ---------------------------------------------------------------- */

static struct identity identity_of(const char *path)
{
	struct identity id;
	struct stat st;

	memset(&id, 0, sizeof(id));
	if (stat(path, &st) != 0)
		return id;
	id.dev = st.st_dev;
	id.ino = st.st_ino;
	id.size = st.st_size;
	id.modified = st.st_mtim;
	return id;
}

static bool same(const struct identity *x, const struct identity *y)
{
	return x->dev == y->dev && x->ino == y->ino && x->size == y->size &&
	    x->modified.tv_sec == y->modified.tv_sec &&
	    x->modified.tv_nsec == y->modified.tv_nsec;
}

static int read_file(const char *path, struct buf *out, struct err *e)
{
	FILE *f = fopen(path, "re");
	char part[4096];
	size_t n;
	bool bad;

	if (f == NULL)
		return err_set(e, ERR_INVALID, "%s", strerror(errno));
	while (!out->failed && (n = fread(part, 1, sizeof(part), f)) != 0)
		buf_put(out, part, n);
	bad = ferror(f) != 0;
	fclose(f);
	if (bad)
		return err_set(e, ERR_INVALID, "it can't be read");
	return out->failed ? err_set(e, ERR_LIMIT, "more than %zu KiB",
	    JWT_KEYS_SIZE >> 10) : 0;
}

/* Looked at before it is read: what changes in between is read once more. */
static int load_file(struct issuer_keys *k, struct err *e)
{
	struct buf text;
	int rc;

	k->seen = identity_of(k->file);
	buf_init(&text, JWT_KEYS_SIZE);
	rc = read_file(k->file, &text, e);
	if (rc == 0)
		rc = jwt_keys_parse(buf_str(&text), text.len, &k->keys, e);
	buf_fini(&text);
	return rc == 0 ? 0 : err_wrap(e, "auth.jwks_file: %s", k->file);
}

/* --- life -------------------------------------------------------------------- */

static const char *copy(struct arena *a, const char *s)
{
	return arena_strdup(a, s != NULL ? s : "");
}

int issuer_load(const struct issuer_conf *c, struct issuer_keys **out,
    struct err *e)
{
	struct arena *a = arena_new();
	struct issuer_keys *k = arena_alloc(a, sizeof(*k));
	int rc = 0;

	k->arena = a;
	k->file = copy(a, c->jwks_file);
	k->policy = (struct jwt_policy){ .issuer = copy(a, c->issuer),
	    .audience = copy(a, c->audience), .claim = copy(a, c->claim) };
	k->narrow = c->narrow;
	if (*k->file == '\0') {
		*out = k;
		return 0;
	}
	if (*k->policy.issuer == '\0' || *k->policy.audience == '\0')
		rc = err_set(e, ERR_INVALID, "auth.jwks_file: auth.jwt_issuer "
		    "and auth.jwt_audience must say whose tokens are taken "
		    "and for whom they are meant");
	if (rc == 0)
		rc = load_file(k, e);
	if (rc != 0)
		issuer_keys_free(k);
	else
		*out = k;
	return rc;
}

void issuer_keys_free(struct issuer_keys *k)
{
	if (k == NULL)
		return;
	jwt_keys_free(k->keys);
	arena_free(k->arena);
}

struct issuer *issuer_new(struct issuer_keys *k)
{
	struct issuer *i = calloc(1, sizeof(*i));
	pthread_rwlockattr_t attr;

	if (i == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	/* Those who come with tokens must not keep new keys out. */
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr,
	    PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&i->lock, &attr);
	pthread_rwlockattr_destroy(&attr);
	pthread_mutex_init(&i->changing, NULL);
	i->keys = k;
	return i;
}

/* With changing held. */
static void swap(struct issuer *i, struct issuer_keys *k)
{
	struct issuer_keys *old = i->keys;

	pthread_rwlock_wrlock(&i->lock);
	i->keys = k;
	pthread_rwlock_unlock(&i->lock);
	issuer_keys_free(old);
}

void issuer_use(struct issuer *i, struct issuer_keys *k)
{
	pthread_mutex_lock(&i->changing);
	swap(i, k);
	pthread_mutex_unlock(&i->changing);
}

void issuer_free(struct issuer *i)
{
	if (i == NULL)
		return;
	issuer_keys_free(i->keys);
	pthread_mutex_destroy(&i->changing);
	pthread_rwlock_destroy(&i->lock);
	free(i);
}

/* --- when the file changes ---------------------------------------------------- */

/* With changing held: i->keys is nobody else's to change. */
static void read_again(struct issuer *i)
{
	const struct issuer_keys *old = i->keys;
	const struct issuer_conf c = { .jwks_file = old->file,
	    .issuer = old->policy.issuer, .audience = old->policy.audience,
	    .claim = old->policy.claim, .narrow = old->narrow };
	const struct identity now = identity_of(old->file);
	struct issuer_keys *k;
	struct err e = { 0 };

	if (same(&now, &old->seen) || same(&now, &i->refused))
		return;
	if (issuer_load(&c, &k, &e) != 0) {
		log_error("auth: %s; the old keys stay", err_text(&e));
		i->refused = now;
		return;
	}
	log_info("auth: %s has changed and was read again", k->file);
	swap(i, k);
}

static void look(struct issuer *i)
{
	int64_t now = clock_mono(), due = atomic_load(&i->next_look);

	if (now < due || !atomic_compare_exchange_strong(&i->next_look, &due,
	    now + LOOK) || pthread_mutex_trylock(&i->changing) != 0)
		return;
	if (*i->keys->file != '\0')
		read_again(i);
	pthread_mutex_unlock(&i->changing);
}

/* --- tokens ------------------------------------------------------------------ */

bool issuer_is_there(struct issuer *i)
{
	bool there;

	pthread_rwlock_rdlock(&i->lock);
	there = i->keys->keys != NULL;
	pthread_rwlock_unlock(&i->lock);
	return there;
}

int issuer_verify(struct issuer *i, struct arena *a, const char *token,
    const char *certificate, struct jwt_claims *out, struct err *e)
{
	struct jwt_policy p;
	int rc;

	look(i);
	pthread_rwlock_rdlock(&i->lock);
	if (i->keys->keys == NULL) {
		rc = err_set(e, ERR_DENIED, "no signed tokens are taken here");
	} else {
		p = i->keys->policy;
		p.certificate = certificate;
		rc = jwt_verify(a, i->keys->keys, &p, token, clock_now(),
		    out, e);
	}
	if (rc == 0 && !i->keys->narrow)
		out->scoped = false;
	pthread_rwlock_unlock(&i->lock);
	return rc;
}
