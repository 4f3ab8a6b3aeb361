/* SPDX-License-Identifier: ISC */
#include "daemon/stages.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "config/mapping.h"
#include "daemon/bootstrap.h"
#include "daemon/limits.h"
#include "directory/held.h"
#include "directory/schema.h"
#include "engine/engine.h"
#include "engine/feeds.h"
#include "front/front.h"

#define SUFFIX "dc=example,dc=com"	/* of a standalone directory */
#define FIRST_READ (60 * CLOCK_SECOND)
#define DRAIN 10			/* seconds */
#define SCHEMA_VERSION 1		/* of what the view holds */

struct stage {
	const char *name;
	int (*start)(struct daemon *d, struct err *e);
	void (*stop)(struct daemon *d);
	bool reads_settings;		/* also with -t and -p */
};

/* --- settings ------------------------------------------------------------ */

/* From the build tree the source tree's files, else the installed ones. */
static const char *data_dir(void)
{
	const char *env = getenv("PROVOST_DATADIR");
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (env != NULL && *env != '\0')
		return env;
	exe[n > 0 ? n : 0] = '\0';
	if (strncmp(exe, PROVOST_BUILDDIR "/", strlen(PROVOST_BUILDDIR) + 1)
	    == 0)
		return PROVOST_SRCDIR;
	return PROVOST_DATADIR;
}

static const char *absolute(struct arena *a, const char *dir)
{
	char cwd[PATH_MAX];

	if (*dir == '/' || getcwd(cwd, sizeof(cwd)) == NULL)
		return dir;
	return arena_printf(a, "%s/%s", cwd, dir);
}

/* The templates that are installed, and a key: what is mailed, said or posted
 * is derived from it, so that without one everybody could. A standalone
 * directory makes it. */
static int check_ways(const struct daemon *d, struct config *c, struct err *e)
{
	bool keyless = *c->code_key == '\0' && d->opt.standalone == NULL;
	size_t i;

	if (keyless && (*c->phone_target != '\0' || *c->post_target != '\0'))
		return err_set(e, ERR_INVALID, "requests.%s needs "
		    "directory.code_key_file: codes are made of it",
		    *c->phone_target != '\0' ? "phone_target" :
		    "post_target");

	for (i = 0; i < c->n_targets; i++) {
		struct target_conf *t = &c->target[i];

		if (strcmp(t->kind, target_mail.name) != 0)
			continue;
		if (*t->templates == '\0')
			t->templates = arena_printf(c->arena, "%s/conf/mail",
			    data_dir());
		if (keyless)
			return err_set(e, ERR_INVALID, "mail.url needs "
			    "directory.code_key_file: tokens are made of it");
	}
	return 0;
}

/* The command line and a standalone directory set what the file need not. */
static int load_settings(struct daemon *d, struct config **out,
    struct err *e)
{
	struct arena *a = arena_new();
	struct strv over = { 0 };
	int rc;

	if (d->opt.standalone != NULL) {
		const char *dir = absolute(a, d->opt.standalone);

		strv_add(a, &over, "directory.suffix=" SUFFIX);
		strv_add(a, &over, "directory.uris=ldapi:///");
		strv_add(a, &over, arena_printf(a, "view.dir=%s/view", dir));
		strv_add(a, &over, arena_printf(a, "journal.dir=%s", dir));
	}
	if (d->opt.listen != NULL)
		strv_add(a, &over, arena_printf(a, "http.listen=%s",
		    d->opt.listen));
	rc = config_load(d->opt.config, over.v, over.n, out, e);
	if (rc != 0) {
		arena_free(a);
		return rc;
	}
	if (d->opt.sample)
		rc = config_add_feeds(*out, arena_printf(a,
		    "%s/conf/feeds/feeds.conf", data_dir()), e);
	if (rc == 0)
		rc = check_ways(d, *out, e);
	if (rc != 0)
		config_free(*out);
	arena_free(a);
	return rc;
}

static int settings_start(struct daemon *d, struct err *e)
{
	int rc = load_settings(d, &d->config, e);

	if (rc == 0)
		log_setup((enum log_level)d->config->log_level,
		    (enum log_format)d->config->log_format);
	return rc;
}

static void settings_stop(struct daemon *d)
{
	config_free(d->config);
}

static int mapping_start(struct daemon *d, struct err *e)
{
	const char *path = d->config->mapping;
	int rc;

	if (*path == '\0')
		path = arena_printf(d->config->arena, "%s/conf/mapping.conf",
		    data_dir());
	if ((rc = mapping_read(path, d->config->suffix, &d->map, e)) == 0)
		d->map->code_key = d->config->code_key;
	return rc;
}

/* Opened by the engine for good; here only so that -t finds what is wrong. */
static int targets_start(struct daemon *d, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < d->config->n_targets; i++) {
		struct target *t = NULL;

		rc = target_open(&d->config->target[i], NULL, &t, e);
		target_close(t);
	}
	return rc;
}

/* For -t as well: what the sections say. */
static int feeds_check(struct daemon *d, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < d->config->n_feeds; i++) {
		struct feed *f = NULL;

		rc = feed_open(&d->config->feed[i], d->map, &f, e);
		feed_close(f);
	}
	return rc;
}

static struct front_conf front_conf(const struct daemon *d,
    const struct config *c)
{
	return (struct front_conf){ .view = d->view, .map = d->map,
	    .writer = d->writer, .sync = d->sync, .lease = d->lease,
	    .journal = d->journal, .held = d->held,
	    .base_url = c->base_url, .metrics_public = c->metrics_public,
	    .help = { c->help_administrator,
	    c->help_representative },
	    .describe_engine = engine_describe,
	    .engine_ways = engine_ways, .engine_go = engine_go,
	    .engine = d->engine,
	    .targets = { engine_targets, engine_parked, engine_retry,
	    engine_compare, engine_compared, engine_rows },
	    .feed_submit = feeds_submit, .feed_describe = feeds_describe,
	    .feeds = d->feeds, .tmp = c->view_dir,
	    .max_file = (size_t)c->max_file,
	    .issuer = { .jwks_file = c->jwks_file, .issuer = c->jwt_issuer,
	    .audience = c->jwt_audience, .narrow = c->jwt_scope,
	    .claim = settings_word(c->arena, "auth.jwt_claim",
	    c->jwt_claim) },
	    .limits = { .rate = c->auth_rate, .burst = c->auth_burst,
	    .failures = c->auth_failures },
	    .ldap = d->ldap, .session = c->auth_session,
	    .http = { .listen = c->listen,
	    .threads = (unsigned)c->http_threads,
	    .max_connections = (unsigned)c->max_connections,
	    .per_ip_connections = (unsigned)c->per_ip,
	    .idle_timeout = (unsigned)(c->idle_timeout / CLOCK_SECOND),
	    .max_body = (size_t)c->max_body, .cert_file = c->cert_file,
	    .key_file = c->key_file, .client_ca_file = c->client_ca_file,
	    .client_cert = (enum httpd_client_cert)c->client_cert,
	    .trusted_proxies = c->trusted_proxies } };
}

/* For -t as well: what http's files hold. */
static int certificates_start(struct daemon *d, struct err *e)
{
	const struct front_conf fc = front_conf(d, d->config);
	struct front_fresh *n = NULL;
	int rc = front_prepare(&fc, &n, e);

	front_discard(n);
	return rc;
}

static void mapping_stop(struct daemon *d)
{
	scim_map_free(d->map);
}

/* --- the directory ------------------------------------------------------- */

static int directory_start(struct daemon *d, struct err *e)
{
	struct config *c = d->config;
	struct standalone_conf sc = { .dir = d->opt.standalone,
	    .suffix = c->suffix, .ldap_uri = d->opt.ldap_uri,
	    .data_dir = data_dir(), .sample = d->opt.sample,
	    .durable = !d->opt.dbnosync };
	int rc;

	d->ldap = c->ldap;
	if (d->opt.standalone == NULL)
		return 0;
	if ((rc = standalone_start(&sc, &d->standalone, e)) != 0)
		return rc;
	d->ldap.uris = (struct strv){ 0 };
	strv_add(c->arena, &d->ldap.uris, standalone_uri(d->standalone));
	d->ldap.bind_dn = standalone_daemon_dn(d->standalone);
	d->ldap.password = standalone_password(d->standalone);
	if (*c->code_key_file == '\0' && (rc = bootstrap_code_key(
	    d->opt.standalone, c->arena, &d->map->code_key, e)) != 0)
		return rc;
	return bootstrap_admin(d->opt.standalone, &d->ldap, c->suffix, e);
}

static void directory_stop(struct daemon *d)
{
	if (d->standalone != NULL)
		standalone_stop(d->standalone);
}

/* A directory that is away is no reason not to start: a kept view answers
 * reads meanwhile. One that lacks our schema is. */
static int schema_start(struct daemon *d, struct err *e)
{
	struct arena *a = arena_new();
	struct ldapc *l = NULL;
	uint64_t fingerprint;
	size_t start = 0;
	int rc = ldapc_open(&d->ldap, &start, &l, e);

	if (rc == 0)
		rc = schema_check(l, NULL, NULL, &fingerprint, e);
	if (rc == ERR_BUSY || rc == ERR_TIMEOUT) {
		log_warn("directory: %s; going on with the view as it is",
		    err_text(e));
		rc = 0;
	}
	ldapc_close(l);
	arena_free(a);
	return rc;
}

/* --- view, journal, threads ---------------------------------------------- */

static int view_start(struct daemon *d, struct err *e)
{
	struct view_conf vc = { .dir = d->config->view_dir,
	    .map_size = (size_t)d->config->view_size,
	    .fingerprint = d->map->fingerprint + SCHEMA_VERSION,
	    .n_indexes = d->map->n_indexes };
	int rc = view_open(&vc, &d->view, &d->fresh, e);

	if (rc == 0 && d->fresh)
		log_info("view: none that can be used, it is made anew");
	return rc;
}

static void view_stop(struct daemon *d)
{
	view_close(d->view);
}

static int journal_start(struct daemon *d, struct err *e)
{
	const char *note = NULL;
	int rc = journal_open(d->config->journal_dir, &d->journal, &note, e);

	if (rc == 0 && note != NULL)
		log_warn("journal: %s", note);
	if (rc == 0)
		journal_limit(d->journal, (uint64_t)d->config->journal_rotate);
	return rc;
}

static void journal_stop(struct daemon *d)
{
	journal_close(d->journal);
}

static int sync_stage_start(struct daemon *d, struct err *e)
{
	struct sync_conf sc = { .ldap = d->ldap,
	    .base = d->config->suffix, .accesslog = d->config->accesslog,
	    .sweep = limits_run(d->config) };

	return sync_start(&sc, d->map, d->view, d->journal, &d->sync, e);
}

static void sync_stage_stop(struct daemon *d)
{
	sync_stop(d->sync);
}

static int writer_stage_start(struct daemon *d, struct err *e)
{
	struct writer_conf wc = { .ldap = d->ldap,
	    .connections = (unsigned)d->config->connections,
	    .wait = d->config->write_wait, .journal = d->journal };

	return writer_start(&wc, d->view, &d->writer, e);
}

static void writer_stage_stop(struct daemon *d)
{
	writer_stop(d->writer, DRAIN);
}

static int lease_stage_start(struct daemon *d, struct err *e)
{
	const struct lease_conf lc = { .ldap = d->ldap,
	    .suffix = d->config->suffix, .name = d->config->lease_name,
	    .valid = d->config->lease, .view = d->view,
	    .writer = d->writer, .sync = d->sync };

	return lease_start(&lc, &d->lease, e);
}

static void lease_stage_stop(struct daemon *d)
{
	lease_stop(d->lease);
}

/* Without a view nothing can be answered: wait for the first refresh. */
static int served_start(struct daemon *d, struct err *e)
{
	struct sync_state s;

	if (sync_wait_served(d->sync, clock_mono() + FIRST_READ))
		return 0;
	sync_state(d->sync, &s);
	return err_set(e, ERR_BUSY, "the directory could not be read: %s",
	    *s.why ? s.why : "no answer");
}

static int held_stage_start(struct daemon *d, struct err *e)
{
	const struct held_conf hc = { .view = d->view, .map = d->map,
	    .writer = d->writer, .limits = limits_held(d->config) };

	return held_start(&hc, &d->held, e);
}

static void held_stage_stop(struct daemon *d)
{
	held_stop(d->held);
}

static struct engine_conf engine_conf(const struct daemon *d,
    const struct config *c)
{
	return (struct engine_conf){ .view = d->view, .map = d->map,
	    .writer = d->writer, .sync = d->sync, .lease = d->lease,
	    .target = c->target, .n_targets = c->n_targets,
	    .phone = c->phone_target,
	    .post = c->post_target, .full_interval = c->full_interval,
	    .grace = c->leavers_grace,
	    .retry_base = c->retry_base, .retry_max = c->retry_max,
	    .overdue = c->overdue, .drift_interval = c->drift_interval,
	    .drift_guard = limits_run(c), .held = d->held };
}

static int engine_stage_start(struct daemon *d, struct err *e)
{
	const struct engine_conf ec = engine_conf(d, d->config);

	return engine_start(&ec, &d->engine, e);
}

static void engine_stage_stop(struct daemon *d)
{
	engine_stop(d->engine, DRAIN);
}

static struct feeds_conf feeds_conf(const struct daemon *d,
    const struct config *c)
{
	return (struct feeds_conf){ .view = d->view, .map = d->map,
	    .writer = d->writer, .held = d->held, .journal = d->journal,
	    .lease = d->lease, .tmp = c->view_dir, .feed = c->feed,
	    .n = c->n_feeds, .interval = c->feeds_interval,
	    .max_file = c->max_file };
}

static int feeds_stage_start(struct daemon *d, struct err *e)
{
	const struct feeds_conf fc = feeds_conf(d, d->config);

	return feeds_start(&fc, &d->feeds, e);
}

static void feeds_stage_stop(struct daemon *d)
{
	feeds_free(d->feeds);
}

/* Requests wait for files: those end first. */
static void feeds_last_stop(struct daemon *d)
{
	feeds_stop(d->feeds);
}

static int front_stage_start(struct daemon *d, struct err *e)
{
	const struct front_conf fc = front_conf(d, d->config);
	int rc = front_start(&fc, &d->front, e);

	if (rc == 0)
		snprintf(d->url, sizeof(d->url), "%s", front_url(d->front));
	return rc;
}

static void front_stage_stop(struct daemon *d)
{
	front_stop(d->front, DRAIN);
}

static const struct stage stages[] = {
	{ "settings", settings_start, settings_stop, true },
	{ "mapping", mapping_start, mapping_stop, true },
	{ "targets", targets_start, NULL, true },
	{ "feeds' settings", feeds_check, NULL, true },
	{ "certificates", certificates_start, NULL, true },
	{ "directory", directory_start, directory_stop, false },
	{ "schema", schema_start, NULL, false },
	{ "view", view_start, view_stop, false },
	{ "journal", journal_start, journal_stop, false },
	{ "sync", sync_stage_start, sync_stage_stop, false },
	{ "writer", writer_stage_start, writer_stage_stop, false },
	{ "lease", lease_stage_start, lease_stage_stop, false },
	{ "first refresh", served_start, NULL, false },
	{ "guard", held_stage_start, held_stage_stop, false },
	{ "engine", engine_stage_start, engine_stage_stop, false },
	{ "feeds", feeds_stage_start, feeds_stage_stop, false },
	{ "http", front_stage_start, front_stage_stop, false },
	{ "feeds' end", NULL, feeds_last_stop, false },
};

#define N_STAGES (sizeof(stages) / sizeof(stages[0]))

int stages_start(struct daemon *d, struct err *e)
{
	bool only_settings = d->opt.test || d->opt.print;
	int rc;

	for (d->started = 0; d->started < N_STAGES; d->started++) {
		const struct stage *s = &stages[d->started];

		if (only_settings && !s->reads_settings)
			break;
		if (s->start != NULL && (rc = s->start(d, e)) != 0) {
			err_wrap(e, "%s", s->name);
			return rc;
		}
	}
	return 0;
}

void stages_stop(struct daemon *d)
{
	while (d->started > 0)
		if (stages[--d->started].stop != NULL)
			stages[d->started].stop(d);
}

/* Every row of config/settings that is live has its taker here. What can fail
 * comes before what changes something. */
static int apply_live(struct daemon *d, const struct config *c, struct err *e)
{
	const struct engine_conf ec = engine_conf(d, c);
	const struct front_conf fc = front_conf(d, c);
	const struct held_limits hl = limits_held(c);
	const struct guard_limits sweep = limits_run(c);
	const struct feeds_conf feeds = feeds_conf(d, c);
	struct front_fresh *n = NULL;
	int rc = front_prepare(&fc, &n, e);

	if (rc == 0)
		rc = feeds_reload(d->feeds, &feeds, e);
	if (rc == 0)
		rc = engine_reload(d->engine, &ec, e);
	if (rc != 0) {
		front_discard(n);
		return rc;
	}
	front_use(d->front, n);
	sync_limits(d->sync, &sweep);
	held_limits(d->held, &hl);
	journal_limit(d->journal, (uint64_t)c->journal_rotate);
	log_setup((enum log_level)c->log_level,
	    (enum log_format)c->log_format);
	return 0;
}

int daemon_reload(struct daemon *d, struct err *e)
{
	struct config *fresh;
	const char *restart;
	int rc = load_settings(d, &fresh, e);

	if (rc != 0)
		return rc;
	if ((rc = apply_live(d, fresh, e)) == 0) {
		restart = config_needs_restart(d->config, fresh);
		if (restart != NULL)
			log_warn("reload: a new value of %s needs a restart",
			    restart);
		log_info("reload: done");
	}
	config_free(fresh);
	return rc;
}

void daemon_rotate(struct daemon *d)
{
	journal_ask(d->journal);
}

const char *daemon_url(const struct daemon *d)
{
	return d->url;
}
