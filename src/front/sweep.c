/* SPDX-License-Identifier: ISC */
#include "front/sweep.h"

#include <string.h>

#define BATCH 500

struct place {
	struct view_pos pos;
	bool begun, over;
};

static int batch(struct world_view *w, int type, struct place *p,
    void (*each)(void *arg, struct world_view *w, struct view_item *item),
    void *arg, struct err *e)
{
	struct view_iter *it;
	struct view_item item;
	unsigned n = 0;
	int rc = view_iter_type(world_read(w), type, false, 0,
	    p->begun ? &p->pos : NULL, &it, e);

	if (rc != 0)
		return rc;
	while (n++ < BATCH && !(p->over = !view_iter_next(it, &item))) {
		p->pos.created = item.created;
		memcpy(p->pos.uuid, item.uuid, 16);
		p->begun = true;
		view_item_entry(world_arena(w), &item);
		each(arg, w, &item);
	}
	view_iter_free(it);
	return 0;
}

int sweep_type(struct call *c, int type, void (*each)(void *arg,
    struct world_view *w, struct view_item *item), void (*after_batch)(
    void *arg, struct world_view *w), void *arg, struct err *e)
{
	struct place p = { 0 };
	struct world_view *w;
	int rc = 0;

	while (rc == 0 && !p.over) {
		rc = world_open(c->f->conf.view, c->f->conf.map, &w, e);
		if (rc != 0)
			break;
		rc = batch(w, type, &p, each, arg, e);
		if (after_batch != NULL)
			after_batch(arg, w);
		world_close(w);
	}
	return rc;
}
