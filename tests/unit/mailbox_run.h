/* SPDX-License-Identifier: ISC */
/* mailbox_run: a real mail server (tests/it/mailbox.py, aiosmtpd) in a
 * directory of its own. */
#ifndef TESTS_MAILBOX_RUN_H
#define TESTS_MAILBOX_RUN_H

#include <stdbool.h>
#include <sys/types.h>

struct arena;
struct json;

struct mailbox_run {
	char dir[64];
	pid_t pid;		/* 0: not running */
	int port;		/* kept over a restart */
};

/* Makes the directory, with a certificate for 127.0.0.1 (dir/cert.pem) and one
 * of somebody else's (dir/other.pem). False: no openssl, or no aiosmtpd. */
bool mailbox_init(struct mailbox_run *m);
void mailbox_fini(struct mailbox_run *m);
/* mode: clear, starttls, tls. */
void mailbox_start(struct mailbox_run *m, const char *mode);
void mailbox_stop(struct mailbox_run *m);
/* A file in its directory: "rules", "login". NULL removes it. */
void mailbox_set(const struct mailbox_run *m, const char *name,
	const char *text);
/* The i-th mail it took as JSON, NULL: not so many. */
const struct json *mailbox_mail(const struct mailbox_run *m, struct arena *a,
	int i);
int mailbox_count(const struct mailbox_run *m);

#endif
