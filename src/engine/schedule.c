/* SPDX-License-Identifier: ISC */
#include "engine/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/str.h"
#include "engine/heap.h"

struct slot {
	struct heap_node node;		/* first: a node is its slot */
	uint8_t uuid[16];
};

struct schedule {
	struct heap heap;
	struct map *slots;		/* by uuid text; owned values */
};

struct schedule *schedule_new(void)
{
	struct schedule *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->slots = map_new();
	return s;
}

void schedule_free(struct schedule *s)
{
	if (s == NULL)
		return;
	map_free(s->slots, free);
	heap_fini(&s->heap);
	free(s);
}

static void forget(struct schedule *s, const char *key)
{
	struct slot *slot = map_del(s->slots, key);

	if (slot == NULL)
		return;
	heap_del(&s->heap, &slot->node);
	free(slot);
}

void schedule_set(struct schedule *s, const uint8_t uuid[16], int64_t at)
{
	struct slot *slot;
	char key[37];

	str_uuid_text(uuid, key);
	if (at == CLOCK_NEVER) {
		forget(s, key);
		return;
	}
	if ((slot = map_get(s->slots, key)) == NULL) {
		if ((slot = calloc(1, sizeof(*slot))) == NULL)
			abort();
		memcpy(slot->uuid, uuid, 16);
		map_put(s->slots, key, slot);
	}
	heap_put(&s->heap, &slot->node, at);
}

int64_t schedule_next(const struct schedule *s)
{
	const struct heap_node *n = heap_first(&s->heap);

	return n != NULL ? n->at : CLOCK_NEVER;
}

bool schedule_take(struct schedule *s, int64_t now, uint8_t uuid[16])
{
	struct slot *slot = (struct slot *)(void *)heap_first(&s->heap);
	char key[37];

	if (slot == NULL || slot->node.at > now)
		return false;
	memcpy(uuid, slot->uuid, 16);
	str_uuid_text(uuid, key);
	forget(s, key);
	return true;
}

size_t schedule_count(const struct schedule *s)
{
	return map_count(s->slots);
}
