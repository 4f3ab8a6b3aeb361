/* SPDX-License-Identifier: ISC */
/*
 * Who has which right, as CSV for spreadsheet programs or as JSON lines for
 * others. It is written to a file without a name first and sent from there:
 * memory does not grow with the directory, no snapshot is held while somebody
 * reads slowly, and nobody is sent half of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/csv.h"
#include "core/authorise.h"
#include "core/explain.h"
#include "core/given.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/catalogue.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/sweep.h"
#include "front/worker.h"

#define CSV_TYPE "text/csv; charset=utf-8"
#define LINES_TYPE "application/x-ndjson"
#define PIECE ((size_t)64 << 10)

enum { ID, USER_NAME, NAME, STATE, RIGHT, KIND, KEY, ACCOUNT, COMPANY,
	GRANTED, CONFIRMED, WHY, PATHS, ORIGIN, SINCE, COLUMNS };
static const char *const column[COLUMNS] = { "id", "userName", "displayName",
	"userState", "right", "kind", "key", "account", "company", "granted",
	"state", "why", "paths", "origin", "since" };

struct export {
	struct call *c;
	bool lines;			/* JSON, not CSV */
	const char *user, *tool, *company, *kind;	/* NULL: any */
	const char *granted;
	FILE *file;
	struct buf out;
	struct arena *scratch;		/* of one person */
	bool acting;			/* who is of this batch's world */
	struct actor who;
	struct err e;			/* what stopped it */
};

/* --- one right ----------------------------------------------------------- */

static const char *kind_word(enum right_kind k)
{
	static const char *const words[] = { [RIGHT_ROLE] = "role",
	    [RIGHT_COMPANY] = "company", [RIGHT_ACCOUNT] = "account",
	    [RIGHT_ALL_ACCOUNTS] = "all-accounts", [RIGHT_GROUP] = "group",
	    [RIGHT_TOOL] = "tool", [RIGHT_TOOL_ACCOUNT] = "tool-account",
	    [RIGHT_PORTAL] = "portal", [RIGHT_CPNI] = "cpni",
	    [RIGHT_MAIL] = "mail" };

	return words[k];
}

/* "" none. */
static const char *company_of(const struct world *w, const struct right *r)
{
	const char *id = r->kind == RIGHT_COMPANY ? r->key :
	    given_company(w, r);

	return id != NULL ? id : "";
}

static bool wanted(const struct export *x, const struct right *r,
    const char *company, bool granted)
{
	bool tool = r->kind == RIGHT_TOOL || r->kind == RIGHT_TOOL_ACCOUNT;

	return (x->kind == NULL || str_ieq(x->kind, kind_word(r->kind))) &&
	    (x->tool == NULL || (tool && str_ieq(x->tool, r->key))) &&
	    (x->company == NULL || str_ieq(x->company, company)) &&
	    (x->granted == NULL || granted == str_ieq(x->granted, "true"));
}

static const char *paths_of(struct arena *a, const struct effective *ef)
{
	static const char *const words[] = { [PATH_DIRECT] = "direct",
	    [PATH_ALL_ACCOUNTS] = "all-accounts",
	    [PATH_GROUP_IDENTIFIER] = "group", [PATH_RULE] = "rule",
	    [PATH_ROLE] = "role" };
	const char *s = "";
	size_t i;

	for (i = 0; i < ef->n_paths; i++) {
		const struct path *p = &ef->path[i];

		s = arena_printf(a, "%s%s%s%s%s", s, i != 0 ? " " : "",
		    words[p->kind], p->via != NULL && *p->via != '\0' ? ":" :
		    "", p->via != NULL ? p->via : "");
	}
	return s;
}

static void put_origin(struct arena *a, const struct effective *ef,
    const char **cell)
{
	char text[32];
	size_t i;

	for (i = 0; i < ef->n_paths; i++)
		if (ef->path[i].provenance != NULL) {
			cell[ORIGIN] = ef->path[i].provenance->origin;
			cell[SINCE] = arena_strdup(a, clock_print_rfc3339(
			    ef->path[i].provenance->time, text));
			return;
		}
}

static void put_line(struct export *x, const char *const *cell)
{
	static const struct csv_format format = { .guard = true };
	size_t i;

	if (!x->lines) {
		csv_put(&x->out, &format, cell, COLUMNS);
		return;
	}
	for (i = 0; i < COLUMNS; i++) {
		buf_puts(&x->out, i == 0 ? "{" : ",");
		json_text(&x->out, column[i]);
		buf_putc(&x->out, ':');
		if (i == GRANTED)
			buf_puts(&x->out, cell[i]);
		else
			json_text(&x->out, cell[i]);
	}
	buf_puts(&x->out, "}\n");
}

static void put_right(struct export *x, const struct person *p,
    const struct effective *ef, const struct receipts *rec,
    const struct world *w)
{
	const char *company = company_of(w, &ef->right);
	struct arena *a = x->scratch;
	const char *cell[COLUMNS] = { [ID] = p->id, [USER_NAME] = p->uid,
	    [NAME] = p->display, [STATE] = person_state_word(p->state),
	    [KIND] = kind_word(ef->right.kind), [KEY] = ef->right.key,
	    [ACCOUNT] = ef->right.account, [COMPANY] = company,
	    [GRANTED] = ef->granted ? "true" : "false",
	    [ORIGIN] = "", [SINCE] = "" };

	if (!wanted(x, &ef->right, company, ef->granted))
		return;
	cell[RIGHT] = right_print(a, &ef->right);
	cell[CONFIRMED] = explain_state(&ef->right, ef->granted, rec->v,
	    rec->n);
	cell[WHY] = !ef->granted && ef->why != NULL ? ef->why : "";
	cell[PATHS] = paths_of(a, ef);
	put_origin(a, ef, cell);
	put_line(x, cell);
}

/* --- everybody ----------------------------------------------------------- */

static bool act(struct export *x, struct world_view *w)
{
	if (!x->acting)
		x->acting = call_actor(x->c, w, &x->who, &x->e) == 0;
	return x->acting;
}

static void flush(struct export *x)
{
	if (x->out.failed || (x->out.len != 0 && fwrite(buf_str(&x->out), 1,
	    x->out.len, x->file) != x->out.len))
		err_set(&x->e, ERR_IO, "export: cannot write its temporary "
		    "file: is the disk full?");
	buf_reset(&x->out);
}

static bool is_user(const struct export *x, const struct person *p)
{
	return x->user == NULL || str_ieq(x->user, p->id) ||
	    str_ieq(x->user, p->uid) || str_ieq(x->user, p->person_id);
}

static void put_person(struct export *x, struct world_view *w,
    const struct person *p)
{
	enum sight sight = authorise_sees(x->scratch, &x->who, p,
	    world_lookups(w));
	struct receipts rec;
	struct rights rights;
	struct reach r;
	size_t i;

	if (sight == SIGHT_NONE || sight == SIGHT_CONTACT)
		return;
	rec = world_receipts(w, p->id);
	rights_compute(x->scratch, p, world_lookups(w), clock_now(), &rights);
	reach_init(x->scratch, &x->who, p, world_lookups(w), &r);
	for (i = 0; i < rights.n; i++)
		if (sight == SIGHT_FULL || reach_sees(&r,
		    &rights.v[i].right))
			put_right(x, p, &rights.v[i], &rec,
			    world_lookups(w));
}

static void each_person(void *arg, struct world_view *w,
    struct view_item *item)
{
	struct export *x = arg;
	const struct person *p = world_person(w, item->uuid);

	if (p == NULL || x->e.code != 0 || !act(x, w) || !is_user(x, p))
		return;
	put_person(x, w, p);
	arena_reset(x->scratch);
	if (x->out.len > PIECE)
		flush(x);
}

static void after_batch(void *arg, struct world_view *w)
{
	struct export *x = arg;

	(void)w;
	x->acting = false;
}

static void make(struct export *x)
{
	const struct scim_resource *r = scim_map_name(x->c->f->conf.map,
	    "User");

	if (!x->lines)
		csv_put(&x->out, NULL, column, COLUMNS);
	sweep_type(x->c, r->type, each_person, after_batch, x, &x->e);
	flush(x);
	if (x->e.code == 0 && (fflush(x->file) != 0 ||
	    fseek(x->file, 0, SEEK_SET) != 0))
		err_set(&x->e, ERR_IO, "export: cannot read its temporary "
		    "file");
}

/* --- sending ------------------------------------------------------------- */

static ssize_t send_piece(void *ctx, char *out, size_t max)
{
	size_t n = fread(out, 1, max, ctx);

	return n == 0 && ferror((FILE *)ctx) ? -1 : (ssize_t)n;
}

static void send_end(void *ctx)
{
	fclose(ctx);
}

static void send_file(struct export *x)
{
	const struct httpd_stream s = { .read = send_piece,
	    .free = send_end, .ctx = x->file };

	answer_header(x->c, "Content-Disposition", x->lines ?
	    "attachment; filename=\"rights.jsonl\"" :
	    "attachment; filename=\"rights.csv\"");
	httpd_answer_stream(x->c->q, 200, x->lines ? LINES_TYPE : CSV_TYPE,
	    &s);
}

static void export_now(struct call *c)
{
	struct export *x = c->work;

	x->file = tmpfile();
	if (x->file == NULL) {
		answer_status(c, 500, "", "export: no temporary file can be "
		    "made: see TMPDIR and the disk");
		return;
	}
	x->scratch = arena_new();
	buf_init(&x->out, ANSWER_MAX);
	make(x);
	buf_fini(&x->out);
	arena_free(x->scratch);
	/* x goes with the answer. */
	if (x->e.code == 0) {
		send_file(x);
	} else {
		fclose(x->file);
		answer_error(c, &x->e);
	}
}

static int read_filters(struct export *x)
{
	struct call *c = x->c;
	int k;

	x->user = call_arg(c, "user");
	x->tool = call_arg(c, "tool");
	x->company = call_arg(c, "company");
	x->kind = call_arg(c, "kind");
	x->granted = call_arg(c, "granted");
	for (k = RIGHT_ROLE; x->kind != NULL && k <= RIGHT_CPNI; k++)
		if (str_ieq(x->kind, kind_word((enum right_kind)k)))
			break;
	if (x->kind != NULL && k > RIGHT_CPNI)
		answer_status(c, 400, "", "kind is role, company, account, "
		    "all-accounts, group, tool, tool-account, portal or cpni");
	else if (x->granted != NULL && !str_ieq(x->granted, "true") &&
	    !str_ieq(x->granted, "false"))
		answer_status(c, 400, "", "granted is true or false");
	else
		return 0;
	return -1;
}

void export_rights(struct call *c)
{
	const char *accept = call_header(c, "Accept");
	const char *format = call_arg(c, "format");
	struct export *x = arena_alloc(c->a, sizeof(*x));

	x->c = c;
	x->lines = format != NULL ? str_ieq(format, "json") : accept != NULL &&
	    strcasestr(accept, "application/json") != NULL;
	if (read_filters(x) != 0)
		return;
	c->work = x;
	worker_submit(c->f->worker, c, export_now);
}
