/* SPDX-License-Identifier: ISC */
#include "front/render.h"

#include <string.h>

#include "base/arena.h"
#include "front/answer.h"

#define NAMES_LEN 16384

int render_projection(struct call *c, struct scim_projection **out)
{
	const char *only = call_arg(c, "attributes");
	const char *not = call_arg(c, "excludedAttributes");
	struct err e = { 0 };
	int rc = 0;

	*out = NULL;
	if ((only == NULL || *only == '\0') && (not == NULL || *not == '\0'))
		return 0;
	if ((only != NULL && strlen(only) > NAMES_LEN) ||
	    (not != NULL && strlen(not) > NAMES_LEN))
		rc = err_kind(&e, ERR_INVALID, "invalidValue",
		    "attributes: too many names");
	if (rc == 0)
		rc = scim_projection_parse(c->a, c->resource, only, not, out,
		    &e);
	if (rc != 0)
		answer_error(c, &e);
	return rc;
}

static int render_anew(struct call *c, struct arena *a,
    const struct entry *en, const struct scim_projection *p, struct buf *out,
    struct err *e)
{
	struct buf stored;
	int rc;

	buf_init(&stored, ANSWER_MAX);
	scim_render(a, c->f->conf.map, c->resource, en, p, &stored);
	rc = scim_render_fill(a, c->f->conf.map, c->resource, en,
	    buf_str(&stored), stored.len, &c->rs, out, e);
	buf_fini(&stored);
	return rc;
}

int render_item(struct call *c, struct arena *a,
    const struct view_item *item, const struct scim_projection *p,
    struct buf *out, struct err *e)
{
	if (p != NULL)
		return render_anew(c, a, &item->entry, p, out, e);
	return scim_render_fill(a, c->f->conf.map, c->resource, &item->entry,
	    item->json, item->json_len, &c->rs, out, e);
}

int render_entry(struct call *c, const struct entry *en,
    const struct scim_projection *p, struct buf *out, struct err *e)
{
	return render_anew(c, c->a, en, p, out, e);
}

void render_etag(struct call *c, const struct view_item *item, char out[32])
{
	if (c->resource->members == NULL)
		scim_render_version(item->json, item->json_len, out);
	else
		scim_render_etag(c->a, c->resource, &item->entry, item->json,
		    item->json_len, &c->rs, out);
}

bool render_has_etag(const struct call *c, const struct scim_projection *p)
{
	const struct scim_attr *members = c->resource->members;

	return members == NULL || scim_projection_wants(p, members);
}

static const char *opaque(const char *etag)
{
	return str_starts(etag, "W/") ? etag + 2 : etag;
}

bool render_etag_among(const char *header, const char *etag)
{
	size_t n = strlen(opaque(etag));
	const char *p = header;

	p += strspn(p, " \t");
	if (strcmp(p, "*") == 0)
		return true;
	while (*p != '\0') {
		p = opaque(p + strspn(p, " \t,"));
		if (strncmp(p, opaque(etag), n) == 0)
			return true;
		p += strcspn(p, ",");
	}
	return false;
}
