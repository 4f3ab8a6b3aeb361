/* SPDX-License-Identifier: ISC */
#include "codec/scim_filter.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"

#define LENGTH_MAX 16384
#define LEVELS_MAX 32
#define TERMS_MAX 64

struct parser {
	struct arena *a;
	const char *text, *p;
	const char *kind;		/* invalidFilter or invalidPath */
	int levels, terms;
	struct err *e;
};

static int fail(struct parser *ps, const char *what)
{
	return err_kind(ps->e, ERR_INVALID, ps->kind, "%s: column %zu: %s",
	    strcmp(ps->kind, "invalidPath") == 0 ? "path" : "filter",
	    (size_t)(ps->p - ps->text) + 1, what);
}

static int start(struct parser *ps, struct arena *a, const char *text,
    const char *kind, struct err *e)
{
	size_t n = strlen(text);

	*ps = (struct parser){ .a = a, .text = text, .p = text, .kind = kind,
		.e = e };
	if (n > LENGTH_MAX)
		return fail(ps, "longer than 16384 bytes");
	if (!utf8_valid(text, n))
		return fail(ps, "not UTF-8");
	return 0;
}

static void spaces(struct parser *ps)
{
	while (*ps->p == ' ' || *ps->p == '\t')
		ps->p++;
}

/* Is the next word this one (any case)? Takes it. */
static bool keyword(struct parser *ps, const char *word)
{
	size_t n = strlen(word);

	if (strncasecmp(ps->p, word, n) != 0 ||
	    isalnum((unsigned char)ps->p[n]) || ps->p[n] == '_' ||
	    ps->p[n] == '-' || ps->p[n] == '.' || ps->p[n] == ':')
		return false;
	ps->p += n;
	return true;
}

static int enter(struct parser *ps)
{
	return ++ps->levels > LEVELS_MAX ?
	    fail(ps, "nested deeper than 32 levels") : 0;
}

/* --- attribute paths ----------------------------------------------------- */

static bool name_ok(const char *s, size_t n)
{
	size_t i;

	if (n == 0 || n > 128)
		return false;
	if (!isalpha((unsigned char)s[0]) && s[0] != '$')
		return false;
	for (i = 1; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-' &&
		    s[i] != '_')
			return false;
	return true;
}

static size_t path_length(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) ||
	    (p[n] != '\0' && strchr("-_.:$", p[n]) != NULL))
		n++;
	return n;
}

/* "attr" or "attr.sub"; with a URN before it one dot more, because the URN
 * may end where the attribute seems to be ("URN.attr"). */
static int split_name(struct parser *ps, const char *s, size_t n,
    struct scim_path *out)
{
	const char *dot = memchr(s, '.', n), *more;
	size_t len = dot == NULL ? n : (size_t)(dot - s);

	if (!name_ok(s, len))
		return fail(ps, "expected an attribute name");
	out->attr = arena_strndup(ps->a, s, len);
	if (dot == NULL)
		return 0;
	s = dot + 1;
	n -= len + 1;
	out->sub = arena_strndup(ps->a, s, n);
	more = memchr(s, '.', n);
	if (more != NULL && out->urn != NULL) {
		if (!name_ok(more + 1, n - (size_t)(more + 1 - s)))
			return fail(ps, "expected a sub-attribute name");
		n = (size_t)(more - s);
	}
	if (!name_ok(s, n))
		return fail(ps, "expected one sub-attribute name after \".\"");
	return 0;
}

static int attr_path(struct parser *ps, struct scim_path *out)
{
	const char *s = ps->p, *colon;
	size_t n = path_length(s);
	int rc;

	*out = (struct scim_path){ 0 };
	colon = memrchr(s, ':', n);
	if (colon != NULL) {
		if (strncasecmp(s, "urn:", 4) != 0)
			return fail(ps, "expected an attribute name, or one "
			    "behind a schema's urn:");
		out->urn = arena_strndup(ps->a, s, (size_t)(colon - s));
		s = colon + 1;
	}
	rc = split_name(ps, s, n - (size_t)(s - ps->p), out);
	ps->p += n;
	return rc;
}

/* --- values -------------------------------------------------------------- */

static int hex4(const char *p)
{
	int v = 0, i;

	for (i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return -1;
		v = v * 16 + (isdigit((unsigned char)p[i]) ? p[i] - '0' :
		    tolower((unsigned char)p[i]) - 'a' + 10);
	}
	return v;
}

/* \uXXXX, ps->p behind the u; a pair of surrogates is one character. */
static int unicode(struct parser *ps, char **w)
{
	int c = hex4(ps->p), low;

	if (c <= 0)
		return fail(ps, "expected four hex digits, not 0000");
	ps->p += 4;
	if (c >= 0xd800 && c <= 0xdbff && ps->p[0] == '\\' &&
	    ps->p[1] == 'u') {
		low = hex4(ps->p + 2);
		if (low >= 0xdc00 && low <= 0xdfff) {
			ps->p += 6;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	if (c >= 0xd800 && c <= 0xdfff)
		return fail(ps, "a lone surrogate is no character");
	*w = utf8_put(*w, (unsigned)c);
	return 0;
}

static int escape(struct parser *ps, char **w)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *k;

	if (*ps->p == 'u') {
		ps->p++;
		return unicode(ps, w);
	}
	k = *ps->p == '\0' ? NULL : strchr(from, *ps->p);
	if (k == NULL)
		return fail(ps, "no such escape in a string");
	*(*w)++ = to[k - from];
	ps->p++;
	return 0;
}

static int string(struct parser *ps, struct filter *f)
{
	char *out = arena_alloc(ps->a, strlen(ps->p) + 1), *w = out;
	int rc = 0;

	f->type = FT_STRING;
	f->s = out;
	ps->p++;
	while (rc == 0 && *ps->p != '"') {
		if ((unsigned char)*ps->p < 0x20)
			return fail(ps, *ps->p == '\0' ?
			    "the string does not end" :
			    "a control character in a string");
		if (*ps->p == '\\') {
			ps->p++;
			rc = escape(ps, &w);
		} else {
			*w++ = *ps->p++;
		}
	}
	*w = '\0';
	ps->p++;
	return rc;
}

/* RFC 8259 6; strtod alone takes more (hex, inf). */
static bool number(const char *s, double *out)
{
	const char *p = s + (*s == '-');
	char *end;

	if (*p == '0' && isdigit((unsigned char)p[1]))
		return false;
	if (p[strspn(p, "0123456789.eE+-")] != '\0' ||
	    !isdigit((unsigned char)*p))
		return false;
	*out = strtod(s, &end);
	return *end == '\0';
}

/* true, false, null, a number, or a word that should have been quoted. */
static int bare(struct parser *ps, struct filter *f)
{
	size_t n = strcspn(ps->p, " \t()[]\"");
	const char *w = arena_strndup(ps->a, ps->p, n);

	if (n == 0)
		return fail(ps, "expected a value");
	f->s = w;
	if (str_ieq(w, "true") || str_ieq(w, "false")) {
		f->type = FT_BOOL;
		f->b = str_ieq(w, "true");
		f->s = f->b ? "true" : "false";
	} else if (str_eq(w, "null")) {
		f->type = FT_NULL;
	} else if (number(w, &f->num)) {
		f->type = FT_NUMBER;
		if (!isfinite(f->num))
			return fail(ps, "the number is too large");
	} else {
		f->type = FT_STRING;
	}
	ps->p += n;
	return 0;
}

/* --- expressions --------------------------------------------------------- */

static int expression(struct parser *ps, struct filter **out);

static struct filter *node(struct parser *ps, enum filter_op op)
{
	struct filter *f = arena_alloc(ps->a, sizeof(*f));

	f->op = op;
	return f;
}

static bool operator(struct parser *ps, enum filter_op *op)
{
	static const char *const word[] = { "eq", "ne", "co", "sw", "ew",
		"gt", "ge", "lt", "le", "pr" };
	int i;

	for (i = 0; i < 10; i++)
		if (keyword(ps, word[i])) {
			*op = (enum filter_op)(FILTER_EQ + i);
			return true;
		}
	return false;
}

static int comparison(struct parser *ps, struct filter *f)
{
	if (*ps->p != ' ' && *ps->p != '\t')
		return fail(ps, "expected a space and an operator");
	spaces(ps);
	if (!operator(ps, &f->op))
		return fail(ps, "expected an operator: eq ne co sw ew gt ge "
		    "lt le pr");
	if (f->op == FILTER_PR)
		return 0;
	spaces(ps);
	return *ps->p == '"' ? string(ps, f) : bare(ps, f);
}

static int sub_name(struct parser *ps, struct scim_path *path)
{
	size_t n;

	ps->p++;
	n = path_length(ps->p);
	if (!name_ok(ps->p, n))
		return fail(ps, "expected one sub-attribute name after \".\"");
	path->sub = arena_strndup(ps->a, ps->p, n);
	ps->p += n;
	return 0;
}

/* "[...]" and ".sub" behind it. */
static int value_filter(struct parser *ps, struct scim_path *path)
{
	int rc;

	if (path->sub != NULL)
		return fail(ps, "a filter in [] belongs behind the attribute");
	rc = enter(ps);
	if (rc != 0)
		return rc;
	ps->p++;
	spaces(ps);
	rc = expression(ps, &path->value);
	if (rc != 0)
		return rc;
	spaces(ps);
	if (*ps->p != ']')
		return fail(ps, "expected \"]\"");
	ps->p++;
	ps->levels--;
	return *ps->p == '.' ? sub_name(ps, path) : 0;
}

static int attribute(struct parser *ps, struct filter **out)
{
	struct filter *f = node(ps, FILTER_EQ);
	int rc;

	*out = f;
	if (++ps->terms > TERMS_MAX)
		return fail(ps, "more than 64 terms");
	rc = attr_path(ps, &f->path);
	if (rc == 0 && *ps->p == '[') {
		rc = value_filter(ps, &f->path);
		if (rc == 0 && f->path.sub == NULL) {
			f->op = FILTER_VALUE;
			f->left = f->path.value;
			f->path.value = NULL;
			return 0;
		}
	}
	return rc == 0 ? comparison(ps, f) : rc;
}

static int parenthesis(struct parser *ps, struct filter **out)
{
	int rc = enter(ps);

	if (rc != 0)
		return rc;
	ps->p++;
	spaces(ps);
	rc = expression(ps, out);
	if (rc != 0)
		return rc;
	spaces(ps);
	if (*ps->p != ')')
		return fail(ps, "expected \")\"");
	ps->p++;
	ps->levels--;
	return 0;
}

static int term(struct parser *ps, struct filter **out)
{
	const char *at = ps->p;
	int rc;

	if (*ps->p == '(')
		return parenthesis(ps, out);
	if (keyword(ps, "not")) {
		spaces(ps);
		if (*ps->p == '(') {
			*out = node(ps, FILTER_NOT);
			return parenthesis(ps, &(*out)->left);
		}
		ps->p = at;
	}
	rc = attribute(ps, out);
	return rc;
}

static int conjunction(struct parser *ps, struct filter **out)
{
	struct filter *f;
	int rc = term(ps, out);

	while (rc == 0) {
		spaces(ps);
		if (!keyword(ps, "and"))
			break;
		spaces(ps);
		f = node(ps, FILTER_AND);
		f->left = *out;
		*out = f;
		rc = term(ps, &f->right);
	}
	return rc;
}

static int expression(struct parser *ps, struct filter **out)
{
	struct filter *f;
	int rc = conjunction(ps, out);

	while (rc == 0) {
		spaces(ps);
		if (!keyword(ps, "or"))
			break;
		spaces(ps);
		f = node(ps, FILTER_OR);
		f->left = *out;
		*out = f;
		rc = conjunction(ps, &f->right);
	}
	return rc;
}

int scim_filter_parse(struct arena *a, const char *text, struct filter **out,
    struct err *e)
{
	struct parser ps;
	int rc = start(&ps, a, text, "invalidFilter", e);

	*out = NULL;
	if (rc != 0)
		return rc;
	spaces(&ps);
	rc = expression(&ps, out);
	spaces(&ps);
	if (rc == 0 && *ps.p != '\0')
		rc = fail(&ps, "expected \"and\", \"or\" or the end");
	if (rc != 0)
		*out = NULL;
	return rc;
}

int scim_path_parse(struct arena *a, const char *text, struct scim_path *out,
    struct err *e)
{
	struct parser ps;
	int rc = start(&ps, a, text, "invalidPath", e);

	*out = (struct scim_path){ 0 };
	if (rc != 0)
		return rc;
	spaces(&ps);
	rc = attr_path(&ps, out);
	if (rc == 0 && *ps.p == '[')
		rc = value_filter(&ps, out);
	spaces(&ps);
	if (rc == 0 && *ps.p != '\0')
		rc = fail(&ps, "expected the end of the path");
	return rc;
}
