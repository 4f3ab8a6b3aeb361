/* SPDX-License-Identifier: ISC */
/*
 * signer: threads of their own for what people's passwords are needed for, a
 * bind on a connection of its own each time: the directory takes its time for
 * a password, and nothing else shall wait for it, nor it for anything else.
 */
#ifndef FRONT_SIGNER_H
#define FRONT_SIGNER_H

#include "directory/writer.h"
#include "front/call.h"
#include "link/ldapc.h"

#define PASSWORD_MAX 1024	/* bytes */

struct signer;

/* Both are borrowed; the writer knows the provider in use, NULL: the first. */
int signer_start(const struct ldapc_conf *c, struct writer *w,
	struct signer **out, struct err *e);
void signer_stop(struct signer *s);		/* NULL allowed */
/* Can people sign in here? False: it was answered. */
bool signer_ready(struct call *c);
/* fn(c) on a signer; 503 when too many wait. */
void signer_submit(struct signer *s, struct call *c,
	void (*fn)(struct call *c));

/* The rest on a signer. A connection bound as dn, see ldapc_open_as, to the
 * provider in use, since something is to be written. */
int signer_open(struct signer *s, const char *dn, const char *password,
	struct ldapc **out, enum ldapc_policy *policy, struct err *e);
/* Is this their password? Any provider knows, the one in use is asked first. */
int signer_check(struct signer *s, const char *dn, const char *password,
	enum ldapc_policy *policy, struct err *e);
/* How long binds take, in microseconds: the longest lately, least at least. */
int64_t signer_slowest(const struct signer *s, int64_t least);

#endif
