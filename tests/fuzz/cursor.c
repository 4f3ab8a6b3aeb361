/* SPDX-License-Identifier: ISC */
/* A cursor, and one made of the input, which must come back as it was. */
#include <stdlib.h>
#include <string.h>

#include "front/cursor.h"
#include "fuzz.h"

const char fuzz_name[] = "cursor";

static struct cursor made_of(const uint8_t *data, size_t size)
{
	struct cursor c = { .backward = size & 1, .type = (int)(size & 255) };

	memcpy(&c.place.pos, data, size < sizeof(c.place.pos) ? size :
	    sizeof(c.place.pos));
	c.place.has_key = size > 0 && (data[0] & 1);
	c.place.key.n = c.place.has_key ? (uint16_t)(size < VIEW_KEY ? size :
	    VIEW_KEY) : 0;
	memcpy(c.place.key.p, data, c.place.key.n);
	return c;
}

static void round_trip(struct arena *a, const struct cursor *c)
{
	struct cursor back;

	if (cursor_read(cursor_print(a, 7, c, 0), 7, 0, &back, NULL) != 0 ||
	    back.backward != c->backward || back.type != c->type ||
	    back.place.pos.created != c->place.pos.created ||
	    memcmp(back.place.pos.uuid, c->place.pos.uuid, 16) != 0 ||
	    back.place.has_key != c->place.has_key ||
	    view_key_cmp(&back.place.key, &c->place.key) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct cursor c = made_of(data, size);
	struct err e;

	round_trip(a, &c);
	if (cursor_read(fuzz_text(a, data, size), 7, 0, &c, &e) == 0)
		round_trip(a, &c);
	return 0;
}
