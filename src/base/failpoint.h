/* SPDX-License-Identifier: ISC */
/*
 * failpoint: places where a test lets the process die as by kill -9, to show
 * that nothing is lost there. Always compiled in; without the environment
 * variable PROVOST_FAILPOINT a passage costs one comparison. Its value is
 * "name:n": the n-th passage of that name (from 1) kills the process; or
 * "/file": nothing dies, and the name of each passage is added to the file, so
 * that a test learns what there is to kill. Names in use, in the order of an
 * approval and its effect:
 *
 *   before-grant after-grant before-record after-record (engine/requests)
 *   before-send after-answer (engine/dispatch, around a target's action)
 *   before-receipt after-receipt (engine/receipts)
 *
 * and, of no approval: before-weigh after-weigh (engine/brake, around the
 * guard's word), membership (front/members_write, behind each one),
 * batch (front/batch, likewise), apply (directory/apply, likewise),
 * bulk-step (front/bulk_step, at each step of a Bulk request), before-upkeep
 * after-upkeep (engine/upkeep), before-account after-account
 * (engine/requests: billing, wrong codes), journal-next journal-linked
 * journal-renamed (store/journal, while it closes a file).
 *
 * Thread safe.
 */
#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

void failpoint(const char *name);

#endif
