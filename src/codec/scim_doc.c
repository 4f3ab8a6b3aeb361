/* SPDX-License-Identifier: ISC */
/* ResourceTypes and Schemas (RFC 7643 6, 7), generated from the mapping. */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "codec/json.h"
#include "codec/scim_render.h"

#define LIST "urn:ietf:params:scim:api:messages:2.0:ListResponse"
#define RESOURCE_TYPE "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
#define SCHEMA "urn:ietf:params:scim:schemas:core:2.0:Schema"

/* A member's name with the comma before it, where one is due. */
static void name(struct buf *out, const char *s)
{
	char last = out->len == 0 ? '{' : out->data[out->len - 1];

	if (last != '{' && last != '[')
		buf_putc(out, ',');
	if (s[0] != '\0') {
		json_text(out, s);
		buf_putc(out, ':');
	}
}

static void text(struct buf *out, const char *member, const char *s)
{
	name(out, member);
	json_text(out, s);
}

static void flag(struct buf *out, const char *member, bool v)
{
	name(out, member);
	buf_puts(out, v ? "true" : "false");
}

static void schemas(struct buf *out, const char *urn)
{
	name(out, "schemas");
	buf_putc(out, '[');
	json_text(out, urn);
	buf_putc(out, ']');
}

static void meta(struct buf *out, const char *type, const char *base_url,
    const char *endpoint, const char *id)
{
	struct buf location;

	buf_init(&location, 4096);
	buf_printf(&location, "%s/%s/%s", base_url, endpoint, id);
	name(out, "meta");
	buf_putc(out, '{');
	text(out, "resourceType", type);
	text(out, "location", buf_str(&location));
	buf_putc(out, '}');
	buf_fini(&location);
}

static void list_begin(struct buf *out, size_t n)
{
	buf_putc(out, '{');
	schemas(out, LIST);
	buf_printf(out, ",\"totalResults\":%zu,\"itemsPerPage\":%zu,"
	    "\"startIndex\":1,\"Resources\":[", n, n);
}

/* --- resource types ------------------------------------------------------ */

static void resource_type(struct buf *out, const struct scim_resource *r,
    const char *base_url)
{
	size_t i;

	name(out, "");
	buf_putc(out, '{');
	schemas(out, RESOURCE_TYPE);
	text(out, "id", r->name);
	text(out, "name", r->name);
	text(out, "endpoint", r->endpoint);
	text(out, "description", r->description);
	text(out, "schema", r->schema[0].urn);
	name(out, "schemaExtensions");
	buf_putc(out, '[');
	for (i = 1; i < r->n_schemas; i++) {
		name(out, "");
		buf_putc(out, '{');
		text(out, "schema", r->schema[i].urn);
		flag(out, "required", r->schema[i].required);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
	meta(out, "ResourceType", base_url, "ResourceTypes", r->name);
	buf_putc(out, '}');
}

int scim_doc_resource_types(const struct scim_map *m, const char *id,
    const char *base_url, struct buf *out, struct err *e)
{
	const struct scim_resource *r;
	struct buf one;
	size_t i;

	if (id != NULL) {
		r = scim_map_name(m, id);
		if (r == NULL)
			return err_set(e, ERR_NOT_FOUND,
			    "there is no resource type %.64s", id);
		buf_init(&one, 65536);
		resource_type(&one, r, base_url);
		buf_put(out, one.data, one.len);
		buf_fini(&one);
		return 0;
	}
	list_begin(out, m->n);
	for (i = 0; i < m->n; i++)
		resource_type(out, &m->resource[i], base_url);
	buf_puts(out, "]}");
	return 0;
}

/* --- schemas ------------------------------------------------------------- */

static const char *const type_word[] = { "string", "boolean", "integer",
	"dateTime", "reference", "binary", "complex" };
static const char *const mutability_word[] = { "readWrite", "readOnly",
	"immutable", "writeOnly" };
static const char *const returned_word[] = { "default", "always", "never",
	"request" };
static const char *const unique_word[] = { "none", "server", "global" };

static void words(struct buf *out, const char *member, const struct strv *v)
{
	size_t i;

	if (v->n == 0)
		return;
	name(out, member);
	buf_putc(out, '[');
	for (i = 0; i < v->n; i++) {
		name(out, "");
		json_text(out, v->v[i]);
	}
	buf_putc(out, ']');
}

static void reference_types(struct buf *out, const struct scim_attr *at)
{
	const char *to = at->refers;

	if (at->type != ST_REFERENCE)
		return;
	if (to[0] == '\0' && at->parent != NULL && strcmp(at->name,
	    "$ref") == 0)
		to = at->parent->refers;
	name(out, "referenceTypes");
	buf_putc(out, '[');
	json_text(out, to[0] == '\0' ? "external" : to);
	buf_putc(out, ']');
}

static void attribute(struct buf *out, const struct scim_attr *at)
{
	size_t i;

	name(out, "");
	buf_putc(out, '{');
	text(out, "name", at->name);
	text(out, "type", type_word[at->type]);
	flag(out, "multiValued", at->multi);
	text(out, "description", at->description);
	flag(out, "required", at->required);
	words(out, "canonicalValues", &at->canonical);
	if (at->type != ST_COMPLEX && at->type != ST_BOOLEAN)
		flag(out, "caseExact", at->case_exact);
	text(out, "mutability", mutability_word[at->mutability]);
	/* A token is shown to whoever has it made (RFC 7643 7: request). */
	text(out, "returned", returned_word[at->how == SH_TOKENS ?
	    SR_REQUEST : at->returned]);
	text(out, "uniqueness", unique_word[at->unique]);
	reference_types(out, at);
	if (at->n_sub > 0) {
		name(out, "subAttributes");
		buf_putc(out, '[');
		for (i = 0; i < at->n_sub; i++)
			attribute(out, &at->sub[i]);
		buf_putc(out, ']');
	}
	buf_putc(out, '}');
}

static void schema(struct buf *out, const struct scim_schema *s,
    const char *base_url)
{
	size_t i;

	name(out, "");
	buf_putc(out, '{');
	schemas(out, SCHEMA);
	text(out, "id", s->urn);
	text(out, "name", s->name);
	text(out, "description", s->description);
	name(out, "attributes");
	buf_putc(out, '[');
	for (i = 0; i < s->n; i++)
		attribute(out, &s->attr[i]);
	buf_putc(out, ']');
	meta(out, "Schema", base_url, "Schemas", s->urn);
	buf_putc(out, '}');
}

/* The k-th schema of the whole map, NULL behind the last; one that several
 * resource types share counts where it stands first. */
static const struct scim_schema *find(const struct scim_map *m,
    const char *urn, size_t k)
{
	size_t i, s;

	for (i = 0; i < m->n; i++) {
		for (s = 0; s < m->resource[i].n_schemas; s++) {
			const struct scim_schema *sc =
			    &m->resource[i].schema[s];

			if (urn != NULL ? str_ieq(sc->urn, urn) :
			    find(m, sc->urn, 0) == sc && k-- == 0)
				return sc;
		}
	}
	return NULL;
}

int scim_doc_schemas(const struct scim_map *m, const char *urn,
    const char *base_url, struct buf *out, struct err *e)
{
	const struct scim_schema *s;
	struct buf one;
	size_t k, n = 0;

	if (urn != NULL) {
		s = find(m, urn, 0);
		if (s == NULL)
			return err_set(e, ERR_NOT_FOUND,
			    "there is no schema %.64s", urn);
		buf_init(&one, 1u << 20);
		schema(&one, s, base_url);
		buf_put(out, one.data, one.len);
		buf_fini(&one);
		return 0;
	}
	while (find(m, NULL, n) != NULL)
		n++;
	list_begin(out, n);
	for (k = 0; k < n; k++)
		schema(out, find(m, NULL, k), base_url);
	buf_puts(out, "]}");
	return 0;
}
