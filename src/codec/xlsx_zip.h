/* SPDX-License-Identifier: ISC */
/*
 * xlsx_zip: the zip container of a workbook; only this file's .c knows libzip.
 *
 * All names are looked at before any part is opened: a name twice (case
 * ignored), one that leads elsewhere, an encrypted part or a foreign
 * compression refuses the file.  Bytes are counted as they are inflated,
 * whatever the container says of their number; what is not asked for is never
 * inflated.  One thread at a time.
 */
#ifndef CODEC_XLSX_ZIP_H
#define CODEC_XLSX_ZIP_H

#include <stdbool.h>

#include "codec/source.h"
#include "codec/xlsx.h"

struct xlsx_zip;

/* p is borrowed until xlsx_zip_close, limits (none of them 0) are copied. */
int xlsx_zip_open(const void *p, size_t n, const struct xlsx_limits *limits,
	struct xlsx_zip **out, struct err *e);
int xlsx_zip_open_fd(int fd, const struct xlsx_limits *limits,
	struct xlsx_zip **out, struct err *e);
void xlsx_zip_close(struct xlsx_zip *z);
bool xlsx_zip_has(const struct xlsx_zip *z, const char *name);
/* A part to read from, until the next one is asked for. */
int xlsx_zip_part(struct xlsx_zip *z, const char *name, struct source *out,
	struct err *e);

struct xlsx_zip_file {
	const char *name;
	const char *data;
	size_t n;
};

/* A zip of these files, in their order, without a date. */
int xlsx_zip_write(struct buf *out, const struct xlsx_zip_file *f, size_t n,
	struct err *e);

#endif
