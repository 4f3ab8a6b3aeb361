/* SPDX-License-Identifier: ISC */
#include "model/right.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"

static const struct {
	const char *prefix;
	enum right_kind kind;
} kinds[] = {
	{ "role:", RIGHT_ROLE }, { "company:", RIGHT_COMPANY },
	{ "account:", RIGHT_ACCOUNT }, { "all-accounts:", RIGHT_ALL_ACCOUNTS },
	{ "group:", RIGHT_GROUP }, { "tool:", RIGHT_TOOL },
	{ "mail:", RIGHT_MAIL },
};

static const char *const state_words[RECEIPT_STATES] = { "pending",
    "confirmed", "failed", "ending" };

static bool read_right(struct arena *a, const char *s, struct right *r)
{
	const char *rest, *slash;
	size_t i;

	*r = (struct right){ .key = "", .account = "" };
	if (strcmp(s, "portal") == 0 || strcmp(s, "cpni") == 0) {
		r->kind = s[0] == 'p' ? RIGHT_PORTAL : RIGHT_CPNI;
		return true;
	}
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!str_starts(s, kinds[i].prefix))
			continue;
		r->kind = kinds[i].kind;
		rest = s + strlen(kinds[i].prefix);
		slash = strchr(rest, '/');
		if (r->kind == RIGHT_MAIL) {
			r->key = arena_strdup(a, rest);
			return slash != NULL && slash != rest &&
			    slash[1] != '\0';
		}
		slash = r->kind == RIGHT_TOOL ? slash : NULL;
		if (slash != NULL) {
			r->kind = RIGHT_TOOL_ACCOUNT;
			r->account = arena_strdup(a, slash + 1);
			r->key = arena_strndup(a, rest, (size_t)(slash - rest));
		} else {
			r->key = arena_strdup(a, rest);
		}
		return *r->key != '\0' && (slash == NULL || slash[1] != '\0');
	}
	return false;
}

int right_parse(struct arena *a, const char *s, struct right *r,
    struct err *e)
{
	if (read_right(a, s, r) && r->kind != RIGHT_MAIL)
		return 0;
	return err_set(e, ERR_INVALID, "\"%.64s\" is no right; one is role:R, "
	    "company:C, account:A, all-accounts:C, group:G, tool:T, tool:T/A, "
	    "portal or cpni", s);
}

char *right_print(struct arena *a, const struct right *r)
{
	size_t i;

	if (r->kind == RIGHT_PORTAL || r->kind == RIGHT_CPNI)
		return arena_strdup(a, r->kind == RIGHT_PORTAL ? "portal" :
		    "cpni");
	if (r->kind == RIGHT_TOOL_ACCOUNT)
		return arena_printf(a, "tool:%s/%s", r->key, r->account);
	for (i = 0; kinds[i].kind != r->kind; i++)
		;
	return arena_printf(a, "%s%s", kinds[i].prefix, r->key);
}

/* A tool and its accounts stand together: the tool before its accounts. */
static int rank(const struct right *r)
{
	return r->kind == RIGHT_TOOL_ACCOUNT ? RIGHT_TOOL : (int)r->kind;
}

int right_cmp(const struct right *x, const struct right *y)
{
	int d = rank(x) - rank(y);

	if (d == 0)
		d = strcasecmp(x->key, y->key);
	if (d == 0)
		d = (int)x->kind - (int)y->kind;
	return d != 0 ? d : strcasecmp(x->account, y->account);
}

bool right_eq(const struct right *x, const struct right *y)
{
	return right_cmp(x, y) == 0;
}

static bool time_word(const char *w, int64_t open, int64_t *t)
{
	if (strcmp(w, "-") != 0)
		return clock_parse_gt(w, t);
	*t = open;
	return true;
}

int period_parse(struct arena *a, const char *s, struct period *p,
    struct err *e)
{
	const char *w[3];
	int rc;

	if (str_words(a, s, w, 3) != 3)
		return err_set(e, ERR_INVALID, "\"%.100s\" is no period; one "
		    "is \"right from until\", an open end is -", s);
	if ((rc = right_parse(a, w[0], &p->right, e)) != 0)
		return rc;
	if (!time_word(w[1], INT64_MIN, &p->from) ||
	    !time_word(w[2], CLOCK_NEVER, &p->until))
		return err_set(e, ERR_INVALID, "period \"%.100s\": a time is "
		    "YYYYmmddHHMMSSZ or -", s);
	if (p->from >= p->until)
		return err_set(e, ERR_INVALID, "period \"%.100s\" ends before "
		    "it begins", s);
	return 0;
}

static const char *print_time(struct arena *a, int64_t t)
{
	char out[24];

	if (t == INT64_MIN || t == CLOCK_NEVER)
		return "-";
	return arena_strdup(a, clock_print_gt(t, out));
}

char *period_print(struct arena *a, const struct period *p)
{
	return arena_printf(a, "%s %s %s",
	    str_word(a, right_print(a, &p->right)), print_time(a, p->from),
	    print_time(a, p->until));
}

static bool origin_ok(const char *w)
{
	static const char *const known[] = { "request:", "rule:", "feed:",
	    "client:", "person:" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_starts(w, known[i]))
			return w[strlen(known[i])] != '\0';
	return false;
}

int provenance_parse(struct arena *a, const char *s, struct provenance *p,
    struct err *e)
{
	const char *w[3];
	int rc;

	if (str_words(a, s, w, 3) != 3 || !origin_ok(w[1]) ||
	    !clock_parse_gt(w[2], &p->time))
		return err_set(e, ERR_INVALID, "\"%.100s\" is no provenance; "
		    "one is \"right origin YYYYmmddHHMMSSZ\", an origin is "
		    "request:ID, rule:ID, feed:NAME, client:NAME or "
		    "person:entryUUID", s);
	if ((rc = right_parse(a, w[0], &p->right, e)) != 0)
		return rc;
	p->origin = w[1];
	return 0;
}

char *provenance_print(struct arena *a, const struct provenance *p)
{
	return arena_printf(a, "%s %s %s",
	    str_word(a, right_print(a, &p->right)), str_word(a, p->origin),
	    print_time(a, p->time));
}

const char *receipt_state_word(enum receipt_state s)
{
	return state_words[s];
}

static bool state_of(const char *w, enum receipt_state *s)
{
	for (*s = 0; *s < RECEIPT_STATES; (*s)++)
		if (strcmp(w, state_words[*s]) == 0)
			return true;
	return false;
}

int receipt_parse(struct arena *a, const char *s, struct receipt *r,
    struct err *e)
{
	const char *w[6];
	int64_t n;

	if (str_words(a, s, w, 6) != 6 || !state_of(w[2], &r->state) ||
	    !clock_parse_gt(w[3], &r->time) || !str_int(w[5], &n) || n < 0 ||
	    n > INT32_MAX)
		return err_set(e, ERR_INVALID, "\"%.100s\" is no receipt; one "
		    "is \"target right state time remote-id attempts\"", s);
	if (!read_right(a, w[1], &r->right))
		return right_parse(a, w[1], &r->right, e);
	r->target = w[0];
	r->remote_id = w[4];
	r->attempts = (int)n;
	return 0;
}

char *receipt_print(struct arena *a, const struct receipt *r)
{
	char t[24];

	/* Microseconds: rounds of giving and taking are told apart by it. */
	return arena_printf(a, "%s %s %s %s %s %d", str_word(a, r->target),
	    str_word(a, right_print(a, &r->right)), state_words[r->state],
	    clock_print_gt_us(r->time, t), str_word(a, r->remote_id),
	    r->attempts);
}
