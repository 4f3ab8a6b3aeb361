/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "model/dn.h"
#include "target/ldapgroup_p.h"

#define TOOL "{tool}"
#define ACCOUNT "{account}"

static size_t times(const char *s, const char *what)
{
	size_t n = 0;

	for (; (s = strstr(s, what)) != NULL; s++)
		n++;
	return n;
}

/* The form of the value, cut at its placeholders. */
static void cut(struct arena *a, struct group_name *n, const char *form)
{
	const char *tool = strstr(form, TOOL), *account = strstr(form, ACCOUNT);
	const char *first = tool, *end = tool + strlen(TOOL);

	n->tool_first = account == NULL || tool < account;
	if (!n->tool_first)
		first = account;
	n->text[0] = arena_strndup(a, form, (size_t)(first - form));
	if (account != NULL && n->tool_first) {
		n->text[1] = arena_strndup(a, end, (size_t)(account - end));
		end = account + strlen(ACCOUNT);
	} else if (account != NULL) {
		account += strlen(ACCOUNT);
		n->text[1] = arena_strndup(a, account,
		    (size_t)(tool - account));
	}
	n->text[account != NULL ? 2 : 1] = arena_strdup(a, end);
}

int group_name_parse(struct arena *a, const char *setting,
    const char *template, bool account, struct group_name *out,
    struct err *e)
{
	char *attr = NULL, *form = dn_rdn_value(a, template, &attr);
	size_t n = account;

	*out = (struct group_name){ .account = account };
	if (form == NULL || dn_normal(a, template, NULL) == NULL)
		return err_set(e, ERR_INVALID, "%s \"%.128s\" is no DN",
		    setting, template);
	if (times(template, TOOL) != 1 || times(form, TOOL) != 1 ||
	    times(template, ACCOUNT) != n || times(form, ACCOUNT) != n)
		return err_set(e, ERR_INVALID, "%s \"%.128s\" must hold " TOOL
		    "%s once, in its first value, and no other placeholder",
		    setting, template, account ? " and " ACCOUNT : "");
	out->attr = attr;
	out->parent = arena_strdup(a, dn_parent(template));
	out->parent_norm = dn_normal(a, out->parent, NULL);
	cut(a, out, form);
	return 0;
}

char *group_name_make(struct arena *a, const struct group_name *n,
    const char *tool, const char *account)
{
	const char *value;

	if (!n->account)
		value = arena_printf(a, "%s%s%s", n->text[0], tool,
		    n->text[1]);
	else
		value = arena_printf(a, "%s%s%s%s%s", n->text[0],
		    n->tool_first ? tool : account, n->text[1],
		    n->tool_first ? account : tool, n->text[2]);
	return dn_make(a, n->attr, value, n->parent);
}

/* The rest of s behind prefix, "" included; NULL: it does not begin so. */
static const char *behind(const char *s, const char *prefix)
{
	return str_istarts(s, prefix) ? s + strlen(prefix) : NULL;
}

/* What stands for {account} in value, if the tool is this one; NULL. */
static const char *account_in(struct arena *a, const struct group_name *n,
    const char *tool, const char *value)
{
	const char *prefix = n->tool_first ? arena_printf(a, "%s%s%s",
	    n->text[0], tool, n->text[1]) : n->text[0];
	const char *suffix = n->tool_first ? n->text[2] : arena_printf(a,
	    "%s%s%s", n->text[1], tool, n->text[2]);
	const char *rest = behind(value, prefix);
	size_t len = rest != NULL ? strlen(rest) : 0, end = strlen(suffix);

	if (len <= end || !str_ieq(rest + len - end, suffix))
		return NULL;
	return arena_strndup(a, rest, len - end);
}

static bool is_tool(struct arena *a, const struct group_name *n,
    const char *tool, const char *value)
{
	return str_ieq(value, arena_printf(a, "%s%s%s", n->text[0], tool,
	    n->text[1]));
}

/* dn's value, if it is one below where n's groups are. */
static const char *value_of(struct arena *a, const struct group_name *n,
    const char *dn)
{
	const char *norm, *value;
	char *attr = NULL;

	if (n->attr == NULL || (norm = dn_normal(a, dn, NULL)) == NULL ||
	    !str_eq(dn_parent(norm), n->parent_norm))
		return NULL;
	value = dn_rdn_value(a, dn, &attr);
	return value != NULL && str_ieq(attr, n->attr) ? value : NULL;
}

bool group_name_match(struct arena *a, const struct ldapgroup *g,
    const struct strv *tools, const char *dn, const char **tool,
    const char **account)
{
	const char *mine = value_of(a, &g->tool, dn), *found;
	const char *theirs = value_of(a, &g->account, dn);
	size_t i;

	*tool = NULL;
	for (i = 0; i < tools->n; i++) {
		if (*tool != NULL && strlen(tools->v[i]) <= strlen(*tool))
			continue;
		if (mine != NULL && is_tool(a, &g->tool, tools->v[i], mine)) {
			*account = "";
			*tool = tools->v[i];
		} else if (theirs != NULL && (found = account_in(a,
		    &g->account, tools->v[i], theirs)) != NULL) {
			*account = found;
			*tool = tools->v[i];
		}
	}
	return *tool != NULL;
}
