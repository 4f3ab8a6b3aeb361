/* SPDX-License-Identifier: ISC */
#include "model/request.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/dn.h"

static const char *const state_words[] = { "awaitingCode", "pending",
    "approved", "denied", "withdrawn", "expired", "applied", "failed" };
static const char *const kind_words[] = { "accounts", "tool", "role",
    "company", "groupIdentifier", "portal" };

const char *request_state_word(enum request_state s)
{
	return state_words[s];
}

const char *request_kind_word(enum request_kind k)
{
	return kind_words[k];
}

bool request_item_approved(const struct request *r, const char *item)
{
	size_t i;

	if (strcasecmp(r->decision, "approved") != 0)
		return false;
	for (i = 0; i < r->n_decisions; i++)
		if (strcasecmp(r->decisions[i].item, item) == 0 &&
		    strcasecmp(r->decisions[i].word, "denied") == 0)
			return false;
	return true;
}

const char *request_item_reason(const struct request *r, const char *item)
{
	size_t i;

	for (i = 0; i < r->n_reasons; i++)
		if (strcasecmp(r->reasons[i].item, item) == 0)
			return r->reasons[i].word;
	return "";
}

const char *request_billing(const struct request *r, const char *account)
{
	size_t i;

	for (i = 0; i < r->n_billing; i++)
		if (strcasecmp(r->billing[i].item, account) == 0)
			return r->billing[i].word;
	return "";
}

static int word_in(const char *w, const char *const *words, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (strcasecmp(w, words[i]) == 0)
			return i;
	return -1;
}

/* A person's DN in normal form: what is compared must not depend on how it
 * was written. */
static const char *person_dn(struct arena *a, const struct entry *e,
    const char *name, struct problems *p)
{
	const char *v = entry_text(a, e, name);
	const char *norm = dn_normal(a, v, NULL);

	if (norm == NULL)
		problem_add(a, p, e->dn, name, v, "must be a person's DN");
	return norm ? norm : v;
}

static int64_t time_of(struct arena *a, const struct entry *e,
    const char *name, struct problems *p)
{
	const char *v = entry_get(e, name);
	int64_t t = 0;

	if (v != NULL && !clock_parse_gt(v, &t))
		problem_add(a, p, e->dn, name, v,
		    "must be a time, YYYYmmddHHMMSSZ");
	return t;
}

/* "item word", one of two words. */
static struct request_item *read_items(struct arena *a,
    const struct entry *e, const char *name, const char *one,
    const char *other, size_t *n, struct problems *p)
{
	const struct attr *at = entry_attr(e, name);
	struct request_item *v;
	const char *w[2];
	size_t i;

	*n = 0;
	if (at == NULL)
		return NULL;
	v = arena_array(a, at->n, sizeof(*v));
	for (i = 0; i < at->n; i++)
		if (str_words(a, at->v[i].p, w, 2) == 2 &&
		    (str_ieq(w[1], one) || str_ieq(w[1], other)))
			v[(*n)++] = (struct request_item){ w[0], w[1] };
		else
			problem_add(a, p, e->dn, at->name, at->v[i].p,
			    arena_printf(a, "must be two words: item and %s "
			    "or %s", one, other));
	return v;
}

static void read_reasons(struct arena *a, const struct entry *e,
    struct request *r, struct problems *p)
{
	const struct attr *at = entry_attr(e, "provostItemReason");
	const char *w[2];
	size_t i;

	if (at == NULL)
		return;
	r->reasons = arena_array(a, at->n, sizeof(*r->reasons));
	for (i = 0; i < at->n; i++)
		if (str_words(a, at->v[i].p, w, 2) != 2)
			problem_add(a, p, e->dn, at->name, at->v[i].p,
			    "must be two words: item text, a space in the "
			    "text written %20");
		else
			r->reasons[r->n_reasons++] =
			    (struct request_item){ w[0], w[1] };
}

static void read_times(struct arena *a, const struct entry *e,
    struct request *r, struct problems *p)
{
	r->created = e->created;
	r->decided_at = time_of(a, e, "provostDecidedAt", p);
	r->expires_at = time_of(a, e, "provostExpiresAt", p);
	r->applied_at = time_of(a, e, "provostAppliedAt", p);
}

int request_read(struct arena *a, const struct entry *e, struct request *r,
    struct problems *p, struct err *err)
{
	const char *kind = entry_text(a, e, "provostRequestKind");
	const char *state = entry_text(a, e, "provostRequestState");
	int k = word_in(kind, kind_words, 6);
	int s = *state == '\0' ? REQUEST_PENDING :
	    word_in(state, state_words, 8);

	*r = (struct request){ .dn = arena_strdup(a, e->dn),
	    .csn = arena_strdup(a, e->csn ? e->csn : "") };
	memcpy(r->uuid, e->uuid, sizeof(r->uuid));
	r->id = entry_text(a, e, "provostRequestId");
	r->requester = person_dn(a, e, "provostRequester", p);
	r->beneficiary = person_dn(a, e, "provostBeneficiary", p);
	if (*r->beneficiary == '\0')
		r->beneficiary = r->requester;
	if (k < 0 || s < 0 || *r->requester == '\0')
		return err_set(err, ERR_INVALID, "%s: %s is %s; nothing is "
		    "done with this request", e->dn, k < 0 ?
		    "provostRequestKind" : s < 0 ? "provostRequestState" :
		    "provostRequester", *r->requester == '\0' && k >= 0 &&
		    s >= 0 ? "missing" : "unknown");
	r->kind = (enum request_kind)k;
	r->state = (enum request_state)s;
	r->accounts = entry_list(a, e, "provostAccount");
	r->companies = entry_list(a, e, "provostCompany");
	r->group_identifiers = entry_list(a, e, "provostGroupIdentifierId");
	r->codes = entry_list(a, e, "provostInvitationCode");
	r->tool = entry_text(a, e, "provostToolGrant");
	r->role = entry_text(a, e, "provostRole");
	r->delivery = entry_text(a, e, "provostDelivery");
	r->phone = entry_text(a, e, "telephoneNumber");
	r->decision = entry_text(a, e, "provostDecision");
	r->decided_by = person_dn(a, e, "provostDecidedBy", p);
	r->reason = entry_text(a, e, "provostReason");
	r->justification = entry_text(a, e, "provostJustification");
	r->status_text = entry_text(a, e, "provostStatusText");
	r->decisions = read_items(a, e, "provostItemDecision", "approved",
	    "denied", &r->n_decisions, p);
	r->billing = read_items(a, e, "provostItemBilling", "paper",
	    "paperless", &r->n_billing, p);
	read_reasons(a, e, r, p);
	read_times(a, e, r, p);
	return 0;
}
