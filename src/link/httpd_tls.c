/* SPDX-License-Identifier: ISC */
/*
 * HTTPS. libmicrohttpd reads certificate and key once, at its start, and never
 * again; it makes the TLS session of a connection before it says that there is
 * one, and shakes hands afterwards. So each session is given credentials of
 * ours in between, those that are in use at that moment, and keeps them until
 * it ends (struct live counts): a reload meets new connections only.
 * Those that libmicrohttpd holds itself have no certificate: a session that
 * could not be given ours fails.
 */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "link/httpd_p.h"

#define NAME_MAX_LEN 1024	/* of one name in a certificate */
#define NAMES_MAX 32
#define CHAIN_MAX 8

/* RFC 9325 4: AEAD and forward secrecy only. */
const char httpd_tls_priority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:"
    "-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:"
    "-MAC-ALL:+AEAD:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:%SERVER_PRECEDENCE";

/* Who the other side is, as its certificate says. */
struct tls_peer {
	struct arena *arena;	/* owned: the names */
	struct strv names;
	int64_t expires;	/* wall clock; CLOCK_NEVER none */
	unsigned checked;	/* the number of the live it was good under */
};

/* --- the other side's certificate ------------------------------------------ */

static gnutls_session_t session_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_GNUTLS_SESSION);

	return i != NULL ? i->tls_session : NULL;
}

static void chain_free(gnutls_x509_crt_t *chain, unsigned n)
{
	while (n > 0)
		gnutls_x509_crt_deinit(chain[--n]);
}

/* The certificates it has sent, its own first; 0: none that can be read. */
static unsigned chain_of(gnutls_session_t s, gnutls_x509_crt_t *chain)
{
	unsigned n = 0, i;
	const gnutls_datum_t *raw = gnutls_certificate_get_peers(s, &n);

	if (raw == NULL || n > CHAIN_MAX)
		return 0;
	for (i = 0; i < n; i++) {
		if (gnutls_x509_crt_init(&chain[i]) != 0)
			break;
		if (gnutls_x509_crt_import(chain[i], &raw[i],
		    GNUTLS_X509_FMT_DER) != 0) {
			gnutls_x509_crt_deinit(chain[i]);
			break;
		}
	}
	if (i == n)
		return n;
	chain_free(chain, i);
	return 0;
}

/* Signed by one of these CAs, now, for use as a client (RFC 5280). */
static bool chain_good(gnutls_certificate_credentials_t cred,
    gnutls_x509_crt_t *chain, unsigned n)
{
	gnutls_typed_vdata_st as = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
	    .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT };
	gnutls_x509_trust_list_t list;
	unsigned status = 1;

	gnutls_certificate_get_trust_list(cred, &list);
	return list != NULL && n != 0 &&
	    gnutls_x509_trust_list_verify_crt2(list, chain, n, &as, 1, 0,
	    &status, NULL) == 0 && status == 0;
}

/* In the handshake: a bad certificate ends it. None at all comes this far only
 * where none is required. */
static int verify(gnutls_session_t s)
{
	gnutls_x509_crt_t chain[CHAIN_MAX];
	void *cred = NULL;
	unsigned n;
	bool good;

	if (gnutls_certificate_get_peers(s, &n) == NULL)
		return 0;
	if (gnutls_credentials_get(s, GNUTLS_CRD_CERTIFICATE, &cred) != 0)
		return GNUTLS_E_CERTIFICATE_ERROR;
	n = chain_of(s, chain);
	good = chain_good(cred, chain, n);
	chain_free(chain, n);
	return good ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

static void add_name(struct tls_peer *p, const char *kind, const char *name,
    size_t n)
{
	if (n != 0 && n < NAME_MAX_LEN && memchr(name, '\0', n) == NULL &&
	    p->names.n < NAMES_MAX)
		strv_add(p->arena, &p->names, arena_printf(p->arena,
		    "%s:%.*s", kind, (int)n, name));
}

static void add_alternatives(struct tls_peer *p, gnutls_x509_crt_t crt)
{
	char name[NAME_MAX_LEN];
	unsigned i;

	for (i = 0; i < NAMES_MAX; i++) {
		size_t n = sizeof(name);
		int type = gnutls_x509_crt_get_subject_alt_name(crt, i, name,
		    &n, NULL);

		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		if (type == GNUTLS_SAN_DNSNAME)
			add_name(p, "dns", name, n);
		else if (type == GNUTLS_SAN_URI)
			add_name(p, "uri", name, n);
		else if (type == GNUTLS_SAN_RFC822NAME)
			add_name(p, "email", name, n);
	}
}

static void add_names(struct tls_peer *p, gnutls_x509_crt_t crt)
{
	gnutls_datum_t dn = { 0 }, der = { 0 };
	uint8_t sum[32];
	const char *hex;

	if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) != 0)
		return;
	hash_sha256(der.data, der.size, sum);
	gnutls_free(der.data);
	hex = str_hex(p->arena, sum, sizeof(sum));
	add_name(p, "sha256", hex, strlen(hex));
	if (gnutls_x509_crt_get_dn3(crt, &dn, 0) == 0) {
		add_name(p, "subject", (const char *)dn.data, dn.size);
		gnutls_free(dn.data);
	}
	add_alternatives(p, crt);
}

static int64_t expiry(gnutls_x509_crt_t *chain, unsigned n)
{
	int64_t first = CLOCK_NEVER, t;

	while (n > 0) {
		t = (int64_t)gnutls_x509_crt_get_expiration_time(chain[--n]) *
		    CLOCK_SECOND;
		if (t < first)
			first = t;
	}
	return first;
}

/* Good under the credentials that are in use now, which may be younger than
 * the connection. */
static void look_at(struct tls_peer *p, struct MHD_Connection *c,
    const struct live *now)
{
	gnutls_x509_crt_t chain[CHAIN_MAX];
	unsigned n = chain_of(session_of(c), chain);

	arena_reset(p->arena);
	p->names = (struct strv){ 0 };
	p->checked = now->number;
	p->expires = expiry(chain, n);
	if (now->client_cert != HTTPD_CERT_NONE && now->cred != NULL &&
	    chain_good(now->cred, chain, n))
		add_names(p, chain[0]);
	chain_free(chain, n);
}

void tls_names(struct tls_peer **p, struct MHD_Connection *c,
    const struct live *now, struct strv *out)
{
	if (session_of(c) == NULL || (*p == NULL &&
	    now->client_cert == HTTPD_CERT_NONE))
		return;
	if (*p == NULL) {
		*p = calloc(1, sizeof(**p));
		if (*p == NULL)
			return;
		(*p)->arena = arena_new();
	}
	if ((*p)->checked != now->number)
		look_at(*p, c, now);
	if (clock_now() < (*p)->expires)
		*out = (*p)->names;
}

void tls_peer_free(struct tls_peer *p)
{
	if (p == NULL)
		return;
	arena_free(p->arena);
	free(p);
}

/* --- our own ------------------------------------------------------------------ */

/* For libmicrohttpd's credentials only, which no session should have. */
static int retrieve(gnutls_session_t s, const gnutls_datum_t *ca, int n_ca,
    const gnutls_pk_algorithm_t *algo, int n_algo, gnutls_pcert_st **pcert,
    unsigned *n, gnutls_privkey_t *key)
{
	(void)s;
	(void)ca;
	(void)n_ca;
	(void)algo;
	(void)n_algo;
	(void)pcert;
	(void)n;
	(void)key;
	return -1;
}

void *tls_no_certificate(void)
{
	return (void *)(uintptr_t)retrieve;
}

void tls_attach(const struct live *l, struct MHD_Connection *c)
{
	gnutls_session_t s = session_of(c);

	if (s == NULL || l->cred == NULL)
		return;
	gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, l->cred);
	if (l->client_cert != HTTPD_CERT_NONE)
		gnutls_certificate_server_set_request(s,
		    l->client_cert == HTTPD_CERT_REQUIRE ?
		    GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
}

static int load_ca(gnutls_certificate_credentials_t cred,
    const struct httpd_conf *c, struct err *e)
{
	int n;

	if (c->client_ca_file == NULL || *c->client_ca_file == '\0')
		return c->client_cert == HTTPD_CERT_NONE ? 0 : err_set(e,
		    ERR_INVALID, "http.client_cert: http.client_ca_file must "
		    "name the CAs that sign the clients' certificates");
	n = gnutls_certificate_set_x509_trust_file(cred, c->client_ca_file,
	    GNUTLS_X509_FMT_PEM);
	if (n <= 0)
		return err_set(e, ERR_INVALID, "http.client_ca_file: %s: %s",
		    c->client_ca_file, n == 0 ? "no certificate in it" :
		    gnutls_strerror(n));
	gnutls_certificate_set_verify_function(cred, verify);
	return 0;
}

static int load_file(const char *setting, const char *path,
    gnutls_datum_t *out, struct err *e)
{
	int rc = gnutls_load_file(path, out);

	return rc == 0 ? 0 : err_set(e, ERR_INVALID, "%s: %s: %s", setting,
	    path, gnutls_strerror(rc));
}

/* Looked at before GnuTLS 3.7.9 does, which keeps what it can't read. */
static int check_chain(const char *path, const gnutls_datum_t *text,
    struct err *e)
{
	gnutls_x509_crt_t *chain = NULL;
	unsigned n = 0;
	int rc = gnutls_x509_crt_list_import2(&chain, &n, text,
	    GNUTLS_X509_FMT_PEM, 0);

	if (rc < 0)
		return err_set(e, ERR_INVALID, "http.cert_file: %s: %s", path,
		    gnutls_strerror(rc));
	chain_free(chain, n);
	gnutls_free(chain);
	return 0;
}

static int load_pair(gnutls_certificate_credentials_t cred,
    const struct httpd_conf *c, struct err *e)
{
	gnutls_datum_t cert = { 0 }, key = { 0 };
	int rc;

	if ((rc = load_file("http.cert_file", c->cert_file, &cert, e)) != 0 ||
	    (rc = check_chain(c->cert_file, &cert, e)) != 0 ||
	    (rc = load_file("http.key_file", c->key_file, &key, e)) != 0)
		goto out;
	rc = gnutls_certificate_set_x509_key_mem2(cred, &cert, &key,
	    GNUTLS_X509_FMT_PEM, NULL, 0);
	rc = rc >= 0 ? 0 : err_set(e, ERR_INVALID, "http.key_file %s with "
	    "http.cert_file %s: %s", c->key_file, c->cert_file,
	    gnutls_strerror(rc));
	gnutls_memset(key.data, 0, key.size);
out:
	gnutls_free(cert.data);
	gnutls_free(key.data);
	return rc;
}

int tls_load(struct live *l, const struct httpd_conf *c, struct err *e)
{
	gnutls_certificate_credentials_t cred;
	int rc;

	if (c->cert_file == NULL || *c->cert_file == '\0')
		return c->client_cert == HTTPD_CERT_NONE ? 0 : err_set(e,
		    ERR_INVALID, "http.client_cert: clients show certificates "
		    "over HTTPS only: set http.cert_file and http.key_file");
	if (c->key_file == NULL || *c->key_file == '\0')
		return err_set(e, ERR_INVALID, "http.key_file: missing, "
		    "http.cert_file needs it");
	if (gnutls_certificate_allocate_credentials(&cred) != 0)
		return err_set(e, ERR_IO, "http: out of memory");
	l->cred = cred;
	l->client_cert = c->client_cert;
	rc = load_pair(cred, c, e);
	return rc != 0 ? rc : load_ca(cred, c, e);
}

void tls_unload(struct live *l)
{
	if (l->cred != NULL)
		gnutls_certificate_free_credentials(l->cred);
}
