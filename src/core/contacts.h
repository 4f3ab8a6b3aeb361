/* SPDX-License-Identifier: ISC */
/* contacts: the active primary contacts of a company (V5, V23, V25): people
 * whose role and company hold now. Pure. */
#ifndef CORE_CONTACTS_H
#define CORE_CONTACTS_H

#include "core/rights.h"

/* Calls each until it returns false; people are borrowed from the world. */
void contacts_each(const struct world *w, const char *company, int64_t now,
	bool (*each)(void *arg, const struct person *p), void *arg);
bool contacts_any(const struct world *w, const char *company, int64_t now);

#endif
