/* SPDX-License-Identifier: ISC */
#include "front/ignored.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/map.h"

#define NAMES_MAX 10000		/* remembered; more are not logged */
#define SHOWN_MAX 160		/* bytes of a name, which may be a URN's */

struct ignored {
	pthread_mutex_t lock;
	struct map *seen;
};

struct ignored *ignored_new(void)
{
	struct ignored *g = calloc(1, sizeof(*g));

	if (g == NULL)
		abort();
	pthread_mutex_init(&g->lock, NULL);
	g->seen = map_new();
	return g;
}

void ignored_free(struct ignored *g)
{
	if (g == NULL)
		return;
	map_free(g->seen, NULL);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

static bool is_new(struct ignored *g, const char *key)
{
	bool yes;

	pthread_mutex_lock(&g->lock);
	yes = map_count(g->seen) < NAMES_MAX && map_get(g->seen, key) == NULL;
	if (yes)
		map_put(g->seen, key, g);
	pthread_mutex_unlock(&g->lock);
	return yes;
}

void ignored_note(struct ignored *g, const char *client, const char *type,
    const struct strv *names)
{
	struct arena *a;
	const char *list = NULL;
	size_t i;

	if (names->n == 0)
		return;
	a = arena_new();
	for (i = 0; i < names->n; i++) {
		const char *name = arena_printf(a, "%.*s", SHOWN_MAX,
		    names->v[i]);

		if (is_new(g, arena_printf(a, "%s\n%s\n%s", client, type,
		    name)))
			list = list == NULL ? name :
			    arena_printf(a, "%s, %s", list, name);
	}
	if (list != NULL)
		log_info("scim: client %s: attributes of %s that are not "
		    "known here are ignored: %s", client, type, list);
	arena_free(a);
}
