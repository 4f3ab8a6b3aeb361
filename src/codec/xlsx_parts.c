/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "codec/xlsx_p.h"

#define SHEETS_MAX 1024
#define NAME_LEN 1024

#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define MAIN_STRICT "http://purl.oclc.org/ooxml/spreadsheetml/main"
#define REL "http://schemas.openxmlformats.org/officeDocument/2006/" \
	"relationships"
#define REL_STRICT "http://purl.oclc.org/ooxml/officeDocument/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/relationships"

struct sheet {
	const char *name, *id;
	bool hidden;
	const char *part;	/* NULL: no worksheet, a chart perhaps */
};

struct workbook {
	struct sheet *sheet;
	size_t n, cap;
};

bool xlsx_is_main(const char *ns)
{
	return str_eq(ns, MAIN) || str_eq(ns, MAIN_STRICT);
}

/* Opens a part and reads its root element into *n. */
static int open_root(struct xlsx *x, const char *part, struct xml **out,
    const struct xml_node **n, struct err *e)
{
	static const struct xml_limits limits = { .depth = 32 };
	char what[80];
	int rc = xlsx_zip_part(x->zip, part, &x->source, e);

	*out = NULL;
	if (rc != 0)
		return rc;
	snprintf(what, sizeof(what), "XLSX: %.60s", part);
	*out = xml_open(&x->source, &limits, what);
	rc = xml_next(*out, n, e);
	if (rc == 1)
		return 0;
	xml_close(*out);
	*out = NULL;
	return rc;
}

static int wrong_root(struct xml **xml, const char *part, const char *root,
    struct err *e)
{
	xml_close(*xml);
	*xml = NULL;
	return err_set(e, ERR_INVALID, "XLSX: part \"%.64s\" is no <%s>", part,
	    root);
}

int xlsx_parts_open(struct xlsx *x, const char *part, const char *root,
    struct xml **out, struct err *e)
{
	const struct xml_node *n;
	int rc = open_root(x, part, out, &n, e);

	if (rc == 0 && (!xlsx_is_main(n->ns) || !str_eq(n->name, root)))
		return wrong_root(out, part, root, e);
	return rc;
}

static bool ends(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

/* A target as a part's name: from the root, or beside the part that names
 * it. One that climbs is none of ours. */
static const char *resolve(struct arena *a, const char *from,
    const char *target)
{
	const char *slash = strrchr(from, '/');

	if (strlen(target) > NAME_LEN || strstr(target, "..") != NULL)
		return NULL;
	if (target[0] == '/')
		return arena_strdup(a, target + 1);
	return arena_printf(a, "%.*s%s", slash == NULL ? 0 :
	    (int)(slash - from) + 1, from, target);
}

/* The relations of a part: "xl/_rels/workbook.xml.rels". */
static const char *rels_of(struct arena *a, const char *part)
{
	const char *slash = strrchr(part, '/');
	int n = slash == NULL ? 0 : (int)(slash - part) + 1;

	return arena_printf(a, "%.*s_rels/%s.rels", n, part, part + n);
}

struct relation {
	const char *id, *type, *target;
};

/* The next relation inside the file: 1; 0 there is no more. */
static int next_relation(struct xml *xml, struct relation *r, struct err *e)
{
	const struct xml_node *n;
	const char *mode;
	int rc;

	while ((rc = xml_next(xml, &n, e)) == 1) {
		if (n->event != XML_START || !str_eq(n->ns, PACKAGE) ||
		    !str_eq(n->name, "Relationship"))
			continue;
		mode = xml_attr(n, "TargetMode");
		r->id = xml_attr(n, "Id");
		r->type = xml_attr(n, "Type");
		r->target = xml_attr(n, "Target");
		if (r->id != NULL && r->type != NULL && r->target != NULL &&
		    !(mode != NULL && str_eq(mode, "External")))
			break;
	}
	return rc;
}

static int open_relations(struct xlsx *x, const char *part, struct xml **out,
    struct err *e)
{
	const struct xml_node *n;

	return open_root(x, rels_of(x->a, part), out, &n, e);
}

static int find_workbook(struct xlsx *x, const char **part, struct err *e)
{
	struct relation r;
	struct xml *xml;
	int rc = open_relations(x, "", &xml, e);

	*part = NULL;
	if (rc != 0)
		return rc;
	while (*part == NULL && (rc = next_relation(xml, &r, e)) == 1)
		if (ends(r.type, "/officeDocument"))
			*part = resolve(x->a, "", r.target);
	xml_close(xml);
	if (rc >= 0 && *part == NULL)
		return err_set(e, ERR_INVALID, "XLSX: holds no workbook");
	return rc < 0 ? rc : 0;
}

static int add_sheet(struct xlsx *x, struct workbook *w,
    const struct xml_node *n, struct err *e)
{
	const char *name = xml_attr(n, "name"), *state = xml_attr(n, "state");
	const char *id = xml_attr_ns(n, REL, "id");
	struct sheet *s;

	if (id == NULL)
		id = xml_attr_ns(n, REL_STRICT, "id");
	if (name == NULL || id == NULL || strlen(name) > NAME_LEN ||
	    strlen(id) > NAME_LEN || w->n == SHEETS_MAX)
		return err_set(e, ERR_INVALID, "XLSX: the workbook's list of "
		    "sheets is wrong, or longer than %d", SHEETS_MAX);
	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 8;
		w->sheet = arena_grow(x->a, w->sheet, w->n, w->cap,
		    sizeof(*w->sheet));
	}
	s = &w->sheet[w->n++];
	s->name = arena_strdup(x->a, name);
	s->id = arena_strdup(x->a, id);
	s->hidden = state != NULL && !str_eq(state, "visible");
	return 0;
}

static bool is_true(const char *s)
{
	return s != NULL && (str_eq(s, "1") || str_eq(s, "true"));
}

static int read_workbook(struct xlsx *x, const char *part, struct workbook *w,
    struct err *e)
{
	const struct xml_node *n;
	struct xml *xml;
	bool sheets = false;
	int rc = xlsx_parts_open(x, part, "workbook", &xml, e);

	if (rc != 0)
		return rc;
	while ((rc = xml_next(xml, &n, e)) == 1) {
		if (n->event != XML_START || !xlsx_is_main(n->ns))
			continue;
		if (n->depth == 2)
			sheets = str_eq(n->name, "sheets");
		if (n->depth == 2 && str_eq(n->name, "workbookPr"))
			x->date1904 = is_true(xml_attr(n, "date1904"));
		if (n->depth == 3 && sheets && str_eq(n->name, "sheet") &&
		    (rc = add_sheet(x, w, n, e)) != 0)
			break;
	}
	xml_close(xml);
	return rc;
}

static void place_sheet(struct xlsx *x, struct workbook *w, const char *from,
    const struct relation *r)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->sheet[i].part == NULL && str_eq(w->sheet[i].id, r->id))
			w->sheet[i].part = resolve(x->a, from, r->target);
}

static int read_relations(struct xlsx *x, const char *part,
    struct workbook *w, struct err *e)
{
	struct relation r;
	struct xml *xml;
	int rc = open_relations(x, part, &xml, e);

	if (rc != 0)
		return rc;
	while ((rc = next_relation(xml, &r, e)) == 1) {
		if (ends(r.type, "/worksheet"))
			place_sheet(x, w, part, &r);
		else if (ends(r.type, "/sharedStrings") &&
		    x->strings_part == NULL)
			x->strings_part = resolve(x->a, part, r.target);
		else if (ends(r.type, "/styles") && x->styles_part == NULL)
			x->styles_part = resolve(x->a, part, r.target);
	}
	xml_close(xml);
	return rc;
}

static int choose(struct xlsx *x, const struct workbook *w, const char *name,
    struct err *e)
{
	const struct sheet *s = NULL;
	size_t i;

	for (i = 0; i < w->n && s == NULL; i++)
		if (name != NULL ? str_ieq(w->sheet[i].name, name) :
		    !w->sheet[i].hidden && w->sheet[i].part != NULL)
			s = &w->sheet[i];
	if (s == NULL || s->part == NULL)
		return err_set(e, ERR_NOT_FOUND, name != NULL ? "XLSX: there "
		    "is no worksheet \"%.64s\"" : "XLSX: there is no visible "
		    "worksheet", name);
	if (s->hidden)
		return err_set(e, ERR_DENIED, "XLSX: sheet \"%.64s\" is "
		    "hidden: make it visible", s->name);
	x->name = s->name;
	x->part = s->part;
	return 0;
}

int xlsx_parts_find(struct xlsx *x, const char *sheet, struct err *e)
{
	struct workbook w = { 0 };
	const char *part;
	int rc;

	if ((rc = find_workbook(x, &part, e)) != 0 ||
	    (rc = read_workbook(x, part, &w, e)) != 0 ||
	    (rc = read_relations(x, part, &w, e)) != 0)
		return rc;
	/* A relation to a part that is not there says nothing yet: cells that
	 * need it will. */
	if (x->strings_part != NULL && !xlsx_zip_has(x->zip, x->strings_part))
		x->strings_part = NULL;
	if (x->styles_part != NULL && !xlsx_zip_has(x->zip, x->styles_part))
		x->styles_part = NULL;
	return choose(x, &w, sheet, e);
}
