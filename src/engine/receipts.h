/* SPDX-License-Identifier: ISC */
/*
 * receipts: what targets have confirmed goes into the directory: one entry a
 * person, all values of one tool and target replaced at a time, under an assertion on
 * entryCSN. Writes for one person follow one another; what comes in meanwhile
 * for several tools goes out as one modify. A write is over when the view
 * holds it, so that a person looked at afterwards is seen with it. While the
 * directory is away receipts wait here and are tried again with back-off. One
 * that another daemon, with the lease, has overtaken is let go: what is so
 * stands there.
 *
 * Driven by the dispatch thread alone; receipts_deleted may be called from
 * elsewhere, receipts_retime under the lock that receipts_put is called with.
 */
#ifndef ENGINE_RECEIPTS_H
#define ENGINE_RECEIPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/scim_map.h"
#include "core/diff.h"
#include "directory/lease.h"
#include "directory/writer.h"
#include "model/right.h"
#include "store/view.h"

struct receipts_writer;

struct receipts_conf {
	struct view *view;
	const struct scim_map *map;
	struct writer *writer;
	struct lease *lease;
	int64_t retry_base, retry_max;		/* microseconds */
	/* A write that somebody waits for is in the view. */
	void (*written)(void *ctx, const char *person_id, const char *target,
		const char *tool);
	/* Something has ended: call receipts_run. Any thread, must not block. */
	void (*wake)(void *ctx);
	void *ctx;
};

struct receipts_writer *receipts_new(const struct receipts_conf *c);
/* Nothing may be under way at the writer any more. */
void receipts_free(struct receipts_writer *r);
/* The action ended so (core/diff, diff_receipts_after). time: of the receipt;
 * attempts: failed before it. awaited: written is called. A later call for the
 * same person, target and tool replaces what has not gone out. Copied. */
void receipts_put(struct receipts_writer *r, const char *person_id,
	const struct action *act, enum receipt_state state, int64_t time,
	const char *remote_id, bool awaited);
/* Other waits for writes begun from now on. Never beside receipts_put. */
void receipts_retime(struct receipts_writer *r, int64_t base, int64_t max);
/* Take in what has ended, send what is due; the next time (mono) to call. */
int64_t receipts_run(struct receipts_writer *r);
/* People whose receipts are not in the view yet. */
size_t receipts_pending(const struct receipts_writer *r);
/* Are writes outstanding at the writer? */
bool receipts_under_way(const struct receipts_writer *r);
/* The deadline has passed: send nothing more, wait for no view. */
void receipts_stop(struct receipts_writer *r);
/* Was this the entry of receipts that we deleted? Told once. Any thread. */
bool receipts_deleted(struct receipts_writer *r, const uint8_t uuid[16]);

#endif
