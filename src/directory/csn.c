/* SPDX-License-Identifier: ISC */
#include "directory/csn.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

/* "002#000000" of "time#count#002#000000"; NULL: it is of another form. */
static const char *provider(const char *csn)
{
	const char *at = strchr(csn, '#');

	at = at != NULL ? strchr(at + 1, '#') : NULL;
	return at != NULL ? at + 1 : NULL;
}

static const char *newest_of(const struct csns *set, const char *sid)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (strncmp(provider(set->v[i]), sid, 3) == 0)
			return set->v[i];
	return NULL;
}

bool csns_cover(const struct csns *have, const char *csn)
{
	const char *sid = provider(csn), *v;
	size_t i;

	if (sid == NULL)
		return true;
	if ((v = newest_of(have, sid)) != NULL)
		return strcmp(v, csn) >= 0;
	for (i = 0; i < have->n && str_starts(sid, "000"); i++)
		if (strcmp(have->v[i], csn) >= 0)
			return true;
	return false;
}

bool csns_cover_all(const struct csns *have, const struct csns *other)
{
	size_t i;

	for (i = 0; i < other->n; i++)
		if (!csns_cover(have, other->v[i]))
			return false;
	return true;
}

void csns_raise(struct csns *set, const char *csn)
{
	const char *sid = provider(csn);
	size_t i = 0;

	if (sid == NULL || strlen(csn) >= sizeof(set->v[0]))
		return;
	while (i < set->n && strncmp(provider(set->v[i]), sid, 3) != 0)
		i++;
	if (i == sizeof(set->v) / sizeof(set->v[0]) ||
	    (i < set->n && strcmp(set->v[i], csn) >= 0))
		return;
	snprintf(set->v[i], sizeof(set->v[i]), "%s", csn);
	set->n += i == set->n;
}

void csns_raise_cookie(struct arena *a, struct csns *set, const char *cookie,
	size_t n)
{
	char *text = arena_strndup(a, cookie, n), *save = NULL, *csn, *part;

	for (part = strtok_r(text, ",", &save); part != NULL;
	    part = strtok_r(NULL, ",", &save))
		if (str_starts(part, "csn="))
			break;
	if (part == NULL)
		return;
	for (csn = strtok_r(part + 4, ";", &save); csn != NULL;
	    csn = strtok_r(NULL, ";", &save))
		csns_raise(set, csn);
}
