/* SPDX-License-Identifier: ISC */
/* ldapgroup's own: ldapgroup.c takes tasks from the dispatcher's thread and
 * brings back what came of them; one thread a target does them, blocking, in
 * ldapgroup_work.c; ldapgroup_name.c knows how the groups are called. */
#ifndef TARGET_LDAPGROUP_P_H
#define TARGET_LDAPGROUP_P_H

#include <pthread.h>

#include "base/arena.h"
#include "link/ldapc.h"
#include "target/target.h"

/* What a group is called: "cn={tool}-{account},ou=groups,dc=example". */
struct group_name {
	const char *attr;		/* cn; NULL: there are no such groups */
	const char *text[3];		/* around the placeholders */
	bool account;			/* it has {account}: two placeholders */
	bool tool_first;
	const char *parent;		/* as written */
	const char *parent_norm;
};

struct task {
	struct task *next;
	struct arena *arena;		/* owned; the task lies in it */
	const struct target_person *p;	/* borrowed until done */
	const struct action *act;	/* likewise */
	struct strv tools;		/* all there are */
	void (*done)(void *arg, const struct target_result *r);
	void *arg;
	struct target_result result;
	/* Of a list, instead: */
	struct ldapgroup *g;
	const struct target_lister *lister;	/* borrowed; NULL: an action */
	struct target_account *account;
	size_t n_accounts, told;
};

struct task_list {
	struct task *first, *last;
};

struct ldapgroup {
	struct target t;
	struct httpc *http;
	struct arena *arena;		/* owned: of what follows */
	struct ldapc_conf ldap;
	struct group_name tool, account;
	const char *person_attr;	/* "" the member value itself */
	char person_by;			/* 'i'd, 'u'id, 'm'ail */
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;		/* of the five below */
	pthread_cond_t more;
	struct task_list waiting, over;
	bool stopping, posted;
	/* The thread's: */
	struct ldapc *conn;		/* NULL none */
	size_t uri;
};

/* objectClass of the groups, and what holds their members. */
const char *ldapgroup_class(const struct ldapgroup *g);
const char *ldapgroup_member(const struct ldapgroup *g);
/* A new task; result.code says whether the tools could be read. */
struct task *ldapgroup_task(struct ldapgroup *g);
void ldapgroup_push(struct ldapgroup *g, struct task *k);
/* One task, on the thread. */
void ldapgroup_work(struct ldapgroup *g, struct task *k);
/* A list: read on the thread, told on the one that drives, which frees k. */
int ldapgroup_read(struct ldapgroup *g, struct task *k, struct err *e);
void ldapgroup_tell(struct task *k);
void ldapgroup_list(struct target *t, const struct target_lister *l);
/* The connection goes; the thread's. */
void ldapgroup_hang_up(struct ldapgroup *g);

/* template: a DN whose first value holds {tool} and, if account, {account},
 * once each and nowhere else. In a. ERR_INVALID names setting. */
int group_name_parse(struct arena *a, const char *setting,
	const char *template, bool account, struct group_name *out,
	struct err *e);
/* The DN of a tool's group, or an account's in it. In a. */
char *group_name_make(struct arena *a, const struct group_name *n,
	const char *tool, const char *account);
/* Whose group is dn? Where several tools could be meant the longest name is:
 * "wan-analysis-1" is account 1 of wan-analysis. *account "": the tool's. */
bool group_name_match(struct arena *a, const struct ldapgroup *g,
	const struct strv *tools, const char *dn, const char **tool,
	const char **account);

#endif
