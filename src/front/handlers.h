/* SPDX-License-Identifier: ISC */
/* handlers: the functions that routes lead to. Each answers its call, now or
 * later. */
#ifndef FRONT_HANDLERS_H
#define FRONT_HANDLERS_H

#include "front/router.h"

struct front;

extern const struct route front_routes[];	/* ends with method NULL */
/* routes.c: of the routes of the type "operations": does its handler decide
 * what people may? All others are for clients alone. */
bool front_for_people(const struct route *r);

/* front.c: the largest body that is read for a route. feeds.c: makes the file
 * for a route's that goes into one; false: it was answered. */
size_t front_largest_body(const struct front *f, const struct route *r,
	const struct scim_resource *res);
bool feeds_accept(struct call *c);

/* scim_get.c */
void scim_get(struct call *c);
/* scim_list.c, scim_root.c */
void scim_list(struct call *c);
void scim_search(struct call *c);
void scim_root(struct call *c);
void scim_root_search(struct call *c);
/* scim_write.c */
void scim_post(struct call *c);
void scim_put(struct call *c);
void scim_patch(struct call *c);
void scim_delete(struct call *c);
/* scim_docs.c */
void scim_config(struct call *c);
void scim_resource_types(struct call *c);
void scim_schemas(struct call *c);
/* users.c, users_portal.c */
void users_post(struct call *c);
void users_clone(struct call *c);
void users_invite(struct call *c);
void users_reset(struct call *c);
void users_portal_give(struct call *c);
void users_portal_take(struct call *c);
/* reviews.c */
void reviews_list(struct call *c);
void reviews_done(struct call *c);
/* register.c */
void register_post(struct call *c);
/* held_jobs.c */
void held_jobs(struct call *c);
void held_one(struct call *c);
void held_release_call(struct call *c);
void held_reject_call(struct call *c);
/* What waits for a person's word. */
uint64_t held_jobs_waiting(const struct front *f);
/* operations.c */
void operations_rights(struct call *c);
void operations_explain(struct call *c);
void operations_status(struct call *c);
/* targets.c */
void targets_list(struct call *c);
void targets_parked(struct call *c);
void targets_retry(struct call *c);
/* drift.c */
void drift_post(struct call *c);
void drift_get(struct call *c);
void drift_get_one(struct call *c);
/* plan.c, plan_apply.c, check.c */
void operations_plan(struct call *c);
void plans_show(struct call *c);
void plans_apply(struct call *c);
void operations_check(struct call *c);
/* bulk.c */
void bulk_post(struct call *c);
/* me.c */
void me(struct call *c);
/* signin.c, session.c, password.c */
void session_post(struct call *c);
void session_delete(struct call *c);
void password_post(struct call *c);
/* feeds.c */
void feeds_list(struct call *c);
void feeds_get(struct call *c);
void feeds_post(struct call *c);
/* openapi.c */
void operations_openapi(struct call *c);
/* changes.c */
void changes_get(struct call *c);
/* metrics.c */
void metrics_text(struct call *c);
void metrics_live(struct call *c);
void metrics_ready(struct call *c);
/* export_requests.c */
void export_requests(struct call *c);
/* assignments.c, group_services.c, accounts.c, move.c, recommended.c,
 * export_rights.c */
void assignments_group_assign(struct call *c);
void assignments_group_unassign(struct call *c);
void assignments_users(struct call *c);
void group_services_add(struct call *c);
void group_services_inventory(struct call *c);
void group_services_template(struct call *c);
void accounts_add(struct call *c);
void accounts_template(struct call *c);
void accounts_move(struct call *c);
void recommended_tools(struct call *c);
void export_rights(struct call *c);

#endif
