/* SPDX-License-Identifier: ISC */
#include "store_util.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t state;

char *util_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir;

	assert_true(asprintf(&dir, "%s/provost-test.XXXXXX",
	    tmp ? tmp : "/tmp") > 0);
	assert_non_null(mkdtemp(dir));
	return dir;
}

void util_rmdir(char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	char path[4096];

	assert_non_null(d);
	while ((de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, de->d_name);
		assert_int_equal(unlink(path), 0);
	}
	closedir(d);
	assert_int_equal(rmdir(dir), 0);
	free(dir);
}

void util_seed(void)
{
	const char *given = getenv("PROVOST_SEED");

	if (state != 0)
		return;
	state = given ? strtoull(given, NULL, 10) :
	    (uint64_t)time(NULL) * 1000 + (uint64_t)getpid() % 1000;
	state = state ? state : 1;
	printf("# PROVOST_SEED=%llu\n", (unsigned long long)state);
	fflush(stdout);
}

uint32_t util_random(uint32_t below)
{
	util_seed();
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 11) % below);
}

void util_uuid(uint8_t uuid[16], uint32_t n)
{
	/* Scattered, so that the order of UUIDs is not that of n. */
	uint32_t h = n * 2654435761u;

	memset(uuid, 0, 16);
	memcpy(uuid, &h, 4);
	memcpy(uuid + 12, &n, 4);
}

const char *util_csn(struct arena *a, uint32_t n)
{
	return arena_printf(a, "20261122090000.%06uZ#000000#000#000000", n);
}

struct view *util_open(const char *dir, uint64_t fingerprint, bool *fresh)
{
	struct view_conf c = { .dir = dir, .fingerprint = fingerprint,
	    .map_size = (size_t)1 << 30 };
	struct view *v = NULL;
	struct err e = { 0 };
	bool f;

	if (view_open(&c, &v, fresh ? fresh : &f, &e) != 0)
		fail_msg("view_open: %s", e.text);
	return v;
}

void util_put(struct view *v, uint32_t n, int type, int64_t created,
    uint32_t csn, const struct index_key *key, size_t n_keys)
{
	struct arena *a = arena_new();
	struct entry en = { .dn = arena_printf(a, "uid=%u", n),
	    .csn = util_csn(a, csn), .created = created, .creator = "",
	    .modifier = "" };
	struct view_record rec = { .entry = &en, .type = type, .json = "{}",
	    .json_len = 2, .key = key, .n_keys = n_keys };
	struct view_write *w;
	struct err e = { 0 };

	util_uuid(en.uuid, n);
	entry_add(a, &en, "uid", arena_printf(a, "%u", n));
	assert_int_equal(view_write_begin(v, &w, &e), 0);
	assert_int_equal(view_put(w, a, &rec, NULL, &e), 0);
	assert_int_equal(view_write_commit(w, &e), 0);
	arena_free(a);
}

void util_del(struct view *v, uint32_t n)
{
	struct view_write *w;
	struct err e = { 0 };
	uint8_t uuid[16];

	util_uuid(uuid, n);
	assert_int_equal(view_write_begin(v, &w, &e), 0);
	assert_int_equal(view_del(w, NULL, uuid, NULL, &e), 0);
	assert_int_equal(view_write_commit(w, &e), 0);
}

void util_cookie(struct view *v, const char *cookie)
{
	struct view_write *w;
	struct err e = { 0 };

	assert_int_equal(view_write_begin(v, &w, &e), 0);
	assert_int_equal(view_set_cookie(w, cookie, strlen(cookie), &e), 0);
	assert_int_equal(view_write_commit(w, &e), 0);
}

struct journal *util_journal(const char *dir, const char **note)
{
	const char *n;
	struct journal *j;
	struct err e = { 0 };

	if (journal_open(dir, &j, note ? note : &n, &e) != 0)
		fail_msg("%s", e.text);
	return j;
}
