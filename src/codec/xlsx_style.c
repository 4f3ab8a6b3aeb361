/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "codec/xlsx_p.h"

#define FORMATS 65536		/* ids of number formats we keep */
#define STYLES_MAX 65536	/* Excel: 64,000 */

/* The formats that every workbook has (ECMA-376, 18.8.30), East Asian ones
 * among them; 46 is a duration and stays a number. */
static enum xlsx_style builtin(long id)
{
	if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 ||
	    (id >= 50 && id <= 54) || id == 57 || id == 58)
		return XLSX_DATE;
	if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 ||
	    id == 47 || id == 55 || id == 56)
		return XLSX_TIME;
	return id == 22 ? XLSX_DATE_TIME : XLSX_NUMBER;
}

/* Behind what only looks like letters of a format: "text", \x, _x, *x. */
static const char *pass_literal(const char *s)
{
	if (*s == '"') {
		s = strchr(s + 1, '"');
		return s == NULL ? "" : s + 1;
	}
	return s[1] == '\0' ? s + 1 : s + 2;
}

/* Behind [...]; an elapsed time as in [h] is no time of day. */
static const char *pass_bracket(const char *s, bool *elapsed)
{
	if (strchr("hHmMsS", s[1]) != NULL && s[1] != '\0')
		*elapsed = true;
	s = strchr(s, ']');
	return s == NULL ? "" : s + 1;
}

enum xlsx_style xlsx_style_of_format(const char *s)
{
	bool day = false, clock = false, m = false, elapsed = false;

	while (*s != '\0' && *s != ';') {
		if (*s == '[') {
			s = pass_bracket(s, &elapsed);
			continue;
		}
		if (strchr("\"\\_*", *s) != NULL) {
			s = pass_literal(s);
			continue;
		}
		if (strchr("yYdD", *s) != NULL)
			day = true;
		else if (strchr("hHsS", *s) != NULL)
			clock = true;
		else if (*s == 'm' || *s == 'M')
			m = true;
		s++;
	}
	if (elapsed)
		return XLSX_NUMBER;
	if (m && !clock)
		day = true;
	return day && clock ? XLSX_DATE_TIME : day ? XLSX_DATE :
	    clock ? XLSX_TIME : XLSX_NUMBER;
}

static long number_of(const struct xml_node *n, const char *name)
{
	const char *v = xml_attr(n, name);
	int64_t i;

	return v != NULL && str_int(v, &i) && i >= 0 && i < FORMATS ?
	    (long)i : 0;
}

static int add_style(struct xlsx *x, size_t *cap, unsigned char style,
    struct err *e)
{
	if (x->n_styles == STYLES_MAX)
		return err_set(e, ERR_LIMIT, "XLSX: more than %d cell formats",
		    STYLES_MAX);
	if (x->n_styles == *cap) {
		size_t grow = *cap ? *cap * 2 : 64;

		x->style = arena_grow(x->a, x->style, *cap, grow, 1);
		*cap = grow;
	}
	x->style[x->n_styles++] = style;
	return 0;
}

/* styleSheet/numFmts/numFmt and styleSheet/cellXfs/xf, in this order. */
static int read_styles(struct xlsx *x, struct xml *xml, unsigned char *kind,
    struct err *e)
{
	const struct xml_node *n;
	const char *code;
	bool formats = false, cells = false;
	size_t cap = 0;
	int rc;

	while ((rc = xml_next(xml, &n, e)) == 1) {
		if (n->event != XML_START || !xlsx_is_main(n->ns))
			continue;
		if (n->depth == 2) {
			formats = str_eq(n->name, "numFmts");
			cells = str_eq(n->name, "cellXfs");
		} else if (n->depth == 3 && formats &&
		    (code = xml_attr(n, "formatCode")) != NULL) {
			kind[number_of(n, "numFmtId")] =
			    (unsigned char)xlsx_style_of_format(code);
		} else if (n->depth == 3 && cells && str_eq(n->name, "xf")) {
			rc = add_style(x, &cap, kind[number_of(n,
			    "numFmtId")], e);
			if (rc != 0)
				break;
		}
	}
	return rc;
}

int xlsx_style_read(struct xlsx *x, struct err *e)
{
	unsigned char *kind;
	struct xml *xml;
	long i;
	int rc;

	if (x->styles_part == NULL)
		return 0;
	rc = xlsx_parts_open(x, x->styles_part, "styleSheet", &xml, e);
	if (rc != 0)
		return rc;
	kind = calloc(FORMATS, 1);
	if (kind == NULL)
		abort();
	for (i = 0; i < 60; i++)
		kind[i] = (unsigned char)builtin(i);
	rc = read_styles(x, xml, kind, e);
	free(kind);
	xml_close(xml);
	return rc;
}
