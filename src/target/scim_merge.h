/* SPDX-License-Identifier: ISC */
/*
 * scim_merge: the user resource at a tool's SCIM service as it shall be after
 * an action. Several tools may share one service: then one remote user holds
 * several tools, so the part of the action's tool is replaced and everything
 * else kept as it was read. Two ways to write "exactly these accounts":
 *
 * FORM_ENTITLEMENTS, for any SCIM service (RFC 7643 4.1.2):
 *   "entitlements":[{"value":"wan-analysis","type":"tool"},
 *     {"value":"100001","type":"account","display":"wan-analysis"}]
 *   display names the tool an account is held in; an account without one (a
 *   service that dropped it) counts for the only tool there.
 * FORM_PROVOST, for a service that knows Provost's User extension:
 *   "urn:ietf:params:scim:schemas:extension:provost:2.0:User":{"tools":[
 *     {"value":"wan-analysis","accounts":["100001"]}]}
 *
 * Pure and deterministic: the same input gives the same bytes.
 */
#ifndef TARGET_SCIM_MERGE_H
#define TARGET_SCIM_MERGE_H

#include <stdbool.h>

#include "codec/json.h"
#include "target/target.h"

enum scim_form { FORM_ENTITLEMENTS, FORM_PROVOST };

/* remote NULL: there is none yet. *empty: no tool is left on it, the remote
 * user is to be deleted. Never holds meta, id only if it was read. */
struct json *scim_merge(struct arena *a, enum scim_form form,
	const struct target_person *p, const struct action *act,
	const struct json *remote, bool *empty);
/* Does the remote user need no write to become want, as far as tool and person
 * go? Order does not matter, nor what a service adds to its elements. */
bool scim_merge_same(struct arena *a, enum scim_form form,
	const struct json *remote, const struct json *want, const char *tool);
/* Does the user hold the tool, and which of its accounts? In a. */
bool scim_merge_held(struct arena *a, enum scim_form form,
	const struct json *user, const char *tool, struct strv *accounts);

#endif
