/* SPDX-License-Identifier: ISC */
#include "codec/ldif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"
#include "codec/ldif_p.h"
#include "model/change.h"
#include "model/dn.h"

struct ldif *ldif_open(struct source *src, const struct ldif_conf *conf)
{
	struct ldif *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	l->src = src;
	if (conf != NULL)
		l->conf = *conf;
	if (l->conf.line_max == 0)
		l->conf.line_max = (size_t)1 << 20;
	if (l->conf.record_max == 0)
		l->conf.record_max = (size_t)4 << 20;
	buf_init(&l->text, l->conf.line_max);
	l->next_line = 1;
	l->whole = true;
	return l;
}

void ldif_close(struct ldif *l)
{
	if (l == NULL)
		return;
	buf_fini(&l->text);
	free(l);
}

bool ldif_whole(const struct ldif *l)
{
	return l->whole;
}

bool ldif_closed(const struct ldif *l)
{
	return !l->open && !l->inside;
}

static bool is(const struct ldif_line *v, const char *name)
{
	return str_ieq(v->name, name);
}

/* The next line of the record, split: 1; 0 the record is at its end. */
static int next(struct ldif *l, struct arena *a, struct ldif_line *v)
{
	int rc = ldif_line_next(l);

	if (rc == 1 && (rc = ldif_line_split(l, a, v)) == 0)
		rc = 1;
	return rc;
}

/* v is a DN, and one that this file may speak of. */
static int check_dn(struct ldif *l, struct arena *a, const struct ldif_line *v,
    const char **out)
{
	struct err why = { 0 };
	char *normal;

	if (!utf8_valid(v->value, v->n))
		return ldif_bad(l, "%s: not UTF-8", v->name);
	normal = dn_normal(a, v->value, &why);
	if (normal == NULL)
		return ldif_bad(l, "%s: %.200s", v->name, err_text(&why));
	if (l->conf.base != NULL && !dn_under(normal, l->conf.base))
		return ldif_bad(l, "%s: outside %.100s", v->name,
		    l->conf.base);
	*out = v->value;
	return 0;
}

static int unexpected(struct ldif *l, const struct ldif_line *v,
    const char *wanted)
{
	return ldif_bad(l, "\"%.64s:\" where %s should stand", v->name,
	    wanted);
}

/* Attributes up to the record's end; v, if its name is set, is the first. */
static int read_attrs(struct ldif *l, struct arena *a, struct ldif_line *v,
    struct entry *en)
{
	int rc = v->name != NULL ? 1 : next(l, a, v);

	for (; rc == 1; rc = next(l, a, v)) {
		if (is(v, "changetype") || is(v, "control") || is(v, "dn"))
			return unexpected(l, v, "an attribute");
		entry_add_n(a, en, v->name, v->value, v->n);
	}
	if (rc == 0 && en->n == 0)
		return ldif_bad(l, "the entry has no attribute");
	return rc;
}

static void add_value(struct arena *a, struct mod *m,
    const struct ldif_line *v)
{
	mod_value(a, m, "");
	m->v[m->n - 1] = (struct val){ v->value, v->n };
}

/* Values of one modification up to its "-": 1; 0 at the record's end. */
static int read_values(struct ldif *l, struct arena *a, struct mod *m)
{
	struct ldif_line v;
	int rc;

	while ((rc = ldif_line_next(l)) == 1) {
		if (strcmp(buf_str(&l->text), "-") == 0)
			break;
		rc = ldif_line_split(l, a, &v);
		if (rc != 0)
			return rc;
		if (!is(&v, m->name))
			return ldif_bad(l, "\"%.64s:\" among the values of "
			    "%.64s: end them with a line \"-\"", v.name,
			    m->name);
		add_value(a, m, &v);
	}
	if (rc >= 0 && m->op == MOD_ADD && m->n == 0)
		return ldif_bad(l, "add: %.64s without a value", m->name);
	return rc;
}

/* "add: attribute" and so on (RFC 2849, mod-spec). */
static int read_mod(struct ldif *l, struct arena *a, const struct ldif_line *v,
    struct change *c)
{
	enum mod_op op;

	if (is(v, "add"))
		op = MOD_ADD;
	else if (is(v, "delete"))
		op = MOD_DELETE;
	else if (is(v, "replace"))
		op = MOD_REPLACE;
	else
		return unexpected(l, v, "add, delete or replace");
	if (v->n == 0 || strlen(v->value) != v->n)
		return ldif_bad(l, "%s: name the attribute", v->name);
	return read_values(l, a, change_mod(a, c, op, v->value));
}

static int read_mods(struct ldif *l, struct arena *a, struct change *c)
{
	struct ldif_line v;
	int rc;

	while ((rc = next(l, a, &v)) == 1) {
		rc = read_mod(l, a, &v, c);
		if (rc != 1)
			break;
	}
	if (rc == 0 && c->n == 0)
		return ldif_bad(l, "the modification changes nothing");
	return rc;
}

static int read_new_rdn(struct ldif *l, struct arena *a,
    const struct ldif_line *v, struct ldif_record *r)
{
	char *normal;

	if (!is(v, "newrdn"))
		return unexpected(l, v, "newrdn");
	if (!utf8_valid(v->value, v->n) ||
	    (normal = dn_normal(a, v->value, NULL)) == NULL ||
	    normal[0] == '\0' || dn_parent(normal)[0] != '\0')
		return ldif_bad(l, "newrdn: write one attribute=value");
	r->new_rdn = v->value;
	return 0;
}

static int read_modrdn(struct ldif *l, struct arena *a, struct ldif_record *r)
{
	struct ldif_line v;
	int rc;

	r->kind = LDIF_MODRDN;
	rc = next(l, a, &v);
	if (rc == 1)
		rc = read_new_rdn(l, a, &v, r) == 0 ? next(l, a, &v) :
		    ERR_ITEM_BAD;
	if (rc == 0)
		return ldif_bad(l, "newrdn and deleteoldrdn must follow");
	if (rc != 1)
		return rc;
	if (!is(&v, "deleteoldrdn"))
		return unexpected(l, &v, "deleteoldrdn");
	if (v.n != 1 || (v.value[0] != '0' && v.value[0] != '1'))
		return ldif_bad(l, "deleteoldrdn: write 0 or 1");
	r->delete_old = v.value[0] == '1';
	rc = next(l, a, &v);
	if (rc != 1)
		return rc;
	if (!is(&v, "newsuperior"))
		return unexpected(l, &v, "newsuperior");
	rc = check_dn(l, a, &v, &r->new_superior);
	return rc != 0 ? rc : next(l, a, &v) == 0 ? 0 : l->dead != 0 ?
	    l->dead : ldif_bad(l, "a line behind newsuperior");
}

static int read_delete(struct ldif *l, struct arena *a)
{
	struct ldif_line v;
	int rc = next(l, a, &v);

	return rc == 1 ? unexpected(l, &v, "the end of the delete") : rc;
}

static int read_change(struct ldif *l, struct arena *a, const char *type,
    struct ldif_record *r)
{
	struct ldif_line none = { 0 };

	if (l->entries)
		return ldif_bad(l, "a change in a file of entries");
	r->kind = LDIF_CHANGE;
	if (str_ieq(type, "add")) {
		r->change = change_new(a, CHANGE_ADD, r->dn);
		return read_attrs(l, a, &none, r->change->entry);
	}
	if (str_ieq(type, "modify")) {
		r->change = change_new(a, CHANGE_MODIFY, r->dn);
		return read_mods(l, a, r->change);
	}
	if (str_ieq(type, "delete")) {
		r->change = change_new(a, CHANGE_DELETE, r->dn);
		return read_delete(l, a);
	}
	if (str_ieq(type, "modrdn") || str_ieq(type, "moddn"))
		return read_modrdn(l, a, r);
	return ldif_bad(l, "changetype: write add, modify, delete or modrdn");
}

static int read_entry(struct ldif *l, struct arena *a, struct ldif_line *v,
    struct ldif_record *r)
{
	if (l->changes)
		return ldif_bad(l, "no changetype, in a file of changes");
	r->kind = LDIF_ENTRY;
	r->entry = arena_alloc(a, sizeof(*r->entry));
	r->entry->dn = r->dn;
	r->entry->csn = r->entry->creator = r->entry->modifier = "";
	return read_attrs(l, a, v, r->entry);
}

/* The record that begins with line v. */
static int read_record(struct ldif *l, struct arena *a, struct ldif_line *v,
    struct ldif_record *r)
{
	int rc;

	if (is(v, "include"))
		return ldif_bad(l, "include: is not followed: send the file "
		    "itself");
	if (!is(v, "dn"))
		return unexpected(l, v, "dn");
	if ((rc = check_dn(l, a, v, &r->dn)) != 0)
		return rc;
	rc = next(l, a, v);
	if (rc == 0)
		return ldif_bad(l, "the record ends behind its dn");
	if (rc != 1)
		return rc;
	if (is(v, "control"))
		return ldif_bad(l, "controls are not taken from a file: remove "
		    "the line");
	rc = is(v, "changetype") ? read_change(l, a, v->value, r) :
	    read_entry(l, a, v, r);
	if (rc == 0)
		*(r->kind == LDIF_ENTRY ? &l->entries : &l->changes) = true;
	return rc;
}

/* "version: 1", allowed as the very first line. */
static int read_version(struct ldif *l, const struct ldif_line *v)
{
	if (strcmp(v->value, "1") == 0)
		return 0;
	l->dead = err_set(&l->why, ERR_UNSUPPORTED, "LDIF: line %llu: version "
	    "\"%.16s\": only version 1 is known", (unsigned long long)l->line,
	    v->value);
	return l->dead;
}

/* The first line of the next record: 1; 0 there is none. */
static int find_record(struct ldif *l, struct arena *a, struct ldif_line *v)
{
	int rc;

	do {
		l->size = 0;
		rc = next(l, a, v);
		if (rc == 1 && !l->begun && is(v, "version"))
			rc = read_version(l, v);
		if (rc == 0 && v->name != NULL)
			l->begun = true;
	} while (rc == 0 && !ldif_line_end(l));
	l->begun = true;
	return rc;
}

int ldif_next(struct ldif *l, struct arena *a, struct ldif_record *r,
    struct err *e)
{
	struct ldif_line v = { 0 };
	int rc = l->dead;

	*r = (struct ldif_record){ 0 };
	if (rc == 0)
		rc = find_record(l, a, &v);
	if (rc == 1) {
		r->line = l->line;
		rc = read_record(l, a, &v, r);
		rc = rc == 0 ? 1 : rc;
	}
	if (rc < 0 && e != NULL)
		*e = l->why;
	while (rc == ERR_ITEM_BAD && l->inside && l->dead == 0)
		ldif_line_next(l);
	return rc;
}
