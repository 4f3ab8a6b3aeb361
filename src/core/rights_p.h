/* SPDX-License-Identifier: ISC */
/* rights, its own files: rights_gather lists every reason for every right,
 * rights judges them. */
#ifndef CORE_RIGHTS_P_H
#define CORE_RIGHTS_P_H

#include "core/rights.h"
#include "core/window.h"

/* One reason for one right, before equal rights are merged. */
struct reason {
	struct right right;
	struct path path;
	const char *dead;	/* why this path gives nothing, NULL: it does */
};

struct bag {
	struct reason *v;
	size_t n, cap;
};

struct calc {
	struct arena *a;
	const struct person *p;
	const struct world *w;
	int64_t now;
	struct rights *out;
	struct window window;
	struct provenance *given;	/* sorted: right, newest first */
	struct bag sources;	/* role company all-accounts group tool ... */
	struct bag accounts;	/* account, tool account */
	struct effective *source;	/* evaluated sources, sorted */
	size_t n_sources;
};

/* What stands on the person's entry and what rules give: into the bags. */
void rights_gather(struct calc *c);
/* Accounts that come by company or by group identifier (V15, V16), once the
 * sources are evaluated. */
void rights_expand(struct calc *c);
/* Equal rights become one, with every path that gives something; granted is
 * false and why is set when there is none. */
struct effective *rights_merge(struct calc *c, struct bag *b, size_t *n);
/* Something in rule r breaks a rule. */
void rights_rule_problem(struct calc *c, const struct rule *r,
	const char *value, const char *text);

#endif
