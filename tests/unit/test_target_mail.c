/* SPDX-License-Identifier: ISC */
/* What becomes of a mail at a real server, and what a target for mail cannot
 * be opened with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/json.h"
#include "mailbox_run.h"
#include "target/target.h"

#define KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct mailbox_run box;
static struct arena *a;
static struct httpc *http;
static struct target_conf conf;
static struct target_result result;
static struct letter letter;
static int letter_code;
static bool over;
static struct err e;

static int read_letter(void *ctx, struct arena *to, const char *person_id,
    const struct action *act, const char *link, struct letter *out,
    struct err *err)
{
	(void)to;
	assert_ptr_equal(ctx, &box);
	assert_string_equal(person_id, "p");
	assert_string_equal(act->tool, "portal/-");
	assert_string_equal(link, "https://x.example");
	*out = letter;
	return letter_code != 0 ? err_set(err, letter_code, "so") : 0;
}

static const struct target_source source = { &box, read_letter, NULL };

static int setup(void **state)
{
	static const char *const value[] = { "Ann <Bell>", "ann",
	    "https://x.example?a&b" };

	(void)state;
	a = arena_new();
	letter_code = 0;
	letter = (struct letter){ NOTICE_PORTAL, "Ann", "ann@b.example",
	    value };
	mailbox_start(&box, "starttls");
	conf = (struct target_conf){ .name = "mail", .kind = "mail",
	    .url = arena_printf(a, "smtp://127.0.0.1:%d", box.port),
	    .ca_file = arena_printf(a, "%s/cert.pem", box.dir),
	    .timeout = 5 * CLOCK_SECOND, .from = "provost@b.example",
	    .from_name = "Provost", .link = "https://x.example",
	    .templates = PROVOST_SRCDIR "/conf/mail", .source = &source };
	return httpc_open(2, &http, NULL);
}

static int teardown(void **state)
{
	(void)state;
	httpc_close(http);
	mailbox_stop(&box);
	mailbox_set(&box, "rules", NULL);
	mailbox_set(&box, "login", NULL);
	mailbox_set(&box, "mails.jsonl", NULL);
	arena_free(a);
	return 0;
}

static void done(void *arg, const struct target_result *r)
{
	assert_ptr_equal(arg, &over);
	assert_false(over);
	over = true;
	result = *r;
}

static int apply(enum action_kind kind)
{
	const struct target_person p = { .id = "p", .exists = true };
	const struct action act = { .kind = kind, .target = "mail",
	    .tool = "portal/-", .remote_id = "-", .key = KEY };
	struct target *t;

	if (target_open(&conf, http, &t, &e) != 0)
		fail_msg("%s", e.text);
	over = false;
	t->kind->apply(t, &p, &act, done, &over);
	while (!over)
		httpc_drive(http, CLOCK_SECOND);
	target_close(t);
	return result.code;
}

static void test_sent(void **state)
{
	const char *raw;

	(void)state;
	if (apply(ACTION_MAIL) != 0)
		fail_msg("%s", result.err.text);
	raw = json_member_str(mailbox_mail(&box, a, 0), "raw");
	assert_non_null(strstr(raw, "\r\nMessage-ID: <" KEY "@b.example>\r\n"));
	assert_non_null(strstr(raw, "\r\nFrom: Provost <provost@b.example>\r\n"
	    "To: Ann <ann@b.example>\r\n"
	    "Subject: Your access to the portal\r\n"));
	assert_non_null(strstr(raw, "\r\nHello Ann <Bell>,\r\n"));
	assert_non_null(strstr(raw, "<p>Hello Ann &lt;Bell&gt;,</p>\r\n"));
}

/* To forget sends nothing; grants are none of its business. */
static void test_others(void **state)
{
	(void)state;
	assert_int_equal(apply(ACTION_REMOVE), 0);
	assert_int_equal(apply(ACTION_PUT), ERR_ITEM_BAD);
	assert_non_null(strstr(result.err.text, "provostTarget"));
	assert_int_equal(mailbox_count(&box), 0);
}

static void test_codes(void **state)
{
	static const struct {
		const char *rules;
		int code;
	} rows[] = {
		{ "rcpt * 550 5.1.1 no such user\n", ERR_ITEM_BAD },
		{ "rcpt * 450 4.2.1 later\n", ERR_RETRY },
		{ "mail * 421 4.3.2 closing\n", ERR_RETRY },
		{ "mail * 530 5.7.0 log in\n", ERR_STOP },
		{ "data * 554 5.6.0 spam\n", ERR_ITEM_BAD },
		{ "data * drop\n", ERR_RETRY },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mailbox_set(&box, "rules", rows[i].rules);
		if (apply(ACTION_MAIL) != rows[i].code)
			fail_msg("%s: %s", rows[i].rules, result.err.text);
	}
}

static void test_server(void **state)
{
	(void)state;
	conf.ca_file = arena_printf(a, "%s/other.pem", box.dir);
	assert_int_equal(apply(ACTION_MAIL), ERR_TARGET_DOWN);
	conf.ca_file = arena_printf(a, "%s/cert.pem", box.dir);
	mailbox_stop(&box);
	assert_int_equal(apply(ACTION_MAIL), ERR_TARGET_DOWN);
	mailbox_start(&box, "clear");
	assert_int_equal(apply(ACTION_MAIL), ERR_STOP);
	mailbox_stop(&box);
	mailbox_set(&box, "login", "daemon s3cret");
	mailbox_start(&box, "starttls");
	assert_int_equal(apply(ACTION_MAIL), ERR_STOP);
	conf.user = "daemon";
	conf.token = "wrong";
	assert_int_equal(apply(ACTION_MAIL), ERR_STOP);
	conf.token = "s3cret";
	assert_int_equal(apply(ACTION_MAIL), 0);
	assert_int_equal(mailbox_count(&box), 1);
}

static void test_letters(void **state)
{
	(void)state;
	letter.address = "";
	assert_int_equal(apply(ACTION_MAIL), ERR_ITEM_BAD);
	assert_non_null(strstr(result.err.text, "no e-mail address"));
	letter.address = "a@b\r\nRCPT TO:<x@y>";
	assert_int_equal(apply(ACTION_MAIL), ERR_ITEM_BAD);
	letter.address = "ann@b.example";
	letter.name = "Ann\r\nBcc: x@y";
	assert_int_equal(apply(ACTION_MAIL), ERR_ITEM_BAD);
	letter.name = "Ann";
	letter_code = ERR_RETRY;
	assert_int_equal(apply(ACTION_MAIL), ERR_RETRY);
	assert_int_equal(mailbox_count(&box), 0);
}

/* Opening conf must fail and say why. */
static void refuse(const char *why)
{
	struct target *t;

	assert_int_equal(target_open(&conf, NULL, &t, &e), ERR_INVALID);
	if (strstr(e.text, why) == NULL)
		fail_msg("%s", e.text);
}

static void test_settings(void **state)
{
	struct target_conf good = conf;

	(void)state;
	conf.url = "https://x.example";
	refuse("smtp://");
	conf = good;
	conf.from = "Provost <p@b>";
	refuse("from");
	conf = good;
	conf.link = "";
	refuse("link");
	conf = good;
	conf.hello = "a b";
	refuse("EHLO");
	conf = good;
	conf.templates = "/nonexistent";
	refuse("/nonexistent/invitation.txt");
}

static void put(const char *name, const char *text)
{
	mailbox_set(&box, name, text);
}

static void test_templates(void **state)
{
	static const char *const all[] = { "invitation.txt", "reset.txt",
	    "confirmation.txt", "request.txt", "decision.txt", "portal.txt" };
	struct target *x, *y, *z;
	size_t i;

	(void)state;
	conf.templates = box.dir;
	for (i = 0; i < 6; i++)
		put(all[i], "Subject: x\n\nHello {{name}}\n");
	assert_int_equal(target_open(&conf, NULL, &x, &e), 0);
	put("portal.html", "<p>{{link}}</p>");
	assert_int_equal(target_open(&conf, NULL, &y, &e), 0);
	assert_int_equal(target_open(&conf, NULL, &z, &e), 0);
	assert_false(target_same(x, y));
	assert_true(target_same(y, z));
	target_close(x);
	target_close(y);
	target_close(z);
	put("portal.html", "<p>{{token}}</p>");
	refuse("portal.html:1: there is no {{token}}");
	put("portal.html", NULL);
	put("portal.txt", "Subject: {{token}}\n\nx");
	refuse("portal.txt:1: there is no {{token}}");
	put("portal.txt", "Subject: x\n\n\n{{token}}");
	refuse("portal.txt:4: there is no {{token}}");
	put("portal.txt", "Hello\n\nx");
	refuse("the first line");
	put("portal.txt", "Subject: \n\nx");
	refuse("the first line");
	put("portal.txt", "Subject: x\nx");
	refuse("the second line");
	put("portal.txt", "");
	refuse("the first line");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_sent), T(test_others), T(test_codes), T(test_server),
		T(test_letters), T(test_settings), T(test_templates),
	};
	int rc = 77;

	if (mailbox_init(&box))
		rc = cmocka_run_group_tests(tests, NULL, NULL);
	else
		puts("skipped: no openssl or no aiosmtpd");
	mailbox_fini(&box);
	return rc;
}
