/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/table.h"
#include "model/dn.h"
#include "store/journal_verify.h"

#define SHOWN 50		/* changes, where nobody says since when */
#define PAGE 500
#define WHAT_MAX 4096		/* bytes of what changed, for people */
#define DEFAULT_DIR "/var/lib/provost"	/* of the setting journal.dir */

static void print_check(struct arena *a, const struct journal_check *k)
{
	printf("%" PRIu64 " lines in %u file%s, %" PRIu64 " to %" PRIu64
	    ", the chain is whole\n", k->lines, k->files,
	    k->files == 1 ? "" : "s", k->first, k->last);
	if (k->first > 1)
		printf("verified from %" PRIu64 " on: the lines before it are "
		    "not here\n", k->first);
	printf("the last line's SHA-256 is %s\n", str_hex(a, k->hash,
	    sizeof(k->hash)));
}

int command_journal_verify(const struct command_line *l, struct err *e)
{
	struct journal_check k;
	int rc = journal_verify(l->argc != 0 ? l->argv[0] : DEFAULT_DIR, &k,
	    e);

	if (rc == 0)
		print_check(l->client->arena, &k);
	return rc;
}

/* --- show ---------------------------------------------------------------- */

struct showing {
	const struct command_line *l;
	const char *user;		/* id, NULL anybody */
	int64_t since, left;		/* left: changes that are still wanted */
	bool lines;			/* one a change, as they come */
	struct table table;
	struct buf json;
	bool any;
};

static void put_values(struct buf *b, char sign, const struct json *attrs)
{
	const struct json *at, *v;

	for (at = attrs != NULL ? attrs->child : NULL; at != NULL;
	    at = at->next) {
		buf_printf(b, "%s%c%s", b->len > 0 ? " " : "", sign,
		    at->name);
		for (v = at->child; v != NULL; v = v->next)
			buf_printf(b, "%s%s", v == at->child ? "=" : ",",
			    v->kind == JSON_IS_STRING ? v->s : "(data)");
	}
}

/* What was added and taken away, or what was refused. */
static const char *what(struct arena *a, const struct json *j)
{
	const char *attempt = json_member_str(j, "what"), *out;
	struct buf b;

	if (attempt != NULL)
		return arena_printf(a, "%s: %s", attempt, json_member_str(j,
		    "why") != NULL ? json_member_str(j, "why") : "");
	buf_init(&b, WHAT_MAX);
	put_values(&b, '-', json_member(j, "del"));
	put_values(&b, '+', json_member(j, "add"));
	out = arena_printf(a, "%s%s", buf_str(&b), b.failed ? " ..." : "");
	buf_fini(&b);
	return out;
}

/* The entry, and who did it, by the values of their names. */
static const char *short_dn(struct arena *a, const char *dn)
{
	const char *v = dn != NULL && strchr(dn, '=') != NULL ?
	    dn_rdn_value(a, dn, NULL) : NULL;

	return v != NULL ? v : dn;
}

static void show_row(struct showing *s, struct arena *a, const struct json *j)
{
	const char *type = json_member_str(j, "type");
	const char *cells[] = {
	    arena_printf(a, "%" PRId64, json_member_int(j, "seq", 0)),
	    json_member_str(j, "time"), json_member_str(j, "op"), type,
	    short_dn(a, json_member_str(j, "dn")),
	    short_dn(a, json_member_str(j, "by")), what(a, j) };
	size_t i;

	if (!s->lines) {
		table_add(&s->table, cells);
		return;
	}
	for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		printf("%s%s", i > 0 ? "  " : "", table_clean(a, cells[i]));
	putchar('\n');
}

static void show_change(struct showing *s, struct arena *a,
    const struct json *j)
{
	if (!s->l->json) {
		show_row(s, a, j);
		return;
	}
	if (s->any && !s->lines)
		buf_putc(&s->json, ',');
	json_write(&s->json, j);
	s->any = true;
	if (s->lines) {
		puts(buf_str(&s->json));
		buf_reset(&s->json);
	}
}

/* A page of its own memory, so that following takes none. *more: there are
 * some left. */
static int show_page(struct showing *s, bool *more, struct err *e)
{
	struct arena *a = arena_new();
	struct client c = *s->l->client;
	const struct json *x;
	struct json *j;
	int rc;

	c.arena = a;
	rc = client_call(&c, "GET", arena_printf(a, "/v1/changes?since=%"
	    PRId64 "&count=%" PRId64 "%s%s", s->since, s->left < PAGE ?
	    s->left : PAGE, s->user != NULL ? "&user=" : "", s->user != NULL ?
	    s->user : ""), NULL, &j, e);
	x = rc == 0 ? json_member(j, "changes") : NULL;
	/* A table keeps what it is given until it is printed. */
	for (x = x != NULL ? x->child : NULL; x != NULL; x = x->next, s->left--)
		show_change(s, s->lines ? a : s->l->client->arena, s->lines ?
		    x : json_dup(s->l->client->arena, x));
	if (rc == 0) {
		s->since = json_member_int(j, "next", s->since);
		*more = json_member_bool(j, "more", false) && s->left > 0;
	}
	arena_free(a);
	return rc;
}

/* Said, or the last few; of a user all that is kept. */
static int begin(struct showing *s, struct err *e)
{
	const struct command_line *l = s->l;
	struct json *j;
	int64_t newest;
	int rc;

	s->left = INT64_MAX;
	if (l->opt[OPT_COUNT] != NULL && (!str_int(l->opt[OPT_COUNT],
	    &s->left) || s->left < 1))
		return command_usage(e, "--count: a number is needed");
	if (l->opt[OPT_SINCE] != NULL)
		return str_int(l->opt[OPT_SINCE], &s->since) && s->since >= 0 ?
		    0 : command_usage(e, "--since: a number of a change is "
		    "needed");
	rc = client_call(l->client, "GET", "/v1/changes?count=1", NULL, &j, e);
	if (rc != 0)
		return rc;
	s->since = json_member_int(j, "next", 0);
	s->since -= s->since > 0;
	newest = json_member_int(j, "last", 0) - (l->opt[OPT_COUNT] != NULL ?
	    s->left : SHOWN);
	if (s->user == NULL && newest > s->since)
		s->since = newest;
	return 0;
}

static int follow(struct showing *s, struct err *e)
{
	const struct timespec second = { 1, 0 };
	bool more;
	int rc;

	while ((rc = show_page(s, &more, e)) == 0 && s->left > 0) {
		fflush(stdout);
		if (!more)
			nanosleep(&second, NULL);
	}
	return rc;
}

static int show_all(struct showing *s, struct err *e)
{
	bool more = true;
	int rc = 0;

	if (s->l->json)
		buf_puts(&s->json, "{\"changes\":[");
	while (rc == 0 && more)
		rc = show_page(s, &more, e);
	if (rc == 0 && s->l->json)
		printf("%s]}\n", buf_str(&s->json));
	else if (rc == 0)
		table_print(&s->table);
	return rc;
}

int command_journal_show(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "SEQ", "TIME", "OP", "TYPE",
	    "ENTRY", "BY", "WHAT", NULL };
	struct showing s = { .l = l, .lines = l->opt[OPT_FOLLOW] != NULL };
	int rc = l->opt[OPT_USER] == NULL ? 0 : client_user(l->client,
	    l->opt[OPT_USER], &s.user, e);

	if (rc == 0)
		rc = begin(&s, e);
	if (rc != 0)
		return rc;
	table_init(&s.table, l->client->arena, heads);
	buf_init(&s.json, (size_t)256 << 20);
	rc = s.lines ? follow(&s, e) : show_all(&s, e);
	buf_fini(&s.json);
	return rc;
}
