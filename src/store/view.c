/* SPDX-License-Identifier: ISC */
#include "store/view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/counters.h"
#include "store/keys.h"
#include "store/order.h"
#include "store/pack.h"
#include "store/view_p.h"

#define MAP_SIZE ((size_t)16 << 30)

static void *xcalloc(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

struct db_val view_meta_key(const char *name)
{
	return (struct db_val){ name, strlen(name) };
}

/* This boot of the machine; "" (which is never trusted) when unknown. */
static void boot_id(char out[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, 36);

	memset(out + (n > 0 ? n : 0), 0, 40 - (size_t)(n > 0 ? n : 0));
	if (fd >= 0)
		close(fd);
}

static int lock_dir(struct view *v, struct err *e)
{
	char path[4096];

	if (mkdir(v->dir, 0700) < 0 && errno != EEXIST)
		return err_set(e, ERR_IO, "view: make %s: %s", v->dir,
		    strerror(errno));
	snprintf(path, sizeof(path), "%s/lock", v->dir);
	v->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (v->lock_fd < 0)
		return err_set(e, ERR_IO, "view: open %s: %s", path,
		    strerror(errno));
	if (flock(v->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(e, ERR_BUSY, "view: %s is in use by another "
		    "provostd: stop it or choose another view.dir", v->dir);
	return err_set(e, ERR_IO, "view: lock %s: %s", path, strerror(errno));
}

/* What an environment holds. */
struct found {
	bool usable;
	bool empty;	/* never filled */
	bool marked;	/* it says already that it is in use, in this boot */
};

static struct found look(const struct view_state *want, struct db_txn *t)
{
	struct found f = { 0 };
	struct view_state was;
	struct db_val v;

	f.empty = db_get(t, DB_META, view_meta_key("cookie"), &v, NULL) != 0;
	if (db_get(t, DB_META, view_meta_key("state"), &v, NULL) != 0) {
		f.usable = db_entries(t, DB_ENTRY) == 0;
		return f;
	}
	if (v.n != sizeof(was))
		return f;
	memcpy(&was, v.p, sizeof(was));
	if (was.format != want->format || was.fingerprint != want->fingerprint)
		return f;
	f.marked = !was.clean && was.boot[0] != '\0' &&
	    memcmp(was.boot, want->boot, sizeof(was.boot)) == 0;
	f.usable = was.clean || f.marked;
	return f;
}

/* Say in the environment how it stands, on the disk before we go on. */
static int put_state(struct view *v, bool clean, struct err *e)
{
	struct db_txn *t = NULL;
	int rc;

	v->state.clean = clean;
	rc = db_sync(v->db, e);
	if (rc == 0)
		rc = db_write_begin(v->db, &t, e);
	if (rc != 0)
		return rc;
	rc = db_put(t, DB_META, view_meta_key("state"),
	    (struct db_val){ &v->state, sizeof(v->state) }, e);
	if (rc != 0) {
		db_abort(t);
		return rc;
	}
	db_durable(v->db, true);
	rc = db_commit(t, e);
	db_durable(v->db, false);
	return rc;
}

static int open_once(struct view *v, size_t map_size, struct found *f,
    struct err *e)
{
	struct db_txn *t = NULL;
	int rc = db_open(v->dir, map_size, &v->db, e);

	if (rc == 0)
		rc = db_read_begin(v->db, &t, e);
	if (rc != 0)
		return rc;
	*f = look(&v->state, t);
	counter_set(C_VIEW_ENTRIES, (int64_t)db_entries(t, DB_ENTRY));
	db_abort(t);
	return 0;
}

/* Open the environment, or make it anew when it can't be trusted. */
static int open_env(struct view *v, size_t map_size, bool *fresh,
    struct err *e)
{
	struct found f = { 0 };
	int rc = open_once(v, map_size, &f, e);

	if (rc != 0 && rc != ERR_CORRUPT)
		return rc;
	if (rc != 0 || !f.usable) {
		db_close(v->db);
		v->db = NULL;
		rc = db_discard(v->dir, e);
		if (rc == 0)
			rc = open_once(v, map_size, &f, e);
		if (rc != 0)
			return rc;
	}
	*fresh = f.empty;
	return f.marked ? 0 : put_state(v, false, e);
}

static void free_view(struct view *v)
{
	while (v->idle != NULL) {
		struct view_read *r = v->idle;

		v->idle = r->next;
		db_abort(r->txn);
		free(r);
	}
	waits_free(v->waits);
	changes_free(v->changes);
	db_close(v->db);
	if (v->lock_fd >= 0)
		close(v->lock_fd);
	pthread_mutex_destroy(&v->pool_lock);
	free(v->dir);
	free(v);
}

int view_open(const struct view_conf *c, struct view **out, bool *fresh,
    struct err *e)
{
	struct view *v = xcalloc(sizeof(*v));
	int rc;

	v->dir = strdup(c->dir);
	v->lock_fd = -1;
	v->state.format = PACK_FORMAT;
	v->state.fingerprint = c->fingerprint;
	boot_id(v->state.boot);
	pthread_mutex_init(&v->pool_lock, NULL);
	v->waits = waits_new();
	v->changes = changes_new();
	rc = lock_dir(v, e);
	if (rc == 0)
		rc = open_env(v, c->map_size ? c->map_size : MAP_SIZE, fresh,
		    e);
	if (rc != 0) {
		free_view(v);
		return rc;
	}
	*out = v;
	return 0;
}

void view_close(struct view *v)
{
	if (v == NULL)
		return;
	/* Without the mark it is only rebuilt after the next boot. */
	(void)put_state(v, true, NULL);
	free_view(v);
}

int view_read_begin(struct view *v, struct view_read **out, struct err *e)
{
	struct view_read *r;
	int rc;

	pthread_mutex_lock(&v->pool_lock);
	r = v->idle;
	if (r != NULL)
		v->idle = r->next;
	pthread_mutex_unlock(&v->pool_lock);
	if (r != NULL) {
		rc = db_read_renew(r->txn, e);
	} else {
		r = xcalloc(sizeof(*r));
		r->view = v;
		rc = db_read_begin(v->db, &r->txn, e);
	}
	if (rc != 0) {
		db_abort(r->txn);
		free(r);
		return rc;
	}
	*out = r;
	return 0;
}

void view_read_end(struct view_read *r)
{
	struct view *v;

	if (r == NULL)
		return;
	v = r->view;
	db_read_reset(r->txn);
	pthread_mutex_lock(&v->pool_lock);
	r->next = v->idle;
	v->idle = r;
	pthread_mutex_unlock(&v->pool_lock);
}

int view_get(struct view_read *r, const uint8_t uuid[16],
    struct view_item *out)
{
	struct db_val v;
	int rc = db_get(r->txn, DB_ENTRY, (struct db_val){ uuid, 16 }, &v,
	    NULL);

	if (rc != 0)
		return rc == ERR_NOT_FOUND ? rc : ERR_CORRUPT;
	memcpy(out->uuid, uuid, 16);
	out->entry = (struct entry){ 0 };
	return pack_open(v.p, v.n, out);
}

int view_find(struct view_read *r, int type, int index, const char *key,
    struct view_item *out)
{
	uint8_t k[KEY_INDEX];
	struct view_pos pos;
	struct db_val v;
	int rc = db_get(r->txn, DB_INDEX, key_index(k, type, index, key), &v,
	    NULL);

	if (rc != 0)
		return rc == ERR_NOT_FOUND ? rc : ERR_CORRUPT;
	if (v.n != KEY_POS)
		return ERR_CORRUPT;
	key_pos_get(v.p, &pos);
	/* An index that leads nowhere is damage, not absence. */
	return view_get(r, pos.uuid, out) == 0 ? 0 : ERR_CORRUPT;
}

void view_item_entry(struct arena *a, struct view_item *item)
{
	(void)pack_entry(a, item);
}

uint64_t view_changed(const struct view *v, int type)
{
	return v->changed[type];
}

bool view_empty(struct view_read *r)
{
	return db_entries(r->txn, DB_ENTRY) == 0;
}

uint64_t view_count(struct view_read *r, int type)
{
	return order_count(r->txn, type);
}

uint64_t view_count_key(struct view_read *r, int type, int index,
    const char *key)
{
	uint8_t buf[KEY_INDEX];
	struct db_val k = key_index(buf, type, index, key), v = { 0 };
	struct db_cur *c;
	uint64_t n = 0;

	if (db_cur_open(r->txn, DB_INDEX, &c, NULL) != 0)
		return 0;
	if (db_cur_get(c, DB_SET, &k, &v, NULL) == 0)
		n = db_cur_count(c);
	db_cur_close(c);
	return n;
}

int view_rank(struct view_read *r, int type, int64_t created, uint64_t *n,
    struct err *e)
{
	struct view_pos p = { .created = created };

	return order_rank(r->txn, type, &p, n, e);
}

int view_cookie(struct view *v, struct arena *a, void **cookie, size_t *len,
    struct err *e)
{
	struct view_read *r;
	struct db_val val;
	int rc = view_read_begin(v, &r, e);

	*cookie = NULL;
	*len = 0;
	if (rc != 0)
		return rc;
	rc = db_get(r->txn, DB_META, view_meta_key("cookie"), &val, e);
	if (rc == 0 && val.n > 0) {
		*cookie = arena_memdup(a, val.p, val.n);
		*len = val.n;
	}
	view_read_end(r);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

void view_wait(struct view *v, const uint8_t uuid[16], const char *csn,
    int64_t deadline_mono, void (*done)(void *arg, enum view_wait_end end),
    void *arg)
{
	struct waiter *x = waits_add(v->waits, uuid, csn, deadline_mono, done,
	    arg);
	struct view_read *r = NULL;
	struct view_item item;
	int rc = view_read_begin(v, &r, NULL);

	if (rc == 0)
		rc = view_get(r, uuid, &item);
	waits_settle(v->waits, x, rc == 0 || rc == ERR_NOT_FOUND,
	    rc == 0 ? item.csn : NULL);
	view_read_end(r);
}

int64_t view_wait_expire(struct view *v)
{
	return waits_expire(v->waits);
}

size_t view_changes(struct view *v, uint8_t (*uuid)[16], size_t max,
    bool *all, int64_t until_mono)
{
	return changes_take(v->changes, uuid, max, all, until_mono);
}

void view_wake(struct view *v)
{
	changes_wake(v->changes);
}
