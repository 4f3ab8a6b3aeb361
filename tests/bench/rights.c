/* SPDX-License-Identifier: ISC */
/* rights: the effective rights of N people with ten tools each, an account in
 * every tool. One line of JSON: people per second, the making of the entry
 * included, up to the rights with their paths; fails when one person's rights
 * are not all there. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/rights.h"
#include "../unit/world_table.h"

#define CATALOGUE 40	/* tools */
#define TOOLS 10	/* of a person */

static void fill(struct world_table *t)
{
	char ldif[200];
	int i;

	table_acme(t);
	for (i = 0; i < CATALOGUE; i++) {
		snprintf(ldif, sizeof(ldif), "dn: provostToolId=t%d\n"
		    "objectClass: provostTool\nprovostToolId: t%d\n", i, i);
		table_fill(t, ldif);
	}
}

/* Person i as the directory holds it. */
static struct entry *person_entry(struct arena *a, int i)
{
	static const char *const account[] = { "a11", "a12", "a21", "a22" };
	struct entry *e = arena_alloc(a, sizeof(*e));
	int k, tool;

	e->csn = e->creator = e->modifier = "";
	e->dn = arena_printf(a, "uid=u%d,ou=people", i);
	entry_add(a, e, "uid", arena_printf(a, "u%d", i));
	entry_add(a, e, "provostState", "active");
	entry_add(a, e, "provostCompany", "c1");
	entry_add(a, e, "provostCompany", "c2");
	for (k = 0; k < TOOLS; k++) {
		tool = (i + k) % CATALOGUE;
		entry_add(a, e, "provostToolGrant",
		    arena_printf(a, "t%d", tool));
		entry_add(a, e, "provostToolAccount", arena_printf(a,
		    "t%d %s", tool, account[(i + k) % 4]));
	}
	return e;
}

/* Exits when a right is missing. */
static void compute(const struct world_table *t, int i)
{
	struct arena *a = arena_new();
	struct entry *e = person_entry(a, i);
	int64_t accounts, groups, tools;
	struct person p;
	struct rights r;

	person_read(a, e, &p, NULL);
	rights_compute(a, &p, &t->world, table_noon(), &r);
	rights_counts(&r, &accounts, &groups, &tools);
	if (tools != TOOLS || r.n != 2 * TOOLS + 2 || r.problems.n > 0) {
		fprintf(stderr, "u%d has %" PRId64 " tools, %zu rights, %zu "
		    "problems\n", i, tools, r.n, r.problems.n);
		exit(1);
	}
	arena_free(a);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 100000, i;
	struct world_table *t = table_new();
	int64_t began;

	fill(t);
	began = clock_mono();
	for (i = 0; i < n; i++)
		compute(t, i);
	printf("{\"people\": %d, \"rate\": %.0f}\n", n,
	    n * 1e6 / (double)(clock_mono() - began));
	table_free(t);
	return 0;
}
