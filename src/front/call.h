/* SPDX-License-Identifier: ISC */
/*
 * call: one request on its way through front: who asks, which route, what the
 * answer is made with. Lives in the request's arena until it is answered.
 */
#ifndef FRONT_CALL_H
#define FRONT_CALL_H

#include "base/str.h"
#include "codec/json.h"
#include "core/actor.h"
#include "front/front.h"
#include "front/resolver.h"

struct call;
struct changes_hub;
struct ignored;
struct issuer;
struct lanes;
struct limits;
struct overlay;
struct plans;
struct route;
struct router_match;
struct session;
struct signer;
struct worker;
struct write;

struct front {
	struct front_conf conf;
	struct httpd *httpd;
	struct worker *worker;
	struct signer *signer;
	struct lanes *lanes;
	struct changes_hub *changes;	/* NULL: there is no journal */
	struct plans *plans;
	struct ignored *ignored;
	char url[128];
	int64_t started;		/* wall clock */
	int token_type, token_index;	/* where token hashes are found */
	/* Of the same type: certificates and subjects; NULL none. */
	const struct scim_attr *cert_attr, *subject_attr;
	struct issuer *issuer;
	struct limits *limits;
	_Atomic size_t max_file;
	_Atomic bool draining;
};

/* A client as its entry says (ou=clients). */
struct client {
	const char *dn;			/* "" nobody */
	const char *name;		/* its RDN's value */
	const char *title;		/* what people call it, for logs */
	const char *owner;		/* as which source it writes */
	struct strv scopes;
	int64_t rate;			/* requests a second; 0: no limit, -1:
					 * the setting's */
};

/* Where the answer of a call goes that is an operation of another request
 * (front/bulk): not over HTTP, but to whoever made the call. */
struct call_sink {
	void *ctx;
	const char *if_match;		/* instead of the header; NULL none */
	const char *location;		/* what the answer has said of it */
	const char *etag;
	bool once;			/* the body is shown this once */
	/* Nothing is written: what would be is handed over instead, with the
	 * snapshot open, and a good one is answered without a body. Such a
	 * call is one of a plan: it counts nowhere. NULL: it is written. */
	int (*plan)(struct call_sink *s, struct write *w, struct err *e);
	const struct overlay *over;	/* of the world that it sees; NULL */
	/* The answer, once, from any thread; body, a malloc'd string or
	 * NULL, is the taker's. The call may be freed. */
	void (*answered)(struct call *c, int status, char *body);
};

struct call {
	struct front *f;
	struct httpd_request *q;	/* of a sink's call: its method, path
					 * and the like only; httpd has no
					 * functions for it */
	struct call_sink *sink;		/* NULL: the answer goes to q */
	struct arena *a;		/* the request's */
	const struct route *route;
	const struct scim_resource *resource;	/* NULL: none */
	const char *id;			/* the path's last part, NULL none */
	const char *base;		/* "http://host" */
	struct client client;
	const uint8_t *person;		/* entryUUID of who asks with a session;
					 * NULL: a client does */
	const struct session *session;	/* theirs, NULL likewise */
	struct view_read *read;		/* NULL: not open */
	struct actor actor;		/* who asks, by the open snapshot */
	bool bounded;			/* a person, and no provider staff: what
					 * may be seen depends on who asks */
	struct resolver names;
	struct scim_resolver rs;
	struct json *body;		/* parsed, NULL none */
	const char *batch;		/* what it writes is part of this one,
					 * for the journal; NULL none */
	bool search;			/* arguments stand in the body */
	void *work;			/* of who goes on on a worker */
	const char *held;		/* the guard's job that it waits for to
					 * be refused (front/gate); NULL none */
};

/* A call of its own beneath of, for the same who ask, whose answer goes to
 * sink; method, path and body are still to be set. All in a, which is the
 * call's. */
struct call *call_under(const struct call *of, struct call_sink *sink,
	struct arena *a);
/* Is it one that only plans? */
bool call_plans(const struct call *c);
/* Open a snapshot and bind the resolver to it; 0, or it was answered. */
int call_open(struct call *c);
/* The same without an answer: ERR_DENIED, ERR_BUSY. */
int call_view(struct call *c, struct err *e);
/* Ends the snapshot; everything borrowed from it goes. */
void call_close(struct call *c);
/* Parse the body as JSON object with a SCIM or JSON media type; 0, or it was
 * answered. A call with a sink has its body already. */
int call_body(struct call *c);
/* The same for a .search message, whose members are the arguments then. */
int call_search(struct call *c);
/* What the call writes from now on is one batch: named, and its name a header
 * of the answer, unless that was done before. */
void call_batch(struct call *c);
/* Header of the request, NULL absent. */
const char *call_header(const struct call *c, const char *name);
/* Query argument, or from a .search message its member. */
const char *call_arg(const struct call *c, const char *name);

/* front.c: route the call as its method and path say; 0, 404 or 405. */
int call_route(struct call *c, struct router_match *m);
/* May who asks do what the route does? 0 or ERR_DENIED. Of people only what no
 * person may do is refused here: the rest is for the handler to decide, entry
 * by entry. */
int call_authorise(const struct call *c, struct err *e);

#endif
