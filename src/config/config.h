/* SPDX-License-Identifier: ISC */
/*
 * config: reads provostd.conf (libconfig syntax, provostd.conf(5)) into a
 * struct config after the table in config/settings. Unknown settings, wrong
 * types and values out of range are errors with file and line; a file that
 * has one gives no snapshot at all. Secrets are read from the files that the
 * settings name.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "config/settings.h"

/* file NULL: only overrides and defaults. override: "path=value" strings,
 * n of them, that win over the file (the command line). */
int config_load(const char *file, const char *const *override, size_t n,
	struct config **out, struct err *e);
/* Also the feeds of this file, which may hold nothing else (the sample's);
 * before them those of the configuration. */
int config_add_feeds(struct config *c, const char *file, struct err *e);
void config_free(struct config *c);
/* What -p shows. */
void config_print(struct buf *out, const struct config *c);
/* Names a changed setting that a reload can't apply, or NULL. */
const char *config_needs_restart(const struct config *old,
	const struct config *new_config);

#endif
