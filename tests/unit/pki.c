/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pki.h"

static void good(int rc)
{
	if (rc < 0)
		fail_msg("GnuTLS: %s", gnutls_strerror(rc));
}

static void add_name(gnutls_x509_crt_t crt, gnutls_x509_subject_alt_name_t kind,
    const char *name)
{
	if (name != NULL)
		good(gnutls_x509_crt_set_subject_alt_name(crt, kind, name,
		    (unsigned)strlen(name), GNUTLS_FSAN_APPEND));
}

void pki_sign(struct pki *p, const struct pki_form *f)
{
	static unsigned char serial;
	const struct pki *by = f->issuer != NULL ? f->issuer : p;
	time_t now = time(NULL);
	const char *where;

	if (p->crt != NULL)
		gnutls_x509_crt_deinit(p->crt);
	serial++;
	good(gnutls_x509_crt_init(&p->crt));
	good(gnutls_x509_crt_set_version(p->crt, 3));
	good(gnutls_x509_crt_set_serial(p->crt, &serial, 1));
	good(gnutls_x509_crt_set_dn(p->crt, f->dn, &where));
	good(gnutls_x509_crt_set_key(p->crt, p->key));
	good(gnutls_x509_crt_set_activation_time(p->crt, now + f->from));
	good(gnutls_x509_crt_set_expiration_time(p->crt, now + f->to));
	good(gnutls_x509_crt_set_basic_constraints(p->crt, f->ca, -1));
	if (f->purpose != NULL)
		good(gnutls_x509_crt_set_key_purpose_oid(p->crt, f->purpose,
		    0));
	add_name(p->crt, GNUTLS_SAN_DNSNAME, f->dns);
	add_name(p->crt, GNUTLS_SAN_URI, f->uri);
	add_name(p->crt, GNUTLS_SAN_RFC822NAME, f->email);
	good(gnutls_x509_crt_sign2(p->crt, by->crt, by->key, GNUTLS_DIG_SHA256,
	    0));
}

void pki_make(struct pki *p, const struct pki_form *f)
{
	memset(p, 0, sizeof(*p));
	good(gnutls_x509_privkey_init(&p->key));
	good(gnutls_x509_privkey_generate(p->key, f->rsa ? GNUTLS_PK_RSA :
	    GNUTLS_PK_EC, f->rsa ? 2048 :
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	pki_sign(p, f);
}

void pki_free(struct pki *p)
{
	gnutls_x509_crt_deinit(p->crt);
	gnutls_x509_privkey_deinit(p->key);
}

void pki_write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

void pki_write(const struct pki *p, const char *cert, const char *key)
{
	gnutls_datum_t d;

	if (cert != NULL) {
		good(gnutls_x509_crt_export2(p->crt, GNUTLS_X509_FMT_PEM, &d));
		pki_write_text(cert, (const char *)d.data);
		gnutls_free(d.data);
	}
	if (key != NULL) {
		good(gnutls_x509_privkey_export2(p->key, GNUTLS_X509_FMT_PEM,
		    &d));
		pki_write_text(key, (const char *)d.data);
		gnutls_free(d.data);
	}
}
