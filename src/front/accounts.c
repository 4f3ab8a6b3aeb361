/* SPDX-License-Identifier: ISC */
/* Accounts that come into an enterprise, one or up to a hundred at a time (L2,
 * L3), and the templates to write them in. */
#include <string.h>

#include "base/arena.h"
#include "codec/xlsx.h"
#include "core/authorise.h"
#include "core/enterprise.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/batch.h"
#include "front/catalogue.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/sheet.h"
#include "front/worker.h"

struct adding {
	struct batch batch;
	struct sheet sheet;
	struct enterprise_row *row;	/* of the good ones */
	size_t n;
	enum outcome *outcome;		/* one each */
	const char *enterprise, *company;
	bool plan;
};

static void set_row(struct adding *g, size_t i, const struct enterprise_row *r,
    bool changed)
{
	g->row[i].code = r->code;
	g->row[i].text = arena_strdup(g->batch.c->a, r->text);
	g->outcome[i] = catalogue_outcome(r->code, changed);
}

/* A number twice, and what else is wrong, was found when all were looked at;
 * what the world says of a good one is asked again. */
static struct change *decide(struct batch *b, size_t i, struct world_view *w,
    const struct actor *who, struct arena *a, uint8_t uuid[16])
{
	struct adding *g = b->ctx;
	struct enterprise_row one = { .row = g->row[i].row,
	    .number = g->row[i].number };
	const struct entry *en;
	struct err e = { 0 };

	(void)who;
	if (g->row[i].code != 0)
		return NULL;
	if (enterprise_add(a, g->enterprise, g->company, &one, 1,
	    &b->c->f->conf.help, world_lookups(w), &e) != 0) {
		one.code = e.code;
		one.text = e.text;
		one.change = NULL;
	}
	set_row(g, i, &one, one.change != NULL);
	en = catalogue_entry(w, b->c->f->conf.map, "Account", one.number);
	if (en == NULL || one.change == NULL)
		return NULL;
	memcpy(uuid, en->uuid, 16);
	return one.change;
}

static void wrote(struct batch *b, size_t i, const struct err *e)
{
	struct adding *g = b->ctx;

	if (e->code == 0)
		return;
	g->row[i].code = e->code;
	g->row[i].text = catalogue_failure(b->c->a, e);
	g->outcome[i] = catalogue_outcome(e->code, false);
}

static void over(struct batch *b)
{
	struct adding *g = b->ctx;
	struct arena *a = b->c->a;
	size_t count[N_OUTCOMES] = { 0 }, i;
	struct json *j, *list, *o;

	for (i = 0; i < g->n; i++)
		count[g->outcome[i]]++;
	j = catalogue_answer(b->c, g->plan, count);
	operations_put(a, j, "enterprise", g->enterprise);
	list = json_put(a, j, "outcomes", json_new(a, JSON_IS_ARRAY));
	for (i = 0; i < g->n; i++) {
		o = json_push(list, json_new(a, JSON_IS_OBJECT));
		json_put(a, o, "row", json_new_int(a,
		    (int64_t)g->row[i].row));
		operations_put(a, o, "account", g->row[i].number);
		catalogue_put(a, o, g->outcome[i], g->row[i].code,
		    g->row[i].text);
	}
	operations_answer(b->c, j);
}

/* --- reading ------------------------------------------------------------- */

/* May the actor, and is there such an enterprise? */
static int find_enterprise(struct adding *g, struct world_view *w,
    struct err *e)
{
	struct call *c = g->batch.c;
	const struct entry *en = catalogue_entry(w, c->f->conf.map,
	    "Enterprise", c->id);
	struct subject on = { .type = "Enterprise", .key = c->id };
	struct enterprise ent;
	struct actor who;
	int rc = call_actor(c, w, &who, e);

	if (en != NULL) {
		enterprise_read(world_arena(w), en, &ent, NULL);
		on.key = g->enterprise = arena_strdup(c->a, ent.id);
	}
	if (rc == 0)
		rc = authorise_actor(&who, OP_ADD_ACCOUNT, &on,
		    world_lookups(w), e);
	return rc != 0 || en != NULL ? rc : err_set(e, ERR_NOT_FOUND,
	    "there is no enterprise %.100s", c->id);
}

/* Rows that can't be read stand among the others with their number. */
static void make_rows(struct adding *g)
{
	struct arena *a = g->batch.c->a;
	size_t i;

	g->n = g->batch.n = g->sheet.n;
	g->row = arena_array(a, g->n, sizeof(*g->row));
	g->outcome = arena_array(a, g->n, sizeof(*g->outcome));
	for (i = 0; i < g->n; i++) {
		g->row[i].row = g->sheet.v[i].row;
		g->row[i].number = g->sheet.v[i].text;
	}
}

static void take_bad(struct adding *g)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		if (g->sheet.v[i].bad != NULL) {
			g->row[i].code = ERR_INVALID;
			g->row[i].text = g->sheet.v[i].bad;
		}
		g->outcome[i] = catalogue_outcome(g->row[i].code,
		    g->row[i].change != NULL);
	}
}

static int look(struct adding *g, struct err *e)
{
	struct call *c = g->batch.c;
	struct world_view *w;
	int rc = world_open(c->f->conf.view, c->f->conf.map, &w, e);

	if (rc == 0)
		rc = find_enterprise(g, w, e);
	if (rc == 0)
		rc = enterprise_add(c->a, g->enterprise, g->company, g->row,
		    g->n, &c->f->conf.help, world_lookups(w), e);
	world_close(w);
	return rc;
}

static const char *company_of(struct call *c)
{
	const char *s = c->body != NULL ? json_member_str(c->body,
	    "company") : call_arg(c, "company");

	return s != NULL ? s : "";
}

static void add_now(struct call *c)
{
	static const struct sheet_form form = { "accounts", "accountNumber",
	    "accounts (L2)", ENTERPRISE_MAX_ROWS };
	struct adding *g = arena_alloc(c->a, sizeof(*g));
	struct err e = { 0 };

	g->batch = (struct batch){ .c = c, .ctx = g, .decide = decide,
	    .wrote = wrote, .over = over };
	if (catalogue_mode(c, &g->plan) != 0 ||
	    sheet_read(c, &form, &g->sheet) != 0)
		return;
	g->company = company_of(c);
	make_rows(g);
	if (look(g, &e) != 0) {
		answer_error(c, &e);
		return;
	}
	take_bad(g);
	if (g->plan)
		over(&g->batch);
	else
		batch_run(&g->batch);
}

void accounts_add(struct call *c)
{
	worker_submit(c->f->worker, c, add_now);
}

/* --- templates ----------------------------------------------------------- */

static void answer_template(struct call *c, const char *name,
    int (*template)(struct buf *out, struct err *e))
{
	struct buf out;
	struct err e = { 0 };
	size_t len;
	char *file;

	buf_init(&out, (size_t)1 << 20);
	if (template(&out, &e) != 0) {
		buf_fini(&out);
		answer_error(c, &e);
		return;
	}
	answer_header(c, "Content-Disposition", arena_printf(c->a,
	    "attachment; filename=\"%s\"", name));
	file = buf_take(&out, &len);
	httpd_answer_take(c->q, 200, SHEET_XLSX_TYPE, file, len);
}

void accounts_template(struct call *c)
{
	answer_template(c, "accounts.xlsx", xlsx_template_accounts);
}

void group_services_template(struct call *c)
{
	answer_template(c, "services.xlsx", xlsx_template_services);
}
