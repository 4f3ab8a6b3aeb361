/* SPDX-License-Identifier: ISC */
/*
 * catalog: the things rights are about, typed, and the world: look-ups by
 * natural key that the pure floors get as function pointers, so that core
 * sees a view transaction and a test's table alike (directory/world fills it
 * from the view). A look-up returns NULL when there is no such thing; what it
 * returns is borrowed until the world is closed. Keys are matched as the
 * directory does (case ignored).
 */
#ifndef MODEL_CATALOG_H
#define MODEL_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "model/code.h"
#include "model/entry.h"
#include "model/person.h"

/* The role that only provider staff give or take (V3), the other one that may
 * change people's rights (V4), and the one that views everything. */
#define ROLE_PRIMARY_CONTACT "primary-contact"
#define ROLE_ADMINISTRATOR "administrator"
#define ROLE_VIEWER "viewer"

struct role {
	const char *id, *display;
	struct strv permissions;	/* "billing view" */
};
struct enterprise {
	const char *id, *name;
	bool active, self_registration;
};
struct company {
	const char *id, *name, *enterprise;
};
struct account {
	const char *dn, *csn;
	const char *number, *company, *enterprise;
	struct strv products;
	const char *billing;		/* paper, paperless, "" not chosen */
	const char *phone, *country;	/* "" none */
	const char *address;		/* postalAddress of its invoices, ""
					 * none */
	struct strv codes;		/* keyed hashes (model/code.h) */
	struct wrong_codes wrong;
};
struct service {
	const char *id, *account, *product;
};
struct group_identifier {
	const char *id, *name, *kind, *purpose, *company;
	struct strv services, accounts;
};
struct tool {
	const char *id, *name, *target;
	bool restricted;
	struct strv products;
};
struct rule {
	const char *dn, *id;
	const char *group, *department;		/* "" : not asked for */
	int priority;
	const char *role;			/* "" : none */
	struct strv companies, all_accounts_of, accounts, group_identifiers;
	struct strv tools;
	struct tool_account *tool_accounts;
	size_t n_tool_accounts;
};

struct world {
	void *ctx;
	const struct role *(*role)(void *ctx, const char *id);
	const struct enterprise *(*enterprise)(void *ctx, const char *id);
	const struct company *(*company)(void *ctx, const char *id);
	const struct account *(*account)(void *ctx, const char *number);
	const struct group_identifier *(*group_identifier)(void *ctx,
		const char *id);
	const struct tool *(*tool)(void *ctx, const char *id);
	const struct service *(*service)(void *ctx, const char *id);
	/* All rules, highest priority first, then by id. */
	const struct rule *(*rules)(void *ctx, size_t *n);
	/* Calls each for every account of a company; stops when it returns
	 * false. */
	void (*accounts_of)(void *ctx, const char *company,
		bool (*each)(void *arg, const struct account *acc), void *arg);
	/* The same for the services of an account, the companies of an
	 * enterprise, and the tools. */
	void (*services_of)(void *ctx, const char *account,
		bool (*each)(void *arg, const struct service *s), void *arg);
	void (*companies_of)(void *ctx, const char *enterprise,
		bool (*each)(void *arg, const struct company *c), void *arg);
	void (*tools)(void *ctx,
		bool (*each)(void *arg, const struct tool *t), void *arg);
	/* The account that a printed code is for, by the code's hash. */
	const struct account *(*account_of_code)(void *ctx, const char *hash);
	/* Everybody whose entry says that they are primary contact, whatever
	 * their state, companies and periods. */
	void (*primary_contacts)(void *ctx,
		bool (*each)(void *arg, const struct person *p), void *arg);
};

/* Typed values of an entry; what is malformed goes to problems. */
void role_read(struct arena *a, const struct entry *e, struct role *out,
	struct problems *p);
void enterprise_read(struct arena *a, const struct entry *e,
	struct enterprise *out, struct problems *p);
void company_read(struct arena *a, const struct entry *e,
	struct company *out, struct problems *p);
void account_read(struct arena *a, const struct entry *e,
	struct account *out, struct problems *p);
void service_read(struct arena *a, const struct entry *e,
	struct service *out, struct problems *p);
void group_identifier_read(struct arena *a, const struct entry *e,
	struct group_identifier *out, struct problems *p);
void tool_read(struct arena *a, const struct entry *e, struct tool *out,
	struct problems *p);
void rule_read(struct arena *a, const struct entry *e, struct rule *out,
	struct problems *p);

#endif
