/* SPDX-License-Identifier: ISC */
#include "core/service_group.h"

#include "base/arena.h"

const char *service_group_company(const struct actor *maker)
{
	const char *only = NULL;
	size_t i;

	for (i = 0; maker->rights != NULL && i < maker->rights->n; i++) {
		const struct effective *x = &maker->rights->v[i];

		if (x->right.kind != RIGHT_COMPANY || !x->granted)
			continue;
		if (only != NULL)
			return NULL;
		only = x->right.key;
	}
	return only;
}

int service_group_service(const struct group_identifier *g, const char *id,
    const struct world *w, struct err *e)
{
	const struct service *s = w->service(w->ctx, id);
	const struct account *acc = s == NULL ? NULL :
	    w->account(w->ctx, s->account);

	/* One sentence: which services others have is not told. */
	return acc != NULL && str_ieq(acc->company, g->company) ? 0 :
	    err_set(e, ERR_INVALID, "there is no service %.100s under an "
	    "account of company %s (V16)", id, g->company);
}

static int check_services(const struct group_identifier *g,
    const struct world *w, struct err *e)
{
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < g->services.n; i++)
		rc = service_group_service(g, g->services.v[i], w, e);
	return rc;
}

int service_group_check(const struct group_identifier *g,
    const struct world *w, struct err *e)
{
	/* The provider puts into its own kinds what it likes. */
	if (!str_ieq(g->kind, "serviceGroup"))
		return 0;
	if (g->name == NULL || *g->name == '\0')
		return err_set(e, ERR_INVALID, "a service group needs a name "
		    "(V16)");
	if (*g->company == '\0' || w->company(w->ctx, g->company) == NULL)
		return err_set(e, ERR_INVALID, "a service group belongs to "
		    "one company: name it (V16)");
	if (!str_ieq(g->purpose, "criticalBusinessProcess") &&
	    !str_ieq(g->purpose, "businessSite"))
		return err_set(e, ERR_INVALID, "the purpose of a service "
		    "group is criticalBusinessProcess or businessSite (V16)");
	if (g->accounts.n != 0)
		return err_set(e, ERR_INVALID, "a service group holds "
		    "services, not accounts (V16)");
	return check_services(g, w, e);
}

