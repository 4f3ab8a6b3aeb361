/* SPDX-License-Identifier: ISC */
#include "feed/reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "codec/csv.h"
#include "codec/ldif.h"
#include "codec/scim_bulk.h"
#include "codec/source.h"
#include "codec/xlsx.h"
#include "model/change.h"

#define BULK_MAX (16u << 20)
#define BULK_OPERATIONS 100000

struct reader {
	const struct feed *f;
	struct arena *a;		/* of the object */
	struct arena *record;		/* of the record */
	int fd;
	off_t at;
	struct source source;
	struct csv *csv;
	struct xlsx *xlsx;
	struct xml_records *xml;
	struct ldif *ldif;
	struct scim_bulk bulk;
	bool bulk_read;
	size_t next_op;
	int *column;			/* of each field, -1 none */
	struct strv *value;
	bool *said;
	struct record out;
};

static int read_file(struct source *s, char *p, size_t cap, size_t *n,
    struct err *e)
{
	struct reader *r = s->ctx;
	ssize_t got = pread(r->fd, p, cap, r->at);

	if (got < 0)
		return err_set(e, ERR_IO, "cannot read the file: %m");
	r->at += got;
	*n = (size_t)got;
	return 0;
}

/* --- tables: CSV and XLSX ------------------------------------------------------ */

static int table_next(struct reader *r, const struct row **row,
    struct err *e)
{
	return r->csv != NULL ? csv_next(r->csv, row, e) :
	    xlsx_next(r->xlsx, row, e);
}

/* "#3"; 0: it is a name. */
static int64_t position(const char *column)
{
	int64_t n;

	return *column == '#' && str_int(column + 1, &n) && n > 0 && n < 10000 ?
	    n : 0;
}

static int no_column(const struct columns *c, const char *name,
    struct err *e)
{
	struct buf list;
	size_t i;
	int rc;

	buf_init(&list, 300);
	for (i = 0; i < columns_count(c); i++)
		buf_printf(&list, "%s%s", i > 0 ? ", " : "",
		    columns_name(c, i));
	rc = err_set(e, ERR_INVALID, "the file has no column \"%s\"; it has: "
	    "%s. Is it the right file?", name, buf_str(&list));
	buf_fini(&list);
	return rc;
}

static int find_columns(struct reader *r, const struct row *header,
    struct err *e)
{
	struct columns *c = NULL;
	size_t i;
	int rc = header != NULL ? columns_new(header, &c, e) : 0;

	for (i = 0; rc == 0 && i < r->f->n_fields; i++) {
		const char *name = r->f->field[i].conf->column;

		r->column[i] = (int)position(name) - 1;
		if (r->column[i] >= 0 || *name == '\0')
			continue;
		r->column[i] = columns_find(c, name);
		if (r->column[i] < 0)
			rc = no_column(c, name, e);
	}
	columns_free(c);
	return rc;
}

static int table_open(struct reader *r, struct err *e)
{
	const struct row *header = NULL;
	int rc = 1;

	if (r->f->conf.header && (rc = table_next(r, &header, e)) == 0)
		return err_set(e, ERR_INVALID, "the file is empty: not even "
		    "its header is there");
	return rc < 0 ? rc : find_columns(r, header, e);
}

static int table_record(struct reader *r, struct err *e)
{
	const struct row *row;
	int rc = table_next(r, &row, e);
	size_t i;

	if (rc == 0 && r->csv != NULL && r->f->full && !csv_whole(r->csv))
		return err_set(e, ERR_INVALID, "the last line has no end: the "
		    "file was cut off");
	if (rc <= 0)
		return rc;
	r->out.row = row->number;
	r->out.line = row->line;
	for (i = 0; i < r->f->n_fields; i++) {
		r->value[i] = (struct strv){ 0 };
		strv_add(r->record, &r->value[i], row_cell(row, r->column[i]));
	}
	return 1;
}

static int csv_start(struct reader *r, struct err *e)
{
	const struct csv_conf conf = { .delimiter = r->f->delimiter,
	    .charset = r->f->charset };

	r->csv = csv_open(&r->source, &conf);
	return table_open(r, e);
}

static int xlsx_start(struct reader *r, struct err *e)
{
	const struct xlsx_conf conf = { .sheet = *r->f->conf.sheet != '\0' ?
	    r->f->conf.sheet : NULL };
	int rc = xlsx_open_fd(r->fd, &conf, &r->xlsx, e);

	return rc != 0 ? rc : table_open(r, e);
}

/* --- XML ------------------------------------------------------------------------- */

static int xml_start(struct reader *r, struct err *e)
{
	const struct feed *f = r->f;
	const char **path = arena_array(r->a, f->n_fields, sizeof(*path));
	struct xml_record_conf conf = { .record = f->conf.record,
	    .field = path, .prefix = f->prefix, .n_prefixes = f->n_prefixes };
	size_t i;

	for (i = 0; i < f->n_fields; i++) {
		r->column[i] = -1;
		if (*f->field[i].conf->column == '\0')
			continue;
		r->column[i] = (int)conf.n_fields;
		path[conf.n_fields++] = f->field[i].conf->column;
	}
	return xml_record_open(&r->source, &conf, &r->xml, e);
}

static int xml_next_record(struct reader *r, struct err *e)
{
	const struct xml_record *x;
	int rc = xml_record_next(r->xml, &x, e);
	size_t i;

	if (rc <= 0)
		return rc;
	r->out.row = x->number;
	r->out.line = x->line;
	for (i = 0; i < r->f->n_fields; i++)
		r->value[i] = r->column[i] >= 0 ? x->value[r->column[i]] :
		    (struct strv){ 0 };
	return 1;
}

/* --- LDIF ------------------------------------------------------------------------ */

static struct strv values_of(struct reader *r, const struct entry *e,
    const char *name)
{
	const struct attr *at;
	struct strv out = { 0 };
	size_t i = 0, k;

	for (; (at = entry_next(e, name, &i)) != NULL; i++)
		for (k = 0; k < at->n; k++)
			strv_add(r->record, &out, at->v[k].p);
	return out;
}

/* What a modify says an attribute shall be. Values that are only added or only
 * taken away would need the entry as it is, which the feed's file has not. */
static int modified(struct reader *r, const struct change *c,
    const char *name, struct strv *out, bool *said, struct err *e)
{
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		const struct mod *m = &c->mod[i];

		if (!str_ieq(m->name, name))
			continue;
		if (m->op != MOD_REPLACE && !(m->op == MOD_DELETE && m->n == 0))
			return err_set(e, ERR_ITEM_BAD, "a feed's change says "
			    "what %s is: \"replace\", not \"%s\" of single "
			    "values", name, m->op == MOD_ADD ? "add" :
			    "delete");
		*said = true;
		for (k = 0; k < m->n; k++)
			strv_add(r->record, out, m->v[k].p);
	}
	return 0;
}

static int ldif_fill(struct reader *r, const struct ldif_record *rec,
    struct err *e)
{
	const struct entry *entry = rec->entry;
	size_t i;
	int rc = 0;

	if (rec->kind == LDIF_MODRDN)
		return err_set(e, ERR_ITEM_BAD, "line %llu: people are not "
		    "renamed by a feed: give the attribute its new value",
		    (unsigned long long)rec->line);
	if (rec->kind == LDIF_CHANGE && rec->change->kind == CHANGE_ADD)
		entry = rec->change->entry;
	for (i = 0; rc == 0 && i < r->f->n_fields; i++) {
		const char *name = r->f->field[i].conf->column;

		r->value[i] = (struct strv){ 0 };
		r->said[i] = entry != NULL || *name == '\0';
		if (str_ieq(name, "dn")) {
			strv_add(r->record, &r->value[i], rec->dn);
			r->said[i] = true;
		} else if (entry != NULL && *name != '\0') {
			r->value[i] = values_of(r, entry, name);
		} else if (rec->kind == LDIF_CHANGE && *name != '\0') {
			rc = modified(r, rec->change, name, &r->value[i],
			    &r->said[i], e);
		}
	}
	r->out.said = entry == NULL ? r->said : NULL;
	r->out.leaver = rec->kind == LDIF_CHANGE &&
	    rec->change->kind == CHANGE_DELETE;
	return rc != 0 ? rc : 1;
}

static int ldif_record(struct reader *r, struct err *e)
{
	struct ldif_record rec;
	int rc = ldif_next(r->ldif, r->record, &rec, e);

	if (rc == 0 && !ldif_whole(r->ldif))
		return err_set(e, ERR_INVALID, "the last line has no end: the "
		    "file was cut off");
	if (rc == 0 && !ldif_closed(r->ldif))
		return err_set(e, ERR_INVALID, "there is no empty line behind "
		    "the last record: the file was cut off, or add one");
	if (rc <= 0)
		return rc;
	r->out.row++;
	r->out.line = rec.line;
	return ldif_fill(r, &rec, e);
}

/* --- SCIM Bulk -------------------------------------------------------------------- */

static int slurp(struct reader *r, struct buf *b, struct err *e)
{
	char p[65536];
	size_t n;
	int rc;

	while ((rc = source_read(&r->source, p, sizeof(p), &n, e)) == 0 &&
	    n > 0)
		buf_put(b, p, n);
	return rc != 0 ? rc : b->failed ? err_set(e, ERR_LIMIT, "a bulk "
	    "message has at most %u MiB: send several", BULK_MAX >> 20) : 0;
}

static int bulk_start(struct reader *r, struct err *e)
{
	struct json *message;
	struct buf text;
	int rc;

	buf_init(&text, BULK_MAX);
	if ((rc = slurp(r, &text, e)) == 0 && (rc = json_parse(r->a,
	    buf_str(&text), text.len, &message, e)) == 0) {
		r->bulk_read = true;
		rc = scim_bulk_read(r->a, message, BULK_OPERATIONS, &r->bulk,
		    e);
	}
	buf_fini(&text);
	return rc;
}

static int bulk_record(struct reader *r, struct err *e)
{
	const struct scim_bulk_op *op;

	if (r->next_op == r->bulk.n)
		return 0;
	op = &r->bulk.op[r->next_op++];
	r->out.row = r->next_op;
	if (op->wrong != NULL)
		return err_set(e, ERR_ITEM_BAD, "%s", op->wrong);
	if (op->unknown != NULL || op->n_refs > 0)
		return err_set(e, ERR_ITEM_BAD, "operations of a feed do not "
		    "refer to each other by bulkId: name people by their "
		    "externalId");
	if (!str_starts(op->path, "/Users"))
		return err_set(e, ERR_ITEM_BAD, "path %.64s: a feed brings "
		    "people, /Users", op->path);
	r->out.leaver = str_eq(op->method, "DELETE");
	r->out.body = op->data;
	r->out.key = r->out.leaver && op->path[6] == '/' ? op->path + 7 : NULL;
	if (!r->out.leaver && (op->data == NULL ||
	    str_eq(op->method, "PATCH")))
		return err_set(e, ERR_ITEM_BAD, "a feed's operation is a POST "
		    "or PUT with the whole person as data, or a DELETE of "
		    "/Users/EXTERNALID");
	return 1;
}

/* --- all of them --------------------------------------------------------------------- */

static int start(struct reader *r, struct err *e)
{
	switch (r->f->kind) {
	case FEED_CSV:
		return csv_start(r, e);
	case FEED_XLSX:
		return xlsx_start(r, e);
	case FEED_XML:
		return xml_start(r, e);
	case FEED_LDIF:
		r->ldif = ldif_open(&r->source, NULL);
		return 0;
	case FEED_BULK:
		return bulk_start(r, e);
	}
	return err_set(e, ERR_UNSUPPORTED, "no such kind of feed");
}

int reader_open(const struct feed *f, int fd, struct reader **out,
    struct err *e)
{
	struct arena *a = arena_new();
	struct reader *r = arena_alloc(a, sizeof(*r));
	int rc;

	r->a = a;
	r->f = f;
	r->fd = fd;
	r->record = arena_new();
	r->source = (struct source){ .read = read_file, .ctx = r };
	r->column = arena_array(a, f->n_fields + 1, sizeof(*r->column));
	r->value = arena_array(a, f->n_fields + 1, sizeof(*r->value));
	r->said = arena_array(a, f->n_fields + 1, sizeof(*r->said));
	r->out.value = f->kind == FEED_BULK ? NULL : r->value;
	if ((rc = start(r, e)) != 0) {
		reader_close(r);
		return rc == ERR_ITEM_BAD ? ERR_INVALID : rc;
	}
	*out = r;
	return 0;
}

int reader_next(struct reader *r, const struct record **out, struct err *e)
{
	int rc;

	arena_reset(r->record);
	switch (r->f->kind) {
	case FEED_CSV: case FEED_XLSX:
		rc = table_record(r, e);
		break;
	case FEED_XML:
		rc = xml_next_record(r, e);
		break;
	case FEED_LDIF:
		rc = ldif_record(r, e);
		break;
	default:
		rc = bulk_record(r, e);
		break;
	}
	*out = &r->out;
	return rc;
}

void reader_close(struct reader *r)
{
	if (r->csv != NULL)
		csv_close(r->csv);
	if (r->xlsx != NULL)
		xlsx_close(r->xlsx);
	if (r->xml != NULL)
		xml_record_close(r->xml);
	if (r->ldif != NULL)
		ldif_close(r->ldif);
	if (r->bulk_read)
		scim_bulk_fini(&r->bulk);
	arena_free(r->record);
	arena_free(r->a);
}
