/* SPDX-License-Identifier: ISC */
#include "store/journal_file.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/journal_line.h"

/* --- lines --------------------------------------------------------------- */

struct journal_lines *journal_lines_new(int fd, off_t from)
{
	struct journal_lines *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	r->fd = fd;
	r->end = from;
	buf_init(&r->line, JOURNAL_LINE_MAX + 65536);
	return r;
}

void journal_lines_free(struct journal_lines *r)
{
	if (r == NULL)
		return;
	buf_fini(&r->line);
	free(r);
}

void journal_lines_seek(struct journal_lines *r, off_t to)
{
	r->end = to;
	r->pos = r->len = 0;
}

static bool refill(struct journal_lines *r)
{
	ssize_t n = pread(r->fd, r->chunk, sizeof(r->chunk), r->end);

	r->error = n < 0 ? errno : 0;
	r->pos = 0;
	r->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

bool journal_lines_next(struct journal_lines *r)
{
	buf_reset(&r->line);
	r->whole = false;
	while (!r->whole && (r->pos < r->len || refill(r))) {
		const char *from = r->chunk + r->pos;
		const char *nl = memchr(from, '\n', r->len - r->pos);
		size_t n = nl ? (size_t)(nl - from) : r->len - r->pos;

		buf_put(&r->line, from, n);
		r->whole = nl != NULL;
		r->pos += n + r->whole;
		r->end += (off_t)(n + r->whole);
	}
	return r->whole || r->line.len > 0 || r->line.failed;
}

/* --- files --------------------------------------------------------------- */

const char *journal_path(struct arena *a, const char *dir)
{
	return arena_printf(a, "%s/journal.jsonl", dir);
}

const char *journal_path_closed(struct arena *a, const char *dir,
    uint64_t first)
{
	return arena_printf(a, "%s/journal-%012" PRIu64 ".jsonl", dir, first);
}

/* journal-, at least twelve digits, .jsonl */
static bool read_name(const char *name, uint64_t *first)
{
	const char *digits = name + strlen("journal-");
	char *end;

	if (!str_starts(name, "journal-"))
		return false;
	if (strspn(digits, "0123456789") < 12)
		return false;
	errno = 0;
	*first = strtoull(digits, &end, 10);
	return errno == 0 && *first != 0 && str_eq(end, ".jsonl");
}

static int by_first(const void *x, const void *y)
{
	const struct journal_closed *a = x, *b = y;

	return a->first < b->first ? -1 : a->first > b->first;
}

int journal_closed_list(struct arena *a, const char *dir,
    struct journal_closed **out, size_t *n, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	uint64_t first;
	size_t cap = 0;

	*out = NULL;
	*n = 0;
	if (d == NULL)
		return err_set(e, ERR_IO, "journal: list %s: %s", dir,
		    strerror(errno));
	while ((de = readdir(d)) != NULL) {
		if (!read_name(de->d_name, &first))
			continue;
		if (*n == cap) {
			*out = arena_grow(a, *out, cap, cap * 2 + 16,
			    sizeof(**out));
			cap = cap * 2 + 16;
		}
		(*out)[(*n)++] = (struct journal_closed){ arena_printf(a,
		    "%s/%s", dir, de->d_name), first };
	}
	closedir(d);
	if (*n > 1)
		qsort(*out, *n, sizeof(**out), by_first);
	return 0;
}

bool journal_first(int fd, uint64_t *seq)
{
	char head[64];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return n > 0 && journal_line_seq(head, (size_t)n, seq);
}

bool journal_is_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}
