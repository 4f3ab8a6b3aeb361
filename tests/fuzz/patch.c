/* SPDX-License-Identifier: ISC */
/* JSON that is parsed, written, parsed again to the same; then read as a new
 * resource, and as a PATCH of one; what comes out is rendered. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "codec/json.h"
#include "codec/scim_members.h"
#include "codec/scim_patch.h"
#include "codec/scim_read.h"
#include "codec/scim_render.h"
#include "fuzz.h"

const char fuzz_name[] = "patch";

static void render(struct arena *a, const struct scim_resource *r,
    const struct entry *e, struct json **out)
{
	struct buf stored, text;
	struct err err;

	buf_init(&stored, 64u << 20);
	buf_init(&text, 64u << 20);
	scim_render(a, fuzz_map(), r, e, NULL, &stored);
	if (scim_render_fill(a, fuzz_map(), r, e, buf_str(&stored),
	    stored.len, &fuzz_resolver, &text, &err) != 0 ||
	    json_parse(a, buf_str(&text), text.len, out, &err) != 0)
		abort();
	buf_fini(&stored);
	buf_fini(&text);
}

static void written_same(struct arena *a, const struct json *j)
{
	struct json *again;
	struct buf b;

	buf_init(&b, 64u << 20);
	json_write(&b, j);
	if (json_parse(a, buf_str(&b), b.len, &again, NULL) != 0 ||
	    !json_same(j, again))
		abort();
	buf_fini(&b);
}

static void as_patch(struct arena *a, const struct scim_resource *r,
    const struct json *message)
{
	struct scim_read_result res;
	struct entry *e = arena_alloc(a, sizeof(*e));
	struct json *j;
	struct err err;

	e->dn = e->csn = e->creator = e->modifier = "";
	entry_add(a, e, "uid", "anna");
	entry_add(a, e, "sn", "Arb");
	entry_add(a, e, "cn", "Anna Arb");
	entry_add(a, e, "provostState", "active");
	entry_add(a, e, "mail;x-primary;x-work", "a@b");
	entry_add(a, e, "provostToolGrant", "t");
	entry_add(a, e, "provostToolAccount", "t A");
	entry_add(a, e, "provostPeriod", "tool:t 20260101000000Z -");
	render(a, r, e, &j);
	if (scim_patch_apply(a, r, message, j, &err) == 0 &&
	    scim_read(a, fuzz_map(), r, j, e, &fuzz_resolver, &res,
	    &err) == 0)
		render(a, r, res.entry, &j);
}

/* Whoever is added and not taken away again is wanted. */
static void as_members(struct arena *a, const struct scim_resource *r,
    const struct json *message)
{
	struct scim_members m;
	size_t i;
	int rc = scim_members_patch(a, r, message, &m, NULL);

	if (rc != 0)
		rc = scim_members_body(a, r, message, true, &m, NULL);
	for (i = 0; rc == 0 && i < m.n; i++)
		if (scim_members_want(a, r, &m, m.v[i].uuid, false, "x") !=
		    m.v[i].present && m.n_filters == 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct scim_map *m = fuzz_map();
	struct arena *a = fuzz_arena();
	struct scim_read_result res;
	struct json *j, *out;
	struct err e;
	size_t i;

	if (json_parse(a, (const char *)data, size, &j, &e) != 0)
		return 0;
	written_same(a, j);
	for (i = 0; i < m->n; i++) {
		const struct scim_resource *r = &m->resource[i];

		if (scim_read(a, m, r, j, NULL, &fuzz_resolver, &res,
		    &e) == 0)
			render(a, r, res.entry, &out);
	}
	as_patch(a, scim_map_name(m, "User"), j);
	as_members(a, scim_map_name(m, "Group"), j);
	return 0;
}
