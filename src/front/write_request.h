/* SPDX-License-Identifier: ISC */
/*
 * write_request: what is special about writes of access requests (V23-V28).
 * The rules are core/request's; here they are asked while the request is being
 * made, changed or decided. One thread at a time, as front/write.
 */
#ifndef FRONT_WRITE_REQUEST_H
#define FRONT_WRITE_REQUEST_H

#include "core/rights.h"
#include "directory/world.h"
#include "front/write.h"
#include "model/request.h"

bool write_is_request(const struct write *w);
/* Before the body is read: a person asks in their own name unless they say
 * otherwise. */
void write_request_fill(const struct write *w);
/* What one person is asked for goes one after the other, or the same would be
 * asked for twice at once. False: no request. */
bool write_request_lane(const struct call *c, uint8_t lane[16]);
/* When want is read: decisions on all items are the request's (V26). */
int write_request_read(struct write *w, struct err *e);
/* When the change is made: may the request be made, or changed so? Sets the
 * state of a new one, and w->twin when there is an open one for the same. A
 * second decision is told who made the first one, and when. 0 or ERR_INVALID,
 * ERR_EXISTS, ERR_REFERRED (V23, V24, V26, V27). */
int write_request(struct write *w, struct err *e);
/* Would this decision, which may be made, come to nothing? ERR_REFERRED says
 * why. */
int write_request_decided(struct world_view *world, const struct front *f,
	const struct request *r, const struct person *decider,
	const struct rights *rights, const struct person *beneficiary,
	struct err *e);

#endif
