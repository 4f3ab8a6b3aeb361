/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#define ANY 100000
#define LIST "count"
#define PERSON "given family email phone company"
#define CHANGE "dry-run from until"
#define GROUP "name kind purpose company dry-run"

/* name, arguments, help, fewest, most arguments, options, open, function */
const struct command commands[] = {
{ "status", "", "is the daemon well: directory, view, targets", 0, 0, "", false, command_status },
{ "check", "", "entries that break a rule and grant nothing", 0, 0, "", false, command_check },
{ "plan", "", "what reconciliation would do now", 0, 0, "", false, command_plan },
{ "why", "USER RIGHT", "why a right exists, or why not", 2, 2, "", false, command_why },
{ "rights", "USER", "effective rights with state and paths", 1, 1, "", false, command_rights },
{ "users", "[FILTER]", "users with role, state, companies; --newest", 0, 1, "newest " LIST, false, command_users },
{ "user", "USER", "everything about one user", 1, 1, "", false, command_user },
{ "users add", "[RIGHT...]", "a new user, invited unless --login names one", 0, ANY, PERSON " login dry-run", false, command_users_add },
{ "users clone", "USER", "a new user with the same rights", 1, 1, "given family email phone dry-run", false, command_users_clone },
{ "users invite", "USER", "invite again", 1, 1, "dry-run", false, command_users_invite },
{ "users reset-password", "USER", "mail a temporary password, unlock", 1, 1, "dry-run", false, command_users_reset },
{ "users suspend", "USER", "can use nothing until reactivated", 1, 1, "dry-run", false, command_users_suspend },
{ "users reactivate", "USER", "take a suspension back", 1, 1, "dry-run", false, command_users_reactivate },
{ "users delete", "USER", "remove with all rights, for good; --yes", 1, 1, "dry-run yes", false, command_users_delete },
{ "grant", "USER RIGHT...", "give rights, in one change", 2, ANY, CHANGE, false, command_grant },
{ "revoke", "USER RIGHT...", "take rights away, in one change", 2, ANY, "dry-run", false, command_revoke },
{ "portal grant", "USER EMAIL", "access to the portal, with mail", 2, 2, "dry-run", false, command_portal_grant },
{ "portal revoke", "USER", "end it, and their sessions; --yes", 1, 1, "dry-run yes", false, command_portal_revoke },
{ "groups", "[FILTER]", "groups of the IdP", 0, 1, LIST, false, command_things },
{ "group", "NAME", "one of them with its members", 1, 1, "", false, command_thing },
{ "companies", "[FILTER]", "companies", 0, 1, LIST " enterprise", false, command_things },
{ "company", "ID", "one of them", 1, 1, "", false, command_thing },
{ "enterprises", "[FILTER]", "enterprises", 0, 1, LIST, false, command_things },
{ "enterprise", "ID", "one of them", 1, 1, "", false, command_thing },
{ "accounts", "[FILTER]", "billing accounts", 0, 1, LIST " company enterprise", false, command_things },
{ "account", "NUMBER", "one of them", 1, 1, "", false, command_thing },
{ "accounts add", "ENTERPRISE FILE|NUMBER...", "known accounts into an enterprise", 2, 101, "company dry-run", false, command_accounts_add },
{ "accounts move", "NUMBER ENTERPRISE", "into another enterprise; --yes", 2, 2, "company dry-run yes", false, command_accounts_move },
{ "services", "[FILTER]", "services under the accounts", 0, 1, LIST, false, command_things },
{ "tools", "[FILTER]", "product tools", 0, 1, LIST, false, command_things },
{ "tool", "ID", "one of them", 1, 1, "", false, command_thing },
{ "recommended", "USER", "tools that suit a user's products", 1, 1, "", false, command_recommended },
{ "roles", "", "roles and their permissions", 0, 0, LIST, false, command_things },
{ "rules", "[FILTER]", "birthrights by group and department", 0, 1, LIST, false, command_things },
{ "service-groups", "[FILTER]", "group identifiers of every kind", 0, 1, LIST " company", false, command_things },
{ "service-group", "ID", "one of them with what it stands for", 1, 1, "", false, command_thing },
{ "service-groups add", "ID [SERVICE...]", "a new one; --company, --purpose, --name", 1, ANY, GROUP, false, command_service_groups_add },
{ "service-groups upload", "ID FILE", "its services out of a spreadsheet", 2, 2, "dry-run", false, command_service_groups_upload },
{ "service-groups delete", "ID", "remove one; --yes", 1, 1, "dry-run yes", false, command_service_groups_delete },
{ "assign", "ID USER...", "give a group identifier to users", 2, ANY, "dry-run", false, command_assign },
{ "unassign", "ID USER...", "take it from users", 2, ANY, "dry-run", false, command_unassign },
{ "inventory", "[ID]", "services by the group identifiers held", 0, 1, "", false, command_inventory },
{ "requests", "[ID]", "open access requests (--all: every one), or one whole", 0, 1, "all as for state kind " LIST, false, command_requests },
{ "request new", "RIGHT...", "ask for rights; --for USER, --code CODES", 0, ANY, "as for reason code delivery phone billing dry-run", false, command_request_new },
{ "approve", "ID [ITEM...]", "approve a request, or items of it; --as, --reason", 1, ANY, "as reason dry-run", false, command_approve },
{ "deny", "ID [ITEM...]", "deny a request, or items of it; --as, --reason", 1, ANY, "as reason dry-run", false, command_deny },
{ "withdraw", "ID", "take a request of one's own back", 1, 1, "as reason dry-run", false, command_withdraw },
{ "export", "rights|requests", "for spreadsheets; --csv", 1, 1, "csv", false, command_export },
{ "template", "accounts|services", "an empty spreadsheet, on standard output", 1, 1, "", true, command_template },
{ "schema", "[NAME]", "resource types, or the attributes of one", 0, 1, "", false, command_schema },
{ "token", "NAME", "a new API client; --scopes WORDS, --expires TIME", 1, 1, "scopes expires dry-run", false, command_token },
{ "login", "USER", "sign in; the password comes from standard input", 1, 1, "", true, command_login },
{ "logout", "", "sign out", 0, 0, "", true, command_logout },
{ "passwd", "", "change one's own password", 0, 0, "", false, command_passwd },
{ "register", "USER", "take an invitation, or register with a code", 1, 1, "given family email login billing", true, command_register },
{ "journal verify", "[FILE|DIR]", "check the journal's chain", 0, 1, "", true, command_journal_verify },
{ 0 }
};
