/* SPDX-License-Identifier: ISC */
/* plan: the daemon's plans: asked for, shown as a difference, applied. */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include "cli/client.h"

/* Can this call be planned? */
bool plan_takes(const char *method, const char *path);
/* What this call would do; an error if it would be refused. */
int plan_call(struct client *c, const char *method, const char *path,
	const struct json *body, struct json **plan, struct err *e);
/* Applies exactly that. */
int plan_apply(struct client *c, const struct json *plan, struct json **out,
	struct err *e);

/* plan_print.c: as a difference: + and -, in colour on a terminal, unless
 * NO_COLOR is set; what follows at the targets, and what the guard says. */
void plan_print(struct arena *a, const struct json *plan);

#endif
