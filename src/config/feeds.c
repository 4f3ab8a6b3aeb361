/* SPDX-License-Identifier: ISC */
/* The group feeds of provostd.conf: a section a feed, with the list fields and
 * the group tables, whose rows are pairs. */
#include <string.h>

#include "base/arena.h"
#include "config/config_p.h"

#define FIELDS_MAX 256

static int wrong(struct reader *r, const config_setting_t *cs,
    const char *what, struct err *e)
{
	return err_set(e, ERR_INVALID, "%s:%u: %s: %s", r->file,
	    config_setting_source_line(cs), config_setting_name(cs) != NULL ?
	    config_setting_name(cs) : "feeds", what);
}

static int read_field(struct reader *r, const config_setting_t *group,
    struct feed_field_conf *f, struct err *e)
{
	int i, rc = settings_defaults(r->config->arena, settings_field, f, e);

	if (!config_setting_is_group(group))
		return wrong(r, group, "a field is a group: { column = "
		    "\"..\"; path = \"..\"; }", e);
	for (i = 0; rc == 0 && i < config_setting_length(group); i++) {
		const config_setting_t *cs =
		    config_setting_get_elem(group, (unsigned)i);
		const struct setting *s = config_find(settings_field,
		    config_setting_name(cs));

		rc = s != NULL ? config_read_setting(r, s, f, cs, e) :
		    config_unknown(r, config_setting_name(cs), cs, e);
	}
	if (rc == 0 && f->path == NULL)
		return wrong(r, group, "a field's path is missing", e);
	return rc;
}

static int read_fields(struct reader *r, const config_setting_t *list,
    struct feed_conf *f, struct err *e)
{
	int i, n = config_setting_length(list), rc = 0;

	if (!config_setting_is_list(list) || n > FIELDS_MAX)
		return wrong(r, list, "a list of at most 256 groups: "
		    "( { column = \"..\"; path = \"..\"; }, .. )", e);
	f->field = arena_array(r->config->arena, (size_t)n + 1,
	    sizeof(*f->field));
	for (i = 0; rc == 0 && i < n; i++, f->n_fields++)
		rc = read_field(r, config_setting_get_elem(list, (unsigned)i),
		    &f->field[i], e);
	return rc;
}

/* departments: ( ("10", "Billing"), ("20", "Orders") ) */
static int read_table(struct reader *r, const config_setting_t *list,
    struct feed_table_conf *t, struct err *e)
{
	struct arena *a = r->config->arena;
	int i;

	t->name = arena_strdup(a, config_setting_name(list));
	for (i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *row =
		    config_setting_get_elem(list, (unsigned)i);
		const char *from, *to;

		if (config_setting_length(row) != 2 ||
		    (from = config_scalar(a, config_setting_get_elem(row,
		    0))) == NULL || (to = config_scalar(a,
		    config_setting_get_elem(row, 1))) == NULL)
			return wrong(r, list, "a table's rows are pairs: "
			    "( (\"from\", \"to\"), .. )", e);
		strv_add(a, &t->from, arena_strdup(a, from));
		strv_add(a, &t->to, arena_strdup(a, to));
	}
	return 0;
}

static int read_tables(struct reader *r, const config_setting_t *group,
    struct feed_conf *f, struct err *e)
{
	int i, n = config_setting_length(group), rc = 0;

	if (!config_setting_is_group(group))
		return wrong(r, group, "a group of tables", e);
	f->table = arena_array(r->config->arena, (size_t)n + 1,
	    sizeof(*f->table));
	for (i = 0; rc == 0 && i < n; i++, f->n_tables++)
		rc = read_table(r, config_setting_get_elem(group, (unsigned)i),
		    &f->table[i], e);
	return rc;
}

static int read_feed(struct reader *r, const config_setting_t *group,
    struct feed_conf *f, struct err *e)
{
	struct arena *a = r->config->arena;
	int i, rc = settings_defaults(a, settings_feed, f, e);

	if (!config_setting_is_group(group))
		return wrong(r, group, "a group of settings", e);
	f->name = arena_strdup(a, config_setting_name(group));
	for (i = 0; rc == 0 && i < config_setting_length(group); i++) {
		const config_setting_t *cs =
		    config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(cs);
		const struct setting *s = config_find(settings_feed, name);

		if (s != NULL)
			rc = config_read_setting(r, s, f, cs, e);
		else if (strcmp(name, "fields") == 0)
			rc = read_fields(r, cs, f, e);
		else if (strcmp(name, "tables") == 0)
			rc = read_tables(r, cs, f, e);
		else
			rc = config_unknown(r, arena_printf(a, "feeds.%s.%s",
			    f->name, name), cs, e);
	}
	if (rc == 0 && (f->kind == NULL || f->list == NULL))
		return wrong(r, group, f->kind == NULL ? "its kind is missing" :
		    "list is missing: \"full\" or \"changes\"", e);
	return rc;
}

int config_read_feeds(struct reader *r, const config_setting_t *group,
    struct err *e)
{
	struct config *c = r->config;
	int n = config_setting_length(group), i, rc = 0;

	if (!config_setting_is_group(group))
		return wrong(r, group, "a group of feeds", e);
	c->feed = arena_grow(c->arena, c->feed, c->n_feeds,
	    c->n_feeds + (size_t)n + 1, sizeof(*c->feed));
	for (i = 0; rc == 0 && i < n; i++, c->n_feeds++)
		rc = read_feed(r, config_setting_get_elem(group, (unsigned)i),
		    &c->feed[c->n_feeds], e);
	return rc;
}
