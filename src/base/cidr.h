/* SPDX-License-Identifier: ISC */
/*
 * cidr: addresses and networks of IPv4 and IPv6 as text ("192.0.2.7",
 * "192.0.2.0/24", "2001:db8::/32"). An IPv4 address is kept as the IPv6
 * address that maps it (RFC 4291 2.5.5.2), so that both look alike. Plain
 * values: no thread rule.
 */
#ifndef BASE_CIDR_H
#define BASE_CIDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cidr {
	uint8_t addr[16];
	unsigned bits;		/* of addr that count: 128 a single address */
};

/* ERR_INVALID: neither an address nor ADDRESS/BITS, or bits are set behind
 * the first BITS. */
int cidr_parse(const char *text, struct cidr *out, struct err *e);
/* Is addr's whole network inside net? */
bool cidr_has(const struct cidr *net, const struct cidr *addr);
bool cidr_is_v4(const struct cidr *c);
/* Only the first bits of the address (of the 128) stay. */
void cidr_cut(struct cidr *c, unsigned bits);

#endif
