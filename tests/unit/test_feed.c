/* SPDX-License-Identifier: ISC */
/* feed: files of every codec against a view: who joins, moves, leaves; what is
 * refused, row by row and as a whole (J1, J2; FAULTS D1, D8, D9, F). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "feed/feed.h"
#include "front_fixture.h"
#include "model/change.h"

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define NOW (INT64_C(1780000000) * CLOCK_SECOND)	/* 2026-05-28 */

static struct front_fixture fx;
static struct arena *a;

/* --- people ------------------------------------------------------------------ */

static void put(const char *dn, int n, const char *const *av)
{
	struct entry e = { .dn = dn, .csn = "20260101000000.000000Z#0#0#0" };

	e.uuid[15] = (uint8_t)n;
	e.created = e.modified = NOW - n * CLOCK_SECOND;
	e.creator = e.modifier = "";
	for (; av[0] != NULL; av += 2)
		entry_add(a, &e, av[0], av[1]);
	if (intake_put(&fx.in, a, &e, false, &fx.e) != 0)
		fail_msg("%s", fx.e.text);
}

#define PERSON(n, ...) put("provostPersonId=p" #n ",ou=people," SUFFIX, n, \
	(const char *[]){ "objectClass", "inetOrgPerson", "objectClass", \
	"provostUser", "provostPersonId", "p" #n, __VA_ARGS__, NULL, NULL })

static int setup(void **state)
{
	(void)state;
	front_fixture_open(&fx);
	a = fx.a;
	put(SUFFIX, 100, (const char *[]){ "objectClass", "dcObject", NULL });
	put("ou=people," SUFFIX, 101, (const char *[]){ "objectClass",
	    "organizationalUnit", "ou", "people", NULL });
	PERSON(1, "uid", "ann", "cn", "Ann A", "sn", "A", "givenName", "Ann",
	    "provostState", "active", "provostOwner", "feed:hr",
	    "provostExternalId", "1", "mail;x-home", "ann@home.example",
	    "departmentNumber", "10");
	PERSON(2, "uid", "bob", "cn", "bob", "sn", "bob", "provostState",
	    "active", "provostOwner", "feed:hr", "provostExternalId", "2");
	PERSON(3, "uid", "carl", "cn", "carl", "sn", "carl", "provostState",
	    "active", "provostOwner", "okta", "provostExternalId", "3");
	PERSON(4, "uid", "dora", "cn", "dora", "sn", "dora", "provostState",
	    "active");
	PERSON(5, "uid", "eve", "cn", "eve", "sn", "eve", "provostState",
	    "left", "provostOwner", "feed:hr", "provostExternalId", "5");
	PERSON(6, "uid", "six", "cn", "Six", "sn", "six", "provostState",
	    "active", "title", "Ms", "displayName", "Six", "provostOwner",
	    "feed:ldap", "provostExternalId", "uid=six");
	return front_fixture_start(&fx, "http://x");
}

static int teardown(void **state)
{
	(void)state;
	return front_fixture_close(&fx);
}

/* --- a feed and a run ------------------------------------------------------------ */

static struct feed_conf conf_of(const char *kind, const char *list)
{
	return (struct feed_conf){ .name = "hr", .kind = kind, .list = list,
	    .owner = "", .delimiter = "", .charset = "", .header = true,
	    .sheet = "", .record = "", .sentinel = "", .bad_rows = 500,
	    .dir = "" };
}

/* "column=path" or "column=path|transform|transform" */
static void fields(struct feed_conf *c, const char *const *v)
{
	size_t n = 0;

	while (v[n] != NULL)
		n++;
	c->field = arena_array(a, n, sizeof(*c->field));
	c->n_fields = n;
	for (n = 0; v[n] != NULL; n++) {
		char *s = arena_strdup(a, v[n]), *eq = strchr(s, '='), *bar;

		*eq = '\0';
		c->field[n].column = s;
		c->field[n].path = eq + 1;
		for (bar = strchr(eq + 1, '|'); bar != NULL;
		    bar = strchr(bar, '|')) {
			*bar++ = '\0';
			strv_add(a, &c->field[n].transform, arena_strndup(a,
			    bar, strcspn(bar, "|")));
		}
	}
}

#define FIELDS(c, ...) fields(c, (const char *[]){ __VA_ARGS__, NULL })

static void plain(struct feed_conf *c)
{
	FIELDS(c, "id=externalId", "login=userName|lower", "first="
	    "name.givenName", "last=name.familyName", "mail="
	    "emails[type eq \"work\"].value", "dept=" ENTERPRISE
	    ":department", "boss=" ENTERPRISE ":manager");
}

#define HEAD "id,login,first,last,mail,dept,boss\n"

static int file_of(const char *text, size_t n)
{
	int fd = memfd_create("feed", 0);

	assert_int_equal(write(fd, text, n), (ssize_t)n);
	return fd;
}

struct out {
	struct buf text;
	const char *refuse;		/* the key of a row to refuse */
};

static int new_read(void *ctx, struct view_read **r, struct err *e)
{
	(void)ctx;
	return view_read_begin(fx.view, r, e);
}

static bool any(const char *name, void *ctx)
{
	(void)ctx;
	return name != NULL;
}

static void put_change(struct buf *b, const struct feed_step *s)
{
	struct change *c;
	size_t i, k;

	if (s->want == NULL)
		return;
	if (s->old == NULL) {
		buf_printf(b, " %s", entry_get(s->want, "uid"));
		if (entry_get(s->want, "provostStartsAt") != NULL)
			buf_printf(b, " %s -", entry_get(s->want,
			    "provostStartsAt"));
		return;
	}
	c = change_diff(a, s->old, s->want, any, NULL);
	for (i = 0; i < c->n; i++) {
		buf_printf(b, " %c%s", "+-="[c->mod[i].op], c->mod[i].name);
		for (k = 0; k < c->mod[i].n; k++)
			buf_printf(b, ":%s", c->mod[i].v[k].p);
	}
}

static void show(struct out *o, const struct feed_step *s, const char *why)
{
	static const char *const words[] = { "join", "move", "leave", "same",
	    "bad" };

	buf_printf(&o->text, "%s %s", words[why != NULL ? FEED_BAD : s->what],
	    s->key ? s->key : "-");
	if (why == NULL)
		put_change(&o->text, s);
	if (why != NULL || s->what == FEED_BAD)
		buf_printf(&o->text, " (%llu: %.50s)",
		    (unsigned long long)s->row, why != NULL ? why : s->why);
	buf_puts(&o->text, "\n");
}

static void take(struct feed_walk *w, struct out *o, const struct feed_step *s)
{
	struct err e;

	if (o->refuse == NULL || s->what == FEED_BAD ||
	    !str_eq(s->key, o->refuse)) {
		show(o, s, NULL);
		return;
	}
	err_set(&e, ERR_ITEM_BAD, "refused");
	feed_walk_refuse(w, &e);
	show(o, s, e.text);
}

static struct feed_counts counts;
static const char *refuse;

/* What the feed says of the text; "refused: ..." where it is as a whole. */
static const char *run_n(const struct feed_conf *c, const char *text, size_t n)
{
	struct feed *f = NULL;
	struct feed_seen *seen = NULL;
	struct out o = { .refuse = refuse };
	struct err e = { 0 };
	uint8_t sum[32];
	const char *got;
	int fd = file_of(text, n), rc = feed_open(c, fx.map, &f, &e);

	if (rc != 0)
		fail_msg("%s", e.text);
	buf_init(&o.text, 1 << 20);
	rc = feed_scan(f, fd, "", &seen, &counts, sum, &e);
	if (rc == 0) {
		const struct feed_walk_conf p = { .feed = f, .fd = fd,
		    .seen = seen, .counts = &counts, .now = NOW,
		    .read = new_read };
		struct feed_walk *w;
		struct feed_step step;

		assert_int_equal(feed_walk_open(&p, &w, &e), 0);
		while ((rc = feed_walk_next(w, &step, &e)) > 0)
			take(w, &o, &step);
		counts = *feed_walk_counts(w);
		feed_walk_close(w);
	}
	if (rc != 0)
		buf_printf(&o.text, "refused: %s", e.text);
	got = arena_strdup(a, buf_str(&o.text));
	buf_fini(&o.text);
	feed_seen_free(seen);
	feed_close(f);
	close(fd);
	return got;
}

static const char *run(const struct feed_conf *c, const char *text)
{
	return run_n(c, text, strlen(text));
}

static void has(const char *got, const char *want)
{
	if (strstr(got, want) == NULL)
		fail_msg("\"%s\" is not in:\n%s", want, got);
}

/* --- the tests ------------------------------------------------------------------------ */

static void joiners_movers_leavers(void **state)
{
	struct feed_conf c = conf_of("csv", "full");

	(void)state;
	plain(&c);
	/* J1: a full list. A department changes; the home address is nobody's
	 * business of this feed (D9). */
	assert_string_equal(run(&c, HEAD "1,Ann,Ann,A,ann@x.example,20,2\n"
	    "9,NEW,Nina,New,,10,1\n"),
	    "move 1 =departmentNumber:20 +mail;x-work:"
	    "ann@x.example +manager:provostPersonId=p2,ou=people,"
	    "dc=example,dc=com\njoin 9 new\nleave 2 =provostState:left"
	    "\n");
	/* The same again: nothing (J2). */
	assert_string_equal(run(&c, HEAD "1,ann,Ann,A,,10,\n2,bob,,,,,\n"),
	    "same 1\nsame 2\n");
	/* Of a list of changes nobody is missing. */
	c.list = "changes";
	assert_string_equal(run(&c, HEAD "9,new,N,N,,,\n"), "join 9 new\n");
	/* An empty cell takes away what the feed gave. */
	assert_string_equal(run(&c, HEAD "1,ann,,A,,,\n"),
	    "move 1 =cn:ann =givenName =departmentNumber\n");
}

static void comes_back(void **state)
{
	struct feed_conf c = conf_of("csv", "changes");

	(void)state;
	plain(&c);
	/* D8: rehired under the old key ... */
	assert_string_equal(run(&c, HEAD "5,eve,,,,,\n"),
	    "move 5 =provostState:active\n");
	/* ... or under a new one. */
	has(run(&c, HEAD "55,eve,,,,,\n"), "bad 55 (2: userName \"eve\" is "
	    "taken");
	strv_add(a, &c.correlate, "userName");
	assert_string_equal(run(&c, HEAD "55,eve,,,,,\n"),
	    "move 55 =provostState:active "
	    "=provostExternalId:55\n");
	/* Both keys in one file are two people. */
	has(run(&c, HEAD "5,eve2,,,,,\n55,eve,,,,,\n"), "bad 55 (3: the "
	    "person with this userName is 5");
}

static void ownership(void **state)
{
	struct feed_conf c = conf_of("csv", "full");

	(void)state;
	plain(&c);
	/* D9, A8: carl is okta's, dora nobody's. */
	has(run(&c, HEAD "1,ann,Ann,A,,10,\n2,bob,,,,,\n3,carl,,,,,\n"),
	    "bad 3 (4: userName \"carl\" is taken");
	strv_add(a, &c.correlate, "userName");
	has(run(&c, HEAD "1,ann,Ann,A,,10,\n2,bob,,,,,\n3,carl,,,,,\n"),
	    "bad 3 (4: the person with this userName belongs to");
	has(run(&c, HEAD "1,ann,Ann,A,,10,\n2,bob,,,,,\n4,dora,,,,,\n"),
	    "move 4 +provostExternalId:4 +provostOwner:feed:hr\n");
	c.correlate = (struct strv){ 0 };
	strv_add(a, &c.correlate, "emails");
	{
		struct feed *f;
		struct err e;

		assert_int_equal(feed_open(&c, fx.map, &f, &e), ERR_INVALID);
		has(e.text, "never by e-mail address alone");
	}
}

static void bad_rows(void **state)
{
	struct feed_conf c = conf_of("csv", "full");
	const char *got;

	(void)state;
	plain(&c);
	/* A row that is wrong is named, and the person is not gone for it. */
	got = run(&c, HEAD "1,,Ann,A,,10,\n2,bob,,,,,\n7,seven,,,,,\n");
	has(got, "same 2\njoin 7 seven\n");
	c.bad_rows = 100;
	has(run(&c, HEAD "7,,,,,,\n2,bob,,,,,\n"), "refused: 1 of 2 rows are "
	    "bad");
	/* A row without a key could be anybody's: nobody is gone. */
	c.bad_rows = 500;
	got = run(&c, HEAD ",x,,,,,\n2,bob,,,,,\n1,ann,Ann,A,,10,\n");
	has(got, "bad - (2: there is no externalId");
	assert_null(strstr(got, "leave"));
	got = run(&c, HEAD "2,bob,,,,\n2,bob,,,,,\n8,h,,,,,\n");
	has(got, "bad - (0: CSV: row 2 (line 2): 6 cells");
	assert_null(strstr(got, "leave"));
	/* Twice the same is once; twice and different is neither. */
	assert_string_equal(run(&c, HEAD "1,ann,Ann,A,,10,\n2,bob,,,,,\n"
	    "2,bob,,,,,\n"), "same 1\nsame 2\nsame 2\n");
	got = run(&c, HEAD "1,ann,Ann,A,,10,\n2,bob,,,,,\n2,bobby,,,,,\n"
	    "6,sixth,,,,,\n");
	has(got, "bad 2 (3: 2 stands in the file twice");
	has(got, "bad 2 (4: 2 stands in the file twice");
	assert_null(strstr(got, "leave"));
	/* Zeros in front are part of a key: 01 is not 1, and 1 is missing. */
	c.bad_rows = 1000;
	got = run(&c, HEAD "01,ann2,A,A,,,\n2,bob,,,,,\n");
	assert_string_equal(got, "join 01 ann2\nsame 2\n"
	    "leave 1 =provostState:left\n");
	c.bad_rows = 500;
	/* What whoever applies it refuses is a bad row too. */
	refuse = "6";
	has(run(&c, HEAD "1,ann,Ann,A,,10,\n2,bob,,,,,\n6,sixth,,,,,\n"),
	    "bad 6 (4: refused)");
	refuse = NULL;
}

/* D1: what must not be taken for a list of everybody. */
static void no_file(void **state)
{
	struct feed_conf c = conf_of("csv", "full");
	const char *whole = HEAD "1,ann,Ann,A,,10,\n2,bob,,,,,\n";
	size_t n;

	(void)state;
	plain(&c);
	has(run(&c, ""), "refused: the file is empty");
	has(run(&c, HEAD), "refused: the file has no rows");
	has(run(&c, "other,columns\n1,2\n"), "refused: the file has no column "
	    "\"id\"; it has: other, columns");
	has(run(&c, "id,login,ID\n1,2,3\n"), "refused: row 1: columns 1 and 3 "
	    "are both named");
	/* Cut off at any byte: somebody is gone only where whole lines are
	 * missing, which the guard weighs. */
	for (n = 0; n < strlen(whole); n++) {
		const char *got = run_n(&c, whole, n);

		if (whole[n - (n > 0)] != '\n')
			has(got, "refused: ");
		assert_null(strstr(got, "leave 1"));
	}
	c.sentinel = "0000";
	has(run(&c, whole), "refused: 0000 is not in the file");
	c.sentinel = "2";
	assert_string_equal(run(&c, whole), "same 1\nsame 2\n");
}

static void times(void **state)
{
	struct feed_conf c = conf_of("csv", "changes");
	const char *head = "id;login;from;last;exit;what\n";

	(void)state;
	FIELDS(&c, "id=externalId", "login=userName",
	    "from=feed:start|date DD.MM.YYYY", "last=feed:end|date "
	    "DD.MM.YYYY", "exit=feed:end|date DD.MM.YYYY",
	    "what=feed:action");
	strv_add(a, &c.leaver, "Terminated");
	/* 2026-05-28 is today. */
	assert_string_equal(run(&c, arena_printf(a, "%s"
	    "9;nina;01.06.2026;;;\n" "1;ann;;28.05.2026;30.06.2026;\n"
	    "2;bob;;27.05.2026;30.06.2026;\n" "5;eve;;27.05.2026;;\n"
	    "8;hal;;;;terminated\n", head)),
	    "join 9 nina 20260601000000Z -\nmove 1 +provostEndsAt:"
	    "20260529000000Z\nleave 2 =provostState:left\n"
	    "same 5\nsame 8\n");
	has(run(&c, arena_printf(a, "%s9;n;31.02.2026;;;\n1;ann;;;;\n", head)),
	    "bad 9 (2: column from: \"31.02.2026\" is no date of the");
}

static void managers(void **state)
{
	struct feed_conf c = conf_of("csv", "changes");

	(void)state;
	plain(&c);
	/* 9 is hired with the manager 8, who stands behind. */
	assert_string_equal(run(&c, HEAD "9,nina,,,,,8\n8,mona,,,,,1\n"),
	    "join 9 nina\njoin 8 mona\n");
	assert_int_equal(counts.deferred, 1);
	/* Nobody knows 77: the rest of the row counts. */
	assert_string_equal(run(&c, HEAD "2,bob,Bob,,,,77\n"),
	    "move 2 =cn:Bob +givenName:Bob\n");
	assert_int_equal(counts.deferred, 0);
}

static void other_codecs(void **state)
{
	struct feed_conf c = conf_of("xml", "full");

	(void)state;
	c.record = "h:people/h:person";
	strv_add(a, &c.namespaces, "h=urn:hr");
	FIELDS(&c, "@id=externalId", "h:login=userName", "h:mail="
	    "emails[type eq \"work\"].value");
	assert_string_equal(run(&c, "<people xmlns='urn:hr'><person id='1'>"
	    "<login>ann</login></person><person id='9'><login>nina</login>"
	    "<mail>n@x.example</mail></person></people>"),
	    "same 1\njoin 9 nina\nleave 2 =provostState:left"
	    "\n");
	has(run(&c, "<people xmlns='urn:hr'><person id='1'><login>ann"),
	    "refused: ");
	has(run(&c, "<people xmlns='urn:other'></people>"), "refused: ");

	c = conf_of("ldif", "changes");
	FIELDS(&c, "employeeNumber=externalId", "uid=userName",
	    "givenName=name.givenName");
	assert_string_equal(run(&c, "dn: uid=x\nemployeeNumber: 9\nuid: x\n\n"
	    "dn: uid=bob\nemployeeNumber: 2\nuid: bob\ngivenName: Bob\n\n"),
	    "join 9 x\nmove 2 =cn:Bob +givenName:Bob\n");
	/* Changes: what is not said stays; whoever is deleted has left. */
	c.owner = "feed:ldap";
	FIELDS(&c, "dn=externalId", "uid=userName", "givenName="
	    "name.givenName", "title=title");
	assert_string_equal(run(&c, "dn: uid=six\nchangetype: modify\n"
	    "replace: givenName\ngivenName: S\n-\n\n"),
	    "move uid=six +givenName:S\n");
	assert_string_equal(run(&c, "dn: uid=six\nchangetype: delete\n\n"),
	    "leave uid=six =provostState:left\n");
	has(run(&c, "dn: uid=six\nchangetype: modify\nadd: title\n"
	    "title: S\n-\n\n"), "a feed's change says what title is");
	has(run(&c, "dn: uid=six\nchangetype: modrdn\nnewrdn: uid=7\n"
	    "deleteoldrdn: 1\n\n"), "people are not renamed");

	c = conf_of("bulk", "changes");
	assert_string_equal(run(&c, "{\"Operations\":[{\"method\":\"POST\","
	    "\"path\":\"/Users\",\"bulkId\":\"a\",\"data\":{\"externalId\":"
	    "\"2\",\"userName\":\"bob\",\"name\":{\"givenName\":\"Bob\"}}},"
	    "{\"method\":\"DELETE\",\"path\":\"/Users/1\"},{\"method\":"
	    "\"POST\",\"path\":\"/Groups\",\"bulkId\":\"b\",\"data\":{}}]}"),
	    "move 2 =cn:Bob +givenName:Bob\nleave 1 "
	    "=provostState:left\nbad - (3: path /Groups: "
	    "a feed brings people, /Users)\n");
	has(run(&c, "{\"Operations\":"), "refused: ");
}

/* Every proper beginning of a file is refused as a whole. */
static void refuse_cut(const struct feed_conf *c, const char *text, size_t len)
{
	size_t n;

	has(run_n(c, text, len), "join 9 nina\n");
	for (n = 0; n < len; n++) {
		const char *got = run_n(c, text, n);

		if (!str_starts(got, "refused: "))
			fail_msg("cut at byte %zu: %s", n, got);
	}
}

static void cut_off(void **state)
{
	static const char xml[] = "<people><person id='9'><login>nina</login>"
	    "</person></people>";
	static const char bulk[] = "{\"Operations\":[{\"method\":\"POST\","
	    "\"path\":\"/Users\",\"bulkId\":\"a\",\"data\":"
	    "{\"externalId\":\"9\",\"userName\":\"nina\"}}]}";
	struct feed_conf c = conf_of("xml", "changes");

	(void)state;
	c.record = "people/person";
	FIELDS(&c, "@id=externalId", "login=userName");
	refuse_cut(&c, xml, strlen(xml));
	c = conf_of("bulk", "changes");
	refuse_cut(&c, bulk, strlen(bulk));
}

static void cut_off_spreadsheet(void **state)
{
	struct feed_conf c = conf_of("xlsx", "changes");
	FILE *f = fopen(PROVOST_SRCDIR "/conf/feeds/joiners.xlsx", "rb");
	char book[16384];
	size_t len, n;

	(void)state;
	assert_non_null(f);
	len = fread(book, 1, sizeof(book), f);
	fclose(f);
	assert_in_range(len, 1000, sizeof(book) - 1);
	c.sheet = "Joiners";
	FIELDS(&c, "Number=externalId", "User name=userName|lower");
	assert_string_equal(run_n(&c, book, len), "join 00701 kim.jung\n"
	    "join 00702 ben.otto\n");
	for (n = 0; n < len; n++)
		has(run_n(&c, book, n), "refused: ");
}

/* LDIF is whole when its last record is closed by an empty line: a value that
 * is folded, or missing, is not taken for what there is. */
static void cut_off_ldif(void **state)
{
	static const char text[] = "version: 1\ndn: uid=nina\n"
	    "employeeNumber: 9\nuid: nina\ngivenName:: TmluYQ==\n\n"
	    "dn: uid=bob\nemployeeNumber: 2\nuid: bob\ngivenName: Bo\n b\n\n";
	struct feed_conf c = conf_of("ldif", "changes");
	size_t n;

	(void)state;
	FIELDS(&c, "employeeNumber=externalId", "uid=userName",
	    "givenName=name.givenName");
	assert_string_equal(run_n(&c, text, sizeof(text) - 1), "join 9 nina\n"
	    "move 2 =cn:Bob +givenName:Bob\n");
	for (n = 2; n < sizeof(text) - 1; n++) {
		const char *got = run_n(&c, text, n);

		if (memcmp(text + n - 2, "\n\n", 2) == 0)
			assert_string_equal(got, "join 9 nina\n");
		else if (!str_starts(got, "refused: "))
			fail_msg("cut at byte %zu: %s", n, got);
	}
}

static void refuse_bulk(const char *operations, const char *why)
{
	struct feed_conf c = conf_of("bulk", "changes");

	c.bad_rows = 1000;
	has(run(&c, arena_printf(a, "{\"Operations\":[%s]}", operations)), why);
}

/* SCIM Bulk as a file: people, whole, each for itself. */
static void bulk_faults(void **state)
{
	struct feed_conf c = conf_of("bulk", "changes");
	struct buf b;
	int i;

	(void)state;
	refuse_bulk("{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"a\","
	    "\"data\":{\"externalId\":\"9\",\"userName\":\"nina\",\"" ENTERPRISE
	    "\":{\"manager\":{\"value\":\"bulkId:b\"}}}},{\"method\":"
	    "\"POST\",\"path\":\"/Users\",\"bulkId\":\"b\",\"data\":{}}",
	    "bad - (1: operations of a feed do not refer");
	refuse_bulk("{\"method\":\"PATCH\",\"path\":\"/Users/2\",\"data\":{"
	    "\"Operations\":[]}}", "bad - (1: a feed's operation is a POST");
	refuse_bulk("{\"method\":\"GET\",\"path\":\"/Users/2\"}", "bad - (1: ");
	refuse_bulk("7", "bad - (1: ");
	refuse_bulk("{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"a\","
	    "\"data\":{\"externalId\":\"2\",\"userName\":\"x\",\"externalId\":"
	    "\"1\"}}", "refused: ");
	refuse_bulk("{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"a\","
	    "\"data\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
	    "]]}", "refused: ");
	has(run(&c, "{\"Operations\":[]} {}"), "refused: ");
	has(run(&c, "\xff\xfe{\0}\0"), "refused: ");
	has(run(&c, "{}"), "refused: ");
	buf_init(&b, 64u << 20);
	for (i = 0; i <= 100000; i++)
		buf_printf(&b, "%s{\"method\":\"DELETE\",\"path\":\"/Users/%d\"}",
		    i > 0 ? "," : "{\"Operations\":[", i);
	buf_puts(&b, "]}");
	has(run_n(&c, buf_str(&b), b.len), "refused: 100001 operations: at "
	    "most 100000");
	buf_reset(&b);
	while (b.len <= 16u << 20)
		buf_puts(&b, "                                ");
	buf_puts(&b, "{\"Operations\":[]}");
	has(run_n(&c, buf_str(&b), b.len), "refused: a bulk message has at "
	    "most 16 MiB");
	buf_fini(&b);
}

static void settings(void **state)
{
	static const struct {
		const char *field, *why;
	} bad[] = {
		{ "x=nothing", "there is no such attribute" },
		{ "x=password", "a feed sets no passwords" },
		{ "x=name", "has parts: name one" },
		{ "x=addresses.locality", "say which and what of it" },
		{ "x=emails[value eq \"a\"]", "the one filter" },
		{ "x=meta", "read-only" },
		{ "x=title|reverse", "there is no transform" },
		{ "x=title|lower x", "nothing belongs behind" },
		{ "x=title|prefix", "something belongs behind" },
		{ "x=title|date YYYY", "has a day" },
		{ "x=title|lookup t", "no such table" },
	};
	struct feed_conf c = conf_of("csv", "full");
	struct feed *f;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		FIELDS(&c, "id=externalId", bad[i].field);
		assert_int_equal(feed_open(&c, fx.map, &f, &e), ERR_INVALID);
		has(e.text, bad[i].why);
		has(e.text, "feeds.hr: ");
	}
	FIELDS(&c, "x=userName");
	assert_int_equal(feed_open(&c, fx.map, &f, &e), ERR_INVALID);
	has(e.text, "none is externalId");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joiners_movers_leavers),
		cmocka_unit_test(comes_back), cmocka_unit_test(ownership),
		cmocka_unit_test(bad_rows), cmocka_unit_test(no_file),
		cmocka_unit_test(times), cmocka_unit_test(managers),
		cmocka_unit_test(other_codecs), cmocka_unit_test(cut_off),
		cmocka_unit_test(cut_off_spreadsheet),
		cmocka_unit_test(cut_off_ldif), cmocka_unit_test(bulk_faults),
		cmocka_unit_test(settings),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
