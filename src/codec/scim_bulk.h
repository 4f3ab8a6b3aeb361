/* SPDX-License-Identifier: ISC */
/*
 * scim_bulk: the pure part of Bulk (RFC 7644 3.7): reads a BulkRequest, finds
 * who refers to whom by "bulkId:x", plans the order, and puts in what the
 * references come to. Nothing is done from here (front/bulk does).
 *
 * A reference is a whole string "bulkId:x", the last segment of a "$ref" or of
 * an operation's path, or a quoted value in a PATCH path. It leads to the POST
 * with that bulkId, wherever that stands. A circle of POSTs is cut: one of
 * them is made without the attributes (of a list: the elements) that name the
 * others, which a PATCH brings in later, the step `rest'.
 *
 * The plan keeps what the client meant (3.7): neighbours of one method and
 * resource type may go at the same time, everything else goes in the
 * request's order; what is referred to, and what comes earlier to the same
 * resource, goes first. With failOnErrors the order is the request's own, but
 * for what is referred to. Plain values in the arena; no thread rule.
 */
#ifndef CODEC_SCIM_BULK_H
#define CODEC_SCIM_BULK_H

#include "base/err.h"
#include "codec/json.h"

struct arena;
struct map;

#define SCIM_BULK_OPERATIONS 1000	/* maxOperations */

struct scim_bulk_op {
	const char *method;	/* "POST"; "" when it is none */
	const char *path;	/* "/Users/17": what stood before is cut off */
	const char *bulk_id;	/* NULL none */
	const char *version;	/* NULL none */
	const struct json *data;	/* an object; NULL none */
	const char *wrong;	/* why it can't be done; NULL: it can */
	const char *unknown;	/* a bulkId that nothing has; NULL none */
	size_t *ref, n_refs;	/* the POSTs it refers to */
	size_t *held, n_held;	/* those it refers to in its rest only */
};

/* What to do when: in this order, each when all steps before `after' are
 * over. */
struct scim_bulk_step {
	size_t op;
	bool rest;
	size_t after;
	unsigned run, level;	/* what the order comes from */
};

struct scim_bulk {
	int64_t fail_on_errors;	/* 0: go on whatever happens */
	struct scim_bulk_op *op;
	size_t n;
	struct scim_bulk_step *step;
	size_t n_steps;
	struct map *ids;	/* bulkId -> op */
};

/* Reads the message and plans. ERR_LIMIT: more than max operations;
 * ERR_INVALID: no operations, a bad failOnErrors, a bulkId twice. An operation
 * that is wrong in itself says so. scim_bulk_fini afterwards, in any case. */
int scim_bulk_read(struct arena *a, const struct json *message, size_t max,
	struct scim_bulk *out, struct err *e);
void scim_bulk_fini(struct scim_bulk *b);

/* What a reference to op comes to: its resource's id, or (key) by what other
 * resources name it. */
struct scim_bulk_names {
	void *ctx;
	const char *(*of)(void *ctx, size_t op, bool key);
};

/* Path and data of operation i with the references put in; without what the
 * rest brings. What is referred to must have been made, and the operation be
 * neither wrong nor one that names something unknown. */
const char *scim_bulk_path(struct arena *a, const struct scim_bulk *b,
	size_t i, const struct scim_bulk_names *names);
struct json *scim_bulk_data(struct arena *a, const struct scim_bulk *b,
	size_t i, const struct scim_bulk_names *names);
/* The PATCH that brings the rest. */
struct json *scim_bulk_rest(struct arena *a, const struct scim_bulk *b,
	size_t i, const struct scim_bulk_names *names);

#endif
