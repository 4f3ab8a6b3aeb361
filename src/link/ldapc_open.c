/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "link/ldapc_p.h"

/* Largest message taken in: an answer that claims more ends the connection. */
#define MAX_INCOMING (16 << 20)

static void set_int(LDAP *ld, int option, int value)
{
	ldap_set_option(ld, option, &value);
}

static void set_file(LDAP *ld, int option, const char *file)
{
	if (file != NULL && file[0] != '\0')
		ldap_set_option(ld, option, file);
}

static int set_tls(LDAP *ld, const struct ldapc_conf *c, const char *uri,
    struct err *e)
{
	int server = 0;


	set_file(ld, LDAP_OPT_X_TLS_CACERTFILE, c->ca_file);
	set_file(ld, LDAP_OPT_X_TLS_CERTFILE, c->cert_file);
	set_file(ld, LDAP_OPT_X_TLS_KEYFILE, c->key_file);
	set_int(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND);
	set_int(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN,
	    LDAP_OPT_X_TLS_PROTOCOL_TLS1_2);
	if (ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &server) ==
	    LDAP_OPT_SUCCESS)
		return 0;
	return err_set(e, ERR_INVALID, "LDAP %s: TLS can't be set up: are the "
	    "files of certificates and key there, in PEM, and readable?", uri);
}

/* Everything that an ldap.conf of the system might say otherwise. */
static void set_options(LDAP *ld, const struct ldapc_conf *c)
{
	struct timeval tv = ldapc_timeval(c->connect_timeout);
	ber_len_t max = MAX_INCOMING;
	Sockbuf *sb = NULL;

	set_int(ld, LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3);
	ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON);
	set_int(ld, LDAP_OPT_DEREF, LDAP_DEREF_NEVER);
	set_int(ld, LDAP_OPT_SIZELIMIT, LDAP_NO_LIMIT);
	set_int(ld, LDAP_OPT_TIMELIMIT, LDAP_NO_LIMIT);
	ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &tv);
	set_int(ld, LDAP_OPT_X_KEEPALIVE_IDLE, 60);
	set_int(ld, LDAP_OPT_X_KEEPALIVE_INTERVAL, 10);
	set_int(ld, LDAP_OPT_X_KEEPALIVE_PROBES, 3);
	if (ldap_get_option(ld, LDAP_OPT_SOCKBUF, &sb) == LDAP_OPT_SUCCESS)
		ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &max);
}

/* A server that stopped amid a message must not block the thread for ever. */
static void set_socket_timeouts(struct ldapc *l)
{
	struct timeval tv = ldapc_timeval(l->op_timeout);
	int fd = ldapc_fd(l);

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
}

/* Wait for the answer to msgid; its result code is returned in *code. */
static int await(struct ldapc *l, const struct ldapc_conf *c, int msgid,
    LDAPMessage **m, struct err *e)
{
	struct timeval tv = ldapc_timeval(c->connect_timeout);
	int rc = ldap_result(l->ld, msgid, LDAP_MSG_ALL, &tv, m);

	if (rc > 0)
		return 0;
	if (rc < 0)
		return ldapc_fail(l, 0, "no answer", e);
	return err_set(e, ERR_BUSY, "LDAP %s: no answer in %lld ms", l->uri,
	    (long long)c->connect_timeout / 1000);
}

static int start_tls(struct ldapc *l, const struct ldapc_conf *c,
    struct err *e)
{
	LDAPMessage *m = NULL;
	int rc, code, msgid;

	rc = ldap_start_tls(l->ld, NULL, NULL, &msgid);
	if (rc != LDAP_SUCCESS)
		return ldapc_fail(l, rc, "StartTLS", e);
	rc = await(l, c, msgid, &m, e);
	if (rc != 0)
		return rc;
	if (ldap_parse_result(l->ld, m, &code, NULL, NULL, NULL, NULL, 1) !=
	    LDAP_SUCCESS || code != LDAP_SUCCESS)
		return err_set(e, ERR_DENIED, "LDAP %s: StartTLS refused (%s):"
		    " give the server a certificate", l->uri,
		    ldap_err2string(code));
	rc = ldap_install_tls(l->ld);
	return rc == LDAP_SUCCESS ? 0 : ldapc_fail(l, rc,
	    "StartTLS (is the certificate for this host, by ca_file?)", e);
}

/* draft-behera-ldap-password-policy-10 6.2 */
enum ldapc_policy ldapc_policy(LDAP *ld, LDAPControl *c)
{
	static const enum ldapc_policy policy[] = {
		[PP_passwordExpired] = POLICY_EXPIRED,
		[PP_accountLocked] = POLICY_LOCKED,
		[PP_changeAfterReset] = POLICY_MUST_CHANGE,
		[PP_passwordModNotAllowed] = POLICY_NOT_ALLOWED,
		[PP_mustSupplyOldPassword] = POLICY_NEEDS_OLD,
		[PP_insufficientPasswordQuality] = POLICY_QUALITY,
		[PP_passwordTooShort] = POLICY_TOO_SHORT,
		[PP_passwordTooYoung] = POLICY_TOO_YOUNG,
		[PP_passwordInHistory] = POLICY_IN_HISTORY };
	LDAPPasswordPolicyError why = PP_noError;
	ber_int_t expire, grace;

	if (c == NULL || ldap_parse_passwordpolicy_control(ld, c, &expire,
	    &grace, &why) != LDAP_SUCCESS ||
	    (size_t)why >= sizeof(policy) / sizeof(policy[0]))
		return POLICY_NONE;
	return policy[why];
}

/* Why a bind was refused, as far as the policy says. */
static const char *policy_text(enum ldapc_policy p)
{
	switch (p) {
	case POLICY_EXPIRED:
		return "the password has expired";
	case POLICY_LOCKED:
		return "the account is locked";
	default:
		return NULL;
	}
}

static int bind_result(struct ldapc *l, LDAPMessage *m, struct err *e)
{
	LDAPControl **ctl = NULL;
	const char *why;
	char *text = NULL;
	int code, rc;

	if (ldap_parse_result(l->ld, m, &code, NULL, &text, NULL, &ctl, 0) !=
	    LDAP_SUCCESS)
		return err_set(e, ERR_CORRUPT, "LDAP %s: malformed answer to "
		    "bind", l->uri);
	l->policy = ldapc_policy(l->ld, ldap_control_find(
	    LDAP_CONTROL_PASSWORDPOLICYRESPONSE, ctl, NULL));
	l->bind_code = code;
	why = policy_text(l->policy);
	if (code == LDAP_SUCCESS)
		rc = 0;
	else
		rc = err_set(e, code == LDAP_BUSY || code == LDAP_UNAVAILABLE ?
		    ERR_BUSY : ERR_DENIED, "LDAP %s: bind refused: %s%s%s",
		    l->uri, why != NULL ? why : ldap_err2string(code),
		    text != NULL && *text != '\0' ? ": " : "",
		    text != NULL ? text : "");
	ldap_memfree(text);
	ldap_controls_free(ctl);
	return rc;
}

static int do_bind(struct ldapc *l, const struct ldapc_conf *c, struct err *e)
{
	const char *mech = c->sasl_external ? "EXTERNAL" : LDAP_SASL_SIMPLE;
	struct berval cred = { 0, (char *)"" }, none = { 0, NULL };
	struct ldapc_controls cs = { .n = 0 };
	LDAPMessage *m = NULL;
	int rc, msgid;

	if (!c->sasl_external) {
		cred.bv_val = (char *)c->password;
		cred.bv_len = strlen(c->password);
		ldapc_control(&cs, LDAP_CONTROL_PASSWORDPOLICYREQUEST, none,
		    false);
	}
	rc = ldap_sasl_bind(l->ld, c->sasl_external ? NULL : c->bind_dn, mech,
	    &cred, cs.n > 0 ? cs.p : NULL, NULL, &msgid);
	if (rc != LDAP_SUCCESS)
		return ldapc_fail(l, rc, str_istarts(l->uri, "ldaps://") ?
		    "connect (is the certificate for this host, by ca_file?)" :
		    "connect", e);
	rc = await(l, c, msgid, &m, e);
	if (rc == 0)
		rc = bind_result(l, m, e);
	ldap_msgfree(m);
	return rc;
}

/* TLS (which is never given up once asked for), then the bind. */
static int connect_uri(struct ldapc *l, const struct ldapc_conf *c,
    struct err *e)
{
	bool starttls = c->starttls && str_istarts(l->uri, "ldap://");
	int rc = 0;

	set_options(l->ld, c);
	if (starttls || str_istarts(l->uri, "ldaps://"))
		rc = set_tls(l->ld, c, l->uri, e);
	if (rc == 0 && starttls)
		rc = start_tls(l, c, e);
	return rc == 0 ? do_bind(l, c, e) : rc;
}

/* What the answer to a bind said, whatever became of the connection. */
struct bound {
	int code;
	enum ldapc_policy policy;
};

static int open_uri(const struct ldapc_conf *c, const char *uri,
    struct ldapc **out, struct bound *bound, struct err *e)
{
	struct ldapc *l = calloc(1, sizeof(*l));
	int rc;

	*bound = (struct bound){ 0 };
	if (l == NULL)
		return err_set(e, ERR_LIMIT, "LDAP: out of memory");
	l->scratch = arena_new();
	l->uri = strdup(uri);
	l->op_timeout = c->op_timeout;
	rc = ldap_initialize(&l->ld, uri);
	if (rc != LDAP_SUCCESS || l->uri == NULL) {
		ldapc_close(l);
		return err_set(e, ERR_INVALID, "LDAP: \"%s\" is no URI that "
		    "libldap takes (%s): use ldap://, ldaps:// or ldapi://",
		    uri, ldap_err2string(rc));
	}
	rc = connect_uri(l, c, e);
	*bound = (struct bound){ l->bind_code, l->policy };
	if (rc == 0 && ldapc_post_read_value(&l->post_read) != 0)
		rc = err_set(e, ERR_LIMIT, "LDAP: out of memory");
	if (rc != 0) {
		ldapc_close(l);
		return rc;
	}
	set_socket_timeouts(l);
	*out = l;
	return 0;
}

/* A write to a connection that the server has closed raises it. */
static void ignore_sigpipe(void)
{
	struct sigaction sa;

	if (sigaction(SIGPIPE, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL) {
		sa.sa_handler = SIG_IGN;
		sigaction(SIGPIPE, &sa, NULL);
	}
}

struct ldapc_conf ldapc_conf_dup(struct arena *a, const struct ldapc_conf *c)
{
	struct ldapc_conf d = *c;
	const char **s[] = { &d.ca_file, &d.cert_file, &d.key_file,
		&d.bind_dn, &d.password };
	size_t i;

	d.uris = (struct strv){ 0 };
	for (i = 0; i < c->uris.n; i++)
		strv_add(a, &d.uris, arena_strdup(a, c->uris.v[i]));
	for (i = 0; i < sizeof(s) / sizeof(s[0]); i++)
		*s[i] = arena_strdup(a, *s[i] != NULL ? *s[i] : "");
	return d;
}

static int check_conf(const struct ldapc_conf *c, struct err *e)
{
	if (c->uris.n == 0)
		return err_set(e, ERR_INVALID, "LDAP: no URI is configured");
	if (c->sasl_external)
		return 0;
	/* RFC 4513 5.1.2: a name without a password is nobody's bind, and
	 * servers answer it with success. */
	if (c->bind_dn == NULL || c->bind_dn[0] == '\0' ||
	    c->password == NULL || c->password[0] == '\0')
		return err_set(e, ERR_INVALID, "LDAP: a simple bind needs a DN "
		    "and a password");
	return 0;
}

int ldapc_open(const struct ldapc_conf *c, size_t *start, struct ldapc **out,
    struct err *e)
{
	struct bound bound;
	size_t i, at;
	int rc;

	rc = check_conf(c, e);
	if (rc != 0)
		return rc;
	ignore_sigpipe();
	for (i = 0; i < c->uris.n; i++) {
		at = (*start + i) % c->uris.n;
		rc = open_uri(c, c->uris.v[at], out, &bound, e);
		if (rc == 0)
			*start = at;
		if (rc == 0 || rc == ERR_INVALID)
			return rc;
	}
	return rc;
}

void ldapc_close(struct ldapc *l)
{
	if (l == NULL)
		return;
	if (l->ld != NULL)
		ldap_unbind_ext(l->ld, NULL, NULL);
	ber_memfree(l->post_read.bv_val);
	arena_free(l->scratch);
	free(l->uri);
	free(l);
}

int ldapc_open_as(const struct ldapc_conf *c, size_t *start, const char *dn,
    const char *password, struct ldapc **out, enum ldapc_policy *policy,
    struct err *e)
{
	struct ldapc_conf own = *c;
	struct bound bound = { 0 };
	size_t i;
	int rc;

	*policy = POLICY_NONE;
	if (dn[0] == '\0' || password[0] == '\0')
		return err_set(e, ERR_DENIED, "an empty password is never "
		    "right");
	own.bind_dn = dn;
	own.password = password;
	own.sasl_external = false;
	if ((rc = check_conf(&own, e)) != 0)
		return rc;
	ignore_sigpipe();
	for (i = 0; i < own.uris.n; i++) {
		rc = open_uri(&own, own.uris.v[*start % own.uris.n], out,
		    &bound, e);
		if (rc != ERR_BUSY)
			break;
		++*start;
	}
	*policy = bound.policy;
	/* No StartTLS, no simple binds: nothing was said of the password. */
	if (rc == ERR_DENIED && bound.code != LDAP_INVALID_CREDENTIALS) {
		rc = ERR_IO;
		if (e != NULL)
			e->code = rc;
	}
	return rc;
}
