/* SPDX-License-Identifier: ISC */
#include "config/settings.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"

#define C(field) offsetof(struct config, field)
#define T(field) offsetof(struct target_conf, field)
#define F(field) offsetof(struct feed_conf, field)
#define FF(field) offsetof(struct feed_field_conf, field)
#define S(field) offsetof(struct source_conf, field)
#define US CLOCK_SECOND
#define KIB INT64_C(1024)
#define MIB (KIB * KIB)
#define CREDENTIAL "credential:"

/* path, type, default, min, max, where, words, help, live */
const struct setting settings_table[] = {
{ "mapping", SET_FILE, "", 0, 0, C(mapping), NULL, "SCIM mapping; default: the one installed.", false },
{ "directory.suffix", SET_STRING, NULL, 0, 0, C(suffix), NULL, "Base DN of everything.", false },
{ "directory.uris", SET_STRINGS, NULL, 0, 0, C(ldap.uris), NULL, "ldap://, ldaps:// or ldapi:// URIs, tried in order.", false },
{ "directory.starttls", SET_BOOL, "false", 0, 0, C(ldap.starttls), NULL, "StartTLS before the bind; never falls back to clear.", false },
{ "directory.ca_file", SET_FILE, "", 0, 0, C(ldap.ca_file), NULL, "CA certificates for the directory.", false },
{ "directory.cert_file", SET_FILE, "", 0, 0, C(ldap.cert_file), NULL, "Client certificate.", false },
{ "directory.key_file", SET_FILE, "", 0, 0, C(ldap.key_file), NULL, "Its key.", false },
{ "directory.bind_dn", SET_STRING, "", 0, 0, C(ldap.bind_dn), NULL, "Whom to bind as.", false },
{ "directory.password_file", SET_FILE, "", 0, 0, C(password_file), NULL, "File with its password, one line.", false },
{ "directory.code_key_file", SET_FILE, "", 0, 0, C(code_key_file), NULL, "File with the key that invitation codes are hashed with, one line.", false },
{ "directory.sasl_external", SET_BOOL, "false", 0, 0, C(ldap.sasl_external), NULL, "Bind with SASL EXTERNAL instead.", false },
{ "directory.connect_timeout", SET_TIME, "5s", US / 10, 600 * US, C(ldap.connect_timeout), NULL, "Longest wait for a connection.", false },
{ "directory.op_timeout", SET_TIME, "10s", US / 10, 600 * US, C(ldap.op_timeout), NULL, "Longest wait for an answer.", false },
{ "directory.connections", SET_INT, "2", 1, 16, C(connections), NULL, "Connections of the writer.", false },
{ "directory.write_wait", SET_TIME, "5s", US / 10, 60 * US, C(write_wait), NULL, "Longest wait for a write to come back round.", false },
{ "directory.accesslog", SET_STRING, "cn=accesslog", 0, 0, C(accesslog), NULL, "Access log that names deleters; empty for none.", false },
{ "view.dir", SET_STRING, "/var/lib/provost/view", 0, 0, C(view_dir), NULL, "Directory of the view.", false },
{ "view.size", SET_SIZE, "16GiB", MIB, 4096 * 1024 * MIB, C(view_size), NULL, "Most address space it may take.", false },
{ "journal.dir", SET_STRING, "/var/lib/provost", 0, 0, C(journal_dir), NULL, "Directory of the journal.", false },
{ "journal.rotate", SET_SIZE, "64MiB", KIB, 1024 * 1024 * MIB, C(journal_rotate), NULL, "A file of the journal is closed at this size.", true },
{ "http.listen", SET_STRING, "127.0.0.1:8080", 0, 0, C(listen), NULL, "Address and port; [::1]:8080 for IPv6.", false },
{ "http.base_url", SET_STRING, "", 0, 0, C(base_url), NULL, "Public URL of this server, without /scim/v2; empty: from the address.", false },
{ "http.cert_file", SET_FILE, "", 0, 0, C(cert_file), NULL, "Certificate chain; empty: plain HTTP.", true },
{ "http.key_file", SET_FILE, "", 0, 0, C(key_file), NULL, "Its key.", true },
{ "http.client_ca_file", SET_FILE, "", 0, 0, C(client_ca_file), NULL, "CAs that sign clients' certificates.", true },
{ "http.client_cert", SET_WORD, "none", 0, 0, C(client_cert), "none request require", "Are clients asked for a certificate?", true },
{ "http.trusted_proxies", SET_STRINGS, "", 0, 0, C(trusted_proxies), NULL, "Whose X-Forwarded-For counts.", true },
{ "http.threads", SET_INT, "2", 1, 64, C(http_threads), NULL, "Threads that answer.", false },
{ "http.max_connections", SET_INT, "1000", 1, 100000, C(max_connections), NULL, "Connections at a time.", false },
{ "http.per_ip", SET_INT, "0", 0, 100000, C(per_ip), NULL, "Connections from one address; 0: no limit.", false },
{ "http.idle_timeout", SET_TIME, "60s", US, 3600 * US, C(idle_timeout), NULL, "An idle connection is closed after.", false },
{ "http.max_body", SET_SIZE, "16MiB", KIB, 1024 * MIB, C(max_body), NULL, "Largest request body of any route.", false },
{ "auth.jwks_file", SET_FILE, "", 0, 0, C(jwks_file), NULL, "Keys of the OAuth 2 issuer, a JWK Set; empty: no signed tokens.", true },
{ "auth.jwt_issuer", SET_STRING, "", 0, 0, C(jwt_issuer), NULL, "What iss must be in its tokens.", true },
{ "auth.jwt_audience", SET_STRING, "", 0, 0, C(jwt_audience), NULL, "What aud must be, or hold.", true },
{ "auth.jwt_claim", SET_WORD, "sub", 0, 0, C(jwt_claim), "sub client_id azp", "The claim that says which client it is.", true },
{ "auth.jwt_scope", SET_BOOL, "true", 0, 0, C(jwt_scope), NULL, "A scope claim narrows what the client may do.", true },
{ "auth.rate", SET_INT, "5000", 0, 1000000, C(auth_rate), NULL, "Requests a second of one client; 0: no limit.", true },
{ "auth.burst", SET_INT, "10000", 1, 1000000, C(auth_burst), NULL, "Requests of one client at once.", true },
{ "auth.failures", SET_INT, "20", 0, 1000000, C(auth_failures), NULL, "Bad tokens that an address has free; 0: no limit.", true },
{ "auth.session", SET_TIME, "1h", US, 86400 * US, C(auth_session), NULL, "How long people stay signed in.", false },
{ "metrics.public", SET_BOOL, "false", 0, 0, C(metrics_public), NULL, "/metrics without a token.", false },
{ "log.level", SET_WORD, "info", 0, 0, C(log_level), "error warning info debug", "How much is logged.", true },
{ "log.format", SET_WORD, "text", 0, 0, C(log_format), "text json", "Lines for people or JSON.", true },
{ "engine.full_interval", SET_TIME, "1h", US, 30 * 86400 * US, C(full_interval), NULL, "Everybody is compared again after.", true },
{ "engine.retry_base", SET_TIME, "1s", US / 100, 3600 * US, C(retry_base), NULL, "First wait before a retry; doubles.", true },
{ "engine.retry_max", SET_TIME, "5m", US / 100, 86400 * US, C(retry_max), NULL, "Longest wait before a retry.", true },
{ "engine.overdue", SET_TIME, "48h", US, 365 * 86400 * US, C(overdue), NULL, "What is unconfirmed for so long is reported.", true },
{ "leavers.grace", SET_TIME, "30d", 0, 3650 * 86400 * US, C(leavers_grace), NULL, "Who has left is removed after; 0: never.", true },
{ "engine.drift_interval", SET_TIME, "24h", 0, 30 * 86400 * US, C(drift_interval), NULL, "What targets hold is compared again after; 0s: on request only.", true },
{ "guard.share", SET_SHARE, "5%", 0, 1000, C(guard_share), NULL, "Largest share of removals in one run.", true },
{ "guard.count", SET_INT, "50", 0, INT32_MAX, C(guard_count), NULL, "Largest number of removals in one run.", true },
{ "guard.floor", SET_INT, "10", 0, INT32_MAX, C(guard_floor), NULL, "Fewer than so many always pass.", true },
{ "guard.day_share", SET_SHARE, "5%", 0, 1000, C(guard_day_share), NULL, "Largest share of removals within 24 hours.", true },
{ "guard.day_count", SET_INT, "50", 0, INT32_MAX, C(guard_day_count), NULL, "Largest number of removals within 24 hours.", true },
{ "guard.day_floor", SET_INT, "50", 0, INT32_MAX, C(guard_day_floor), NULL, "Fewer than so many always pass within 24 hours.", true },
{ "guard.total_share", SET_SHARE, "10%", 0, 1000, C(guard_total_share), NULL, "Largest share of removals by all sources within 24 hours.", true },
{ "guard.total_count", SET_INT, "200", 0, INT32_MAX, C(guard_total_count), NULL, "Largest number of removals by all sources within 24 hours.", true },
{ "guard.add_count", SET_INT, "0", 0, INT32_MAX, C(guard_add_count), NULL, "Largest number of additions by a source within 24 hours; 0: no limit.", true },
{ "guard.second_person", SET_BOOL, "false", 0, 0, C(guard_second_person), NULL, "Who asked for it does not release it.", true },
{ "jobs.lease", SET_TIME, "5s", US, 600 * US, C(lease), NULL, "Who holds the lease is believed dead after.", false },
{ "jobs.name", SET_STRING, "", 0, 0, C(lease_name), NULL, "Name of this daemon there; empty: host name and pid.", false },
{ "help.administrator", SET_STRING, "", 0, 0, C(help_administrator), NULL, "Whom to ask for access to an account that is in an enterprise.", false },
{ "help.representative", SET_STRING, "", 0, 0, C(help_representative), NULL, "Whom to ask to have an account moved.", false },
{ "mail.url", SET_STRING, "", 0, 0, C(mail.url), NULL, "Mail server, smtp://host:587 or smtps://host:465; empty: no mail is sent.", true },
{ "mail.from", SET_STRING, "", 0, 0, C(mail.from), NULL, "Address that mail comes from.", true },
{ "mail.from_name", SET_STRING, "Provost", 0, 0, C(mail.from_name), NULL, "Name that goes with it.", true },
{ "mail.link", SET_STRING, "", 0, 0, C(mail.link), NULL, "URL of the page where people register.", true },
{ "mail.user", SET_STRING, "", 0, 0, C(mail.user), NULL, "User to log in as; empty: no login.", true },
{ "mail.password_file", SET_FILE, "", 0, 0, C(mail.token), NULL, "File with the user's password, one line.", true },
{ "mail.ca_file", SET_FILE, "", 0, 0, C(mail.ca_file), NULL, "CA certificates; empty: the system's.", true },
{ "mail.insecure", SET_BOOL, "false", 0, 0, C(mail.insecure), NULL, "STARTTLS only where the server offers it.", true },
{ "mail.hello", SET_STRING, "", 0, 0, C(mail.hello), NULL, "Name to say in EHLO; empty: the host's.", true },
{ "mail.templates", SET_STRING, "", 0, 0, C(mail.templates), NULL, "Directory of the templates; empty: those installed.", true },
{ "mail.timeout", SET_TIME, "30s", US / 100, 600 * US, C(mail.timeout), NULL, "Longest time for one mail.", true },
{ "mail.concurrency", SET_INT, "4", 1, 64, C(mail.concurrency), NULL, "Mails under way at a time.", true },
{ "mail.rate", SET_INT, "0", 0, 100000, C(mail.rate), NULL, "Mails a second; 0: no limit.", true },
{ "spool.interval", SET_TIME, "5s", US / 10, 86400 * US, C(feeds_interval), NULL, "The spool directories of feeds are looked at every.", true },
{ "spool.max_file", SET_SIZE, "1GiB", KIB, 1024 * 1024 * MIB, C(max_file), NULL, "Largest file of a feed, sent or in a spool directory.", true },
{ "requests.phone_target", SET_STRING, "", 0, 0, C(phone_target), NULL, "The target that calls people with their codes; empty: nobody calls.", true },
{ "requests.post_target", SET_STRING, "", 0, 0, C(post_target), NULL, "The target that posts letters with codes; empty: nobody does.", true },
{ 0 }
};

_Static_assert(sizeof(settings_table) / sizeof(settings_table[0]) <= 256,
    "config.c keeps one flag a row");

const struct setting settings_target[] = {
{ "kind", SET_STRING, NULL, 0, 0, T(kind), NULL, "scim, webhook, ldapgroup, file, spool or null.", true },
{ "url", SET_STRING, "", 0, 0, T(url), NULL, "Base URL (scim), endpoint (webhook) or servers (ldapgroup).", true },
{ "list_url", SET_STRING, "", 0, 0, T(list_url), NULL, "Endpoint that says who holds what (webhook); empty: none.", true },
{ "token_file", SET_FILE, "", 0, 0, T(token), NULL, "File with the bearer token (scim), secret (webhook) or password (ldapgroup).", true },
{ "ca_file", SET_FILE, "", 0, 0, T(ca_file), NULL, "CA certificates; empty: the system's.", true },
{ "insecure", SET_BOOL, "false", 0, 0, T(insecure), NULL, "Plain http or ldap is allowed.", true },
{ "timeout", SET_TIME, "10s", US / 100, 600 * US, T(timeout), NULL, "Longest wait for one answer.", true },
{ "concurrency", SET_INT, "4", 1, 64, T(concurrency), NULL, "Actions under way at a time.", true },
{ "rate", SET_INT, "0", 0, 100000, T(rate), NULL, "Actions a second; 0: no limit.", true },
{ "unmanaged", SET_WORD, "report", 0, 0, T(unmanaged), "report delete", "What is done about accounts that are nobody's.", true },
{ "guard_share", SET_SHARE, "", 0, 1000, T(guard.share), NULL, "Largest share of removals in one run.", true },
{ "guard_count", SET_INT, "", 0, INT32_MAX, T(guard.count), NULL, "Largest number of removals in one run.", true },
{ "guard_floor", SET_INT, "", 0, INT32_MAX, T(guard.floor), NULL, "Fewer than so many always pass.", true },
{ "guard_day_share", SET_SHARE, "", 0, 1000, T(guard.day_share), NULL, "Largest share of removals within 24 hours.", true },
{ "guard_day_count", SET_INT, "", 0, INT32_MAX, T(guard.day_count), NULL, "Largest number of removals within 24 hours.", true },
{ "guard_day_floor", SET_INT, "", 0, INT32_MAX, T(guard.day_floor), NULL, "Fewer than so many always pass within 24 hours.", true },
{ "form", SET_STRING, "", 0, 0, T(form), NULL, "How grants are written: entitlements or provost (scim), csv or ldif (file).", true },
{ "dir", SET_STRING, "", 0, 0, T(dir), NULL, "Directory of the files (spool, file).", true },
{ "bind_dn", SET_STRING, "", 0, 0, T(bind_dn), NULL, "Whom to bind as (ldapgroup); empty: SASL EXTERNAL.", true },
{ "starttls", SET_BOOL, "false", 0, 0, T(starttls), NULL, "StartTLS before the bind (ldapgroup).", true },
{ "group_dn", SET_STRING, "", 0, 0, T(group_dn), NULL, "DN of a tool's group, with {tool} (ldapgroup).", true },
{ "account_dn", SET_STRING, "", 0, 0, T(account_dn), NULL, "DN of the group of an account in a tool, with {tool} and {account} (ldapgroup); empty: none.", true },
{ "people", SET_STRING, "", 0, 0, T(people), NULL, "Where people are there (ldapgroup); empty: members are no DNs.", true },
{ "person", SET_STRING, "uid={uid}", 0, 0, T(person), NULL, "How a person is found there: attribute={id}, {uid} or {mail} (ldapgroup).", true },
{ "member", SET_STRING, "member", 0, 0, T(member), NULL, "Attribute that holds the members (ldapgroup).", true },
{ "group_class", SET_STRING, "groupOfNames", 0, 0, T(group_class), NULL, "Object class of the groups (ldapgroup).", true },
{ "placeholder", SET_STRING, "", 0, 0, T(placeholder), NULL, "Member that stays where a group would be empty (ldapgroup).", true },
{ "create", SET_BOOL, "false", 0, 0, T(create), NULL, "Groups that are missing are made (ldapgroup).", true },
{ 0 }
};

const struct setting settings_feed[] = {
{ "kind", SET_STRING, NULL, 0, 0, F(kind), NULL, "csv, xlsx, xml, ldif or bulk.", true },
{ "list", SET_STRING, NULL, 0, 0, F(list), NULL, "full: who is not in the file has left; changes: only what it says.", true },
{ "owner", SET_STRING, "", 0, 0, F(owner), NULL, "As which source it owns people; empty: feed:NAME.", true },
{ "delimiter", SET_STRING, "", 0, 0, F(delimiter), NULL, "Between cells (csv); empty: found out.", true },
{ "charset", SET_STRING, "", 0, 0, F(charset), NULL, "utf-8, utf-16le, utf-16be or windows-1252, where no mark says it (csv).", true },
{ "header", SET_BOOL, "true", 0, 0, F(header), NULL, "The first row has the columns' names (csv, xlsx).", true },
{ "sheet", SET_STRING, "", 0, 0, F(sheet), NULL, "Name of the sheet (xlsx); empty: the first visible.", true },
{ "record", SET_STRING, "", 0, 0, F(record), NULL, "Path of the elements that are people (xml).", true },
{ "namespaces", SET_STRINGS, "", 0, 0, F(namespaces), NULL, "PREFIX=URI of the paths (xml).", true },
{ "leaver", SET_STRINGS, "", 0, 0, F(leaver), NULL, "What feed:action says of somebody who has left.", true },
{ "correlate", SET_STRINGS, "", 0, 0, F(correlate), NULL, "SCIM attributes by which people without the key are found.", true },
{ "scopes", SET_STRINGS, "write:Users", 0, 0, F(scopes), NULL, "What the feed may, as a client's scopes.", true },
{ "sentinel", SET_STRING, "", 0, 0, F(sentinel), NULL, "A key that every file must have.", true },
{ "bad_rows", SET_SHARE, "5%", 0, 1000, F(bad_rows), NULL, "More bad rows refuse the whole file.", true },
{ "shrink", SET_SHARE, "10%", 0, 1000, F(shrink), NULL, "A full list shorter by more than this is held.", true },
{ "dir", SET_STRING, "", 0, 0, F(dir), NULL, "Spool directory; empty: none.", true },
{ "marker", SET_BOOL, "false", 0, 0, F(marker), NULL, "A file waits for FILE.done.", true },
{ 0 }
};

const struct setting settings_field[] = {
{ "column", SET_STRING, "", 0, 0, FF(column), NULL, "Header, #N, element path or LDAP attribute.", true },
{ "path", SET_STRING, NULL, 0, 0, FF(path), NULL, "SCIM attribute, feed:action, feed:start or feed:end.", true },
{ "transform", SET_STRINGS, "", 0, 0, FF(transform), NULL, "What is done to a cell, in order.", true },
{ 0 }
};

const struct setting settings_source[] = {
{ "name", SET_STRING, "", 0, 0, S(name), NULL, "The source, where a section can't be called so.", true },
{ "share", SET_SHARE, "", 0, 1000, S(own.share), NULL, "Largest share of removals in one run.", true },
{ "count", SET_INT, "", 0, INT32_MAX, S(own.count), NULL, "Largest number of removals in one run.", true },
{ "floor", SET_INT, "", 0, INT32_MAX, S(own.floor), NULL, "Fewer than so many always pass.", true },
{ "day_share", SET_SHARE, "", 0, 1000, S(own.day_share), NULL, "Largest share of removals within 24 hours.", true },
{ "day_count", SET_INT, "", 0, INT32_MAX, S(own.day_count), NULL, "Largest number of removals within 24 hours.", true },
{ "day_floor", SET_INT, "", 0, INT32_MAX, S(own.day_floor), NULL, "Fewer than so many always pass within 24 hours.", true },
{ "add_count", SET_INT, "", 0, INT32_MAX, S(own.add_count), NULL, "Largest number of additions within 24 hours; 0: no limit.", true },
{ 0 }
};

static int bad(const struct setting *s, const char *text, const char *form,
    struct err *e)
{
	return err_set(e, ERR_INVALID, "%s: \"%.64s\" is not %s", s->path, text,
	    form);
}

struct unit {
	const char *name;
	int64_t factor;
};

/* "64MiB": a decimal number and one of the units. */
static bool with_unit(const char *text, const struct unit *unit, int64_t *out)
{
	char *end;
	long long n;

	if (*text < '0' || *text > '9')
		return false;
	n = strtoll(text, &end, 10);
	for (; unit->name != NULL; unit++)
		if (strcmp(end, unit->name) == 0)
			return !__builtin_mul_overflow(n, unit->factor, out);
	return false;
}

static const struct unit sizes[] = { { "", 1 }, { "B", 1 }, { "KiB", KIB },
    { "MiB", MIB }, { "GiB", 1024 * MIB }, { "TiB", MIB * MIB }, { 0 } };
static const struct unit times[] = { { "us", 1 }, { "ms", 1000 }, { "s", US },
    { "m", 60 * US }, { "h", 3600 * US }, { "d", 86400 * US }, { 0 } };
static const struct unit shares[] = { { "%", 10 }, { 0 } };

static bool word_index(const char *words, const char *text, int64_t *out)
{
	size_t n = strlen(text);

	for (*out = 0; n != 0; (*out)++) {
		size_t k = strcspn(words, " ");

		if (k == n && strncmp(words, text, n) == 0)
			return true;
		if (words[k] == '\0')
			break;
		words += k + 1;
	}
	return false;
}

static int set_number(const struct setting *s, void *at, const char *text,
    struct err *e)
{
	int64_t v;
	bool ok;

	if (*text == '\0' && str_eq(s->dflt, "")) {
		*(int64_t *)at = -1;
		return 0;
	}
	switch (s->type) {
	case SET_INT:
		if (!str_int(text, &v))
			return bad(s, text, "an integer", e);
		break;
	case SET_SIZE:
		if (!with_unit(text, sizes, &v))
			return bad(s, text, "a size like 64MiB", e);
		break;
	case SET_TIME:
		if (!with_unit(text, times, &v))
			return bad(s, text, "a time like 250ms, 5s or 48h", e);
		break;
	case SET_SHARE:
		if (!with_unit(text, shares, &v))
			return bad(s, text, "a share like 5%", e);
		break;
	default:
		ok = word_index(s->words, text, &v);
		if (!ok)
			return err_set(e, ERR_INVALID, "%s: \"%.64s\" is none "
			    "of: %s", s->path, text, s->words);
		break;
	}
	if (s->type != SET_WORD && (v < s->min || v > s->max))
		return err_set(e, ERR_INVALID, "%s: %s is out of range",
		    s->path, text);
	*(int64_t *)at = v;
	return 0;
}

/* "credential:NAME" is what systemd's LoadCredential= put there for us. */
static int set_file(struct arena *a, const struct setting *s,
    const char **at, const char *text, struct err *e)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	if (str_starts(text, CREDENTIAL)) {
		const char *name = text + strlen(CREDENTIAL);

		if (*name == '\0' || *name == '.' || strchr(name, '/') != NULL)
			return bad(s, text, "the name of a credential", e);
		if (dir == NULL || *dir == '\0')
			return err_set(e, ERR_INVALID, "%s: %s: the variable "
			    "CREDENTIALS_DIRECTORY is not set: does the unit "
			    "say LoadCredential=%s:FILE?", s->path, text,
			    name);
		text = arena_printf(a, "%s/%s", dir, name);
	}
	if (*text != '\0' && access(text, R_OK) != 0)
		return err_set(e, ERR_INVALID, "%s: cannot read %s: %m",
		    s->path, text);
	*at = arena_strdup(a, text);
	return 0;
}

int settings_set(struct arena *a, const struct setting *s, void *base,
    const char *text, struct err *e)
{
	void *at = (char *)base + s->offset;

	switch (s->type) {
	case SET_FILE:
		return set_file(a, s, at, text, e);
	case SET_STRING:
		*(const char **)at = arena_strdup(a, text);
		return 0;
	case SET_STRINGS: {
		struct strv one = { 0 };

		strv_add(a, &one, text);
		return settings_set_list(a, s, base, &one, e);
	}
	case SET_BOOL:
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return bad(s, text, "true or false", e);
		*(bool *)at = text[0] == 't';
		return 0;
	default:
		return set_number(s, at, text, e);
	}
}

int settings_set_list(struct arena *a, const struct setting *s, void *base,
    const struct strv *list, struct err *e)
{
	struct strv *sv = (struct strv *)(void *)((char *)base + s->offset);
	size_t i;

	if (s->type != SET_STRINGS)
		return err_set(e, ERR_INVALID, "%s: one value, not a list",
		    s->path);
	*sv = (struct strv){ 0 };
	for (i = 0; i < list->n; i++)
		strv_add(a, sv, arena_strdup(a, list->v[i]));
	return 0;
}

int settings_defaults(struct arena *a, const struct setting *table,
    void *base, struct err *e)
{
	const struct setting *s;
	int rc;

	for (s = table; s->path != NULL; s++)
		if (s->dflt != NULL && s->type != SET_STRINGS &&
		    (rc = settings_set(a, s, base, s->dflt, e)) != 0)
			return rc;
	return 0;
}

/* The largest unit that divides v without a rest. */
static void print_unit(struct buf *out, const struct unit *unit, int64_t v)
{
	const struct unit *best = unit, *u;

	for (u = unit; u->name != NULL; u++)
		if (v % u->factor == 0 && (v != 0 || u == unit) &&
		    *u->name != '\0')
			best = u;
	buf_printf(out, "\"%" PRId64 "%s\"", v / best->factor, best->name);
}

static const char *nth_word(const char *words, int64_t v)
{
	for (; v > 0; v--)
		words += strcspn(words, " ") + 1;
	return words;
}

const char *settings_word(struct arena *a, const char *path, int64_t value)
{
	const struct setting *s = settings_table;
	const char *word;

	while (strcmp(s->path, path) != 0)
		s++;
	word = nth_word(s->words, value);
	return arena_strndup(a, word, strcspn(word, " "));
}

static void print_word(struct buf *out, const char *words, int64_t v)
{
	words = nth_word(words, v);
	buf_printf(out, "\"%.*s\"", (int)strcspn(words, " "), words);
}

static bool is_number(const struct setting *s)
{
	return s->type == SET_INT || s->type == SET_SHARE ||
	    s->type == SET_SIZE || s->type == SET_TIME;
}

static void print_value(struct buf *out, const struct setting *s,
    const void *at)
{
	const struct strv *sv = at;
	size_t i;

	if (is_number(s) && *(const int64_t *)at == -1 &&
	    str_eq(s->dflt, "")) {
		buf_puts(out, "\"\"");
		return;
	}
	switch (s->type) {
	case SET_STRING: case SET_FILE:
		buf_printf(out, "\"%s\"", *(const char *const *)at ?
		    *(const char *const *)at : "");
		break;
	case SET_STRINGS:
		buf_puts(out, "[ ");
		for (i = 0; i < sv->n; i++)
			buf_printf(out, "%s\"%s\"", i ? ", " : "", sv->v[i]);
		buf_puts(out, " ]");
		break;
	case SET_BOOL:
		buf_puts(out, *(const bool *)at ? "true" : "false");
		break;
	case SET_INT:
		buf_printf(out, "%" PRId64, *(const int64_t *)at);
		break;
	case SET_SIZE: print_unit(out, sizes, *(const int64_t *)at); break;
	case SET_TIME: print_unit(out, times, *(const int64_t *)at); break;
	case SET_SHARE: print_unit(out, shares, *(const int64_t *)at); break;
	case SET_WORD: print_word(out, s->words, *(const int64_t *)at); break;
	}
}

void settings_print(struct buf *out, const struct setting *table,
    const char *prefix, const void *base)
{
	const struct setting *s;

	for (s = table; s->path != NULL; s++) {
		buf_printf(out, "%s%s = ", prefix, s->path);
		print_value(out, s, (const char *)base + s->offset);
		buf_printf(out, ";\t# %s\n", s->help);
	}
}
