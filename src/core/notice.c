/* SPDX-License-Identifier: ISC */
#include "core/notice.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "core/authorise.h"
#include "core/invite.h"
#include "core/request.h"

static const char *const words[NOTICE_KINDS] = {
	[NOTICE_INVITATION] = "invitation", [NOTICE_RESET] = "reset",
	[NOTICE_CONFIRMATION] = "confirmation", [NOTICE_REQUEST] = "request",
	[NOTICE_DECISION] = "decision", [NOTICE_PORTAL] = "portal",
	[NOTICE_PHONE] = "phone", [NOTICE_POST] = "post",
};

const char *notice_word(enum notice_kind k)
{
	return words[k];
}

static bool kind_of(const char *key, enum notice_kind *k)
{
	size_t n = strcspn(key, "/");
	int i;

	for (i = 0; i < NOTICE_KINDS; i++)
		if (strlen(words[i]) == n && memcmp(words[i], key, n) == 0) {
			*k = (enum notice_kind)i;
			return true;
		}
	return false;
}

static const char *target_of(const struct ways *w, enum notice_kind k)
{
	const char *name = k == NOTICE_PHONE ? w->phone : w->post;

	if (k < NOTICE_MAILS)
		return w->mail ? NOTICE_TARGET : NULL;
	return *name != '\0' ? name : NULL;
}

/* --- causes ---------------------------------------------------------------- */

struct listing {
	struct arena *a;
	const struct notice_facts *f;
	struct notice *v;
	size_t n, cap;
	struct notice spare;		/* what is not set up */
};

static struct notice *add(struct listing *l, enum notice_kind kind,
    const char *id, bool due)
{
	const char *target = target_of(l->f->ways, kind);

	if (target == NULL)
		return &l->spare;
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 8;
		l->v = arena_grow(l->a, l->v, l->n, l->cap, sizeof(*l->v));
	}
	l->v[l->n] = (struct notice){ .kind = kind, .due = due,
	    .target = target,
	    .key = arena_printf(l->a, "%s/%s", words[kind], id),
	    .to = l->f->person };
	return &l->v[l->n++];
}

static bool reachable(const struct person *p)
{
	return p->state == PERSON_ACTIVE || p->state == PERSON_INVITED;
}

static void add_invitation(struct listing *l)
{
	const struct person *p = l->f->person;
	int64_t expiry;
	char t[24];

	if (!invite_time(p->invitation, &expiry))
		return;
	add(l, NOTICE_INVITATION, clock_print_gt(expiry, t), p->state ==
	    PERSON_INVITED && expiry > l->f->now)->time = expiry;
}

static void add_reset(struct listing *l)
{
	const struct person *p = l->f->person;
	int64_t time;
	char t[24];

	if (!invite_time(p->reset, &time))
		return;
	add(l, NOTICE_RESET, clock_print_gt(time, t), p->state ==
	    PERSON_ACTIVE)->time = time;
}

static void add_confirmation(struct listing *l)
{
	const struct person *p = l->f->person, *creator = l->f->creator;

	if (creator == NULL || p->first_login == 0)
		return;
	add(l, NOTICE_CONFIRMATION, creator->id, p->state == PERSON_ACTIVE &&
	    reachable(creator) &&
	    l->f->now - p->first_login < NOTICE_KEPT)->to = creator;
}

/* Given, taken and given again is another time. */
static const char *portal_since(const struct person *p, char t[24])
{
	const struct provenance *last = NULL;
	size_t i;

	for (i = 0; i < p->n_provenance; i++)
		if (p->provenance[i].right.kind == RIGHT_PORTAL &&
		    (last == NULL || p->provenance[i].time > last->time))
			last = &p->provenance[i];
	return last != NULL ? clock_print_gt(last->time, t) : "-";
}

static void add_portal(struct listing *l)
{
	const struct person *p = l->f->person;
	char t[24];

	if (str_ieq(p->portal, "invited"))
		add(l, NOTICE_PORTAL, portal_since(p, t), reachable(p) &&
		    *p->invitation == '\0');
}

static bool is_contact(const struct rights *rights)
{
	return rights_hold(rights, &(struct right){ RIGHT_ROLE,
	    ROLE_PRIMARY_CONTACT, "" });
}

bool notice_concerns(const struct request *r, const struct person *contact,
    const struct rights *rights, const struct person *beneficiary,
    const struct world *w)
{
	struct request denied = *r;

	if (r->state != REQUEST_PENDING || *r->decision != '\0' ||
	    beneficiary == NULL || !is_contact(rights))
		return false;
	/* Whoever reaches one item may deny, and so has a say. */
	denied.decision = "denied";
	return authorise_decision(&denied, contact, rights, beneficiary, w,
	    NULL) == 0;
}

static void add_waiting(struct listing *l)
{
	const struct notice_facts *f = l->f;
	size_t i;

	if (!is_contact(f->rights))
		return;
	for (i = 0; i < f->n_waiting; i++) {
		const struct request *r = f->waiting[i];

		if (request_expires(r) > f->now && notice_concerns(r,
		    f->person, f->rights, f->by_dn(f->ctx, r->beneficiary),
		    f->world))
			add(l, NOTICE_REQUEST, r->id, true)->request = r;
	}
}

/* When it was closed; 0: it is open. */
static int64_t closed_at(const struct request *r)
{
	if (r->state == REQUEST_AWAITING_CODE || r->state == REQUEST_PENDING)
		return 0;
	return r->decided_at != 0 ? r->decided_at : request_expires(r);
}

/* V23: the code of each account, until it was entered or the request is over. */
static void add_deliveries(struct listing *l, const struct request *r)
{
	bool due = *r->decision == '\0' && reachable(l->f->person) &&
	    request_expires(r) > l->f->now;
	struct notice *n;
	size_t i;

	if (r->state != REQUEST_AWAITING_CODE || !request_delivers(r))
		return;
	for (i = 0; i < r->accounts.n; i++) {
		n = add(l, str_ieq(r->delivery, "phone") ? NOTICE_PHONE :
		    NOTICE_POST, arena_printf(l->a, "%s/%s", r->id,
		    r->accounts.v[i]), due);
		n->request = r;
		n->account = r->accounts.v[i];
	}
}

static void add_own(struct listing *l)
{
	const struct notice_facts *f = l->f;
	size_t i;

	for (i = 0; i < f->n_own; i++) {
		int64_t closed = closed_at(f->own[i]);

		if (closed != 0 && f->now - closed < NOTICE_KEPT)
			add(l, NOTICE_DECISION, f->own[i]->id,
			    reachable(f->person))->request = f->own[i];
		add_deliveries(l, f->own[i]);
	}
}

static int notice_cmp(const void *x, const void *y)
{
	return strcmp(((const struct notice *)x)->key,
	    ((const struct notice *)y)->key);
}

void notice_list(struct arena *a, const struct notice_facts *f,
    struct notice **out, size_t *n)
{
	struct listing l = { .a = a, .f = f };

	add_invitation(&l);
	add_reset(&l);
	add_confirmation(&l);
	add_waiting(&l);
	add_own(&l);
	add_portal(&l);
	if (l.n != 0)
		qsort(l.v, l.n, sizeof(*l.v), notice_cmp);
	*out = l.v;
	*n = l.n;
}

const struct notice *notice_find(const struct notice *v, size_t n,
    const char *key)
{
	const struct notice want = { .key = key };

	return n == 0 ? NULL : bsearch(&want, v, n, sizeof(*v), notice_cmp);
}

/* --- against the receipts ---------------------------------------------------- */

static int receipt_cmp(const void *x, const void *y)
{
	return strcmp((*(const struct receipt *const *)x)->right.key,
	    (*(const struct receipt *const *)y)->right.key);
}

/* A receipt of the way that its kind goes now; who knows no kind any more took
 * it for a mail. */
static bool is_notice(const struct ways *ways, const struct receipt *r)
{
	enum notice_kind k;

	if (r->right.kind != RIGHT_MAIL)
		return false;
	if (!kind_of(r->right.key, &k))
		k = NOTICE_INVITATION;
	return str_eq(r->target, target_of(ways, k));
}

/* Those of notices, sorted by key. */
static const struct receipt **ours(struct arena *a, const struct ways *ways,
    const struct receipt *v, size_t n, size_t *n_out)
{
	const struct receipt **out = arena_array(a, n + 1, sizeof(*out));
	size_t i;

	*n_out = 0;
	for (i = 0; i < n; i++)
		if (is_notice(ways, &v[i]))
			out[(*n_out)++] = &v[i];
	if (*n_out != 0)
		qsort(out, *n_out, sizeof(*out), receipt_cmp);
	return out;
}

/* Receipts for closed requests stay a while: who reaches a request may change
 * and change back, and people ask who was told. */
static bool useless(const struct receipt *r, int64_t now)
{
	enum notice_kind k;

	return r->state != RECEIPT_CONFIRMED ||
	    !kind_of(r->right.key, &k) ||
	    (k != NOTICE_REQUEST && k != NOTICE_DECISION &&
	    k < NOTICE_MAILS) ||
	    now - r->time >= NOTICE_KEPT;
}

/* A request has one code for an account: a call or letter that is repeated,
 * however late, is known by its key. */
static bool once(const char *key)
{
	enum notice_kind k;

	return kind_of(key, &k) && k >= NOTICE_MAILS;
}

static void make_action(struct arena *a, const char *person_id,
    enum action_kind kind, const char *target, const char *key,
    const struct receipt *have, struct action *act)
{
	*act = (struct action){ .kind = kind, .target = target,
	    .tool = key, .remote_id = "-", .notice = true,
	    .attempts = have != NULL ? have->attempts : 0,
	    .announced = kind == ACTION_REMOVE || have != NULL };
	memcpy(act->key, hash_sha256_hex(a, arena_printf(a, "%s\n%s\n%s\n%d\n%"
	    PRId64, person_id, act->target, key, (int)kind, have != NULL &&
	    !once(key) ? have->time : 0)), sizeof(act->key));
}

void notice_diff(struct arena *a, const char *person_id, bool gone,
    const struct ways *ways, const struct notice *v, size_t n,
    const struct receipt *receipt, size_t n_receipts, int64_t now,
    struct action **out, size_t *n_out)
{
	size_t n_have, i = 0, j = 0, k = 0;
	const struct receipt **have = ours(a, ways, receipt, n_receipts,
	    &n_have);
	struct action *act = arena_array(a, n + n_have + 1, sizeof(*act));

	while (i < n || j < n_have) {
		int d = i == n ? 1 : j == n_have ? -1 :
		    strcmp(v[i].key, have[j]->right.key);

		if (d > 0 && (gone || useless(have[j], now)))
			make_action(a, person_id, ACTION_REMOVE,
			    have[j]->target, have[j]->right.key, have[j],
			    &act[k++]);
		else if (d <= 0 && v[i].due && (d != 0 ||
		    have[j]->state != RECEIPT_CONFIRMED))
			make_action(a, person_id, ACTION_MAIL, v[i].target,
			    v[i].key, d == 0 ? have[j] : NULL, &act[k++]);
		i += d <= 0;
		j += d >= 0;
	}
	*out = act;
	*n_out = k;
}
