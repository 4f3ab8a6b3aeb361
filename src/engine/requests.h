/* SPDX-License-Identifier: ISC */
/*
 * requests: moves access requests along (core/request.h says where to). An
 * approved one is a chain of writes: billing on its accounts, then the grant
 * on the beneficiary's entry, which may be repeated without harm, then
 * `approved` on the request; when the targets have confirmed, `applied`. Wrong
 * codes are counted and taken off the request likewise. A process that dies in between finds the
 * request as it was and goes on. Many requests are under way at once, one
 * write chain each; two for the same beneficiary follow one another.
 *
 * The engine thread's own; answers of the writer come in through its threads
 * and are taken in by requests_run.
 */
#ifndef ENGINE_REQUESTS_H
#define ENGINE_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/scim_map.h"
#include "core/ways.h"
#include "directory/world.h"
#include "directory/writer.h"
#include "store/view.h"

struct requests;

struct requests_conf {
	struct writer *writer;
	const struct scim_map *map;	/* its code_key */
	/* Look at this request (again) at the time at (wall; 0: at once). */
	void (*again)(void *ctx, const uint8_t uuid[16], int64_t at);
	/* By which ways codes may come, just now. */
	void (*ways)(void *ctx, struct ways *out);
	/* Call requests_run. Any thread, must not block. */
	void (*wake)(void *ctx);
	void *ctx;
};

struct requests *requests_new(const struct requests_conf *c);
/* Waits for what is under way at the writer. NULL allowed. */
void requests_free(struct requests *q);
/* Look at one request and start what it needs. */
void requests_look(struct requests *q, struct world_view *w,
	const uint8_t uuid[16]);
/* The person's rights or receipts have changed: approved requests for them
 * may be applied by now. */
void requests_look_person(struct requests *q, struct world_view *w,
	const char *person_id);
/* Take in what the writer has answered. */
void requests_run(struct requests *q);

#endif
