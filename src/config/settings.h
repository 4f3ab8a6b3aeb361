/* SPDX-License-Identifier: ISC */
/*
 * settings: the one table of settings. Each row has a path in provostd.conf, a
 * type, a default, bounds and the place in struct config it fills; the table
 * drives reading, range checks, `provostd -t`, `provostd -p` and the list in
 * provostd.conf(5) (tests/settings.sh compares). A struct config is a
 * snapshot: made whole or not at all, read-only afterwards, freed as a whole.
 */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "core/guard.h"
#include "directory/writer.h"
#include "feed/feed.h"
#include "link/httpd.h"
#include "store/view.h"
#include "target/target.h"

struct arena;
struct buf;

struct source_conf {
	const char *section;		/* sources.NAME */
	const char *name;		/* "" as the section's */
	struct guard_own own;
};

struct config {
	struct arena *arena;		/* owned: every string below */
	const char *suffix, *accesslog, *mapping;
	struct ldapc_conf ldap;
	const char *password_file;
	const char *code_key_file, *code_key;	/* the latter "" none */
	int64_t connections;
	int64_t write_wait;		/* microseconds, rule 4 */
	const char *view_dir, *journal_dir;
	int64_t view_size, journal_rotate;	/* bytes */
	const char *listen, *base_url, *cert_file, *key_file;
	const char *client_ca_file;
	int64_t client_cert;		/* enum httpd_client_cert */
	struct strv trusted_proxies;
	int64_t http_threads, max_connections, per_ip, idle_timeout;
	int64_t max_body;
	bool metrics_public;
	const char *jwks_file, *jwt_issuer, *jwt_audience;
	int64_t jwt_claim;		/* its settings_word */
	bool jwt_scope;
	int64_t auth_rate, auth_burst, auth_failures, auth_session;
	int64_t log_level, log_format;
	int64_t full_interval, retry_base, retry_max, overdue, lease, drift_interval;
	const char *lease_name;
	int64_t leavers_grace;
	int64_t guard_share, guard_count, guard_floor;
	int64_t guard_day_share, guard_day_count, guard_day_floor;
	int64_t guard_total_share, guard_total_count, guard_add_count;
	bool guard_second_person;
	struct source_conf *source;
	size_t n_sources;
	const char *help_administrator, *help_representative;
	struct target_conf mail;	/* section mail; url "" none. As it
					 * is read: token is the file */
	const char *phone_target, *post_target;	/* "" none */
	struct target_conf *target;	/* with mail, if there is any */
	size_t n_targets;
	struct feed_conf *feed;
	size_t n_feeds;
	int64_t feeds_interval, max_file;
};

enum setting_type {
	SET_STRING, SET_STRINGS, SET_BOOL, SET_INT,
	SET_SIZE,			/* "64MiB": bytes */
	SET_TIME,			/* "5s" "250ms" "48h" "30d": us */
	SET_SHARE,			/* "5%": permille */
	SET_WORD,			/* one of words, stored as its number */
	SET_FILE,			/* path of a file that must exist */
};

struct setting {
	const char *path;		/* "http.listen"; of a target: "kind" */
	enum setting_type type;
	const char *dflt;		/* as written; "" none (-1 of numbers);
					 * NULL required */
	int64_t min, max;		/* of numbers */
	size_t offset;			/* in struct config or target_conf */
	const char *words;		/* SET_WORD: "error warning info" */
	const char *help;		/* one sentence, for -p and the manual */
	bool live;			/* a reload applies it */
};

extern const struct setting settings_table[];	/* ends with path NULL */
extern const struct setting settings_target[];	/* of each targets.NAME */
extern const struct setting settings_feed[];	/* of each feeds.NAME */
extern const struct setting settings_field[];	/* of each of its fields */
extern const struct setting settings_source[];	/* of each sources.NAME */

/* A word of a SET_WORD by its number: "sub" for auth.jwt_claim 0. In a. */
const char *settings_word(struct arena *a, const char *path, int64_t value);
/* Store text at base + s->offset. ERR_INVALID says path, value, form. */
int settings_set(struct arena *a, const struct setting *s, void *base,
	const char *text, struct err *e);
int settings_set_list(struct arena *a, const struct setting *s, void *base,
	const struct strv *list, struct err *e);
/* Every row's default into base; a row without one is left alone. */
int settings_defaults(struct arena *a, const struct setting *table,
	void *base, struct err *e);
/* One line "path = value" a row; secrets are never settings, only files. */
void settings_print(struct buf *out, const struct setting *table,
	const char *prefix, const void *base);

#endif
