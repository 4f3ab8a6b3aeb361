/* SPDX-License-Identifier: ISC */
/* webhook's own: webhook.c sends events, webhook_list.c asks for a list. */
#ifndef TARGET_WEBHOOK_P_H
#define TARGET_WEBHOOK_P_H

#include "base/buf.h"
#include "target/target.h"

#define WEBHOOK_MAX_BODY (4 * 1024 * 1024)

struct webhook {
	struct target t;
	struct httpc *http;
	unsigned char *key;		/* owned */
	size_t key_len;
	unsigned lists;			/* begun so far */
};

/* A signed POST of body; answers over max_answer bytes (0: httpc's default)
 * are refused. */
int webhook_send(struct webhook *w, struct arena *a, const char *url,
	const char *id, const struct buf *body, size_t max_answer,
	void (*done)(void *arg, const struct httpc_answer *a), void *arg,
	struct err *e);
void webhook_list(struct target *t, const struct target_lister *l);

#endif
