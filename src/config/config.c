/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "config/config_p.h"

#define MAX_SECRET 4096
#define MAIL "mail"			/* the section, and its target */

const struct setting *config_find(const struct setting *table,
    const char *path)
{
	for (; table->path != NULL; table++)
		if (strcmp(table->path, path) == 0)
			return table;
	return NULL;
}

/* A scalar of the file as the text that settings_set takes. */
const char *config_scalar(struct arena *a, const config_setting_t *cs)
{
	switch (config_setting_type(cs)) {
	case CONFIG_TYPE_STRING:
		return config_setting_get_string(cs);
	case CONFIG_TYPE_INT:
		return arena_printf(a, "%d", config_setting_get_int(cs));
	case CONFIG_TYPE_INT64:
		return arena_printf(a, "%lld",
		    config_setting_get_int64(cs));
	case CONFIG_TYPE_BOOL:
		return config_setting_get_bool(cs) ? "true" : "false";
	default:
		return NULL;
	}
}

static int read_list(struct arena *a, const struct setting *s, void *base,
    const config_setting_t *cs, struct err *e)
{
	struct strv list = { 0 };
	int i;

	for (i = 0; i < config_setting_length(cs); i++) {
		const char *text = config_scalar(a, config_setting_get_elem(cs,
		    (unsigned)i));

		if (text == NULL)
			return err_set(e, ERR_INVALID, "%s: a list of strings",
			    s->path);
		strv_add(a, &list, text);
	}
	return settings_set_list(a, s, base, &list, e);
}

int config_read_setting(struct reader *r, const struct setting *s, void *base,
    const config_setting_t *cs, struct err *e)
{
	struct arena *a = r->config->arena;
	const char *text = config_scalar(a, cs);
	int rc;

	if (text != NULL)
		rc = settings_set(a, s, base, text, e);
	else if (config_setting_is_group(cs))
		rc = err_set(e, ERR_INVALID, "%s: a value, not a group",
		    s->path);
	else
		rc = read_list(a, s, base, cs, e);
	if (rc != 0)
		err_wrap(e, "%s:%u", r->file, config_setting_source_line(cs));
	return rc;
}

int config_unknown(struct reader *r, const char *path,
    const config_setting_t *cs, struct err *e)
{
	return err_set(e, ERR_INVALID, "%s:%u: there is no setting \"%s\"; "
	    "provostd.conf(5) lists them all", r->file,
	    config_setting_source_line(cs), path);
}

/* A file's first line, without its end. */
static int read_secret(struct arena *a, const char *path, const char **out,
    struct err *e)
{
	char line[MAX_SECRET];
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return err_set(e, ERR_INVALID, "cannot read %s: %m", path);
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '\0')
		return err_set(e, ERR_INVALID, "%s is empty: put the secret "
		    "on its first line", path);
	*out = arena_strdup(a, line);
	return 0;
}

static int read_target(struct reader *r, const config_setting_t *group,
    struct target_conf *t, struct err *e)
{
	struct arena *a = r->config->arena;
	int i, rc;

	if (!config_setting_is_group(group))
		return err_set(e, ERR_INVALID, "%s:%u: targets.%s: a group of "
		    "settings", r->file, config_setting_source_line(group),
		    config_setting_name(group));
	if ((rc = settings_defaults(a, settings_target, t, e)) != 0)
		return rc;
	t->name = arena_strdup(a, config_setting_name(group));
	for (i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *cs =
		    config_setting_get_elem(group, (unsigned)i);
		const struct setting *s =
		    config_find(settings_target, config_setting_name(cs));

		if (s == NULL)
			return config_unknown(r, arena_printf(a, "targets.%s.%s",
			    t->name, config_setting_name(cs)), cs, e);
		if ((rc = config_read_setting(r, s, t, cs, e)) != 0)
			return rc;
	}
	if (strcmp(t->name, MAIL) == 0 ||
	    (t->kind != NULL && strcmp(t->kind, MAIL) == 0))
		return err_set(e, ERR_INVALID, "%s:%u: targets.%s: mail has a "
		    "section of its own, mail", r->file,
		    config_setting_source_line(group), t->name);
	if (t->kind == NULL)
		return err_set(e, ERR_INVALID, "%s:%u: targets.%s.kind is "
		    "missing", r->file, config_setting_source_line(group),
		    t->name);
	return 0;
}

static int read_targets(struct reader *r, const config_setting_t *group,
    struct err *e)
{
	struct config *c = r->config;
	int n = config_setting_length(group), i, rc;

	c->target = arena_array(c->arena, (size_t)n + 1, sizeof(*c->target));
	for (i = 0; i < n; i++, c->n_targets++)
		if ((rc = read_target(r, config_setting_get_elem(group,
		    (unsigned)i), &c->target[i], e)) != 0)
			return rc;
	return 0;
}

static int read_source(struct reader *r, const config_setting_t *group,
    struct source_conf *s, struct err *e)
{
	struct arena *a = r->config->arena;
	int i, rc;

	if (!config_setting_is_group(group))
		return err_set(e, ERR_INVALID, "%s:%u: sources.%s: a group of "
		    "settings", r->file, config_setting_source_line(group),
		    config_setting_name(group));
	rc = settings_defaults(a, settings_source, s, e);
	s->section = arena_strdup(a, config_setting_name(group));
	for (i = 0; rc == 0 && i < config_setting_length(group); i++) {
		const config_setting_t *cs =
		    config_setting_get_elem(group, (unsigned)i);
		const struct setting *row =
		    config_find(settings_source, config_setting_name(cs));

		rc = row != NULL ? config_read_setting(r, row, s, cs, e) :
		    config_unknown(r, arena_printf(a, "sources.%s.%s",
		    s->section, config_setting_name(cs)), cs, e);
	}
	return rc;
}

static int read_sources(struct reader *r, const config_setting_t *group,
    struct err *e)
{
	struct config *c = r->config;
	int n = config_setting_length(group), i, rc;

	c->source = arena_array(c->arena, (size_t)n + 1, sizeof(*c->source));
	for (i = 0; i < n; i++, c->n_sources++)
		if ((rc = read_source(r, config_setting_get_elem(group,
		    (unsigned)i), &c->source[i], e)) != 0)
			return rc;
	return 0;
}

static int read_group(struct reader *r, const config_setting_t *group,
    const char *prefix, struct err *e)
{
	struct arena *a = r->config->arena;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < config_setting_length(group); i++) {
		const config_setting_t *cs =
		    config_setting_get_elem(group, (unsigned)i);
		const char *path = arena_printf(a, "%s%s", prefix,
		    config_setting_name(cs));
		const struct setting *s = config_find(settings_table, path);

		if (s != NULL) {
			r->seen[s - settings_table] = true;
			rc = config_read_setting(r, s, r->config, cs, e);
		} else if (strcmp(path, "targets") == 0) {
			rc = read_targets(r, cs, e);
		} else if (strcmp(path, "feeds") == 0) {
			rc = config_read_feeds(r, cs, e);
		} else if (strcmp(path, "sources") == 0) {
			rc = read_sources(r, cs, e);
		} else if (config_setting_is_group(cs) && *prefix == '\0') {
			rc = read_group(r, cs, arena_printf(a, "%s.", path), e);
		} else {
			rc = config_unknown(r, path, cs, e);
		}
	}
	return rc;
}

static int read_feeds_only(struct reader *r, const config_setting_t *root,
    struct err *e)
{
	const config_setting_t *cs = config_setting_get_member(root, "feeds");

	return cs == NULL || config_setting_length(root) != 1 ? err_set(e,
	    ERR_INVALID, "%s: a file of feeds has the group feeds and nothing "
	    "else", r->file) : config_read_feeds(r, cs, e);
}

static int read_file(struct reader *r, bool feeds_only, struct err *e)
{
	config_t lc;
	int rc = 0;

	config_init(&lc);
	if (!config_read_file(&lc, r->file)) {
		if (config_error_type(&lc) == CONFIG_ERR_FILE_IO)
			rc = err_set(e, ERR_INVALID, "cannot read %s: %m",
			    r->file);
		else
			rc = err_set(e, ERR_INVALID, "%s:%d: %s", r->file,
			    config_error_line(&lc), config_error_text(&lc));
	} else {
		rc = feeds_only ? read_feeds_only(r,
		    config_root_setting(&lc), e) : read_group(r,
		    config_root_setting(&lc), "", e);
	}
	config_destroy(&lc);
	return rc;
}

static int apply_override(struct reader *r, const char *text, struct err *e)
{
	struct arena *a = r->config->arena;
	const char *eq = strchr(text, '=');
	const struct setting *s = eq == NULL ? NULL :
	    config_find(settings_table, arena_strndup(a, text, (size_t)(eq - text)));

	if (s == NULL)
		return err_set(e, ERR_INVALID, "%s: no such setting", text);
	r->seen[s - settings_table] = true;
	return settings_set(a, s, r->config, eq + 1, e);
}

/* Mail is a target like any other, at the end of the list. */
static void add_mail(struct config *c)
{
	if (*c->mail.url == '\0')
		return;
	c->mail.name = c->mail.kind = MAIL;
	c->mail.form = "";
	c->mail.guard = guard_own_none;
	c->target = arena_grow(c->arena, c->target, c->n_targets,
	    c->n_targets + 1, sizeof(*c->target));
	c->target[c->n_targets++] = c->mail;
}

/* Calls and letters go to somebody who takes them. */
static int check_way(const struct config *c, const char *setting,
    const char *name, struct err *e)
{
	size_t i;

	if (*name == '\0')
		return 0;
	for (i = 0; i < c->n_targets; i++)
		if (strcmp(c->target[i].name, name) == 0)
			break;
	if (i == c->n_targets || strlen(name) >= WAYS_NAME)
		return err_set(e, ERR_INVALID, "%s: there is no targets.%s",
		    setting, name);
	if (strcmp(c->target[i].kind, target_webhook.name) != 0 &&
	    strcmp(c->target[i].kind, target_spool.name) != 0)
		return err_set(e, ERR_INVALID, "%s: targets.%s is of kind %s: "
		    "calls and letters go to webhook or spool", setting, name,
		    c->target[i].kind);
	return 0;
}

static int finish(struct reader *r, struct err *e)
{
	struct config *c = r->config;
	const struct setting *s;
	size_t i;
	int rc;

	for (s = settings_table; s->path != NULL; s++)
		if (s->dflt == NULL &&
		    !r->seen[s - settings_table])
			return err_set(e, ERR_INVALID, "%s: %s is missing: %s",
			    r->file ? r->file : "settings", s->path, s->help);
	if (*c->password_file != '\0' && (rc = read_secret(c->arena,
	    c->password_file, &c->ldap.password, e)) != 0)
		return rc;
	if (*c->code_key_file != '\0' && (rc = read_secret(c->arena,
	    c->code_key_file, &c->code_key, e)) != 0)
		return rc;
	if ((*c->cert_file == '\0') != (*c->key_file == '\0'))
		return err_set(e, ERR_INVALID, "http.cert_file and "
		    "http.key_file go together");
	if ((rc = check_way(c, "requests.phone_target", c->phone_target,
	    e)) != 0 || (rc = check_way(c, "requests.post_target",
	    c->post_target, e)) != 0)
		return rc;
	add_mail(c);
	for (i = 0; i < c->n_targets; i++)
		if (*c->target[i].token != '\0' && (rc = read_secret(c->arena,
		    c->target[i].token, &c->target[i].token, e)) != 0)
			return rc;
	return 0;
}

int config_load(const char *file, const char *const *override, size_t n,
    struct config **out, struct err *e)
{
	struct arena *a = arena_new();
	struct reader r = { .file = file };
	size_t i;
	int rc;

	r.config = arena_alloc(a, sizeof(*r.config));
	r.config->arena = a;
	r.config->ldap.password = r.config->code_key = "";
	rc = settings_defaults(a, settings_table, r.config, e);
	if (rc == 0 && file != NULL)
		rc = read_file(&r, false, e);
	for (i = 0; rc == 0 && i < n; i++)
		rc = apply_override(&r, override[i], e);
	if (rc == 0)
		rc = finish(&r, e);
	if (rc != 0)
		arena_free(a);
	else
		*out = r.config;
	return rc;
}

int config_add_feeds(struct config *c, const char *file, struct err *e)
{
	struct reader r = { .config = c, .file = file };

	return read_file(&r, true, e);
}

void config_free(struct config *c)
{
	if (c != NULL)
		arena_free(c->arena);
}

void config_print(struct buf *out, const struct config *c)
{
	size_t i;

	settings_print(out, settings_table, "", c);
	for (i = 0; i < c->n_targets; i++) {
		struct target_conf t = c->target[i];
		char prefix[160];

		if (strcmp(t.kind, MAIL) == 0)
			continue;
		t.token = *t.token ? "(read)" : "";
		snprintf(prefix, sizeof(prefix), "targets.%s.", t.name);
		settings_print(out, settings_target, prefix, &t);
	}
	for (i = 0; i < c->n_feeds; i++) {
		char prefix[160];

		snprintf(prefix, sizeof(prefix), "feeds.%s.",
		    c->feed[i].name);
		settings_print(out, settings_feed, prefix, &c->feed[i]);
	}
	for (i = 0; i < c->n_sources; i++) {
		char prefix[160];

		snprintf(prefix, sizeof(prefix), "sources.%s.",
		    c->source[i].section);
		settings_print(out, settings_source, prefix, &c->source[i]);
	}
}

const char *config_needs_restart(const struct config *old,
    const struct config *new_config)
{
	const struct setting *s;
	struct buf x, y;
	const char *found = NULL;

	buf_init(&x, 1 << 20);
	buf_init(&y, 1 << 20);
	for (s = settings_table; found == NULL && s->path != NULL; s++) {
		const struct setting one[2] = { *s, { 0 } };

		buf_reset(&x);
		buf_reset(&y);
		settings_print(&x, one, "", old);
		settings_print(&y, one, "", new_config);
		if (!s->live && strcmp(buf_str(&x), buf_str(&y)) != 0)
			found = s->path;
	}
	buf_fini(&x);
	buf_fini(&y);
	return found;
}
