/* SPDX-License-Identifier: ISC */
#include "base/arena.h"
#include "codec/scim_bulk.h"
#include "codec/scim_render.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/list.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

/* RFC 7643 5, with RFC 9865's pagination: what there is, no more. A format:
 * maxOperations, maxPayloadSize. */
static const char config[] =
"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig\"],"
"\"patch\":{\"supported\":true},"
"\"bulk\":{\"supported\":true,\"maxOperations\":%d,\"maxPayloadSize\":%zu},"
"\"filter\":{\"supported\":true,\"maxResults\":1000},"
"\"changePassword\":{\"supported\":true},"
"\"sort\":{\"supported\":true},"
"\"etag\":{\"supported\":true},"
"\"pagination\":{\"cursor\":true,\"index\":true,"
"\"defaultPaginationMethod\":\"index\","
"\"defaultPageSize\":" TEXT(LIST_COUNT) ","
"\"maxPageSize\":" TEXT(LIST_COUNT_MAX) ","
"\"cursorTimeout\":" TEXT(CURSOR_TIMEOUT) "},"
"\"authenticationSchemes\":[{\"type\":\"oauthbearertoken\","
"\"name\":\"Bearer token\",\"description\":\"A token of a client "
"in the directory (RFC 6750)\",\"specUri\":"
"\"https://www.rfc-editor.org/info/rfc6750\",\"primary\":true}],"
"\"meta\":{\"resourceType\":\"ServiceProviderConfig\",\"location\":";

static size_t max_payload(const struct front *f)
{
	const struct route *r = front_routes;

	while (r->handle != bulk_post)
		r++;
	return front_largest_body(f, r, NULL);
}

void scim_config(struct call *c)
{
	struct buf out;

	buf_init(&out, ANSWER_MAX);
	buf_printf(&out, config, SCIM_BULK_OPERATIONS, max_payload(c->f));
	json_text(&out, arena_printf(c->a, "%s/scim/v2/ServiceProviderConfig",
	    c->base));
	buf_puts(&out, "}}");
	answer_buf(c, 200, &out);
}

static void answer_document(struct call *c, int rc, struct buf *out,
    const struct err *e)
{
	if (rc == 0) {
		answer_buf(c, 200, out);
		return;
	}
	buf_fini(out);
	answer_error(c, e);
}

static const char *scim_base(struct call *c)
{
	return arena_printf(c->a, "%s/scim/v2", c->base);
}

void scim_resource_types(struct call *c)
{
	struct err e = { 0 };
	struct buf out;
	int rc;

	buf_init(&out, ANSWER_MAX);
	rc = scim_doc_resource_types(c->f->conf.map, c->id, scim_base(c),
	    &out, &e);
	answer_document(c, rc, &out, &e);
}

void scim_schemas(struct call *c)
{
	struct err e = { 0 };
	struct buf out;
	int rc;

	buf_init(&out, ANSWER_MAX);
	rc = scim_doc_schemas(c->f->conf.map, c->id, scim_base(c), &out, &e);
	answer_document(c, rc, &out, &e);
}
