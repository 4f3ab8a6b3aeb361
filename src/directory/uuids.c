/* SPDX-License-Identifier: ISC */
#include "directory/uuids.h"

#include <stdlib.h>
#include <string.h>

static int cmp(const void *x, const void *y)
{
	return memcmp(x, y, 16);
}

void uuids_set(struct uuids *u, uint8_t (*v)[16], size_t n)
{
	uint8_t (*own)[16] = malloc(n * 16 + 1);

	if (own == NULL)
		abort();
	if (n != 0)
		memcpy(own, v, n * 16);
	qsort(own, n, 16, cmp);
	free(u->v);
	u->v = own;
	u->n = n;
}

void uuids_copy(struct uuids *to, const struct uuids *from)
{
	uuids_set(to, from->v, from->n);
}

void uuids_fini(struct uuids *u)
{
	free(u->v);
	*u = (struct uuids){ 0 };
}

bool uuids_has(const struct uuids *u, const uint8_t uuid[16])
{
	return u->n != 0 && bsearch(uuid, u->v, u->n, 16, cmp) != NULL;
}

bool uuids_same(const struct uuids *u, uint8_t (*v)[16], size_t n)
{
	size_t i;

	if (n != u->n)
		return false;
	for (i = 0; i < n; i++)
		if (!uuids_has(u, v[i]))
			return false;
	return true;
}
