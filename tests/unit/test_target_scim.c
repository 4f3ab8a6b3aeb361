/* SPDX-License-Identifier: ISC */
/* Against a SCIM service over real HTTP: what it holds after each action, and
 * what each of its bad answers leads to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "scim_peer.h"
#include "target/target.h"

#define ANNA "0b9b9a3e-0000-4000-8000-000000000001"
#define EXT "urn:ietf:params:scim:schemas:extension:provost:2.0:User"

struct fix {
	struct scim_peer peer;
	struct arena *a;
	struct httpc *http;
	struct target *target;
	struct target_result res;
	bool over;
};

static void open_form(struct fix *f, const char *form)
{
	struct target_conf c = { .name = "t", .kind = "scim",
	    .url = scim_peer_url(&f->peer), .token = "secret-token",
	    .ca_file = "", .insecure = true, .timeout = CLOCK_SECOND,
	    .form = form };
	struct err e;

	target_close(f->target);
	f->target = NULL;
	if (target_open(&c, f->http, &f->target, &e) != 0)
		fail_msg("%s", e.text);
}

static int set_up(void **state)
{
	static struct fix fix;

	memset(&fix, 0, sizeof(fix));
	*state = &fix;
	fix.a = arena_new();
	scim_peer_start(&fix.peer);
	assert_int_equal(httpc_open(4, &fix.http, NULL), 0);
	open_form(&fix, "");
	return 0;
}

static int tear_down(void **state)
{
	struct fix *f = *state;

	httpc_close(f->http);
	target_close(f->target);
	scim_peer_free(&f->peer);
	arena_free(f->a);
	return 0;
}

static void done(void *arg, const struct target_result *r)
{
	struct fix *f = arg;

	assert_false(f->over);
	f->over = true;
	f->res = *r;
}

static const struct target_person anna = { .id = ANNA, .uid = "anna",
    .display = "Anna Ek", .given = "Anna", .family = "Ek",
    .mail = "anna@example.com", .exists = true };

static int apply_person(struct fix *f, const struct target_person *p,
    enum action_kind kind, const char *tool, const char *remote,
    const char *const *accounts)
{
	struct action act = { .kind = kind, .target = "t", .tool = tool,
	    .remote_id = remote };

	memset(act.key, 'k', 64);
	for (; accounts != NULL && *accounts != NULL; accounts++)
		strv_add(f->a, &act.accounts, *accounts);
	f->over = false;
	f->target->kind->apply(f->target, p, &act, done, f);
	while (!f->over)
		httpc_drive(f->http, CLOCK_SECOND);
	return f->res.code;
}

#define PUT(f, tool, remote, ...) apply_person(f, &anna, ACTION_PUT, tool, \
	remote, (const char *[]){ __VA_ARGS__, NULL })
#define REMOVE(f, tool, remote) apply_person(f, &anna, ACTION_REMOVE, tool, \
	remote, NULL)

static void holds(struct fix *f, const char *part)
{
	const char *all = scim_peer_dump(&f->peer, f->a);

	if (strstr(all, part) == NULL)
		fail_msg("%s\nis not in\n%s", part, all);
}

static void test_create_and_repeat(void **state)
{
	struct fix *f = *state;

	assert_int_equal(PUT(f, "wan", "-", "100001", "100002"), 0);
	assert_string_equal(f->res.remote_id, "u%200");
	assert_int_equal(strlen(f->peer.key), 64);
	holds(f, "\"externalId\":\"" ANNA "\"");
	holds(f, "\"userName\":\"anna\"");
	holds(f, "\"emails\":[{\"value\":\"anna@example.com\",\"type\":\"work\""
	    ",\"primary\":true}]");
	holds(f, "\"entitlements\":[{\"value\":\"wan\",\"type\":\"tool\"},"
	    "{\"value\":\"100001\",\"type\":\"account\",\"display\":\"wan\"},"
	    "{\"value\":\"100002\",\"type\":\"account\",\"display\":\"wan\"}]");
	/* Again, with and without the remote id: nothing is written. */
	assert_int_equal(PUT(f, "wan", "u%200", "100001", "100002"), 0);
	assert_int_equal(PUT(f, "wan", "-", "100001", "100002"), 0);
	assert_string_equal(f->res.remote_id, "u%200");
	assert_int_equal(f->peer.writes, 1);
}

static void test_exactly_the_accounts(void **state)
{
	struct fix *f = *state;

	PUT(f, "wan", "-", "100001", "100002");
	assert_int_equal(PUT(f, "wan", "u%200", "100002", "100003"), 0);
	holds(f, "\"entitlements\":[{\"value\":\"wan\",\"type\":\"tool\"},"
	    "{\"value\":\"100002\",\"type\":\"account\",\"display\":\"wan\"},"
	    "{\"value\":\"100003\",\"type\":\"account\",\"display\":\"wan\"}]");
	assert_int_equal(PUT(f, "wan", "u%200", NULL), 0);
	holds(f, "\"entitlements\":[{\"value\":\"wan\",\"type\":\"tool\"}]");
}

static void test_tools_share_a_user(void **state)
{
	struct fix *f = *state;

	PUT(f, "wan", "-", "100001");
	assert_int_equal(PUT(f, "voip", "-", "100001"), 0);
	assert_int_equal(scim_peer_count(&f->peer), 1);
	holds(f, "{\"value\":\"100001\",\"type\":\"account\",\"display\":"
	    "\"wan\"},{\"value\":\"voip\",\"type\":\"tool\"},");
	assert_int_equal(REMOVE(f, "wan", "u%200"), 0);
	holds(f, "\"entitlements\":[{\"value\":\"voip\",\"type\":\"tool\"},"
	    "{\"value\":\"100001\",\"type\":\"account\",\"display\":"
	    "\"voip\"}]");
	assert_int_equal(REMOVE(f, "voip", "u%200"), 0);
	assert_string_equal(f->res.remote_id, "-");
	assert_int_equal(scim_peer_count(&f->peer), 0);
	/* Removing what is gone is done already. */
	assert_int_equal(REMOVE(f, "voip", "u%200"), 0);
	assert_int_equal(REMOVE(f, "voip", "-"), 0);
	assert_int_equal(f->peer.deletes, 1);
}

static void test_provost_form(void **state)
{
	struct fix *f = *state;

	open_form(f, "provost");
	PUT(f, "wan", "-", "100001");
	PUT(f, "voip", "-", "100002");
	holds(f, "\"" EXT "\":{\"tools\":[{\"value\":\"wan\",\"accounts\":"
	    "[\"100001\"]},{\"value\":\"voip\",\"accounts\":[\"100002\"]}]}");
	assert_int_equal(PUT(f, "wan", "u%200", "100001"), 0);
	assert_int_equal(f->peer.writes, 2);
	assert_int_equal(REMOVE(f, "wan", "u%200"), 0);
	holds(f, "\"" EXT "\":{\"tools\":[{\"value\":\"voip\",\"accounts\":"
	    "[\"100002\"]}]}");
	assert_int_equal(REMOVE(f, "voip", "u%200"), 0);
	assert_int_equal(scim_peer_count(&f->peer), 0);
}

static void test_what_others_wrote_stays(void **state)
{
	struct fix *f = *state;

	scim_peer_add(&f->peer, "{\"userName\":\"anna\",\"externalId\":\"" ANNA
	    "\",\"nickName\":\"Ann\",\"entitlements\":[{\"value\":\"lunch\"}]}");
	assert_int_equal(PUT(f, "wan", "-", "100001"), 0);
	holds(f, "\"nickName\":\"Ann\"");
	holds(f, "\"entitlements\":[{\"value\":\"lunch\"},{\"value\":\"wan\"");
}

static void test_leaver_without_entry(void **state)
{
	struct fix *f = *state;
	const struct target_person gone = { .id = ANNA, .uid = "",
	    .display = "", .given = "", .family = "", .mail = "" };

	PUT(f, "wan", "-", "100001");
	PUT(f, "voip", "-", "100001");
	assert_int_equal(apply_person(f, &gone, ACTION_REMOVE, "wan", "u%200",
	    NULL), 0);
	holds(f, "\"userName\":\"anna\"");
	assert_int_equal(apply_person(f, &gone, ACTION_REMOVE, "voip", "u%200",
	    NULL), 0);
	assert_int_equal(scim_peer_count(&f->peer), 0);
}

static void test_version_conflict(void **state)
{
	struct fix *f = *state;

	PUT(f, "wan", "-", "100001");
	f->peer.bump = true;
	assert_int_equal(PUT(f, "wan", "u%200", "100002"), 0);
	holds(f, "100002");
}

static void test_gone_at_the_other_side(void **state)
{
	struct fix *f = *state;

	PUT(f, "wan", "-", "100001");
	f->peer.user[0].user = NULL;
	assert_int_equal(PUT(f, "wan", "u%200", "100001"), 0);
	assert_string_equal(f->res.remote_id, "u%201");
}

static void test_external_id_not_shown(void **state)
{
	struct fix *f = *state;

	PUT(f, "wan", "-", "100001");
	f->peer.no_external_id = true;
	assert_int_equal(PUT(f, "wan", "u%200", "100002"), 0);
	holds(f, "100002");
}

static void test_name_clash(void **state)
{
	struct fix *f = *state;

	scim_peer_add(&f->peer, "{\"userName\":\"anna\",\"externalId\":\"x\"}");
	assert_int_equal(PUT(f, "wan", "-", "100001"), ERR_ITEM_BAD);
	assert_non_null(strstr(f->res.err.text, "taken there by user u 0"));
	assert_int_equal(f->peer.writes, 0);
}

/* Accepted, but the answer is lost: the repetition finds it. */
static void test_answer_lost(void **state)
{
	struct fix *f = *state;

	f->peer.lose_answer = true;
	assert_int_equal(PUT(f, "wan", "-", "100001"), ERR_RETRY);
	assert_int_equal(scim_peer_count(&f->peer), 1);
	assert_int_equal(PUT(f, "wan", "-", "100001"), 0);
	assert_int_equal(scim_peer_count(&f->peer), 1);
	assert_int_equal(f->peer.writes, 1);
}

static void test_bad_answers(void **state)
{
	static const struct {
		int status;
		const char *raw, *body, *headers;
		int code;
	} rows[] = {
		{ 400, NULL, "bad", NULL, ERR_ITEM_BAD },
		{ 401, NULL, "", NULL, ERR_STOP },
		{ 403, NULL, "", NULL, ERR_STOP },
		{ 404, NULL, "", NULL, ERR_STOP },
		{ 408, NULL, "", NULL, ERR_RETRY },
		{ 422, NULL, "", NULL, ERR_ITEM_BAD },
		{ 429, NULL, "", "Retry-After: 9\r\n", ERR_RETRY },
		{ 500, NULL, "<h1>\x01\xff</h1>", NULL, ERR_RETRY },
		{ 503, NULL, "", NULL, ERR_RETRY },
		{ 302, NULL, "", "Location: http://169.254.169.254/\r\n",
		  ERR_STOP },
		{ 200, NULL, "<html>please log in</html>", NULL, ERR_RETRY },
		{ 200, NULL, "[]", NULL, ERR_RETRY },
		{ 200, NULL, "{}", NULL, ERR_RETRY },
		{ 200, NULL, "", NULL, ERR_RETRY },
		{ 200, NULL, "{\"totalResults\":0,\"totalResults\":1}", NULL,
		  ERR_RETRY },
		{ 200, NULL, "{\"totalResults\":1,\"Resources\":[]}", NULL,
		  ERR_RETRY },
		{ 200, NULL, "{\"totalResults\":1,\"Resources\":[{\"id\":\"1\","
		  "\"externalId\":\"somebody\"}]}", NULL, ERR_STOP },
		{ 0, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"tot",
		  NULL, NULL, ERR_RETRY },
		{ 0, "", NULL, NULL, ERR_RETRY },
	};
	struct fix *f = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f->peer.fail = 1;
		f->peer.fail_status = rows[i].status;
		f->peer.fail_raw = rows[i].raw;
		f->peer.fail_body = rows[i].body;
		f->peer.fail_headers = rows[i].headers;
		if (PUT(f, "wan", "-", "100001") != rows[i].code)
			fail_msg("row %zu: %d %s", i, f->res.code,
			    f->res.err.text);
		assert_int_equal(f->res.err.retry_after,
		    rows[i].status == 429 ? 9 : 0);
		assert_null(strchr(f->res.err.text, '\x01'));
	}
	assert_int_equal(f->peer.writes, 0);
	f->peer.fail_raw = NULL;
	f->peer.fail_body = NULL;
	/* The same where it could be taken for a confirmation. */
	PUT(f, "wan", "-", "100001");
	f->peer.fail = 1;
	f->peer.fail_method = "PUT";
	f->peer.fail_status = 200;
	f->peer.fail_body = "<html>";
	assert_int_equal(PUT(f, "wan", "u%200", "2"), ERR_RETRY);
	f->peer.fail = 1;
	f->peer.fail_method = "DELETE";
	assert_int_equal(REMOVE(f, "wan", "u%200"), ERR_RETRY);
	assert_int_equal(scim_peer_count(&f->peer), 1);
}

static void test_nobody_there(void **state)
{
	struct fix *f = *state;

	scim_peer_stop(&f->peer);
	assert_int_equal(PUT(f, "wan", "-", "1"), ERR_TARGET_DOWN);
}

static void test_configuration(void **state)
{
	struct fix *f = *state;
	struct target_conf c = { .name = "t", .kind = "scim",
	    .url = "http://x/", .token = "", .ca_file = "" };
	struct target *t;
	struct err e;

	assert_int_equal(target_open(&c, f->http, &t, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "insecure"));
	c.url = "ftp://x/";
	assert_int_equal(target_open(&c, f->http, &t, &e), ERR_INVALID);
	c.url = "https://x/";
	c.form = "other";
	assert_int_equal(target_open(&c, f->http, &t, &e), ERR_INVALID);
	c.kind = "telepathy";
	assert_int_equal(target_open(&c, f->http, &t, &e), ERR_INVALID);
	c.kind = "null";
	assert_int_equal(target_open(&c, f->http, &t, &e), 0);
	f->over = false;
	t->kind->apply(t, &anna, &(struct action){ 0 }, done, f);
	assert_true(f->over);
	assert_int_equal(f->res.code, 0);
	target_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_create_and_repeat), T(test_exactly_the_accounts),
		T(test_tools_share_a_user), T(test_provost_form),
		T(test_what_others_wrote_stays), T(test_leaver_without_entry),
		T(test_version_conflict), T(test_gone_at_the_other_side),
		T(test_external_id_not_shown), T(test_name_clash),
		T(test_answer_lost), T(test_bad_answers), T(test_nobody_there),
		T(test_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
