/* SPDX-License-Identifier: ISC */
/* progress: a bar on standard error while something long is done; nothing when
 * that is no terminal. Redrawn only when it looks different. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
	const char *what;	/* borrowed */
	size_t total, done;
	size_t shown;		/* cells drawn */
	bool on;
};

/* total below 2: no bar. */
void progress_begin(struct progress *p, const char *what, size_t total);
void progress_to(struct progress *p, size_t done);
/* Takes the bar away, also for a line of text in between. */
void progress_clear(struct progress *p);

#endif
