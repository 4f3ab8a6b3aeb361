/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/utf8.h"
#include "feed/feed_p.h"

#define PEOPLE "User"

static const char *const kinds[] = { "csv", "xml", "xlsx", "ldif", "bulk" };
static const char *const charsets[] = { "utf-8", "utf-16le", "utf-16be",
    "windows-1252" };

static int word(const char *const *words, size_t n, const char *s)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_ieq(words[i], s))
			return (int)i;
	return -1;
}

/* "hr=urn:example:hr" */
static int read_namespaces(struct feed *f, struct err *e)
{
	const struct strv *v = &f->conf.namespaces;
	size_t i;

	f->prefix = arena_array(f->a, v->n + 1, sizeof(*f->prefix));
	for (i = 0; i < v->n; i++) {
		const char *eq = strchr(v->v[i], '=');

		if (eq == NULL)
			return err_set(e, ERR_INVALID, "namespaces: \"%s\" is "
			    "not PREFIX=URI", v->v[i]);
		f->prefix[f->n_prefixes++] = (struct xml_prefix){
		    arena_strndup(f->a, v->v[i], (size_t)(eq - v->v[i])),
		    eq + 1 };
	}
	return 0;
}

static int read_form(struct feed *f, struct err *e)
{
	const struct feed_conf *c = &f->conf;
	int kind = word(kinds, 5, c->kind), set;

	if (kind < 0)
		return err_set(e, ERR_INVALID, "kind: \"%s\" is none of: csv "
		    "xml xlsx ldif bulk", c->kind);
	f->kind = (enum feed_kind)kind;
	f->full = str_ieq(c->list, "full");
	if (!f->full && !str_ieq(c->list, "changes"))
		return err_set(e, ERR_INVALID, "list: say \"full\" (who is "
		    "not in the file has left) or \"changes\"");
	if (strlen(c->delimiter) > 1)
		return err_set(e, ERR_INVALID, "delimiter: one character, or "
		    "nothing: it is found out");
	f->delimiter = c->delimiter[0];
	set = *c->charset == '\0' ? 0 : word(charsets, 4, c->charset);
	if (set < 0)
		return err_set(e, ERR_INVALID, "charset: \"%s\" is none of: "
		    "utf-8 utf-16le utf-16be windows-1252", c->charset);
	f->charset = (enum charset_kind)set;
	if (f->kind == FEED_XML && *c->record == '\0')
		return err_set(e, ERR_INVALID, "record: the path of the "
		    "elements that are records is missing");
	return read_namespaces(f, e);
}

static int read_fields(struct feed *f, struct err *e)
{
	size_t i;
	int rc;

	f->key = -1;
	f->field = arena_array(f->a, f->conf.n_fields + 1, sizeof(*f->field));
	for (i = 0; i < f->conf.n_fields; i++) {
		if ((rc = field_compile(f->a, f->people, &f->conf,
		    &f->conf.field[i], &f->field[i], e)) != 0)
			return err_wrap(e, "fields");
		f->n_fields++;
		if (f->field[i].use == FIELD_KEY)
			f->key = (int)i;
	}
	if (f->kind == FEED_BULK && f->n_fields > 0)
		return err_set(e, ERR_INVALID, "fields: a bulk message says "
		    "itself what its values are");
	if (f->kind != FEED_BULK && f->key < 0)
		return err_set(e, ERR_INVALID, "fields: none is externalId: "
		    "one must say by what a person is known again");
	return 0;
}

/* An address is handed on to the next person who is called the same. */
static int check_alone(const struct feed *f, struct err *e)
{
	size_t i;

	for (i = 0; i < f->conf.correlate.n; i++)
		if (!str_ieq(f->correlate[i]->name, "emails"))
			return 0;
	return i == 0 ? 0 : err_set(e, ERR_INVALID, "correlate: never by "
	    "e-mail address alone");
}

static int read_correlate(struct feed *f, struct err *e)
{
	const struct strv *v = &f->conf.correlate;
	size_t i;

	f->correlate = arena_array(f->a, v->n + 1, sizeof(*f->correlate));
	for (i = 0; i < v->n; i++) {
		struct feed_field_conf fc = { .column = v->v[i],
		    .path = v->v[i] };
		struct field field;
		int rc = field_compile(f->a, f->people, &f->conf, &fc, &field,
		    e);

		if (rc != 0)
			return err_wrap(e, "correlate");
		if (field.attr == NULL || scim_index_of(field.attr,
		    field.sub) == 0)
			return err_set(e, ERR_INVALID, "correlate: %s is not "
			    "indexed in the mapping", v->v[i]);
		f->correlate[i] = field.attr;
	}
	return check_alone(f, e);
}

/* --- a copy: the configuration it came from is soon another ------------------ */

static void copy_list(struct arena *a, struct strv *v)
{
	const struct strv old = *v;
	size_t i;

	*v = (struct strv){ 0 };
	for (i = 0; i < old.n; i++)
		strv_add(a, v, arena_strdup(a, old.v[i]));
}

static void copy_tables(struct arena *a, struct feed_conf *c)
{
	struct feed_table_conf *t = arena_array(a, c->n_tables + 1,
	    sizeof(*t));
	size_t i;

	for (i = 0; i < c->n_tables; i++) {
		t[i] = c->table[i];
		t[i].name = arena_strdup(a, t[i].name);
		copy_list(a, &t[i].from);
		copy_list(a, &t[i].to);
	}
	c->table = t;
}

static void copy_fields(struct arena *a, struct feed_conf *c)
{
	struct feed_field_conf *f = arena_array(a, c->n_fields + 1,
	    sizeof(*f));
	size_t i;

	for (i = 0; i < c->n_fields; i++) {
		f[i] = c->field[i];
		f[i].column = arena_strdup(a, f[i].column);
		f[i].path = arena_strdup(a, f[i].path);
		copy_list(a, &f[i].transform);
	}
	c->field = f;
}

static void copy_conf(struct arena *a, struct feed_conf *c)
{
	const char **text[] = { &c->name, &c->kind, &c->list, &c->owner,
	    &c->delimiter, &c->charset, &c->sheet, &c->record, &c->sentinel,
	    &c->dir };
	size_t i;

	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		*text[i] = arena_strdup(a, *text[i]);
	copy_list(a, &c->namespaces);
	copy_list(a, &c->leaver);
	copy_list(a, &c->correlate);
	copy_list(a, &c->scopes);
	copy_tables(a, c);
	copy_fields(a, c);
}

int feed_open(const struct feed_conf *conf, const struct scim_map *map,
    struct feed **out, struct err *e)
{
	struct arena *a = arena_new();
	struct feed *f = arena_alloc(a, sizeof(*f));
	int rc;

	f->a = a;
	f->conf = *conf;
	copy_conf(a, &f->conf);
	f->map = map;
	f->people = scim_map_name(map, PEOPLE);
	f->owner = *f->conf.owner != '\0' ? f->conf.owner :
	    arena_printf(a, "feed:%s", f->conf.name);
	rc = f->people != NULL ? read_form(f, e) : err_set(e, ERR_INVALID,
	    "the mapping has no resource type " PEOPLE);
	if (rc == 0)
		rc = read_fields(f, e);
	if (rc == 0)
		rc = read_correlate(f, e);
	if (rc != 0) {
		err_wrap(e, "feeds.%s", conf->name);
		arena_free(a);
		return rc;
	}
	*out = f;
	return 0;
}

void feed_close(struct feed *f)
{
	if (f != NULL)
		arena_free(f->a);
}

const struct feed_conf *feed_config(const struct feed *f)
{
	return &f->conf;
}

const char *feed_owner(const struct feed *f)
{
	return f->owner;
}

bool feed_is_full(const struct feed *f)
{
	return f->full;
}
