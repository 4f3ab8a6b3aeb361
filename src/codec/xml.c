/* SPDX-License-Identifier: ISC */
#include "codec/xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"
#include "codec/source.h"

#define CHUNK 8192

/* libxml2's push parser fills a queue with the nodes of one piece of the file;
 * xml_next empties it.  Its SAX interface and not its xmlReader: the latter
 * knows no exact line beyond 65,535 and reads a DOCTYPE's declarations before
 * it shows it. */
struct xml {
	struct source *src;	/* borrowed */
	struct xml_limits limits;
	xmlParserCtxtPtr parser;
	struct arena *a;	/* of the object */
	struct arena *nodes;	/* strings of the queue */
	const char *what;
	struct xml_node *queue;	/* owned */
	size_t n, cap, next;
	size_t since;		/* bytes since the last node */
	int depth;
	bool begun, done;
	int dead;
	struct err why;
};

/* libxml2's names, in the parser's dictionary or static; never NULL here. */
static const char *text_of(const xmlChar *s)
{
	return s == NULL ? "" : (const char *)s;
}

static uint64_t line_of(const struct xml *x)
{
	return x->parser->input != NULL ? (uint64_t)x->parser->input->line : 0;
}

/* The first error counts; libxml2 is told to stop. */
__attribute__((format(printf, 4, 5)))
static void die(struct xml *x, int code, uint64_t line, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (x->dead != 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	x->dead = err_set(&x->why, code, "%s: line %llu, column %d: %s",
	    x->what, (unsigned long long)line,
	    x->parser->input != NULL ? x->parser->input->col : 0, text);
	xmlStopParser(x->parser);
}

/* libxml2 lets overlong forms of characters pass, so all that is given out is
 * looked at here. */
static bool check_utf8(struct xml *x, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && (unsigned char)s[i] < 0x80; i++)
		;
	if (i == n || utf8_valid(s + i, n - i))
		return true;
	die(x, ERR_INVALID, line_of(x), "not valid UTF-8");
	return false;
}

static struct xml_node *push(struct xml *x, enum xml_event event)
{
	struct xml_node *n;

	if (x->n == x->cap) {
		size_t cap = x->cap ? x->cap * 2 : 256;

		x->queue = realloc(x->queue, cap * sizeof(*x->queue));
		if (x->queue == NULL)
			abort();
		x->cap = cap;
	}
	n = &x->queue[x->n++];
	*n = (struct xml_node){ .event = event, .ns = "", .name = "",
	    .text = "", .depth = x->depth, .line = line_of(x) };
	x->since = 0;
	return n;
}

/* The parser stands behind the tag's attributes; a tag holds no other '<', so
 * its beginning is the one before. */
static uint64_t tag_line(const struct xml *x)
{
	const xmlParserInput *in = x->parser->input;
	uint64_t line = line_of(x);
	const xmlChar *p;

	for (p = in->cur; p > in->base && *p != '<'; p--)
		if (p != in->cur && *p == '\n')
			line--;
	return line;
}

/* Without its option to replace entities, libxml2 leaves an ampersand in an
 * attribute, and nothing else, as a reference to its number. */
static char *attr_value(struct arena *a, const char *s, size_t n)
{
	char *value = arena_strndup(a, s, n), *in, *out;

	for (in = out = strchr(value, '&'); in != NULL && *in != '\0'; ) {
		*out = *in;
		in += strncmp(in, "&#38;", 5) == 0 ? 5 : 1;
		out++;
	}
	if (out != NULL)
		*out = '\0';
	return value;
}

/* libxml2 hands five pointers an attribute: name, prefix, URI, value, end. */
static bool take_attrs(struct xml *x, struct xml_node *n, int count,
    const xmlChar **v)
{
	struct xml_attr *at;
	int i;

	at = arena_array(x->nodes, (size_t)count, sizeof(*at));
	for (i = 0; i < count; i++, v += 5) {
		at[i].name = text_of(v[0]);
		at[i].ns = text_of(v[2]);
		at[i].value = attr_value(x->nodes, (const char *)v[3],
		    (size_t)(v[4] - v[3]));
		if (!check_utf8(x, at[i].value, strlen(at[i].value)))
			return false;
	}
	n->attr = at;
	n->n_attrs = (size_t)count;
	return true;
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int n_ns, const xmlChar **ns, int n_attrs, int n_dflt,
    const xmlChar **attrs)
{
	struct xml *x = ctx;
	struct xml_node *n;

	(void)prefix;
	(void)ns;
	(void)n_dflt;
	if (x->dead != 0 || !check_utf8(x, text_of(name),
	    strlen(text_of(name))))
		return;
	if (++x->depth > x->limits.depth) {
		die(x, ERR_LIMIT, tag_line(x), "nested deeper than %d levels",
		    x->limits.depth);
	} else if ((size_t)n_attrs + (size_t)n_ns > x->limits.attrs) {
		die(x, ERR_LIMIT, tag_line(x), "<%.64s> has more than %zu "
		    "attributes", (const char *)name, x->limits.attrs);
	} else if (str_eq(text_of(uri), "http://www.w3.org/2001/XInclude")) {
		die(x, ERR_INVALID, tag_line(x), "XInclude is not followed: "
		    "send the file in one piece");
	} else {
		n = push(x, XML_START);
		n->ns = text_of(uri);
		n->name = text_of(name);
		n->line = tag_line(x);
		if (!take_attrs(x, n, n_attrs, attrs))
			x->n--;
	}
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct xml *x = ctx;
	struct xml_node *n;

	(void)prefix;
	if (x->dead != 0)
		return;
	n = push(x, XML_END);
	n->ns = text_of(uri);
	n->name = text_of(name);
	x->depth--;
}

static void on_text(void *ctx, const xmlChar *s, int len)
{
	struct xml *x = ctx;
	struct xml_node *n;

	if (x->dead != 0 || len <= 0 ||
	    !check_utf8(x, (const char *)s, (size_t)len))
		return;
	n = push(x, XML_TEXT);
	n->text = arena_strndup(x->nodes, (const char *)s, (size_t)len);
	n->n = (size_t)len;
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *id,
    const xmlChar *system)
{
	struct xml *x = ctx;

	(void)name;
	(void)id;
	(void)system;
	die(x, ERR_INVALID, line_of(x), "a DOCTYPE is not accepted: remove it");
}

static void on_error(void *ctx, xmlErrorPtr error)
{
	struct xml *x = ctx;
	const char *said = error->message != NULL ? error->message : "";

	if (error->level < XML_ERR_ERROR || x->dead != 0)
		return;
	if (!utf8_valid(said, strlen(said)))
		said = "not valid UTF-8";
	if (x->done && x->depth > 0)
		said = "the file is cut off: it ends inside an element";
	/* A namespace error would let libxml2 go on; a prefix that means
	 * nothing is no element we know. */
	die(x, error->code == XML_ERR_NO_MEMORY ? ERR_IO : ERR_INVALID,
	    error->line > 0 ? (uint64_t)error->line : line_of(x), "%.*s",
	    (int)strcspn(said, "\n"), said);
}

static xmlParserInputPtr no_entity(const char *url, const char *id,
    xmlParserCtxtPtr ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	return NULL;
}

static void begin_libxml(void)
{
	xmlInitParser();
	xmlSetExternalEntityLoader(no_entity);
}

struct xml *xml_open(struct source *src, const struct xml_limits *limits,
    const char *what)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
	    .internalSubset = on_doctype, .startElementNs = on_start,
	    .endElementNs = on_end, .characters = on_text,
	    .ignorableWhitespace = on_text, .cdataBlock = on_text,
	    .serror = on_error };
	struct arena *a = arena_new();
	struct xml *x = arena_alloc(a, sizeof(*x));

	pthread_once(&once, begin_libxml);
	x->a = a;
	x->nodes = arena_new();
	x->src = src;
	x->what = arena_strdup(a, what);
	if (limits != NULL)
		x->limits = *limits;
	if (x->limits.token == 0)
		x->limits.token = 65536;
	if (x->limits.depth == 0)
		x->limits.depth = 64;
	if (x->limits.attrs == 0)
		x->limits.attrs = 256;
	x->parser = xmlCreatePushParserCtxt(&sax, x, NULL, 0, NULL);
	if (x->parser == NULL)
		abort();
	xmlCtxtUseOptions(x->parser, XML_PARSE_NONET);
	return x;
}

void xml_close(struct xml *x)
{
	if (x == NULL)
		return;
	if (x->parser->myDoc != NULL)
		xmlFreeDoc(x->parser->myDoc);
	xmlFreeParserCtxt(x->parser);
	free(x->queue);
	arena_free(x->nodes);
	arena_free(x->a);
}

/* The next piece into the parser. */
static void fill(struct xml *x)
{
	char chunk[CHUNK];
	size_t n;
	int rc = source_read(x->src, chunk, sizeof(chunk), &n, &x->why);

	arena_reset(x->nodes);
	x->n = x->next = 0;
	if (rc != 0) {
		x->dead = rc;
		return;
	}
	x->since += n;
	x->done = n == 0;
	if (x->done && !x->begun)
		die(x, ERR_INVALID, 1, "the file is empty");
	x->begun = true;
	if (x->dead == 0)
		xmlParseChunk(x->parser, chunk, (int)n, x->done);
	if (x->dead == 0 && x->since > x->limits.token)
		die(x, ERR_LIMIT, line_of(x), "a tag, attribute or comment is "
		    "longer than %zu bytes", x->limits.token);
	if (x->dead == 0 && x->done && !x->parser->wellFormed)
		die(x, ERR_INVALID, line_of(x), "not well-formed");
}

int xml_next(struct xml *x, const struct xml_node **node, struct err *e)
{
	*node = NULL;
	while (x->next == x->n && x->dead == 0 && !x->done)
		fill(x);
	if (x->next < x->n) {
		*node = &x->queue[x->next++];
		return 1;
	}
	if (x->dead != 0 && e != NULL)
		*e = x->why;
	return x->dead;
}

const char *xml_attr_ns(const struct xml_node *n, const char *ns,
    const char *name)
{
	size_t i;

	for (i = 0; i < n->n_attrs; i++)
		if (strcmp(n->attr[i].name, name) == 0 &&
		    strcmp(n->attr[i].ns, ns) == 0)
			return n->attr[i].value;
	return NULL;
}

const char *xml_attr(const struct xml_node *n, const char *name)
{
	return xml_attr_ns(n, "", name);
}
