/* SPDX-License-Identifier: ISC */
/*
 * changes: GET /v1/changes, the journal's face: a page of JSON, or with
 * "Accept: text/event-stream" a stream of server-sent events (WHATWG HTML
 * 9.2) that goes on with what comes. A stream holds a descriptor and one piece
 * of text, however slowly it is read; one thread wakes those with something
 * to say. There are at most CHANGES_STREAMS.
 */
#ifndef FRONT_CHANGES_H
#define FRONT_CHANGES_H

#include "base/err.h"

#define CHANGES_STREAMS 64

struct changes_hub;
struct front;

int changes_start(struct front *f, struct changes_hub **out, struct err *e);
/* All streams end; after front's draining is set. NULL allowed. */
void changes_drain(struct changes_hub *h);
/* When no stream is left. NULL allowed. */
void changes_stop(struct changes_hub *h);

#endif
