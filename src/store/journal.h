/* SPDX-License-Identifier: ISC */
/*
 * journal: what changed in the directory, whoever did it: an append-only file
 * of JSON lines, each with the SHA-256 of the line before (hash chain). The
 * sync thread appends before it commits; after a crash the doubles of a replay
 * are dropped by entryUUID and entryCSN. One writer process (the file is
 * locked). When it has grown to a limit the file is closed and another begun,
 * in which the chain goes on (store/journal_file); nothing is ever removed.
 * Verifying (store/journal_verify) and reading (store/journal_read) go by the
 * files alone.
 *
 * {"seq":12,"time":"..","op":"modify","uuid":"..","csn":"..","dn":"..",
 *  "by":"last modifier's DN","batch":"..","add":{"provostCompany":["acme"]},
 *  "del":{..},"prev":"hex","sum":"hex"}	op: add modify delete
 * {"seq":13,"time":"..","op":"refused","by":"..","what":"..","why":"..",
 *  "prev":"hex","sum":"hex"}
 *
 * prev: SHA-256 of the line before without its newline, zeros in the first
 * line. sum: a weak hash of the line up to it, by which a damaged tail is
 * known. "from": the DN before a rename. "batch": what it belongs to, if it was
 * written as one of many. A value that is no text is
 * {"base64":".."}, one of more than 64 KiB {"sha256":"..","size":n}, one of a
 * secret attribute "*". A line that would pass 4 MiB has "cut":true instead of
 * add and del.
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/entry.h"

#define JOURNAL_SECRET "*"	/* stands for a value that nobody may see */

struct journal;

/* Opens DIR/journal.jsonl for appending, making both if missing, and checks
 * the tail: what is torn or damaged at the very end is cut off and reported in
 * *note (static storage or NULL). The last 8 MiB, of whatever files, are
 * remembered for doubles.
 * ERR_BUSY: another process has it; ERR_CORRUPT: it is not a journal. */
int journal_open(const char *dir, struct journal **out, const char **note,
	struct err *e);
/* Flushes and syncs. NULL allowed. */
void journal_close(struct journal *j);
/* Before a view is filled from nothing: remember the whole file for doubles,
 * so that only what changed meanwhile gets lines. */
int journal_recall(struct journal *j, struct err *e);
/* Queue a line for the difference; old or now NULL: added, deleted. deleter:
 * who deleted it, "" unknown. Differences in pwd* attributes only, and
 * secrets' values, are left out. Doubles (uuid, csn) are dropped. */
void journal_diff(struct journal *j, const struct entry *old,
	const struct entry *now, const char *deleter);
/* A refused privileged attempt: who, what, why. Any thread. Written at once,
 * durable with the next sync. */
void journal_refused(struct journal *j, const char *who, const char *what,
	const char *why);
/* Write what is queued: from then on the death of this process loses nothing.
 * ERR_IO: nothing since the last flush counts as written (it is cut off
 * again), nothing may be committed. */
int journal_flush(struct journal *j, struct err *e);
/* fdatasync what was flushed, if anything was: the death of the machine loses
 * nothing any more. Before that it loses the view as well, which is then made
 * anew, so this may follow the commit and be shared by several. The thread
 * that flushes. */
int journal_sync(struct journal *j, struct err *e);
/* Did the last flush fail? Then nothing should be begun that it could not
 * record. Any thread. */
bool journal_failing(struct journal *j);
/* How large the file may grow; endless at first. Any thread. */
void journal_limit(struct journal *j, uint64_t bytes);
/* Close the file at the next journal_rotate, however small. Any thread. */
void journal_ask(struct journal *j);
/* Close the file if it is time and nothing is queued; a file grows beyond the
 * limit by one flush. After an error the old file is gone on with. The thread
 * that flushes. */
int journal_rotate(struct journal *j, struct err *e);

/* A batch: changes made as one of many, whose lines say so. Its name begins
 * with the number of the last line before it, which journal_batch_since tells;
 * false: no name of a batch. */
#define JOURNAL_BATCH 40	/* longest name, with its NUL */
void journal_batch_name(struct journal *j, char out[JOURNAL_BATCH]);
bool journal_batch_since(const char *batch, uint64_t *since);
/* The next change of dn (by this DN, NULL: by anybody) belongs to the batch.
 * To be ended when it is known to have come round or not to come; later: it may
 * come still. There is a limit: beyond it lines say nothing, and NULL is
 * returned, which ending takes. A change of the same entry that somebody else
 * makes in that moment may get the mark. Any thread. */
struct journal_mark;
struct journal_mark *journal_mark_begin(struct journal *j, const char *batch,
	const char *dn, const char *by);
void journal_mark_end(struct journal *j, struct journal_mark *k, bool later);

/* For who reads, any thread: the number of the last line that counts; wait
 * until there is one behind seq, until a time or journal_wake. */
const char *journal_dir(const struct journal *j);
uint64_t journal_last(struct journal *j);
void journal_wait(struct journal *j, uint64_t seq, int64_t until_mono);
void journal_wake(struct journal *j);

#endif
