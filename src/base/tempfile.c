/* SPDX-License-Identifier: ISC */
#include "base/tempfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Some file systems know no files without a name. */
static int named(const char *dir)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/.provost.XXXXXX", dir) >=
	    (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if ((fd = mkostemp(path, O_CLOEXEC)) >= 0)
		unlink(path);
	return fd;
}

int tempfile_new(const char *dir, int *fd, struct err *e)
{
	if (*dir == '\0' && (dir = getenv("TMPDIR")) == NULL)
		dir = "/tmp";
	*fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		*fd = named(dir);
	return *fd >= 0 ? 0 : err_set(e, ERR_IO,
	    "%s: cannot make a temporary file: %m", dir);
}

int tempfile_put(int fd, const void *p, size_t n, struct err *e)
{
	const char *at = p;
	ssize_t put;

	for (; n > 0; at += put, n -= (size_t)put) {
		put = write(fd, at, n);
		if (put < 0 && errno == EINTR)
			put = 0;
		if (put < 0)
			return err_set(e, ERR_IO,
			    "cannot write to a temporary file: %m");
	}
	return 0;
}
