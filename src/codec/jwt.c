/* SPDX-License-Identifier: ISC */
#include "codec/jwt.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/json.h"
#include "codec/jwt_p.h"

#define SUBJECT_MAX 1024
#define SCOPES_MAX 256

struct checking {
	struct arena *a;
	const struct jwt_keys *keys;
	const struct jwt_policy *p;
	int64_t now;			/* seconds */
	struct sign_bytes signed_part, signature;
	struct json *header, *claims;
};

static int denied(struct err *e, const char *why)
{
	return err_set(e, ERR_DENIED, "the token %s", why);
}

/* --- the three parts (RFC 7515 7.1) --------------------------------------- */

bool jwt_is_one(const char *token)
{
	const char *dot = strchr(token, '.');

	dot = dot != NULL ? strchr(dot + 1, '.') : NULL;
	return dot != NULL && strchr(dot + 1, '.') == NULL;
}

static int read_object(struct arena *a, const char *s, size_t n,
    struct json **out)
{
	unsigned char *text;
	size_t len;

	if (str_unbase64url(a, s, n, &text, &len) != 0 ||
	    json_parse(a, (const char *)text, len, out, NULL) != 0)
		return -1;
	return (*out)->kind == JSON_IS_OBJECT ? 0 : -1;
}

/* The claims are read when the signature is known to be good. */
static int split(struct checking *c, const char *token, const char **claims,
    size_t *n)
{
	const char *dot = strchr(token, '.'), *last = strrchr(token, '.');
	unsigned char *sig;

	*claims = dot + 1;
	*n = (size_t)(last - *claims);
	c->signed_part = (struct sign_bytes){ (const unsigned char *)token,
	    (size_t)(last - token) };
	if (str_unbase64url(c->a, last + 1, strlen(last + 1), &sig,
	    &c->signature.n) != 0)
		return -1;
	c->signature.p = sig;
	return read_object(c->a, token, (size_t)(dot - token), &c->header);
}

/* --- header and signature -------------------------------------------------- */

/* RFC 9068 2.1; issuers that do not follow it write JWT. Whatever else a
 * token is for, it is not for this (RFC 8725 3.11). */
static bool type_good(const struct json *h)
{
	const struct json *typ = jwt_member(h, "typ");

	return typ == NULL || (typ->kind == JSON_IS_STRING &&
	    (str_ieq(typ->s, "JWT") || str_ieq(typ->s, "at+jwt") ||
	    str_ieq(typ->s, "application/at+jwt")));
}

static int check_signature(const struct checking *c, struct err *e)
{
	const char *alg = jwt_text(c->header, "alg");
	const struct json *kid = jwt_member(c->header, "kid");
	bool known = false;
	size_t i;

	if (jwt_member(c->header, "crit") != NULL)
		return denied(e, "asks for what this server can't do (crit)");
	if (!type_good(c->header))
		return denied(e, "is no access token (typ)");
	if (kid != NULL && kid->kind != JSON_IS_STRING)
		return denied(e, "has a kid that is no text");
	for (i = 0; i < c->keys->n; i++) {
		const struct jwt_key *k = &c->keys->v[i];

		if (!str_eq(alg, k->alg) || (kid != NULL && k->kid != NULL &&
		    strcmp(kid->s, k->kid) != 0))
			continue;
		known = true;
		if (sign_verify(k->key, c->signed_part, c->signature))
			return 0;
	}
	return denied(e, known ? "has a signature that is not good" :
	    "is signed with a key or an algorithm that is not known here");
}

/* --- claims ----------------------------------------------------------------- */

/* A NumericDate (RFC 7519 2). 0 absent, 1 found, -1 not a number. */
static int date(const struct json *claims, const char *name, int64_t *out)
{
	const struct json *j = jwt_member(claims, name);

	if (j == NULL)
		return 0;
	if (j->kind == JSON_IS_INT)
		*out = j->i;
	else if (j->kind == JSON_IS_REAL && j->r > -1e15 && j->r < 1e15)
		*out = (int64_t)j->r;
	else
		return -1;
	return 1;
}

static int check_times(const struct checking *c, struct err *e)
{
	int64_t exp = 0, nbf = 0, iat = 0;

	if (date(c->claims, "exp", &exp) != 1)
		return denied(e, "does not say when it ends (exp)");
	if (date(c->claims, "nbf", &nbf) < 0 ||
	    date(c->claims, "iat", &iat) < 0)
		return denied(e, "has times that can't be read");
	if (c->now - JWT_LEEWAY >= exp)
		return denied(e, "has expired");
	if (nbf > c->now + JWT_LEEWAY || iat > c->now + JWT_LEEWAY)
		return denied(e, "is not valid yet");
	return 0;
}

static bool for_us(const struct checking *c)
{
	const struct json *aud = jwt_member(c->claims, "aud"), *j;

	if (aud == NULL || aud->kind == JSON_IS_STRING)
		return aud != NULL && strcmp(aud->s, c->p->audience) == 0;
	for (j = aud->kind == JSON_IS_ARRAY ? aud->child : NULL; j != NULL;
	    j = j->next)
		if (j->kind == JSON_IS_STRING &&
		    strcmp(j->s, c->p->audience) == 0)
			return true;
	return false;
}

/* RFC 7800: who can't prove that the key is theirs may not use it. */
static bool bound_to_another(const struct checking *c)
{
	const struct json *cnf = jwt_member(c->claims, "cnf");
	unsigned char *sum;
	const char *text;
	size_t n;

	if (cnf == NULL)
		return false;
	text = cnf->kind == JSON_IS_OBJECT && cnf->n == 1 ?
	    jwt_text(cnf, "x5t#S256") : NULL;
	return text == NULL || c->p->certificate == NULL ||
	    str_unbase64url(c->a, text, strlen(text), &sum, &n) != 0 ||
	    strcmp(str_hex(c->a, sum, n), c->p->certificate) != 0;
}

static bool add_words(struct arena *a, const char *s, struct strv *out)
{
	size_t n;

	for (s += strspn(s, " "); *s != '\0'; s += strspn(s, " ")) {
		n = strcspn(s, " ");
		if (out->n == SCOPES_MAX)
			return false;
		strv_add(a, out, arena_strndup(a, s, n));
		s += n;
	}
	return true;
}

/* RFC 8693 4.2: words; some issuers make a list of them. */
static int read_scopes(const struct checking *c, struct jwt_claims *out,
    struct err *e)
{
	const struct json *j = jwt_member(c->claims, "scope"), *el;
	bool good = true;

	if (j == NULL)
		return 0;
	out->scoped = true;
	if (j->kind == JSON_IS_STRING)
		good = add_words(c->a, j->s, &out->scopes);
	else if (j->kind != JSON_IS_ARRAY)
		good = false;
	for (el = j->child; good && el != NULL; el = el->next)
		good = el->kind == JSON_IS_STRING &&
		    add_words(c->a, el->s, &out->scopes);
	return good ? 0 : denied(e, "has a scope that can't be read");
}

static int check_claims(const struct checking *c, struct jwt_claims *out,
    struct err *e)
{
	int rc;

	if (!str_eq(jwt_text(c->claims, "iss"), c->p->issuer))
		return denied(e, "is of another issuer (iss)");
	if (!for_us(c))
		return denied(e, "is not meant for this server (aud)");
	if ((rc = check_times(c, e)) != 0)
		return rc;
	if (bound_to_another(c))
		return denied(e, "is bound to a key that was not shown (cnf)");
	out->subject = jwt_text(c->claims, c->p->claim);
	if (out->subject == NULL || *out->subject == '\0' ||
	    strlen(out->subject) > SUBJECT_MAX)
		return err_set(e, ERR_DENIED, "the token does not say who it "
		    "is for (%s)", c->p->claim);
	return read_scopes(c, out, e);
}

int jwt_verify(struct arena *a, const struct jwt_keys *k,
    const struct jwt_policy *p, const char *token, int64_t now,
    struct jwt_claims *out, struct err *e)
{
	struct checking c = { .a = a, .keys = k, .p = p,
	    .now = now / CLOCK_SECOND };
	const char *claims = NULL;
	size_t n = 0;
	int rc;

	*out = (struct jwt_claims){ 0 };
	if (strlen(token) > JWT_MAX)
		return denied(e, "is too long");
	if (!jwt_is_one(token) || split(&c, token, &claims, &n) != 0)
		return denied(e, "can't be read");
	if ((rc = check_signature(&c, e)) != 0)
		return rc;
	if (read_object(a, claims, n, &c.claims) != 0)
		return denied(e, "has claims that can't be read");
	return check_claims(&c, out, e);
}
