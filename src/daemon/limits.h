/* SPDX-License-Identifier: ISC */
/* limits: the guard's limits out of the settings. Pure. */
#ifndef DAEMON_LIMITS_H
#define DAEMON_LIMITS_H

#include "config/config.h"
#include "directory/held.h"

/* Of one run, and of a refresh. */
struct guard_limits limits_run(const struct config *c);
/* All of them, in the settings' arena. */
struct held_limits limits_held(const struct config *c);

#endif
