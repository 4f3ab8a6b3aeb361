/* SPDX-License-Identifier: ISC */
/* HTTPS (FAULTS H17): versions, clients' certificates, what a reload changes
 * and what it does not, and those who do not speak TLS at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "link/httpd.h"
#include "pki.h"

#define DAY 86400
#define GET "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

static struct {
	char dir[64], path[8][128];
	struct arena *a;
	struct pki ca, foreign, server;
	struct httpd *httpd;
	struct httpd_conf conf;
	int port;
} f;

enum file { CERT, KEY, CA, CERT2, KEY2, CA2, BROKEN, NO_FILE };

/* --- the server -------------------------------------------------------------- */

static bool on_accept(void *ctx, struct httpd_request *q, size_t *max_body)
{
	(void)ctx;
	(void)q;
	*max_body = 1000;
	return true;
}

/* The client's names, a line each. */
static void on_handle(void *ctx, struct httpd_request *q)
{
	struct buf b;
	size_t i;

	(void)ctx;
	buf_init(&b, 10000);
	buf_puts(&b, q->tls ? "tls\n" : "plain\n");
	for (i = 0; i < q->cert.n; i++)
		buf_printf(&b, "%s\n", q->cert.v[i]);
	httpd_answer(q, 200, "text/plain", buf_str(&b), b.len);
	buf_fini(&b);
}

static void on_refused(void *ctx, struct httpd_request *q, int status,
    const char *why)
{
	(void)ctx;
	httpd_answer(q, status, "text/plain", why, strlen(why));
}

static int setup(void **state)
{
	static const char *const names[] = { "cert", "key", "ca", "cert2",
	    "key2", "ca2", "broken", "no" };
	struct pki second;
	size_t i;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	strcpy(f.dir, "/tmp/test-tls.XXXXXX");
	assert_non_null(mkdtemp(f.dir));
	for (i = 0; i < 8; i++)
		snprintf(f.path[i], sizeof(f.path[i]), "%s/%s", f.dir,
		    names[i]);
	f.a = arena_new();
	pki_make(&f.ca, &(struct pki_form){ .dn = "CN=ca", .to = DAY,
	    .ca = true });
	pki_make(&f.foreign, &(struct pki_form){ .dn = "CN=ca", .to = DAY,
	    .ca = true });
	pki_make(&f.server, &(struct pki_form){ .dn = "CN=one", .to = DAY,
	    .issuer = &f.ca, .dns = "localhost" });
	pki_make(&second, &(struct pki_form){ .dn = "CN=two", .to = DAY,
	    .issuer = &f.ca, .dns = "localhost", .rsa = true });
	pki_write(&f.server, f.path[CERT], f.path[KEY]);
	pki_write(&second, f.path[CERT2], f.path[KEY2]);
	pki_write(&f.ca, f.path[CA], NULL);
	pki_write(&f.foreign, f.path[CA2], NULL);
	pki_write_text(f.path[BROKEN], "-----BEGIN CERTIFICATE-----\nnone\n");
	pki_free(&second);
	return 0;
}

static int teardown(void **state)
{
	char cmd[128];

	(void)state;
	pki_free(&f.ca);
	pki_free(&f.foreign);
	pki_free(&f.server);
	arena_free(f.a);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", f.dir);
	return system(cmd);
}

static void start(enum httpd_client_cert mode)
{
	const struct httpd_handler h = { NULL, on_accept, on_handle,
	    on_refused };
	struct err e = { 0 };

	f.conf = (struct httpd_conf){ .listen = "127.0.0.1:0", .threads = 2,
	    .header_timeout = 1, .cert_file = f.path[CERT],
	    .key_file = f.path[KEY], .client_cert = mode,
	    .client_ca_file = mode != HTTPD_CERT_NONE ? f.path[CA] : "" };
	if (httpd_start(&f.conf, &h, &f.httpd, &f.port, &e) != 0)
		fail_msg("%s", e.text);
}

static void stop(void)
{
	assert_true(httpd_stop(f.httpd, 5));
}

/* "" or why not. */
static const char *reload(const char *cert, const char *key, const char *ca)
{
	static struct err e;
	struct httpd_conf c = f.conf;
	struct live *l;

	c.cert_file = cert;
	c.key_file = key;
	c.client_ca_file = ca;
	e = (struct err){ 0 };
	if (httpd_live_load(&c, &l, &e) != 0)
		return e.text;
	return httpd_live_use(f.httpd, l) ? "" : "http and https";
}

/* --- the client --------------------------------------------------------------- */

struct peer {
	int fd;
	gnutls_certificate_credentials_t cred;
	gnutls_session_t s;
	char text[4096];		/* its last answer */
};

static int dial(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)f.port) };
	struct timeval tv = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

/* 0, or what GnuTLS says about the handshake. own, sni: NULL none. */
static int meet(struct peer *p, const char *priority, const struct pki *own,
    const char *sni)
{
	int rc;

	memset(p, 0, sizeof(*p));
	p->fd = dial();
	gnutls_certificate_allocate_credentials(&p->cred);
	gnutls_certificate_set_x509_trust(p->cred, &f.ca.crt, 1);
	if (own != NULL)
		assert_true(gnutls_certificate_set_x509_key(p->cred,
		    (gnutls_x509_crt_t *)(uintptr_t)&own->crt, 1, own->key)
		    >= 0);
	/* Shown also to those who did not ask for its issuer. */
	gnutls_init(&p->s, GNUTLS_CLIENT | (own != NULL ?
	    GNUTLS_FORCE_CLIENT_CERT : 0));
	assert_int_equal(gnutls_priority_set_direct(p->s, priority, NULL), 0);
	gnutls_credentials_set(p->s, GNUTLS_CRD_CERTIFICATE, p->cred);
	gnutls_session_set_verify_cert(p->s, NULL, 0);
	if (sni != NULL)
		gnutls_server_name_set(p->s, GNUTLS_NAME_DNS, sni,
		    strlen(sni));
	gnutls_transport_set_int(p->s, p->fd);
	do
		rc = gnutls_handshake(p->s);
	while (rc < 0 && !gnutls_error_is_fatal(rc) && rc != GNUTLS_E_AGAIN);
	return rc;
}

static void leave(struct peer *p)
{
	gnutls_deinit(p->s);
	gnutls_certificate_free_credentials(p->cred);
	close(p->fd);
}

/* The status of one request's answer; 0: none came. */
static int ask(struct peer *p)
{
	size_t have = 0;
	const char *end = NULL;
	ssize_t k;

	p->text[0] = '\0';
	if (gnutls_record_send(p->s, GET, strlen(GET)) < 0)
		return 0;
	do {
		k = gnutls_record_recv(p->s, p->text + have,
		    sizeof(p->text) - 1 - have);
		if (k == GNUTLS_E_INTERRUPTED)
			continue;
		if (k <= 0)
			return 0;
		have += (size_t)k;
		p->text[have] = '\0';
		end = strstr(p->text, "\r\n\r\n");
	} while (end == NULL || strtoul(strstr(p->text, "Content-Length: ") +
	    16, NULL, 10) > (size_t)(p->text + have - end - 4));
	return atoi(p->text + 9);
}

/* Handshake and one request: its status, 0 when either failed. text: what it
 * said, into f.a. */
static int once(const char *priority, const struct pki *own,
    const char **text)
{
	struct peer p;
	int status = 0;

	if (meet(&p, priority, own, "localhost") == 0)
		status = ask(&p);
	if (text != NULL)
		*text = arena_strdup(f.a, p.text);
	leave(&p);
	return status;
}

/* Whose certificate the server shows. */
static const char *shown(struct peer *p)
{
	const gnutls_datum_t *raw = gnutls_certificate_get_peers(p->s, NULL);
	gnutls_x509_crt_t crt;
	gnutls_datum_t dn;
	const char *text;

	assert_non_null(raw);
	gnutls_x509_crt_init(&crt);
	gnutls_x509_crt_import(crt, raw, GNUTLS_X509_FMT_DER);
	gnutls_x509_crt_get_dn3(crt, &dn, 0);
	text = arena_strdup(f.a, (const char *)dn.data);
	gnutls_free(dn.data);
	gnutls_x509_crt_deinit(crt);
	return text;
}

/* --- versions and those who do not speak it ------------------------------------ */

#define TLS(v) "NORMAL:-VERS-ALL:+VERS-TLS" v

static void versions(void **state)
{
	(void)state;
	start(HTTPD_CERT_NONE);
	assert_int_equal(once(TLS("1.3"), NULL, NULL), 200);
	assert_int_equal(once(TLS("1.2"), NULL, NULL), 200);
	assert_int_equal(once(TLS("1.1") ":%COMPAT", NULL, NULL), 0);
	assert_int_equal(once(TLS("1.0") ":%COMPAT", NULL, NULL), 0);
	assert_int_equal(once(TLS("1.2") ":-CIPHER-ALL:+AES-128-CBC", NULL,
	    NULL), 0);
	assert_int_equal(once("NORMAL", NULL, NULL), 200);
	/* With a key that could do it. */
	assert_string_equal(reload(f.path[CERT2], f.path[KEY2], ""), "");
	assert_int_equal(once(TLS("1.2") ":-KX-ALL:+RSA", NULL, NULL), 0);
	assert_int_equal(once(TLS("1.2"), NULL, NULL), 200);
	stop();
}

static void no_renegotiation(void **state)
{
	struct peer p;
	int rc;

	(void)state;
	start(HTTPD_CERT_NONE);
	assert_int_equal(meet(&p, TLS("1.2"), NULL, "localhost"), 0);
	assert_int_equal(ask(&p), 200);
	do
		rc = gnutls_handshake(p.s);
	while (rc < 0 && !gnutls_error_is_fatal(rc) && rc != GNUTLS_E_AGAIN &&
	    rc != GNUTLS_E_WARNING_ALERT_RECEIVED);
	assert_true(rc < 0);
	leave(&p);
	assert_int_equal(once("NORMAL", NULL, NULL), 200);
	stop();
}

static void sni_is_harmless(void **state)
{
	static const char *const names[] = { NULL, "localhost",
	    "elsewhere.example", "x" };
	struct peer p;
	size_t i;

	(void)state;
	start(HTTPD_CERT_NONE);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(meet(&p, "NORMAL", NULL, names[i]), 0);
		assert_int_equal(ask(&p), 200);
		assert_non_null(strstr(p.text, "tls\n"));
		leave(&p);
	}
	stop();
}

/* Closed, whatever was said; and nobody else suffers. */
static void not_tls(void **state)
{
	static const char *const said[] = { GET, "", "\x16", "\x16\x03\x01",
	    "\x16\x03\x01\xff\xff", "\x80\x2e\x01", "\x15\x03\x03", "\n\n\n\n\n" };
	char c[256];
	size_t i;
	int fd;

	(void)state;
	start(HTTPD_CERT_NONE);
	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		fd = dial();
		send(fd, said[i], strlen(said[i]), MSG_NOSIGNAL);
		assert_int_equal(once("NORMAL", NULL, NULL), 200);
		while (recv(fd, c, sizeof(c), 0) > 0)
			assert_null(memmem(c, sizeof(c), "200 OK", 6));
		close(fd);
	}
	assert_int_equal(once("NORMAL", NULL, NULL), 200);
	stop();
}

/* --- clients' certificates ------------------------------------------------------ */

static struct pki client_of(const struct pki *issuer, int from, int to,
    const char *purpose)
{
	struct pki p;

	pki_make(&p, &(struct pki_form){ .dn = "CN=hr\\,feed,O=Example",
	    .issuer = issuer, .from = from, .to = to, .purpose = purpose,
	    .dns = "feed.example", .uri = "spiffe://x/feed",
	    .email = "feed@x.example" });
	return p;
}

static void certificates(void **state)
{
	struct pki good = client_of(&f.ca, -60, DAY, GNUTLS_KP_TLS_WWW_CLIENT);
	const char *text, *sum;
	size_t n = 32;
	uint8_t raw[32];
	int mode;

	(void)state;
	gnutls_x509_crt_get_fingerprint(good.crt, GNUTLS_DIG_SHA256, raw, &n);
	sum = str_hex(f.a, raw, n);
	for (mode = HTTPD_CERT_NONE; mode <= HTTPD_CERT_REQUIRE; mode++) {
		start((enum httpd_client_cert)mode);
		assert_int_equal(once("NORMAL", &good, &text), 200);
		if (mode == HTTPD_CERT_NONE)
			assert_non_null(strstr(text, "\r\n\r\ntls\n"));
		else
			assert_non_null(strstr(text, arena_printf(f.a,
			    "\r\n\r\ntls\nsha256:%s\nsubject:CN=hr\\,feed,"
			    "O=Example\ndns:feed.example\nuri:spiffe://x/feed\n"
			    "email:feed@x.example\n", sum)));
		assert_int_equal(once("NORMAL", NULL, &text),
		    mode == HTTPD_CERT_REQUIRE ? 0 : 200);
		assert_null(strstr(text, "sha256"));
		stop();
	}
	pki_free(&good);
}

static void bad_certificates(void **state)
{
	const struct pki bad[] = {
		client_of(&f.foreign, -60, DAY, NULL),
		client_of(&f.ca, -DAY, -60, NULL),
		client_of(&f.ca, 3600, DAY, NULL),
		client_of(NULL, -60, DAY, NULL),
		client_of(&f.ca, -60, DAY, GNUTLS_KP_TLS_WWW_SERVER),
		/* Signed by a certificate that is no CA. */
		client_of(&f.server, -60, DAY, NULL),
	};
	static const char *const versions_[] = { TLS("1.2"), TLS("1.3") };
	size_t i, k;

	(void)state;
	start(HTTPD_CERT_REQUEST);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (k = 0; k < 2; k++)
			if (once(versions_[k], &bad[i], NULL) != 0)
				fail_msg("certificate %zu got in", i);
		pki_free((struct pki *)(uintptr_t)&bad[i]);
	}
	assert_int_equal(once("NORMAL", NULL, NULL), 200);
	stop();
}

static int64_t tomorrow(void)
{
	return (time(NULL) + 2 * DAY) * CLOCK_SECOND;
}

/* A certificate that ends while its connection is open names nobody. */
static void it_ends(void **state)
{
	struct pki good = client_of(&f.ca, -60, DAY, NULL);
	struct peer p;

	(void)state;
	start(HTTPD_CERT_REQUEST);
	assert_int_equal(meet(&p, "NORMAL", &good, NULL), 0);
	assert_int_equal(ask(&p), 200);
	assert_non_null(strstr(p.text, "sha256:"));
	clock_set_source(tomorrow);
	assert_int_equal(ask(&p), 200);
	assert_null(strstr(p.text, "sha256:"));
	clock_set_source(NULL);
	leave(&p);
	stop();
	pki_free(&good);
}

/* --- reload ------------------------------------------------------------------- */

static void reload_keeps_connections(void **state)
{
	struct pki good = client_of(&f.ca, -60, DAY, NULL);
	struct peer old, new;

	(void)state;
	start(HTTPD_CERT_REQUEST);
	assert_int_equal(meet(&old, "NORMAL", &good, NULL), 0);
	assert_string_equal(shown(&old), "CN=one");
	assert_int_equal(ask(&old), 200);
	assert_string_equal(reload(f.path[CERT2], f.path[KEY2], f.path[CA]),
	    "");
	assert_int_equal(meet(&new, "NORMAL", &good, NULL), 0);
	assert_string_equal(shown(&new), "CN=two");
	assert_int_equal(ask(&new), 200);
	assert_int_equal(ask(&old), 200);
	assert_non_null(strstr(old.text, "sha256:"));
	/* A CA that is trusted no more: the connection stays, its client's
	 * name goes. */
	assert_string_equal(reload(f.path[CERT], f.path[KEY], f.path[CA2]),
	    "");
	assert_int_equal(ask(&old), 200);
	assert_null(strstr(old.text, "sha256:"));
	assert_int_equal(once("NORMAL", &good, NULL), 0);
	assert_string_equal(reload(f.path[CERT], f.path[KEY], f.path[CA]),
	    "");
	assert_int_equal(ask(&old), 200);
	assert_non_null(strstr(old.text, "sha256:"));
	leave(&old);
	leave(&new);
	stop();
	pki_free(&good);
}

static void broken_files_change_nothing(void **state)
{
	const char *bad[][3] = {
		{ f.path[BROKEN], f.path[KEY], f.path[CA] },
		{ f.path[CERT], f.path[BROKEN], f.path[CA] },
		{ f.path[CERT], f.path[KEY2], f.path[CA] },	/* not a pair */
		{ f.path[CERT], f.path[KEY], f.path[BROKEN] },
		{ f.path[CERT], f.path[KEY], f.path[KEY] },
		{ f.path[CERT], f.path[KEY], "" },
		{ f.path[CERT], "", f.path[CA] },
		{ "", "", f.path[CA] },
		{ f.path[NO_FILE], f.path[KEY], f.path[CA] },
	};
	struct pki good = client_of(&f.ca, -60, DAY, NULL);
	const char *text;
	size_t i;

	(void)state;
	start(HTTPD_CERT_REQUEST);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *why = reload(bad[i][0], bad[i][1], bad[i][2]);

		if (strstr(why, "http.") == NULL)
			fail_msg("reload %zu: \"%s\"", i, why);
		assert_int_equal(once("NORMAL", &good, &text), 200);
		assert_non_null(strstr(text, "sha256:"));
	}
	f.conf.client_cert = HTTPD_CERT_NONE;
	assert_string_equal(reload("", "", ""), "http and https");
	assert_int_equal(once("NORMAL", &good, NULL), 200);
	stop();
	pki_free(&good);
}

static _Atomic bool enough;

static void *keep_meeting(void *arg)
{
	intptr_t *failed = arg;

	while (!enough) {
		struct peer p;

		if (meet(&p, "NORMAL", NULL, NULL) != 0 || ask(&p) != 200 ||
		    ask(&p) != 200)
			(*failed)++;
		leave(&p);
	}
	return NULL;
}

/* No new connection is refused while it changes. */
static void reloads_under_way(void **state)
{
	intptr_t failed[3] = { 0 };
	pthread_t t[3];
	int i;

	(void)state;
	start(HTTPD_CERT_REQUEST);
	enough = false;
	for (i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, keep_meeting, &failed[i]);
	for (i = 0; i < 100; i++)
		assert_string_equal(reload(f.path[i % 2 ? CERT2 : CERT],
		    f.path[i % 2 ? KEY2 : KEY], f.path[CA]), "");
	enough = true;
	for (i = 0; i < 3; i++) {
		pthread_join(t[i], NULL);
		assert_int_equal(failed[i], 0);
	}
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions),
		cmocka_unit_test(no_renegotiation),
		cmocka_unit_test(sni_is_harmless),
		cmocka_unit_test(not_tls),
		cmocka_unit_test(certificates),
		cmocka_unit_test(bad_certificates),
		cmocka_unit_test(it_ends),
		cmocka_unit_test(reload_keeps_connections),
		cmocka_unit_test(broken_files_change_nothing),
		cmocka_unit_test(reloads_under_way),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
