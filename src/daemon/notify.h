/* SPDX-License-Identifier: ISC */
/* notify: sd_notify(3) where libsystemd is there, nothing elsewhere. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

#endif
