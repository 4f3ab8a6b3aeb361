/* SPDX-License-Identifier: ISC */
#include "store/journal_verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/journal_file.h"
#include "store/journal_line.h"

struct verifying {
	struct journal_check *out;
	struct journal_chain chain;
	const char *path;		/* the file that is read */
	uint64_t line;			/* of it */
};

static int bad_line(const struct verifying *v, struct err *e,
    const char *what)
{
	return err_set(e, ERR_CORRUPT, "journal: %s: line %" PRIu64 ": %s",
	    v->path, v->line, what);
}

static int missing(const struct verifying *v, uint64_t seq, struct err *e)
{
	if (seq <= v->chain.seq)
		return err_set(e, ERR_CORRUPT, "journal: %s: line %" PRIu64
		    ": moved or doubled: it has the number %" PRIu64
		    " behind %" PRIu64, v->path, v->line, seq, v->chain.seq);
	return err_set(e, ERR_CORRUPT, "journal: %s: line %" PRIu64 ": lines "
	    "are missing before it: %" PRIu64 " to %" PRIu64, v->path,
	    v->line, v->chain.seq + 1, seq - 1);
}

/* What does not begin with number 1 goes on from something kept elsewhere. */
static void begin_chain(struct verifying *v, const struct journal_line *l)
{
	if (v->out->lines != 0)
		return;
	v->out->first = l->seq;
	if (l->seq > 1) {
		v->chain.seq = l->seq - 1;
		memcpy(v->chain.hash, l->prev, 32);
	}
}

static int verify_line(struct verifying *v, const struct journal_lines *r,
    struct err *e)
{
	const struct buf *b = &r->line;
	struct journal_line l;

	if (!r->whole)
		return bad_line(v, e, "torn: it has no end");
	if (b->failed || !journal_line_parse(buf_str(b), b->len, &l))
		return bad_line(v, e, "damaged: its form or sum is wrong");
	begin_chain(v, &l);
	if (l.seq != v->chain.seq + 1)
		return missing(v, l.seq, e);
	if (!journal_line_follows(&v->chain, &l))
		return bad_line(v, e, "the line before it was changed: its "
		    "hash does not match");
	journal_chain_set(&v->chain, l.seq, b->data, b->len);
	v->out->lines++;
	return 0;
}

static int verify_open(struct verifying *v, int fd, struct err *e)
{
	struct journal_lines *r = journal_lines_new(fd, 0);
	int rc = 0;

	v->out->files++;
	v->line = 0;
	while (rc == 0 && journal_lines_next(r)) {
		v->line++;
		rc = verify_line(v, r, e);
	}
	if (rc == 0 && r->error != 0)
		rc = err_set(e, ERR_IO, "journal: read %s: %s", v->path,
		    strerror(r->error));
	journal_lines_free(r);
	v->out->last = v->chain.seq;
	memcpy(v->out->hash, v->chain.hash, 32);
	return rc;
}

static int verify_file(struct verifying *v, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	v->path = path;
	if (fd < 0)
		return err_set(e, ERR_IO, "journal: open %s: %s", path,
		    strerror(errno));
	rc = verify_open(v, fd, e);
	close(fd);
	return rc;
}

static int check_name(struct verifying *v, const struct journal_closed *c,
    struct err *e)
{
	uint64_t seq = 0;
	int fd = open(c->path, O_RDONLY | O_CLOEXEC);
	bool known = fd >= 0 && journal_first(fd, &seq);

	if (fd >= 0)
		close(fd);
	v->path = c->path;
	v->line = 1;
	return !known || seq == c->first ? 0 : bad_line(v, e, "its number is "
	    "not the one in the file's name");
}

/* The one that is written to is opened first: should it be closed meanwhile,
 * it has two names here. */
static int verify_dir(struct verifying *v, struct arena *a, const char *dir,
    struct err *e)
{
	const char *path = journal_path(a, dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	struct journal_closed *c;
	size_t n, i;

	if (fd < 0)
		return err_set(e, ERR_IO, "journal: open %s: %s", path,
		    strerror(errno));
	rc = journal_closed_list(a, dir, &c, &n, e);
	for (i = 0; rc == 0 && i < n; i++) {
		if (journal_is_file(fd, c[i].path))
			break;
		rc = check_name(v, &c[i], e);
		if (rc == 0)
			rc = verify_file(v, c[i].path, e);
	}
	v->path = path;
	if (rc == 0)
		rc = verify_open(v, fd, e);
	close(fd);
	return rc;
}

int journal_verify(const char *path, struct journal_check *out,
    struct err *e)
{
	struct verifying v = { .out = out };
	struct arena *a = arena_new();
	struct stat sb;
	int rc;

	*out = (struct journal_check){ 0 };
	rc = stat(path, &sb) == 0 && S_ISDIR(sb.st_mode) ?
	    verify_dir(&v, a, path, e) : verify_file(&v, path, e);
	arena_free(a);
	return rc;
}
