/* SPDX-License-Identifier: ISC */
#include "model/person.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/dn.h"

static const char *const state_words[] = { "invited", "active", "suspended",
    "left" };

struct reading {
	struct arena *a;
	const struct entry *e;
	struct problems *problems;
};

const char *person_state_word(enum person_state s)
{
	return state_words[s];
}

const char *person_name(const struct person *p)
{
	return *p->uid != '\0' ? p->uid : *p->display != '\0' ? p->display :
	    p->person_id;
}

static void fault(struct reading *r, const char *attr, const char *value,
    const char *text)
{
	problem_add(r->a, r->problems, r->e->dn, attr, value, text);
}

/* Any mail: the primary one first, whatever its type. */
static const char *any_mail(struct reading *r)
{
	const struct attr *at;
	const char *first = NULL;
	size_t i = 0;

	while ((at = entry_next(r->e, "mail", &i)) != NULL)
		if (at->n != 0 && (first == NULL ||
		    attr_option(at->name, "x-primary")))
			first = at->v[0].p;
	return first ? arena_strdup(r->a, first) : "";
}

static enum person_state read_state(struct reading *r)
{
	const char *w = entry_get(r->e, "provostState");
	int i;

	for (i = 0; w != NULL && i <= PERSON_LEFT; i++)
		if (strcasecmp(w, state_words[i]) == 0)
			return (enum person_state)i;
	/* Unknown or absent grants nothing. */
	fault(r, "provostState", w ? w : "", "the state must be invited, "
	    "active, suspended or left; until then nothing is granted");
	return PERSON_SUSPENDED;
}

static void read_tool_accounts(struct reading *r, struct person *p)
{
	const struct attr *at = entry_attr(r->e, "provostToolAccount");
	const char *w[2];
	size_t i;

	if (at == NULL)
		return;
	p->tool_accounts = arena_array(r->a, at->n, sizeof(*p->tool_accounts));
	for (i = 0; i < at->n; i++)
		if (str_words(r->a, at->v[i].p, w, 2) != 2)
			fault(r, at->name, at->v[i].p,
			    "must be two words: tool account");
		else
			p->tool_accounts[p->n_tool_accounts++] =
			    (struct tool_account){ w[0], w[1] };
}

/* The right that a malformed period names, as far as that can be read. */
static bool period_names(struct arena *a, const char *value, struct right *r)
{
	const char *start = value + strspn(value, " \t"), *w[1];
	char *first = arena_strndup(a, start, strcspn(start, " \t"));

	return str_words(a, first, w, 1) == 1 &&
	    right_parse(a, w[0], r, NULL) == 0;
}

/* A malformed period must not open a right for ever: the right it names is
 * closed by a period that has ended. */
static void read_periods(struct reading *r, struct person *p)
{
	const struct attr *at = entry_attr(r->e, "provostPeriod");
	size_t i;

	if (at == NULL)
		return;
	p->periods = arena_array(r->a, at->n, sizeof(*p->periods));
	for (i = 0; i < at->n; i++) {
		struct period *q = &p->periods[p->n_periods];
		struct err e = { 0 };

		if (period_parse(r->a, at->v[i].p, q, &e) == 0) {
			p->n_periods++;
			continue;
		}
		fault(r, at->name, at->v[i].p, e.text);
		if (period_names(r->a, at->v[i].p, &q->right)) {
			q->from = q->until = INT64_MIN;
			p->n_periods++;
		}
	}
}

static void read_provenance(struct reading *r, struct person *p)
{
	const struct attr *at = entry_attr(r->e, "provostProvenance");
	size_t i;

	if (at == NULL)
		return;
	p->provenance = arena_array(r->a, at->n, sizeof(*p->provenance));
	for (i = 0; i < at->n; i++) {
		struct err e = { 0 };

		if (provenance_parse(r->a, at->v[i].p,
		    &p->provenance[p->n_provenance], &e) == 0)
			p->n_provenance++;
		else
			fault(r, at->name, at->v[i].p, e.text);
	}
}

static int64_t read_time(struct reading *r, const char *attr, int64_t absent,
    int64_t malformed)
{
	const char *w = entry_get(r->e, attr);
	int64_t t;

	if (w == NULL)
		return absent;
	if (clock_parse_gt(w, &t))
		return t;
	fault(r, attr, w, "must be a time, YYYYmmddHHMMSSZ");
	return malformed;
}

static const char *first_of(const char *a, const char *b)
{
	return *a != '\0' ? a : b;
}

void person_read(struct arena *a, const struct entry *e, struct person *p,
    struct problems *problems)
{
	struct reading r = { a, e, problems };

	*p = (struct person){ .dn = arena_strdup(a, e->dn),
	    .csn = arena_strdup(a, e->csn ? e->csn : ""),
	    .modified = e->modified };
	p->dn_norm = dn_normal(a, e->dn, NULL);
	if (p->dn_norm == NULL)
		p->dn_norm = p->dn;
	memcpy(p->uuid, e->uuid, sizeof(p->uuid));
	str_uuid_text(p->uuid, p->id);
	p->person_id = entry_text(a, e, "provostPersonId");
	p->uid = entry_text(a, e, "uid");
	p->display = first_of(entry_text(a, e, "displayName"),
	    entry_text(a, e, "cn"));
	p->given = entry_text(a, e, "givenName");
	p->family = entry_text(a, e, "sn");
	p->mail = any_mail(&r);
	p->department = entry_text(a, e, "departmentNumber");
	p->state = read_state(&r);
	p->starts = read_time(&r, "provostStartsAt", INT64_MIN, CLOCK_NEVER);
	p->ends = read_time(&r, "provostEndsAt", CLOCK_NEVER, INT64_MIN);
	p->left = read_time(&r, "provostLeftAt", 0, 0);
	p->role = entry_text(a, e, "provostRole");
	p->enterprises = entry_list(a, e, "provostEnterprise");
	p->companies = entry_list(a, e, "provostCompany");
	p->accounts = entry_list(a, e, "provostAccount");
	p->all_accounts_of = entry_list(a, e, "provostAllAccountsOf");
	p->group_identifiers = entry_list(a, e, "provostGroupIdentifierId");
	p->member_of = entry_list(a, e, "provostMemberOf");
	p->tools = entry_list(a, e, "provostToolGrant");
	read_tool_accounts(&r, p);
	read_periods(&r, p);
	read_provenance(&r, p);
	p->portal = first_of(entry_text(a, e, "provostPortalAccess"), "none");
	p->cpni = entry_bool(e, "provostCpniAuthorized", false);
	p->admin_scopes = entry_list(a, e, "provostAdminScope");
	p->owner = entry_text(a, e, "provostOwner");
	p->temporary_login = entry_text(a, e, "provostTemporaryLogin");
	p->invitation = entry_text(a, e, "provostInvitation");
	p->reset = entry_text(a, e, "provostReset");
	p->created_by = entry_text(a, e, "provostCreatedBy");
	p->first_login = read_time(&r, "provostFirstLogin", 0, 0);
	wrong_codes_read(a, e, &p->wrong, problems);
}
