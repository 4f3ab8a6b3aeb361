/* SPDX-License-Identifier: ISC */
/* world_fixture: for a file of tests of which each has t, a new world with the
 * acme enterprise in it. Included once. */
#ifndef TESTS_WORLD_FIXTURE_H
#define TESTS_WORLD_FIXTURE_H

#include "world_table.h"

static struct world_table *t;

static int setup(void **state)
{
	(void)state;
	t = table_new();
	table_acme(t);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

#endif
