/* SPDX-License-Identifier: ISC */
#include "engine/feed_spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"

#define FILES_MAX 10000		/* looked at in one go */

struct spool {
	const struct feed_run *base;
	const struct feed_conf *conf;
	struct arena *a;
	const char *from;		/* "in" or "held" */
	int64_t max_file;
	void (*done)(void *ctx, const struct feed_outcome *o);
	void *ctx;
};

/* --- directories --------------------------------------------------------------- */

static const char *dir_of(struct arena *a, const struct feed_conf *c,
    const char *name)
{
	return arena_printf(a, "%s/%s", c->dir, name);
}

int feed_spool_check(const struct feed *f, struct err *e)
{
	static const char *const names[] = { "in", "archive", "reject",
	    "held" };
	const struct feed_conf *c = feed_config(f);
	struct arena *a = arena_new();
	struct stat st;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < 4 && *c->dir != '\0'; i++) {
		const char *path = dir_of(a, c, names[i]);

		mkdir(path, 0700);
		if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode) ||
		    access(path, R_OK | W_OK | X_OK) != 0)
			rc = err_set(e, ERR_INVALID, "feeds.%s.dir: %s must "
			    "be a directory that provostd can write", c->name,
			    path);
	}
	arena_free(a);
	return rc;
}

static bool ends(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

static bool is_ours(const struct spool *s, const char *name)
{
	struct stat st;

	if (name[0] == '.' || ends(name, ".part") || ends(name, ".tmp") ||
	    (s->conf->marker && ends(name, ".done")))
		return false;
	return !s->conf->marker || strcmp(s->from, "in") != 0 ||
	    stat(arena_printf(s->a, "%s/in/%s.done", s->conf->dir, name),
	    &st) == 0;
}

static int list(struct spool *s, struct strv *out)
{
	DIR *d = opendir(dir_of(s->a, s->conf, s->from));
	struct dirent *de;

	if (d == NULL)
		return -1;
	while (out->n < FILES_MAX && (de = readdir(d)) != NULL)
		if (is_ours(s, de->d_name))
			strv_add(s->a, out, arena_strdup(s->a, de->d_name));
	closedir(d);
	strv_sort(out);
	return 0;
}

/* --- leaving --------------------------------------------------------------------- */

/* What a held file was called when it came. */
static const char *own_name(const struct spool *s, const char *name)
{
	return strcmp(s->from, "held") == 0 && strlen(name) > HELD_ID ?
	    name + HELD_ID : name;
}

static const char *stamped(struct spool *s, const char *to, const char *name)
{
	char now[24];

	return arena_printf(s->a, "%s/%s/%s-%s", s->conf->dir, to,
	    clock_print_gt_us(clock_now(), now), own_name(s, name));
}

static void move(struct spool *s, const char *name, const char *to)
{
	const char *path = arena_printf(s->a, "%s/%s/%s", s->conf->dir,
	    s->from, name);

	if (rename(path, to) != 0)
		log_error("feed %s: cannot move %s to %s: %s", s->conf->name,
		    path, to, strerror(errno));
	if (s->conf->marker && strcmp(s->from, "in") == 0)
		unlink(arena_printf(s->a, "%s.done", path));
}

/* --- one file ---------------------------------------------------------------------- */

/* NULL: good; else why it is refused unread. */
static const char *open_file(struct spool *s, const char *name, int *fd)
{
	struct stat st;

	*fd = open(arena_printf(s->a, "%s/%s/%s", s->conf->dir, s->from,
	    name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0)
		return errno == ELOOP ? "it is a symbolic link" :
		    arena_strdup(s->a, strerror(errno));
	if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode))
		return "it is no file";
	if ((st.st_mode & S_IWOTH) != 0)
		return "everybody may write it";
	if (st.st_uid != geteuid() && st.st_uid != 0 && (st.st_mode &
	    S_IWGRP) != 0)
		return "its group may write it, and it is somebody else's";
	if (st.st_size > s->max_file)
		return arena_printf(s->a, "it is larger than %" PRId64
		    " bytes (spool.max_file)", s->max_file);
	return NULL;
}

static void refuse(struct spool *s, const char *name, const char *why)
{
	const char *to = stamped(s, "reject", name);
	FILE *f = fopen(arena_printf(s->a, "%s.report", to), "we");

	log_warn("feed %s: %s is refused: %s", s->conf->name, name, why);
	if (f != NULL) {
		fprintf(f, "{\"outcome\":\"refused\",\"why\":\"%s\"}\n", why);
		fclose(f);
	}
	move(s, name, to);
}

static void leave(struct spool *s, const char *name, const char *rows,
    const struct feed_outcome *o)
{
	const char *to;

	if (o->code == ERR_HELD)
		to = arena_printf(s->a, "%s/held/%s-%s", s->conf->dir, o->held,
		    own_name(s, name));
	else
		to = stamped(s, o->code == 0 ? "archive" : "reject", name);
	log_info("feed %s: %s: %s", s->conf->name, own_name(s, name),
	    o->code == 0 ? o->again ? "came before, nothing to do" :
	    "taken in" : o->err.text);
	move(s, name, to);
	if (o->code == ERR_HELD)
		unlink(rows);
	else
		rename(rows, arena_printf(s->a, "%s.report", to));
}

/* It stays where it is: another look will do. */
static bool is_early(const struct feed_outcome *o)
{
	return o->code == ERR_BUSY || o->code == ERR_TIMEOUT ||
	    o->code == ERR_IO || (o->code == ERR_HELD && *o->held == '\0');
}

static void take(struct spool *s, const char *name)
{
	const char *rows = arena_printf(s->a, "%s/archive/.%s.report",
	    s->conf->dir, own_name(s, name)), *why;
	struct feed_run run = *s->base;
	struct feed_outcome o;

	if ((why = open_file(s, name, &run.fd)) != NULL) {
		if (run.fd >= 0)
			close(run.fd);
		refuse(s, name, why);
		return;
	}
	run.rows = fopen(rows, "we");
	feed_run(&run, &o);
	close(run.fd);
	if (run.rows != NULL) {
		fprintf(run.rows, "%s\n", buf_str(&o.report));
		fclose(run.rows);
	}
	if (is_early(&o)) {
		log_warn("feed %s: %s: %s; it is tried again", s->conf->name,
		    name, o.err.text);
		unlink(rows);
	} else {
		leave(s, name, rows, &o);
	}
	s->done(s->ctx, &o);
	buf_fini(&o.report);
}

/* A held file: its job says what is to become of it. */
static void look_held(struct spool *s, const char *name)
{
	const char *id = arena_strndup(s->a, name, HELD_ID - 1);
	struct held_job job;

	if (held_get(s->base->held, s->a, id, 0, 0, &job, NULL) != 0 ||
	    job.state == HELD_HELD)
		return;
	if (job.state == HELD_REFUSED) {
		refuse(s, name, "a person has rejected it");
		return;
	}
	take(s, name);
	held_claim(s->base->held, id, NULL);
}

static void look(struct spool *s, const char *from,
    void (*each)(struct spool *s, const char *name))
{
	struct strv names = { 0 };
	size_t i;

	s->from = from;
	if (list(s, &names) != 0) {
		log_error("feed %s: cannot read %s/%s: %s", s->conf->name,
		    s->conf->dir, from, strerror(errno));
		return;
	}
	for (i = 0; i < names.n && !*s->base->stop; i++)
		each(s, names.v[i]);
}

void feed_spool_look(const struct feed_run *base, int64_t max_file,
    void (*done)(void *ctx, const struct feed_outcome *o), void *ctx)
{
	struct spool s = { .base = base, .conf = feed_config(base->feed),
	    .a = arena_new(), .max_file = max_file, .done = done, .ctx = ctx };

	look(&s, "held", look_held);
	look(&s, "in", take);
	arena_free(s.a);
}
