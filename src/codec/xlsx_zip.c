/* SPDX-License-Identifier: ISC */
#include "codec/xlsx_zip.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/buf.h"
#include "base/map.h"

#define TAIL (65536 + 22)	/* the end record and the longest comment */
#define END_RECORD 22
#define DIRECTORY_COST 512	/* bytes of the directory, a part */
#define NAME_MAX_LEN 1024
#define DOS_DAY_ONE 0x21	/* 1980-01-01 */

struct xlsx_zip {
	zip_t *zip;
	struct map *name;	/* lower case -> index + 1 */
	struct xlsx_limits limits;
	uint64_t file;		/* bytes */
	zip_file_t *part;	/* the one that is open */
	const char *part_name;
	uint64_t part_size, part_given;	/* said to be, so far */
	uint64_t compressed, inflated;	/* of the parts opened so far */
};

static int not_a_workbook(struct err *e, const char *why)
{
	return err_set(e, ERR_INVALID, "XLSX: %s: save the file as .xlsx", why);
}

static unsigned le16(const unsigned char *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

/* libzip takes memory by what the end record says, so it is looked at first.
 * tail: the last n bytes of the file. */
static int check_end(const unsigned char *tail, size_t n,
    const struct xlsx_limits *lim, struct err *e)
{
	const unsigned char *p;
	uint64_t size;

	if (n < END_RECORD)
		return not_a_workbook(e, "too short to be a workbook");
	for (p = tail + n - END_RECORD; memcmp(p, "PK\5\6", 4) != 0; p--)
		if (p == tail)
			return not_a_workbook(e, "not a workbook, or cut off");
	size = le16(p + 12) | (uint64_t)le16(p + 14) << 16;
	if (le16(p + 10) > lim->entries ||
	    size > lim->entries * DIRECTORY_COST)
		return err_set(e, ERR_LIMIT, "XLSX: more than %llu parts",
		    (unsigned long long)lim->entries);
	return 0;
}

static int check_size(uint64_t size, const struct xlsx_limits *lim,
    struct err *e)
{
	if (size > lim->file)
		return err_set(e, ERR_LIMIT, "XLSX: the file is larger than "
		    "%llu bytes: split it, or send CSV",
		    (unsigned long long)lim->file);
	return 0;
}

static int check_head(const char *p, size_t n, struct err *e)
{
	if (n >= 4 && memcmp(p, "\xd0\xcf\x11\xe0", 4) == 0)
		return not_a_workbook(e, "an .xls file, or protected by a "
		    "password");
	return 0;
}

static bool name_leads_out(const char *name)
{
	const char *p;

	if (name[0] == '/' || name[0] == '\0' || strchr(name, '\\') != NULL ||
	    strchr(name, ':') != NULL)
		return true;
	for (p = name; p != NULL; p = strchr(p, '/')) {
		p += *p == '/';
		if (strcmp(p, "..") == 0 || strncmp(p, "../", 3) == 0)
			return true;
	}
	return false;
}

static void lower(char *out, const char *s, size_t size)
{
	size_t i;

	for (i = 0; s[i] != '\0' && i + 1 < size; i++)
		out[i] = (char)tolower((unsigned char)s[i]);
	out[i] = '\0';
}

static int check_entry(struct xlsx_zip *z, uint64_t i, struct err *e)
{
	char name[NAME_MAX_LEN + 1];
	struct zip_stat st;

	if (zip_stat_index(z->zip, i, 0, &st) != 0 || st.name == NULL)
		return not_a_workbook(e, "a part cannot be read");
	if (strlen(st.name) > NAME_MAX_LEN || name_leads_out(st.name))
		return err_set(e, ERR_INVALID, "XLSX: part \"%.64s\" has a "
		    "name that leads out of the file", st.name);
	if (st.encryption_method != ZIP_EM_NONE)
		return err_set(e, ERR_UNSUPPORTED, "XLSX: part \"%.64s\" is "
		    "encrypted: save the file without a password", st.name);
	if (st.comp_method != ZIP_CM_STORE && st.comp_method != ZIP_CM_DEFLATE)
		return err_set(e, ERR_UNSUPPORTED, "XLSX: part \"%.64s\" is "
		    "compressed by method %u: save the file anew", st.name,
		    st.comp_method);
	lower(name, st.name, sizeof(name));
	if (map_put(z->name, name, (void *)(uintptr_t)(i + 1)) != NULL)
		return err_set(e, ERR_INVALID, "XLSX: part \"%.64s\" is in the "
		    "file twice", st.name);
	return 0;
}

static int check_entries(struct xlsx_zip *z, struct err *e)
{
	int64_t i, n = zip_get_num_entries(z->zip, 0);
	int rc;

	if (n < 0 || (uint64_t)n > z->limits.entries)
		return err_set(e, ERR_LIMIT, "XLSX: more than %llu parts",
		    (unsigned long long)z->limits.entries);
	for (i = 0; i < n; i++)
		if ((rc = check_entry(z, (uint64_t)i, e)) != 0)
			return rc;
	return 0;
}

/* src is libzip's from here on. */
static int open_source(zip_source_t *src, uint64_t size,
    const struct xlsx_limits *lim, struct xlsx_zip **out, struct err *e)
{
	struct xlsx_zip *z = calloc(1, sizeof(*z));
	zip_error_t ze;
	int rc;

	if (z == NULL || src == NULL)
		abort();
	zip_error_init(&ze);
	z->limits = *lim;
	z->file = size;
	z->name = map_new();
	z->zip = zip_open_from_source(src, ZIP_RDONLY | ZIP_CHECKCONS, &ze);
	if (z->zip == NULL) {
		rc = err_set(e, ERR_INVALID, "XLSX: not a workbook, or "
		    "damaged: %.100s", zip_error_strerror(&ze));
		zip_source_free(src);
	} else {
		rc = check_entries(z, e);
	}
	zip_error_fini(&ze);
	if (rc != 0) {
		xlsx_zip_close(z);
		z = NULL;
	}
	*out = z;
	return rc;
}

int xlsx_zip_open(const void *p, size_t n, const struct xlsx_limits *lim,
    struct xlsx_zip **out, struct err *e)
{
	size_t tail = n < TAIL ? n : TAIL;
	int rc;

	*out = NULL;
	if ((rc = check_size(n, lim, e)) != 0 ||
	    (rc = check_head(p, n, e)) != 0 ||
	    (rc = check_end((const unsigned char *)p + (n - tail), tail, lim,
	    e)) != 0)
		return rc;
	return open_source(zip_source_buffer_create(p, n, 0, NULL), n, lim,
	    out, e);
}

static int check_fd(int fd, uint64_t size, const struct xlsx_limits *lim,
    struct err *e)
{
	size_t want = size < TAIL ? (size_t)size : TAIL;
	unsigned char *tail = malloc(TAIL);
	char head[4];
	ssize_t n;
	int rc;

	if (tail == NULL)
		abort();
	n = pread(fd, head, sizeof(head), 0);
	rc = check_head(head, n < 0 ? 0 : (size_t)n, e);
	if (rc == 0) {
		n = pread(fd, tail, want, (off_t)(size - want));
		rc = n < 0 ? err_set(e, ERR_IO, "XLSX: cannot read the file: "
		    "%s", strerror(errno)) :
		    check_end(tail, (size_t)n, lim, e);
	}
	free(tail);
	return rc;
}

int xlsx_zip_open_fd(int fd, const struct xlsx_limits *lim,
    struct xlsx_zip **out, struct err *e)
{
	struct stat st;
	FILE *f;
	int own, rc;

	*out = NULL;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return err_set(e, ERR_INVALID, "XLSX: not a regular file");
	if ((rc = check_size((uint64_t)st.st_size, lim, e)) != 0 ||
	    (rc = check_fd(fd, (uint64_t)st.st_size, lim, e)) != 0)
		return rc;
	own = dup(fd);
	f = own < 0 ? NULL : fdopen(own, "rb");
	if (f == NULL) {
		rc = err_set(e, ERR_IO, "XLSX: cannot open the file: %s",
		    strerror(errno));
		if (own >= 0)
			close(own);
		return rc;
	}
	return open_source(zip_source_filep_create(f, 0, st.st_size, NULL),
	    (uint64_t)st.st_size, lim, out, e);
}

static void close_part(struct xlsx_zip *z)
{
	if (z->part != NULL)
		zip_fclose(z->part);
	z->part = NULL;
}

void xlsx_zip_close(struct xlsx_zip *z)
{
	if (z == NULL)
		return;
	close_part(z);
	if (z->zip != NULL)
		zip_discard(z->zip);
	map_free(z->name, NULL);
	free(z);
}

static uint64_t find(const struct xlsx_zip *z, const char *name)
{
	char low[NAME_MAX_LEN + 1];

	lower(low, name, sizeof(low));
	return (uint64_t)(uintptr_t)map_get(z->name, low);
}

bool xlsx_zip_has(const struct xlsx_zip *z, const char *name)
{
	return find(z, name) != 0;
}

static int check_inflated(const struct xlsx_zip *z, struct err *e)
{
	if (z->inflated > z->limits.inflated)
		return err_set(e, ERR_LIMIT, "XLSX: inflates to more than %llu "
		    "bytes: split it, or send CSV",
		    (unsigned long long)z->limits.inflated);
	if (z->inflated > z->limits.ratio_floor &&
	    z->inflated / z->limits.ratio > z->compressed)
		return err_set(e, ERR_LIMIT, "XLSX: inflates to more than %llu "
		    "times its size, as no honest workbook does",
		    (unsigned long long)z->limits.ratio);
	return 0;
}

static int read_part(struct source *s, char *p, size_t cap, size_t *n,
    struct err *e)
{
	struct xlsx_zip *z = s->ctx;
	zip_int64_t k = zip_fread(z->part, p, cap);

	if (k < 0)
		return err_set(e, ERR_INVALID, "XLSX: part \"%.64s\" is "
		    "damaged: %.100s", z->part_name,
		    zip_file_strerror(z->part));
	*n = (size_t)k;
	z->inflated += *n;
	z->part_given += *n;
	if (z->part_given > z->part_size ||
	    (k == 0 && z->part_given != z->part_size))
		return err_set(e, ERR_INVALID, "XLSX: part \"%.64s\" is not "
		    "of the size that the file says it has", z->part_name);
	return check_inflated(z, e);
}

int xlsx_zip_part(struct xlsx_zip *z, const char *name, struct source *out,
    struct err *e)
{
	uint64_t i = find(z, name);
	struct zip_stat st;

	close_part(z);
	if (i == 0)
		return err_set(e, ERR_INVALID, "XLSX: part \"%.64s\" is "
		    "missing: is this a workbook?", name);
	z->part = zip_fopen_index(z->zip, i - 1, 0);
	if (z->part == NULL || zip_stat_index(z->zip, i - 1, 0, &st) != 0)
		return err_set(e, ERR_INVALID, "XLSX: part \"%.64s\" cannot be "
		    "opened: %.100s", name, zip_strerror(z->zip));
	z->part_name = st.name;
	z->part_size = st.size;
	z->part_given = 0;
	z->compressed += st.comp_size < z->file ? st.comp_size : z->file;
	*out = (struct source){ .read = read_part, .ctx = z };
	return 0;
}

static int add_file(zip_t *z, const struct xlsx_zip_file *f)
{
	zip_source_t *s = zip_source_buffer(z, f->data, f->n, 0);
	zip_int64_t i = s == NULL ? -1 : zip_file_add(z, f->name, s, 0);

	if (i < 0 && s != NULL)
		zip_source_free(s);
	return i < 0 ? -1 : zip_file_set_dostime(z, (zip_uint64_t)i, 0,
	    DOS_DAY_ONE, 0);
}

static int copy_out(struct buf *out, zip_source_t *s)
{
	char block[4096];
	zip_int64_t n;

	if (zip_source_open(s) != 0)
		return -1;
	while ((n = zip_source_read(s, block, sizeof(block))) > 0)
		buf_put(out, block, (size_t)n);
	zip_source_close(s);
	return n < 0 || out->failed ? -1 : 0;
}

int xlsx_zip_write(struct buf *out, const struct xlsx_zip_file *f, size_t n,
    struct err *e)
{
	zip_source_t *s = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *z = s == NULL ? NULL : zip_open_from_source(s, ZIP_TRUNCATE,
	    NULL);
	size_t i;
	int rc = 0;

	if (z == NULL)
		abort();
	zip_source_keep(s);
	for (i = 0; rc == 0 && i < n; i++)
		rc = add_file(z, &f[i]);
	if (rc == 0 && (rc = zip_close(z)) == 0)
		rc = copy_out(out, s);
	else
		zip_discard(z);
	zip_source_free(s);
	return rc != 0 ? err_set(e, ERR_LIMIT, "XLSX: the workbook is too "
	    "large to write") : 0;
}
