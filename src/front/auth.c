/* SPDX-License-Identifier: ISC */
#include "front/auth.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "core/authorise.h"
#include "front/issuer.h"
#include "model/dn.h"

#define TOKEN_MAX 1024
#define RATE_MAX 1000000

static void note_attr(struct front *f, const struct scim_attr *at)
{
	if (at->index == 0)
		return;
	if (str_ieq(at->ldap, "provostCertificate"))
		f->cert_attr = at;
	else if (str_ieq(at->ldap, "provostTokenSubject"))
		f->subject_attr = at;
}

static const struct scim_attr *tokens_of(const struct scim_resource *r)
{
	size_t k, n;

	for (k = 0; k < r->n_schemas; k++)
		for (n = 0; n < r->schema[k].n; n++)
			if (r->schema[k].attr[n].how == SH_TOKENS)
				return &r->schema[k].attr[n];
	return NULL;
}

void auth_init(struct front *f)
{
	const struct scim_map *m = f->conf.map;
	size_t i, k, n;

	for (i = 0; i < m->n; i++) {
		const struct scim_resource *r = &m->resource[i];
		const struct scim_attr *tokens = tokens_of(r);

		if (tokens == NULL)
			continue;
		f->token_type = r->type;
		f->token_index = tokens->index;
		for (k = 0; k < r->n_schemas; k++)
			for (n = 0; n < r->schema[k].n; n++)
				note_attr(f, &r->schema[k].attr[n]);
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

static int64_t rate_of(const struct entry *e)
{
	const char *text = entry_get(e, "provostRate");
	int64_t rate;

	if (text == NULL || !str_int(text, &rate) || rate < 0)
		return -1;
	return rate <= RATE_MAX ? rate : 0;
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
	out->rate = rate_of(e);
	take_scopes(a, e, &out->scopes);
}

static bool is_good(struct arena *a, const struct entry *e, const char *hash)
{
	int64_t now = clock_now();

	return (hash == NULL || token_good(a, e, hash, now)) &&
	    entry_bool(e, "provostEnabled", true) &&
	    !is_over(entry_get(e, "provostExpiresAt"), now);
}

/* The one entry that has key in an index; hash: a token that it must hold.
 * ERR_NOT_FOUND, ERR_DENIED without a text; ERR_BUSY. */
static int look_up(const struct front *f, struct arena *a, int index,
    const char *key, const char *hash, struct client *out, struct err *e)
{
	struct view_item item;
	struct view_read *read;
	int rc = view_read_begin(f->conf.view, &read, e);

	if (rc != 0)
		return rc;
	rc = view_find(read, f->token_type, index, key, &item);
	/* What two have proves nothing. */
	if (rc == 0 && hash == NULL && view_count_key(read, f->token_type,
	    index, key) != 1)
		rc = ERR_DENIED;
	if (rc == 0) {
		view_item_entry(a, &item);
		if (is_good(a, &item.entry, hash))
			take_client(a, &item.entry, out);
		else
			rc = ERR_DENIED;
	}
	view_read_end(read);
	return rc;
}

static int no_client(int rc, const char *why, struct err *e)
{
	return rc != ERR_NOT_FOUND && rc != ERR_DENIED ? rc :
	    err_set(e, ERR_DENIED, "%s", why);
}

/* --- the ways ---------------------------------------------------------------- */

/* The names go from the most to the least exact; the first that an entry has
 * decides. */
static int by_certificate(const struct front *f,
    const struct httpd_request *q, struct client *out, struct err *e)
{
	int rc = ERR_NOT_FOUND;
	size_t i;

	for (i = 0; rc == ERR_NOT_FOUND && i < q->cert.n &&
	    f->cert_attr != NULL; i++)
		rc = look_up(f, q->arena, f->cert_attr->index, scim_key(
		    q->arena, f->cert_attr, q->cert.v[i]), NULL, out, e);
	return rc == 0 ? 0 : no_client(rc, arena_printf(q->arena, "no client "
	    "has this certificate, or it is disabled or has expired: %.80s",
	    q->cert.v[0]), e);
}

static int by_signed_token(const struct front *f,
    const struct httpd_request *q, const char *token, struct client *out,
    struct err *e)
{
	const char *cert = q->cert.n != 0 ? q->cert.v[0] +
	    strlen("sha256:") : NULL;
	struct jwt_claims c;
	struct strv have;
	int rc = issuer_verify(f->issuer, q->arena, token, cert, &c, e);

	if (rc != 0)
		return rc;
	rc = f->subject_attr == NULL ? ERR_NOT_FOUND : look_up(f, q->arena,
	    f->subject_attr->index, scim_key(q->arena, f->subject_attr,
	    c.subject), NULL, out, e);
	if (rc != 0)
		return no_client(rc, "no client has the subject of this "
		    "token, or it is disabled or has expired", e);
	have = out->scopes;
	if (c.scoped)
		authorise_narrow(q->arena, &have, &c.scopes, &out->scopes);
	return 0;
}

static int by_token(const struct front *f, const struct httpd_request *q,
    const char *token, struct client *out, struct err *e)
{
	int rc = ERR_NOT_FOUND;

	if (jwt_is_one(token) && issuer_is_there(f->issuer))
		return by_signed_token(f, q, token, out, e);
	if (*token != '\0' && strlen(token) <= TOKEN_MAX &&
	    f->token_index != 0) {
		token = hash_sha256_hex(q->arena, token);
		rc = look_up(f, q->arena, f->token_index, token, token, out,
		    e);
	}
	return rc == 0 ? 0 : no_client(rc, "the token is unknown, expired or "
	    "revoked", e);
}

int auth_client(const struct front *f, const struct httpd_request *q,
    struct client *out, struct err *e)
{
	const char *h = httpd_header(q, "Authorization");

	if (h == NULL && q->cert.n != 0)
		return by_certificate(f, q, out, e);
	if (h == NULL)
		return err_set(e, ERR_DENIED, "a bearer token is needed: "
		    "Authorization: Bearer TOKEN");
	if (strncasecmp(h, "Bearer ", 7) != 0)
		return err_set(e, ERR_DENIED, "only bearer tokens are taken: "
		    "Authorization: Bearer TOKEN");
	h += 7;
	h += strspn(h, " ");
	return by_token(f, q, h, out, e);
}
