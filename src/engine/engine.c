/* SPDX-License-Identifier: ISC */
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "directory/owed.h"
#include "directory/world.h"
#include "engine/dispatch.h"
#include "engine/drift.h"
#include "engine/reconcile.h"

struct engine {
	struct reconcile *reconcile;	/* owned */
	struct dispatch *dispatch;	/* owned */
	struct drift *drift;		/* owned */
	struct view *view;
	const struct scim_map *map;
	struct target_source source;
};

static int64_t or_default(int64_t v, int64_t dflt)
{
	return v > 0 ? v : dflt;
}

static void recheck(void *ctx, const char *person_id)
{
	struct engine *g = ctx;

	reconcile_touch(g->reconcile, person_id);
}

/* From the dispatch thread. */
static int letter(void *ctx, struct arena *a, const char *person_id,
    const struct action *act, const char *link, struct letter *out,
    struct err *e)
{
	struct engine *g = ctx;
	struct world_view *w;
	struct ways ways;
	int rc;

	if (world_open(g->view, g->map, &w, e) != 0)
		return ERR_RETRY;
	reconcile_ways(g->reconcile, &ways);
	rc = owed_letter(a, w, &ways, g->map->code_key, person_id, act->tool,
	    link, clock_now(), out, e);
	world_close(w);
	return rc;
}

struct gathering {
	struct arena *a;
	const char *target;
	struct strv tools;
};

static bool gather(void *arg, const struct tool *t)
{
	struct gathering *g = arg;

	if (g->target == NULL || str_eq(t->target, g->target))
		strv_add(g->a, &g->tools, arena_strdup(g->a, t->id));
	return true;
}

/* From the dispatch thread and drift's. */
static int tools(void *ctx, struct arena *a, const char *target,
    struct strv *out, struct err *e)
{
	struct gathering found = { .a = a, .target = target };
	struct engine *g = ctx;
	struct world_view *w;
	const struct world *look;

	if (world_open(g->view, g->map, &w, e) != 0)
		return ERR_RETRY;
	look = world_lookups(w);
	look->tools(look->ctx, gather, &found);
	world_close(w);
	*out = found.tools;
	return 0;
}

static struct dispatch_conf dispatch_conf(struct engine *g,
    const struct engine_conf *c)
{
	return (struct dispatch_conf){ .view = c->view, .map = c->map,
	    .writer = c->writer, .lease = c->lease, .target = c->target,
	    .n_targets = c->n_targets,
	    .retry_base = or_default(c->retry_base, CLOCK_SECOND),
	    .retry_max = or_default(c->retry_max, 300 * CLOCK_SECOND),
	    .overdue = or_default(c->overdue, 48 * 3600 * CLOCK_SECOND),
	    .source = &g->source, .recheck = recheck, .ctx = g };
}

static struct ways ways(const struct engine_conf *c)
{
	struct ways w = { 0 };
	size_t i;

	for (i = 0; i < c->n_targets; i++)
		w.mail |= str_eq(c->target[i].kind, target_mail.name);
	if (c->phone != NULL)
		snprintf(w.phone, sizeof(w.phone), "%s", c->phone);
	if (c->post != NULL)
		snprintf(w.post, sizeof(w.post), "%s", c->post);
	return w;
}

static struct reconcile_conf reconcile_conf(const struct engine_conf *c)
{
	return (struct reconcile_conf){ .view = c->view, .map = c->map,
	    .writer = c->writer, .sync = c->sync, .held = c->held,
	    .lease = c->lease, .grace = c->grace,
	    .full_interval = or_default(c->full_interval,
	    3600 * CLOCK_SECOND), .ways = ways(c) };
}

static struct drift_conf drift_conf(const struct engine *g,
    const struct engine_conf *c)
{
	return (struct drift_conf){ .view = c->view, .map = c->map,
	    .sync = c->sync, .lease = c->lease, .held = c->held,
	    .dispatch = g->dispatch, .interval = c->drift_interval,
	    .guard = c->drift_guard };
}

static int start_drift(struct engine *g, const struct engine_conf *c,
    struct err *e)
{
	const struct drift_conf dc = drift_conf(g, c);

	return drift_start(&dc, &g->drift, e);
}

int engine_start(const struct engine_conf *c, struct engine **out,
    struct err *e)
{
	struct engine *g = calloc(1, sizeof(*g));
	const struct dispatch_conf dc = dispatch_conf(g, c);
	const struct reconcile_conf live = reconcile_conf(c);
	int rc;

	if (g == NULL)
		abort();
	g->view = c->view;
	g->map = c->map;
	g->source = (struct target_source){ g, letter, tools };
	g->reconcile = reconcile_new(&live);
	if ((rc = dispatch_start(&dc, &g->dispatch, e)) != 0 ||
	    (rc = start_drift(g, c, e)) != 0 ||
	    (rc = reconcile_start(g->reconcile, g->dispatch, e)) != 0) {
		engine_stop(g, 0);
		return rc;
	}
	*out = g;
	return 0;
}

void engine_stop(struct engine *g, unsigned drain)
{
	if (g == NULL)
		return;
	drift_stop(g->drift);
	reconcile_stop(g->reconcile);
	dispatch_stop(g->dispatch, drain);
	reconcile_free(g->reconcile);
	free(g);
}

int engine_reload(struct engine *g, const struct engine_conf *c,
    struct err *e)
{
	const struct dispatch_conf dc = dispatch_conf(g, c);
	const struct reconcile_conf live = reconcile_conf(c);
	const struct drift_conf fresh = drift_conf(g, c);
	int rc = dispatch_reload(g->dispatch, &dc, e);

	if (rc != 0)
		return rc;
	drift_reload(g->drift, &fresh);
	reconcile_reload(g->reconcile, &live);
	return 0;
}

void engine_ways(void *engine, struct ways *out)
{
	struct engine *g = engine;

	reconcile_ways(g->reconcile, out);
}

void engine_go(void *engine)
{
	struct engine *g = engine;

	reconcile_go(g->reconcile);
}

void engine_describe(void *engine, struct buf *out)
{
	struct engine *g = engine;

	buf_putc(out, '{');
	reconcile_describe(g->reconcile, out);
	buf_putc(out, ',');
	dispatch_describe(g->dispatch, out);
	buf_putc(out, '}');
}

int engine_targets(void *engine, const char *target, struct buf *out,
    struct err *e)
{
	struct engine *g = engine;

	(void)target;
	(void)e;
	dispatch_targets(g->dispatch, out);
	return 0;
}

int engine_parked(void *engine, const char *target, struct buf *out,
    struct err *e)
{
	struct engine *g = engine;

	return dispatch_parked(g->dispatch, target, out, e);
}

int engine_retry(void *engine, const char *target, const struct strv *people,
    size_t *n, struct err *e)
{
	struct engine *g = engine;

	return dispatch_retry(g->dispatch, target, people, n, e);
}

int engine_compare(void *engine, const char *target, bool accept,
    struct buf *out, struct err *e)
{
	struct engine *g = engine;

	return drift_now(g->drift, target, accept, out, e);
}

int engine_compared(void *engine, const char *target, struct buf *out,
    struct err *e)
{
	struct engine *g = engine;

	return drift_report(g->drift, target, out, e);
}

int engine_rows(void *engine, const char *target, int *fd, struct err *e)
{
	struct engine *g = engine;

	return drift_csv(g->drift, target, fd, e);
}
