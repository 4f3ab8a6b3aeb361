/* SPDX-License-Identifier: ISC */
/* Filling the splices of a stored rendering; the format: scim_render.c. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "codec/json.h"
#include "codec/scim_map.h"
#include "codec/scim_render.h"

#define VERSION_LEN 16
#define HEAD 4

struct filling {
	struct arena *a;
	const struct scim_map *m;
	const struct scim_resource *r;
	const struct entry *e;
	const char *stored;
	const struct scim_resolver *rs;
	struct buf *out;
	bool members_seen;
	uint64_t members;
	/* What was looked up last: several splices name the same thing. */
	char last_kind;
	const char *last_type, *last_key;
	bool last_found;
	const char *id, *display;
};

static bool before_first(const struct buf *out)
{
	char c = out->len == 0 ? '{' : out->data[out->len - 1];

	return c == '{' || c == '[';
}

static void put_name(struct buf *out, const char *name)
{
	if (!before_first(out))
		buf_putc(out, ',');
	if (name[0] == '\0')
		return;
	buf_putc(out, '"');
	buf_puts(out, name);
	buf_put(out, "\":", 2);
}

/* Text between splices; the comma it begins with is one too many when the
 * splice before it came to nothing. */
static void put_text(struct filling *f, const char *p, size_t n)
{
	if (n > 0 && p[0] == ',' && before_first(f->out)) {
		p++;
		n--;
	}
	buf_put(f->out, p, n);
}

static void look_up(struct filling *f, char kind, const char *type,
    const char *key)
{
	const struct scim_resolver *rs = f->rs;

	if (f->last_kind == kind && strcmp(f->last_key, key) == 0 &&
	    strcmp(f->last_type, type) == 0)
		return;
	f->last_kind = kind;
	f->last_type = type;
	f->last_key = key;
	f->id = f->display = NULL;
	if (kind == 'D')
		f->last_found = rs->id_of_dn != NULL &&
		    rs->id_of_dn(rs->ctx, f->a, key, &f->id, &f->display);
	else
		f->last_found = rs->of_key != NULL &&
		    rs->of_key(rs->ctx, f->a, type, key, &f->id, &f->display);
}

static void put_href(struct filling *f, const char *type)
{
	const struct scim_resource *r = scim_map_name(f->m, type);

	json_text(f->out, arena_printf(f->a, "%s%s/%s", f->rs->base_url,
	    r == NULL ? "" : r->endpoint, f->id));
}

/* One part of a reference; parts of what was not found are left out. */
static const char *put_part(struct filling *f, const char *p,
    const char *type, const char *key)
{
	char what = *p++;
	const char *name = p, *text = key;

	p += strlen(p) + 1;
	if (what == 't' || what == 'b') {
		text = p;
		p += strlen(p) + 1;
	} else if (what == 'i') {
		text = f->id;
	} else if (what == 'n') {
		text = f->display;
	}
	if (what == 'r' ? !f->last_found || f->id == NULL : text == NULL)
		return p;
	if (name[0] != '\0')
		put_name(f->out, name);
	if (what == 'r')
		put_href(f, type);
	else if (what == 'b')
		buf_puts(f->out, text);
	else
		json_text(f->out, text);
	return p;
}

static bool wants_id(const char *p, const char *end)
{
	while (p < end) {
		char what = *p++;

		if (what == 'i')
			return true;
		p += strlen(p) + 1;
		if (what == 't' || what == 'b')
			p += strlen(p) + 1;
	}
	return false;
}

static void fill_ref(struct filling *f, char kind, const char *p,
    const char *end)
{
	const char *name = p, *type = p + strlen(p) + 1;
	const char *key = type + strlen(type) + 1;
	bool plain;

	p = key + strlen(key) + 1;
	if (p >= end)
		return;
	look_up(f, kind, type, key);
	if (!f->last_found && wants_id(p, end))
		return;
	plain = p[1] == '\0';
	put_name(f->out, name);
	if (!plain)
		buf_putc(f->out, '{');
	while (p < end)
		p = put_part(f, p, type, key);
	if (!plain)
		buf_putc(f->out, '}');
}

static void fill_count(struct filling *f, char kind, const char *name)
{
	int64_t n;

	if (f->rs->count == NULL ||
	    !f->rs->count(f->rs->ctx, f->e, name, &n))
		return;
	put_name(f->out, name);
	if (kind == 'c')
		buf_puts(f->out, n != 0 ? "true" : "false");
	else if (n >= 0 && n <= 9)
		buf_putc(f->out, (char)('0' + n));
	else
		buf_printf(f->out, "%" PRId64, n);
}

uint64_t scim_render_hash(const char *member_id)
{
	return hash_fast(member_id, strlen(member_id), 1);
}

void scim_render_member(const struct scim_map *m, const char *type,
    const char *base_url, const char *id, const char *display,
    struct buf *out)
{
	const struct scim_resource *r = scim_map_name(m, type);

	buf_puts(out, "{\"value\":");
	json_text(out, id);
	if (display != NULL && display[0] != '\0') {
		buf_puts(out, ",\"display\":");
		json_text(out, display);
	}
	buf_puts(out, ",\"type\":");
	json_text(out, type);
	buf_puts(out, ",\"$ref\":");
	json_text(out, base_url);
	if (out->len > 0)
		out->len--;	/* its quote: the rest needs no escaping */
	buf_puts(out, r == NULL ? "" : r->endpoint);
	buf_printf(out, "/%s\"}", id);
}

static void add_member(void *arg, const char *id, const char *display)
{
	struct filling *f = arg;

	f->members += scim_render_hash(id);
	if (f->out == NULL)
		return;
	put_name(f->out, "");
	scim_render_member(f->m, f->last_type, f->rs->base_url, id, display,
	    f->out);
}

static void hash_members(struct filling *f, const char *key)
{
	struct buf *out = f->out;

	if (f->rs->members_hash != NULL) {
		f->rs->members_hash(f->rs->ctx, key, &f->members);
		return;
	}
	f->out = NULL;
	f->rs->members(f->rs->ctx, f->a, key, add_member, f);
	f->out = out;
}

/* The splice itself, but for the name. */
static void put_hole(struct filling *f, const char *type, const char *end)
{
	size_t n = (size_t)(end - type);
	char head[HEAD] = { 1, 'M', (char)(n & 0xff), (char)(n >> 8) };

	hash_members(f, type + strlen(type) + 1);
	buf_put(f->out, head, sizeof(head));
	buf_put(f->out, type, n);
}

static void fill_members(struct filling *f, const char *name,
    const char *end)
{
	const char *type = name + strlen(name) + 1;
	const char *key = type + strlen(type) + 1;

	f->members_seen = true;
	if (f->rs->members == NULL)
		return;
	f->last_kind = 0;
	f->last_type = type;
	put_name(f->out, name);
	buf_putc(f->out, '[');
	if (f->rs->many_members != NULL &&
	    f->rs->many_members(f->rs->ctx, key))
		put_hole(f, type, end);
	else
		f->rs->members(f->rs->ctx, f->a, key, add_member, f);
	buf_putc(f->out, ']');
}

bool scim_render_hole(const char *text, size_t len, struct scim_hole *out)
{
	const char *p = memchr(text, 1, len);

	if (p == NULL || (size_t)(text + len - p) < HEAD)
		return false;
	out->at = (size_t)(p - text);
	out->len = HEAD + ((unsigned char)p[2] |
	    (size_t)(unsigned char)p[3] << 8);
	out->type = p + HEAD;
	out->key = out->type + strlen(out->type) + 1;
	return true;
}

static void fill_external(struct filling *f, const char *name)
{
	const char *owner = name + strlen(name) + 1;
	const char *id = owner + strlen(owner) + 1;
	const char *me = f->rs->owner == NULL ? "" : f->rs->owner;

	if (f->r->owner_attr[0] != '\0' &&
	    (me[0] == '\0' || !str_ieq(owner, me)))
		return;
	put_name(f->out, name);
	json_text(f->out, id);
}

static void print_version(const char *stored, uint64_t members, char out[32])
{
	char hex[VERSION_LEN + 1];

	memcpy(hex, stored, VERSION_LEN);
	hex[VERSION_LEN] = '\0';
	if (members != 0)
		str_hex_u64(strtoull(hex, NULL, 16) + members, hex);
	memcpy(out, "W/\"", 3);
	memcpy(out + 3, hex, VERSION_LEN);
	memcpy(out + 3 + VERSION_LEN, "\"", 2);
}

/* Of a group whose members were not asked for the version isn't known. */
static void fill_version(struct filling *f)
{
	char v[32];

	if (f->r->members != NULL && !f->members_seen)
		return;
	print_version(f->stored, f->members, v);
	put_name(f->out, "version");
	json_text(f->out, v);
}

static void fill_one(struct filling *f, char kind, const char *p,
    const char *end)
{
	switch (kind) {
	case 'D':
	case 'K':
		fill_ref(f, kind, p, end);
		break;
	case 'C':
	case 'c':
		fill_count(f, kind, p);
		break;
	case 'M':
		fill_members(f, p, end);
		break;
	case 'X':
		fill_external(f, p);
		break;
	case 'B':
		json_text(f->out, arena_printf(f->a, "%s%s", f->rs->base_url,
		    p));
		break;
	case 'V':
		fill_version(f);
		break;
	default:
		break;
	}
}

static int broken(struct err *e)
{
	return err_set(e, ERR_CORRUPT, "stored rendering: not one of ours: "
	    "stop the daemon and delete the view's directory");
}

/* Every string of a splice ends inside it, or it isn't ours. */
static bool whole(const char *p, size_t n, char kind)
{
	return kind == 'V' ? n == 0 : n > 0 && p[n - 1] == '\0';
}

int scim_render_fill(struct arena *a, const struct scim_map *m,
    const struct scim_resource *r, const struct entry *e,
    const char *stored, size_t len, const struct scim_resolver *rs,
    struct buf *out, struct err *e_out)
{
	struct filling f = { .a = a, .m = m, .r = r, .e = e,
		.stored = stored, .rs = rs, .out = out,
		.last_type = "", .last_key = "" };
	const char *p = stored + VERSION_LEN, *end = stored + len;

	if (len < VERSION_LEN)
		return broken(e_out);
	while (p < end) {
		const char *s = memchr(p, 1, (size_t)(end - p));
		size_t n;

		put_text(&f, p, (size_t)((s == NULL ? end : s) - p));
		if (s == NULL)
			break;
		if (end - s < HEAD)
			return broken(e_out);
		n = (unsigned char)s[2] | (size_t)(unsigned char)s[3] << 8;
		if ((size_t)(end - s) - HEAD < n || !whole(s + HEAD, n, s[1]))
			return broken(e_out);
		p = s + HEAD + n;
		fill_one(&f, s[1], s + HEAD, p);
	}
	if (out->failed)
		return err_set(e_out, ERR_LIMIT, "the answer is larger than "
		    "%zu bytes: ask for fewer attributes", out->max);
	return 0;
}

void scim_render_version(const char *stored, size_t len, char out[32])
{
	print_version(len < VERSION_LEN ? "0000000000000000" : stored, 0, out);
}

void scim_render_etag(struct arena *a, const struct scim_resource *r,
    const struct entry *e, const char *stored, size_t len,
    const struct scim_resolver *rs, char out[32])
{
	struct filling f = { .a = a, .rs = rs };
	const char *key = entry_get(e, r->rdn);

	if (r->members != NULL && rs != NULL && rs->members != NULL &&
	    key != NULL)
		hash_members(&f, key);
	print_version(len < VERSION_LEN ? "0000000000000000" : stored,
	    f.members, out);
}
