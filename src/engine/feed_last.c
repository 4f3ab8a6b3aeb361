/* SPDX-License-Identifier: ISC */
#include "engine/feed_last.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "directory/intake.h"
#include "model/dn.h"

#define DATA "provostJobData"

static void read_data(struct arena *a, const struct entry *e,
    struct feed_last *out)
{
	const struct attr *at = entry_attr(e, DATA);
	int64_t rows;
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++) {
		const char *s = at->v[i].p;

		if (str_starts(s, "rows ") && str_int(s + 5, &rows) &&
		    rows >= 0)
			out->rows = (uint64_t)rows;
		/* By time: it stands behind the sum, which has one length. */
		else if (str_starts(s, "file ") && strlen(s) > 5 + 65)
			strv_add(a, &out->file, arena_printf(a, "%s %.64s",
			    s + 5 + 65, s + 5));
	}
	strv_sort(&out->file);
}

int feed_last_read(struct view *v, const struct scim_map *m, struct arena *a,
    const char *name, struct feed_last *out, struct err *e)
{
	struct view_read *r;
	struct view_item item;
	const char *norm;
	int rc = view_read_begin(v, &r, e);

	if (rc != 0)
		return rc;
	*out = (struct feed_last){ .csn = "" };
	out->dn = dn_make(a, "provostJobId", arena_printf(a, "feed.%s", name),
	    arena_printf(a, INTAKE_JOBS_OU ",%s", m->suffix));
	norm = dn_normal(a, out->dn, NULL);
	if (norm != NULL && view_find(r, INTAKE_JOBS, SCIM_INDEX_DN, norm,
	    &item) == 0) {
		view_item_entry(a, &item);
		out->there = true;
		out->csn = arena_strdup(a, item.csn);
		read_data(a, &item.entry, out);
	}
	view_read_end(r);
	return 0;
}

const char *feed_last_when(struct arena *a, const struct feed_last *l,
    const char *sum, bool *latest)
{
	size_t i;

	for (i = l->file.n; i > 0; i--) {
		const char *space = strchr(l->file.v[i - 1], ' ');

		if (space == NULL || strcmp(space + 1, sum) != 0)
			continue;
		*latest = i == l->file.n;
		return arena_strndup(a, l->file.v[i - 1],
		    (size_t)(space - l->file.v[i - 1]));
	}
	return NULL;
}

static void put_data(struct arena *a, const struct feed_last *l, struct mod *m,
    uint64_t rows, const char *sum)
{
	size_t i = l->file.n >= FEED_LAST_FILES ?
	    l->file.n - FEED_LAST_FILES + 1 : 0;
	char now[24];

	mod_value(a, m, arena_printf(a, "rows %" PRIu64, rows));
	for (; i < l->file.n; i++) {
		const char *space = strchr(l->file.v[i], ' ');

		if (strcmp(space + 1, sum) != 0)
			mod_value(a, m, arena_printf(a, "file %s %.*s",
			    space + 1, (int)(space - l->file.v[i]),
			    l->file.v[i]));
	}
	mod_value(a, m, arena_printf(a, "file %s %s", sum,
	    clock_print_gt_us(clock_now(), now)));
}

int feed_last_write(struct writer *w, struct arena *a,
    const struct feed_last *l, const char *name, uint64_t rows,
    const char *sum, struct err *e)
{
	struct change *c = change_new(a, l->there ? CHANGE_MODIFY : CHANGE_ADD,
	    l->dn);
	struct writer_result res;
	struct mod data = { .op = MOD_REPLACE, .name = DATA };
	size_t i;
	int rc;

	put_data(a, l, &data, rows, sum);
	if (l->there) {
		*change_mod(a, c, MOD_REPLACE, DATA) = data;
		c->assert_csn = l->csn;
	} else {
		c->entry = arena_alloc(a, sizeof(*c->entry));
		c->entry->dn = l->dn;
		entry_add(a, c->entry, "objectClass", "provostJob");
		entry_add(a, c->entry, "provostJobId", arena_printf(a,
		    "feed.%s", name));
		entry_add(a, c->entry, "provostJobKind", "feed");
		for (i = 0; i < data.n; i++)
			entry_add(a, c->entry, DATA, data.v[i].p);
	}
	if ((rc = writer_call(w, c, NULL, true, &res)) != 0)
		err_set(e, rc, "%s", res.err.text);
	return rc;
}
