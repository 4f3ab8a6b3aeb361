/* SPDX-License-Identifier: ISC */
/*
 * person: a user with everything that is stored of their rights, typed, plus
 * what was malformed. Read from an entry; a value that breaks a rule is left
 * out (it grants nothing) and listed in problems for `provost check`.
 * Everything lives in the arena given.
 */
#ifndef MODEL_PERSON_H
#define MODEL_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/code.h"
#include "model/entry.h"
#include "model/problem.h"
#include "model/right.h"

enum person_state { PERSON_INVITED, PERSON_ACTIVE, PERSON_SUSPENDED,
	PERSON_LEFT };

struct tool_account {
	const char *tool, *account;
};

struct person {
	const char *dn, *dn_norm;	/* as written; in normal form */
	const char *csn;
	int64_t modified;	/* the entry, 0 unknown */
	uint8_t uuid[16];
	char id[37];		/* entryUUID as text: the SCIM id */
	const char *person_id;	/* provostPersonId */
	const char *uid, *display, *given, *family, *mail;	/* "" absent */
	const char *department;
	enum person_state state;
	/* When they join, leave, and left (0: not known). Malformed: never,
	 * INT64_MIN, 0. */
	int64_t starts, ends, left;
	const char *role;	/* "" none */
	struct strv enterprises, companies, accounts, all_accounts_of;
	struct strv group_identifiers, member_of, tools;
	struct tool_account *tool_accounts;
	size_t n_tool_accounts;
	struct period *periods;
	size_t n_periods;
	struct provenance *provenance;
	size_t n_provenance;
	const char *portal;	/* none invited active */
	bool cpni;
	struct strv admin_scopes;
	const char *owner;
	const char *temporary_login;	/* these: "" none */
	const char *invitation, *reset;	/* as core/invite makes them */
	const char *created_by;		/* person:entryUUID or client:NAME */
	int64_t first_login;		/* 0 none yet */
	struct wrong_codes wrong;
};

/* Never fails: what can't be read is in problems. */
void person_read(struct arena *a, const struct entry *e, struct person *p,
	struct problems *problems);
const char *person_state_word(enum person_state s);
/* What the person is called in a sentence: who is invited has no uid yet. */
const char *person_name(const struct person *p);

#endif
