/* SPDX-License-Identifier: ISC */
/* Each scenario is run undisturbed; run on, when nothing may change; with every
 * input given twice; and dying after every single effect. The end is the same
 * each time, and a tool is told the same twice only when the death came
 * between its answer and the receipt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "ring.h"

#define INPUTS 6
#define ANN "provostState: active\nprovostCompany: c1\nprovostCompany: c2\n"
#define WAN "provostToolGrant: wan\nprovostToolAccount: wan a11\n" \
	"provostToolAccount: wan a21\n"
#define ASK_WAN "provostRequestKind: tool\nprovostToolGrant: wan\n" \
	"provostAccount: a11\n"
#define APPROVE "add request provostDecision: approved", \
	"add request provostDecidedBy: cn=pat"

static const struct scenario {
	const char *name, *person, *request;
	const char *input[INPUTS];
	const char *tools;		/* after */
	const char *state;		/* of the request, after */
} scenarios[] = {
	{ "V25 V27 approve and apply", ANN, ASK_WAN, { APPROVE },
	    "wan: a11", "applied" },
	{ "V26 denied", ANN, ASK_WAN, { "add request provostDecision: denied",
	    "add request provostDecidedBy: cn=pat" }, "", "denied" },
	{ "V26 withdrawn", ANN, ASK_WAN, {
	    "add request provostDecision: withdrawn",
	    "add request provostDecidedBy: cn=ann" }, "", "withdrawn" },
	{ "V26 nobody decides for oneself", ANN, ASK_WAN, {
	    "add request provostDecision: approved",
	    "add request provostDecidedBy: cn=ann" }, "", "failed" },
	{ "V26 a request expires", ANN, ASK_WAN, { "now 20260413115959Z",
	    "now 20260413120000Z", APPROVE }, "", "expired" },
	{ "V18 the company comes first", "provostState: active\n"
	    "provostCompany: c2\n", ASK_WAN, { APPROVE }, "", "failed" },
	{ "V6 a restricted tool", ANN, "provostRequestKind: tool\n"
	    "provostToolGrant: fire\n", { APPROVE }, "", "failed" },
	{ "the tool is down while somebody approves", ANN, ASK_WAN, {
	    "tool down", APPROVE, "tool up" }, "wan: a11", "applied" },
	{ "V20 accounts come and go", ANN WAN, NULL, {
	    "add person provostToolAccount: wan a12",
	    "del person provostToolAccount: wan a11" }, "wan: a12 a21",
	    NULL },
	{ "V20 taking the last leaves an empty grant", ANN
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n", NULL, {
	    "del person provostToolAccount: wan a11" }, "wan:", NULL },
	{ "V14 a company goes, and what hangs on it", ANN WAN
	    "provostToolGrant: voip\nprovostToolAccount: voip a21\n", NULL, {
	    "del person provostCompany: c2" }, "wan: a11", NULL },
	{ "T1 a leaver is suspended", ANN WAN, NULL, {
	    "set person provostState: suspended" }, "", NULL },
	{ "T1 a leaver is deleted while the tool is down", ANN WAN, NULL, {
	    "tool down", "delete person", "tool up" }, "", NULL },
	{ "back again", ANN WAN, NULL, { "set person provostState: left",
	    "set person provostState: active" }, "wan: a11 a21", NULL },
	{ "T3 a grant begins and ends", ANN WAN
	    "provostPeriod: tool:wan 20260316120000Z 20260317120000Z\n", NULL,
	    { "now 20260316120000Z", "now 20260317120000Z" }, "", NULL },
	{ "T3 a grant has begun", ANN WAN
	    "provostPeriod: tool:wan 20260316120000Z 20260317120000Z\n", NULL,
	    { "now 20260317115959Z" }, "wan: a11 a21", NULL },
	{ "J4 a mover: birthright follows the group, by hand stays", ANN
	    "provostMemberOf: old\nprovostToolGrant: wan\n", NULL, {
	    "dn: r1\nobjectClass: provostRule\nprovostRuleId: r1\n"
	    "provostRuleGroup: old\nprovostToolGrant: voip\n",
	    "dn: r2\nobjectClass: provostRule\nprovostRuleId: r2\n"
	    "provostRuleGroup: new\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\n",
	    "set person provostMemberOf: new" }, "wan: a11", NULL },
	{ "V8 invited, then signed in", "provostState: invited\n"
	    "provostCompany: c1\nprovostToolGrant: wan\n", NULL, {
	    "set person provostState: active" }, "wan:", NULL },
};

/* Inputs one by one, each run to its end; dying once on the way. */
static void play(struct ring *r, const struct scenario *s, unsigned die_after,
    bool twice)
{
	size_t i;

	ring_init(r, s->person, s->request);
	r->die_after = die_after;
	ring_run(r);
	for (i = 0; i < INPUTS && s->input[i] != NULL; i++) {
		if (r->dead)
			ring_run(r);
		ring_input(r, s->input[i]);
		if (twice && !str_starts(s->input[i], "dn: "))
			ring_input(r, s->input[i]);
		ring_run(r);
	}
	if (r->dead)
		ring_run(r);
}

static void same_end(struct ring *r, const struct scenario *s,
    const char *end, const char *how, unsigned n)
{
	const char *got = ring_print(r);

	if (strcmp(got, end) != 0)
		fail_msg("%s, %s %u:\n%s\nshould be:\n%s", s->name, how, n,
		    got, end);
}

static void check_undisturbed(struct ring *r, const struct scenario *s)
{
	const char *state = r->request ?
	    entry_get(r->request, "provostRequestState") : NULL;

	if (strcmp(ring_tools(r), s->tools) != 0)
		fail_msg("%s: the tool has \"%s\"", s->name, ring_tools(r));
	if (s->state != NULL && !str_eq(state, s->state))
		fail_msg("%s: the request is %s: %s", s->name, state,
		    entry_text(r->t->a, r->request, "provostStatusText"));
	assert_int_equal(r->repeated, 0);
}

static void run_scenario(const struct scenario *s)
{
	struct ring first, r;
	unsigned n, effects;

	play(&first, s, 0, false);
	check_undisturbed(&first, s);
	effects = first.effects;
	ring_run(&first);
	assert_int_equal(first.effects, effects);

	play(&r, s, 0, true);
	same_end(&r, s, ring_print(&first), "inputs twice", 0);
	ring_fini(&r);
	for (n = 1; n <= effects; n++) {
		play(&r, s, n, false);
		same_end(&r, s, ring_print(&first), "died after effect", n);
		assert_true(r.repeated <= 1);
		ring_fini(&r);
	}
	ring_fini(&first);
}

static void test_scenarios(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		run_scenario(&scenarios[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
