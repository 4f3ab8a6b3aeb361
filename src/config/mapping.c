/* SPDX-License-Identifier: ISC */
#include "config/mapping.h"

#include <libconfig.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "codec/scim_kind.h"
#include "codec/scim_map.h"

/* What may stand in a group, and where it goes. */
enum field_type { STRING, STRINGS, BOOL, INT, WORD, HOW, MORE, GROUPS };

struct reading;

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	const char *words;		/* WORD, in the order of its enum */
	/* GROUPS: reads the list into the struct. */
	int (*groups)(struct reading *rd, config_setting_t *list, void *to);
};

struct reading {
	struct arena *a;
	const char *file;
	struct err *e;
};

static int bad(struct reading *rd, const config_setting_t *s,
    const char *what)
{
	const char *name = config_setting_name(s);

	return err_set(rd->e, ERR_INVALID, "%s:%u: %s: %s", rd->file,
	    config_setting_source_line(s), name == NULL ? "{...}" : name,
	    what);
}

/* --- single values ------------------------------------------------------- */

static int word(struct reading *rd, const config_setting_t *s,
    const char *words, const char *value, int *out)
{
	const char *p = words;
	size_t n = strlen(value);
	int i = 0;

	while (*p != '\0') {
		size_t len = strcspn(p, " ");

		if (len == n && strncmp(p, value, n) == 0) {
			*out = i;
			return 0;
		}
		p += len;
		p += strspn(p, " ");
		i++;
	}
	return err_set(rd->e, ERR_INVALID, "%s:%u: %s: \"%s\" is none of: %s",
	    rd->file, config_setting_source_line(s), config_setting_name(s),
	    value, words);
}

static int strings(struct reading *rd, config_setting_t *s,
    const char **to, int max, struct strv *list)
{
	int i, n = config_setting_length(s);

	if (config_setting_type(s) != CONFIG_TYPE_ARRAY)
		return bad(rd, s, "expected a list of strings: [ \"a\" ]");
	if (to != NULL && n > max)
		return bad(rd, s, "too many strings");
	for (i = 0; i < n; i++) {
		const char *v = config_setting_get_string_elem(s, i);

		if (v == NULL)
			return bad(rd, s, "expected strings");
		if (to != NULL)
			to[i] = arena_strdup(rd->a, v);
		else
			strv_add(rd->a, list, arena_strdup(rd->a, v));
	}
	return 0;
}

static int text(struct reading *rd, const struct field *f,
    config_setting_t *s, void *to)
{
	const char *v = config_setting_get_string(s);
	int how;

	if (v == NULL)
		return bad(rd, s, "expected a string: \"...\"");
	if (f->type == STRING) {
		*(const char **)to = arena_strdup(rd->a, v);
		return 0;
	}
	if (f->type == WORD)
		return word(rd, s, f->words, v, to);
	how = scim_kind_word(v);
	if (how < 0)
		return bad(rd, s, "no such kind; the kinds are listed at the "
		    "top of the file");
	*(int *)to = how;
	return 0;
}

static int value(struct reading *rd, const struct field *f,
    config_setting_t *s, void *to)
{
	switch (f->type) {
	case STRING:
	case WORD:
	case HOW:
		return text(rd, f, s, to);
	case STRINGS:
		return strings(rd, s, NULL, 0, to);
	case MORE:
		return strings(rd, s, to, 2, NULL);
	case BOOL:
		if (config_setting_type(s) != CONFIG_TYPE_BOOL)
			return bad(rd, s, "expected true or false");
		*(bool *)to = config_setting_get_bool(s);
		return 0;
	case INT:
		if (config_setting_type(s) != CONFIG_TYPE_INT)
			return bad(rd, s, "expected an integer");
		*(int *)to = config_setting_get_int(s);
		return 0;
	case GROUPS:
		break;
	}
	return f->groups(rd, s, to);
}

/* --- groups -------------------------------------------------------------- */

static int group(struct reading *rd, const struct field *fields,
    config_setting_t *g, void *base)
{
	int i, rc;

	if (config_setting_type(g) != CONFIG_TYPE_GROUP)
		return bad(rd, g, "expected { name = ...; }");
	for (i = 0; i < config_setting_length(g); i++) {
		config_setting_t *s = config_setting_get_elem(g, (unsigned)i);
		const struct field *f = fields;

		while (f->name != NULL &&
		    strcmp(f->name, config_setting_name(s)) != 0)
			f++;
		if (f->name == NULL)
			return bad(rd, s, "no such setting here; what there is "
			    "is listed at the top of the file");
		rc = value(rd, f, s, (char *)base + f->offset);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* A list of groups as a new array of elements of size; *n is its length. */
static int list(struct reading *rd, config_setting_t *s,
    const struct field *fields, size_t size, void **array, size_t *n)
{
	size_t i, count = (size_t)config_setting_length(s);
	int rc = 0;

	if (config_setting_type(s) != CONFIG_TYPE_LIST)
		return bad(rd, s, "expected a list: ( { ... }, { ... } )");
	*array = arena_array(rd->a, count + 1, size);
	*n = count;
	for (i = 0; rc == 0 && i < count; i++)
		rc = group(rd, fields, config_setting_get_elem(s, (unsigned)i),
		    (char *)*array + i * size);
	return rc;
}

#define A(member) offsetof(struct scim_attr, member)
#define S(member) offsetof(struct scim_schema, member)
#define R(member) offsetof(struct scim_resource, member)

_Static_assert(sizeof(enum scim_how) == sizeof(int), "enums are read as int");

static int read_subs(struct reading *rd, config_setting_t *s, void *to);

static const struct field attr_fields[] = {
	{ "name", STRING, A(name), NULL, NULL },
	{ "description", STRING, A(description), NULL, NULL },
	{ "type", WORD, A(type), "string boolean integer dateTime reference "
	    "binary complex", NULL },
	{ "how", HOW, A(how), NULL, NULL },
	{ "ldap", STRING, A(ldap), NULL, NULL },
	{ "more", MORE, A(more), NULL, NULL },
	{ "refers", STRING, A(refers), NULL, NULL },
	{ "multi", BOOL, A(multi), NULL, NULL },
	{ "max", INT, A(max), NULL, NULL },
	{ "required", BOOL, A(required), NULL, NULL },
	{ "case_exact", BOOL, A(case_exact), NULL, NULL },
	{ "mutability", WORD, A(mutability),
	    "readWrite readOnly immutable writeOnly", NULL },
	{ "returned", WORD, A(returned), "default always never request", NULL },
	{ "unique", WORD, A(unique), "none server global", NULL },
	{ "canonical", STRINGS, A(canonical), NULL, NULL },
	{ "default", STRING, A(dflt), NULL, NULL },
	{ "hide_default", BOOL, A(hide_dflt), NULL, NULL },
	{ "indexed", BOOL, A(indexed), NULL, NULL },
	{ "sub", GROUPS, 0, NULL, read_subs },
	{ NULL, STRING, 0, NULL, NULL }
};

static int read_subs(struct reading *rd, config_setting_t *s, void *to)
{
	struct scim_attr *at = to;
	void *array;
	int rc = list(rd, s, attr_fields, sizeof(*at), &array, &at->n_sub);

	at->sub = array;
	return rc;
}

static int read_attrs(struct reading *rd, config_setting_t *s, void *to)
{
	struct scim_schema *sc = to;
	void *array;
	int rc = list(rd, s, attr_fields, sizeof(*sc->attr), &array, &sc->n);

	sc->attr = array;
	return rc;
}

static const struct field schema_fields[] = {
	{ "urn", STRING, S(urn), NULL, NULL },
	{ "name", STRING, S(name), NULL, NULL },
	{ "description", STRING, S(description), NULL, NULL },
	{ "required", BOOL, S(required), NULL, NULL },
	{ "attributes", GROUPS, 0, NULL, read_attrs },
	{ NULL, STRING, 0, NULL, NULL }
};

static int read_schemas(struct reading *rd, config_setting_t *s, void *to)
{
	struct scim_resource *r = to;
	void *array;
	int rc = list(rd, s, schema_fields, sizeof(*r->schema), &array,
	    &r->n_schemas);

	r->schema = array;
	return rc;
}

static const struct field resource_fields[] = {
	{ "name", STRING, R(name), NULL, NULL },
	{ "endpoint", STRING, R(endpoint), NULL, NULL },
	{ "description", STRING, R(description), NULL, NULL },
	{ "container", STRING, R(container), NULL, NULL },
	{ "rdn", STRING, R(rdn), NULL, NULL },
	{ "natural_key", STRING, R(natural_key), NULL, NULL },
	{ "object_class", STRING, R(object_class), NULL, NULL },
	{ "object_classes", STRINGS, R(object_classes), NULL, NULL },
	{ "owner", STRING, R(owner_attr), NULL, NULL },
	{ "owned", BOOL, R(owned), NULL, NULL },
	{ "display", STRING, R(display), NULL, NULL },
	{ "schemas", GROUPS, 0, NULL, read_schemas },
	{ NULL, STRING, 0, NULL, NULL }
};

static int read_resources(struct reading *rd, config_setting_t *s, void *to)
{
	struct scim_map *m = to;
	void *array;
	int rc = list(rd, s, resource_fields, sizeof(*m->resource), &array,
	    &m->n);

	m->resource = array;
	return rc;
}

static const struct field top_fields[] = {
	{ "resources", GROUPS, 0, NULL, read_resources },
	{ NULL, STRING, 0, NULL, NULL }
};

static int read_file(const char *path, struct scim_map *m, struct err *e)
{
	struct reading rd = { .a = m->arena, .file = path, .e = e };
	config_t c;
	int rc;

	config_init(&c);
	if (config_read_file(&c, path) == CONFIG_TRUE)
		rc = group(&rd, top_fields, config_root_setting(&c), m);
	else if (config_error_type(&c) == CONFIG_ERR_FILE_IO)
		rc = err_set(e, ERR_IO, "%s: can't be read: check the setting "
		    "\"mapping\" and the file's permissions", path);
	else
		rc = err_set(e, ERR_INVALID, "%s:%d: %s", path,
		    config_error_line(&c), config_error_text(&c));
	config_destroy(&c);
	return rc;
}

int mapping_read(const char *path, const char *suffix, struct scim_map **out,
    struct err *e)
{
	struct scim_map *m = scim_map_new(suffix);
	int rc = read_file(path, m, e);

	if (rc == 0) {
		rc = scim_map_seal(m, e);
		if (rc != 0)
			err_wrap(e, "%s", path);
	}
	*out = rc == 0 ? m : NULL;
	if (rc != 0)
		scim_map_free(m);
	return rc;
}
