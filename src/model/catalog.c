/* SPDX-License-Identifier: ISC */
#include "model/catalog.h"

#include "base/arena.h"

/* The value of name, or a problem when it is missing. */
static const char *needed(struct arena *a, const struct entry *e,
    const char *name, struct problems *p)
{
	const char *v = entry_text(a, e, name);

	if (*v == '\0')
		problem_add(a, p, e->dn, name, "", "is missing; until it is "
		    "there nothing follows from this entry");
	return v;
}

static const char *first_of(const char *a, const char *b)
{
	return *a != '\0' ? a : b;
}

void role_read(struct arena *a, const struct entry *e, struct role *out,
    struct problems *p)
{
	const struct attr *at = entry_attr(e, "provostPermission");
	size_t i;

	*out = (struct role){ .id = needed(a, e, "provostRoleId", p) };
	out->display = first_of(entry_text(a, e, "displayName"), out->id);
	for (i = 0; at != NULL && i < at->n; i++) {
		const char *w[2];

		if (str_words(a, at->v[i].p, w, 2) == 2)
			strv_add(a, &out->permissions,
			    arena_strdup(a, at->v[i].p));
		else
			problem_add(a, p, e->dn, at->name, at->v[i].p,
			    "must be two words: section and view or manage");
	}
	strv_sort(&out->permissions);
}

void enterprise_read(struct arena *a, const struct entry *e,
    struct enterprise *out, struct problems *p)
{
	*out = (struct enterprise){
	    .id = needed(a, e, "provostEnterpriseId", p),
	    .active = entry_bool(e, "provostActive", true),
	    .self_registration = entry_bool(e, "provostSelfRegistration",
	    false) };
	out->name = first_of(entry_text(a, e, "cn"), out->id);
}

void company_read(struct arena *a, const struct entry *e,
    struct company *out, struct problems *p)
{
	*out = (struct company){ .id = needed(a, e, "provostCompanyId", p),
	    .enterprise = needed(a, e, "provostEnterprise", p) };
	out->name = first_of(entry_text(a, e, "cn"), out->id);
}

void account_read(struct arena *a, const struct entry *e,
    struct account *out, struct problems *p)
{
	*out = (struct account){ .dn = arena_strdup(a, e->dn),
	    .csn = arena_strdup(a, e->csn ? e->csn : ""),
	    .number = needed(a, e, "provostAccountNumber", p),
	    .company = needed(a, e, "provostCompany", p),
	    .enterprise = entry_text(a, e, "provostEnterprise"),
	    .products = entry_list(a, e, "provostProduct"),
	    .billing = entry_text(a, e, "provostBilling"),
	    .phone = entry_text(a, e, "telephoneNumber"),
	    .country = entry_text(a, e, "c"),
	    .address = entry_text(a, e, "postalAddress"),
	    .codes = entry_list(a, e, "provostInvitationCode") };
	wrong_codes_read(a, e, &out->wrong, p);
}

void service_read(struct arena *a, const struct entry *e,
    struct service *out, struct problems *p)
{
	*out = (struct service){ .id = needed(a, e, "provostServiceId", p),
	    .account = needed(a, e, "provostAccount", p),
	    .product = entry_text(a, e, "provostProduct") };
}

void group_identifier_read(struct arena *a, const struct entry *e,
    struct group_identifier *out, struct problems *p)
{
	*out = (struct group_identifier){
	    .id = needed(a, e, "provostGroupIdentifierId", p),
	    .kind = needed(a, e, "provostKind", p),
	    .purpose = entry_text(a, e, "provostPurpose"),
	    .company = entry_text(a, e, "provostCompany"),
	    .services = entry_list(a, e, "provostService"),
	    .accounts = entry_list(a, e, "provostAccount") };
	out->name = first_of(entry_text(a, e, "cn"), out->id);
}

void tool_read(struct arena *a, const struct entry *e, struct tool *out,
    struct problems *p)
{
	*out = (struct tool){ .id = needed(a, e, "provostToolId", p),
	    .target = needed(a, e, "provostTarget", p),
	    .restricted = entry_bool(e, "provostRestricted", false),
	    .products = entry_list(a, e, "provostProduct") };
	out->name = first_of(entry_text(a, e, "cn"), out->id);
}

static void rule_tool_accounts(struct arena *a, const struct entry *e,
    struct rule *out, struct problems *p)
{
	const struct attr *at = entry_attr(e, "provostToolAccount");
	const char *w[2];
	size_t i;

	if (at == NULL)
		return;
	out->tool_accounts = arena_array(a, at->n,
	    sizeof(*out->tool_accounts));
	for (i = 0; i < at->n; i++)
		if (str_words(a, at->v[i].p, w, 2) != 2)
			problem_add(a, p, e->dn, at->name, at->v[i].p,
			    "must be two words: tool account");
		else
			out->tool_accounts[out->n_tool_accounts++] =
			    (struct tool_account){ w[0], w[1] };
}

void rule_read(struct arena *a, const struct entry *e, struct rule *out,
    struct problems *p)
{
	const char *priority = entry_text(a, e, "provostPriority");
	int64_t n = 0;

	*out = (struct rule){ .dn = arena_strdup(a, e->dn),
	    .id = needed(a, e, "provostRuleId", p),
	    .group = entry_text(a, e, "provostRuleGroup"),
	    .department = entry_text(a, e, "departmentNumber"),
	    .role = entry_text(a, e, "provostRole"),
	    .companies = entry_list(a, e, "provostCompany"),
	    .all_accounts_of = entry_list(a, e, "provostAllAccountsOf"),
	    .accounts = entry_list(a, e, "provostAccount"),
	    .group_identifiers = entry_list(a, e, "provostGroupIdentifierId"),
	    .tools = entry_list(a, e, "provostToolGrant") };
	if (*priority != '\0' && (!str_int(priority, &n) || n > INT32_MAX ||
	    n < INT32_MIN))
		problem_add(a, p, e->dn, "provostPriority", priority,
		    "must be an integer; 0 is taken");
	else
		out->priority = (int)n;
	if (*out->group == '\0' && *out->department == '\0')
		problem_add(a, p, e->dn, "provostRuleGroup", "", "a rule needs "
		    "a group or a department; this one applies to nobody");
	rule_tool_accounts(a, e, out, p);
}
