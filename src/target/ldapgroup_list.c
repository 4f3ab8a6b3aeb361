/* SPDX-License-Identifier: ISC */
/*
 * Who is a member of what: every group of a tool with its members, and every
 * person below people, put together by DN. All of it is read on the target's
 * thread and told, piece by piece, on the one that drives. A server that
 * leaves out (size or time limit, members in ranges) makes no complete list.
 */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "model/dn.h"
#include "target/ldapgroup_p.h"

#define PIECE 1000		/* told before the client goes on */

/* One member value and what it is in. */
struct member {
	const char *value;		/* as the group has it */
	const char *key;		/* "" not known */
	struct target_holding *held;
	size_t n, cap;
};

struct reading {
	struct ldapgroup *g;
	struct arena *a;		/* the task's */
	struct strv all;		/* tools there are */
	const struct target_lister *l;	/* its tools are told */
	struct map *by_value;		/* folded -> struct member */
	struct member **v;
	size_t n, cap;
};

/* --- reading ------------------------------------------------------------ */

/* DNs are compared in normal form, other values as they are. */
static const char *folded(struct reading *r, const char *value)
{
	return *r->g->t.conf.people == '\0' ? value :
	    dn_normal(r->a, value, NULL);
}

static struct member *member_of(struct reading *r, const char *value)
{
	const char *key = folded(r, value);
	struct member *m = key != NULL ? map_get(r->by_value, key) : NULL;

	if (key == NULL || m != NULL)
		return m;
	if (r->n == r->cap) {
		r->v = arena_grow(r->a, r->v, r->n, r->cap + r->cap / 2 + 64,
		    sizeof(struct member *));
		r->cap += r->cap / 2 + 64;
	}
	m = r->v[r->n++] = arena_alloc(r->a, sizeof(*m));
	m->value = value;
	m->key = "";
	map_put(r->by_value, key, m);
	return m;
}

static void hold(struct reading *r, struct member *m, const char *tool,
    const char *account)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->held[i].tool == tool)
			break;
	if (i == m->n) {
		if (m->n == m->cap) {
			m->held = arena_grow(r->a, m->held, m->n, m->cap * 2 +
			    2, sizeof(*m->held));
			m->cap = m->cap * 2 + 2;
		}
		m->held[m->n++] = (struct target_holding){ .tool = tool,
		    .partly = true };
	}
	if (*account == '\0')
		m->held[i].partly = false;
	else
		strv_add(r->a, &m->held[i].accounts, account);
}

static int read_group(struct reading *r, const struct entry *group,
    struct err *e)
{
	const char *attr = ldapgroup_member(r->g), *tool, *account;
	const char *nobody = r->g->t.conf.placeholder;
	const struct attr *at;
	struct member *m;
	size_t i = 0, j;

	if (!group_name_match(r->a, r->g, &r->all, group->dn, &tool,
	    &account) || (tool = target_tool(r->l, tool)) == NULL)
		return 0;
	nobody = *nobody != '\0' ? dn_normal(r->a, nobody, NULL) : "";
	while ((at = entry_next(group, attr, &i)) != NULL) {
		if (!str_ieq(at->name, attr))
			return err_set(e, ERR_LIMIT, "the server gives members "
			    "of %s in ranges: raise its limit", group->dn);
		for (j = 0; j < at->n; j++)
			if (!str_eq(folded(r, at->v[j].p), nobody) &&
			    (m = member_of(r, at->v[j].p)) != NULL)
				hold(r, m, tool, account);
		i++;
	}
	return 0;
}

static int read_below(struct reading *r, const struct group_name *name,
    struct err *e)
{
	const char *attrs[] = { ldapgroup_member(r->g), NULL };
	struct ldapc_search s = { .base = name->parent, .scope = SCOPE_ONE,
	    .attrs = attrs, .filter = arena_printf(r->a, "(objectClass=%s)",
	    ldapgroup_class(r->g)) };
	struct entry **found;
	size_t n, i;
	int rc = ldapc_search_all(r->g->conn, r->a, &s, &found, &n, e);

	for (i = 0; rc == 0 && i < n; i++)
		rc = read_group(r, found[i], e);
	return rc;
}

static int read_people(struct reading *r, struct err *e)
{
	const char *attr = r->g->person_attr, *dn, *key;
	const char *attrs[] = { attr, NULL };
	struct ldapc_search s = { .base = r->g->t.conf.people, .scope =
	    SCOPE_SUB, .attrs = attrs, .filter = arena_printf(r->a, "(%s=*)",
	    attr) };
	struct entry **found;
	struct member *m;
	char id[37];
	size_t n, i;
	int rc = ldapc_search_all(r->g->conn, r->a, &s, &found, &n, e);

	for (i = 0; rc == 0 && i < n; i++) {
		if ((dn = folded(r, found[i]->dn)) == NULL ||
		    (m = map_get(r->by_value, dn)) == NULL)
			continue;
		str_uuid_text(found[i]->uuid, id);
		key = str_ieq(attr, "entryUUID") ? arena_strdup(r->a, id) :
		    entry_get(found[i], attr);
		m->key = key != NULL ? key : "";
	}
	return rc;
}

static int read_all(struct reading *r, struct err *e)
{
	const struct ldapgroup *g = r->g;
	size_t i;
	int rc = read_below(r, &g->tool, e);

	if (rc == 0 && g->account.attr != NULL &&
	    !str_eq(g->account.parent_norm, g->tool.parent_norm))
		rc = read_below(r, &g->account, e);
	if (rc == 0 && *g->t.conf.people != '\0')
		return read_people(r, e);
	for (i = 0; i < r->n; i++)
		r->v[i]->key = r->v[i]->value;
	return rc;
}

static enum target_by by(const struct ldapgroup *g)
{
	return g->person_by == 'i' ? TARGET_BY_ID :
	    g->person_by == 'u' ? TARGET_BY_UID : TARGET_BY_MAIL;
}

static void keep(struct reading *r, struct task *k)
{
	size_t i;

	k->account = arena_array(r->a, r->n + 1, sizeof(*k->account));
	k->n_accounts = r->n;
	for (i = 0; i < r->n; i++)
		k->account[i] = (struct target_account){ .remote_id =
		    str_word(r->a, r->v[i]->value), .name = r->v[i]->value,
		    .by = by(r->g), .key = r->v[i]->key, .active = true,
		    .tools_only = r->g->account.attr == NULL,
		    .held = r->v[i]->held, .n = r->v[i]->n };
}

int ldapgroup_read(struct ldapgroup *g, struct task *k, struct err *e)
{
	struct reading r = { .g = g, .a = k->arena, .all = k->tools,
	    .l = k->lister, .by_value = map_new() };
	size_t i;
	int rc;

	for (i = 0; i < r.l->tools.n; i++)
		if (!strv_ihas(&r.all, r.l->tools.v[i]))
			strv_add(r.a, &r.all, r.l->tools.v[i]);
	if ((rc = read_all(&r, e)) == 0)
		keep(&r, k);
	map_free(r.by_value, NULL);
	return rc;
}

/* --- telling ------------------------------------------------------------ */

/* From the driving thread; the task lives until the last piece is told. */
static void tell(void *arg)
{
	struct task *k = arg;
	const struct target_lister *l = k->lister;
	struct target_result *r = &k->result;
	size_t i;

	for (i = 0; i < PIECE && r->code == 0 && k->told < k->n_accounts;
	    i++, k->told++)
		if (!l->each(l->ctx, &k->account[k->told]))
			r->code = err_set(&r->err, ERR_LIMIT, "there are more "
			    "members than can be kept");
	if (r->code == 0 && k->told < k->n_accounts) {
		httpc_post(k->g->http, tell, k);
		return;
	}
	l->done(l->ctx, r->code, &r->err);
	arena_free(k->arena);
}

void ldapgroup_tell(struct task *k)
{
	tell(k);
}

void ldapgroup_list(struct target *t, const struct target_lister *l)
{
	struct ldapgroup *g = (struct ldapgroup *)(void *)t;
	struct task *k = ldapgroup_task(g);

	k->lister = l;
	if (k->result.code != 0)
		tell(k);
	else
		ldapgroup_push(g, k);
}
