/* SPDX-License-Identifier: ISC */
/* A filter: parsed, printed, parsed again to the same text; bound to every
 * resource type and matched against an entry. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "codec/scim_filter.h"
#include "codec/scim_match.h"
#include "fuzz.h"

const char fuzz_name[] = "filter";

static char *printed(struct arena *a, const struct filter *f)
{
	struct buf b;
	char *s;

	buf_init(&b, 1u << 20);
	scim_filter_print(&b, f);
	s = arena_strdup(a, buf_str(&b));
	buf_fini(&b);
	return s;
}

static const struct entry *some_entry(struct arena *a)
{
	struct entry *e = arena_alloc(a, sizeof(*e));

	e->dn = e->csn = e->creator = e->modifier = "";
	entry_add(a, e, "uid", "anna");
	entry_add(a, e, "mail;x-work", "a@b");
	entry_add(a, e, "provostToolGrant", "t");
	entry_add(a, e, "provostToolAccount", "t A");
	entry_add(a, e, "manager", "provostPersonId=x,dc=example,dc=com");
	entry_add(a, e, "provostExternalId", "1");
	entry_add(a, e, "provostOwner", "fuzz");
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct scim_map *m = fuzz_map();
	struct arena *a = fuzz_arena();
	const char *text = fuzz_text(a, data, size), *once;
	struct filter *f;
	struct err e;
	size_t i;

	if (scim_filter_parse(a, text, &f, &e) != 0)
		return 0;
	once = printed(a, f);
	if (strlen(once) <= 16384) {
		if (scim_filter_parse(a, once, &f, &e) != 0 ||
		    strcmp(printed(a, f), once) != 0)
			abort();
	}
	for (i = 0; i < m->n; i++) {
		if (scim_filter_parse(a, text, &f, &e) != 0)
			abort();
		if (scim_filter_bind(a, f, &m->resource[i], &fuzz_resolver,
		    &e) == 0)
			scim_match(a, &m->resource[i], some_entry(a), f,
			    &fuzz_resolver);
		if (scim_filter_parse(a, text, &f, &e) == 0 &&
		    scim_filter_bind_any(a, f, m, &m->resource[i],
		    &fuzz_resolver, &e) == 0)
			scim_match(a, &m->resource[i], some_entry(a), f,
			    &fuzz_resolver);
	}
	return 0;
}
