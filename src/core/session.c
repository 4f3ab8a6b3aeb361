/* SPDX-License-Identifier: ISC */
#include "core/session.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/invite.h"
#include "core/window.h"
#include "model/person.h"

#define VERSION 1
#define MUST_CHANGE 1			/* in flags */
#define PERSON 2			/* where things stand */
#define ISSUED 18
#define EXPIRY 26
#define MAC 34
#define SIZE 66
#define TEXT (SIZE / 3 * 4)		/* without padding: 66 = 22 * 3 */

static const char label[8] = "session";

bool session_is_one(const char *token)
{
	return str_starts(token, SESSION_PREFIX);
}

static void put64(uint8_t *p, int64_t v)
{
	int i;

	for (i = 0; i < 8; i++)
		p[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
}

static int64_t get64(const uint8_t *p)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

static void sign(const char *code_key, const uint8_t *p, uint8_t mac[32])
{
	uint8_t text[sizeof(label) + MAC];

	memcpy(text, label, sizeof(label));
	memcpy(text + sizeof(label), p, MAC);
	hash_hmac256(code_key, strlen(code_key), text, sizeof(text), mac);
}

char *session_print(struct arena *a, const char *code_key,
    const struct session *s)
{
	uint8_t p[SIZE] = { VERSION, s->must_change ? MUST_CHANGE : 0 };

	if (code_key == NULL || *code_key == '\0')
		return NULL;
	memcpy(p + PERSON, s->person, sizeof(s->person));
	put64(p + ISSUED, s->issued);
	put64(p + EXPIRY, s->expiry);
	sign(code_key, p, p + MAC);
	return arena_printf(a, SESSION_PREFIX "%s",
	    str_base64url(a, p, sizeof(p)));
}

/* The same time wherever they differ. */
static bool same(const uint8_t *x, const uint8_t *y, size_t n)
{
	uint8_t d = 0;
	size_t i;

	for (i = 0; i < n; i++)
		d |= x[i] ^ y[i];
	return d == 0;
}

static bool is_signed(struct arena *a, const char *code_key,
    const char *token, uint8_t **p)
{
	const char *text = token + strlen(SESSION_PREFIX);
	uint8_t mac[32];
	size_t n;

	if (code_key == NULL || *code_key == '\0' || !session_is_one(token) ||
	    strnlen(text, TEXT + 1) != TEXT ||
	    str_unbase64url(a, text, TEXT, p, &n) != 0 || n != SIZE)
		return false;
	sign(code_key, *p, mac);
	return same(mac, *p + MAC, sizeof(mac)) && (*p)[0] == VERSION;
}

/* What there is was good once: its sender guesses nothing. */
static int ended(const char *why, struct err *e)
{
	return err_kind(e, ERR_DENIED, "ended", "%s", why);
}

int session_parse(struct arena *a, const char *code_key, const char *token,
    int64_t now, struct session *out, struct err *e)
{
	uint8_t *p;

	if (!is_signed(a, code_key, token, &p))
		return err_set(e, ERR_DENIED, "the session is unknown: sign in "
		    "with POST /v1/session");
	memcpy(out->person, p + PERSON, sizeof(out->person));
	out->issued = get64(p + ISSUED);
	out->expiry = get64(p + EXPIRY);
	out->must_change = (p[1] & MUST_CHANGE) != 0;
	return now < out->expiry ? 0 : ended("the session has expired: sign "
	    "in again with POST /v1/session", e);
}

/* --- as the entry stands ------------------------------------------------------ */

/* Sessions issued until then are over; what can't be read ends them all. */
static int64_t over_until(const struct entry *person)
{
	const char *text = entry_get(person, SESSION_ENDED_ATTR);
	const char *reset = entry_get(person, "provostReset");
	int64_t until = 0, t = 0;

	if (text != NULL && !clock_parse_gt(text, &until))
		return CLOCK_NEVER;
	if (reset == NULL)
		return until;
	if (!invite_time(reset, &t))
		return CLOCK_NEVER;
	/* In whole seconds, cut: the reset may have come at its end. */
	t += CLOCK_SECOND - 1;
	return t > until ? t : until;
}

/* Why access to the portal is closed by its periods; NULL: it isn't. */
static const char *portal_closed(struct arena *a, const struct entry *person,
    int64_t now)
{
	const struct right portal = { RIGHT_PORTAL, "", "" };
	struct window w;
	struct person p;

	if (entry_get(person, "provostPeriod") == NULL)
		return NULL;
	person_read(a, person, &p, NULL);
	window_make(a, &p, &w);
	return window_cut(a, &w, &portal, now);
}

/* Have they not joined yet, or left (T3)? */
static bool out_of_time(struct arena *a, const struct entry *person,
    int64_t now)
{
	struct person p;

	if (entry_get(person, "provostStartsAt") == NULL &&
	    entry_get(person, "provostEndsAt") == NULL)
		return false;
	person_read(a, person, &p, NULL);
	return now < p.starts || now >= p.ends;
}

int session_allowed(struct arena *a, const struct entry *person, int64_t now,
    struct err *e)
{
	const char *state = entry_get(person, "provostState");
	const char *portal = entry_get(person, "provostPortalAccess");
	const char *closed = portal_closed(a, person, now);

	if (state != NULL && str_ieq(state, "invited"))
		return ended("you have not registered yet: use the invitation "
		    "that was mailed to you (V8)", e);
	if (state == NULL || !str_ieq(state, "active") ||
	    out_of_time(a, person, now))
		return ended("you are not active: ask your primary contact or "
		    "administrator", e);
	if (portal != NULL && str_ieq(portal, "none"))
		return ended("your access to the portal was taken away: ask "
		    "your primary contact or administrator (A2)", e);
	if (closed != NULL)
		return ended(arena_printf(a, "your access to the portal: %s; "
		    "ask your primary contact or administrator (A2)", closed),
		    e);
	if (over_until(person) == CLOCK_NEVER)
		return ended(SESSION_ENDED_ATTR " or provostReset of your "
		    "entry can't be read: ask your administrator", e);
	return 0;
}

int session_alive(struct arena *a, const struct session *s,
    const struct entry *person, int64_t now, struct err *e)
{
	int rc = session_allowed(a, person, now, e);

	if (rc == 0 && s->issued <= over_until(person))
		rc = ended("the session was ended: sign in again with "
		    "POST /v1/session", e);
	return rc;
}

int64_t session_begin(const struct entry *person, int64_t now)
{
	int64_t until = over_until(person);

	return until < now || until == CLOCK_NEVER ? now : until + 1;
}

void session_end(struct arena *a, struct change *c, int64_t now,
    int64_t issued)
{
	char t[24];

	change_set(a, c, MOD_REPLACE, SESSION_ENDED_ATTR, clock_print_gt_us(
	    issued > now ? issued : now, t));
}
