/* SPDX-License-Identifier: ISC */
/* people_fixture: a, the arena of a file of tests against a private slapd, and
 * changes of people there. Included once. */
#ifndef TESTS_PEOPLE_FIXTURE_H
#define TESTS_PEOPLE_FIXTURE_H

#include "base/arena.h"
#include "link/ldapc.h"
#include "slapd_run.h"

static struct arena *a;

static const char *person_dn(const char *id)
{
	return arena_printf(a, "provostPersonId=%s,%s", id, SLAPD_PEOPLE);
}

static struct change *person(const char *id)
{
	struct change *c = change_new(a, CHANGE_ADD, person_dn(id));

	entry_add(a, c->entry, "objectClass", "inetOrgPerson");
	entry_add(a, c->entry, "objectClass", "provostUser");
	entry_add(a, c->entry, "provostPersonId", id);
	entry_add(a, c->entry, "uid", id);
	entry_add(a, c->entry, "cn", id);
	entry_add(a, c->entry, "sn", "Person");
	return c;
}

static struct change *title(const char *dn, const char *value)
{
	struct change *c = change_new(a, CHANGE_MODIFY, dn);

	change_set(a, c, MOD_REPLACE, "title", value);
	return c;
}

#endif
