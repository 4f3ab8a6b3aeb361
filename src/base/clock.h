/* SPDX-License-Identifier: ISC */
/*
 * clock: the one source of time, and one of the two seams for tests: a test
 * installs its own source and time moves when the test says so.
 * Times are microseconds since the epoch (UTC); CLOCK_NEVER is "open end".
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_NEVER INT64_MAX
#define CLOCK_SECOND INT64_C(1000000)

int64_t clock_now(void);
/* Monotonic microseconds, for time-outs only. */
int64_t clock_mono(void);
/* The same, but it goes on while the machine sleeps; for what others count
 * too. No test moves it. */
int64_t clock_boot(void);
/* Tests: the first two clocks from fn; NULL puts the system's back. */
void clock_set_source(int64_t (*fn)(void));

/* RFC 4517 3.3.13 GeneralizedTime in Z, with optional fraction. out needs 24
 * bytes; seconds only. Parsing accepts "YYYYmmddHHMMSS[.f]Z" only. */
bool clock_parse_gt(const char *s, int64_t *t);
char *clock_print_gt(int64_t t, char out[24]);
/* The same with microseconds, where there are any. */
char *clock_print_gt_us(int64_t t, char out[24]);
/* RFC 3339 as SCIM wants it (xsd:dateTime, RFC 7643 2.3.5); out 32 bytes;
 * any offset is accepted when parsing. Printing: seconds, Z. */
bool clock_parse_rfc3339(const char *s, int64_t *t);
char *clock_print_rfc3339(int64_t t, char out[32]);

#endif
