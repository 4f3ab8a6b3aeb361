/* SPDX-License-Identifier: ISC */
/*
 * gate_help: calls of people and clients to a front whose view has everybody of
 * matrix.txt (front_fixture). They are made as Bulk makes its own; writes go as
 * far as the change that would be sent. A failure ends the test.
 */
#ifndef TESTS_GATE_HELP_H
#define TESTS_GATE_HELP_H

#include "base/buf.h"
#include "codec/json.h"
#include "front/call.h"
#include "front/write.h"
#include "front_fixture.h"
#include "store/journal.h"

#define GATE_EXT "urn:ietf:params:scim:schemas:extension:provost:2.0:User"
#define GATE_WORDS 16		/* in a row of matrix.txt */
#define GATE_ACTORS 9		/* its columns */
#define GATE_CROWD 520		/* people of company c3, and chief */

extern struct front_fixture gate;

/* matrix.txt's columns; the last one stands for eight people, by role. */
extern const char *const gate_actors[GATE_ACTORS], *const gate_eight[8];

int gate_setup(void **state);
int gate_teardown(void **state);
/* Calls each with the words of every row of matrix.txt. */
void gate_rows(void (*each)(char **w, int n));
const char *gate_id(const char *type, const char *key);
/* "a-b-c" for "a/b/c"; of the request of whom for a right. */
const char *gate_dashed(const char *word);
const char *gate_request(const char *whom, const char *right);

struct answer {
	int status;
	struct json *j;			/* NULL: no JSON */
};
/* "admin" and "client" (read, write, the source of all people) are clients,
 * all others people, by their user name. */
struct answer gate_ask(const char *who, const char *method,
	const char *path, const char *body);
int gate_get(const char *who, const char *type, const char *key);
/* totalResults of a search, with its Resources in *list unless NULL. */
int64_t gate_find(const char *who, const char *endpoint, const char *filter,
	struct json **list);
/* What a write would come to: 0 or an error; *said gets its mods, "-name
 * value", "+name value", "=name value", one a line. */
int gate_try(const char *who, enum write_kind kind, const char *type,
	const char *key, const char *body, struct err *e, struct buf *said);
/* A PatchOp of one operation; value: JSON, NULL none. */
const char *gate_patch(const char *op, const char *path, const char *value);

#endif
