/* SPDX-License-Identifier: ISC */
/*
 * mime: a mail message as bytes for the wire: RFC 5322 header fields, encoded
 * words where they are not plain ASCII (RFC 2047), a text and an HTML part as
 * multipart/alternative (RFC 2046 5.1.4), quoted-printable or base64 (RFC 2045
 * 6), lines of at most 78 bytes ended by CRLF. Dots at the start of a line are
 * left as they are: doubling them is the transport's (link/smtp). Automatic
 * mail says so (RFC 3834), so that nobody's holiday note answers it.
 *
 * The same message gives the same bytes. Whoever chose a name or a subject
 * cannot add header fields with it: control characters (CR, LF) and text that
 * is not UTF-8 are refused, and a name never looks like an address outside of
 * quotes. Pure.
 */
#ifndef CODEC_MIME_H
#define CODEC_MIME_H

#include <stdint.h>

#include "base/err.h"

struct arena;
struct buf;

struct mime_message {
	const char *from_name, *from;	/* name "" none; address */
	const char *to_name, *to;
	const char *subject;
	const char *id;			/* Message-ID, without its brackets */
	int64_t date;
	const char *text;		/* lines end with LF or CRLF */
	const char *html;		/* NULL none */
};

/* Appends the message. ERR_INVALID names the field that cannot be. */
int mime_write(struct arena *a, const struct mime_message *m,
	struct buf *out, struct err *e);
/* One field of free text ("Subject"), folded. */
int mime_text(struct arena *a, const char *field, const char *value,
	struct buf *out, struct err *e);
/* One field with an address ("To"), with a name unless that is "". */
int mime_mailbox(struct arena *a, const char *field, const char *name,
	const char *address, struct buf *out, struct err *e);

#endif
