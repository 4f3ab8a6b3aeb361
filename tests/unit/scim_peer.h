/* SPDX-License-Identifier: ISC */
/* scim_peer: a small but real SCIM 2.0 /Users service in memory on the
 * loopback: POST, GET, filter by eq, PUT with If-Match, DELETE, unique
 * userName; and whatever a test wants to go wrong. Thread safe. */
#ifndef TESTS_UNIT_SCIM_PEER_H
#define TESTS_UNIT_SCIM_PEER_H

#include <pthread.h>
#include <stdbool.h>

#include "base/arena.h"
#include "codec/json.h"
#include "peer.h"

#define SCIM_PEER_USERS 256

struct scim_peer {
	struct peer *peer;
	pthread_mutex_t lock;
	struct arena *a;
	struct {
		char id[16];
		unsigned version;
		struct json *user;	/* NULL: free */
	} user[SCIM_PEER_USERS];
	unsigned next_id, writes, deletes;
	char key[65];			/* last Idempotency-Key */
	/* The next so many requests that match method (NULL: all) are answered
	 * with these bytes, or with status, instead. */
	int fail;
	const char *fail_method, *fail_raw, *fail_body, *fail_headers;
	int fail_status;
	bool lose_answer;		/* do it, then close amid the answer */
	bool bump;			/* change the version before a PUT */
	bool no_external_id;		/* never show it */
};

void scim_peer_start(struct scim_peer *s);
void scim_peer_start_on(struct scim_peer *s, int port);
/* Only the socket goes; the users stay until scim_peer_free. */
void scim_peer_stop(struct scim_peer *s);
void scim_peer_free(struct scim_peer *s);
const char *scim_peer_url(const struct scim_peer *s);
/* A user made by somebody else. */
void scim_peer_add(struct scim_peer *s, const char *json);
/* All users as JSON lines without meta, in a. Hold no lock. */
const char *scim_peer_dump(struct scim_peer *s, struct arena *a);
unsigned scim_peer_count(struct scim_peer *s);

#endif
