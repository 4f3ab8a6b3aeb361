/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "codec/ldif.h"
#include "model/change.h"

static const char *const op_word[] = { [MOD_ADD] = "add",
	[MOD_DELETE] = "delete", [MOD_REPLACE] = "replace" };

/* SAFE-STRING of RFC 2849; one with a space at its end should be in base64. */
static bool is_safe(const struct val *v)
{
	size_t i;

	if (v->n != 0 && (strchr(" :<", v->p[0]) != NULL ||
	    v->p[v->n - 1] == ' '))
		return false;
	for (i = 0; i < v->n; i++)
		if ((unsigned char)v->p[i] < ' ' ||
		    (unsigned char)v->p[i] > '~')
			return false;
	return true;
}

static void put_value(struct buf *b, struct arena *a, const char *name,
    const struct val *v)
{
	if (is_safe(v))
		buf_printf(b, "%s: %s\n", name, v->p);
	else
		buf_printf(b, "%s:: %s\n", name, str_base64(a, v->p, v->n));
}

static void put_text(struct buf *b, struct arena *a, const char *name,
    const char *text)
{
	put_value(b, a, name, &(struct val){ text, strlen(text) });
}

static void put_hidden(struct buf *b, const char *name)
{
	buf_printf(b, "# %s: a secret, left out\n", name);
}

void ldif_put_comment(struct buf *b, const char *text)
{
	buf_puts(b, "# ");
	for (; *text != '\0'; text++)
		buf_putc(b, (unsigned char)*text < ' ' ? ' ' : *text);
	buf_putc(b, '\n');
}

static void put_entry(struct buf *b, struct arena *a, const struct entry *e)
{
	size_t i, k;

	for (i = 0; i < e->n; i++)
		if (attr_secret(e->a[i].name))
			put_hidden(b, e->a[i].name);
		else
			for (k = 0; k < e->a[i].n; k++)
				put_value(b, a, e->a[i].name, &e->a[i].v[k]);
}

static void put_mod(struct buf *b, struct arena *a, const struct mod *m)
{
	size_t i;

	if (attr_secret(m->name)) {
		put_hidden(b, m->name);
		return;
	}
	buf_printf(b, "%s: %s\n", op_word[m->op], m->name);
	for (i = 0; i < m->n; i++)
		put_value(b, a, m->name, &m->v[i]);
	buf_puts(b, "-\n");
}

static bool all_hidden(const struct change *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (!attr_secret(c->mod[i].name))
			return false;
	return c->kind == CHANGE_MODIFY;
}

void ldif_put_change(struct buf *b, struct arena *a, const struct change *c)
{
	size_t i;

	/* A modify of nothing is none. */
	if (all_hidden(c))
		buf_puts(b, "# ");
	put_text(b, a, "dn", c->dn);
	if (!all_hidden(c))
		buf_printf(b, "changetype: %s\n", c->kind == CHANGE_ADD ?
		    "add" : c->kind == CHANGE_DELETE ? "delete" : "modify");
	if (c->kind == CHANGE_ADD)
		put_entry(b, a, c->entry);
	for (i = 0; c->kind == CHANGE_MODIFY && i < c->n; i++)
		put_mod(b, a, &c->mod[i]);
	buf_putc(b, '\n');
}
