/* SPDX-License-Identifier: ISC */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#define CELLS 30

void progress_begin(struct progress *p, const char *what, size_t total)
{
	*p = (struct progress){ .what = what, .total = total,
	    .shown = CELLS + 1, .on = total > 1 && isatty(STDERR_FILENO) };
	progress_to(p, 0);
}

void progress_to(struct progress *p, size_t done)
{
	static const char bar[] = "##############################";
	size_t cells;

	p->done = done < p->total ? done : p->total;
	if (!p->on)
		return;
	cells = p->done * CELLS / p->total;
	if (cells == p->shown)
		return;
	p->shown = cells;
	fprintf(stderr, "\r%s [%-*.*s] %zu/%zu", p->what, CELLS, (int)cells,
	    bar, p->done, p->total);
	fflush(stderr);
}

void progress_clear(struct progress *p)
{
	if (p->on)
		fputs("\r\033[K", stderr);
	p->shown = CELLS + 1;
}
