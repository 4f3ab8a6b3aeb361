/* SPDX-License-Identifier: ISC */
/* What is written and never read back, and the items of a request. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "codec/scim_kind.h"
#include "model/code.h"

#define TOKEN_BYTES 32
#define SECRETS_MAX 100	/* each is hashed, and compared with the others */

static void no_elements(struct scim_elems *b, const struct scim_attr *at)
{
	(void)b;
	(void)at;
}

/* --- secret: a keyed hash, to be found by but never shown ---------------- */

static void secret_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct attr *la = entry_attr(b->src->e, at->ldap);
	size_t k;

	for (k = 0; la != NULL && k < la->n; k++) {
		scim_elems_add(b, NULL, SF_TEXT, la->v[k].p);
		b->n_elems++;
	}
}

static void add_secret(struct scim_reading *rd, const struct scim_attr *at,
    const char *v)
{
	const char *hash = code_hash(rd->a, rd->m->code_key, v);

	scim_reading_add(rd, at, at->ldap, hash, strlen(hash));
}

/* Of several codes some may stand in one value, with commas between (V23). */
static int add_secrets(struct scim_reading *rd, const struct scim_attr *at,
    const char *v, unsigned *left, struct err *e)
{
	size_t n;

	for (; *v != '\0'; v += v[n] == ',' ? n + 1 : n) {
		n = strcspn(v, ",");
		if (strspn(v, " ") >= n)
			continue;
		if (*left == 0)
			return scim_bad(at, e, "takes at most %d codes",
			    SECRETS_MAX);
		--*left;
		add_secret(rd, at, arena_strndup(rd->a, v, n));
	}
	return 0;
}

static int secret_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	unsigned left = SECRETS_MAX;
	const struct json *c;
	int rc = 0;

	for (c = scim_first(j); rc == 0 && c != NULL; c = scim_next(j, c)) {
		const char *v;
		size_t n;

		rc = scim_stored(rd, at, c, &v, &n, e);
		if (rc == 0 && v != NULL && at->multi)
			rc = add_secrets(rd, at, v, &left, e);
		else if (rc == 0 && v != NULL)
			add_secret(rd, at, v);
		if (!at->multi)
			break;
	}
	return rc;
}

const struct scim_kind scim_kind_secret = { .word = "secret", .n_ldap = 1,
	.elements = secret_elements, .read = secret_read };

/* --- password ------------------------------------------------------------ */

static int password_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	const char *v;
	size_t n;
	int rc = scim_stored(rd, at, j, &v, &n, e);

	if (rc != 0 || v == NULL)
		return rc;
	if (rd->old == NULL) {
		entry_add(rd->a, rd->out, at->ldap, v);
	} else {
		rd->res->password_attr = at->ldap;
		rd->res->password = v;
	}
	return 0;
}

const struct scim_kind scim_kind_password = { .word = "password",
	.n_ldap = 1, .elements = no_elements, .read = password_read };

/* --- tokens: "sha256hex expiry", at most two live ------------------------ */

static void tokens_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct attr *la = entry_attr(b->src->e, at->ldap);
	const char *w[2];
	size_t k;

	for (k = 0; la != NULL && k < la->n; k++) {
		if (str_words(b->a, la->v[k].p, w, 2) != 2)
			continue;
		scim_elems_add(b, NULL, SF_TEXT, w[0]);
		b->n_elems++;
	}
}

static const char *new_token(struct scim_reading *rd,
    const struct scim_attr *at)
{
	uint8_t random[TOKEN_BYTES];
	const char *token, *expiry = NULL;

	hash_random(random, sizeof(random));
	token = str_base64url(rd->a, random, sizeof(random));
	if (at->more[0][0] != '\0')
		expiry = entry_get(rd->out, at->more[0]);
	rd->res->secret = token;
	rd->res->secret_name = at->name;
	return arena_printf(rd->a, "%s %s", hash_sha256_hex(rd->a, token),
	    expiry == NULL ? "-" : expiry);
}

/* An update that says token (whatever it says) gets a second one, so that
 * both are good while it is being rolled out; the last one made stays. */
static int tokens_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	const struct attr *was = rd->old == NULL ? NULL :
	    entry_attr(rd->old->e, at->ldap);

	(void)j;
	(void)e;
	if (was != NULL && was->n > 0)
		entry_add(rd->a, rd->out, at->ldap, was->v[was->n - 1].p);
	entry_add(rd->a, rd->out, at->ldap, new_token(rd, at));
	return 0;
}

const struct scim_kind scim_kind_tokens = { .word = "tokens", .n_ldap = -1,
	.late = true, .elements = tokens_elements, .read = tokens_read };

/* --- items: "item approved", "item paperless", "item because%20..." ------ */

#define ITEMS_MAX 500	/* each is looked for among the others */

enum { VALUE, BILLING, DECISION, REASON };

static const char *item_ldap(const struct scim_attr *at, int part)
{
	return part == DECISION ? at->ldap :
	    at->more[part == BILLING ? 0 : 1];
}

static const char *item_word(struct scim_elems *b, const char *ldap,
    const char *item)
{
	const struct attr *la = entry_attr(b->src->e, ldap);
	const char *w[2];
	size_t k;

	for (k = 0; la != NULL && k < la->n; k++)
		if (str_words(b->a, la->v[k].p, w, 2) == 2 &&
		    scim_same_key(b->a, w[0], item))
			return w[1];
	return NULL;
}

static void put_item(struct scim_elems *b, const struct scim_attr *at,
    const char *item)
{
	int part;

	scim_elems_add(b, &at->sub[VALUE], SF_TEXT, item);
	for (part = BILLING; part <= REASON; part++) {
		const char *w = item_word(b, item_ldap(at, part), item);

		if (w != NULL)
			scim_elems_add(b, &at->sub[part], SF_TEXT, w);
	}
	b->n_elems++;
}

static void items_elements(struct scim_elems *b, const struct scim_attr *at)
{
	struct strv seen = { 0 };
	const char *w[2];
	size_t k;
	int part;

	for (part = BILLING; part <= REASON; part++) {
		const struct attr *la = entry_attr(b->src->e,
		    item_ldap(at, part));

		for (k = 0; la != NULL && k < la->n; k++) {
			if (str_words(b->a, la->v[k].p, w, 2) != 2 ||
			    strv_has(&seen, scim_fold(b->a, w[0])))
				continue;
			strv_add(b->a, &seen, scim_fold(b->a, w[0]));
			put_item(b, at, w[0]);
		}
	}
}

static int item_one(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *el, struct err *e)
{
	const struct json *v = json_member(el, "value");
	const char *item, *word;
	size_t n;
	int part, rc;

	if (v == NULL)
		return scim_bad(&at->sub[VALUE], e,
		    "is missing, expected the item's key");
	rc = scim_stored(rd, &at->sub[VALUE], v, &item, &n, e);
	if (rc != 0 || item == NULL)
		return rc;
	for (part = BILLING; rc == 0 && part <= REASON; part++) {
		const struct json *j = json_member(el, at->sub[part].name);

		if (j == NULL || j->kind == JSON_IS_NULL)
			continue;
		rc = scim_stored(rd, &at->sub[part], j, &word, &n, e);
		if (rc == 0 && word != NULL)
			entry_add(rd->a, rd->out, item_ldap(at, part),
			    arena_printf(rd->a, "%s %s",
			    str_word(rd->a, item), str_word(rd->a, word)));
	}
	return rc;
}

static int items_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	struct strv seen = { 0 };
	const struct json *c;
	int rc = 0;

	for (c = scim_first(j); rc == 0 && c != NULL; c = scim_next(j, c)) {
		const char *v = json_member_str(c, "value");

		if (v != NULL && strv_has(&seen, scim_fold(rd->a, v)))
			return scim_bad(at, e, "%.64s is there twice", v);
		if (seen.n == ITEMS_MAX)
			return scim_bad(at, e, "takes at most %d items",
			    ITEMS_MAX);
		if (v != NULL)
			strv_add(rd->a, &seen, scim_fold(rd->a, v));
		rc = item_one(rd, at, c, e);
	}
	return rc;
}

static const struct scim_sub_def items_subs[] = {
	{ .name = "value", .description = "The account, tool or other item" },
	{ .name = "billing", .description = "How its account is billed" },
	{ .name = "decision", .description = "What was decided on it" },
	{ .name = "reason", .description = "Why" },
	{ .name = NULL }
};

const struct scim_kind scim_kind_items = { .word = "items", .n_ldap = 3,
	.subs = items_subs, .elements = items_elements, .read = items_read };
