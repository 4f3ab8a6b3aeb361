/* SPDX-License-Identifier: ISC */
#include "front/answer.h"
#include "front/handlers.h"

/* RFC 7644 3.11 lets a server without it say so. A token is a client's, and
 * nothing in the directory says that a client stands for a person. */
void me(struct call *c)
{
	answer_status(c, 501, "", "there is no person behind a client's "
	    "token: name the person, as /Users/ID or with a filter");
}
