/* SPDX-License-Identifier: ISC */
/* Tools for a user out of the products of what they have (V21). */
#include "base/arena.h"
#include "core/recommend.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/catalogue.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/worker.h"

static void put_tool(struct call *c, struct json *list,
    const struct recommendation *x)
{
	struct json *j = json_push(list, json_new(c->a, JSON_IS_OBJECT));

	operations_put(c->a, j, "tool", x->tool->id);
	operations_put(c->a, j, "name", x->tool->name);
	json_put(c->a, j, "restricted", json_new_bool(c->a,
	    x->tool->restricted));
	if (x->tool->restricted)
		operations_put(c->a, j, "how", "contact the help desk: only "
		    "provider staff grant it (V6)");
	operations_put_list(c->a, j, "products", &x->products);
	operations_put_list(c->a, j, "accounts", &x->accounts);
}

static int recommend(struct call *c, struct world_view *w, struct json *j,
    struct err *e)
{
	struct recommendation *v;
	const struct person *p;
	struct rights rights;
	struct actor who;
	struct json *list;
	size_t n, i;
	int rc = call_actor(c, w, &who, e);

	if (rc == 0)
		rc = catalogue_rights(c, w, &who, call_arg(c, "user"), &p,
		    &rights, e);
	if (rc != 0)
		return rc;
	operations_put(c->a, j, "user", p->id);
	operations_put(c->a, j, "userName", p->uid);
	list = json_put(c->a, j, "tools", json_new(c->a, JSON_IS_ARRAY));
	n = recommend_tools(world_arena(w), &rights, world_lookups(w), &v);
	for (i = 0; i < n; i++)
		put_tool(c, list, &v[i]);
	return 0;
}

static void recommended_now(struct call *c)
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT);
	struct world_view *w;
	struct err e = { 0 };
	int rc = world_open(c->f->conf.view, c->f->conf.map, &w, &e);

	if (rc == 0)
		rc = recommend(c, w, j, &e);
	world_close(w);
	if (rc != 0)
		answer_error(c, &e);
	else
		operations_answer(c, j);
}

void recommended_tools(struct call *c)
{
	worker_submit(c->f->worker, c, recommended_now);
}
