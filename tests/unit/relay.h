/* SPDX-License-Identifier: ISC */
/* relay: between a client and a server on the loopback. It passes on so many
 * bytes of the server's, then cuts all connections and takes no more, until it
 * is given others. */
#ifndef TESTS_UNIT_RELAY_H
#define TESTS_UNIT_RELAY_H

#include <stdint.h>

struct relay;

/* uri: "ldap://127.0.0.1:PORT". */
struct relay *relay_start(const char *uri, int64_t bytes);
void relay_stop(struct relay *r);
const char *relay_uri(const struct relay *r);
/* From now on so many. */
void relay_give(struct relay *r, int64_t bytes);
/* What is left of them; 0: it has cut. */
int64_t relay_left(struct relay *r);

#endif
