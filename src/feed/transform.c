/* SPDX-License-Identifier: ISC */
#include "feed/transform.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"

#define SHOWN 64		/* bytes of a value that an error repeats */
#define VALUES_MAX 1000

/* What can't go wrong, and what can. */
typedef const char *step_text(struct arena *a, const char *text,
    const char *value);
typedef int step_run(const struct transform *t, struct arena *a,
    const char **value, struct err *e);

struct transform {
	struct transform *next;
	step_text *plain;		/* or */
	step_run *run;			/* both NULL: split */
	const char *text;		/* what stands behind the name */
	const struct feed_table_conf *table;
	const char *other;		/* lookup: else; NULL none */
};

/* --- the steps ------------------------------------------------------------- */

static const char *lower(struct arena *a, const char *text, const char *value)
{
	(void)text;
	return utf8_lower(a, value);
}

static const char *upper(struct arena *a, const char *text, const char *value)
{
	(void)text;
	return utf8_upper(a, value);
}

static const char *squeeze(struct arena *a, const char *text,
    const char *value)
{
	char *out = arena_strdup(a, value), *to = out;

	(void)text;
	for (; *value != '\0'; value++)
		if (*value != ' ' || (to != out && to[-1] != ' '))
			*to++ = *value;
	*to = '\0';
	return out;
}

static const char *digits(struct arena *a, const char *text,
    const char *value)
{
	char *out = arena_strdup(a, value), *to = out;

	(void)text;
	for (; *value != '\0'; value++)
		if (*value >= '0' && *value <= '9')
			*to++ = *value;
	*to = '\0';
	return out;
}

static const char *prefix(struct arena *a, const char *text,
    const char *value)
{
	return *value == '\0' ? value : arena_printf(a, "%s%s", text, value);
}

static const char *suffix(struct arena *a, const char *text,
    const char *value)
{
	return *value == '\0' ? value : arena_printf(a, "%s%s", value, text);
}

static const char *dflt(struct arena *a, const char *text, const char *value)
{
	(void)a;
	return *value == '\0' ? text : value;
}

static const char *constant(struct arena *a, const char *text,
    const char *value)
{
	(void)a;
	(void)value;
	return text;
}

static const char *nothing(struct arena *a, const char *text,
    const char *value)
{
	(void)a;
	return strcmp(value, text) == 0 ? "" : value;
}

static int run_lookup(const struct transform *t, struct arena *a,
    const char **value, struct err *e)
{
	size_t i;

	(void)a;
	if (**value == '\0')
		return 0;
	for (i = 0; i < t->table->from.n; i++)
		if (str_ieq(t->table->from.v[i], *value)) {
			*value = t->table->to.v[i];
			return 0;
		}
	if (t->other == NULL)
		return err_set(e, ERR_ITEM_BAD, "\"%.*s\" is not in the table "
		    "%s: add it there, or say \"lookup %s else TEXT\"", SHOWN,
		    *value, t->table->name, t->table->name);
	*value = t->other;
	return 0;
}

/* --- dates ------------------------------------------------------------------ */

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31 };

	return days[month - 1] + (month == 2 && (year % 4 == 0 &&
	    (year % 100 != 0 || year % 400 == 0)));
}

/* At least min and at most max digits. */
static bool number(const char **s, int min, int max, int *out)
{
	int n = 0;

	for (*out = 0; n < max && **s >= '0' && **s <= '9'; n++)
		*out = *out * 10 + *(*s)++ - '0';
	return n >= min;
}

struct date {
	int year, month, day;
};

/* One letter's run of the format against the value. */
static bool part(const char **f, const char **s, struct date *d)
{
	char letter = **f;
	int n = (int)strspn(*f, letter == 'Y' ? "Y" : letter == 'M' ? "M" :
	    "D"), *to = letter == 'Y' ? &d->year : letter == 'M' ? &d->month :
	    &d->day;

	*f += n;
	if (!number(s, n, n == 1 ? 2 : n, to))
		return false;
	/* A two-digit year is one of the last eighty or the next twenty. */
	if (letter == 'Y' && n == 2)
		d->year += d->year < 46 ? 2000 : 1900;
	return true;
}

static bool parse_date(const char *f, const char *s, struct date *d)
{
	while (*f != '\0') {
		if (*f == 'Y' || *f == 'M' || *f == 'D') {
			if (!part(&f, &s, d))
				return false;
		} else if (*f++ != *s++) {
			return false;
		}
	}
	/* A time of day, or a zone, behind it is left out. */
	return (*s == '\0' || strchr("T Z+-", *s) != NULL) && d->year > 0 &&
	    d->month >= 1 && d->month <= 12 && d->day >= 1 &&
	    d->day <= days_of(d->year, d->month);
}

static int run_date(const struct transform *t, struct arena *a,
    const char **value, struct err *e)
{
	struct date d = { 0 };

	if (**value == '\0')
		return 0;
	if (!parse_date(t->text, *value, &d))
		return err_set(e, ERR_ITEM_BAD, "\"%.*s\" is no date of the "
		    "form %s", SHOWN, *value, t->text);
	*value = arena_printf(a, "%04d-%02d-%02d", d.year, d.month, d.day);
	return 0;
}

static bool good_format(const char *f)
{
	int y = 0, m = 0, d = 0;

	for (; *f != '\0'; f++) {
		y += *f == 'Y';
		m += *f == 'M';
		d += *f == 'D';
	}
	return (y == 2 || y == 4) && (m == 1 || m == 2) && (d == 1 || d == 2);
}

/* --- compiling --------------------------------------------------------------- */

static const struct step_name {
	const char *name;
	step_text *plain;
	step_run *run;
	bool text;			/* wants something behind its name */
} names[] = {
	{ "lower", lower, NULL, false }, { "upper", upper, NULL, false },
	{ "squeeze", squeeze, NULL, false }, { "digits", digits, NULL, false },
	{ "prefix", prefix, NULL, true }, { "suffix", suffix, NULL, true },
	{ "default", dflt, NULL, true }, { "constant", constant, NULL, true },
	{ "nothing", nothing, NULL, true },
	{ "lookup", NULL, run_lookup, true }, { "date", NULL, run_date, true },
	{ "split", NULL, NULL, true },
};

static int lookup_compile(struct arena *a, struct transform *t,
    const struct feed_table_conf *table, size_t n, struct err *e)
{
	const char *other = strstr(t->text, " else ");
	const char *name = t->text;
	size_t i;

	if (other != NULL) {
		name = arena_strndup(a, t->text, (size_t)(other - t->text));
		t->other = other + strlen(" else ");
	}
	for (i = 0; i < n; i++)
		if (strcmp(table[i].name, name) == 0) {
			t->table = &table[i];
			return 0;
		}
	return err_set(e, ERR_INVALID, "lookup %s: there is no such table in "
	    "tables", name);
}

static int step_compile(struct arena *a, const char *word,
    const struct feed_table_conf *table, size_t n_tables,
    struct transform **out, struct err *e)
{
	struct transform *t = arena_alloc(a, sizeof(*t));
	size_t len = strcspn(word, " "), i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len &&
		    strncmp(names[i].name, word, len) == 0)
			break;
	if (i == sizeof(names) / sizeof(names[0]))
		return err_set(e, ERR_INVALID, "there is no transform "
		    "\"%.*s\"; provostd.conf(5) lists them", SHOWN, word);
	t->text = word[len] == ' ' ? word + len + 1 : "";
	if (names[i].text != (*t->text != '\0'))
		return err_set(e, ERR_INVALID, "transform \"%.*s\": %s", SHOWN,
		    word, names[i].text ? "something belongs behind its name" :
		    "nothing belongs behind its name");
	t->plain = names[i].plain;
	t->run = names[i].run;
	if (t->run == run_date && !good_format(t->text))
		return err_set(e, ERR_INVALID, "transform \"%.*s\": the form "
		    "of a date has a day (D, DD), a month (M, MM) and a year "
		    "(YY, YYYY)", SHOWN, word);
	*out = t;
	return t->run == run_lookup ? lookup_compile(a, t, table, n_tables,
	    e) : 0;
}

int transform_compile(struct arena *a, const struct strv *words,
    const struct feed_table_conf *table, size_t n_tables,
    struct transform **out, struct err *e)
{
	struct transform **at = out;
	size_t i;
	int rc;

	*out = NULL;
	for (i = 0; i < words->n; i++, at = &(*at)->next)
		if ((rc = step_compile(a, words->v[i], table, n_tables, at,
		    e)) != 0)
			return rc;
	return 0;
}

/* --- running ------------------------------------------------------------------ */

static const char *trimmed(struct arena *a, const char *s)
{
	size_t n;

	s += strspn(s, " \t\r\n");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	return s[n] == '\0' ? s : arena_strndup(a, s, n);
}

static void split(struct arena *a, const char *by, const struct strv *in,
    struct strv *out)
{
	size_t i, n;
	const char *s;

	for (i = 0; i < in->n; i++)
		for (s = in->v[i];; s += n + 1) {
			n = strcspn(s, by);
			strv_add(a, out, trimmed(a, arena_strndup(a, s, n)));
			if (s[n] == '\0' || out->n >= VALUES_MAX)
				break;
		}
}

static int run_one(struct arena *a, const struct transform *t,
    struct strv *v, struct err *e)
{
	struct strv parts = { 0 };
	size_t i;
	int rc = 0;

	if (t->run == NULL && t->plain == NULL) {
		split(a, t->text, v, &parts);
		*v = parts;
		return 0;
	}
	for (i = 0; rc == 0 && i < v->n; i++)
		if (t->plain != NULL)
			v->v[i] = t->plain(a, t->text, v->v[i]);
		else
			rc = t->run(t, a, &v->v[i], e);
	return rc;
}

int transform_run(struct arena *a, const struct transform *t,
    const struct strv *in, struct strv *out, struct err *e)
{
	struct strv v = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; i < in->n; i++)
		strv_add(a, &v, trimmed(a, in->v[i]));
	/* A default wants something to stand in for. */
	if (v.n == 0)
		strv_add(a, &v, "");
	for (; rc == 0 && t != NULL; t = t->next)
		rc = run_one(a, t, &v, e);
	for (i = 0; rc == 0 && i < v.n; i++)
		if (*v.v[i] != '\0')
			strv_add(a, out, v.v[i]);
	return rc;
}
