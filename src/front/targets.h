/* SPDX-License-Identifier: ISC */
/* targets: what the handlers about targets share (targets.c, drift.c). */
#ifndef FRONT_TARGETS_H
#define FRONT_TARGETS_H

#include "front/call.h"

/* 200 with an object of what put appends about the path's target; its error;
 * 503 where put is NULL. */
void targets_answer(struct call *c, int (*put)(void *engine,
	const char *target, struct buf *out, struct err *e));

#endif
