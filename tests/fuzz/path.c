/* SPDX-License-Identifier: ISC */
/* A PATCH path and a list of attributes. */
#include "codec/scim_filter.h"
#include "codec/scim_render.h"
#include "fuzz.h"

const char fuzz_name[] = "path";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct scim_map *m = fuzz_map();
	struct arena *a = fuzz_arena();
	const char *text = fuzz_text(a, data, size);
	const struct scim_attr *sub;
	struct scim_projection *p;
	struct scim_path path;
	struct err e;
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (scim_path_parse(a, text, &path, &e) == 0)
			scim_attr_find(&m->resource[i], &path, &sub);
		scim_projection_parse(a, &m->resource[i], text, NULL, &p, &e);
		scim_projection_parse(a, &m->resource[i], NULL, text, &p, &e);
	}
	return 0;
}
