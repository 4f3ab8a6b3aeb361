/* SPDX-License-Identifier: ISC */
#include "front/sheet.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "codec/csv.h"
#include "codec/source.h"
#include "codec/xlsx.h"
#include "front/answer.h"

#define CSV_TYPE "text/csv"
#define BETWEEN " \t\r\n,;"

struct reading {
	struct call *c;
	const struct sheet_form *form;
	struct sheet *out;
};

static int too_many(const struct reading *g, struct err *e)
{
	return err_set(e, ERR_LIMIT, "more than %zu %s: at most %zu at once",
	    g->form->most, g->form->what, g->form->most);
}

static struct sheet_row *add(struct reading *g)
{
	struct sheet *s = g->out;

	if (s->n == s->cap) {
		size_t cap = s->cap != 0 ? s->cap * 2 : 64;

		s->v = arena_grow(g->c->a, s->v, s->n, cap, sizeof(*s->v));
		s->cap = cap;
	}
	return &s->v[s->n++];
}

/* Without the blanks around it; nothing at all is passed over. */
static int add_text(struct reading *g, size_t row, const char *s, size_t n,
    struct err *e)
{
	while (n != 0 && strchr(" \t\r\n", *s) != NULL)
		s++, n--;
	while (n != 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	if (n == 0)
		return 0;
	if (g->out->n == g->form->most)
		return too_many(g, e);
	*add(g) = (struct sheet_row){ .row = row,
	    .text = arena_strndup(g->c->a, s, n) };
	return 0;
}

static int add_bad(struct reading *g, size_t row, const struct err *why,
    struct err *e)
{
	if (g->out->n == g->form->most)
		return too_many(g, e);
	*add(g) = (struct sheet_row){ .row = row, .text = "",
	    .bad = arena_strdup(g->c->a, why->text) };
	return 0;
}

/* --- JSON ---------------------------------------------------------------- */

static int read_list(struct reading *g, const struct json *list,
    struct err *e)
{
	const struct json *el;
	size_t i = 0;
	int rc = 0;

	for (el = list->child; rc == 0 && el != NULL; el = el->next) {
		if (el->kind != JSON_IS_STRING)
			return err_set(e, ERR_INVALID, "%s: element %zu is no "
			    "string", g->form->member, i + 1);
		rc = add_text(g, ++i, el->s, strlen(el->s), e);
	}
	return rc;
}

static int read_text(struct reading *g, const char *s, struct err *e)
{
	size_t row = 0, n;
	int rc = 0;

	for (s += strspn(s, BETWEEN); rc == 0 && *s != '\0';
	    s += strspn(s, BETWEEN)) {
		n = strcspn(s, BETWEEN);
		rc = add_text(g, ++row, s, n, e);
		s += n;
	}
	return rc;
}

static int read_json(struct reading *g, struct err *e)
{
	const struct json *list = json_member(g->c->body, g->form->member);
	const char *text = json_member_str(g->c->body, "text");

	if (list != NULL && list->kind == JSON_IS_ARRAY)
		return read_list(g, list, e);
	if (text != NULL)
		return read_text(g, text, e);
	return err_set(e, ERR_INVALID, "\"%s\" is missing: a list of strings; "
	    "or \"text\" with commas or line ends between, or send a "
	    "spreadsheet as " SHEET_XLSX_TYPE " or " CSV_TYPE, g->form->member);
}

/* --- files --------------------------------------------------------------- */

static int read_xlsx(struct reading *g, struct err *e)
{
	/* What the largest body may come to; the rest is a bomb. */
	const struct xlsx_conf conf = { .limits = { .inflated = 32 << 20,
	    .strings = 16 << 20, .cells = 200000 } };
	const struct row *row;
	struct xlsx *x;
	struct err why = { 0 };
	size_t last = 0;
	int rc = xlsx_open(g->c->q->body, g->c->q->body_len, &conf, &x, e);

	if (rc != 0)
		return rc;
	while ((rc = xlsx_next(x, &row, &why)) == 1 || rc == ERR_ITEM_BAD) {
		if (rc == 1)
			last = (size_t)row->number;
		if (rc == ERR_ITEM_BAD)
			rc = add_bad(g, last + 1, &why, e);
		else if (row->number >= XLSX_TEMPLATE_ROW)
			rc = add_text(g, last, row_cell(row, 0),
			    strlen(row_cell(row, 0)), e);
		else
			rc = 0;
		if (rc != 0)
			break;
	}
	if (rc != 0 && e->code == 0)
		*e = why;
	xlsx_close(x);
	return rc;
}

/* The column that is meant, -1 and e otherwise. */
static int column_of(const struct reading *g, const struct row *header,
    struct err *e)
{
	struct columns *names;
	int col = -1;

	if (columns_new(header, &names, e) != 0)
		return -1;
	col = columns_find(names, g->form->column);
	if (col < 0 && header->n == 1)
		col = 0;
	columns_free(names);
	if (col < 0)
		err_set(e, ERR_INVALID, "CSV: row 1 names no column %s",
		    g->form->column);
	return col;
}

static int read_rows(struct reading *g, struct csv *f, int col,
    struct err *e)
{
	const struct row *row;
	struct err why = { 0 };
	size_t last = 1;
	int rc;

	while ((rc = csv_next(f, &row, &why)) == 1 || rc == ERR_ITEM_BAD) {
		if (rc == 1)
			last = (size_t)row->number;
		rc = rc == 1 ? add_text(g, last, row_cell(row, col),
		    strlen(row_cell(row, col)), e) :
		    add_bad(g, ++last, &why, e);
		if (rc != 0)
			return rc;
	}
	if (rc != 0)
		*e = why;
	return rc;
}

static int read_csv(struct reading *g, struct err *e)
{
	struct source src = source_mem(g->c->q->body, g->c->q->body_len);
	struct csv *f = csv_open(&src, NULL);
	const struct row *header;
	int rc = csv_next(f, &header, e), col;

	if (rc == 0)
		rc = err_set(e, ERR_INVALID, "CSV: the file is empty: a "
		    "header belongs in row 1, data in row 2 and on");
	if (rc == 1) {
		col = column_of(g, header, e);
		rc = col < 0 ? ERR_INVALID : read_rows(g, f, col, e);
	}
	csv_close(f);
	return rc;
}

/* --- whichever it is ----------------------------------------------------- */

static bool is_type(const char *type, const char *name)
{
	size_t n = type == NULL ? 0 : strcspn(type, "; \t");

	return n == strlen(name) && strncasecmp(type, name, n) == 0;
}

/* The whole file is bad, whatever the codec calls it. */
static void file_error(struct err *e)
{
	if (e->code != 0 && e->code != ERR_LIMIT)
		e->code = ERR_INVALID;
}

int sheet_read(struct call *c, const struct sheet_form *form,
    struct sheet *out)
{
	const char *type = call_header(c, "Content-Type");
	struct reading g = { c, form, out };
	struct err e = { 0 };
	int rc;

	*out = (struct sheet){ 0 };
	if (is_type(type, SHEET_XLSX_TYPE))
		rc = read_xlsx(&g, &e);
	else if (is_type(type, CSV_TYPE))
		rc = read_csv(&g, &e);
	else if (call_body(c) != 0)
		return -1;
	else
		rc = read_json(&g, &e);
	if (rc == 0 && out->n == 0)
		rc = err_set(&e, ERR_INVALID, "there is nothing in it: no %s",
		    form->what);
	file_error(&e);
	if (rc != 0)
		answer_error(c, &e);
	return rc != 0 ? -1 : 0;
}
