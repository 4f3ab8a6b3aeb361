/* SPDX-License-Identifier: ISC */
#include "store/db.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_READERS 512

struct db {
	MDB_env *env;
	MDB_dbi dbi[DB_TABLES];
	size_t map_size;
};

struct db_txn {
	struct db *db;
	MDB_txn *txn;
};

struct db_cur {
	struct db *db;
	MDB_cursor *cur;
};

static const struct {
	const char *name;
	unsigned flags;
} table_def[DB_TABLES] = {
	[DB_META] = { "meta", 0 },
	[DB_ENTRY] = { "entry", 0 },
	[DB_ORDER] = { "order", 0 },
	[DB_BLOCK] = { "block", 0 },
	[DB_INDEX] = { "index", MDB_DUPSORT | MDB_DUPFIXED },
	[DB_COUNT] = { "count", 0 },
};

static void *xcalloc(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

static int fail(const struct db *d, int rc, const char *what, struct err *e)
{
	switch (rc) {
	case MDB_MAP_FULL:
		return err_set(e, ERR_LIMIT, "view: %s: its %zu MiB are full: "
		    "raise view.size and restart", what, d->map_size >> 20);
	case MDB_READERS_FULL:
		return err_set(e, ERR_BUSY, "view: %s: more than %d readers at "
		    "a time", what, MAX_READERS);
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
		return err_set(e, ERR_CORRUPT, "view: %s: %s: stop, remove its "
		    "directory and start again", what, mdb_strerror(rc));
	default:
		return err_set(e, ERR_IO, "view: %s: %s", what,
		    mdb_strerror(rc));
	}
}

/* A data file shorter than its last page would end us with SIGBUS. */
static int check_length(struct db *d, struct err *e)
{
	MDB_envinfo info;
	MDB_stat st;
	struct stat sb;
	int fd;

	mdb_env_info(d->env, &info);
	mdb_env_stat(d->env, &st);
	if (mdb_env_get_fd(d->env, &fd) != 0 || fstat(fd, &sb) < 0)
		return err_set(e, ERR_IO, "view: data file: %s",
		    strerror(errno));
	if (sb.st_size / st.ms_psize <= (off_t)info.me_last_pgno)
		return err_set(e, ERR_CORRUPT, "view: data file is cut off");
	return 0;
}

static int open_tables(struct db *d, struct err *e)
{
	MDB_txn *txn;
	int rc, i;

	rc = mdb_txn_begin(d->env, NULL, 0, &txn);
	if (rc != 0)
		return fail(d, rc, "open", e);
	for (i = 0; i < DB_TABLES && rc == 0; i++)
		rc = mdb_dbi_open(txn, table_def[i].name,
		    table_def[i].flags | MDB_CREATE, &d->dbi[i]);
	if (rc != 0)
		mdb_txn_abort(txn);
	else
		rc = mdb_txn_commit(txn);
	return rc == 0 ? 0 : fail(d, rc, "open tables", e);
}

int db_open(const char *dir, size_t map_size, struct db **out, struct err *e)
{
	struct db *d = xcalloc(sizeof(*d));
	int rc, code;

	d->map_size = map_size;
	rc = mdb_env_create(&d->env);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(d->env, DB_TABLES);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(d->env, MAX_READERS);
	if (rc == 0)
		rc = mdb_env_set_mapsize(d->env, map_size);
	if (rc == 0)
		rc = mdb_env_open(d->env, dir, MDB_NOSYNC | MDB_NOTLS, 0600);
	code = rc == 0 ? check_length(d, e) : fail(d, rc, dir, e);
	if (code == 0)
		code = open_tables(d, e);
	if (code != 0) {
		db_close(d);
		return code;
	}
	*out = d;
	return 0;
}

void db_close(struct db *d)
{
	if (d == NULL)
		return;
	mdb_env_close(d->env);
	free(d);
}

int db_discard(const char *dir, struct err *e)
{
	static const char *const file[] = { "data.mdb", "lock.mdb" };
	char path[4096];
	size_t i;

	for (i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, file[i]);
		if (unlink(path) < 0 && errno != ENOENT)
			return err_set(e, ERR_IO, "remove %s: %s", path,
			    strerror(errno));
	}
	return 0;
}

void db_durable(struct db *d, bool on)
{
	mdb_env_set_flags(d->env, MDB_NOSYNC, !on);
}

int db_sync(struct db *d, struct err *e)
{
	int rc = mdb_env_sync(d->env, 1);

	return rc == 0 ? 0 : fail(d, rc, "sync", e);
}

static int begin(struct db *d, unsigned flags, struct db_txn **out,
    struct err *e)
{
	struct db_txn *t = xcalloc(sizeof(*t));
	int rc;

	t->db = d;
	rc = mdb_txn_begin(d->env, NULL, flags, &t->txn);
	if (rc != 0) {
		free(t);
		return fail(d, rc, "begin", e);
	}
	*out = t;
	return 0;
}

int db_read_begin(struct db *d, struct db_txn **out, struct err *e)
{
	return begin(d, MDB_RDONLY, out, e);
}

void db_read_reset(struct db_txn *t)
{
	mdb_txn_reset(t->txn);
}

int db_read_renew(struct db_txn *t, struct err *e)
{
	int rc = mdb_txn_renew(t->txn);

	return rc == 0 ? 0 : fail(t->db, rc, "renew", e);
}

int db_write_begin(struct db *d, struct db_txn **out, struct err *e)
{
	return begin(d, 0, out, e);
}

int db_commit(struct db_txn *t, struct err *e)
{
	int rc = mdb_txn_commit(t->txn);
	int code = rc == 0 ? 0 : fail(t->db, rc, "commit", e);

	free(t);
	return code;
}

void db_abort(struct db_txn *t)
{
	if (t == NULL)
		return;
	mdb_txn_abort(t->txn);
	free(t);
}

static MDB_val in(struct db_val v)
{
	return (MDB_val){ .mv_size = v.n, .mv_data = (void *)(uintptr_t)v.p };
}

static struct db_val from(MDB_val v)
{
	return (struct db_val){ v.mv_data, v.mv_size };
}

int db_get(struct db_txn *t, enum db_table table, struct db_val key,
    struct db_val *val, struct err *e)
{
	MDB_val k = in(key), v;
	int rc = mdb_get(t->txn, t->db->dbi[table], &k, &v);

	if (rc == MDB_NOTFOUND)
		return ERR_NOT_FOUND;
	if (rc != 0)
		return fail(t->db, rc, "get", e);
	*val = from(v);
	return 0;
}

int db_put(struct db_txn *t, enum db_table table, struct db_val key,
    struct db_val val, struct err *e)
{
	MDB_val k = in(key), v = in(val);
	int rc = mdb_put(t->txn, t->db->dbi[table], &k, &v, 0);

	return rc == 0 ? 0 : fail(t->db, rc, "put", e);
}

int db_del(struct db_txn *t, enum db_table table, struct db_val key,
    const struct db_val *val, struct err *e)
{
	MDB_val k = in(key), v = { 0 };
	int rc;

	if (val != NULL)
		v = in(*val);
	rc = mdb_del(t->txn, t->db->dbi[table], &k, val ? &v : NULL);
	if (rc == MDB_NOTFOUND)
		return ERR_NOT_FOUND;
	return rc == 0 ? 0 : fail(t->db, rc, "delete", e);
}

uint64_t db_entries(struct db_txn *t, enum db_table table)
{
	MDB_stat st;

	if (mdb_stat(t->txn, t->db->dbi[table], &st) != 0)
		return 0;
	return st.ms_entries;
}

int db_cur_open(struct db_txn *t, enum db_table table, struct db_cur **out,
    struct err *e)
{
	struct db_cur *c = xcalloc(sizeof(*c));
	int rc;

	c->db = t->db;
	rc = mdb_cursor_open(t->txn, t->db->dbi[table], &c->cur);
	if (rc != 0) {
		free(c);
		return fail(t->db, rc, "cursor", e);
	}
	*out = c;
	return 0;
}

void db_cur_close(struct db_cur *c)
{
	if (c == NULL)
		return;
	mdb_cursor_close(c->cur);
	free(c);
}

int db_cur_get(struct db_cur *c, enum db_op op, struct db_val *key,
    struct db_val *val, struct err *e)
{
	static const MDB_cursor_op ops[] = {
		[DB_FIRST] = MDB_FIRST, [DB_LAST] = MDB_LAST,
		[DB_NEXT] = MDB_NEXT, [DB_PREV] = MDB_PREV,
		[DB_NEXT_KEY] = MDB_NEXT_NODUP,
		[DB_PREV_KEY] = MDB_PREV_NODUP,
		[DB_RANGE] = MDB_SET_RANGE, [DB_SET] = MDB_SET_KEY,
		[DB_NEXT_DUP] = MDB_NEXT_DUP, [DB_PREV_DUP] = MDB_PREV_DUP,
		[DB_LAST_DUP] = MDB_LAST_DUP,
		[DB_DUP_RANGE] = MDB_GET_BOTH_RANGE,
	};
	MDB_val k = in(*key), v = in(*val);
	int rc = mdb_cursor_get(c->cur, &k, &v, ops[op]);

	/* EINVAL: LAST_DUP and the like on a cursor that stands nowhere. */
	if (rc == MDB_NOTFOUND)
		return ERR_NOT_FOUND;
	if (rc != 0)
		return fail(c->db, rc, "read", e);
	/* These leave the key alone. */
	if (op != DB_LAST_DUP && op != DB_DUP_RANGE)
		*key = from(k);
	*val = from(v);
	return 0;
}

uint64_t db_cur_count(struct db_cur *c)
{
	size_t n = 0;

	return mdb_cursor_count(c->cur, &n) == 0 ? n : 0;
}
