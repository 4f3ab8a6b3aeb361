/* SPDX-License-Identifier: ISC */
#include "core/rules.h"

#include "base/arena.h"
#include "base/utf8.h"

static bool in_group(const struct person *p, const char *group)
{
	size_t i;

	for (i = 0; i < p->member_of.n; i++)
		if (str_ieq(p->member_of.v[i], group))
			return true;
	return false;
}

/* Departments are names of people's own making: case, width and spaces do not
 * count (caseIgnoreMatch). */
static bool in_department(struct arena *a, const struct person *p,
    const char *department)
{
	return str_eq(utf8_fold(a, p->department), utf8_fold(a, department));
}

bool rules_apply(struct arena *a, const struct rule *r,
    const struct person *p)
{
	if (*r->group == '\0' && *r->department == '\0')
		return false;
	return (*r->group == '\0' || in_group(p, r->group)) &&
	    (*r->department == '\0' || in_department(a, p, r->department));
}

bool rules_may_give_tool(const struct world *w, const char *tool)
{
	const struct tool *t = w->tool(w->ctx, tool);

	return t == NULL || !t->restricted;
}

const char *rules_role_key(const struct world *w, const char *role)
{
	const struct role *r = *role != '\0' ? w->role(w->ctx, role) : NULL;

	return r != NULL ? r->id : role;
}
