/* SPDX-License-Identifier: ISC */
/* Against a server of our own that answers the bind and then sends what a
 * table says: sync messages with all their defaults (RFC 4533 2), and what no
 * server should send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "link/ldapc.h"

#define UUID1 "0123456789abcdef"
#define UUID2 "fedcba9876543210"
#define OID(n) "1.3.6.1.4.1.4203.1.9.1." n
#define BYTES(s) s, sizeof(s) - 1

static char dir[] = "/tmp/provost-wire.XXXXXX";
static char path[64], uri[96];
static int listener = -1;
static struct arena *a;

/* --- the server --------------------------------------------------------- */
struct bytes {
	unsigned char p[256];
	size_t n;
};

static void put(struct bytes *b, const void *p, size_t n)
{
	assert_true(b->n + n <= sizeof(b->p));
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void put_tlv(struct bytes *b, unsigned char tag, const void *p,
    size_t n)
{
	unsigned char head[] = { tag, 0x81, (unsigned char)n };

	assert_true(n < 256);
	put(b, head, sizeof(head));
	put(b, p, n);
}

static void answer(int fd, const struct bytes *b)
{
	char request[1024];

	if (read(fd, request, sizeof(request)) <= 0 ||
	    write(fd, b->p, b->n) != (ssize_t)b->n)
		abort();
}

static void *serve(void *arg)
{
	struct bytes bind = { "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04"
		"\x00\x04\x00", 14 };
	char rest[1024];
	int fd = accept(listener, NULL, NULL);

	if (fd == -1)
		abort();
	answer(fd, &bind);
	answer(fd, arg);
	while (read(fd, rest, sizeof(rest)) > 0)
		;
	close(fd);
	return NULL;
}

/* What ldapc makes of b as the answer to a search. */
static int receive(struct bytes *b, struct ldapc_result *r)
{
	const char *uris[] = { uri };
	struct ldapc_conf c = { .uris = { uris, 1, 1 }, .sasl_external = true,
		.connect_timeout = 5 * CLOCK_SECOND,
		.op_timeout = 5 * CLOCK_SECOND };
	struct ldapc_search s = { .base = "", .scope = SCOPE_BASE,
		.filter = "(objectClass=*)" };
	struct ldapc *l = NULL;
	struct err e = { .text = "" };
	pthread_t server;
	size_t at = 0;
	int rc, msgid;

	assert_int_equal(pthread_create(&server, NULL, serve, b), 0);
	if (ldapc_open(&c, &at, &l, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(ldapc_send_search(l, &s, &msgid, &e), 0);
	assert_int_equal(msgid, 2);
	rc = ldapc_next(l, a, 0, 5 * CLOCK_SECOND, r, &e);
	ldapc_close(l);
	pthread_join(server, NULL);
	assert_true(rc == 0 || e.text[0] != '\0');
	return rc;
}

/* op (and controls) as a message with id 2. */
static struct bytes message(const struct bytes *op)
{
	struct bytes inner = { "\x02\x01\x02", 3 }, b = { .n = 0 };

	put(&inner, op->p, op->n);
	put_tlv(&b, 0x30, inner.p, inner.n);
	return b;
}

static int intermediate(const void *value, size_t n, struct ldapc_result *r)
{
	struct bytes info = { .n = 0 }, op = { .n = 0 }, b;

	put_tlv(&info, 0x80, BYTES(OID("4")));
	put_tlv(&info, 0x81, value, n);
	put_tlv(&op, 0x79, info.p, info.n);
	b = message(&op);
	return receive(&b, r);
}

static int with_control(unsigned char tag, const void *body, size_t body_n,
    const char *oid, const void *value, size_t n, struct ldapc_result *r)
{
	struct bytes c = { .n = 0 }, cs = { .n = 0 }, op = { .n = 0 }, b;

	put_tlv(&c, 0x04, oid, strlen(oid));
	put_tlv(&c, 0x04, value, n);
	put_tlv(&cs, 0x30, c.p, c.n);
	put_tlv(&op, tag, body, body_n);
	put_tlv(&op, 0xa0, cs.p, cs.n);
	b = message(&op);
	return receive(&b, r);
}

static int done_with(const void *value, size_t n, struct ldapc_result *r)
{
	return with_control(0x65, BYTES("\x0a\x01\x00\x04\x00\x04\x00"),
	    OID("3"), value, n, r);
}

static int entry_with(const void *value, size_t n, struct ldapc_result *r)
{
	return with_control(0x64, BYTES("\x04\x04" "cn=x" "\x30\x00"),
	    OID("2"), value, n, r);
}

static int raw(const void *p, size_t n)
{
	struct bytes b = { .n = 0 };
	struct ldapc_result r;

	put(&b, p, n);
	return receive(&b, &r);
}

/* --- sync info ---------------------------------------------------------- */
static void test_newcookie(void **state)
{
	struct ldapc_result r;

	(void)state;
	assert_int_equal(intermediate(BYTES("\x80\x03" "abc"), &r), 0);
	assert_int_equal(r.kind, LDAPC_INTERMEDIATE);
	assert_int_equal(r.info, INFO_NEWCOOKIE);
	assert_int_equal(r.cookie_len, 3);
	assert_memory_equal(r.cookie, "abc", 3);
}

static void test_refresh_end(void **state)
{
	struct ldapc_result r;

	(void)state;
	assert_int_equal(intermediate(BYTES("\xa1\x00"), &r), 0);
	assert_int_equal(r.info, INFO_REFRESH_DELETE);
	assert_true(r.refresh_done);
	assert_null(r.cookie);
	assert_int_equal(intermediate(BYTES("\xa1\x08\x04\x03" "abc"
	    "\x01\x01\x00"), &r), 0);
	assert_int_equal(r.info, INFO_REFRESH_DELETE);
	assert_false(r.refresh_done);
	assert_int_equal(r.cookie_len, 3);
	assert_int_equal(intermediate(BYTES("\xa2\x03\x01\x01\xff"), &r), 0);
	assert_int_equal(r.info, INFO_REFRESH_PRESENT);
	assert_true(r.refresh_done);
}

static void test_id_set(void **state)
{
	struct ldapc_result r;

	(void)state;
	assert_int_equal(intermediate(BYTES("\xa3\x02\x31\x00"), &r), 0);
	assert_int_equal(r.info, INFO_ID_SET);
	assert_int_equal(r.n_set, 0);
	assert_false(r.refresh_deletes);
	assert_int_equal(intermediate(BYTES("\xa3\x2e\x04\x03" "abc"
	    "\x01\x01\xff\x31\x24\x04\x10" UUID1 "\x04\x10" UUID2), &r), 0);
	assert_int_equal(r.n_set, 2);
	assert_true(r.refresh_deletes);
	assert_memory_equal(r.set[0], UUID1, 16);
	assert_memory_equal(r.set[1], UUID2, 16);
	assert_int_equal(r.cookie_len, 3);
}

static void test_bad_info(void **state)
{
	struct ldapc_result r;

	(void)state;
	assert_int_equal(intermediate(BYTES("\xa3\x04\x31\x02\x04\x00"), &r),
	    ERR_CORRUPT);
	assert_int_equal(intermediate(BYTES("\xa3\x10\x31"), &r),
	    ERR_CORRUPT);
	assert_int_equal(intermediate(BYTES("\xa3\x08\x31\x84\x7f\xff\xff\xff"
	    "\x04\x10"), &r), ERR_CORRUPT);
	assert_int_equal(intermediate(BYTES("\x85\x00"), &r), ERR_CORRUPT);
	assert_int_equal(intermediate("", 0, &r), ERR_CORRUPT);
}

/* --- controls ----------------------------------------------------------- */
static void test_sync_done(void **state)
{
	struct ldapc_result r;

	(void)state;
	assert_int_equal(done_with(BYTES("\x30\x00"), &r), 0);
	assert_int_equal(r.kind, LDAPC_DONE);
	assert_false(r.refresh_deletes);
	assert_null(r.cookie);
	assert_int_equal(done_with(BYTES("\x30\x06\x04\x01" "c"
	    "\x01\x01\xff"), &r), 0);
	assert_true(r.refresh_deletes);
	assert_int_equal(r.cookie_len, 1);
	assert_int_equal(done_with(BYTES("\x30\x04\x04\x09" "c"), &r),
	    ERR_CORRUPT);
}

static void test_sync_state(void **state)
{
	struct ldapc_result r;

	(void)state;
	assert_int_equal(entry_with(BYTES("\x30\x15\x0a\x01\x03\x04\x10"
	    UUID1), &r), 0);
	assert_int_equal(r.kind, LDAPC_ENTRY);
	assert_int_equal(r.state, SYNC_DELETE);
	assert_memory_equal(r.uuid, UUID1, 16);
	assert_memory_equal(r.entry->uuid, UUID1, 16);
	assert_string_equal(r.entry->dn, "cn=x");
	assert_null(r.cookie);
	assert_int_equal(entry_with(BYTES("\x30\x18\x0a\x01\x01\x04\x10"
	    UUID1 "\x04\x01" "c"), &r), 0);
	assert_int_equal(r.state, SYNC_ADD);
	assert_int_equal(r.cookie_len, 1);
	assert_int_equal(entry_with(BYTES("\x30\x15\x0a\x01\x07\x04\x10"
	    UUID1), &r), ERR_CORRUPT);
	assert_int_equal(entry_with(BYTES("\x30\x08\x0a\x01\x01\x04\x03"
	    "abc"), &r), ERR_CORRUPT);
	assert_int_equal(entry_with(BYTES("\xff"), &r), ERR_CORRUPT);
}

static void test_post_read(void **state)
{
	struct ldapc_result r;

	(void)state;
	assert_int_equal(with_control(0x69,
	    BYTES("\x0a\x01\x00\x04\x00\x04\x00"), "1.3.6.1.1.13.2",
	    BYTES("\x64\x16\x04\x04" "cn=x" "\x30\x0e\x30\x0c\x04\x08"
	    "entryCSN" "\x31\x00"), &r), 0);
	assert_string_equal(r.entry->dn, "cn=x");
	assert_string_equal(r.entry->csn, "");
	assert_int_equal(with_control(0x69,
	    BYTES("\x0a\x01\x00\x04\x00\x04\x00"), "1.3.6.1.1.13.2",
	    BYTES("\x64\x0c\x04\x04" "cn=x" "\x30\x04\x30\x02\x04\x7f"), &r),
	    ERR_CORRUPT);
}

/* As slapd serves what slapadd -q took in. */
static void test_values_apart(void **state)
{
	struct bytes op = { .n = 0 }, b;
	struct ldapc_result r;
	const struct attr *cn;

	(void)state;
	put_tlv(&op, 0x64, BYTES("\x04\x04" "cn=x" "\x30\x21"
	    "\x30\x09\x04\x02" "cn" "\x31\x03\x04\x01" "a"
	    "\x30\x09\x04\x02" "sn" "\x31\x03\x04\x01" "b"
	    "\x30\x09\x04\x02" "CN" "\x31\x03\x04\x01" "c"));
	b = message(&op);
	assert_int_equal(receive(&b, &r), 0);
	assert_int_equal(r.entry->n, 2);
	assert_non_null(cn = entry_attr(r.entry, "cn"));
	assert_int_equal(cn->n, 2);
	assert_string_equal(cn->v[0].p, "a");
	assert_string_equal(cn->v[1].p, "c");
	assert_string_equal(entry_get(r.entry, "sn"), "b");
}

/* --- no messages at all ------------------------------------------------- */
static void test_nonsense(void **state)
{
	(void)state;
	assert_int_equal(raw(BYTES("HTTP/1.1 400 Bad Request\r\n"
	    "Content-Type: text/plain\r\nConnection: close\r\n"
	    "Content-Length: 12\r\n\r\nBad request\n")), ERR_BUSY);
	/* One gigabyte announced: refused before any memory is taken. */
	assert_int_equal(raw(BYTES("\x30\x84\x40\x00\x00\x00\x02\x01\x02")),
	    ERR_BUSY);
	/* A notice of disconnection (RFC 4511 4.4.1). */
	assert_int_equal(raw(BYTES("\x30\x24\x02\x01\x00\x78\x1f\x0a\x01\x34"
	    "\x04\x00\x04\x00\x8a\x16" "1.3.6.1.4.1.1466.20036")), ERR_BUSY);
	/* An entry whose attributes end too early. */
	assert_int_equal(raw(BYTES("\x30\x11\x02\x01\x02\x64\x0c\x04\x04"
	    "cn=x" "\x30\x04\x30\x02\x04\x7f")), ERR_CORRUPT);
}

static int setup(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	(void)state;
	a = arena_new();
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/ldapi", dir);
	snprintf(uri, sizeof(uri), "ldapi://%%2Ftmp%%2F%s%%2Fldapi",
	    dir + strlen("/tmp/"));
	strcpy(sun.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener == -1 ||
	    bind(listener, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		return -1;
	return listen(listener, 4);
}

static int teardown(void **state)
{
	(void)state;
	close(listener);
	unlink(path);
	rmdir(dir);
	arena_free(a);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newcookie),
		cmocka_unit_test(test_refresh_end),
		cmocka_unit_test(test_id_set),
		cmocka_unit_test(test_bad_info),
		cmocka_unit_test(test_sync_done),
		cmocka_unit_test(test_sync_state),
		cmocka_unit_test(test_post_read),
		cmocka_unit_test(test_values_apart),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
