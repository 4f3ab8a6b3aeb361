/* SPDX-License-Identifier: ISC */
/*
 * front: everything that answers over HTTP: SCIM below /scim/v2, operations
 * below /v1, /metrics, /livez and /readyz. Reads are answered from the view on
 * the server's threads; a write is handed to the directory writer and answered
 * when the view has it; what takes long runs on workers of its own.
 *
 * Life cycle: start it last, when view, sync and writer run; drain it first;
 * stop it before the writer goes. All functions from one thread.
 */
#ifndef FRONT_FRONT_H
#define FRONT_FRONT_H

#include <stdbool.h>

#include "codec/scim_map.h"
#include "core/enterprise.h"
#include "directory/lease.h"
#include "directory/sync.h"
#include "directory/writer.h"
#include "front/issuer.h"
#include "front/limits.h"
#include "link/httpd.h"
#include "store/journal.h"
#include "store/view.h"

struct buf;
struct ways;
struct front;
struct front_fresh;
struct held;

/* What the engine answers about targets; front can't see its floor. Any
 * thread. target is a section's name; each appends members of an object. */
struct front_targets {
	int (*show)(void *engine, const char *target, struct buf *out,
		struct err *e);		/* target NULL: all */
	int (*parked)(void *engine, const char *target, struct buf *out,
		struct err *e);
	/* people n 0: everybody; *n: so many actions are tried again. */
	int (*retry)(void *engine, const char *target,
		const struct strv *people, size_t *n, struct err *e);
	/* target NULL: all. accept: whatever the list misses is so. */
	int (*compare)(void *engine, const char *target, bool accept,
		struct buf *out, struct err *e);
	int (*compared)(void *engine, const char *target, struct buf *out,
		struct err *e);
	/* *fd: every row as CSV, the caller's own, to be read with pread. */
	int (*rows)(void *engine, const char *target, int *fd, struct err *e);
};

struct front_conf {
	struct view *view;
	const struct scim_map *map;
	struct writer *writer;
	struct sync *sync;
	struct lease *lease;		/* NULL: nobody else is there */
	struct journal *journal;
	struct held *held;		/* asked before anything is taken; NULL:
					 * nothing is guarded (tests) */
	const char *base_url;		/* without /scim/v2; "" from the Host
					 * header */
	bool metrics_public;		/* /metrics without a token */
	struct enterprise_help help;	/* whom refusals name (L3) */
	/* Appends a JSON object about engine and targets to out; NULL none.
	 * front can't see the engine's floor. Any thread. */
	void (*describe_engine)(void *engine, struct buf *out);
	/* How the engine tells people. NULL: in no way. Likewise. */
	void (*engine_ways)(void *engine, struct ways *out);
	struct front_targets targets;	/* its functions NULL: no engine */
	/* It does what is to be done now. NULL: nobody does. Likewise. */
	void (*engine_go)(void *engine);
	void *engine;
	/* Files of people (engine/feeds.h, whose functions these are). */
	int (*feed_submit)(void *feeds, const char *name, bool apply,
		const char *hash, const char *author, int fd,
		void (*done)(void *arg, int code, const struct err *e,
		char *report), void *arg, uint64_t *run, struct err *e);
	int (*feed_describe)(void *feeds, const char *name, struct buf *out,
		struct err *e);
	void *feeds;			/* NULL: there are none */
	const char *tmp;		/* directory for them meanwhile */
	size_t max_file;		/* the largest that is taken */
	struct issuer_conf issuer;
	struct limits_conf limits;
	struct ldapc_conf ldap;		/* where people sign in; its bind_dn and
					 * password are not used */
	int64_t session;		/* how long they stay so, us */
	struct httpd_conf http;
};

int front_start(const struct front_conf *c, struct front **out,
	struct err *e);
/* What a reload brings a front that runs: read it all, then use it, which can't
 * fail, or give it back. Of c: certificates, CAs, trusted proxies, issuer,
 * limits, max_file. A change between HTTP and HTTPS is refused, with a
 * line in the log. */
int front_prepare(const struct front_conf *c, struct front_fresh **out,
	struct err *e);
void front_use(struct front *f, struct front_fresh *n);
void front_discard(struct front_fresh *n);	/* NULL allowed */
/* No new connections, no keep-alive; /readyz says so. */
void front_drain(struct front *f);
/* Waits for requests under way, at most seconds. NULL allowed. */
void front_stop(struct front *f, unsigned seconds);
/* "http://127.0.0.1:8080", with the port really taken. */
const char *front_url(const struct front *f);

#endif
