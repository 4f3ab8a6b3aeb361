/* SPDX-License-Identifier: ISC */
/*
 * err: what went wrong, as a code for programs and a sentence for people.
 *
 * A function that can fail returns 0 or one of the negative codes below and,
 * when it fails, fills the caller's struct err, its last parameter.  The text
 * says what, where and what to do; it never holds a secret.  No allocation.
 * A NULL struct err is allowed everywhere.  Plain values: no thread rule.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_code {
	ERR_OK = 0,
	ERR_INVALID = -1,	/* bad input: the caller must change it */
	ERR_LIMIT = -2,		/* a cap was reached: size, depth, count */
	ERR_NOT_FOUND = -3,
	ERR_EXISTS = -4,	/* uniqueness: something like it is there */
	ERR_CONFLICT = -5,	/* the world moved: re-read and decide again */
	ERR_DENIED = -6,	/* not allowed */
	ERR_REFERRED = -7,	/* still referred to by something else */
	ERR_BUSY = -8,		/* cannot now, later: 503 with Retry-After */
	ERR_TIMEOUT = -9,	/* no answer in time, outcome unknown */
	ERR_IO = -10,		/* a system call or library failed */
	ERR_CORRUPT = -11,	/* stored data is not what we wrote */
	ERR_UNSUPPORTED = -12,
	ERR_HELD = -13,		/* stopped by the guard */
	/* Codes that cross a target's boundary name the next action. */
	ERR_ITEM_BAD = -20,	/* this item can't succeed: park it */
	ERR_RETRY = -21,	/* this item, again later */
	ERR_TARGET_DOWN = -22,	/* every item of this target, later */
	ERR_STOP = -23,		/* target misconfigured: stop until changed */
};

struct err {
	int code;
	char kind[24];		/* SCIM scimType (RFC 7644 3.12) or "" */
	int retry_after;	/* seconds the other side asked for, 0: none */
	char text[512];
};

/* Fill e (unless NULL); returns code, so that "return err_set(...)" works. */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with a scimType. */
int err_kind(struct err *e, int code, const char *kind, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Put "fmt: " in front of what e says already; returns e's code. */
int err_wrap(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The text, never NULL; "" for a NULL e. */
const char *err_text(const struct err *e);

#endif
