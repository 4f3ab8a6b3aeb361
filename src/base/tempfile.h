/* SPDX-License-Identifier: ISC */
/*
 * tempfile: what is too large for memory and nobody's business, in a file that
 * has no name: it is gone with its last descriptor, however the process ends.
 */
#ifndef BASE_TEMPFILE_H
#define BASE_TEMPFILE_H

#include <stddef.h>

#include "base/err.h"

/* In the directory dir, which must be on a disk to save memory; "": $TMPDIR,
 * or /tmp. *fd is the caller's to close. ERR_IO. */
int tempfile_new(const char *dir, int *fd, struct err *e);
/* All n bytes at the file's present end; ERR_IO: the disk is full, say. */
int tempfile_put(int fd, const void *p, size_t n, struct err *e);

#endif
