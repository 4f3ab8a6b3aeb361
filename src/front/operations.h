/* SPDX-License-Identifier: ISC */
/* operations: what the handlers below /v1 share. */
#ifndef FRONT_OPERATIONS_H
#define FRONT_OPERATIONS_H

#include "front/call.h"

/* A string member; NULL is "". */
void operations_put(struct arena *a, struct json *o, const char *name,
	const char *text);
/* 200 with j. */
void operations_answer(struct call *c, const struct json *j);

#endif
