/* SPDX-License-Identifier: ISC */
/* map: strings to borrowed pointers, open addressing. Keys are copied and
 * owned by the map. Not thread safe. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>

struct map;

struct map *map_new(void);
/* free_value, if not NULL, is called for every value. */
void map_free(struct map *m, void (*free_value)(void *));
void *map_get(const struct map *m, const char *key);
/* Sets key; returns the value it replaces or NULL. */
void *map_put(struct map *m, const char *key, void *value);
/* Removes key; returns its value or NULL. */
void *map_del(struct map *m, const char *key);
size_t map_count(const struct map *m);
/* Iterate: *pos starts at 0; NULL at the end. No change meanwhile. */
const char *map_next(const struct map *m, size_t *pos, void **value);

#endif
