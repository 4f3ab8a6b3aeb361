/* SPDX-License-Identifier: ISC */
#include "front/withheld.h"

#include "base/arena.h"
#include "base/clock.h"
#include "directory/held.h"
#include "directory/owed.h"

struct finding {
	struct call *c;
	const char *person;
	struct owed o;
	const struct action **act;	/* at one target */
	size_t n;
	struct withheld *out;
};

static const char *job_of(struct finding *k, const char *target,
    enum held_state state)
{
	struct held_job *job;
	size_t n, i;

	held_list(k->c->f->conf.held, k->c->a, true, &job, &n);
	for (i = 0; i < n; i++)
		if (job[i].side == HELD_TARGET && job[i].state == state &&
		    str_eq(job[i].name, target))
			return job[i].id;
	return "";
}

static void put(struct finding *k, const struct right *r, const char *job,
    bool rejected)
{
	struct withheld *out = k->out;
	struct arena *a = k->c->a;
	size_t n = out->text.n;

	strv_add(a, &out->text, right_print(a, r));
	out->job = arena_grow(a, out->job, n, n + 1, sizeof(*out->job));
	out->job[n] = job;
	out->rejected = arena_grow(a, out->rejected, n, n + 1,
	    sizeof(*out->rejected));
	out->rejected[n] = rejected;
}

static void put_action(struct finding *k, const struct action *act,
    const char *job, bool rejected)
{
	struct right r = { RIGHT_TOOL, act->tool, "" };
	size_t i;

	if (act->takes_tool)
		put(k, &r, job, rejected);
	for (i = 0; i < act->taken.n; i++) {
		r = (struct right){ RIGHT_TOOL_ACCOUNT, act->tool,
		    act->taken.v[i] };
		put(k, &r, job, rejected);
	}
}

/* As engine/brake asks, of all that is taken at a target. */
static void look_at(struct finding *k, const char *target)
{
	const char *job;
	enum held_is is;
	char digest[17];
	size_t i;

	k->n = 0;
	for (i = 0; i < k->o.n; i++)
		if (k->o.act[i].takes && !k->o.act[i].ended &&
		    str_eq(k->o.act[i].target, target))
			k->act[k->n++] = &k->o.act[i];
	diff_loss_digest(k->c->a, k->act, k->n, digest);
	is = held_is(k->c->f->conf.held, target, k->person, digest);
	if (is != HELD_WAITS && is != HELD_REJECTED)
		return;
	job = job_of(k, target, is == HELD_WAITS ? HELD_HELD : HELD_REFUSED);
	for (i = 0; i < k->n; i++)
		put_action(k, k->act[i], job, is == HELD_REJECTED);
}

void withheld_find(struct call *c, struct world_view *w,
    const uint8_t uuid[16], struct withheld *out)
{
	struct finding k = { .c = c, .out = out };
	const struct ways none = { 0 };
	struct strv seen = { 0 };
	char id[37];
	size_t i;

	*out = (struct withheld){ 0 };
	if (c->f->conf.held == NULL)
		return;
	str_uuid_text(uuid, id);
	k.person = id;
	owed_look(c->a, w, uuid, &none, clock_now(), &k.o);
	k.act = arena_array(c->a, k.o.n + 1, sizeof(*k.act));
	for (i = 0; i < k.o.n; i++)
		if (k.o.act[i].takes && !k.o.act[i].ended &&
		    !strv_has(&seen, k.o.act[i].target)) {
			strv_add(c->a, &seen, k.o.act[i].target);
			look_at(&k, k.o.act[i].target);
		}
}

int withheld_at(struct arena *a, const struct withheld *h,
    const struct right *r)
{
	const char *text = right_print(a, r);
	size_t i;

	for (i = 0; i < h->text.n; i++)
		if (str_ieq(h->text.v[i], text))
			return (int)i;
	return -1;
}
