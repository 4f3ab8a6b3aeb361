/* SPDX-License-Identifier: ISC */
/*
 * spool: one XML file a call or letter (core/notice, V23) in a directory,
 * where a provider's own program fetches it:
 *
 * <?xml version="1.0" encoding="UTF-8"?>
 * <delivery id="KEY" kind="post" created="2026-01-02T03:04:05Z">
 *  <request>..</request><expires>..</expires><name>..</name>
 *  <code>ABCD-2345</code><account>100001</account>
 *  <company>..</company><address>..</address></delivery>
 *
 * (phone instead of company and address where kind is phone.) The name is
 * KIND-KEY.xml, the key the same whenever the job is repeated; target/drop
 * writes it.
 *
 *   no such account or key              ERR_ITEM_BAD
 *   the directory cannot be written     ERR_TARGET_DOWN
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "codec/xml_write.h"
#include "target/drop.h"
#include "target/target.h"

#define MAX_FILE (1024 * 1024)

static int spool_open(const struct target_conf *c, struct httpc *h,
    struct target **out, struct err *e)
{
	(void)h;
	return drop_open(&target_spool, c, out, e);
}

static void put_job(struct buf *out, const struct letter *l,
    const struct action *act)
{
	const char *const *name = notice_names(l->kind);
	struct xml_writer w;
	char now[32];
	size_t i;

	xml_write_init(&w, out);
	xml_begin(&w, "delivery");
	xml_put_attr(&w, "id", act->key);
	xml_put_attr(&w, "kind", notice_word(l->kind));
	xml_put_attr(&w, "created", clock_print_rfc3339(clock_now(), now));
	for (i = 0; name[i] != NULL; i++)
		xml_put(&w, name[i], l->value[i]);
	xml_end(&w);
}

static int deliver(struct target *t, struct arena *a,
    const struct target_person *p, const struct action *act, struct err *e)
{
	const struct target_source *source = t->conf.source;
	struct letter l;
	struct buf b;
	int rc;

	if (act->kind != ACTION_MAIL)
		return err_set(e, ERR_ITEM_BAD, "the target takes calls and "
		    "letters, no grants: give the tool another provostTarget");
	if ((rc = source->letter(source->ctx, a, p->id, act, "", &l, e)) != 0)
		return rc;
	buf_init(&b, MAX_FILE);
	put_job(&b, &l, act);
	rc = drop_put(t->conf.dir, arena_printf(a, "%s-%s.xml",
	    notice_word(l.kind), act->key), &b, e);
	buf_fini(&b);
	return rc;
}

static void spool_apply(struct target *t, const struct target_person *p,
    const struct action *act,
    void (*done)(void *arg, const struct target_result *r), void *arg)
{
	drop_apply(t, p, act, deliver, done, arg);
}

const struct target_kind target_spool = { "spool", spool_open, drop_close,
    spool_apply, drop_describe, NULL, NULL };
