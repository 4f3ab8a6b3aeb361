/* SPDX-License-Identifier: ISC */
/* operations: what the handlers below /v1 share. */
#ifndef FRONT_OPERATIONS_H
#define FRONT_OPERATIONS_H

#include "front/call.h"

/* A string member, copied; NULL is "". */
void operations_put(struct arena *a, struct json *o, const char *name,
	const char *text);
/* A list of strings, copied. */
void operations_put_list(struct arena *a, struct json *o, const char *name,
	const struct strv *v);
/* 200 with j. */
void operations_answer(struct call *c, const struct json *j);

#endif
