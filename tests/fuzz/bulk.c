/* SPDX-License-Identifier: ISC */
/* A Bulk request that is read and planned; each step's path and data are made
 * as the plan says, and a step that comes before what it needs is a bug. */
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "codec/scim_bulk.h"
#include "fuzz.h"

#define OPERATIONS 100

const char fuzz_name[] = "bulk";

static bool made[OPERATIONS];

static const char *name_of(void *ctx, size_t op, bool key)
{
	(void)ctx;
	if (op >= OPERATIONS || !made[op])
		abort();
	return key ? "k\"ey" : "11111111-1111-4111-8111-111111111111";
}

static void take(struct arena *a, const struct scim_bulk *b,
    const struct scim_bulk_step *s, size_t i)
{
	const struct scim_bulk_names names = { .of = name_of };
	const struct scim_bulk_op *op = &b->op[s->op];

	if (s->after > i)
		abort();
	if (op->wrong != NULL || op->unknown != NULL)
		return;
	if (s->rest) {
		(void)scim_bulk_rest(a, b, s->op, &names);
		return;
	}
	(void)scim_bulk_path(a, b, s->op, &names);
	if (op->data != NULL)
		(void)scim_bulk_data(a, b, s->op, &names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct scim_bulk b;
	struct json *j;
	struct err e;
	size_t i, steps = 0;

	memset(made, 0, sizeof(made));
	if (json_parse(a, (const char *)data, size, &j, &e) != 0)
		return 0;
	if (scim_bulk_read(a, j, OPERATIONS, &b, &e) == 0) {
		for (i = 0; i < b.n_steps; i++) {
			take(a, &b, &b.step[i], i);
			made[b.step[i].op] = true;
			steps += !b.step[i].rest;
		}
		if (steps != b.n)
			abort();
	}
	scim_bulk_fini(&b);
	return 0;
}
