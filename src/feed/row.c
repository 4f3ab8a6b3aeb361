/* SPDX-License-Identifier: ISC */
#include "feed/row.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "codec/scim_read.h"
#include "model/change.h"
#include "model/dn.h"

#define STATE "provostState"
#define KEY_MAX 512
#define BODY_MAX (1u << 20)
#define DAY (86400 * CLOCK_SECOND)

/* A row on its way. */
struct row_work {
	struct feed_find *w;
	const struct feed *f;
	struct arena *a;
	const struct feed_seen *seen;
	const struct record *rec;
	struct strv *value;		/* of each field, transformed */
	const char *key;
	const struct entry *old;	/* NULL none */
	bool adopted;			/* found by a rule, not by its key */
	bool manager;			/* it is known who that is */
	int64_t start, end;		/* INT64_MIN, CLOCK_NEVER: none */
	struct json *body;
};

/* --- the key ------------------------------------------------------------------- */

static int check_key(const char *key, struct err *e)
{
	if (key == NULL || *key == '\0')
		return err_set(e, ERR_ITEM_BAD, "there is no externalId, by "
		    "which the person would be known again");
	if (strlen(key) > KEY_MAX)
		return err_set(e, ERR_ITEM_BAD, "an externalId has at most %d "
		    "bytes", KEY_MAX);
	return 0;
}

static int field_values(const struct feed *f, struct arena *a,
    const struct record *rec, size_t i, struct strv *out, struct err *e)
{
	int rc = transform_run(a, f->field[i].transform, &rec->value[i], out,
	    e);

	return rc != 0 ? err_wrap(e, "column %s", *f->field[i].conf->column ?
	    f->field[i].conf->column : f->field[i].conf->path) : 0;
}

static uint64_t contents_of(const struct record *rec, size_t n)
{
	uint64_t h = rec->leaver;
	size_t i, k;

	if (rec->body != NULL) {
		struct buf text;

		buf_init(&text, BODY_MAX);
		json_write(&text, rec->body);
		h = hash_fast(text.data, text.len, h);
		buf_fini(&text);
		return h;
	}
	for (i = 0; i < n; i++)
		for (k = 0; k < rec->value[i].n; k++)
			h = hash_fast(rec->value[i].v[k],
			    strlen(rec->value[i].v[k]) + 1, h + i);
	return h;
}

int row_key(const struct feed *f, struct arena *a, const struct record *rec,
    const char **key, uint64_t *contents, struct err *e)
{
	struct strv v = { 0 };
	int rc;

	*contents = contents_of(rec, f->n_fields);
	*key = rec->key != NULL ? rec->key :
	    json_member_str(rec->body, "externalId");
	if (f->key >= 0) {
		if ((rc = field_values(f, a, rec, (size_t)f->key, &v, e)) != 0)
			return rc;
		*key = v.n > 0 ? v.v[0] : NULL;
	}
	return check_key(*key, e);
}

/* --- who is meant ---------------------------------------------------------------- */

static const char *owner_of(const struct row_work *k, const struct entry *e)
{
	const char *owner = entry_get(e, k->f->people->owner_attr);

	return owner != NULL ? owner : "";
}

/* The row's value of an attribute that people are correlated by. */
static const char *value_of(const struct row_work *k,
    const struct scim_attr *at)
{
	size_t i;

	for (i = 0; i < k->f->n_fields; i++)
		if (k->f->field[i].attr == at && k->value[i].n > 0)
			return k->value[i].v[0];
	return k->body != NULL && !at->multi && str_ieq(at->urn,
	    k->f->people->schema[0].urn) ?
	    json_member_str(k->body, at->name) : NULL;
}

/* Somebody is found by a rule: may this row have them? */
static int adopt(struct row_work *k, const struct entry *e,
    const struct scim_attr *at, struct err *out)
{
	const char *owner = owner_of(k, e);
	const char *old_key = entry_get(e, "provostExternalId");

	if (*owner != '\0' && !str_ieq(owner, k->f->owner))
		return err_set(out, ERR_ITEM_BAD, "the person with this %s "
		    "belongs to another source, %s", at->name, owner);
	if (*owner != '\0' && old_key != NULL && k->seen != NULL &&
	    feed_seen_has(k->seen, old_key))
		return err_set(out, ERR_ITEM_BAD, "the person with this %s is "
		    "%s, who is in the file as well", at->name, old_key);
	k->old = e;
	k->adopted = true;
	return 0;
}

static int find_person(struct row_work *k, struct err *e)
{
	const struct entry *found;
	size_t i;
	int rc = 0;

	k->old = feed_find_key(k->w, k->a, k->key);
	for (i = 0; rc == 0 && k->old == NULL && i < k->f->conf.correlate.n;
	    i++) {
		const struct scim_attr *at = k->f->correlate[i];
		const char *value = value_of(k, at);

		if (value != NULL && (found = feed_find_value(k->w, k->a, at,
		    value)) != NULL)
			rc = adopt(k, found, at, e);
	}
	return rc;
}

/* Is a name that must be the person's alone somebody else's? */
static int check_unique(struct row_work *k, struct err *e)
{
	const struct scim_resource *r = k->f->people;
	const struct entry *found;
	const char *value;
	size_t i;

	for (i = 0; i < r->schema[0].n; i++) {
		const struct scim_attr *at = &r->schema[0].attr[i];

		if (at->unique == SU_NONE || !at->indexed ||
		    (value = value_of(k, at)) == NULL)
			continue;
		found = feed_find_value(k->w, k->a, at, value);
		if (found != NULL && (k->old == NULL ||
		    memcmp(found->uuid, k->old->uuid, 16) != 0))
			return err_set(e, ERR_ITEM_BAD, "%s \"%.64s\" is "
			    "taken by somebody whom this feed does not know "
			    "by the key %.64s; \"correlate\" says when it may "
			    "take people over", at->name, value, k->key);
	}
	return 0;
}

/* --- when --------------------------------------------------------------------------- */

static int time_of(const struct row_work *k, size_t i, int64_t *out,
    struct err *e)
{
	const char *s = k->value[i].v[0];

	if (strlen(s) == 10)
		s = arena_printf(k->a, "%sT00:00:00Z", s);
	if (!clock_parse_rfc3339(s, out))
		return err_set(e, ERR_ITEM_BAD, "column %s: \"%.64s\" is no "
		    "date: the transform \"date FORMAT\" makes one of it",
		    k->f->field[i].conf->column, k->value[i].v[0]);
	return 0;
}

/* Someone works on their last day: it ends with the day. */
static int read_time(struct row_work *k, size_t i, struct err *e)
{
	bool end = k->f->field[i].use == FIELD_END;
	bool day = strlen(k->value[i].v[0]) == 10;
	int64_t t;
	int rc = time_of(k, i, &t, e);

	if (rc != 0)
		return rc;
	if (!end)
		k->start = t;
	/* Of several ends the first counts: the last working day, not the end
	 * of the contract. */
	else if (t + (day ? DAY : 0) < k->end)
		k->end = t + (day ? DAY : 0);
	return 0;
}

/* Fills k's start and end; *over: they have left. */
static int when(struct row_work *k, int64_t now, bool *over, struct err *e)
{
	size_t i;
	int rc;

	*over = k->rec->leaver;
	k->start = INT64_MIN;
	k->end = CLOCK_NEVER;
	for (i = 0; i < k->f->n_fields; i++) {
		enum field_use use = k->f->field[i].use;

		if (k->value[i].n == 0)
			continue;
		if (use == FIELD_ACTION && strv_ihas(&k->f->conf.leaver,
		    k->value[i].v[0]))
			*over = true;
		if ((use == FIELD_START || use == FIELD_END) &&
		    (rc = read_time(k, i, e)) != 0)
			return rc;
	}
	*over = *over || k->end <= now;
	return 0;
}

/* --- what their entry should say -------------------------------------------------------- */

static bool said(const struct row_work *k, size_t i)
{
	return k->rec->said == NULL || k->rec->said[i];
}

/* The manager by their key in this feed, as the id that SCIM wants. */
static void put_manager(struct row_work *k, size_t i, bool *deferred)
{
	const char *key = k->value[i].v[0];
	const struct entry *e = feed_find_key(k->w, k->a, key);
	struct strv id = { 0 };
	char text[37];

	if (e == NULL) {
		k->manager = false;
		*deferred = feed_seen_has(k->seen, key) &&
		    !feed_seen_clashes(k->seen, key);
		return;
	}
	str_uuid_text(e->uuid, text);
	strv_add(k->a, &id, arena_strdup(k->a, text));
	field_put(k->a, &k->f->field[i], &id, k->body);
}

static void put_time(struct row_work *k, size_t i, int64_t t)
{
	struct strv v = { 0 };
	char text[32];

	strv_add(k->a, &v, arena_strdup(k->a, clock_print_rfc3339(t, text)));
	field_put(k->a, &k->f->field[i], &v, k->body);
}

static void make_body(struct row_work *k, bool *deferred)
{
	size_t i;

	k->manager = true;
	if (k->rec->body != NULL)
		return;
	for (i = 0; i < k->f->n_fields; i++) {
		const struct field *field = &k->f->field[i];

		if (field->attr == NULL || !said(k, i) || k->value[i].n == 0)
			continue;
		if (field->use == FIELD_MANAGER)
			put_manager(k, i, deferred);
		else if (field->use == FIELD_START)
			put_time(k, i, k->start);
		else if (field->use == FIELD_END)
			put_time(k, i, k->end);
		else
			field_put(k->a, field, &k->value[i], k->body);
	}
}

/* What a change leaves out and a person must have. */
static void put_required(struct row_work *k)
{
	const struct scim_schema *s = &k->f->people->schema[0];
	size_t i;

	for (i = 0; k->old != NULL && i < s->n; i++) {
		const char *v = s->attr[i].required ?
		    entry_get(k->old, s->attr[i].ldap) : NULL;

		if (v != NULL && json_member(k->body, s->attr[i].name) == NULL)
			json_put(k->a, k->body, s->attr[i].name,
			    json_new_str(k->a, v));
	}
}

static bool owns(const char *name, void *ctx)
{
	struct row_work *k = ctx;
	size_t i;

	if (k->adopted && (str_ieq(name, k->f->people->owner_attr) ||
	    str_ieq(name, "provostExternalId")))
		return true;
	if (k->rec->body != NULL)
		return field_json_owns(k->a, k->f->people, k->rec->body, name);
	for (i = 0; i < k->f->n_fields; i++)
		if (said(k, i) && (k->manager ||
		    k->f->field[i].use != FIELD_MANAGER) &&
		    field_owns(&k->f->field[i], name))
			return true;
	return false;
}

static void copy(struct arena *a, struct entry *to, const struct attr *at)
{
	size_t i;

	for (i = 0; i < at->n; i++)
		entry_add_n(a, to, at->name, at->v[i].p, at->v[i].n);
}

static void set(struct arena *a, struct entry *e, const char *name,
    const char *value)
{
	entry_drop(e, name);
	entry_add(a, e, name, value);
}

/* The old entry with what the feed owns as the row has it. */
static const struct entry *overlay(struct row_work *k, const struct entry *row)
{
	struct entry *want = arena_memdup(k->a, k->old, sizeof(*want));
	const char *state = entry_get(k->old, STATE);
	size_t i;

	want->a = NULL;
	want->n = want->cap = 0;
	for (i = 0; i < k->old->n; i++)
		if (!owns(k->old->a[i].name, k))
			copy(k->a, want, &k->old->a[i]);
	for (i = 0; i < row->n; i++)
		if (owns(row->a[i].name, k))
			copy(k->a, want, &row->a[i]);
	scim_read_follow(k->a, k->f->map, k->f->people, k->old, want);
	/* Who is in the file again has come back. */
	if (state != NULL && strcmp(state, "left") == 0 &&
	    str_eq(entry_get(want, STATE), "left"))
		set(k->a, want, STATE, "active");
	return want;
}

static bool any(const char *name, void *ctx)
{
	(void)name;
	(void)ctx;
	return true;
}

static int bad_row(int rc)
{
	return rc == 0 || rc == ERR_CORRUPT || rc == ERR_IO ? rc :
	    ERR_ITEM_BAD;
}

static int person(struct row_work *k, struct feed_step *out, struct err *e)
{
	struct scim_read_result res = { 0 };
	const struct entry *want;
	int rc;

	put_required(k);
	rc = scim_read(k->a, k->f->map, k->f->people, k->body, NULL,
	    &k->w->rs, &res, e);
	if (rc != 0)
		return bad_row(rc);
	if (k->old == NULL) {
		res.entry->dn = dn_make(k->a, k->f->people->rdn,
		    res.rdn_value, scim_map_container(k->a, k->f->map,
		    k->f->people));
		out->what = FEED_JOIN;
		out->want = res.entry;
		return 0;
	}
	want = overlay(k, res.entry);
	out->old = k->old;
	if (change_diff(k->a, k->old, want, any, NULL)->n == 0) {
		out->what = FEED_SAME;
		return 0;
	}
	out->what = FEED_MOVE;
	out->want = want;
	return 0;
}

/* --- a whole row ------------------------------------------------------------------------- */

const struct entry *row_left(struct arena *a, const struct entry *old)
{
	struct entry *want;

	if (str_eq(entry_get(old, STATE), "left"))
		return NULL;
	want = entry_dup(a, old);
	set(a, want, STATE, "left");
	return want;
}

static void leave(struct row_work *k, struct feed_step *out)
{
	out->what = FEED_SAME;
	out->why = "has left, and is not here";
	if (k->old == NULL)
		return;
	out->old = k->old;
	out->want = row_left(k->a, k->old);
	out->why = out->want != NULL ? "the file says so" :
	    "has left already";
	if (out->want != NULL)
		out->what = FEED_LEAVE;
}

static int read_values(struct row_work *k, struct err *e)
{
	size_t i;
	int rc = 0;

	k->value = arena_array(k->a, k->f->n_fields + 1, sizeof(*k->value));
	for (i = 0; rc == 0 && i < k->f->n_fields; i++)
		if (said(k, i))
			rc = field_values(k->f, k->a, k->rec, i, &k->value[i],
			    e);
	k->body = k->rec->body != NULL ? json_dup(k->a, k->rec->body) :
	    json_new(k->a, JSON_IS_OBJECT);
	return rc;
}

int row_step(struct feed_find *w, struct arena *a,
    const struct feed_seen *seen, const struct record *rec, int64_t now,
    struct feed_step *out, bool *deferred, struct err *e)
{
	struct row_work k = { .w = w, .f = w->f, .a = a, .seen = seen,
	    .rec = rec };
	uint64_t contents;
	bool over;
	int rc;

	*deferred = false;
	*out = (struct feed_step){ .row = rec->row, .line = rec->line,
	    .why = "" };
	if ((rc = row_key(w->f, a, rec, &k.key, &contents, e)) != 0)
		return rc;
	out->key = k.key;
	if (feed_seen_clashes(seen, k.key))
		return err_set(e, ERR_ITEM_BAD, "%.64s stands in the file "
		    "twice, and not the same: neither row is used", k.key);
	if ((rc = read_values(&k, e)) != 0 || (rc = find_person(&k, e)) != 0 ||
	    (rc = when(&k, now, &over, e)) != 0)
		return bad_row(rc);
	if (over) {
		leave(&k, out);
		return 0;
	}
	if ((rc = check_unique(&k, e)) != 0)
		return rc;
	make_body(&k, deferred);
	if (k.adopted)
		out->why = "found by a rule, not by the key";
	else if (k.start > now)
		out->why = "starts later";
	else if (k.end != CLOCK_NEVER)
		out->why = "leaves at a set time";
	return person(&k, out, e);
}
