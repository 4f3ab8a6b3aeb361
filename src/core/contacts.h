/* SPDX-License-Identifier: ISC */
/* contacts: the active primary contacts of a company (V5, V23, V25): people
 * whose role and company hold now. Pure. */
#ifndef CORE_CONTACTS_H
#define CORE_CONTACTS_H

#include "core/rights.h"

bool contacts_any(const struct world *w, const char *company, int64_t now);

#endif
