/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "codec/xlsx_p.h"

#define DAY 86400
#define EXPONENT_MAX 40		/* beyond it the exponent stays */
#define UNIX_1900 25569		/* serial of 1970-01-01 */
#define UNIX_1904 24107
#define LAST_1900 2958465	/* 9999-12-31 */

static const char *digits(const char *s)
{
	while (isdigit((unsigned char)*s))
		s++;
	return s;
}

/* A number's parts: [s, point) [point + 1, end) exponent. */
struct parts {
	const char *whole, *fraction;
	int n_whole, n_fraction;
	long exponent;
	bool negative;
};

static bool split(const char *s, struct parts *p)
{
	const char *end;
	char *rest;

	memset(p, 0, sizeof(*p));
	p->negative = *s == '-';
	s += *s == '-' || *s == '+';
	end = digits(p->whole = s);
	p->n_whole = (int)(end - s);
	p->fraction = end;
	if (*end == '.') {
		p->fraction = end + 1;
		end = digits(p->fraction);
		p->n_fraction = (int)(end - p->fraction);
	}
	if (p->n_whole + p->n_fraction == 0)
		return false;
	if (*end == 'e' || *end == 'E') {
		s = end + 1;
		s += *s == '-' || *s == '+';
		if (!isdigit((unsigned char)*s))
			return false;
		p->exponent = strtol(end + 1, &rest, 10);
		end = rest;
	}
	return *end == '\0';
}

/* Digits with the point moved by the exponent, zeros without meaning out. */
char *xlsx_value_number(struct arena *a, const char *s)
{
	struct parts p;
	char *d, *out;
	int n, point, zeros;

	if (strlen(s) > 400 || !split(s, &p))
		return NULL;
	if (p.exponent > EXPONENT_MAX || p.exponent < -EXPONENT_MAX)
		return arena_strdup(a, s);
	d = arena_printf(a, "%.*s%.*s", p.n_whole, p.whole, p.n_fraction,
	    p.fraction);
	point = p.n_whole + (int)p.exponent;
	n = (int)strlen(d);
	if (point > n)
		d = arena_printf(a, "%s%0*d", d, point - n, 0);
	else if (point < 0)
		d = arena_printf(a, "%0*d%s", -point, 0, d);
	point = point < 0 ? 0 : point;
	for (n = (int)strlen(d); n > point && d[n - 1] == '0'; n--)
		;
	for (zeros = 0; zeros + 1 < point && d[zeros] == '0'; zeros++)
		;
	out = arena_printf(a, "%s%.*s%s%.*s", p.negative ? "-" : "",
	    point - zeros, d + zeros, n > point ? point == 0 ? "0." : "." : "",
	    n - point, d + point);
	return out[0] == '\0' || strcmp(out, "-") == 0 ||
	    strcmp(out, "-0") == 0 ? arena_strdup(a, "0") : out;
}

/* Days and seconds of a plain number; false: outside any calendar. */
static bool to_days(const char *number, long *days, long *seconds)
{
	const char *point = strchr(number, '.');
	double part = 0, weight = 0.1;
	char *end;

	*days = strtol(number, &end, 10);
	if (number[0] == '-' || (*end != '\0' && *end != '.') ||
	    *days > LAST_1900)
		return false;
	for (; point != NULL && point[1] != '\0'; point++, weight /= 10)
		part += (point[1] - '0') * weight;
	*seconds = (long)(part * DAY + 0.5);
	if (*seconds == DAY) {
		*seconds = 0;
		++*days;
	}
	return true;
}

static char *date(struct arena *a, long days, bool date1904)
{
	struct tm tm;
	time_t t;

	/* Lotus 1-2-3 took 1900 for a leap year, and Excel does: day 60 is
	 * no day, and the days before it are one off. */
	if (!date1904 && (days < 1 || days == 60))
		return NULL;
	if (!date1904 && days < 60)
		days++;
	t = (time_t)(days - (date1904 ? UNIX_1904 : UNIX_1900)) * DAY;
	if (gmtime_r(&t, &tm) == NULL || tm.tm_year + 1900 > 9999)
		return NULL;
	return arena_printf(a, "%04d-%02d-%02d", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday);
}

char *xlsx_value_date(struct arena *a, const char *number,
    enum xlsx_style style, bool date1904)
{
	long days, s;
	char *day;

	if (!to_days(number, &days, &s))
		return NULL;
	if (style == XLSX_TIME && days == 0)
		return arena_printf(a, "%02ld:%02ld:%02ld", s / 3600,
		    s / 60 % 60, s % 60);
	day = date(a, days, date1904);
	if (day == NULL || style == XLSX_DATE)
		return day;
	return arena_printf(a, "%sT%02ld:%02ld:%02ld", day, s / 3600,
	    s / 60 % 60, s % 60);
}
