/* SPDX-License-Identifier: ISC */
#include "target/drop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

static int check(const struct target_conf *c, struct err *e)
{
	const char *dir = c->dir != NULL ? c->dir : "";
	struct stat st;

	if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	    access(dir, W_OK | X_OK) == 0)
		return 0;
	return err_set(e, ERR_INVALID, "target %s: dir \"%s\" must be a "
	    "directory that can be written", c->name, dir);
}

static int write_all(int fd, const struct buf *b)
{
	size_t off = 0;
	ssize_t n;

	while (off < b->len) {
		n = write(fd, (const char *)b->data + off, b->len - off);
		if (n < 0 && errno != EINTR)
			return -1;
		off += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd);
}

/* What a crash left under the same name is not worth keeping. */
static int put_file(int dir, const char *temporary, const char *name,
    const struct buf *b)
{
	int fd, rc;

	unlinkat(dir, temporary, 0);
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	rc = write_all(fd, b);
	if (close(fd) != 0)
		rc = -1;
	if (rc == 0 && (rc = renameat(dir, temporary, dir, name)) == 0)
		rc = fsync(dir);
	if (rc != 0)
		unlinkat(dir, temporary, 0);
	return rc;
}

int drop_put(const char *dir, const char *name, const struct buf *b,
    struct err *e)
{
	struct arena *a;
	int rc = 0, fd;

	if (b->failed)
		return err_set(e, ERR_ITEM_BAD, "the file would be larger than "
		    "%zu bytes", b->max);
	a = arena_new();
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || put_file(fd, arena_printf(a, ".%s", name), name, b) != 0)
		rc = err_set(e, ERR_TARGET_DOWN, "cannot write %s: %m", dir);
	if (fd >= 0)
		close(fd);
	arena_free(a);
	return rc;
}

/* --- what the kinds share ----------------------------------------------- */

int drop_open(const struct target_kind *kind, const struct target_conf *c,
    struct target **out, struct err *e)
{
	struct target *t;
	int rc = check(c, e);

	if (rc != 0)
		return rc;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		abort();
	t->kind = kind;
	target_conf_copy(&t->conf, c);
	*out = t;
	return 0;
}

void drop_close(struct target *t)
{
	target_conf_fini(&t->conf);
	free(t);
}

const char *drop_describe(const struct target *t)
{
	return t->conf.dir;
}

void drop_apply(struct target *t, const struct target_person *p,
    const struct action *act,
    int (*deliver)(struct target *t, struct arena *a,
	const struct target_person *p, const struct action *act,
	struct err *e),
    void (*done)(void *arg, const struct target_result *r), void *arg)
{
	struct target_result r = { .remote_id = "-" };
	struct arena *a = arena_new();

	/* To forget a receipt takes no file back: it may have been fetched. */
	if (!act->notice || act->kind != ACTION_REMOVE)
		r.code = deliver(t, a, p, act, &r.err);
	done(arg, &r);
	arena_free(a);
}
