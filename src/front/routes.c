/* SPDX-License-Identifier: ISC */
#include "front/handlers.h"

#define MIB ((size_t)1 << 20)
#define KIB16 ((size_t)16 << 10)
#define SCIM "/scim/v2"

/* method, pattern, type, operation, largest body, open, handler, summary */
const struct route front_routes[] = {
{ "GET", SCIM "/{resource}/{id}", "", OP_READ, 0, false, scim_get, "One resource" },
{ "GET", SCIM "/{resource}", "", OP_READ, 0, false, scim_list, "A list, with filter, sort and paging" },
{ "POST", SCIM "/{resource}", "", OP_CREATE, MIB, false, scim_post, "Create" },
{ "POST", SCIM "/{resource}/.search", "", OP_READ, MIB, false, scim_search, "A list, asked for in the body" },
{ "GET", SCIM, NULL, OP_READ, 0, false, scim_root, "A list of all resource types that the client may read" },
{ "GET", SCIM "/", NULL, OP_READ, 0, false, scim_root, "The same" },
{ "POST", SCIM "/.search", NULL, OP_READ, MIB, false, scim_root_search, "The same, asked for in the body" },
{ "PUT", SCIM "/{resource}/{id}", "", OP_UPDATE, MIB, false, scim_put, "Replace" },
{ "PATCH", SCIM "/{resource}/{id}", "", OP_UPDATE, MIB, false, scim_patch, "Change" },
{ "DELETE", SCIM "/{resource}/{id}", "", OP_DELETE, 0, false, scim_delete, "Delete" },
{ "POST", SCIM "/Bulk", ROUTE_BULK, OP_UPDATE, 16 * MIB, false, bulk_post, "Many writes in one request" },
{ "GET", SCIM "/Me", NULL, OP_READ, 0, false, me, "The person who has signed in" },
{ "PUT", SCIM "/Me", NULL, OP_UPDATE, MIB, false, me, "Replace oneself" },
{ "PATCH", SCIM "/Me", NULL, OP_UPDATE, MIB, false, me, "Change oneself" },
{ "DELETE", SCIM "/Me", NULL, OP_DELETE, 0, false, me, "Delete oneself" },
{ "GET", SCIM "/ServiceProviderConfig", NULL, OP_READ, 0, false, scim_config, "What this server can do" },
{ "GET", SCIM "/ResourceTypes", NULL, OP_READ, 0, false, scim_resource_types, "The resource types" },
{ "GET", SCIM "/ResourceTypes/{id}", NULL, OP_READ, 0, false, scim_resource_types, "One resource type" },
{ "GET", SCIM "/Schemas", NULL, OP_READ, 0, false, scim_schemas, "The schemas" },
{ "GET", SCIM "/Schemas/{id}", NULL, OP_READ, 0, false, scim_schemas, "One schema" },
{ "GET", "/v1/users/{id}/rights", "operations", OP_READ, 0, false, operations_rights, "Effective rights with states and paths" },
{ "GET", "/v1/explain", "operations", OP_READ, 0, false, operations_explain, "Why a right exists, or why not" },
{ "POST", "/v1/plan", NULL, OP_READ, 16 * MIB, false, operations_plan, "What requests, LDIF or a reconciliation would do now" },
{ "GET", "/v1/plans/{id}", NULL, OP_READ, 0, false, plans_show, "A plan, as JSON or LDIF" },
{ "POST", "/v1/plans/{id}/apply", NULL, OP_UPDATE, KIB16, false, plans_apply, "Apply exactly it, or nothing" },
{ "GET", "/v1/feeds", "feeds", OP_READ, 0, false, feeds_list, "The feeds, what is going on, and their last reports" },
{ "GET", "/v1/feeds/{id}", "feeds", OP_READ, 0, false, feeds_get, "One of them" },
{ "POST", "/v1/feeds/{id}", "feeds", OP_UPDATE, ROUTE_FILE, false, feeds_post, "A joiner and leaver file, up to spool.max_file: mode=plan or mode=apply" },
{ "GET", "/v1/check", "operations", OP_READ, 0, false, operations_check, "Entries that break a rule and grant nothing" },
{ "GET", "/v1/status", "operations", OP_READ, 0, false, operations_status, "Directory, view, targets" },
{ "GET", "/v1/held", "operations", OP_READ, 0, false, held_jobs, "What the guard holds; state=all: also what was decided" },
{ "GET", "/v1/held/{id}", "operations", OP_READ, 0, false, held_one, "One held job with its whole difference" },
{ "POST", "/v1/held/{id}/release", NULL, OP_UPDATE, KIB16, false, held_release_call, "Let it pass" },
{ "POST", "/v1/held/{id}/reject", NULL, OP_UPDATE, KIB16, false, held_reject_call, "It stays undone; with a reason" },
{ "GET", "/v1/changes", "changes", OP_READ, 0, false, changes_get, "The journal: what changed, a page or a stream of events" },
{ "GET", "/v1/targets", "operations", OP_READ, 0, false, targets_list, "The targets: how each is, what waits, what is parked" },
{ "GET", "/v1/targets/{id}/parked", "operations", OP_READ, 0, false, targets_parked, "What a target refused, and why" },
{ "POST", "/v1/targets/{id}/retry", "operations", OP_UPDATE, MIB, false, targets_retry, "Try again now what is parked or waits, of these users or of all" },
{ "POST", "/v1/drift", "operations", OP_UPDATE, MIB, false, drift_post, "Compare now what a target, or each of them, holds with what it confirmed" },
{ "GET", "/v1/drift", "operations", OP_READ, 0, false, drift_get, "What the last comparisons came to" },
{ "GET", "/v1/drift/{id}", "operations", OP_READ, 0, false, drift_get_one, "The last comparison of a target, with its differences; format=csv: every row" },
{ "GET", "/v1/openapi.json", NULL, OP_READ, 0, false, operations_openapi, "This description" },
{ "POST", "/v1/users", "User", OP_CREATE, MIB, false, users_post, "Create a user; without user name: invite them" },
{ "POST", "/v1/users/{id}/clone", "User", OP_CLONE, MIB, false, users_clone, "A new user with what this one holds" },
{ "POST", "/v1/users/{id}/invite", "User", OP_INVITE, 64 * 1024, false, users_invite, "Invite again" },
{ "POST", "/v1/users/{id}/reset-password", "User", OP_RESET, 64 * 1024, false, users_reset, "Mail a temporary password" },
{ "POST", "/v1/users/{id}/portal", "User", OP_PORTAL_GRANT, 64 * 1024, false, users_portal_give, "Give access to the portal" },
{ "DELETE", "/v1/users/{id}/portal", "User", OP_PORTAL_REVOKE, 0, false, users_portal_take, "Take access to the portal away" },
{ "GET", "/v1/reviews", "User", OP_READ, 0, false, reviews_list, "Who has moved, and what they were given by hand" },
{ "POST", "/v1/reviews/{id}/done", "User", OP_UPDATE, 0, false, reviews_done, "What this user was given by hand is right" },
{ "POST", "/v1/register", NULL, OP_CREATE, 64 * 1024, true, register_post, "Register, with an invitation or an invitation code" },
{ "GET", "/metrics", "metrics", OP_READ, 0, false, metrics_text, "Prometheus text" },
{ "GET", "/livez", NULL, OP_READ, 0, true, metrics_live, "Alive" },
{ "GET", "/readyz", NULL, OP_READ, 0, true, metrics_ready, "Able to serve" },
{ "POST", "/v1/session", NULL, OP_CREATE, KIB16, true, session_post, "A person signs in, with userName and password" },
{ "DELETE", "/v1/session", NULL, OP_DELETE, 0, false, session_delete, "All sessions of the person end" },
{ "POST", "/v1/password", NULL, OP_UPDATE, KIB16, false, password_post, "The person's own password is changed" },
{ "GET", "/v1/exports/access-requests.csv", "AccessRequest", OP_READ, 0, false, export_requests, "Access requests as CSV or JSON lines" },
{ "POST", "/v1/groupIdentifiers/{id}/users", "User", OP_UPDATE, 16 * MIB, false, assignments_group_assign, "Assign a group identifier to many users" },
{ "DELETE", "/v1/groupIdentifiers/{id}/users", "User", OP_UPDATE, 16 * MIB, false, assignments_group_unassign, "Take it away from many users" },
{ "POST", "/v1/groupIdentifiers/{id}/services", "GroupIdentifier", OP_UPDATE, MIB, false, group_services_add, "Put services into a service group: a list, a text or a spreadsheet" },
{ "GET", "/v1/inventory", "GroupIdentifier", OP_READ, 0, false, group_services_inventory, "The services of a group identifier, or of those that a user holds" },
{ "POST", "/v1/users/bulk", "User", OP_UPDATE, 16 * MIB, false, assignments_users, "Assign, unassign, suspend or reactivate many users" },
{ "POST", "/v1/enterprises/{id}/accounts", "Enterprise", OP_UPDATE, MIB, false, accounts_add, "Add known accounts to an enterprise: a list or a spreadsheet" },
{ "POST", "/v1/accounts/{id}/move", "Account", OP_UPDATE, MIB, false, accounts_move, "Move an account to another enterprise" },
{ "GET", "/v1/templates/accounts.xlsx", NULL, OP_READ, 0, true, accounts_template, "A spreadsheet to write account numbers in" },
{ "GET", "/v1/templates/services.xlsx", NULL, OP_READ, 0, true, group_services_template, "A spreadsheet to write service IDs in" },
{ "GET", "/v1/tools/recommended", "User", OP_READ, 0, false, recommended_tools, "Tools for a user by the products of their accounts and services" },
{ "GET", "/v1/exports/rights.csv", "User", OP_READ, 0, false, export_rights, "Who has which right: CSV, or JSON lines" },
{ 0 }
};

bool front_for_people(const struct route *r)
{
	static void (*const handler[])(struct call *c) = {
		operations_rights, operations_explain, operations_check,
		operations_status, changes_get, targets_list,
		targets_parked, targets_retry, drift_post, drift_get,
		drift_get_one, held_jobs, held_one,
	};
	size_t i;

	for (i = 0; i < sizeof(handler) / sizeof(handler[0]); i++)
		if (r->handle == handler[i])
			return true;
	return false;
}
