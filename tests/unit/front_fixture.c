/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "config/mapping.h"
#include "front_fixture.h"

void front_fixture_open(struct front_fixture *f)
{
	struct view_conf vc = { 0 };
	const char *note;
	bool fresh;

	strcpy(f->dir, "/tmp/test-front.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->a = arena_new();
	if (mapping_read(PROVOST_SRCDIR "/conf/mapping.conf", SUFFIX, &f->map,
	    &f->e) != 0)
		fail_msg("%s", f->e.text);
	vc = (struct view_conf){ .dir = arena_printf(f->a, "%s/view", f->dir),
	    .map_size = 64 << 20, .n_indexes = f->map->n_indexes };
	assert_int_equal(view_open(&vc, &f->view, &fresh, &f->e), 0);
	assert_int_equal(journal_open(f->dir, &f->journal, &note, &f->e), 0);
	assert_int_equal(intake_init(&f->in, f->map, f->journal, NULL, &f->e),
	    0);
	assert_int_equal(view_read_begin(f->view, &f->seen, &f->e), 0);
	assert_int_equal(view_write_begin(f->view, &f->w, &f->e), 0);
	intake_begin(&f->in, f->w, f->seen);
}

int front_fixture_start(struct front_fixture *f, const char *base_url)
{
	const struct guard_limits any = { 1000, UINT64_MAX, 0 };
	const struct guard_rules rules = { any, any, { 1000, 0, 0 } };
	struct held_conf hc = { .view = f->view, .map = f->map,
	    .limits = { .source = rules, .target = rules, .total = any } };
	struct front_conf fc = { .view = f->view, .map = f->map,
	    .journal = f->journal, .base_url = base_url,
	    .http = { .listen = "127.0.0.1:0" } };

	view_read_end(f->seen);
	assert_int_equal(view_write_commit(f->w, &f->e), 0);
	if (view_check(f->view, &f->e) != 0)
		fail_msg("%s", f->e.text);
	assert_int_equal(held_start(&hc, &f->held, &f->e), 0);
	fc.held = f->held;
	return front_start(&fc, &f->front, &f->e);
}

int front_fixture_close(struct front_fixture *f)
{
	char cmd[128];

	front_stop(f->front, 5);
	held_stop(f->held);
	intake_fini(&f->in);
	journal_close(f->journal);
	view_close(f->view);
	scim_map_free(f->map);
	arena_free(f->a);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", f->dir);
	return system(cmd);
}
