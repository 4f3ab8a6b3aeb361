/* SPDX-License-Identifier: ISC */
/*
 * filter_plain: does a resource, as JSON, meet a filter? Written from RFC 7644
 * 3.4.2.2 over the JSON that a client gets, slow and obvious, with a table of
 * its own and nothing of the code's matching: what the code is compared with.
 *
 * What the RFC leaves open is as in the directory: spaces at the ends don't
 * count, several count as one; "ne" is "not eq", also of many values and of
 * none.
 */
#ifndef TESTS_FILTER_PLAIN_H
#define TESTS_FILTER_PLAIN_H

#include "codec/json.h"
#include "model/filter.h"

enum plain_type { PLAIN_TEXT, PLAIN_EXACT, PLAIN_BOOL, PLAIN_INT, PLAIN_TIME };

/* An attribute that filters are made of. */
struct plain_attr {
	const char *urn;	/* of an extension, "" core */
	const char *name, *sub;	/* sub NULL: simple */
	enum plain_type type;
	bool list;		/* many elements */
};

extern const struct plain_attr plain_attrs[];	/* ends with name NULL */

bool plain_match(struct arena *a, const struct json *resource,
	const struct filter *f);
/* A string as it is compared. */
char *plain_fold(struct arena *a, const char *s, bool exact);

#endif
