/* SPDX-License-Identifier: ISC */
/*
 * load: what `make bench` measures with: HTTP requests over a number of
 * keep-alive connections (one thread, epoll) and raw libldap operations, a
 * number of them outstanding. Each call prints one JSON line: operations,
 * seconds, rate, p50 and p99 in microseconds, errors.
 *
 *   load http  ADDR PORT TOKENFILE CONNS FILE   one request a line of FILE:
 *                                     METHOD PATH [BODY], taken in order
 *   load add   URI DN PASSWORDFILE OUTSTANDING SUFFIX FIRST COUNT
 *   load search URI DN PASSWORDFILE OUTSTANDING SUFFIX FILE   a uid a line,
 *      or ATTRIBUTE=VALUE
 *   load member URI DN PASSWORDFILE OUTSTANDING SUFFIX FIRST COUNT GROUP
 *      puts the people that `add` made into a group, one modify each
 *   load page URI DN PASSWORDFILE SUFFIX OFFSET   one page of 100 by paged
 *      results (RFC 2696), which lead there from the first page only
 *   load approve URI DN PASSWORDFILE SUFFIX APPROVER FILE ADDR PORT TOKENFILE
 *      FILE: "request-id person-uuid" a line. Each request is approved with
 *      one LDAP modify; the time is from its answer until the tool at
 *      ADDR:PORT finds the person by externalId.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ldap.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* --- figures ------------------------------------------------------------ */

static double *lat;
static size_t n_lat, errors;

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(double started)
{
	double s = (now() - started) / 1e6;

	qsort(lat, n_lat, sizeof(*lat), cmp_double);
	printf("{\"n\":%zu,\"seconds\":%.3f,\"rate\":%.0f,\"p50_us\":%.0f,"
	    "\"p99_us\":%.0f,\"max_us\":%.0f,\"errors\":%zu}\n", n_lat, s,
	    (double)n_lat / s, n_lat ? lat[n_lat / 2] : 0,
	    n_lat ? lat[n_lat * 99 / 100] : 0, n_lat ? lat[n_lat - 1] : 0,
	    errors);
}

static char **read_lines(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	char **v = NULL, *line = NULL;
	size_t cap = 0, size = 0;
	ssize_t k;

	if (f == NULL)
		die(path);
	for (*n = 0; (k = getline(&line, &size, f)) > 0; (*n)++) {
		if (line[k - 1] == '\n')
			line[k - 1] = '\0';
		if (*n == cap) {
			cap = cap ? cap * 2 : 1024;
			v = realloc(v, cap * sizeof(*v));
		}
		v[*n] = strdup(line);
	}
	free(line);
	fclose(f);
	return v;
}

static char *first_line(const char *path)
{
	size_t n;
	char **v = read_lines(path, &n);

	if (n == 0)
		die(path);
	return v[0];
}

/* --- HTTP --------------------------------------------------------------- */

struct conn {
	int fd;
	char *in;
	size_t len, cap;
	double sent;
};

static const char *token;
static char **todo;
static size_t n_todo, next_todo, done_n;

static void conn_send(struct conn *c)
{
	char *line = todo[next_todo++], *path, *body, *text;
	int n;

	path = strchr(line, ' ');
	*path++ = '\0';
	body = strchr(path, ' ');
	if (body != NULL)
		*body++ = '\0';
	n = asprintf(&text, "%s %s HTTP/1.1\r\nHost: bench\r\nAuthorization: "
	    "Bearer %s\r\nContent-Type: application/scim+json\r\n"
	    "Content-Length: %zu\r\n\r\n%s", line, path, token,
	    body ? strlen(body) : 0, body ? body : "");
	c->sent = now();
	if (n < 0 || write(c->fd, text, (size_t)n) != n)
		die("write");
	free(text);
}

/* Bytes of a complete answer at the front of c->in, 0: not yet. Nothing is
 * behind it: the next request waits for it. */
static size_t answer_len(struct conn *c, int *status)
{
	static const char last[] = "\r\n0\r\n\r\n";
	const size_t n = sizeof(last) - 1;
	char *end, *cl;
	size_t head;

	if (c->len == 0)
		return 0;
	c->in[c->len] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (end == NULL)
		return 0;
	head = (size_t)(end - c->in) + 4;
	*status = atoi(c->in + 9);
	*end = '\0';
	cl = strcasestr(c->in, "\r\nContent-Length:");
	*end = '\r';
	if (cl != NULL)
		head += strtoul(cl + 17, NULL, 10);
	else if (*status != 204 && *status != 304)	/* chunked */
		return c->len > n && memcmp(c->in + c->len - n, last, n) == 0 ?
		    c->len : 0;
	return c->len >= head ? head : 0;
}

static void conn_read(struct conn *c)
{
	size_t n;
	ssize_t k;
	int status;

	if (c->cap - c->len < 65536)
		c->in = realloc(c->in, c->cap = c->cap * 2 + 131072);
	k = read(c->fd, c->in + c->len, c->cap - c->len - 1);
	if (k <= 0)
		die("connection closed");
	c->len += (size_t)k;
	n = answer_len(c, &status);
	if (n == 0)
		return;
	if (status >= 400 && errors++ == 0)
		fprintf(stderr, "load: first error: %.*s\n",
		    (int)(n < 600 ? n : 600), c->in);
	if (getenv("LOAD_IDS") != NULL) {
		char *id = strstr(c->in, "\"id\":\"");

		if (id != NULL)
			fprintf(stderr, "%.36s\n", id + 6);
	}
	lat[n_lat++] = now() - c->sent;
	done_n++;
	c->len = 0;
	if (next_todo < n_todo)
		conn_send(c);
}

static void conn_open(struct conn *c, const char *addr, int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port) };
	int one = 1;

	inet_pton(AF_INET, addr, &sa.sin_addr);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(c->fd, (struct sockaddr *)&sa, sizeof(sa)) != 0)
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->cap = 131072;
	c->in = malloc(c->cap);
}

static void run_http(char **arg)
{
	int conns = atoi(arg[3]), ep = epoll_create1(0), i, k;
	struct epoll_event ev[64];
	struct conn *c = calloc((size_t)conns, sizeof(*c));
	double started;

	token = first_line(arg[2]);
	todo = read_lines(arg[4], &n_todo);
	lat = calloc(n_todo + 1, sizeof(*lat));
	for (i = 0; i < conns; i++) {
		conn_open(&c[i], arg[0], atoi(arg[1]));
		ev[0] = (struct epoll_event){ .events = EPOLLIN,
		    .data.ptr = &c[i] };
		epoll_ctl(ep, EPOLL_CTL_ADD, c[i].fd, &ev[0]);
	}
	started = now();
	for (i = 0; i < conns && next_todo < n_todo; i++)
		conn_send(&c[i]);
	while (done_n < n_todo) {
		k = epoll_wait(ep, ev, 64, 60000);
		if (k == 0) {
			fprintf(stderr, "load: %zu of %zu are stuck\n",
			    n_todo - done_n, n_todo);
			exit(1);
		}
		for (i = 0; i < k; i++)
			conn_read(ev[i].data.ptr);
	}
	report(started);
}

/* --- LDAP --------------------------------------------------------------- */

static LDAP *bind_to(char **arg)
{
	struct berval cred;
	int version = 3;
	LDAP *ld;

	cred.bv_val = first_line(arg[2]);
	cred.bv_len = strlen(cred.bv_val);
	if (ldap_initialize(&ld, arg[0]) != LDAP_SUCCESS)
		die("ldap_initialize");
	ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	if (ldap_sasl_bind_s(ld, arg[1], LDAP_SASL_SIMPLE, &cred, NULL, NULL,
	    NULL) != LDAP_SUCCESS)
		die("bind");
	return ld;
}

/* The same entry that POST /Users of run.sh makes. */
static int send_add(LDAP *ld, const char *suffix, long i)
{
	static const char *const classes[] = { "inetOrgPerson", "provostUser",
	    NULL };
	char dn[256], id[64], uid[64], mail[96], sn[64], cn[96];
	struct {
		const char *name;
		const char *v[3];
	} row[] = {
		{ "objectClass", { classes[0], classes[1], NULL } },
		{ "provostPersonId", { id, NULL, NULL } },
		{ "uid", { uid, NULL, NULL } }, { "cn", { cn, NULL, NULL } },
		{ "sn", { sn, NULL, NULL } },
		{ "givenName", { "Bench", NULL, NULL } },
		{ "mail;x-work;x-primary", { mail, NULL, NULL } },
		{ "title", { "Engineer", NULL, NULL } },
		{ "departmentNumber", { "Bench", NULL, NULL } },
		{ "provostState", { "active", NULL, NULL } },
		{ "provostExternalId", { id, NULL, NULL } },
		{ "provostOwner", { "admin", NULL, NULL } },
	};
	LDAPMod mod[16], *mods[17];
	size_t k, n = sizeof(row) / sizeof(row[0]);
	int msgid;

	snprintf(id, sizeof(id), "rawbench%08ld", i);
	snprintf(uid, sizeof(uid), "raw%08ld", i);
	snprintf(mail, sizeof(mail), "raw%08ld@example.com", i);
	snprintf(sn, sizeof(sn), "Raw%08ld", i);
	snprintf(cn, sizeof(cn), "Bench Raw%08ld", i);
	snprintf(dn, sizeof(dn), "provostPersonId=%s,ou=people,%s", id, suffix);
	for (k = 0; k < n; k++) {
		mod[k].mod_op = LDAP_MOD_ADD;
		mod[k].mod_type = (char *)(uintptr_t)row[k].name;
		mod[k].mod_values = (char **)(uintptr_t)row[k].v;
		mods[k] = &mod[k];
	}
	mods[n] = NULL;
	if (ldap_add_ext(ld, dn, mods, NULL, NULL, &msgid) != LDAP_SUCCESS)
		die("ldap_add_ext");
	return msgid;
}

static int send_search(LDAP *ld, const char *suffix, const char *what)
{
	static char all[] = "*";
	char *attrs[] = { all, NULL }, base[256], filter[256];
	int msgid;

	snprintf(base, sizeof(base), "ou=people,%s", suffix);
	snprintf(filter, sizeof(filter), strchr(what, '=') != NULL ? "(%s)" :
	    "(uid=%s)", what);
	if (ldap_search_ext(ld, base, LDAP_SCOPE_ONELEVEL, filter, attrs, 0,
	    NULL, NULL, NULL, 0, &msgid) != LDAP_SUCCESS)
		die("ldap_search_ext");
	return msgid;
}

static int send_member(LDAP *ld, const char *suffix, long i,
    const char *group)
{
	static char name[] = "provostMemberOf";
	char dn[256], *v[] = { (char *)(uintptr_t)group, NULL };
	LDAPMod mod = { .mod_op = LDAP_MOD_ADD, .mod_type = name,
	    .mod_values = v }, *mods[] = { &mod, NULL };
	int msgid;

	snprintf(dn, sizeof(dn), "provostPersonId=rawbench%08ld,ou=people,%s",
	    i, suffix);
	if (ldap_modify_ext(ld, dn, mods, NULL, NULL, &msgid) != LDAP_SUCCESS)
		die("ldap_modify_ext");
	return msgid;
}

/* One finished operation; latency is between sending and result. */
static void take_result(LDAP *ld, double *sent)
{
	LDAPMessage *m;
	int type, code = 0, id;

	do {
		type = ldap_result(ld, LDAP_RES_ANY, LDAP_MSG_ONE, NULL, &m);
		if (type <= 0)
			die("ldap_result");
		id = ldap_msgid(m);
		if (type == LDAP_RES_ADD || type == LDAP_RES_MODIFY ||
		    type == LDAP_RES_SEARCH_RESULT)
			ldap_parse_result(ld, m, &code, NULL, NULL, NULL, NULL,
			    0);
		ldap_msgfree(m);
	} while (type == LDAP_RES_SEARCH_ENTRY);
	if (code != LDAP_SUCCESS && errors++ == 0)
		fprintf(stderr, "load: first error: %s\n",
		    ldap_err2string(code));
	lat[n_lat++] = now() - sent[id & 65535];
}

enum work { ADD, MEMBER, SEARCH };

static int send_one(enum work w, LDAP *ld, char **arg, char **line, long i)
{
	if (w == SEARCH)
		return send_search(ld, arg[4], line[i]);
	i += atol(arg[5]);
	return w == ADD ? send_add(ld, arg[4], i) :
	    send_member(ld, arg[4], i, arg[7]);
}

static void run_ldap(enum work w, char **arg)
{
	LDAP *ld = bind_to(arg);
	long window = atol(arg[3]), sent_n = 0, n;
	static double sent[65536];
	char **uid = NULL;
	size_t lines;
	double started;

	if (w != SEARCH) {
		n = atol(arg[6]);
	} else {
		uid = read_lines(arg[5], &lines);
		n = (long)lines;
	}
	lat = calloc((size_t)n + 1, sizeof(*lat));
	started = now();
	while ((long)n_lat < n) {
		while (sent_n < n && sent_n - (long)n_lat < window) {
			double t = now();
			int id = send_one(w, ld, arg, uid, sent_n);

			sent[id & 65535] = t;
			sent_n++;
		}
		take_result(ld, sent);
	}
	report(started);
}

/* --- a page ------------------------------------------------------------- */

/* Ours, and how many entries it brought; the cookie for the next in c. */
static long next_page(LDAP *ld, const char *base, struct berval *c)
{
	LDAPControl *ctrl[2] = { NULL, NULL }, **back = NULL, *page;
	LDAPMessage *m;
	long n;

	if (ldap_create_page_control(ld, 100, c, 0, &ctrl[0]) != LDAP_SUCCESS
	    || ldap_search_ext_s(ld, base, LDAP_SCOPE_ONELEVEL,
	    "(objectClass=provostUser)", NULL, 0, ctrl, NULL, NULL, 0, &m) !=
	    LDAP_SUCCESS)
		die("paged search");
	ldap_control_free(ctrl[0]);
	n = ldap_count_entries(ld, m);
	ber_memfree(c->bv_val);
	*c = (struct berval){ 0, NULL };
	if (ldap_parse_result(ld, m, NULL, NULL, NULL, NULL, &back, 1) !=
	    LDAP_SUCCESS)
		die("paged result");
	page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, back, NULL);
	if (page != NULL)
		ldap_parse_pageresponse_control(ld, page, NULL, c);
	ldap_controls_free(back);
	return n;
}

static void run_page(char **arg)
{
	LDAP *ld = bind_to(arg);
	struct berval cookie = { 0, NULL };
	long left = atol(arg[4]);
	double started = now();
	char base[256];

	snprintf(base, sizeof(base), "ou=people,%s", arg[3]);
	lat = calloc(1, sizeof(*lat));
	while (left > 0)
		left -= next_page(ld, base, &cookie);
	if (next_page(ld, base, &cookie) != 100)
		errors++;
	lat[n_lat++] = now() - started;
	report(started);
}

/* --- approve ------------------------------------------------------------ */

static char *approver_dn(LDAP *ld, const char *suffix, const char *uid)
{
	char base[256], filter[128];
	LDAPMessage *m;

	snprintf(base, sizeof(base), "ou=people,%s", suffix);
	snprintf(filter, sizeof(filter), "(uid=%s)", uid);
	if (ldap_search_ext_s(ld, base, LDAP_SCOPE_ONELEVEL, filter, NULL, 0,
	    NULL, NULL, NULL, 1, &m) != LDAP_SUCCESS ||
	    ldap_first_entry(ld, m) == NULL)
		die("approver");
	return ldap_get_dn(ld, ldap_first_entry(ld, m));
}

static void approve(LDAP *ld, const char *suffix, const char *id,
    char *decider)
{
	static char decision[] = "provostDecision", by[] = "provostDecidedBy",
	    yes[] = "approved";
	char *v1[] = { yes, NULL }, *v2[] = { decider, NULL }, dn[320];
	LDAPMod m1 = { .mod_op = LDAP_MOD_ADD, .mod_type = decision,
	    .mod_values = v1 }, m2 = { .mod_op = LDAP_MOD_ADD, .mod_type = by,
	    .mod_values = v2 }, *mods[] = { &m1, &m2, NULL };
	int rc;

	snprintf(dn, sizeof(dn), "provostRequestId=%s,ou=requests,%s", id,
	    suffix);
	rc = ldap_modify_ext_s(ld, dn, mods, NULL, NULL);
	if (rc != LDAP_SUCCESS) {
		fprintf(stderr, "load: %s: %s\n", dn, ldap_err2string(rc));
		exit(1);
	}
}

/* Asks the tool until it knows the person; false after a second. */
static bool tool_has(struct conn *c, const char *person)
{
	char q[512];
	double until = now() + 1e6;

	while (now() < until) {
		size_t n;
		int status;

		snprintf(q, sizeof(q), "GET /scim/v2/Users?attributes=id&"
		    "filter=externalId%%20eq%%20%%22%s%%22", person);
		todo = (char *[]){ q };
		next_todo = 0;
		conn_send(c);
		do {
			ssize_t k = read(c->fd, c->in + c->len,
			    c->cap - c->len - 1);

			if (k <= 0)
				die("tool");
			c->len += (size_t)k;
		} while ((n = answer_len(c, &status)) == 0);
		c->len = 0;
		if (strstr(c->in, "\"totalResults\":1") != NULL)
			return true;
	}
	return false;
}

static void run_approve(char **arg)
{
	LDAP *ld = bind_to(arg);
	char *decider = approver_dn(ld, arg[3], arg[4]);
	struct conn c = { 0 };
	size_t lines, i;
	char **line = read_lines(arg[5], &lines);
	double started = now();

	token = first_line(arg[8]);
	conn_open(&c, arg[6], atoi(arg[7]));
	lat = calloc(lines + 1, sizeof(*lat));
	for (i = 0; i < lines; i++) {
		char *person = strchr(line[i], ' ');
		double t;

		*person++ = '\0';
		approve(ld, arg[3], line[i], decider);
		t = now();
		if (!tool_has(&c, person))
			errors++;
		lat[n_lat++] = now() - t;
	}
	report(started);
}

int main(int argc, char **argv)
{
	if (argc == 7 && strcmp(argv[1], "http") == 0)
		run_http(argv + 2);
	else if (argc == 9 && strcmp(argv[1], "add") == 0)
		run_ldap(ADD, argv + 2);
	else if (argc == 10 && strcmp(argv[1], "member") == 0)
		run_ldap(MEMBER, argv + 2);
	else if (argc == 8 && strcmp(argv[1], "search") == 0)
		run_ldap(SEARCH, argv + 2);
	else if (argc == 7 && strcmp(argv[1], "page") == 0)
		run_page(argv + 2);
	else if (argc == 11 && strcmp(argv[1], "approve") == 0)
		run_approve(argv + 2);
	else {
		fprintf(stderr, "usage: see the head of tests/bench/load.c\n");
		return 2;
	}
	return 0;
}
