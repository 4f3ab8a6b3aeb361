/* SPDX-License-Identifier: ISC */
/* What a change does to a person in one line: "jdoe: revoked: provostCompany
 * -acme; provostState suspended". */
#include "front/gate.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "model/change.h"

#define LINE 1000		/* what is longer is cut; the digest has all */

static void put_value(struct buf *out, enum mod_op op, const struct val *v)
{
	buf_puts(out, op == MOD_ADD ? " +" : op == MOD_DELETE ? " -" : " ");
	buf_put(out, v->p, v->n);
}

static void put_mod(struct buf *out, const struct mod *m)
{
	size_t i;

	buf_puts(out, m->name);
	if (m->n == 0)
		buf_puts(out, " -");
	for (i = 0; i < m->n; i++)
		put_value(out, m->op, &m->v[i]);
}

static void put_change(struct buf *out, const struct change *c)
{
	const char *sep = ": ";
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (!guard_heeds(c->mod[i].name))
			continue;
		buf_puts(out, sep);
		put_mod(out, &c->mod[i]);
		sep = "; ";
	}
}

struct held_item gate_item(struct arena *a, const uint8_t uuid[16],
    enum guard_kind kind, const char *name, const struct change *c)
{
	struct held_item it;
	char id[37], digest[17];
	struct buf text;

	buf_init(&text, (size_t)1 << 20);
	put_change(&text, c);
	str_uuid_text(uuid, id);
	str_hex_u64(hash_fast(buf_str(&text), text.len, (uint64_t)kind),
	    digest);
	it.person = arena_strdup(a, id);
	it.digest = arena_strdup(a, digest);
	it.text = arena_printf(a, "%s: %s%.*s", name, guard_word(kind), LINE,
	    buf_str(&text));
	buf_fini(&text);
	return it;
}
