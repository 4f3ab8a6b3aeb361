/* SPDX-License-Identifier: ISC */
/*
 * file: one file an action in a directory, where a tool's own program fetches
 * it; target/drop writes it. grant-KEY.csv, the default form:
 *
 *   key,created,action,person,userName,displayName,givenName,familyName,
 *       email,tool,accounts
 *   5f..,2026-01-02T03:04:05Z,put,<entryUUID>,ann,Ann Bell,Ann,Bell,
 *       ann@example.com,wan-analysis,100001 100002
 *
 * or, with form "ldif", grant-KEY.ldif, the same as attributes of one entry,
 * account once each. action is put (these accounts and no others) or remove.
 * The key is the same whenever the action is repeated, and so is the name; of
 * two files for one person and tool the one created later counts. In CSV no
 * cell begins as a formula does (codec/csv), and a space within an account is
 * %20.
 *
 *   the directory cannot be written     ERR_TARGET_DOWN
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "codec/csv.h"
#include "target/drop.h"
#include "target/target.h"

#define MAX_FILE (4 * 1024 * 1024)

enum { KEY, CREATED, ACTION, PERSON, USER, DISPLAY, GIVEN, FAMILY, EMAIL,
	TOOL, ACCOUNTS, N_COLUMNS };

static const char *const column[N_COLUMNS] = { "key", "created", "action",
	"person", "userName", "displayName", "givenName", "familyName",
	"email", "tool", "accounts" };

static int file_open(const struct target_conf *c, struct httpc *h,
    struct target **out, struct err *e)
{
	const char *form = c->form != NULL ? c->form : "";

	(void)h;
	if (*form != '\0' && !str_eq(form, "csv") && !str_eq(form, "ldif"))
		return err_set(e, ERR_INVALID, "target %s: form \"%.32s\" is "
		    "neither csv nor ldif", c->name, form);
	return drop_open(&target_file, c, out, e);
}

static const char *or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static void fill(struct arena *a, const struct target_person *p,
    const struct action *act, const char *value[N_COLUMNS])
{
	char *now = arena_alloc(a, 32);

	value[KEY] = act->key;
	value[CREATED] = clock_print_rfc3339(clock_now(), now);
	value[ACTION] = act->kind == ACTION_PUT ? "put" : "remove";
	value[PERSON] = p->id;
	value[USER] = or_empty(p->uid);
	value[DISPLAY] = or_empty(p->display);
	value[GIVEN] = or_empty(p->given);
	value[FAMILY] = or_empty(p->family);
	value[EMAIL] = or_empty(p->mail);
	value[TOOL] = act->tool;
	value[ACCOUNTS] = "";
}

static void put_csv(struct arena *a, struct buf *out,
    const struct action *act, const char *value[N_COLUMNS])
{
	static const struct csv_format format = { ',', true };
	struct buf words;
	size_t i;

	buf_init(&words, MAX_FILE);
	for (i = 0; act->kind == ACTION_PUT && i < act->accounts.n; i++)
		buf_printf(&words, "%s%s", i != 0 ? " " : "",
		    str_word(a, act->accounts.v[i]));
	value[ACCOUNTS] = arena_strdup(a, buf_str(&words));
	out->failed |= words.failed;
	buf_fini(&words);
	csv_put(out, NULL, column, N_COLUMNS);
	csv_put(out, &format, value, N_COLUMNS);
}

/* A value that is not plain is in base64 (RFC 2849, SAFE-STRING). */
static void put_line(struct arena *a, struct buf *out, const char *name,
    const char *value)
{
	const char *s = value;
	bool plain = *s != ' ' && *s != ':' && *s != '<';

	if (*value == '\0')
		return;
	for (; *s != '\0'; s++)
		plain &= *s >= ' ' && (unsigned char)*s < 0x7f;
	if (plain && s[-1] != ' ')
		buf_printf(out, "%s: %s\n", name, value);
	else
		buf_printf(out, "%s:: %s\n", name, str_base64(a, value,
		    (size_t)(s - value)));
}

static void put_ldif(struct arena *a, struct buf *out,
    const struct action *act, const char *value[N_COLUMNS])
{
	size_t i;

	buf_printf(out, "version: 1\n\ndn: key=%s\n", act->key);
	for (i = 0; i < N_COLUMNS; i++)
		put_line(a, out, column[i], value[i]);
	for (i = 0; act->kind == ACTION_PUT && i < act->accounts.n; i++)
		put_line(a, out, "account", act->accounts.v[i]);
}

static int deliver(struct target *t, struct arena *a,
    const struct target_person *p, const struct action *act, struct err *e)
{
	bool ldif = str_eq(t->conf.form, "ldif");
	const char *value[N_COLUMNS];
	struct buf b;
	int rc;

	if (act->kind == ACTION_MAIL)
		return err_set(e, ERR_ITEM_BAD, "the target takes grants; "
		    "calls and letters go to one of kind spool");
	buf_init(&b, MAX_FILE);
	fill(a, p, act, value);
	(ldif ? put_ldif : put_csv)(a, &b, act, value);
	rc = drop_put(t->conf.dir, arena_printf(a, "grant-%s.%s", act->key,
	    ldif ? "ldif" : "csv"), &b, e);
	buf_fini(&b);
	return rc;
}

static void file_apply(struct target *t, const struct target_person *p,
    const struct action *act,
    void (*done)(void *arg, const struct target_result *r), void *arg)
{
	drop_apply(t, p, act, deliver, done, arg);
}

const struct target_kind target_file = { "file", file_open, drop_close,
    file_apply, drop_describe, NULL, NULL };
