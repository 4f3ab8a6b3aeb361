/* SPDX-License-Identifier: ISC */
/* config's own: config.c reads settings and targets, feeds.c the feeds. */
#ifndef CONFIG_CONFIG_P_H
#define CONFIG_CONFIG_P_H

#include <libconfig.h>

#include "config/settings.h"

#define MAX_SETTINGS 256		/* rows of settings_table */

struct reader {
	struct config *config;
	const char *file;
	bool seen[MAX_SETTINGS];	/* settings_table[i] was set */
};

/* The row of a table, NULL none. */
const struct setting *config_find(const struct setting *table,
	const char *path);
/* A scalar of the file as the text that settings_set takes; NULL: it is
 * none. */
const char *config_scalar(struct arena *a, const config_setting_t *cs);
int config_read_setting(struct reader *r, const struct setting *s, void *base,
	const config_setting_t *cs, struct err *e);
int config_unknown(struct reader *r, const char *path,
	const config_setting_t *cs, struct err *e);
/* feeds.c: the group feeds. */
int config_read_feeds(struct reader *r, const config_setting_t *group,
	struct err *e);

#endif
