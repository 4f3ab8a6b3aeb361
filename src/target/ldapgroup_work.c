/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "model/dn.h"
#include "target/ldapgroup_p.h"

/* Result codes (RFC 4511 A.1) that ldapc_error makes one of. */
#define NO_SUCH_ATTRIBUTE 16
#define VALUE_EXISTS 20
#define NO_SUCH_OBJECT 32
#define OBJECT_CLASS_VIOLATION 65
#define ALREADY_EXISTS 68

/* An action under way: what stands for the person there, and which of the
 * tool's groups hold it. */
struct doing {
	struct ldapgroup *g;
	struct arena *a;
	const struct target_person *p;
	const struct action *act;
	struct strv tools;
	const char *now, *before;	/* member values; NULL none */
	struct strv held;		/* DNs of groups, normal form */
};

/* --- the connection ----------------------------------------------------- */

void ldapgroup_hang_up(struct ldapgroup *g)
{
	ldapc_close(g->conn);
	g->conn = NULL;
}

static bool lost(int code)
{
	return code == ERR_BUSY || code == ERR_TIMEOUT || code == ERR_CORRUPT;
}

/* A code of link/ldapc as the next action (STYLE 7). */
static int next_action(int code)
{
	switch (code) {
	case 0: case ERR_ITEM_BAD: case ERR_RETRY: case ERR_STOP:
		return code;
	case ERR_BUSY: case ERR_TIMEOUT: case ERR_CORRUPT:
		return ERR_TARGET_DOWN;
	case ERR_DENIED: case ERR_UNSUPPORTED: case ERR_NOT_FOUND:
		return ERR_STOP;
	case ERR_INVALID:
		return ERR_ITEM_BAD;
	default:
		return ERR_RETRY;
	}
}

/* --- who is it there? --------------------------------------------------- */

static const char *key_of(const struct doing *d)
{
	const struct target_person *p = d->p;
	const char *key = d->g->person_by == 'i' ? p->id :
	    d->g->person_by == 'u' ? p->uid : p->mail;

	return key != NULL ? key : "";
}

static int find_entry(struct doing *d, const char *key, struct err *e)
{
	static const char *const none[] = { "1.1", NULL };
	struct ldapc_search s = { .base = d->g->t.conf.people,
	    .scope = SCOPE_SUB, .attrs = none, .size_limit = 2 };
	struct entry **found;
	size_t n;
	int rc;

	s.filter = arena_printf(d->a, "(%s=%s)", d->g->person_attr,
	    ldapc_filter_escape(d->a, key));
	rc = ldapc_search_all(d->g->conn, d->a, &s, &found, &n, e);
	if (rc != 0)
		return rc;
	if (n > 1)
		return err_set(e, ERR_ITEM_BAD, "several entries below %s are "
		    "%s: one person must be one entry", s.base, s.filter);
	if (n == 1)
		d->now = found[0]->dn;
	return 0;
}

/* The receipt says who it was when they were put there. */
static void look_back(struct doing *d)
{
	const char *word = NULL;

	if (d->act->remote_id == NULL || str_eq(d->act->remote_id, "-") ||
	    str_words(d->a, d->act->remote_id, &word, 1) != 1)
		return;
	if (d->now == NULL || !str_ieq(d->now, word))
		d->before = word;
}

static int find_person(struct doing *d, struct err *e)
{
	const char *key = key_of(d);
	int rc = 0;

	if (*key != '\0' && *d->g->t.conf.people == '\0')
		d->now = key;
	else if (*key != '\0' && (rc = find_entry(d, key, e)) != 0)
		return rc;
	look_back(d);
	if (d->act->kind == ACTION_REMOVE || d->now != NULL)
		return 0;
	if (*key == '\0')
		return err_set(e, ERR_ITEM_BAD, "the person has no %s: it is "
		    "what members are known by", d->g->person_by == 'u' ?
		    "uid" : "mail");
	return err_set(e, ERR_RETRY, "no entry below %s is (%s=%s) yet",
	    d->g->t.conf.people, d->g->person_attr, key);
}

/* --- which groups hold them? -------------------------------------------- */

static void note_group(struct doing *d, const char *dn)
{
	const char *tool, *account;

	if (group_name_match(d->a, d->g, &d->tools, dn, &tool, &account) &&
	    str_ieq(tool, d->act->tool))
		strv_add(d->a, &d->held, dn_normal(d->a, dn, NULL));
}

static int find_below(struct doing *d, const char *base, const char *value,
    struct err *e)
{
	static const char *const none[] = { "1.1", NULL };
	struct ldapc_search s = { .base = base, .scope = SCOPE_ONE,
	    .attrs = none };
	struct entry **found;
	size_t n, i;
	int rc;

	s.filter = arena_printf(d->a, "(&(objectClass=%s)(%s=%s))",
	    ldapgroup_class(d->g), ldapgroup_member(d->g),
	    ldapc_filter_escape(d->a, value));
	rc = ldapc_search_all(d->g->conn, d->a, &s, &found, &n, e);
	for (i = 0; rc == 0 && i < n; i++)
		note_group(d, found[i]->dn);
	return rc;
}

static int find_held(struct doing *d, const char *value, struct err *e)
{
	const struct group_name *tool = &d->g->tool, *acc = &d->g->account;
	int rc;

	d->held = (struct strv){ 0 };
	rc = find_below(d, tool->parent, value, e);
	if (rc == 0 && acc->attr != NULL &&
	    !str_eq(acc->parent_norm, tool->parent_norm))
		rc = find_below(d, acc->parent, value, e);
	return rc;
}

/* --- single values ------------------------------------------------------ */

/* The raw result code in *code, whatever it is; an error where there is none. */
static int change(struct doing *d, const struct change *c, int *code,
    struct err *e)
{
	struct ldapc_result r = { .code = 0 };
	int rc = ldapc_change(d->g->conn, d->a, c, &r, e);

	*code = r.code;
	return rc != 0 && r.code == 0 ? rc : 0;
}

static int refused(const char *dn, int code, struct err *e)
{
	const struct ldapc_result r = { .code = code };

	return ldapc_error(&r, dn, e);
}

static int make_group(struct doing *d, const char *dn, const char *value,
    struct err *e)
{
	const struct ldapgroup *g = d->g;
	struct change *c = change_new(d->a, CHANGE_ADD, dn);
	char *attr = NULL, *name = dn_rdn_value(d->a, dn, &attr);
	int code, rc;

	c->entry = arena_alloc(d->a, sizeof(*c->entry));
	c->entry->dn = dn;
	entry_add(d->a, c->entry, "objectClass", ldapgroup_class(g));
	entry_add(d->a, c->entry, attr, name);
	if (*g->t.conf.placeholder != '\0')
		entry_add(d->a, c->entry, ldapgroup_member(g),
		    g->t.conf.placeholder);
	entry_add(d->a, c->entry, ldapgroup_member(g), value);
	rc = change(d, c, &code, e);
	if (rc == 0 && code == ALREADY_EXISTS)
		return err_set(e, ERR_RETRY, "%s was made meanwhile", dn);
	return rc != 0 || code == 0 ? rc : refused(dn, code, e);
}

static int add_value(struct doing *d, const char *dn, const char *value,
    struct err *e)
{
	struct change *c = change_new(d->a, CHANGE_MODIFY, dn);
	int code, rc;

	change_set(d->a, c, MOD_ADD, ldapgroup_member(d->g), value);
	rc = change(d, c, &code, e);
	if (rc != 0 || code == 0 || code == VALUE_EXISTS)
		return rc;
	if (code != NO_SUCH_OBJECT)
		return refused(dn, code, e);
	if (d->g->t.conf.create)
		return make_group(d, dn, value, e);
	return err_set(e, ERR_ITEM_BAD, "there is no group %s: make it, or "
	    "set create = true for the target", dn);
}

/* The last one leaves: the placeholder stays behind. */
static int leave_placeholder(struct doing *d, const char *dn,
    const char *value, struct err *e)
{
	const char *placeholder = d->g->t.conf.placeholder;
	struct change *c = change_new(d->a, CHANGE_MODIFY, dn);
	int code, rc;

	if (*placeholder == '\0')
		return err_set(e, ERR_ITEM_BAD, "%s would have no member left, "
		    "which its class forbids: set placeholder for the target",
		    dn);
	change_set(d->a, c, MOD_ADD, ldapgroup_member(d->g), placeholder);
	change_set(d->a, c, MOD_DELETE, ldapgroup_member(d->g), value);
	rc = change(d, c, &code, e);
	return rc != 0 || code == 0 ? rc : refused(dn, code, e);
}

static int take_value(struct doing *d, const char *dn, const char *value,
    struct err *e)
{
	struct change *c = change_new(d->a, CHANGE_MODIFY, dn);
	int code, rc;

	change_set(d->a, c, MOD_DELETE, ldapgroup_member(d->g), value);
	rc = change(d, c, &code, e);
	if (rc != 0 || code == 0 || code == NO_SUCH_ATTRIBUTE ||
	    code == NO_SUCH_OBJECT)
		return rc;
	if (code == OBJECT_CLASS_VIOLATION)
		return leave_placeholder(d, dn, value, e);
	return refused(dn, code, e);
}

/* --- an action ---------------------------------------------------------- */

/* The groups that shall hold the person, in normal form; the DN to write to. */
static struct strv wanted(struct doing *d)
{
	const struct action *act = d->act;
	struct strv dn = { 0 };
	size_t i;

	if (act->kind != ACTION_PUT)
		return dn;
	strv_add(d->a, &dn, group_name_make(d->a, &d->g->tool, act->tool,
	    NULL));
	for (i = 0; d->g->account.attr != NULL && i < act->accounts.n; i++)
		strv_add(d->a, &dn, group_name_make(d->a, &d->g->account,
		    act->tool, act->accounts.v[i]));
	return dn;
}

/* value in exactly the groups want, as far as the tool's go. */
static int settle(struct doing *d, const char *value, const struct strv *want,
    struct err *e)
{
	struct strv norm = { 0 };
	size_t i;
	int rc = find_held(d, value, e);

	for (i = 0; i < want->n; i++)
		strv_add(d->a, &norm, dn_normal(d->a, want->v[i], NULL));
	for (i = 0; rc == 0 && i < d->held.n; i++)
		if (!strv_has(&norm, d->held.v[i]))
			rc = take_value(d, d->held.v[i], value, e);
	for (i = 0; rc == 0 && i < want->n; i++)
		if (!strv_has(&d->held, norm.v[i]))
			rc = add_value(d, want->v[i], value, e);
	return rc;
}

static int apply(struct doing *d, struct err *e)
{
	static const struct strv none;
	const struct strv want = wanted(d);
	int rc = find_person(d, e);

	if (rc == 0 && d->before != NULL)
		rc = settle(d, d->before, &none, e);
	if (rc == 0 && d->now != NULL)
		rc = settle(d, d->now, &want, e);
	return rc;
}

static int try_once(struct ldapgroup *g, struct task *k, struct err *e)
{
	struct doing d = { .g = g, .a = k->arena, .p = k->p, .act = k->act,
	    .tools = k->tools };	/* of an action */
	const char *word;
	int rc = 0;

	memset(&k->result.err, 0, sizeof(k->result.err));
	if (g->conn == NULL)
		rc = ldapc_open(&g->ldap, &g->uri, &g->conn, e);
	/* A URI that libldap does not take, or no password: not this item's. */
	if (rc == ERR_INVALID)
		return ERR_STOP;
	if (k->lister != NULL)
		return rc != 0 ? rc : ldapgroup_read(g, k, e);
	if (!strv_ihas(&d.tools, k->act->tool))
		strv_add(d.a, &d.tools, k->act->tool);
	if (rc == 0)
		rc = apply(&d, e);
	if (rc == 0 && k->act->kind == ACTION_PUT) {
		word = str_word(d.a, d.now);
		if (strlen(word) < sizeof(k->result.remote_id))
			memcpy(k->result.remote_id, word, strlen(word) + 1);
	}
	return rc;
}

void ldapgroup_work(struct ldapgroup *g, struct task *k)
{
	struct err *e = &k->result.err;
	bool used = g->conn != NULL;
	int rc = try_once(g, k, e);

	if (lost(rc))
		ldapgroup_hang_up(g);
	/* A connection that has been idle may be gone without a word. */
	if (lost(rc) && used && (rc = try_once(g, k, e), lost(rc)))
		ldapgroup_hang_up(g);
	k->result.code = next_action(rc);
}
