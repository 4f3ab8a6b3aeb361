/* SPDX-License-Identifier: ISC */
/*
 * ldapgroup: a tool that takes its users from groups of a directory, this one
 * or another: who is a member may use it. One group a tool (group_dn), one a
 * tool and account if wanted (account_dn). Members are added and taken away
 * value by value, never replaced: others may keep members of their own there.
 *
 *   people ""         the member value is what person's {} says (memberUid)
 *   people "ou=.."    it is the DN of the one entry below, found by person:
 *                     "entryUUID={id}", "uid={uid}", "mail={mail}"
 *
 *   no such person there yet, or cut off      ERR_RETRY
 *   the group is missing or would be empty    ERR_ITEM_BAD, says what to set
 *   no connection, no answer                  ERR_TARGET_DOWN
 *   the bind or a write is refused            ERR_STOP
 *
 * libldap blocks while it connects, so each target has a thread of its own for
 * it; what has ended is brought back with httpc_post. At most as many tasks
 * wait as the dispatcher has under way.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "model/dn.h"
#include "target/ldapgroup_p.h"

/* --- tasks -------------------------------------------------------------- */

static void push(struct task_list *l, struct task *k)
{
	k->next = NULL;
	if (l->first == NULL)
		l->first = k;
	else
		l->last->next = k;
	l->last = k;
}

static struct task *pop(struct task_list *l)
{
	struct task *k = l->first;

	if (k != NULL)
		l->first = k->next;
	return k;
}

static void end(struct task *k)
{
	if (k->lister != NULL) {
		ldapgroup_tell(k);
		return;
	}
	k->done(k->arg, &k->result);
	arena_free(k->arena);
}

/* From the driving thread. */
static void bring(void *arg)
{
	struct ldapgroup *g = arg;
	struct task_list over;
	struct task *k;

	pthread_mutex_lock(&g->lock);
	over = g->over;
	g->over = (struct task_list){ 0 };
	g->posted = false;
	pthread_mutex_unlock(&g->lock);
	while ((k = pop(&over)) != NULL)
		end(k);
}

/* The next task; NULL: the target stops. What waits then is not begun. */
static struct task *take(struct ldapgroup *g)
{
	struct task *k = NULL;

	pthread_mutex_lock(&g->lock);
	while (!g->stopping && g->waiting.first == NULL)
		pthread_cond_wait(&g->more, &g->lock);
	if (!g->stopping)
		k = pop(&g->waiting);
	pthread_mutex_unlock(&g->lock);
	return k;
}

static void put_over(struct ldapgroup *g, struct task *k)
{
	bool post;

	pthread_mutex_lock(&g->lock);
	push(&g->over, k);
	post = !g->posted && !g->stopping;
	g->posted |= post;
	pthread_mutex_unlock(&g->lock);
	if (post)
		httpc_post(g->http, bring, g);
}

static void *run(void *arg)
{
	struct ldapgroup *g = arg;
	struct task *k;

	pthread_setname_np(pthread_self(), "ldapgroup");
	while ((k = take(g)) != NULL) {
		ldapgroup_work(g, k);
		put_over(g, k);
	}
	ldapgroup_hang_up(g);
	return NULL;
}

static void ldapgroup_stop(struct target *t)
{
	struct ldapgroup *g = (struct ldapgroup *)(void *)t;
	struct task *k;

	if (!g->started)
		return;
	pthread_mutex_lock(&g->lock);
	g->stopping = true;
	pthread_cond_signal(&g->more);
	pthread_mutex_unlock(&g->lock);
	pthread_join(g->thread, NULL);
	g->started = false;
	bring(g);
	while ((k = pop(&g->waiting)) != NULL) {
		k->result.code = err_set(&k->result.err, ERR_TARGET_DOWN,
		    "the target is being closed");
		end(k);
	}
}

struct task *ldapgroup_task(struct ldapgroup *g)
{
	const struct target_source *source = g->t.conf.source;
	struct arena *a = arena_new();
	struct task *k = arena_alloc(a, sizeof(*k));

	k->arena = a;
	k->g = g;
	k->result.remote_id[0] = '-';
	if (source != NULL && source->tools != NULL)
		k->result.code = source->tools(source->ctx, a, NULL, &k->tools,
		    &k->result.err);
	return k;
}

void ldapgroup_push(struct ldapgroup *g, struct task *k)
{
	pthread_mutex_lock(&g->lock);
	push(&g->waiting, k);
	pthread_cond_signal(&g->more);
	pthread_mutex_unlock(&g->lock);
}

static void ldapgroup_apply(struct target *t, const struct target_person *p,
    const struct action *act,
    void (*done)(void *arg, const struct target_result *r), void *arg)
{
	struct target_result r = { .remote_id = "-" };
	struct task *k;

	if (act->notice || act->kind == ACTION_MAIL) {
		if (act->kind != ACTION_REMOVE)
			r.code = err_set(&r.err, ERR_ITEM_BAD, "the target "
			    "takes grants, no mails, calls or letters");
		done(arg, &r);
		return;
	}
	k = ldapgroup_task((struct ldapgroup *)(void *)t);
	k->p = p;
	k->act = act;
	k->done = done;
	k->arg = arg;
	if (k->result.code != 0)
		end(k);
	else
		ldapgroup_push(k->g, k);
}

/* --- what is configured ------------------------------------------------- */

static int check_uri(const struct target_conf *c, const char *uri,
    struct err *e)
{
	if (str_istarts(uri, "ldaps://") || str_istarts(uri, "ldapi://"))
		return 0;
	if (!str_istarts(uri, "ldap://"))
		return err_set(e, ERR_INVALID, "target %s: url must be one or "
		    "more of ldaps://, ldap:// or ldapi://, spaces between",
		    c->name);
	if (!c->starttls && !c->insecure)
		return err_set(e, ERR_INVALID, "target %s: url is plain "
		    "ldap://; use ldaps://, or set starttls = true or "
		    "insecure = true", c->name);
	return 0;
}

static int set_ldap(struct ldapgroup *g, struct err *e)
{
	const struct target_conf *c = &g->t.conf;
	const char *at = c->url, *uri;
	size_t n;
	int rc;

	for (;; at += n) {
		at += strspn(at, " ");
		if ((n = strcspn(at, " ")) == 0)
			break;
		uri = arena_strndup(g->arena, at, n);
		if ((rc = check_uri(c, uri, e)) != 0)
			return rc;
		strv_add(g->arena, &g->ldap.uris, uri);
	}
	g->ldap.starttls = c->starttls;
	g->ldap.ca_file = c->ca_file;
	g->ldap.cert_file = g->ldap.key_file = "";
	g->ldap.bind_dn = c->bind_dn;
	g->ldap.password = c->token;
	g->ldap.sasl_external = *c->bind_dn == '\0';
	g->ldap.connect_timeout = g->ldap.op_timeout = c->timeout > 0 ?
	    c->timeout : 10 * CLOCK_SECOND;
	if (g->ldap.uris.n == 0)
		return check_uri(c, "", e);
	return 0;
}

/* "uid={uid}": where a person's entry there is found. */
static int set_person(struct ldapgroup *g, struct err *e)
{
	const char *form = *g->t.conf.person != '\0' ? g->t.conf.person :
	    "uid={uid}", *eq = strchr(form, '=');
	static const char *const by[] = { "{id}", "{uid}", "{mail}" };
	size_t i;

	for (i = 0; eq != NULL && i < sizeof(by) / sizeof(by[0]); i++)
		if (str_eq(eq + 1, by[i]))
			g->person_by = by[i][1];
	if (g->person_by == '\0' || strcspn(form, "()*\\& ") < strlen(form))
		return err_set(e, ERR_INVALID, "target %s: person \"%.64s\" "
		    "must be an attribute, = and one of {id}, {uid}, {mail}",
		    g->t.conf.name, form);
	g->person_attr = arena_strndup(g->arena, form, (size_t)(eq - form));
	return 0;
}

static int check_dn(const struct target_conf *c, const char *setting,
    const char *dn, struct err *e)
{
	struct arena *a = arena_new();
	int rc = 0;

	if (*dn != '\0' && dn_normal(a, dn, NULL) == NULL)
		rc = err_set(e, ERR_INVALID, "target %s: %s \"%.128s\" is no "
		    "DN", c->name, setting, dn);
	arena_free(a);
	return rc;
}

static int set_groups(struct ldapgroup *g, struct err *e)
{
	const struct target_conf *c = &g->t.conf;
	int rc;

	if ((rc = group_name_parse(g->arena, "group_dn", c->group_dn, false,
	    &g->tool, e)) != 0 || (*c->account_dn != '\0' &&
	    (rc = group_name_parse(g->arena, "account_dn", c->account_dn,
	    true, &g->account, e)) != 0)) {
		err_wrap(e, "target %s", c->name);
		return rc;
	}
	if (c->create && str_ieq(ldapgroup_class(g), "posixGroup"))
		return err_set(e, ERR_INVALID, "target %s: create can make no "
		    "posixGroup, which needs a gidNumber of your choice",
		    c->name);
	if ((rc = check_dn(c, "people", c->people, e)) != 0)
		return rc;
	return check_dn(c, "placeholder", c->placeholder, e);
}

const char *ldapgroup_class(const struct ldapgroup *g)
{
	const char *word = g->t.conf.group_class;

	return *word != '\0' ? word : "groupOfNames";
}

const char *ldapgroup_member(const struct ldapgroup *g)
{
	const char *word = g->t.conf.member;

	return *word != '\0' ? word : "member";
}

/* --- life --------------------------------------------------------------- */

static void ldapgroup_close(struct target *t)
{
	struct ldapgroup *g = (struct ldapgroup *)(void *)t;

	ldapgroup_stop(t);
	pthread_mutex_destroy(&g->lock);
	pthread_cond_destroy(&g->more);
	target_conf_fini(&t->conf);
	arena_free(g->arena);
	free(g);
}

static int start(struct ldapgroup *g, struct err *e)
{
	int rc;

	if ((rc = set_ldap(g, e)) != 0 || (rc = set_person(g, e)) != 0 ||
	    (rc = set_groups(g, e)) != 0)
		return rc;
	if (pthread_create(&g->thread, NULL, run, g) != 0)
		return err_set(e, ERR_IO, "target %s: cannot start a thread",
		    g->t.conf.name);
	g->started = true;
	return 0;
}

static int ldapgroup_open(const struct target_conf *c, struct httpc *h,
    struct target **out, struct err *e)
{
	struct ldapgroup *g = calloc(1, sizeof(*g));
	int rc;

	if (g == NULL)
		abort();
	g->t.kind = &target_ldapgroup;
	target_conf_copy(&g->t.conf, c);
	g->http = h;
	g->arena = arena_new();
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->more, NULL);
	if ((rc = start(g, e)) != 0) {
		ldapgroup_close(&g->t);
		return rc;
	}
	*out = &g->t;
	return 0;
}

static const char *ldapgroup_describe(const struct target *t)
{
	return t->conf.group_dn;
}

const struct target_kind target_ldapgroup = { "ldapgroup", ldapgroup_open,
    ldapgroup_close, ldapgroup_apply, ldapgroup_describe, ldapgroup_stop,
    ldapgroup_list };
