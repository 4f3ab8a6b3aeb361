/* SPDX-License-Identifier: ISC */
/* ways: what is set up here to tell people something (core/notice): mail, and
 * who calls and who writes letters with the codes of V23. A plain value, so
 * that whoever keeps it under a lock hands out copies. */
#ifndef CORE_WAYS_H
#define CORE_WAYS_H

#include <stdbool.h>

#define WAYS_NAME 64		/* a target's name, with its end */

struct ways {
	bool mail;
	char phone[WAYS_NAME], post[WAYS_NAME];	/* targets; "" none */
};

#endif
