/* SPDX-License-Identifier: ISC */
/*
 * service_group: what a service group may hold (V16) and what a user has by
 * their groups (V17). Who may make one is authorise's matter; who is assigned
 * is a right like others (reach_give, given_add). Pure; 0 or ERR_INVALID.
 */
#ifndef CORE_SERVICE_GROUP_H
#define CORE_SERVICE_GROUP_H

#include "core/actor.h"

/* The maker's own company where there is only one, NULL otherwise. */
const char *service_group_company(const struct actor *maker);
/* One service for the group: is it under an account of the group's company? */
int service_group_service(const struct group_identifier *g, const char *id,
	const struct world *w, struct err *e);
/* The whole group: name, company, kind and purpose, every service. */
int service_group_check(const struct group_identifier *g,
	const struct world *w, struct err *e);

#endif
