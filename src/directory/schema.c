/* SPDX-License-Identifier: ISC */
#include "directory/schema.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "directory/schema_p.h"

/* What an error's text has room for; the rest is counted. */
#define SHOWN 4

static const struct {
	const char *oid, *name;
} controls[] = {
	{ "1.3.6.1.1.13.2", "control post-read (RFC 4527)" },
	{ "1.3.6.1.1.12", "control assertion (RFC 4528)" },
	{ "2.16.840.1.113730.3.4.18",
	    "control proxied authorization (RFC 4370)" },
	{ "1.3.6.1.4.1.4203.1.9.1.1",
	    "control sync (RFC 4533: overlay syncprov)" },
};

struct check {
	struct ldapc *l;
	struct arena *a;
	struct map *attrs, *classes;	/* lower-case name -> definition */
	uint64_t fingerprint;
	struct buf missing;
	unsigned n_missing;
};

static void miss(struct check *c, const char *what, const char *oid)
{
	if (c->n_missing++ < SHOWN)
		buf_printf(&c->missing, "%s%s%s%s%s",
		    c->n_missing > 1 ? ", " : "", what,
		    oid != NULL ? " (" : "", oid != NULL ? oid : "",
		    oid != NULL ? ")" : "");
}

static int read_entry(struct check *c, const char *dn, const char *filter,
    const char *const *attrs, const struct entry **out, struct err *e)
{
	struct ldapc_search s = { .base = dn, .scope = SCOPE_BASE,
		.filter = filter, .attrs = attrs };
	struct entry **en;
	size_t n;
	int rc;

	rc = ldapc_search_all(c->l, c->a, &s, &en, &n, e);
	if (rc == 0 && n != 1)
		rc = err_set(e, ERR_DENIED, "the server does not show \"%s\": "
		    "let the daemon read it", dn);
	if (rc == 0)
		*out = en[0];
	return rc;
}

static char *lower(struct arena *a, const char *s, size_t n)
{
	char *p = arena_strndup(a, s, n), *q;

	for (q = p; *q != '\0'; q++)
		if (*q >= 'A' && *q <= 'Z')
			*q = (char)(*q - 'A' + 'a');
	return p;
}

/* --- the subschema (RFC 4512 4.1) --------------------------------------- */
/* The names of one definition: NAME 'a' or NAME ( 'a' 'b' ). */
static void add_definition(struct check *c, struct map *names,
    const char *text)
{
	const char *s = strstr(text, " NAME "), *end;
	bool ours = false, list;
	char *name;

	if (s == NULL)
		return;
	s += strlen(" NAME ");
	list = *s == '(';
	while ((s = strchr(s, '\'')) != NULL &&
	    (end = strchr(s + 1, '\'')) != NULL) {
		name = lower(c->a, s + 1, (size_t)(end - s - 1));
		map_put(names, name, (void *)text);
		ours |= str_starts(name, "provost");
		s = end + 1;
		if (!list || strncmp(s, " )", 2) == 0)
			break;
	}
	/* A sum, because servers list definitions in any order. */
	if (ours)
		c->fingerprint += hash_fast(text, strlen(text), 0);
}

static void add_definitions(struct check *c, struct map *names,
    const struct entry *en, const char *attr)
{
	const struct attr *at = entry_attr(en, attr);
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		add_definition(c, names, at->v[i].p);
}

static int read_subschema(struct check *c, const char *dn, struct err *e)
{
	static const char *const attrs[] = { "attributeTypes",
		"objectClasses", NULL };
	const struct entry *en;
	int rc;

	rc = read_entry(c, dn, "(objectClass=subschema)", attrs, &en, e);
	if (rc == 0) {
		add_definitions(c, c->attrs, en, "attributeTypes");
		add_definitions(c, c->classes, en, "objectClasses");
	}
	return rc;
}

static void need(struct check *c, struct map *names, const char *name,
    const char *oid)
{
	char *key = lower(c->a, name, attr_base_len(name));

	if (map_get(names, key) != NULL)
		return;
	miss(c, name, oid);
	map_put(names, key, key);	/* not a second time */
}

static void check_names(struct check *c, const char *const *attrs,
    const char *const *classes)
{
	const struct schema_name *n;

	for (n = schema_names; n->name != NULL; n++)
		need(c, n->class ? c->classes : c->attrs, n->name, n->oid);
	for (; attrs != NULL && *attrs != NULL; attrs++)
		need(c, c->attrs, *attrs, NULL);
	for (; classes != NULL && *classes != NULL; classes++)
		need(c, c->classes, *classes, NULL);
}

/* --- the root DSE (RFC 4512 5.1) ---------------------------------------- */
static int check_root(struct check *c, const char **subschema, struct err *e)
{
	static const char *const attrs[] = { "supportedControl",
		"subschemaSubentry", NULL };
	const struct entry *root;
	size_t i;
	int rc;

	rc = read_entry(c, "", "(objectClass=*)", attrs, &root, e);
	if (rc != 0)
		return rc;
	*subschema = entry_get(root, "subschemaSubentry");
	if (*subschema == NULL)
		*subschema = "cn=Subschema";
	for (i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (!entry_has(root, "supportedControl", controls[i].oid))
			miss(c, controls[i].name, controls[i].oid);
	return 0;
}

/* --- overlays ----------------------------------------------------------- */
static bool serialized(const struct entry *overlay)
{
	const struct attr *at = entry_attr(overlay, "olcUniqueURI");
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		if (!str_istarts(at->v[i].p, "serialize "))
			return false;
	return at != NULL;
}

/* cn=config is read where that is allowed; where not, nothing is known and
 * nothing complained about. */
static void check_overlays(struct check *c)
{
	static const char *const attrs[] = { "olcOverlay", "olcUniqueURI",
		NULL };
	struct ldapc_search s = { .base = "cn=config", .scope = SCOPE_SUB,
		.filter = "(objectClass=olcOverlayConfig)", .attrs = attrs };
	bool unique = false, sync = false;
	struct entry **en;
	const char *name;
	size_t i, n;

	if (ldapc_search_all(c->l, c->a, &s, &en, &n, NULL) != 0 || n == 0)
		return;
	for (i = 0; i < n; i++) {
		name = entry_get(en[i], "olcOverlay");
		if (name == NULL)
			return;
		sync |= strstr(name, "syncprov") != NULL;
		unique |= strstr(name, "unique") != NULL && serialized(en[i]);
	}
	if (!sync)
		miss(c, "overlay syncprov", NULL);
	if (!unique)
		miss(c, "overlay unique with serialize", NULL);
}

static int verdict(struct check *c, struct err *e)
{
	if (c->n_missing == 0)
		return 0;
	if (c->n_missing > SHOWN)
		buf_printf(&c->missing, " and %u more",
		    c->n_missing - SHOWN);
	return err_set(e, ERR_UNSUPPORTED, "the directory at %s lacks %s: load "
	    "schema/provost.schema, configure it as conf/slapd shows",
	    ldapc_uri(c->l), buf_str(&c->missing));
}

int schema_check(struct ldapc *l, const char *const *attrs,
    const char *const *classes, uint64_t *fingerprint, struct err *e)
{
	struct check c = { .l = l, .a = arena_new(), .attrs = map_new(),
		.classes = map_new() };
	const char *subschema = NULL;
	int rc;

	buf_init(&c.missing, 4096);
	rc = check_root(&c, &subschema, e);
	if (rc == 0)
		rc = read_subschema(&c, subschema, e);
	if (rc == 0) {
		check_names(&c, attrs, classes);
		check_overlays(&c);
		rc = verdict(&c, e);
		*fingerprint = c.fingerprint;
	}
	buf_fini(&c.missing);
	map_free(c.attrs, NULL);
	map_free(c.classes, NULL);
	arena_free(c.a);
	return rc;
}
