/* SPDX-License-Identifier: ISC */
/* What a mail says: the values for its template. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/utf8.h"
#include "core/invite.h"
#include "core/notice.h"
#include "core/request.h"

#define MAX_VALUES 8
#define MAX_ITEMS ((size_t)1 << 20)

const char *const *notice_names(enum notice_kind k)
{
	static const char *const names[NOTICE_KINDS][MAX_VALUES + 1] = {
		[NOTICE_INVITATION] = { "name", "login", "link", "token",
		    "expires" },
		[NOTICE_RESET] = { "name", "login", "password" },
		[NOTICE_CONFIRMATION] = { "name", "user", "login" },
		[NOTICE_REQUEST] = { "name", "request", "requester",
		    "beneficiary", "items", "justification", "expires" },
		[NOTICE_DECISION] = { "name", "request", "beneficiary",
		    "outcome", "items", "reason", "decider" },
		[NOTICE_PORTAL] = { "name", "login", "link" },
		[NOTICE_PHONE] = { "request", "expires", "name", "code",
		    "account", "phone" },
		[NOTICE_POST] = { "request", "expires", "name", "code",
		    "account", "company", "address" },
	};

	return names[k];
}

/* Where the person's own words go into a line of ours: one line, and nothing
 * that turns the direction of writing. */
static const char *clean(struct arena *a, const char *s)
{
	size_t left = strlen(s), n;
	char *out = arena_alloc(a, left + 1), *to = out;
	uint32_t c;

	for (; left != 0; s += n, left -= n) {
		n = utf8_next(s, left, &c);
		if (n == 0 || text_unsafe(c)) {
			*to++ = n == 0 ? '?' : ' ';
			n = n == 0 ? 1 : n;
			continue;
		}
		memcpy(to, s, n);
		to += n;
	}
	return out;
}

static const char *name_of(struct arena *a, const struct person *p)
{
	if (p == NULL)
		return "somebody who is gone";
	return clean(a, *p->display != '\0' ? p->display : p->uid);
}

static const char *login_of(struct arena *a, const struct person *p)
{
	return clean(a, p->state == PERSON_INVITED &&
	    *p->temporary_login != '\0' ? p->temporary_login : p->uid);
}

static const char *when(struct arena *a, int64_t t)
{
	char text[32];

	clock_print_rfc3339(t, text);
	return arena_printf(a, "%.10s %.5s UTC", text, text + 11);
}

static const char *link_to(struct arena *a, const char *link,
    const char *login, const char *token)
{
	const char *url = arena_printf(a, "%s%clogin=%s", link,
	    strchr(link, '?') != NULL ? '&' : '?', str_url(a, login));

	return token == NULL ? url : arena_printf(a, "%s&token=%s", url,
	    str_url(a, token));
}

/* --- secrets ---------------------------------------------------------------- */

static int check_secret(const char *stored, const char *secret,
    const char *what, struct err *e)
{
	if (secret != NULL && invite_matches(stored, secret))
		return 0;
	return err_set(e, ERR_ITEM_BAD, "%s was not made with this code key: "
	    "make it anew", what);
}

static int invitation(struct arena *a, const struct notice *n,
    const char *code_key, const char *link, const char **v, struct err *e)
{
	const char *login = login_of(a, n->to), *token = invite_token(a,
	    code_key, n->to->person_id, n->time);
	int rc = check_secret(n->to->invitation, token, "the invitation", e);

	if (rc != 0)
		return rc;
	v[0] = name_of(a, n->to);
	v[1] = login;
	v[2] = link_to(a, link, login, token);
	v[3] = token;
	v[4] = when(a, n->time);
	return 0;
}

static int reset(struct arena *a, const struct notice *n,
    const char *code_key, const char **v, struct err *e)
{
	const char *password = invite_password(a, code_key, n->to->person_id,
	    n->time);
	int rc = check_secret(n->to->reset, password,
	    "the temporary password", e);

	if (rc != 0)
		return rc;
	v[0] = name_of(a, n->to);
	v[1] = login_of(a, n->to);
	v[2] = password;
	return 0;
}

/* --- requests --------------------------------------------------------------- */

static const char *thing(struct arena *a, const struct right *r,
    const struct world *w)
{
	const struct company *company;
	const struct tool *tool;
	const struct role *role;

	switch (r->kind) {
	case RIGHT_ACCOUNT:
		return arena_printf(a, "account %s", r->key);
	case RIGHT_TOOL:
		tool = w->tool(w->ctx, r->key);
		return arena_printf(a, "tool %s", tool != NULL && *tool->name ?
		    tool->name : r->key);
	case RIGHT_TOOL_ACCOUNT:
		return arena_printf(a, "account %s in the tool", r->account);
	case RIGHT_ROLE:
		role = w->role(w->ctx, r->key);
		return arena_printf(a, "role %s", role != NULL &&
		    *role->display ? role->display : r->key);
	case RIGHT_COMPANY:
		company = w->company(w->ctx, r->key);
		return arena_printf(a, "company %s", company != NULL &&
		    *company->name ? company->name : r->key);
	case RIGHT_GROUP:
		return arena_printf(a, "group identifier %s", r->key);
	default:
		return "access to the portal";
	}
}

static bool was_granted(const struct request *r)
{
	return r->state == REQUEST_APPROVED || r->state == REQUEST_APPLIED;
}

/* One line an item; with what became of it where it was decided. */
static const char *items(struct arena *a, const struct request *r,
    const struct world *w)
{
	bool decided = was_granted(r) || r->state == REQUEST_DENIED;
	struct right *v;
	size_t n = request_rights(a, r, &v), i;
	struct buf out;
	const char *s;

	buf_init(&out, MAX_ITEMS);
	for (i = 0; i < n; i++) {
		s = request_item_reason(r, request_item(&v[i]));
		buf_printf(&out, "%s%s", i ? "\n" : "", clean(a, thing(a,
		    &v[i], w)));
		if (decided)
			buf_printf(&out, ": %s%s%s", was_granted(r) &&
			    request_right_approved(r, &v[i]) ? "approved" :
			    "denied", *s ? ", " : "", clean(a, s));
	}
	s = arena_strdup(a, buf_str(&out));
	buf_fini(&out);
	return s;
}

static const char *outcome(const struct request *r)
{
	return r->state == REQUEST_APPLIED ? "approved" :
	    request_state_word(r->state);
}

static void request(struct arena *a, const struct notice *n,
    const struct notice_facts *f, const char **v)
{
	const struct request *r = n->request;

	v[0] = name_of(a, n->to);
	v[1] = clean(a, r->id);
	v[2] = name_of(a, f->by_dn(f->ctx, r->requester));
	v[3] = name_of(a, f->by_dn(f->ctx, r->beneficiary));
	v[4] = items(a, r, f->world);
	v[5] = clean(a, r->justification);
	v[6] = when(a, request_expires(r));
}

static void decision(struct arena *a, const struct notice *n,
    const struct notice_facts *f, const char **v)
{
	const struct request *r = n->request;

	v[0] = name_of(a, n->to);
	v[1] = clean(a, r->id);
	v[2] = name_of(a, f->by_dn(f->ctx, r->beneficiary));
	v[3] = outcome(r);
	v[4] = items(a, r, f->world);
	v[5] = clean(a, r->state == REQUEST_FAILED ? r->status_text :
	    r->reason);
	v[6] = *r->decided_by == '\0' ? "nobody" :
	    name_of(a, f->by_dn(f->ctx, r->decided_by));
}

/* --- calls and letters (V23) ----------------------------------------------- */

/* The lines of a postalAddress (RFC 4517 3.3.28). */
static const char *address_lines(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) + 1), *to = out;

	for (; *s != '\0'; s++)
		if (str_starts(s, "\\24") || str_istarts(s, "\\5c")) {
			*to++ = s[1] == '2' ? '$' : '\\';
			s += 2;
		} else {
			*to++ = (char)(*s == '$' ? '\n' : *s);
		}
	return out;
}

static const char *company_of(const struct world *w, const struct account *acc)
{
	const struct company *c = w->company(w->ctx, acc->company);

	return c != NULL && *c->name != '\0' ? c->name : acc->company;
}

static int delivery(struct arena *a, const struct notice *n,
    const struct notice_facts *f, const char *code_key, const char **v,
    struct err *e)
{
	const struct account *acc = f->world->account(f->world->ctx,
	    n->account);
	char expires[32];

	if (acc == NULL)
		return err_set(e, ERR_ITEM_BAD, "account %s is gone",
		    n->account);
	v[0] = arena_strdup(a, n->request->id);
	v[1] = arena_strdup(a, clock_print_rfc3339(request_expires(
	    n->request), expires));
	v[2] = name_of(a, n->to);
	v[3] = code_fresh(a, code_key, n->request->uuid, n->account);
	v[4] = arena_strdup(a, acc->number);
	v[5] = arena_strdup(a, n->kind == NOTICE_PHONE ? acc->phone :
	    company_of(f->world, acc));
	if (n->kind == NOTICE_POST)
		v[6] = address_lines(a, acc->address);
	return v[3] != NULL ? 0 : err_set(e, ERR_ITEM_BAD, "there is no code "
	    "key: set directory.code_key_file");
}

int notice_values(struct arena *a, const struct notice *n,
    const struct notice_facts *f, const char *code_key, const char *link,
    const char *const **value, struct err *e)
{
	const char **v = arena_array(a, MAX_VALUES, sizeof(*v));
	int rc = 0;

	*value = v;
	switch (n->kind) {
	case NOTICE_INVITATION:
		rc = invitation(a, n, code_key, link, v, e);
		break;
	case NOTICE_RESET:
		rc = reset(a, n, code_key, v, e);
		break;
	case NOTICE_CONFIRMATION:
		v[0] = name_of(a, n->to);
		v[1] = name_of(a, f->person);
		v[2] = login_of(a, f->person);
		break;
	case NOTICE_REQUEST:
		request(a, n, f, v);
		break;
	case NOTICE_DECISION:
		decision(a, n, f, v);
		break;
	case NOTICE_PHONE: case NOTICE_POST:
		rc = delivery(a, n, f, code_key, v, e);
		break;
	default:
		v[0] = name_of(a, n->to);
		v[1] = login_of(a, n->to);
		v[2] = link_to(a, link, v[1], NULL);
		break;
	}
	return rc;
}
