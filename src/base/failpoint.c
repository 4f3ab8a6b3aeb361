/* SPDX-License-Identifier: ISC */
#include "base/failpoint.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool armed;
static char wanted[64];
static atomic_long left;

static void read_environment(void)
{
	const char *v = getenv("PROVOST_FAILPOINT"), *colon;

	if (v == NULL || (colon = strrchr(v, ':')) == NULL ||
	    (size_t)(colon - v) >= sizeof(wanted))
		return;
	memcpy(wanted, v, (size_t)(colon - v));
	atomic_store(&left, strtol(colon + 1, NULL, 10));
	armed = true;
}

void failpoint(const char *name)
{
	pthread_once(&once, read_environment);
	if (armed && strcmp(name, wanted) == 0 &&
	    atomic_fetch_sub(&left, 1) == 1)
		kill(getpid(), SIGKILL);
}
