/* SPDX-License-Identifier: ISC */
#include "base/cidr.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/str.h"

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255 };

static int bad(const char *text, struct err *e)
{
	return err_set(e, ERR_INVALID, "\"%.64s\" is no address like "
	    "192.0.2.7 or 2001:db8::1 and no network like 192.0.2.0/24",
	    text);
}

static bool read_address(const char *s, struct cidr *out)
{
	memcpy(out->addr, mapped, sizeof(mapped));
	return inet_pton(AF_INET, s, out->addr + 12) == 1 ||
	    inet_pton(AF_INET6, s, out->addr) == 1;
}

int cidr_parse(const char *text, struct cidr *out, struct err *e)
{
	const char *slash = strchr(text, '/');
	size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
	int64_t bits = 128;
	char host[64];
	struct cidr net;

	if (n >= sizeof(host))
		return bad(text, e);
	memcpy(host, text, n);
	host[n] = '\0';
	if (!read_address(host, out))
		return bad(text, e);
	if (slash != NULL) {
		if (!str_int(slash + 1, &bits) || bits < 0 || bits > 128)
			return bad(text, e);
		if (strchr(host, ':') == NULL)
			bits += 96;
	}
	if (bits > 128)
		return bad(text, e);
	net = *out;
	cidr_cut(&net, (unsigned)bits);
	if (memcmp(net.addr, out->addr, sizeof(net.addr)) != 0)
		return err_set(e, ERR_INVALID, "\"%.64s\": bits are set behind "
		    "the first %s: write the first address of the network",
		    text, slash + 1);
	*out = net;
	return 0;
}

bool cidr_has(const struct cidr *net, const struct cidr *addr)
{
	struct cidr c = *addr;

	if (c.bits < net->bits)
		return false;
	cidr_cut(&c, net->bits);
	return memcmp(c.addr, net->addr, sizeof(c.addr)) == 0;
}

bool cidr_is_v4(const struct cidr *c)
{
	return memcmp(c->addr, mapped, sizeof(mapped)) == 0;
}

void cidr_cut(struct cidr *c, unsigned bits)
{
	unsigned i;

	for (i = 0; i < 16; i++)
		if (i * 8 >= bits)
			c->addr[i] = 0;
		else if (i * 8 + 8 > bits)
			c->addr[i] &= (uint8_t)(0xff << (i * 8 + 8 - bits));
	c->bits = bits;
}
