/* SPDX-License-Identifier: ISC */
/*
 * spool: one XML file a call or letter (core/notice, V23) in a directory,
 * where a provider's own program fetches it:
 *
 * <?xml version="1.0" encoding="UTF-8"?>
 * <delivery id="KEY" kind="post" created="2026-01-02T03:04:05Z">
 *  <request>..</request><expires>..</expires><name>..</name>
 *  <code>ABCD-2345</code><account>100001</account>
 *  <company>..</company><address>..</address></delivery>
 *
 * (phone instead of company and address where kind is phone.) The name is
 * KIND-KEY.xml, the key the same whenever the job is repeated. A file appears
 * whole: it is written under a name that begins with a dot, synced, renamed,
 * and the directory synced. Mode 0600: there is a code in it. That is a short
 * wait for the disk on the dispatcher's thread; the directory should be local.
 *
 *   no such account or key              ERR_ITEM_BAD
 *   the directory cannot be written     ERR_TARGET_DOWN
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/xml_write.h"
#include "target/target.h"

#define MAX_FILE (1024 * 1024)

static void spool_close(struct target *t)
{
	target_conf_fini(&t->conf);
	free(t);
}

static int spool_open(const struct target_conf *c, struct httpc *h,
    struct target **out, struct err *e)
{
	const char *dir = c->dir != NULL ? c->dir : "";
	struct target *t;
	struct stat st;

	(void)h;
	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode) ||
	    access(dir, W_OK | X_OK) != 0)
		return err_set(e, ERR_INVALID, "target %s: dir \"%s\" must be "
		    "a directory that can be written", c->name, dir);
	if ((t = calloc(1, sizeof(*t))) == NULL)
		abort();
	t->kind = &target_spool;
	target_conf_copy(&t->conf, c);
	*out = t;
	return 0;
}

static void put_job(struct buf *out, const struct letter *l,
    const struct action *act)
{
	const char *const *name = notice_names(l->kind);
	struct xml_writer w;
	char now[32];
	size_t i;

	xml_write_init(&w, out);
	xml_begin(&w, "delivery");
	xml_put_attr(&w, "id", act->key);
	xml_put_attr(&w, "kind", notice_word(l->kind));
	xml_put_attr(&w, "created", clock_print_rfc3339(clock_now(), now));
	for (i = 0; name[i] != NULL; i++)
		xml_put(&w, name[i], l->value[i]);
	xml_end(&w);
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

static int put(struct target *t, struct arena *a, const struct letter *l,
    const struct action *act, const struct buf *b, struct err *e)
{
	const char *name = arena_printf(a, "%s-%s.xml", notice_word(l->kind),
	    act->key);
	int rc = 0, dir = open(t->conf.dir, O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);

	if (dir < 0 || put_file(dir, arena_printf(a, ".%s", name), name,
	    b) != 0)
		rc = err_set(e, ERR_TARGET_DOWN, "cannot write %s: %m",
		    t->conf.dir);
	if (dir >= 0)
		close(dir);
	return rc;
}

static int deliver(struct target *t, struct arena *a,
    const struct target_person *p, const struct action *act, struct err *e)
{
	const struct target_source *source = t->conf.source;
	struct letter l;
	struct buf b;
	int rc;

	if (act->kind != ACTION_MAIL)
		return err_set(e, ERR_ITEM_BAD, "the target takes calls and "
		    "letters, no grants: give the tool another provostTarget");
	if ((rc = source->letter(source->ctx, a, p->id, act, "", &l, e)) != 0)
		return rc;
	buf_init(&b, MAX_FILE);
	put_job(&b, &l, act);
	rc = b.failed ? err_set(e, ERR_ITEM_BAD, "the job is larger than %d "
	    "bytes", MAX_FILE) : put(t, a, &l, act, &b, e);
	buf_fini(&b);
	return rc;
}

static void spool_apply(struct target *t, const struct target_person *p,
    const struct action *act,
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

static const char *spool_describe(const struct target *t)
{
	return t->conf.dir;
}

const struct target_kind target_spool = { "spool", spool_open, spool_close,
    spool_apply, spool_describe };
