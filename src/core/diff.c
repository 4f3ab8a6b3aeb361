/* SPDX-License-Identifier: ISC */
#include "core/diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"

/* What one tool at one target has confirmed, or should have. */
struct holding {
	const char *target, *tool;
	struct strv accounts;
	struct strv counted;	/* those whose end nobody let pass yet */
	bool tool_itself;	/* not only some of its accounts */
	bool tool_counted;
	bool settled;		/* every receipt is confirmed */
	bool open;		/* none is: it may have happened */
	const char *remote_id;
	int attempts;
	int64_t newest;		/* of the receipts, or of who gave it; 0 none */
};

struct holdings {
	struct arena *a;
	struct holding *v;
	size_t n, cap;
};

static struct holding *holding_for(struct holdings *h, const char *target,
    const char *tool)
{
	struct holding *x;
	size_t i;

	/* From the end: a tool's accounts come after the tool. */
	for (i = h->n; i-- > 0;)
		if (strcasecmp(h->v[i].tool, tool) == 0 &&
		    strcmp(h->v[i].target, target) == 0)
			return &h->v[i];
	if (h->n == h->cap) {
		size_t cap = h->cap ? h->cap * 2 : 8;

		h->v = arena_grow(h->a, h->v, h->n, cap, sizeof(*h->v));
		h->cap = cap;
	}
	x = &h->v[h->n++];
	*x = (struct holding){ .target = target, .tool = tool,
	    .settled = true, .open = true, .remote_id = "-" };
	return x;
}

static void note_given(struct holding *x, const struct effective *e)
{
	size_t i;

	for (i = 0; i < e->n_paths; i++)
		if (e->path[i].provenance != NULL &&
		    e->path[i].provenance->time > x->newest)
			x->newest = e->path[i].provenance->time;
}

static void read_rights(struct holdings *h, const struct rights *r,
    const struct world *w)
{
	size_t i;

	for (i = 0; r != NULL && i < r->n; i++) {
		const struct effective *e = &r->v[i];
		const struct tool *t;
		struct holding *x;

		if (!e->granted || (e->right.kind != RIGHT_TOOL &&
		    e->right.kind != RIGHT_TOOL_ACCOUNT))
			continue;
		t = w->tool(w->ctx, e->right.key);
		if (t == NULL || *t->target == '\0')
			continue;
		x = holding_for(h, t->target, t->id);
		x->tool_itself |= e->right.kind == RIGHT_TOOL;
		note_given(x, e);
		if (e->right.kind == RIGHT_TOOL_ACCOUNT)
			strv_add(h->a, &x->accounts, e->right.account);
	}
}

static void read_held(struct holdings *h, struct holding *x,
    const struct receipt *r)
{
	bool counted = r->state != RECEIPT_ENDING;

	if (r->right.kind == RIGHT_TOOL) {
		x->tool_itself = true;
		x->tool_counted |= counted;
		return;
	}
	strv_add(h->a, &x->accounts, r->right.account);
	if (counted)
		strv_add(h->a, &x->counted, r->right.account);
}

static void read_receipts(struct holdings *h, const struct receipt *r,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct holding *x;

		if (r[i].right.kind != RIGHT_TOOL &&
		    r[i].right.kind != RIGHT_TOOL_ACCOUNT)
			continue;
		x = holding_for(h, r[i].target, r[i].right.key);
		read_held(h, x, &r[i]);
		x->settled &= r[i].state == RECEIPT_CONFIRMED;
		x->open &= r[i].state != RECEIPT_CONFIRMED;
		if (strcmp(r[i].remote_id, "-") != 0)
			x->remote_id = r[i].remote_id;
		if (r[i].attempts > x->attempts)
			x->attempts = r[i].attempts;
		if (r[i].time > x->newest)
			x->newest = r[i].time;
	}
}

static int holding_cmp(const void *x, const void *y)
{
	const struct holding *p = x, *q = y;
	int d = strcasecmp(p->tool, q->tool);

	return d != 0 ? d : strcmp(p->target, q->target);
}

static void sort(struct holdings *h)
{
	size_t i;

	for (i = 0; i < h->n; i++) {
		strv_sort(&h->v[i].accounts);
		strv_sort(&h->v[i].counted);
	}
	if (h->n != 0)
		qsort(h->v, h->n, sizeof(*h->v), holding_cmp);
}

static bool same(const struct strv *x, const struct strv *y)
{
	size_t i;

	for (i = 0; x->n == y->n && i < x->n; i++)
		if (strcasecmp(x->v[i], y->v[i]) != 0)
			return false;
	return x->n == y->n;
}

/* What was given and taken away before can be given and taken away again: that
 * is no repetition. The times of who gave it and of the receipts before tell the
 * rounds apart; neither moves until the action's receipt is there. */
static void make_key(struct arena *a, const char *person_id,
    struct action *act, const struct holding *want,
    const struct holding *have)
{
	struct buf b;
	size_t i;

	buf_init(&b, (size_t)64 << 20);
	buf_printf(&b, "%s\n%s\n%s\n%s\n%" PRId64 "\n%" PRId64, person_id,
	    act->target, act->tool, act->kind == ACTION_PUT ? "put" :
	    "remove", want != NULL ? want->newest : 0,
	    have != NULL ? have->newest : 0);
	for (i = 0; i < act->accounts.n; i++)
		buf_printf(&b, "\n%s", act->accounts.v[i]);
	memcpy(act->key, hash_sha256_hex(a, buf_str(&b)), sizeof(act->key));
	buf_fini(&b);
}

struct walk {
	struct arena *a;
	const char *person_id;
	const struct rights *rights;	/* NULL: gone */
	struct action *v;
	size_t n;
};

static bool among(const struct strv *v, const char *account)
{
	return strv_find(v, account) || strv_ihas(v, account);
}

/* --- what an action takes ---------------------------------------------------- */

static bool ended(const struct walk *k, enum right_kind kind,
    const char *tool, const char *account)
{
	const struct right r = { kind, tool, account };
	const struct effective *e = k->rights != NULL ?
	    rights_find(k->rights, &r) : NULL;

	if (kind == RIGHT_TOOL_ACCOUNT && ended(k, RIGHT_TOOL, tool, ""))
		return true;
	return e != NULL && !e->granted && e->ended;
}

static void make_loss(struct arena *a, struct action *act)
{
	const char *text = arena_printf(a, "%s\n%s", act->target,
	    diff_loss_text(a, act));

	memcpy(act->loss, hash_sha256_hex(a, text), sizeof(act->loss) - 1);
}

/* What is taken whose end came, or else; false: nothing. */
static bool weigh_part(struct walk *k, struct action *act,
    const struct holding *want, const struct holding *have, bool past)
{
	size_t i;

	act->taken = (struct strv){ 0 };
	for (i = 0; i < have->counted.n; i++) {
		const char *account = have->counted.v[i];

		if ((want == NULL || !among(&want->accounts, account)) &&
		    ended(k, RIGHT_TOOL_ACCOUNT, have->tool, account) == past)
			strv_add(k->a, &act->taken, account);
	}
	act->takes_tool = want == NULL && have->tool_counted &&
	    ended(k, RIGHT_TOOL, have->tool, "") == past;
	return act->takes_tool || act->taken.n != 0;
}

static void weigh(struct walk *k, struct action *act,
    const struct holding *want, const struct holding *have)
{
	act->takes = weigh_part(k, act, want, have, false);
	if (!act->takes)
		act->takes = act->ended = weigh_part(k, act, want, have, true);
	if (act->takes)
		make_loss(k->a, act);
}

/* Is all of want in have? Both are sorted. */
static bool covers(const struct holding *have, const struct holding *want)
{
	size_t i, k = 0;

	for (i = 0; i < want->accounts.n; i++, k++) {
		while (k < have->accounts.n && strcasecmp(have->accounts.v[k],
		    want->accounts.v[i]) != 0)
			k++;
		if (k == have->accounts.n)
			return false;
	}
	return have->tool_itself;
}

/* From the first byte sent until its answer is recorded nobody knows what the
 * tool holds; the receipts must say so before it begins, or a change of mind in
 * that time would go unnoticed. */
static bool announced(const struct holding *want, const struct holding *have)
{
	return have != NULL && have->open &&
	    (want == NULL || covers(have, want));
}

static bool gives(const struct holding *want, const struct holding *have)
{
	return have == NULL || !have->settled || !covers(have, want);
}

/* want NULL: to be removed; have NULL: not there yet. */
static void step(struct walk *k, const struct holding *want,
    const struct holding *have)
{
	struct action *act;

	if (want != NULL && have != NULL && have->settled &&
	    have->tool_itself && same(&want->accounts, &have->accounts))
		return;
	act = &k->v[k->n++];
	act->kind = want != NULL ? ACTION_PUT : ACTION_REMOVE;
	act->target = want != NULL ? want->target : have->target;
	act->tool = want != NULL ? want->tool : have->tool;
	if (want != NULL)
		act->accounts = want->accounts;
	act->remote_id = have != NULL ? have->remote_id : "-";
	act->attempts = have != NULL ? have->attempts : 0;
	if (have != NULL)
		weigh(k, act, want, have);
	act->gives = want != NULL && gives(want, have);
	act->covered = announced(want, have);
	act->announced = act->covered && !act->takes;
	make_key(k->a, k->person_id, act, want, have);
}

/* Removals first: what ends must not wait for what begins. */
static int action_cmp(const void *x, const void *y)
{
	const struct action *p = x, *q = y;

	if (p->kind != q->kind)
		return p->kind == ACTION_REMOVE ? -1 : 1;
	return strcasecmp(p->tool, q->tool);
}

void diff_tools(struct arena *a, const char *person_id,
    const struct rights *rights, const struct world *w,
    const struct receipt *receipt, size_t n_receipts,
    struct action **out, size_t *n)
{
	struct holdings want = { .a = a }, have = { .a = a };
	struct walk k = { a, person_id, rights, NULL, 0 };
	size_t i = 0, j = 0;

	read_rights(&want, rights, w);
	read_receipts(&have, receipt, n_receipts);
	sort(&want);
	sort(&have);
	k.v = arena_array(a, want.n + have.n + 1, sizeof(*k.v));
	while (i < want.n || j < have.n) {
		int d = i == want.n ? 1 : j == have.n ? -1 :
		    holding_cmp(&want.v[i], &have.v[j]);

		step(&k, d <= 0 ? &want.v[i] : NULL,
		    d >= 0 ? &have.v[j] : NULL);
		i += d <= 0;
		j += d >= 0;
	}
	if (k.n != 0)
		qsort(k.v, k.n, sizeof(*k.v), action_cmp);
	*out = k.v;
	*n = k.n;
}

/* --- what is held ------------------------------------------------------------- */

const char *diff_loss_text(struct arena *a, const struct action *act)
{
	struct right r = { RIGHT_TOOL, act->tool, "" };
	const char *out = act->takes_tool ? right_print(a, &r) : "";
	size_t i;

	for (i = 0; i < act->taken.n; i++) {
		r = (struct right){ RIGHT_TOOL_ACCOUNT, act->tool,
		    act->taken.v[i] };
		out = arena_printf(a, "%s%s%s", out, *out ? ", " : "",
		    right_print(a, &r));
	}
	return out;
}

void diff_loss_digest(struct arena *a, const struct action *const *act,
    size_t n, char out[17])
{
	struct strv all = { 0 };
	uint64_t h = 0;
	size_t i;

	for (i = 0; i < n; i++)
		strv_add(a, &all, act[i]->loss);
	strv_sort(&all);
	for (i = 0; i < all.n; i++)
		h = hash_fast(all.v[i], strlen(all.v[i]), h);
	if (all.n == 1)
		memcpy(out, all.v[0], 17);
	else
		str_hex_u64(h, out);
}

bool diff_withheld(struct arena *a, const struct action *act,
    struct action *out)
{
	const char *key;
	size_t i;

	if (act->kind != ACTION_PUT || !act->gives)
		return false;
	*out = *act;
	out->takes = false;
	out->accounts = out->taken = (struct strv){ 0 };
	for (i = 0; i < act->accounts.n; i++)
		strv_add(a, &out->accounts, act->accounts.v[i]);
	for (i = 0; i < act->taken.n; i++)
		strv_add(a, &out->accounts, act->taken.v[i]);
	strv_sort(&out->accounts);
	out->announced = act->covered;
	key = arena_printf(a, "%s\n%s", act->key, act->loss);
	memcpy(out->key, hash_sha256_hex(a, key), sizeof(out->key));
	return true;
}

struct after {
	struct receipt *v;
	size_t n;
	struct receipt all;	/* what the values have in common */
};

static void put(struct after *to, enum right_kind kind, const char *tool,
    const char *account)
{
	struct receipt *r = &to->v[to->n++];

	*r = to->all;
	r->right = (struct right){ kind, tool, account };
}

static bool wanted(const struct action *act, const struct right *r)
{
	return act->kind == ACTION_PUT && (r->kind == RIGHT_TOOL ||
	    among(&act->accounts, r->account));
}

/* What the action should have ended may still be there; but nobody holds it up
 * any more. */
static void keep_unended(struct after *to, const struct action *act,
    const struct receipt *old, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcasecmp(old[i].right.key, act->tool) == 0 &&
		    strcmp(old[i].target, act->target) == 0 &&
		    !wanted(act, &old[i].right)) {
			put(to, old[i].right.kind, old[i].right.key,
			    old[i].right.account);
			to->v[to->n - 1].state = RECEIPT_ENDING;
		}
}

static bool known(const char *remote_id)
{
	return remote_id != NULL && *remote_id != '\0' &&
	    strcmp(remote_id, "-") != 0;
}

void diff_receipts_after(struct arena *a, const struct action *act,
    enum receipt_state state, int64_t now, const char *remote_id,
    const struct receipt *old, size_t n_old, struct receipt **out, size_t *n)
{
	struct after to = { arena_array(a, n_old + act->accounts.n + 1,
	    sizeof(*to.v)), 0, { .target = act->target, .state = state,
	    .time = now, .remote_id = known(remote_id) ? remote_id :
	    act->remote_id, .attempts = act->attempts } };
	size_t i;

	if (state == RECEIPT_CONFIRMED)
		to.all.attempts = 0;
	else if (to.all.attempts < INT32_MAX)
		to.all.attempts++;
	if (act->kind == ACTION_MAIL) {
		put(&to, RIGHT_MAIL, act->tool, "");
	} else if (act->kind == ACTION_PUT) {
		put(&to, RIGHT_TOOL, act->tool, "");
		for (i = 0; i < act->accounts.n; i++)
			put(&to, RIGHT_TOOL_ACCOUNT, act->tool,
			    act->accounts.v[i]);
	}
	if (state != RECEIPT_CONFIRMED && act->kind != ACTION_MAIL)
		keep_unended(&to, act, old, n_old);
	*out = to.v;
	*n = to.n;
}
