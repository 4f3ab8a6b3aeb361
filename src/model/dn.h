/* SPDX-License-Identifier: ISC */
/*
 * dn: distinguished names as strings (RFC 4514). The normal form is used as
 * key and for comparison: attribute types lower case, no spaces around '='
 * and ',', values folded (utf8_fold), escapes uniform. Multi-valued RDNs are
 * accepted in any order. Plain functions: no thread rule.
 */
#ifndef MODEL_DN_H
#define MODEL_DN_H

#include <stdbool.h>

#include "base/err.h"

struct arena;

/* The normal form, or NULL and e when s is no DN. */
char *dn_normal(struct arena *a, const char *s, struct err *e);
/* "attr=escaped value,base" (base may be ""). */
char *dn_make(struct arena *a, const char *attr, const char *value,
	const char *base);
/* Everything behind the first RDN, "" for a one-RDN name. Borrowed from dn. */
const char *dn_parent(const char *dn);
/* The unescaped value of the first RDN; *attr, if wanted, its type. NULL when
 * it is malformed. */
char *dn_rdn_value(struct arena *a, const char *dn, char **attr);
/* Both in normal form: is dn base or below it; is it exactly one below. */
bool dn_under(const char *dn, const char *base);
bool dn_child(const char *dn, const char *base);

#endif
