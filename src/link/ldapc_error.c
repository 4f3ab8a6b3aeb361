/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "link/ldapc_p.h"

/* RFC 4511 A.1, 4528 and 4370 result codes: what they mean to us, and what to
 * do where it is not plain. */
static const struct {
	int ldap, code;
	const char *hint;
} table[] = {
	{ LDAP_ALREADY_EXISTS, ERR_EXISTS, "" },
	{ LDAP_NO_SUCH_OBJECT, ERR_NOT_FOUND, "" },
	{ LDAP_ASSERTION_FAILED, ERR_CONFLICT,
	    ": the entry was changed meanwhile" },
	{ LDAP_NO_SUCH_ATTRIBUTE, ERR_CONFLICT,
	    ": the value was taken away meanwhile" },
	{ LDAP_TYPE_OR_VALUE_EXISTS, ERR_CONFLICT,
	    ": the value is there already" },
	{ LDAP_INSUFFICIENT_ACCESS, ERR_DENIED,
	    ": see the access rules of the directory" },
	{ LDAP_PROXIED_AUTHORIZATION_DENIED, ERR_DENIED,
	    ": see authzTo of the daemon's entry" },
	{ LDAP_X_PROXY_AUTHZ_FAILURE, ERR_DENIED,
	    ": see authzTo of the daemon's entry" },
	{ LDAP_UNWILLING_TO_PERFORM, ERR_DENIED, "" },
	{ LDAP_STRONG_AUTH_REQUIRED, ERR_DENIED, "" },
	{ LDAP_CONFIDENTIALITY_REQUIRED, ERR_DENIED, "" },
	{ LDAP_INAPPROPRIATE_AUTH, ERR_DENIED, "" },
	{ LDAP_INVALID_CREDENTIALS, ERR_DENIED, "" },
	{ LDAP_NOT_ALLOWED_ON_NONLEAF, ERR_REFERRED, "" },
	{ LDAP_BUSY, ERR_BUSY, "" },
	{ LDAP_UNAVAILABLE, ERR_BUSY, "" },
	{ LDAP_REFERRAL, ERR_BUSY,
	    ": this server takes no writes, name the provider first" },
	{ LDAP_TIMELIMIT_EXCEEDED, ERR_LIMIT, "" },
	{ LDAP_SIZELIMIT_EXCEEDED, ERR_LIMIT, "" },
	{ LDAP_ADMINLIMIT_EXCEEDED, ERR_LIMIT, "" },
	{ LDAP_UNAVAILABLE_CRITICAL_EXTENSION, ERR_UNSUPPORTED, "" },
	{ LDAP_AUTH_METHOD_NOT_SUPPORTED, ERR_UNSUPPORTED, "" },
	{ LDAP_CONSTRAINT_VIOLATION, ERR_INVALID, "" },
	{ LDAP_UNDEFINED_TYPE, ERR_INVALID,
	    ": load schema/provost.schema into the directory" },
	{ LDAP_INVALID_SYNTAX, ERR_INVALID, "" },
	{ LDAP_INVALID_DN_SYNTAX, ERR_INVALID, "" },
	{ LDAP_INAPPROPRIATE_MATCHING, ERR_INVALID, "" },
	{ LDAP_NAMING_VIOLATION, ERR_INVALID, "" },
	{ LDAP_OBJECT_CLASS_VIOLATION, ERR_INVALID, "" },
	{ LDAP_NOT_ALLOWED_ON_RDN, ERR_INVALID, "" },
	{ LDAP_NO_OBJECT_CLASS_MODS, ERR_INVALID, "" },
};

int ldapc_error(const struct ldapc_result *r, const char *what,
    struct err *e)
{
	const char *hint = "", *text = r->text != NULL ? r->text : "";
	int code = ERR_IO;
	size_t i;

	if (r->code == LDAP_SUCCESS)
		return 0;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].ldap == r->code) {
			code = table[i].code;
			hint = table[i].hint;
		}
	/* slapo-unique has no result code of its own. */
	if (r->code == LDAP_CONSTRAINT_VIOLATION &&
	    strstr(text, "unique") != NULL)
		return err_kind(e, ERR_EXISTS, "uniqueness", "%s: a value is "
		    "in use by another entry (%s)", what, text);
	return err_kind(e, code, code == ERR_EXISTS ? "uniqueness" : "",
	    "%s: %s%s%s%s (LDAP result %d)", what, ldap_err2string(r->code),
	    *text != '\0' ? ": " : "", text, hint, r->code);
}

int ldapc_fail(struct ldapc *l, int rc, const char *what, struct err *e)
{
	char *text = NULL;
	int code;

	if (rc == 0)
		ldap_get_option(l->ld, LDAP_OPT_RESULT_CODE, &rc);
	ldap_get_option(l->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
	switch (rc) {
	case LDAP_ENCODING_ERROR:
	case LDAP_PARAM_ERROR:
	case LDAP_FILTER_ERROR:
		code = ERR_INVALID;
		break;
	default:
		code = ERR_BUSY;
	}
	err_set(e, code, "LDAP %s: %s: %s%s%s", l->uri, what,
	    ldap_err2string(rc), text != NULL && *text != '\0' ? ": " : "",
	    text != NULL ? text : "");
	ldap_memfree(text);
	return code;
}

char *ldapc_filter_escape(struct arena *a, const char *value)
{
	size_t n = strlen(value);
	char *out = arena_alloc(a, n * 3 + 1), *o = out;

	for (; *value != '\0'; value++)
		if (strchr("*()\\", *value) != NULL)
			o += sprintf(o, "\\%02x", (unsigned char)*value);
		else
			*o++ = *value;
	*o = '\0';
	return out;
}
