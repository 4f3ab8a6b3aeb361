/* SPDX-License-Identifier: ISC */
/* world_table: a struct world over tables that a test fills, and people and
 * requests made from lines of LDIF. Look-ups walk the tables. */
#ifndef TESTS_WORLD_TABLE_H
#define TESTS_WORLD_TABLE_H

#include "model/catalog.h"
#include "model/change.h"
#include "model/request.h"

#define TABLE_MAX 64

struct world_table {
	struct arena *a;
	struct world world;	/* what the code under test gets */
	struct role role[TABLE_MAX];
	struct enterprise enterprise[TABLE_MAX];
	struct company company[TABLE_MAX];
	struct account account[TABLE_MAX];
	struct group_identifier group[TABLE_MAX];
	struct tool tool[TABLE_MAX];
	struct rule rule[TABLE_MAX];
	struct service service[TABLE_MAX];
	struct person contact[TABLE_MAX];	/* primary contacts */
	size_t n_role, n_enterprise, n_company, n_account, n_group, n_tool,
	    n_rule, n_service, n_contact;
};

struct world_table *table_new(void);
void table_free(struct world_table *t);
/* One entry from "attribute: value" lines; "dn: ..." first. Its object class
 * says what is read into the tables; a person or request only returns, but a
 * primary contact with the class provostUser is known to the world. */
struct entry *table_entry(struct world_table *t, const char *ldif);
/* Several entries, an empty line between them. */
void table_fill(struct world_table *t, const char *ldif);
/* The acme enterprise: acme and (inactive) dormant, companies c1 c2 (acme) and
 * c9 (dormant), accounts a11 a12 (c1) a21 a22 (c2) a91 (c9), tools wan, voip
 * (target t) and fire (restricted), the roles, group identifiers. */
void table_acme(struct world_table *t);
struct person *table_person(struct world_table *t, const char *ldif,
	struct problems *p);
struct request *table_request(struct world_table *t, const char *ldif);
/* "+name:value:value -name", in the order of the change; NULL is "". */
const char *table_print(struct world_table *t, const struct change *c);
/* 20260315120000Z: the tests' noon. */
int64_t table_noon(void);

#endif
