/* SPDX-License-Identifier: ISC */
/*
 * charset: bytes of a text file into UTF-8, piece by piece.  What has no
 * meaning in the charset becomes the byte 0xFF, which UTF-8 never holds: the
 * reader finds it where it stands and can name the place.  Plain value.
 */
#ifndef CODEC_CHARSET_H
#define CODEC_CHARSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum charset_kind { CHARSET_UTF8, CHARSET_UTF16LE, CHARSET_UTF16BE,
	CHARSET_WINDOWS_1252 };

#define CHARSET_GROWTH 3	/* UTF-8 bytes a byte, at most */

struct charset {
	enum charset_kind kind;
	bool odd;		/* half a unit is waiting */
	uint8_t half;
	uint16_t high;		/* first half of a pair is waiting */
};

/* The kind that the mark at the beginning tells, else dflt; *mark: its bytes.
 * Three bytes are enough. */
enum charset_kind charset_detect(const char *p, size_t n,
	enum charset_kind dflt, size_t *mark);
/* n bytes of p as UTF-8 into out, which has room for CHARSET_GROWTH * n + 4;
 * returns how many.  p NULL: the end, what still waits is an error. */
size_t charset_decode(struct charset *c, const char *p, size_t n, char *out);
/* Its name for messages. */
const char *charset_name(enum charset_kind kind);

#endif
