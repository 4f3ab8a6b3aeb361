/* SPDX-License-Identifier: ISC */
/* authorise's own: what several of its files ask. */
#ifndef CORE_AUTHORISE_P_H
#define CORE_AUTHORISE_P_H

#include "core/authorise.h"

/* V4a: everything that the rule confers could be granted by the actor. */
int authorise_rule_gives(const struct reach *r, const struct rule *rule,
	struct err *e);

#endif
