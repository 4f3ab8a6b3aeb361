/* SPDX-License-Identifier: ISC */
/*
 * admit: is this request let in at all, before its body is read? Who guesses
 * tokens waits (429), who is nobody is told so (401), who asks too much waits
 * (429). What a client may do is decided behind this.
 */
#ifndef FRONT_ADMIT_H
#define FRONT_ADMIT_H

#include "front/call.h"

/* True with c->client filled in, of people c->person and c->session too, or it
 * was answered. */
bool admit(struct call *c);

#endif
