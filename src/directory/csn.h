/* SPDX-License-Identifier: ISC */
/*
 * csn: how far a provider has come. A change's CSN ("20261126165410.962751Z#
 * 000000#002#000000") names its time and, third, the provider where it was
 * made; contextCSN, and the cookies made of it, have the newest of each
 * (OpenLDAP's mirror mode). Plain values.
 */
#ifndef DIRECTORY_CSN_H
#define DIRECTORY_CSN_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct csns {
	size_t n;
	char v[16][48];		/* one a provider; more are left out */
};

/* Has whoever has come so far seen that change? What was made before there
 * was more than one provider (000) by what is newest. */
bool csns_cover(const struct csns *have, const char *csn);
/* All of them. */
bool csns_cover_all(const struct csns *have, const struct csns *other);
void csns_raise(struct csns *set, const char *csn);
/* By as many as a cookie ("rid=000,csn=A;B,..") names; none when it is of
 * another form. */
void csns_raise_cookie(struct arena *a, struct csns *set, const char *cookie,
	size_t n);

#endif
