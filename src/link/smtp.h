/* SPDX-License-Identifier: ISC */
/*
 * smtp: hands one message to a mail server (RFC 5321, libcurl), on the handle
 * that link/httpc drives, one thread. smtp:// begins TLS with STARTTLS (RFC
 * 3207) and goes no further without, unless insecure; smtps:// begins with
 * it (RFC 8314). AUTH (RFC 4954) where there is a user. Connections are kept
 * and used again.
 *
 * What goes on the wire as a command is checked before: libcurl 7.88 passes
 * CR and LF on. Dots at the start of the message's lines are doubled here
 * (RFC 5321 4.5.2, by libcurl).
 */
#ifndef LINK_SMTP_H
#define LINK_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct httpc;

struct smtp_server {
	const char *url;		/* smtp://host:port, smtps://host:port */
	const char *hello;		/* EHLO name; "" the host's */
	const char *user, *password;	/* "" no AUTH */
	const char *ca_file;		/* "" the system's */
	bool insecure;			/* STARTTLS only where it is offered */
	int64_t timeout;		/* microseconds, a whole mail; 0: 10 s */
};

struct smtp_mail {
	const char *from, *to;		/* addresses (base/text) */
	const char *message;		/* CRLF lines; borrowed until done */
	size_t len;
};

/* How it ended. */
struct smtp_answer {
	int status;		/* the reply code that decided, 0 none came */
	bool refused;		/* it was an answer to the mail, not to the
				 * connection, EHLO, STARTTLS or AUTH */
	char text[128];		/* its last line that said no, in ASCII */
	struct err err;		/* code 0: the server has taken the mail;
				 * ERR_BUSY no connection or no trust in it,
				 * ERR_TIMEOUT, ERR_DENIED refused (status, or
				 * no STARTTLS), ERR_IO cut off */
};

/* ERR_INVALID says what is wrong with URL or hello. */
int smtp_check(const struct smtp_server *s, struct err *e);
/* done is called once, from httpc_drive. ERR_INVALID: an address is none, or
 * as smtp_check; done is not called then. */
int smtp_submit(struct httpc *h, const struct smtp_server *s,
	const struct smtp_mail *m,
	void (*done)(void *arg, const struct smtp_answer *a), void *arg,
	struct err *e);

#endif
