/* SPDX-License-Identifier: ISC */
/* Against a real mail server, with and without TLS and a login. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/json.h"
#include "link/httpc.h"
#include "link/smtp.h"
#include "mailbox_run.h"

#define MESSAGE "Subject: x\r\n\r\nHello\r\n.\r\n..two\r\nend\r\n"

static struct mailbox_run box;
static struct smtp_server server;
static struct httpc *http;
static struct arena *a;
static struct smtp_answer answer;
static struct err e;
static bool over;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	server = (struct smtp_server){ .hello = "daemon.example", .user = "",
	    .password = "", .ca_file = arena_printf(a, "%s/cert.pem",
	    box.dir), .timeout = 5 * CLOCK_SECOND };
	return httpc_open(2, &http, &e);
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
	box.port = 0;
	return 0;
}

static void start(const char *mode, const char *scheme)
{
	mailbox_start(&box, mode);
	server.url = arena_printf(a, "%s://127.0.0.1:%d", scheme, box.port);
}

static void done(void *arg, const struct smtp_answer *r)
{
	assert_ptr_equal(arg, &over);
	assert_false(over);
	over = true;
	answer = *r;
}

static int submit(const char *to, const char *message)
{
	const struct smtp_mail m = { "provost@b.example", to, message,
	    strlen(message) };

	over = false;
	return smtp_submit(http, &server, &m, done, &over, &e);
}

static int send_mail(const char *to)
{
	if (submit(to, MESSAGE) != 0)
		fail_msg("%s", e.text);
	while (!over)
		httpc_drive(http, CLOCK_SECOND);
	return answer.err.code;
}

static const char *member(int i, const char *name)
{
	return json_member_str(mailbox_mail(&box, a, i), name);
}

/* The message arrives byte for byte: dots were doubled and undone. */
static void test_starttls(void **state)
{
	(void)state;
	start("starttls", "smtp");
	if (send_mail("a@b.example") != 0)
		fail_msg("%s", answer.err.text);
	assert_int_equal(send_mail("c@b.example"), 0);
	assert_int_equal(mailbox_count(&box), 2);
	assert_string_equal(member(0, "raw"), MESSAGE);
	assert_string_equal(member(0, "from"), "provost@b.example");
	assert_string_equal(json_member(mailbox_mail(&box, a, 1),
	    "to")->child->s, "c@b.example");
	assert_string_equal(member(0, "hello"), "daemon.example");
	assert_true(json_member_bool(mailbox_mail(&box, a, 0), "tls", false));
}

static void test_smtps(void **state)
{
	(void)state;
	start("tls", "smtps");
	assert_int_equal(send_mail("a@b.example"), 0);
	assert_int_equal(mailbox_count(&box), 1);
}

/* Without STARTTLS nothing is said but with insecure. */
static void test_clear(void **state)
{
	(void)state;
	start("clear", "smtp");
	assert_int_equal(send_mail("a@b.example"), ERR_DENIED);
	assert_non_null(strstr(answer.err.text, "STARTTLS"));
	assert_int_equal(mailbox_count(&box), 0);
	server.insecure = true;
	assert_int_equal(send_mail("a@b.example"), 0);
	assert_int_equal(mailbox_count(&box), 1);
	assert_false(json_member_bool(mailbox_mail(&box, a, 0), "tls", true));
}

static void test_other_certificate(void **state)
{
	(void)state;
	start("starttls", "smtp");
	server.ca_file = arena_printf(a, "%s/other.pem", box.dir);
	assert_int_equal(send_mail("a@b.example"), ERR_BUSY);
	server.insecure = true;
	assert_int_equal(send_mail("a@b.example"), ERR_BUSY);
	assert_int_equal(mailbox_count(&box), 0);
}

static void test_login(void **state)
{
	(void)state;
	mailbox_set(&box, "login", "daemon s3cret");
	start("starttls", "smtp");
	assert_int_equal(send_mail("a@b.example"), ERR_DENIED);
	assert_int_equal(answer.status, 530);
	server.user = "daemon";
	server.password = "wrong";
	assert_int_equal(send_mail("a@b.example"), ERR_DENIED);
	assert_int_equal(answer.status, 535);
	assert_false(answer.refused);
	server.password = "s3cret";
	assert_int_equal(send_mail("a@b.example"), 0);
	assert_string_equal(member(0, "login"), "daemon");
}

static void test_refused(void **state)
{
	static const struct {
		const char *rule, *to;
		int status;
	} rows[] = {
		{ "rcpt bad@b.example 550 5.1.1 no such user\n",
		    "bad@b.example", 550 },
		{ "rcpt * 451 4.3.0 later\n", "a@b.example", 451 },
		{ "mail * 552 5.3.4 too large\n", "a@b.example", 552 },
		{ "data * 554 5.6.0 spam\n", "a@b.example", 554 },
		{ "data * 452 4.2.2 full\n", "a@b.example", 452 },
	};
	size_t i;

	(void)state;
	start("starttls", "smtp");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mailbox_set(&box, "rules", rows[i].rule);
		assert_int_equal(send_mail(rows[i].to), ERR_DENIED);
		assert_int_equal(answer.status, rows[i].status);
		assert_true(answer.refused);
		assert_non_null(strstr(rows[i].rule, answer.text));
	}
	/* One refusal does not stand in the way of the next mail. */
	mailbox_set(&box, "rules", rows[0].rule);
	assert_int_equal(send_mail("bad@b.example"), ERR_DENIED);
	assert_int_equal(send_mail("good@b.example"), 0);
	assert_int_equal(mailbox_count(&box), 1);
}

static void test_cut_off(void **state)
{
	(void)state;
	start("starttls", "smtp");
	mailbox_set(&box, "rules", "data * drop\n");
	assert_int_equal(send_mail("a@b.example"), ERR_IO);
	assert_int_equal(answer.status, 0);
}

static void test_down(void **state)
{
	(void)state;
	start("starttls", "smtp");
	mailbox_stop(&box);
	assert_int_equal(send_mail("a@b.example"), ERR_BUSY);
	mailbox_start(&box, "starttls");
	assert_int_equal(send_mail("a@b.example"), 0);
}

/* What curl would put on the wire as a command of its own. */
static void test_injection(void **state)
{
	static const char *const to[] = { "a@b\r\nRCPT TO:<c@d>",
	    "a@b>\r\nDATA", "a@b> NOTIFY=NEVER", "<a@b>", "" };
	static const char *const urls[] = { "http://127.0.0.1", "smtp://",
	    "smtp://h/x", "smtp://h\r\n", "smtp://u:p@h", "smtp://h?x", "" };
	size_t i;

	(void)state;
	server.url = "smtp://127.0.0.1:1";
	for (i = 0; i < sizeof(to) / sizeof(to[0]); i++)
		assert_int_equal(submit(to[i], MESSAGE), ERR_INVALID);
	server.hello = "a b\r\nMAIL";
	assert_int_equal(submit("a@b.example", MESSAGE), ERR_INVALID);
	server.hello = "";
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		server.url = urls[i];
		assert_int_equal(smtp_check(&server, &e), ERR_INVALID);
	}
}

/* Closing the handle ends what is under way. */
static void test_close(void **state)
{
	(void)state;
	start("starttls", "smtp");
	assert_int_equal(submit("a@b.example", MESSAGE), 0);
	httpc_close(http);
	assert_true(over);
	assert_int_equal(answer.err.code, ERR_BUSY);
	http = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_starttls), T(test_smtps), T(test_clear),
		T(test_other_certificate), T(test_login), T(test_refused),
		T(test_cut_off), T(test_down), T(test_injection),
		T(test_close),
	};
	int rc = 77;

	if (mailbox_init(&box))
		rc = cmocka_run_group_tests(tests, NULL, NULL);
	else
		puts("skipped: no openssl or no aiosmtpd");
	mailbox_fini(&box);
	return rc;
}
