/* SPDX-License-Identifier: ISC */
#include "codec/xml_record.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

#define STEPS_MAX 16
#define FIELDS_MAX 256
#define VALUE_COST 32		/* what an empty value takes of record_max */

struct step {
	const char *ns, *name;
};

struct path {
	struct step step[STEPS_MAX];
	int n;
	int match;		/* steps that the open elements match */
	struct step attr;	/* name NULL: the text */
	struct buf text;	/* of the element that is open */
};

struct xml_records {
	struct arena *a;	/* of the object */
	struct arena *values;	/* of the record */
	struct xml *x;
	struct path record;
	struct path *field;
	struct strv *value;
	size_t n, size, size_max;
	struct xml_record out;
	uint64_t number;
	int dead;		/* the wrong root: why */
	struct err why;
};

static const char *uri_of(const struct xml_record_conf *conf, const char *p,
    size_t n)
{
	size_t i;

	for (i = 0; i < conf->n_prefixes; i++)
		if (strlen(conf->prefix[i].prefix) == n &&
		    memcmp(conf->prefix[i].prefix, p, n) == 0)
			return conf->prefix[i].uri;
	return n == 0 ? "" : NULL;
}

/* "prefix:name". An attribute without a prefix is in no namespace. */
static int parse_step(struct arena *a, const struct xml_record_conf *conf,
    const char *s, size_t n, bool attr, struct step *out, struct err *e)
{
	const char *colon = memchr(s, ':', n);
	size_t k = colon != NULL ? (size_t)(colon - s) : 0;
	const char *name = colon != NULL ? colon + 1 : s;
	size_t len = n - (size_t)(name - s);

	if (len == 0 || memchr(name, '@', len) != NULL)
		return err_set(e, ERR_INVALID, "\"%.*s\" is no element's name: "
		    "write paths like p:name/p:first or @id", (int)n, s);
	out->name = arena_strndup(a, name, len);
	out->ns = attr && colon == NULL ? "" : uri_of(conf, s, k);
	if (out->ns == NULL)
		return err_set(e, ERR_INVALID, "prefix \"%.*s\" has no "
		    "namespace: set one", (int)k, s);
	return 0;
}

static int parse_path(struct arena *a, const struct xml_record_conf *conf,
    const char *s, struct path *p, struct err *e)
{
	int rc;

	while (*s != '\0' && strcmp(s, ".") != 0) {
		size_t n = strcspn(s, "/");
		bool attr = *s == '@' && s[n] == '\0';

		if (p->n == STEPS_MAX || (s[n] == '/' && s[n + 1] == '\0'))
			return err_set(e, ERR_INVALID, "a path has at most %d "
			    "steps and ends with a name", STEPS_MAX);
		rc = parse_step(a, conf, s + attr, n - attr, attr,
		    attr ? &p->attr : &p->step[p->n], e);
		if (rc != 0)
			return rc;
		p->n += !attr;
		s += n + (s[n] == '/');
	}
	return 0;
}

static int parse_paths(struct xml_records *r,
    const struct xml_record_conf *conf, struct err *e)
{
	size_t i;
	int rc = parse_path(r->a, conf, conf->record, &r->record, e);

	if (rc != 0)
		return err_wrap(e, "record \"%.64s\"", conf->record);
	if (r->record.n == 0 || r->record.attr.name != NULL)
		return err_set(e, ERR_INVALID, "record \"%.64s\": write the "
		    "path of an element", conf->record);
	if (conf->n_fields > FIELDS_MAX)
		return err_set(e, ERR_LIMIT, "at most %d fields", FIELDS_MAX);
	for (i = 0; i < conf->n_fields; i++) {
		if (conf->field[i][0] == '\0')
			return err_set(e, ERR_INVALID, "a field has no path");
		rc = parse_path(r->a, conf, conf->field[i], &r->field[i], e);
		if (rc != 0)
			return err_wrap(e, "field \"%.64s\"", conf->field[i]);
	}
	return 0;
}

int xml_record_open(struct source *src, const struct xml_record_conf *conf,
    struct xml_records **out, struct err *e)
{
	struct arena *a = arena_new();
	struct xml_records *r = arena_alloc(a, sizeof(*r));
	size_t i;
	int rc;

	r->a = a;
	r->values = arena_new();
	r->n = conf->n_fields;
	r->field = arena_array(a, r->n, sizeof(*r->field));
	r->value = arena_array(a, r->n, sizeof(*r->value));
	r->size_max = conf->record_max ? conf->record_max : (size_t)1 << 20;
	for (i = 0; i < r->n; i++)
		buf_init(&r->field[i].text, r->size_max);
	rc = parse_paths(r, conf, e);
	if (rc != 0) {
		xml_record_close(r);
		r = NULL;
	} else {
		r->x = xml_open(src, &conf->limits, "XML");
	}
	*out = r;
	return rc;
}

void xml_record_close(struct xml_records *r)
{
	size_t i;

	if (r == NULL)
		return;
	xml_close(r->x);
	for (i = 0; i < r->n; i++)
		buf_fini(&r->field[i].text);
	arena_free(r->values);
	arena_free(r->a);
}

/* Element n opens at this depth below the path's beginning. */
static bool descend(struct path *p, const struct xml_node *n, int depth)
{
	if (p->match == depth - 1 && depth <= p->n &&
	    strcmp(p->step[depth - 1].name, n->name) == 0 &&
	    strcmp(p->step[depth - 1].ns, n->ns) == 0)
		p->match = depth;
	return p->match == depth && p->n == depth;
}

static void add_value(struct xml_records *r, size_t i, const char *s, size_t n)
{
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	while (n > 0 && strchr(" \t\r\n", *s) != NULL) {
		s++;
		n--;
	}
	r->size += n + VALUE_COST;
	if (r->size <= r->size_max)
		strv_add(r->values, &r->value[i],
		    arena_strndup(r->values, s, n));
}

static void open_element(struct xml_records *r, const struct xml_node *n,
    int depth)
{
	const char *v;
	size_t i;

	for (i = 0; i < r->n; i++) {
		struct path *p = &r->field[i];

		if (depth == 0 ? p->n != 0 : !descend(p, n, depth))
			continue;
		buf_reset(&p->text);
		if (p->attr.name != NULL && (v = xml_attr_ns(n, p->attr.ns,
		    p->attr.name)) != NULL)
			add_value(r, i, v, strlen(v));
	}
}

/* Is p the element that is open at this depth, and its text wanted? */
static bool wants_text(const struct path *p, int depth)
{
	return p->attr.name == NULL && p->n == depth && p->match == depth;
}

static void take_text(struct xml_records *r, const struct xml_node *n,
    int depth)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (wants_text(&r->field[i], depth)) {
			buf_put(&r->field[i].text, n->text, n->n);
			if (r->field[i].text.failed)
				r->size = r->size_max + 1;
		}
}

static void close_element(struct xml_records *r, int depth)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		struct path *p = &r->field[i];

		if (wants_text(p, depth))
			add_value(r, i, buf_str(&p->text), p->text.len);
		if (p->match == depth && depth > 0)
			p->match = depth - 1;
	}
}

static void begin_record(struct xml_records *r, const struct xml_node *n)
{
	size_t i;

	arena_reset(r->values);
	r->size = 0;
	for (i = 0; i < r->n; i++) {
		r->value[i] = (struct strv){ 0 };
		r->field[i].match = 0;
	}
	r->out = (struct xml_record){ .number = ++r->number, .line = n->line,
	    .value = r->value, .n = r->n };
	open_element(r, n, 0);
}

/* The rest of the record whose start tag was n. */
static int read_record(struct xml_records *r, const struct xml_node *n,
    struct err *e)
{
	int top = r->record.n, rc, depth;

	begin_record(r, n);
	for (depth = 0; (rc = xml_next(r->x, &n, e)) == 1; ) {
		if (n->event == XML_START) {
			depth = n->depth - top;
			open_element(r, n, depth);
		} else if (n->event == XML_TEXT) {
			take_text(r, n, depth);
		} else {
			close_element(r, depth);
			if (--depth < 0)
				break;
		}
	}
	if (rc != 1)
		return rc;
	if (r->size > r->size_max)
		return err_set(e, ERR_ITEM_BAD, "XML: record %llu (line %llu): "
		    "its values take more than %zu bytes",
		    (unsigned long long)r->number,
		    (unsigned long long)r->out.line, r->size_max);
	return 1;
}

static int wrong_root(struct xml_records *r, const struct xml_node *n)
{
	return err_set(&r->why, ERR_INVALID, "XML: line %llu: the root is "
	    "<%.64s> in namespace \"%.100s\", not <%.64s> in \"%.100s\": is "
	    "this the right file?", (unsigned long long)n->line, n->name, n->ns,
	    r->record.step[0].name, r->record.step[0].ns);
}

int xml_record_next(struct xml_records *r, const struct xml_record **record,
    struct err *e)
{
	const struct xml_node *n;
	int rc;

	*record = NULL;
	while ((rc = r->dead ? r->dead : xml_next(r->x, &n, e)) == 1) {
		if (n->event == XML_END && r->record.match == n->depth)
			r->record.match = n->depth - 1;
		if (n->event != XML_START)
			continue;
		if (descend(&r->record, n, n->depth)) {
			rc = read_record(r, n, e);
			r->record.match = r->record.n - 1;
			break;
		}
		if (n->depth == 1 && r->record.match == 0)
			r->dead = wrong_root(r, n);
	}
	if (r->dead != 0 && e != NULL)
		*e = r->why;
	if (rc == 1)
		*record = &r->out;
	return rc;
}
