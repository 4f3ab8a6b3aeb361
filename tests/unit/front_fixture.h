/* SPDX-License-Identifier: ISC */
/*
 * front_fixture: a front over a view that intake fills, with the mapping that
 * is shipped and no directory behind. front_fixture_open, intake_put to in,
 * front_fixture_start, questions, front_fixture_close. A failure ends the test.
 */
#ifndef TESTS_FRONT_FIXTURE_H
#define TESTS_FRONT_FIXTURE_H

#include "directory/intake.h"
#include "directory/held.h"
#include "front/front.h"

#define SUFFIX "dc=example,dc=com"

struct front_fixture {
	char dir[64];
	struct arena *a;
	struct scim_map *map;
	struct view *view;
	struct journal *journal;
	struct intake in;
	struct view_write *w;
	struct view_read *seen;
	struct held *held;
	struct front *front;
	struct err e;
};

void front_fixture_open(struct front_fixture *f);
/* Commits what was put; 0, for a cmocka set-up to return. */
int front_fixture_start(struct front_fixture *f, const char *base_url);
int front_fixture_close(struct front_fixture *f);

#endif
