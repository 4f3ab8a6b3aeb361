/* SPDX-License-Identifier: ISC */
/* files_fixture: for a target that writes files: each test has a directory of
 * its own, removed with what is in it. Included once. */
#ifndef TESTS_FILES_FIXTURE_H
#define TESTS_FILES_FIXTURE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "target/target.h"

static struct arena *a;
static char dir[64];
static struct target_result res;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	snprintf(dir, sizeof(dir), "/tmp/provost-files.XXXXXX");
	return mkdtemp(dir) == NULL;
}

static const char *in(const char *name)
{
	return arena_printf(a, "%s/%s", dir, name);
}

static int teardown(void **state)
{
	DIR *d = opendir(dir);
	struct dirent *file;

	(void)state;
	while (d != NULL && (file = readdir(d)) != NULL)
		unlink(in(file->d_name));
	if (d != NULL)
		closedir(d);
	rmdir(dir);
	arena_free(a);
	return 0;
}

static void done(void *arg, const struct target_result *r)
{
	(void)arg;
	res = *r;
}

/* What the target answers; res has all of it. */
static int apply_at(const struct target_conf *c, const struct target_person *p,
    const struct action *act)
{
	struct target *t;
	struct err e;

	if (target_open(c, NULL, &t, &e) != 0)
		fail_msg("%s", e.text);
	res = (struct target_result){ .code = 1 };
	t->kind->apply(t, p, act, done, NULL);
	target_close(t);
	return res.code;
}

static const char *content(const char *name)
{
	FILE *f = fopen(in(name), "re");
	char text[4096];
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	return arena_strndup(a, text, n);
}

#endif
