/* SPDX-License-Identifier: ISC */
/*
 * str: small helpers over NUL-terminated UTF-8 strings, and strv, an array
 * of borrowed strings that serves as list and, once sorted, as set.
 * Input with an embedded NUL is refused where it enters (json, ldapc), so
 * plain C strings are enough above.  Plain values: no thread rule.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

bool str_eq(const char *a, const char *b);	/* exact; NULL is no string */
bool str_ieq(const char *a, const char *b);	/* ASCII case ignored */
bool str_starts(const char *s, const char *prefix);
bool str_istarts(const char *s, const char *prefix);
/* Bytes differ or not in time that does not depend on where. */
bool str_ct_eq(const char *a, const char *b);
/* The whole of s as a decimal integer; false if it is anything else. */
bool str_int(const char *s, int64_t *out);

/* Structured values: words separated by one space; a space, '%' or a control
 * byte in a word is %XX. word_split returns the number of words or -1 when a
 * word is empty or an escape is broken; at most max words, decoded into a. */
char *str_word(struct arena *a, const char *raw);
int str_words(struct arena *a, const char *value, const char **word, int max);

/* Percent-encoding of all but unreserved characters (RFC 3986 2.1, 2.3). */
char *str_url(struct arena *a, const char *s);

char *str_hex(struct arena *a, const void *p, size_t n);
/* All 16 digits, most significant first. */
void str_hex_u64(uint64_t v, char out[17]);
/* RFC 4648 5, no padding. Decoding as below, of the first len characters. */
char *str_base64url(struct arena *a, const void *p, size_t n);
int str_unbase64url(struct arena *a, const char *s, size_t len,
	unsigned char **out, size_t *n);
/* RFC 4648 4. Decoding returns -1 on anything not canonical. */
char *str_base64(struct arena *a, const void *p, size_t n);
int str_unbase64(struct arena *a, const char *s, unsigned char **out,
	size_t *n);

/* entryUUID and SCIM id: 16 bytes <-> 36 characters, lower case. */
bool str_uuid(const char *s, uint8_t uuid[16]);
void str_uuid_text(const uint8_t uuid[16], char out[37]);

struct strv {
	const char **v;		/* borrowed strings, array in the arena */
	size_t n, cap;
};

void strv_add(struct arena *a, struct strv *sv, const char *s);
bool strv_has(const struct strv *sv, const char *s);	/* linear, exact */
bool strv_ihas(const struct strv *sv, const char *s);	/* in any case */
void strv_sort(struct strv *sv);			/* strcmp, doubles out */
bool strv_find(const struct strv *sorted, const char *s);

#endif
