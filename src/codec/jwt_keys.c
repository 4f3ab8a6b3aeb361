/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "codec/json.h"
#include "codec/jwt_p.h"

/* RFC 7517 4: names are case-sensitive, unlike SCIM's. */
const struct json *jwt_member(const struct json *j, const char *name)
{
	const struct json *c = j->child;

	while (c != NULL && strcmp(c->name, name) != 0)
		c = c->next;
	return c;
}

const char *jwt_text(const struct json *j, const char *name)
{
	const struct json *c = jwt_member(j, name);

	return c != NULL && c->kind == JSON_IS_STRING ? c->s : NULL;
}

/* --- which keys ---------------------------------------------------------- */

/* For which algorithm a key of this kind can be; NULL none of ours. */
static const char *alg_of(const struct json *j)
{
	const char *kty = jwt_text(j, "kty"), *crv = jwt_text(j, "crv");

	if (str_eq(kty, "RSA"))
		return JWT_RS256;
	return str_eq(kty, "EC") && str_eq(crv, "P-256") ? JWT_ES256 : NULL;
}

static bool may_verify(const struct json *j)
{
	const struct json *ops = jwt_member(j, "key_ops"), *c;

	if (ops == NULL)
		return true;
	for (c = ops->child; c != NULL; c = c->next)
		if (c->kind == JSON_IS_STRING && strcmp(c->s, "verify") == 0)
			return true;
	return false;
}

static bool is_for_us(const struct json *j)
{
	const char *alg = alg_of(j);

	return alg != NULL && may_verify(j) &&
	    (jwt_member(j, "use") == NULL ||
	    str_eq(jwt_text(j, "use"), "sig")) &&
	    (jwt_member(j, "alg") == NULL ||
	    str_eq(jwt_text(j, "alg"), alg));
}

/* --- one key ------------------------------------------------------------- */

static int number(struct arena *a, const struct json *j, const char *name,
    struct sign_bytes *out, struct err *e)
{
	const char *s = jwt_text(j, name);
	unsigned char *p;

	if (s == NULL || str_unbase64url(a, s, strlen(s), &p, &out->n) != 0)
		return err_set(e, ERR_INVALID, "\"%s\" is missing or not "
		    "base64url", name);
	out->p = p;
	return 0;
}

static int read_numbers(struct arena *a, const struct json *j,
    struct jwt_key *k, struct err *e)
{
	bool rsa = strcmp(k->alg, JWT_RS256) == 0;
	struct sign_bytes x, y;
	int rc;

	if (jwt_member(j, "d") != NULL)
		return err_set(e, ERR_INVALID, "this is a private key: it "
		    "belongs to the issuer alone");
	if ((rc = number(a, j, rsa ? "n" : "x", &x, e)) != 0 ||
	    (rc = number(a, j, rsa ? "e" : "y", &y, e)) != 0)
		return rc;
	return rsa ? sign_key_rsa(x, y, &k->key, e) :
	    sign_key_p256(x, y, &k->key, e);
}

static int read_key(struct jwt_keys *set, const struct json *j, size_t at,
    struct err *e)
{
	struct jwt_key *k = &set->v[set->n];
	const char *kid = jwt_text(j, "kid");
	int rc;

	if (set->n == JWT_KEYS_MAX)
		return err_set(e, ERR_LIMIT, "more than %d keys",
		    JWT_KEYS_MAX);
	k->alg = alg_of(j);
	k->kid = kid != NULL ? arena_strdup(set->arena, kid) : NULL;
	if ((rc = read_numbers(set->arena, j, k, e)) != 0)
		return err_wrap(e, "key %zu", at);
	set->n++;
	return 0;
}

/* --- a set --------------------------------------------------------------- */

static int read_set(struct jwt_keys *set, const char *text, size_t len,
    struct err *e)
{
	const struct json *keys, *c;
	struct json *j;
	size_t at = 1;
	int rc;

	if (len > JWT_KEYS_SIZE)
		return err_set(e, ERR_LIMIT, "more than %zu KiB",
		    JWT_KEYS_SIZE >> 10);
	if ((rc = json_parse(set->arena, text, len, &j, e)) != 0)
		return rc;
	keys = j->kind == JSON_IS_OBJECT ? jwt_member(j, "keys") : NULL;
	if (keys == NULL || keys->kind != JSON_IS_ARRAY)
		return err_set(e, ERR_INVALID, "not a JWK Set: {\"keys\": "
		    "[...]}");
	for (c = keys->child; c != NULL; c = c->next, at++)
		if (c->kind == JSON_IS_OBJECT && is_for_us(c) &&
		    (rc = read_key(set, c, at, e)) != 0)
			return rc;
	return set->n != 0 ? 0 : err_set(e, ERR_INVALID, "no key that "
	    "verifies RS256 or ES256");
}

int jwt_keys_parse(const char *text, size_t len, struct jwt_keys **out,
    struct err *e)
{
	struct arena *a = arena_new();
	struct jwt_keys *set = arena_alloc(a, sizeof(*set));
	int rc;

	set->arena = a;
	rc = read_set(set, text, len, e);
	if (rc != 0)
		jwt_keys_free(set);
	else
		*out = set;
	return rc;
}

void jwt_keys_free(struct jwt_keys *set)
{
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < set->n; i++)
		sign_key_free(set->v[i].key);
	arena_free(set->arena);
}
