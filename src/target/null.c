/* SPDX-License-Identifier: ISC */
/* null: a target that confirms everything at once; for tools whose grants
 * nobody else has to be told of, and for tests. */
#include <stdlib.h>
#include <string.h>

#include "target/target.h"

static int null_open(const struct target_conf *c, struct httpc *h,
    struct target **out, struct err *e)
{
	struct target *t = calloc(1, sizeof(*t));

	(void)h;
	if (t == NULL)
		return err_set(e, ERR_IO, "target %s: out of memory", c->name);
	t->kind = &target_null;
	target_conf_copy(&t->conf, c);
	*out = t;
	return 0;
}

static void null_close(struct target *t)
{
	target_conf_fini(&t->conf);
	free(t);
}

static void null_apply(struct target *t, const struct target_person *p,
    const struct action *act,
    void (*done)(void *arg, const struct target_result *r), void *arg)
{
	struct target_result r = { .remote_id = "-" };

	(void)t;
	(void)p;
	(void)act;
	done(arg, &r);
}

/* What it confirmed it has not kept. */
static void null_list(struct target *t, const struct target_lister *l)
{
	struct err e;

	(void)t;
	l->done(l->ctx, err_set(&e, ERR_UNSUPPORTED, "there is nothing behind "
	    "this target that could be asked"), &e);
}

static const char *null_describe(const struct target *t)
{
	(void)t;
	return "confirms at once";
}

const struct target_kind target_null = { "null", null_open, null_close,
    null_apply, null_describe, NULL, null_list };
