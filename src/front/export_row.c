/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "core/request.h"
#include "front/export_requests.h"
#include "front/operations.h"

static const char *const columns[] = { "request", "id", "created", "state",
	"kind", "requester", "requesterName", "beneficiary",
	"beneficiaryName", "item", "billing", "decision", "reason",
	"delivery", "justification", "decidedBy", "decidedByName", "decidedAt",
	"expiresAt", "appliedAt", "statusText" };
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* One item, and what became of it. */
struct item {
	const char *right, *billing, *decision, *reason;
};

static const char *time_text(struct arena *a, int64_t t)
{
	char text[32];

	return t == 0 ? "" : arena_strdup(a, clock_print_rfc3339(t, text));
}

static const char *decision_on(const struct request *r,
    const struct right *right)
{
	bool granted = r->state == REQUEST_APPROVED ||
	    r->state == REQUEST_APPLIED;

	if (!granted && r->state != REQUEST_DENIED)
		return "";
	/* Codes need no decision. */
	return granted && (*r->decision == '\0' ||
	    request_right_approved(r, right)) ? "approved" : "denied";
}

static size_t items_of(struct arena *a, const struct request *r,
    struct item **out)
{
	struct right *v;
	size_t n = request_rights(a, r, &v), i;

	*out = arena_array(a, n + 1, sizeof(**out));
	for (i = 0; i < n; i++) {
		const char *name = request_item(&v[i]);
		const char *why = request_item_reason(r, name);

		(*out)[i] = (struct item){ right_print(a, &v[i]),
		    request_billing(r, name), decision_on(r, &v[i]),
		    *why != '\0' ? why : r->reason };
	}
	if (n == 0)
		(*out)[n++] = (struct item){ "", "", "", r->reason };
	return n;
}

/* Who is gone is shown by their DN. */
static const char *login(const struct person *p, const char *dn)
{
	return p != NULL ? p->uid : dn;
}

static const char *name(const struct person *p)
{
	return p != NULL ? p->display : "";
}

/* --- CSV ------------------------------------------------------------------- */

static const struct csv_format format = { ',', true };

void export_head_csv(struct buf *out)
{
	csv_put(out, &format, columns, N_COLUMNS);
}

void export_put_csv(struct world_view *w, const struct request *r,
    struct buf *out)
{
	struct arena *a = world_arena(w);
	const struct person *asks = world_person_dn(w, r->requester);
	const struct person *gets = world_person_dn(w, r->beneficiary);
	const struct person *by = world_person_dn(w, r->decided_by);
	struct item *item;
	size_t n = items_of(a, r, &item), i;
	char id[37];

	str_uuid_text(r->uuid, id);
	for (i = 0; i < n; i++) {
		const char *const row[N_COLUMNS] = { r->id, id,
		    time_text(a, r->created), request_state_word(r->state),
		    request_kind_word(r->kind), login(asks, r->requester),
		    name(asks), login(gets, r->beneficiary), name(gets),
		    item[i].right, item[i].billing, item[i].decision,
		    item[i].reason, r->delivery, r->justification,
		    login(by, r->decided_by), name(by),
		    time_text(a, r->decided_at),
		    time_text(a, request_expires(r)),
		    time_text(a, r->applied_at), r->status_text };

		csv_put(out, &format, row, N_COLUMNS);
	}
}

/* --- JSON lines -------------------------------------------------------------- */

static void put(struct arena *a, struct json *o, const char *name_,
    const char *text)
{
	if (*text != '\0')
		operations_put(a, o, name_, text);
}

static void put_person(struct arena *a, struct json *o, const char *as,
    const struct person *p, const char *dn)
{
	struct json *j;

	if (*dn == '\0')
		return;
	j = json_put(a, o, as, json_new(a, JSON_IS_OBJECT));
	if (p != NULL) {
		put(a, j, "id", p->id);
		put(a, j, "userName", p->uid);
		put(a, j, "displayName", p->display);
	} else {
		put(a, j, "dn", dn);
	}
}

static void put_items(struct arena *a, struct json *o,
    const struct request *r)
{
	struct json *list = json_put(a, o, "items", json_new(a,
	    JSON_IS_ARRAY)), *j;
	struct item *item;
	size_t n = items_of(a, r, &item), i;

	for (i = 0; i < n; i++) {
		if (*item[i].right == '\0')
			continue;
		j = json_push(list, json_new(a, JSON_IS_OBJECT));
		put(a, j, "right", item[i].right);
		put(a, j, "billing", item[i].billing);
		put(a, j, "decision", item[i].decision);
		put(a, j, "reason", item[i].reason);
	}
}

void export_put_json(struct world_view *w, const struct request *r,
    struct buf *out)
{
	struct arena *a = world_arena(w);
	struct json *j = json_new(a, JSON_IS_OBJECT);
	char id[37];

	str_uuid_text(r->uuid, id);
	put(a, j, "request", r->id);
	put(a, j, "id", id);
	put(a, j, "created", time_text(a, r->created));
	put(a, j, "state", request_state_word(r->state));
	put(a, j, "kind", request_kind_word(r->kind));
	put_person(a, j, "requester", world_person_dn(w, r->requester), r->requester);
	put_person(a, j, "beneficiary", world_person_dn(w, r->beneficiary),
	    r->beneficiary);
	put_items(a, j, r);
	put(a, j, "reason", r->reason);
	put(a, j, "delivery", r->delivery);
	put(a, j, "justification", r->justification);
	put_person(a, j, "decidedBy", world_person_dn(w, r->decided_by),
	    r->decided_by);
	put(a, j, "decidedAt", time_text(a, r->decided_at));
	put(a, j, "expiresAt", time_text(a, request_expires(r)));
	put(a, j, "appliedAt", time_text(a, r->applied_at));
	put(a, j, "statusText", r->status_text);
	json_write(out, j);
	buf_putc(out, '\n');
}
