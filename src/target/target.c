/* SPDX-License-Identifier: ISC */
#include "target/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const struct target_kind *const kinds[] = { &target_scim,
    &target_webhook, &target_ldapgroup, &target_file, &target_spool,
    &target_null, &target_mail };

/* Every string of a conf, so that copying and freeing miss none. */
#define N_STRINGS 22
static const char **string_of(struct target_conf *c, int i)
{
	const char **all[N_STRINGS] = { &c->name, &c->kind, &c->url, &c->token,
	    &c->ca_file, &c->form, &c->from, &c->from_name, &c->user,
	    &c->hello, &c->templates, &c->link, &c->dir,
	    &c->bind_dn, &c->group_dn, &c->account_dn, &c->people, &c->person,
	    &c->member, &c->group_class, &c->placeholder,
	    &c->list_url };

	return all[i];
}

void target_conf_copy(struct target_conf *to, const struct target_conf *from)
{
	int i;

	*to = *from;
	for (i = 0; i < N_STRINGS; i++) {
		const char **s = string_of(to, i);

		if ((*s = strdup(*s != NULL ? *s : "")) == NULL)
			abort();
	}
}

void target_conf_fini(struct target_conf *c)
{
	int i;

	for (i = 0; i < N_STRINGS; i++)
		free((void *)(uintptr_t)*string_of(c, i));
}

bool target_same(const struct target *x, const struct target *y)
{
	struct target_conf a = x->conf, b = y->conf;
	int i;

	for (i = 0; i < N_STRINGS; i++)
		if (!str_eq(*string_of(&a, i), *string_of(&b, i)))
			return false;
	return x->files == y->files && a.insecure == b.insecure &&
	    a.timeout == b.timeout && a.concurrency == b.concurrency &&
	    a.rate == b.rate && a.starttls == b.starttls &&
	    a.create == b.create &&
	    a.unmanaged == b.unmanaged;
}

int target_check_url(const struct target_conf *c, const char *url,
    struct err *e)
{
	if (url == NULL)
		url = "";
	if (str_istarts(url, "http://") && !c->insecure)
		return err_set(e, ERR_INVALID, "target %s: url is plain http; "
		    "use https or set insecure = true", c->name);
	if (!str_istarts(url, "https://") && !str_istarts(url, "http://"))
		return err_set(e, ERR_INVALID, "target %s: url must begin with "
		    "https://", c->name);
	if (strpbrk(url, " \t\r\n") != NULL)
		return err_set(e, ERR_INVALID, "target %s: url holds a space",
		    c->name);
	return 0;
}

const char *target_tool(const struct target_lister *l, const char *tool)
{
	size_t i;

	for (i = 0; i < l->tools.n; i++)
		if (str_ieq(l->tools.v[i], tool))
			return l->tools.v[i];
	return NULL;
}

int target_open(const struct target_conf *c, struct httpc *h,
    struct target **out, struct err *e)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(c->kind, kinds[i]->name))
			return kinds[i]->open(c, h, out, e);
	return err_set(e, ERR_INVALID, "target %s: kind \"%.32s\" is none of "
	    "scim, webhook, ldapgroup, file, spool, null", c->name,
	    c->kind != NULL ? c->kind : "");
}

void target_close(struct target *t)
{
	if (t != NULL)
		t->kind->close(t);
}
