/* SPDX-License-Identifier: ISC */
/* scim_bulk_p: what scim_bulk's own files share. */
#ifndef CODEC_SCIM_BULK_P_H
#define CODEC_SCIM_BULK_P_H

#include "codec/scim_bulk.h"

/* The bulkId at the end of an operation's path, NULL none. */
const char *scim_bulk_target(const struct scim_bulk_op *op);
/* The operation with a bulkId; NULL none. */
const struct scim_bulk_op *scim_bulk_find(const struct scim_bulk *b,
	const char *id);
/* Fills step and held. */
void scim_bulk_plan(struct arena *a, struct scim_bulk *b);

#endif
