/* SPDX-License-Identifier: ISC */
#include "daemon/notify.h"

#include "config.h"

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#define SAY(state) sd_notify(0, state)
#else
#define SAY(state) ((void)(state))
#endif

void notify_ready(void)
{
	SAY("READY=1");
}

void notify_reloading(void)
{
	SAY("RELOADING=1");
}

void notify_stopping(void)
{
	SAY("STOPPING=1");
}
