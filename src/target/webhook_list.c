/* SPDX-License-Identifier: ISC */
/*
 * Who holds what, asked at list_url with an event signed like all others:
 *
 * {"type":"grants.list","timestamp":"..","data":{"cursor":".."}}
 *
 * without a cursor for the first page. The answer is a page of accounts; next
 * is the cursor of the one behind it and absent from the last; total, where it
 * is given, is the number of accounts on all pages:
 *
 * {"total":2,"next":"..","accounts":[{"id":"..","externalId":"<entryUUID>",
 *  "name":"..","active":true,"tools":[{"tool":"wan-analysis",
 *  "accounts":["100001"]}]}]}
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "target/pages.h"
#include "target/webhook_p.h"

struct reading {
	struct pages p;			/* first */
	struct webhook *w;
};

/* --- a page ------------------------------------------------------------- */

static void read_held(struct pages *p, const struct json *tools,
    struct target_account *acc)
{
	struct target_holding *held = arena_array(p->a, tools != NULL ?
	    tools->n + 1 : 1, sizeof(*held));
	const struct json *t, *list;

	for (t = tools != NULL ? tools->child : NULL; t != NULL; t = t->next) {
		struct target_holding *h = &held[acc->n];

		h->tool = target_tool(p->l, json_member_str(t, "tool"));
		if (h->tool == NULL)
			continue;
		list = json_member(t, "accounts");
		for (list = list != NULL ? list->child : NULL; list != NULL;
		    list = list->next)
			if (list->kind == JSON_IS_STRING)
				strv_add(p->a, &h->accounts, list->s);
		acc->n++;
	}
	acc->held = held;
}

static void tell(struct pages *p, const struct json *j)
{
	const char *external = json_member_str(j, "externalId");
	const char *id = json_member_str(j, "id");
	const char *name = json_member_str(j, "name");
	struct target_account acc = { .by = TARGET_BY_ID, .name =
	    name != NULL ? name : id, .key = external != NULL ? external : "",
	    .active = json_member_bool(j, "active", true) };

	read_held(p, json_member(j, "tools"), &acc);
	pages_tell(p, id, &acc);
}

static void take(struct pages *p, const struct json *page)
{
	const struct json *list = json_member(page, "accounts"), *j;

	if (list == NULL || list->kind != JSON_IS_ARRAY)
		pages_wrong(p, "the answer is no page: it has no accounts");
	pages_total(p, json_member_int(page, "total", -1));
	for (j = list != NULL ? list->child : NULL; j != NULL &&
	    p->err.code == 0; j = j->next)
		tell(p, j);
	pages_next(p, json_member_str(page, "next"), false);
}

/* --- asking ------------------------------------------------------------- */

static void put_event(struct pages *p, struct buf *body)
{
	struct json *event = json_new(p->a, JSON_IS_OBJECT), *data;
	char when[32];

	json_put(p->a, event, "type", json_new_str(p->a, "grants.list"));
	json_put(p->a, event, "timestamp", json_new_str(p->a,
	    clock_print_rfc3339(clock_now(), when)));
	data = json_put(p->a, event, "data", json_new(p->a, JSON_IS_OBJECT));
	if (p->cursor != NULL)
		json_put(p->a, data, "cursor", json_new_str(p->a, p->cursor));
	json_write(body, event);
}

static void ask(struct pages *p)
{
	struct webhook *w = ((struct reading *)(void *)p)->w;
	const char *id = arena_printf(p->a, "list-%" PRId64 "-%u-%zu-%u",
	    clock_now(), w->lists, p->n_cursors, p->tries);
	struct buf body;
	struct err e;
	int rc;

	buf_init(&body, WEBHOOK_MAX_BODY);
	put_event(p, &body);
	rc = webhook_send(w, p->a, w->t.conf.list_url, id, &body, PAGES_MAX,
	    pages_answered, p, &e);
	buf_fini(&body);
	if (rc != 0)
		pages_stop(p, ERR_STOP, &e);
}

void webhook_list(struct target *t, const struct target_lister *l)
{
	struct webhook *w = (struct webhook *)(void *)t;
	struct reading *r;
	struct err e;

	if (*t->conf.list_url == '\0') {
		l->done(l->ctx, err_set(&e, ERR_UNSUPPORTED, "the target has "
		    "no list_url"), &e);
		return;
	}
	if ((r = calloc(1, sizeof(*r))) == NULL)
		abort();
	r->w = w;
	w->lists++;
	pages_begin(&r->p, l, "listing the grants", ask, take);
	ask(&r->p);
}
