/* SPDX-License-Identifier: ISC */
#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t (*source)(void);

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * CLOCK_SECOND + ts.tv_nsec / 1000;
}

int64_t clock_now(void)
{
	return source ? source() : read_clock(CLOCK_REALTIME);
}

int64_t clock_mono(void)
{
	return source ? source() : read_clock(CLOCK_MONOTONIC);
}

int64_t clock_boot(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

void clock_set_source(int64_t (*fn)(void))
{
	source = fn;
}

/* n digits at *s as a number; -1 when they are not all digits. */
static int digits(const char **s, int n)
{
	int v = 0;

	for (; n > 0; n--, (*s)++) {
		if (!isdigit((unsigned char)**s))
			return -1;
		v = v * 10 + (**s - '0');
	}
	return v;
}

/* Days from 1 January 1970 to a date of the Gregorian calendar. Years are
 * counted from March, so that the leap day is the last; 146,097 days are 400
 * years, 719,468 lie before 1970. */
static int64_t days_to(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int m = month > 2 ? month - 3 : month + 9;

	/* No year below 0 can be written. */
	if (y < 0)
		return -719528 + 31 * (month - 1) + day - 1;
	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	    1 - 719468;
}

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
	    30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool make_time(const int f[6], int64_t *t)
{
	int i;

	for (i = 0; i < 6; i++)
		if (f[i] < 0)
			return false;
	if (f[1] < 1 || f[1] > 12 || f[2] < 1 ||
	    f[2] > month_days(f[0], f[1]) || f[3] > 23 || f[4] > 59 ||
	    f[5] > 60)
		return false;
	*t = (((days_to(f[0], f[1], f[2]) * 24 + f[3]) * 60 + f[4]) * 60 +
	    f[5]) * CLOCK_SECOND;
	return true;
}

/* ".123" at *s as microseconds. */
static bool fraction(const char **s, int64_t *us)
{
	int64_t unit = CLOCK_SECOND / 10;

	*us = 0;
	if (**s != '.')
		return true;
	(*s)++;
	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s); (*s)++, unit /= 10)
		*us += (**s - '0') * unit;
	return true;
}

bool clock_parse_gt(const char *s, int64_t *t)
{
	static const int width[6] = { 4, 2, 2, 2, 2, 2 };
	int64_t us;
	int f[6], i;

	for (i = 0; i < 6; i++)
		if ((f[i] = digits(&s, width[i])) < 0)
			return false;
	if (!fraction(&s, &us) || s[0] != 'Z' || s[1] != '\0' ||
	    !make_time(f, t))
		return false;
	*t += us;
	return true;
}

bool clock_parse_rfc3339(const char *s, int64_t *t)
{
	static const char sep[6] = { '-', '-', 'T', ':', ':', 0 };
	static const int width[6] = { 4, 2, 2, 2, 2, 2 };
	int64_t us;
	int f[6], i, sign, h, m;

	for (i = 0; i < 6; i++) {
		if ((f[i] = digits(&s, width[i])) < 0)
			return false;
		if (i < 5 && toupper((unsigned char)*s++) != sep[i])
			return false;
	}
	if (!fraction(&s, &us) || !make_time(f, t))
		return false;
	*t += us;
	if (toupper((unsigned char)*s) == 'Z')
		return s[1] == '\0';
	if (*s != '+' && *s != '-')
		return false;
	sign = *s++ == '+' ? -1 : 1;
	if ((h = digits(&s, 2)) < 0 || *s++ != ':' ||
	    (m = digits(&s, 2)) < 0 || *s != '\0' || h > 23 || m > 59)
		return false;
	*t += sign * (h * 60 + m) * 60 * CLOCK_SECOND;
	return true;
}

static void split(int64_t t, struct tm *tm)
{
	time_t s = (time_t)(t / CLOCK_SECOND);

	if (t % CLOCK_SECOND < 0)
		s--;
	gmtime_r(&s, tm);
}

char *clock_print_gt(int64_t t, char out[24])
{
	struct tm tm;

	split(t, &tm);
	strftime(out, 24, "%Y%m%d%H%M%SZ", &tm);
	return out;
}

char *clock_print_gt_us(int64_t t, char out[24])
{
	int64_t us = (t % CLOCK_SECOND + CLOCK_SECOND) % CLOCK_SECOND;

	clock_print_gt(t, out);
	if (us != 0)
		snprintf(out + 14, 10, ".%06dZ", (int)us);
	return out;
}

char *clock_print_rfc3339(int64_t t, char out[32])
{
	struct tm tm;

	split(t, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}
