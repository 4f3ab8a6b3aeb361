/* SPDX-License-Identifier: ISC */
/* text: writing text where it could do harm raw: JSON lines and logs. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* A control character, a line separator or one that turns the direction of
 * writing: must not reach a terminal as it is. */
bool text_unsafe(uint32_t c);
/* An e-mail address that may be written anywhere an address may (RFC 5321
 * 4.1.2): local part without quotes, domain of letters, digits, '-' and '.',
 * ASCII, at most 254 bytes. */
bool text_address(const char *s);
/* n bytes as a JSON string with its quotes (RFC 8259 7): what text_unsafe
 * says is \uXXXX, a byte that is not UTF-8 becomes U+FFFD. */
void text_json(struct buf *b, const char *s, size_t n);

#endif
