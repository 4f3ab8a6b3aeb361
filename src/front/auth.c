/* SPDX-License-Identifier: ISC */
#include "front/auth.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "model/dn.h"

#define TOKEN_MAX 1024

void auth_init(struct front *f)
{
	const struct scim_map *m = f->conf.map;
	size_t i, k, n;

	for (i = 0; i < m->n; i++)
		for (k = 0; k < m->resource[i].n_schemas; k++) {
			const struct scim_schema *s =
			    &m->resource[i].schema[k];

			for (n = 0; n < s->n; n++)
				if (s->attr[n].how == SH_TOKENS) {
					f->token_type = m->resource[i].type;
					f->token_index = s->attr[n].index;
				}
		}
}

/* The time of an attribute or word; an open end is absent or "-". */
static bool is_over(const char *gt, int64_t now)
{
	int64_t t;

	if (gt == NULL || strcmp(gt, "-") == 0)
		return false;
	return !clock_parse_gt(gt, &t) || t <= now;
}

/* Is hash among the client's tokens and still good? */
static bool token_good(struct arena *a, const struct entry *e,
    const char *hash, int64_t now)
{
	const struct attr *at = entry_attr(e, "provostTokenHash");
	const char *word[2];
	bool good = false;
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++) {
		if (str_words(a, at->v[i].p, word, 2) != 2)
			continue;
		if (str_ct_eq(word[0], hash) && !is_over(word[1], now))
			good = true;
	}
	return good;
}

static void take_scopes(struct arena *a, const struct entry *e,
    struct strv *out)
{
	const struct attr *at = entry_attr(e, "provostScope");
	const char *p;
	size_t i, n;

	for (i = 0; at != NULL && i < at->n; i++)
		for (p = at->v[i].p; *p != '\0'; p += n) {
			p += strspn(p, " ");
			n = strcspn(p, " ");
			if (n != 0)
				strv_add(a, out, arena_strndup(a, p, n));
		}
}

static void take_client(struct arena *a, const struct entry *e,
    struct client *out)
{
	const char *owner = entry_get(e, "provostOwner");
	const char *title = entry_get(e, "cn");

	out->dn = arena_strdup(a, e->dn);
	out->name = dn_rdn_value(a, out->dn, NULL);
	out->title = title != NULL ? arena_strdup(a, title) : out->name;
	out->owner = owner != NULL ? arena_strdup(a, owner) : out->name;
	take_scopes(a, e, &out->scopes);
}

static int look_up(const struct front *f, struct arena *a, const char *hash,
    struct client *out, struct err *e)
{
	struct view_item item;
	struct view_read *read;
	int64_t now = clock_now();
	int rc = view_read_begin(f->conf.view, &read, e);

	if (rc != 0)
		return rc;
	rc = view_find(read, f->token_type, f->token_index, hash, &item);
	if (rc == 0) {
		view_item_entry(a, &item);
		if (token_good(a, &item.entry, hash, now) &&
		    entry_bool(&item.entry, "provostEnabled", true) &&
		    !is_over(entry_get(&item.entry, "provostExpiresAt"), now))
			take_client(a, &item.entry, out);
		else
			rc = ERR_DENIED;
	}
	view_read_end(read);
	return rc == 0 ? 0 : err_set(e, ERR_DENIED, "the token is unknown, "
	    "expired or revoked");
}

int auth_client(const struct front *f, struct arena *a,
    const char *authorization, struct client *out, struct err *e)
{
	const char *token;

	if (authorization == NULL)
		return err_set(e, ERR_DENIED, "a bearer token is needed: "
		    "Authorization: Bearer TOKEN");
	if (strncasecmp(authorization, "Bearer ", 7) != 0)
		return err_set(e, ERR_DENIED, "only bearer tokens are taken: "
		    "Authorization: Bearer TOKEN");
	token = authorization + 7;
	token += strspn(token, " ");
	if (*token == '\0' || strlen(token) > TOKEN_MAX || f->token_index == 0)
		return err_set(e, ERR_DENIED, "the token is unknown, expired "
		    "or revoked");
	return look_up(f, a, hash_sha256_hex(a, token), out, e);
}
