/* SPDX-License-Identifier: ISC */
/* rules: birthright (DOMAIN, "rule"): who a rule is for and what it may not
 * confer. Pure. */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include <stdbool.h>

#include "model/catalog.h"

/* Is p a member of the rule's group and of its department, as far as the rule
 * asks for them? A rule that asks for neither is for nobody. */
bool rules_apply(struct arena *a, const struct rule *r,
	const struct person *p);
/* The key of the role that this text names, as the directory compares keys;
 * the text itself when there is no such role. */
const char *rules_role_key(const struct world *w, const char *role);
/* A restricted tool needs provider scope, which no rule has (V4a, V6). */
bool rules_may_give_tool(const struct world *w, const char *tool);

#endif
