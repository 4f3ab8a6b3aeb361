/* SPDX-License-Identifier: ISC */
/*
 * stream: an answer with holes for the members of large groups
 * (scim_render_hole), filled while it is sent: a piece of members at a time,
 * each with a snapshot of its own that is given back at once. Memory and
 * snapshots don't grow with the group, however slowly the client reads.
 * Members stand in the order in which their entries were made, so whoever is
 * one all the while is sent exactly once; who comes or goes meanwhile may be
 * in it or not.
 */
#ifndef FRONT_STREAM_H
#define FRONT_STREAM_H

#include "front/call.h"

/* Are there holes in the text? */
bool stream_needed(const struct call *c, const char *text, size_t len);
/* Answers with text (malloc'd, owned from now on); the call is gone then. */
void stream_answer(struct call *c, int status, const char *type, char *text,
	size_t len);

#endif
