/* SPDX-License-Identifier: ISC */
/* Keys and certificates for tests, made by GnuTLS. Any failure ends the test. */
#ifndef TESTS_UNIT_PKI_H
#define TESTS_UNIT_PKI_H

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdbool.h>

struct pki {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
};

struct pki_form {
	const char *dn;			/* "CN=x,O=y" */
	const struct pki *issuer;	/* NULL: signed by itself */
	int from, to;			/* valid, in seconds from now */
	bool ca;
	bool rsa;			/* not P-256 */
	const char *purpose;		/* GNUTLS_KP_..., NULL any */
	const char *dns, *uri, *email;	/* other names, NULL none */
};

void pki_make(struct pki *p, const struct pki_form *f);
/* The same key in a new certificate. */
void pki_sign(struct pki *p, const struct pki_form *f);
void pki_free(struct pki *p);
/* PEM files; NULL paths are left out. */
void pki_write(const struct pki *p, const char *cert, const char *key);
void pki_write_text(const char *path, const char *text);

#endif
