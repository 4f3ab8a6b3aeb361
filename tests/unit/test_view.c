/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/view_p.h"
#include "store/wait.h"
#include "store_util.h"

#define PEOPLE 300
#define TYPES 3
#define KEYS 6			/* indexes 1.. with values of a few letters */

/* --- random operations against a plain model ----------------------------- */

struct model {
	bool there;
	int type;
	int64_t created;
	uint32_t csn;
	int key[KEYS];		/* value of index i + 1; -1 none */
};

static struct model model[PEOPLE];

/* A few values, two of them too long for LMDB and alike for 300 bytes. */
static const char *key_text(struct arena *a, int v)
{
	if (v < 3)
		return arena_printf(a, "v%d", v);
	if (v == 3)
		return "";
	return arena_printf(a, "%0300d%d", 0, v);
}

static size_t model_keys(struct arena *a, const struct model *m,
    struct index_key **out)
{
	struct index_key *k = arena_array(a, KEYS, sizeof(*k));
	size_t n = 0;
	int i;

	for (i = 0; i < KEYS; i++)
		if (m->key[i] >= 0)
			k[n++] = (struct index_key){ i + 1,
			    key_text(a, m->key[i]) };
	*out = k;
	return n;
}

static void random_model(struct model *m)
{
	int i;

	/* Mostly the place stays, as it does in life. */
	if (!m->there || util_random(5) == 0) {
		m->type = 1 + (int)util_random(TYPES);
		m->created = (int64_t)util_random(40) - 20;
	}
	m->there = true;
	m->csn = util_random(1000000);
	for (i = 0; i < KEYS; i++)
		if (util_random(2))
			m->key[i] = (int)util_random(7) - 1;
}

static void check_old(const struct model *was, const struct entry *old,
    uint32_t n)
{
	struct arena *a = arena_new();

	if (was->there) {
		assert_string_equal(old->dn, arena_printf(a, "uid=%u", n));
		assert_string_equal(old->csn, util_csn(a, was->csn));
		assert_int_equal(old->created, was->created);
		assert_string_equal(entry_get(old, "uid"),
		    arena_printf(a, "%u", n));
	} else {
		assert_null(old->dn);
	}
	arena_free(a);
}

static void op_put(struct view_write *w, struct arena *a, uint32_t n)
{
	struct model was = model[n];
	struct entry en = { .dn = arena_printf(a, "uid=%u", n), .creator = "",
	    .modifier = "" }, old;
	struct index_key *key;
	struct view_record rec = { .entry = &en, .json = "{}", .json_len = 2 };
	struct err e = { 0 };

	random_model(&model[n]);
	en.csn = util_csn(a, model[n].csn);
	en.created = model[n].created;
	util_uuid(en.uuid, n);
	entry_add(a, &en, "uid", arena_printf(a, "%u", n));
	rec.type = model[n].type;
	rec.n_keys = model_keys(a, &model[n], &key);
	rec.key = key;
	if (view_put(w, a, &rec, &old, &e) != 0)
		fail_msg("%s", e.text);
	check_old(&was, &old, n);
}

static void op_del(struct view_write *w, struct arena *a, uint32_t n)
{
	struct entry old;
	uint8_t uuid[16];

	util_uuid(uuid, n);
	assert_int_equal(view_del(w, a, uuid, &old, NULL),
	    model[n].there ? 0 : ERR_NOT_FOUND);
	check_old(&model[n], &old, n);
	model[n].there = false;
}

/* Who of the model has this, in order. */
struct want {
	struct view_pos pos;
	uint32_t n;
};

static int want_cmp(const void *x, const void *y)
{
	const struct want *a = x, *b = y;

	if (a->pos.created != b->pos.created)
		return a->pos.created < b->pos.created ? -1 : 1;
	return memcmp(a->pos.uuid, b->pos.uuid, 16);
}

static size_t wanted(int type, int index, int value, struct want *out)
{
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < PEOPLE; i++) {
		const struct model *m = &model[i];

		if (!m->there || m->type != type ||
		    (index != 0 && m->key[index - 1] != value))
			continue;
		out[n].n = i;
		out[n].pos.created = m->created;
		util_uuid(out[n++].pos.uuid, i);
	}
	qsort(out, n, sizeof(*out), want_cmp);
	return n;
}

/* The rest of it gives want[from], want[from + 1] ... or the way back. */
static void compare_iter(struct view_iter *it, const struct want *want,
    size_t n, size_t from, bool reverse)
{
	struct view_item item;
	size_t i;

	for (i = from; i < n; i++) {
		const struct want *x = &want[reverse ? n - 1 - i : i];

		assert_true(view_iter_next(it, &item));
		assert_memory_equal(item.uuid, x->pos.uuid, 16);
		assert_int_equal(item.created, x->pos.created);
	}
	assert_false(view_iter_next(it, &item));
	assert_false(view_iter_next(it, &item));
	view_iter_free(it);
}

static void compare_list(struct view_read *r, struct arena *a, int type,
    int index, int value)
{
	struct want want[PEOPLE];
	size_t n = wanted(type, index, value, want);
	const char *key = key_text(a, value);
	int reverse;

	if (index == 0)
		assert_int_equal(view_count(r, type), n);
	else
		assert_int_equal(view_count_key(r, type, index, key), n);
	for (reverse = 0; reverse < 2; reverse++) {
		size_t from = util_random((uint32_t)n + 2);
		struct view_pos after = { .created = -100 };
		struct view_iter *it;

		if (from > 0 && from <= n)
			after = want[reverse ? n - from : from - 1].pos;
		else if (reverse)
			after.created = 100;
		if (index == 0) {
			assert_int_equal(view_iter_type(r, type, reverse,
			    from, NULL, &it, NULL), 0);
			compare_iter(it, want, n, from, reverse);
			assert_int_equal(view_iter_type(r, type, reverse, 0,
			    &after, &it, NULL), 0);
		} else {
			assert_int_equal(view_iter_key(r, type, index, key,
			    reverse, NULL, &it, NULL), 0);
			compare_iter(it, want, n, 0, reverse);
			assert_int_equal(view_iter_key(r, type, index, key,
			    reverse, &after, &it, NULL), 0);
		}
		compare_iter(it, want, n, from <= n ? from : 0, reverse);
	}
}

static void compare_people(struct view_read *r, struct arena *a)
{
	uint8_t uuid[16];
	uint32_t i;

	for (i = 0; i < PEOPLE; i++) {
		struct view_item item;

		util_uuid(uuid, i);
		assert_int_equal(view_get(r, uuid, &item),
		    model[i].there ? 0 : ERR_NOT_FOUND);
		if (!model[i].there)
			continue;
		assert_int_equal(item.type, model[i].type);
		assert_string_equal(item.csn, util_csn(a, model[i].csn));
		assert_string_equal(item.json, "{}");
		view_item_entry(a, &item);
		check_old(&model[i], &item.entry, i);
	}
}

static void compare(struct view *v)
{
	struct arena *a = arena_new();
	struct view_read *r;
	struct err e = { 0 };
	int type, index, value;

	if (view_check(v, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	compare_people(r, a);
	for (type = 1; type <= TYPES; type++) {
		compare_list(r, a, type, 0, 0);
		for (index = 1; index <= KEYS; index++)
			for (value = 0; value < 6; value++)
				compare_list(r, a, type, index, value);
	}
	view_read_end(r);
	arena_free(a);
}

static void random_txn(struct view *v)
{
	struct model before[PEOPLE];
	struct arena *a = arena_new();
	struct view_write *w;
	uint32_t ops = util_random(120);

	memcpy(before, model, sizeof(model));
	assert_int_equal(view_write_begin(v, &w, NULL), 0);
	while (ops-- > 0)
		if (util_random(3))
			op_put(w, a, util_random(PEOPLE));
		else
			op_del(w, a, util_random(PEOPLE));
	if (util_random(5)) {
		assert_int_equal(view_write_commit(w, NULL), 0);
	} else {
		view_write_abort(w);
		memcpy(model, before, sizeof(model));
	}
	arena_free(a);
}

static void test_random(void **state)
{
	char *dir = util_dir();
	bool fresh;
	struct view *v = util_open(dir, 1, &fresh);
	int i;

	(void)state;
	assert_true(fresh);
	memset(model, 0, sizeof(model));
	util_cookie(v, "");
	for (i = 0; i < 25; i++) {
		random_txn(v);
		compare(v);
		if (util_random(5) != 0)
			continue;
		view_close(v);
		v = util_open(dir, 1, &fresh);
		assert_false(fresh);
		compare(v);
	}
	view_close(v);
	util_rmdir(dir);
}

/* A reader keeps what it saw while the writer goes on. */
static void test_snapshot(void **state)
{
	char *dir = util_dir();
	struct view *v = util_open(dir, 1, NULL);
	struct view_read *r, *later;
	struct view_item item;
	uint8_t uuid[16];

	(void)state;
	util_put(v, 1, 1, 0, 1, NULL, 0);
	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	util_del(v, 1);
	util_put(v, 2, 1, 0, 2, NULL, 0);
	util_uuid(uuid, 1);
	assert_int_equal(view_get(r, uuid, &item), 0);
	assert_int_equal(view_count(r, 1), 1);
	assert_int_equal(view_read_begin(v, &later, NULL), 0);
	assert_int_equal(view_get(later, uuid, &item), ERR_NOT_FOUND);
	view_read_end(later);
	view_read_end(r);
	/* The pool gives them back with the present state. */
	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	assert_int_equal(view_get(r, uuid, &item), ERR_NOT_FOUND);
	view_read_end(r);
	view_close(v);
	util_rmdir(dir);
}

/* There is an end to how many read at a time, and one beyond it learns so. */
static void test_readers(void **state)
{
	char *dir = util_dir();
	struct view *v = util_open(dir, 1, NULL);
	struct view_read *r[513] = { 0 };
	struct err e = { 0 };
	int i, rc = 0;

	(void)state;
	for (i = 0; i < 513 && rc == 0; i++)
		rc = view_read_begin(v, &r[i], &e);
	assert_int_equal(rc, ERR_BUSY);
	assert_int_equal(i, 513);
	view_read_end(r[100]);
	assert_int_equal(view_read_begin(v, &r[100], &e), 0);
	for (i = 0; i < 513; i++)
		view_read_end(r[i]);
	view_close(v);
	util_rmdir(dir);
}

static void test_find(void **state)
{
	const struct index_key k[] = { { 1, "ann" }, { 2, "x" } };
	char *dir = util_dir();
	struct view *v = util_open(dir, 1, NULL);
	struct view_read *r;
	struct view_item item;
	uint8_t uuid[16];

	(void)state;
	util_put(v, 5, 1, 20, 1, k, 2);
	util_put(v, 6, 1, 10, 1, k + 1, 1);
	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	assert_int_equal(view_find(r, 1, 1, "ann", &item), 0);
	util_uuid(uuid, 5);
	assert_memory_equal(item.uuid, uuid, 16);
	assert_int_equal(view_find(r, 1, 2, "x", &item), 0);
	util_uuid(uuid, 6);
	assert_memory_equal(item.uuid, uuid, 16);
	assert_int_equal(view_find(r, 1, 1, "an", &item), ERR_NOT_FOUND);
	assert_int_equal(view_find(r, 2, 1, "ann", &item), ERR_NOT_FOUND);
	assert_int_equal(view_find(r, 1, 3, "ann", &item), ERR_NOT_FOUND);
	view_read_end(r);
	view_close(v);
	util_rmdir(dir);
}

/* --- life cycle ----------------------------------------------------------- */

static void expect_count(struct view *v, uint64_t n)
{
	struct view_read *r;

	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	assert_int_equal(view_count(r, 1), n);
	view_read_end(r);
}

static void test_reopen(void **state)
{
	char *dir = util_dir();
	struct arena *a = arena_new();
	struct view *v = util_open(dir, 1, NULL);
	void *cookie;
	size_t len;
	bool fresh;

	(void)state;
	util_put(v, 1, 1, 0, 1, NULL, 0);
	view_close(v);
	/* No refresh was ever completed: not to be served. */
	v = util_open(dir, 1, &fresh);
	assert_true(fresh);
	util_cookie(v, "rid=001");
	view_close(v);
	v = util_open(dir, 1, &fresh);
	assert_false(fresh);
	expect_count(v, 1);
	assert_int_equal(view_cookie(v, a, &cookie, &len, NULL), 0);
	assert_int_equal(len, 7);
	assert_memory_equal(cookie, "rid=001", 7);
	view_close(v);
	/* Another mapping: gone. */
	v = util_open(dir, 2, &fresh);
	assert_true(fresh);
	expect_count(v, 0);
	assert_int_equal(view_cookie(v, a, &cookie, &len, NULL), 0);
	assert_int_equal(len, 0);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

static void test_locked(void **state)
{
	char *dir = util_dir();
	struct view_conf c = { .dir = dir, .map_size = 1 << 20 };
	struct view *v = util_open(dir, 1, NULL), *other;
	struct err e = { 0 };
	bool fresh;

	(void)state;
	assert_int_equal(view_open(&c, &other, &fresh, &e), ERR_BUSY);
	assert_non_null(strstr(e.text, dir));
	view_close(v);
	util_rmdir(dir);
}

static void overwrite(const char *dir, off_t cut, bool noise)
{
	char path[4096], junk[8192];
	int fd;

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	if (noise) {
		memset(junk, 0x5a, sizeof(junk));
		assert_int_equal(pwrite(fd, junk, sizeof(junk), 0),
		    sizeof(junk));
	} else {
		assert_int_equal(ftruncate(fd, cut), 0);
	}
	close(fd);
}

static void test_unreadable(void **state)
{
	static const off_t cut[] = { 0, 100, 4096, 8192, 12288 };
	char *dir = util_dir();
	size_t i;
	bool fresh;

	(void)state;
	for (i = 0; i <= sizeof(cut) / sizeof(cut[0]); i++) {
		struct view *v = util_open(dir, 1, NULL);

		util_put(v, 1, 1, 0, 1, NULL, 0);
		util_cookie(v, "x");
		view_close(v);
		overwrite(dir, i ? cut[i - 1] : 0, i == 0);
		v = util_open(dir, 1, &fresh);
		assert_true(fresh);
		expect_count(v, 0);
		view_close(v);
	}
	util_rmdir(dir);
}

static void test_full(void **state)
{
	char *dir = util_dir();
	struct view_conf c = { .dir = dir, .map_size = 1 << 20 };
	struct arena *a = arena_new();
	struct entry en = { .dn = "uid=x", .csn = "1" };
	struct view_record rec = { .entry = &en, .type = 1 };
	struct view_write *w;
	struct view *v;
	struct err e = { 0 };
	bool fresh;
	uint32_t i;
	int rc = 0;

	(void)state;
	assert_int_equal(view_open(&c, &v, &fresh, &e), 0);
	util_put(v, 9999, 1, 0, 1, NULL, 0);
	rec.json_len = 20000;
	rec.json = arena_alloc(a, rec.json_len);
	assert_int_equal(view_write_begin(v, &w, NULL), 0);
	for (i = 0; rc == 0 && i < 200; i++) {
		util_uuid(en.uuid, i);
		rc = view_put(w, a, &rec, NULL, &e);
	}
	assert_int_equal(rc, ERR_LIMIT);
	assert_non_null(strstr(e.text, "view.size"));
	e = (struct err){ 0 };
	assert_int_equal(view_write_commit(w, &e), ERR_LIMIT);
	assert_non_null(strstr(e.text, "view.size"));
	/* What was there is untouched, and work goes on. */
	expect_count(v, 1);
	util_put(v, 1, 1, 0, 1, NULL, 0);
	expect_count(v, 2);
	assert_int_equal(view_check(v, &e), 0);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

/* A child writes without end; its cookie counts the transactions. */
static void write_forever(const char *dir, int out)
{
	struct view *v = util_open(dir, 1, NULL);
	struct arena *a = arena_new();
	char cookie[32];
	uint32_t i;

	for (i = 1;; i++) {
		struct view_write *w;
		int k;

		assert_int_equal(view_write_begin(v, &w, NULL), 0);
		arena_reset(a);
		for (k = 0; k < 20; k++)
			if (util_random(3))
				op_put(w, a, util_random(PEOPLE));
			else
				op_del(w, a, util_random(PEOPLE));
		snprintf(cookie, sizeof(cookie), "%u", i);
		view_set_cookie(w, cookie, strlen(cookie), NULL);
		assert_int_equal(view_write_commit(w, NULL), 0);
		if (write(out, &i, sizeof(i)) != (ssize_t)sizeof(i))
			_exit(1);
	}
}

/* Kill a writer; what it said was committed is there, nothing is torn. */
static void kill_once(const char *dir)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct view *v;
	uint32_t said = 0, i;
	void *cookie;
	size_t len;
	bool fresh;
	int p[2], status;
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(p[0]);
		write_forever(dir, p[1]);
	}
	close(p[1]);
	assert_int_equal(read(p[0], &said, sizeof(said)), sizeof(said));
	usleep(util_random(20000));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while (read(p[0], &i, sizeof(i)) == (ssize_t)sizeof(i))
		said = i;
	close(p[0]);
	v = util_open(dir, 1, &fresh);
	assert_false(fresh);
	if (view_check(v, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(view_cookie(v, a, &cookie, &len, NULL), 0);
	assert_true(strtoul(arena_strndup(a, cookie, len), NULL, 10) >= said);
	view_close(v);
	arena_free(a);
}

static void test_kill(void **state)
{
	char *dir = util_dir();
	int i;

	(void)state;
	/* Each starts from an empty model of what is there: so afresh. */
	for (i = 0; i < 12; i++) {
		char *sub;

		assert_true(asprintf(&sub, "%s.%d", dir, i) > 0);
		memset(model, 0, sizeof(model));
		util_random(2);
		kill_once(sub);
		util_rmdir(sub);
	}
	util_rmdir(dir);
}

/* Let what lies on the disk be of another boot. */
static void other_boot(const char *dir)
{
	struct view_state st;
	struct db *d;
	struct db_txn *t;
	struct db_val v;

	assert_int_equal(db_open(dir, (size_t)1 << 30, &d, NULL), 0);
	assert_int_equal(db_write_begin(d, &t, NULL), 0);
	assert_int_equal(db_get(t, DB_META, view_meta_key("state"), &v, NULL),
	    0);
	assert_int_equal(v.n, sizeof(st));
	memcpy(&st, v.p, sizeof(st));
	st.boot[0] ^= 1;
	assert_int_equal(db_put(t, DB_META, view_meta_key("state"),
	    (struct db_val){ &st, sizeof(st) }, NULL), 0);
	assert_int_equal(db_commit(t, NULL), 0);
	db_close(d);
}

/* Left unclean, then another boot: not to be trusted. */
static void test_boot(void **state)
{
	char *dir = util_dir();
	struct view *v;
	bool fresh;
	pid_t pid;
	int status;

	(void)state;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		v = util_open(dir, 1, NULL);
		util_put(v, 1, 1, 0, 1, NULL, 0);
		util_cookie(v, "x");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	other_boot(dir);
	v = util_open(dir, 1, &fresh);
	assert_true(fresh);
	expect_count(v, 0);
	util_cookie(v, "x");
	view_close(v);
	/* Left clean: kept over any number of boots. */
	other_boot(dir);
	v = util_open(dir, 1, &fresh);
	assert_false(fresh);
	view_close(v);
	util_rmdir(dir);
}

/* --- refresh --------------------------------------------------------------- */

static void test_sweep(void **state)
{
	char *dir = util_dir();
	struct view *v = util_open(dir, 1, NULL);
	struct arena *a = arena_new();
	struct view_write *w;
	struct entry en = { .dn = "uid=1", .csn = "2" };
	struct view_record rec = { .entry = &en, .type = 1 };
	uint8_t uuid[16], (*gone)[16];
	size_t n;
	uint32_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		util_put(v, i, 1, i, 1, NULL, 0);
	assert_int_equal(view_write_begin(v, &w, NULL), 0);
	assert_int_equal(view_unmarked(w, a, &gone, &n, NULL), ERR_INVALID);
	assert_int_equal(view_mark_begin(w, NULL), 0);
	for (i = 2; i < 98; i++) {
		util_uuid(uuid, i);
		assert_int_equal(view_mark(w, uuid, NULL), 0);
	}
	util_uuid(en.uuid, 1);
	assert_int_equal(view_put(w, a, &rec, NULL, NULL), 0);
	assert_int_equal(view_unmarked(w, a, &gone, &n, NULL), 0);
	assert_int_equal(n, 3);
	for (i = 0; i < n; i++)
		assert_int_equal(view_del(w, a, gone[i], NULL, NULL), 0);
	assert_int_equal(view_write_commit(w, NULL), 0);
	expect_count(v, 97);
	assert_int_equal(view_check(v, NULL), 0);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

/* --- changes ---------------------------------------------------------------- */

static void test_changes(void **state)
{
	char *dir = util_dir();
	struct view *v = util_open(dir, 1, NULL);
	uint8_t got[10][16], uuid[16];
	bool all;

	(void)state;
	assert_int_equal(view_changes(v, got, 10, &all, 0), 0);
	assert_true(all);
	assert_int_equal(view_changes(v, got, 10, &all, 0), 0);
	assert_false(all);
	util_put(v, 1, 1, 0, 1, NULL, 0);
	util_put(v, 2, 1, 0, 1, NULL, 0);
	util_put(v, 1, 1, 0, 2, NULL, 0);
	util_put(v, 1, 1, 0, 2, NULL, 0);
	util_del(v, 2);
	assert_int_equal(view_changes(v, got, 10, &all, CLOCK_NEVER), 2);
	assert_false(all);
	util_uuid(uuid, 1);
	assert_memory_equal(got[0], uuid, 16);
	util_uuid(uuid, 2);
	assert_memory_equal(got[1], uuid, 16);
	/* The same bytes again are no change. */
	util_put(v, 1, 1, 0, 2, NULL, 0);
	assert_int_equal(view_changes(v, got, 10, &all, 0), 0);
	view_wake(v);
	assert_int_equal(view_changes(v, got, 10, &all, CLOCK_NEVER), 0);
	view_close(v);
	util_rmdir(dir);
}

static void test_changes_many(void **state)
{
	char *dir = util_dir();
	struct view *v = util_open(dir, 1, NULL);
	struct arena *a = arena_new();
	struct entry en = { .dn = "x", .csn = "1" };
	struct view_record rec = { .entry = &en, .type = 1 };
	struct view_write *w;
	uint8_t got[100][16];
	uint32_t i;
	bool all;

	(void)state;
	view_changes(v, got, 100, &all, 0);
	assert_int_equal(view_write_begin(v, &w, NULL), 0);
	for (i = 0; i < 65537; i++) {
		util_uuid(en.uuid, i);
		assert_int_equal(view_put(w, a, &rec, NULL, NULL), 0);
	}
	assert_int_equal(view_write_commit(w, NULL), 0);
	assert_int_equal(view_changes(v, got, 100, &all, 0), 0);
	assert_true(all);
	util_put(v, 70000, 1, 0, 1, NULL, 0);
	assert_int_equal(view_changes(v, got, 100, &all, 0), 1);
	assert_false(all);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

/* --- waits ------------------------------------------------------------------- */

struct ended {
	_Atomic int times, seen;
};

static void on_end(void *arg, enum view_wait_end end)
{
	struct ended *x = arg;

	atomic_fetch_add(&x->seen, end == VIEW_WAIT_SEEN);
	atomic_fetch_add(&x->times, 1);
}

/* csn -1: until it is gone. */
static void wait_for(struct view *v, uint32_t n, int csn, int64_t deadline,
    struct ended *x)
{
	struct arena *a = arena_new();
	uint8_t uuid[16];

	*x = (struct ended){ 0 };
	util_uuid(uuid, n);
	view_wait(v, uuid, csn < 0 ? NULL : util_csn(a, (uint32_t)csn),
	    deadline, on_end, x);
	arena_free(a);
}

static void test_wait(void **state)
{
	char *dir = util_dir();
	struct view *v = util_open(dir, 1, NULL);
	struct ended x;

	(void)state;
	wait_for(v, 1, 5, CLOCK_NEVER, &x);
	assert_int_equal(x.times, 0);
	util_put(v, 2, 1, 0, 9, NULL, 0);
	util_put(v, 1, 1, 0, 4, NULL, 0);
	assert_int_equal(x.times, 0);
	util_put(v, 1, 1, 0, 6, NULL, 0);
	assert_int_equal(x.seen, 1);
	/* There already: at once. */
	wait_for(v, 1, 6, CLOCK_NEVER, &x);
	assert_int_equal(x.seen, 1);
	/* Until it is gone. */
	wait_for(v, 1, -1, CLOCK_NEVER, &x);
	util_put(v, 1, 1, 0, 7, NULL, 0);
	assert_int_equal(x.times, 0);
	util_del(v, 1);
	assert_int_equal(x.seen, 1);
	wait_for(v, 1, -1, CLOCK_NEVER, &x);
	assert_int_equal(x.seen, 1);
	/* Come and gone before one asked. */
	wait_for(v, 1, 8, CLOCK_NEVER, &x);
	assert_int_equal(x.seen, 1);
	/* Deleted while one waits for a change that was never seen. */
	wait_for(v, 2, 20, CLOCK_NEVER, &x);
	assert_int_equal(x.times, 0);
	util_del(v, 2);
	assert_int_equal(x.seen, 1);
	view_close(v);
	util_rmdir(dir);
}

/* What is committed between asking and looking is not missed, and until the
 * waiter is settled nobody else ends it. */
static void test_wait_between(void **state)
{
	struct waits *w = waits_new();
	struct arena *a = arena_new();
	struct wait_event ev = { .csn = util_csn(a, 5) };
	struct ended x = { 0 };
	struct waiter *k;

	(void)state;
	k = waits_add(w, ev.uuid, util_csn(a, 5), 0, on_end, &x);
	waits_committed(w, &ev, 1);
	assert_int_equal(waits_expire(w), 0);
	assert_int_equal(x.times, 0);
	waits_settle(w, k, true, NULL);
	assert_int_equal(x.seen, 1);
	/* A view that can't be read says nothing about what is gone. */
	k = waits_add(w, ev.uuid, NULL, CLOCK_NEVER, on_end, &x);
	waits_settle(w, k, false, NULL);
	assert_int_equal(x.times, 1);
	ev.csn = NULL;
	waits_committed(w, &ev, 1);
	assert_int_equal(x.seen, 2);
	waits_free(w);
	arena_free(a);
}

static int64_t test_now;

static int64_t fake_clock(void)
{
	return test_now;
}

static void test_wait_deadline(void **state)
{
	char *dir = util_dir();
	struct view *v = util_open(dir, 1, NULL);
	struct ended x[4];

	(void)state;
	clock_set_source(fake_clock);
	test_now = 1000;
	assert_int_equal(view_wait_expire(v), CLOCK_NEVER);
	wait_for(v, 1, 5, 3000, &x[0]);
	wait_for(v, 1, 5, 2000, &x[1]);
	wait_for(v, 2, 5, 4000, &x[2]);
	assert_int_equal(view_wait_expire(v), 2000);
	test_now = 2000;
	assert_int_equal(view_wait_expire(v), 3000);
	assert_int_equal(x[1].times, 1);
	assert_int_equal(x[1].seen, 0);
	assert_int_equal(x[0].times, 0);
	test_now = 3500;
	assert_int_equal(view_wait_expire(v), 4000);
	assert_int_equal(x[0].times, 1);
	wait_for(v, 3, 5, 9000, &x[3]);
	/* Closing leaves nobody waiting. */
	view_close(v);
	assert_int_equal(x[2].times, 1);
	assert_int_equal(x[3].times, 1);
	assert_int_equal(x[3].seen, 0);
	clock_set_source(NULL);
	util_rmdir(dir);
}

/* Threads wait for states that another thread commits meanwhile: each wait
 * ends, once, as seen; readers and the expiry run at the same time. */
#define SOAK_THREADS 4
#define SOAK_WAITS 2500

struct soak {
	struct view *v;
	_Atomic uint32_t asked;		/* highest CSN somebody waits for */
	_Atomic int left;
};

static void *soak_wait(void *arg)
{
	struct soak *s = arg;
	struct arena *a = arena_new();
	uint8_t uuid[16];
	struct ended x;
	int i;

	for (i = 0; i < SOAK_WAITS; i++) {
		uint32_t csn = atomic_fetch_add(&s->asked, 1) + 1;
		struct view_read *r;
		struct view_item item;

		x = (struct ended){ 0 };
		arena_reset(a);
		util_uuid(uuid, csn % 16);
		view_wait(s->v, uuid, util_csn(a, csn), CLOCK_NEVER, on_end,
		    &x);
		while (atomic_load(&x.times) == 0)
			usleep(20);
		assert_int_equal(x.seen, 1);
		assert_int_equal(view_read_begin(s->v, &r, NULL), 0);
		assert_int_equal(view_get(r, uuid, &item), 0);
		assert_true(strcmp(item.csn, util_csn(a, csn)) >= 0);
		view_read_end(r);
		assert_int_equal(x.times, 1);
	}
	arena_free(a);
	atomic_fetch_sub(&s->left, 1);
	return NULL;
}

static void *soak_expire(void *arg)
{
	struct soak *s = arg;

	while (atomic_load(&s->left) > 0) {
		view_wait_expire(s->v);
		usleep(100);
	}
	return NULL;
}

static void test_wait_soak(void **state)
{
	char *dir = util_dir();
	struct soak s = { .v = util_open(dir, 1, NULL),
	    .left = SOAK_THREADS };
	pthread_t t[SOAK_THREADS + 1];
	uint32_t put = 0;
	int i;

	(void)state;
	for (i = 0; i < SOAK_THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, soak_wait, &s),
		    0);
	assert_int_equal(pthread_create(&t[i], NULL, soak_expire, &s), 0);
	while (atomic_load(&s.left) > 0)
		if (put < atomic_load(&s.asked)) {
			put++;
			util_put(s.v, put % 16, 1, 0, put, NULL, 0);
		}
	for (i = 0; i <= SOAK_THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(view_check(s.v, NULL), 0);
	view_close(s.v);
	util_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_reopen),
		cmocka_unit_test(test_locked),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_boot),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_changes_many),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_wait_between),
		cmocka_unit_test(test_wait_deadline),
		cmocka_unit_test(test_wait_soak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
