/* SPDX-License-Identifier: ISC */
/* reconcile: the engine's own full pass over N people with ten tools each and
 * an account in every tool, in a view that intake has filled; nothing but the
 * directory is missing (the writer finds none, the target confirms at once).
 *
 *	reconcile same N DIR	nothing to do: every right has its receipt
 *	reconcile drift N DIR	one receipt in a hundred differs
 *	reconcile change N DIR	a pass, then CHANGES people changed one by one
 *
 * One line of JSON: CPU of the process and of the engine's thread, peak
 * resident memory, anonymous and mapped (the view) apart. Exits when the pass
 * did not find exactly what differs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "config/mapping.h"
#include "directory/held.h"
#include "directory/intake.h"
#include "engine/engine.h"

#define SUFFIX "dc=example,dc=com"
#define TOOLS 10
#define ACCOUNTS 40		/* in two companies, by turns */
#define CHANGES 1000
#define BATCH 1000		/* entries a transaction */
#define GIVEN "20260102030405Z"

struct bench {
	const char *what, *dir;
	int people;
	struct arena *a;
	struct scim_map *map;
	struct view *view;
	struct journal *journal;
	struct intake in;
	struct view_write *w;
	struct view_read *seen;
	uint32_t last;			/* uuid's end */
	int in_batch;
	struct writer *writer;
	struct held *held;
	struct engine *engine;
	struct err e;
};

static void must(struct bench *b, int rc)
{
	if (rc == 0)
		return;
	fprintf(stderr, "%s\n", b->e.text);
	exit(1);
}

/* --- filling --------------------------------------------------------------- */

static void begin(struct bench *b)
{
	must(b, view_read_begin(b->view, &b->seen, &b->e));
	must(b, view_write_begin(b->view, &b->w, &b->e));
	intake_begin(&b->in, b->w, b->seen);
	b->in_batch = 0;
}

static void commit(struct bench *b)
{
	must(b, journal_flush(b->journal, &b->e));
	view_read_end(b->seen);
	must(b, view_write_commit(b->w, &b->e));
}

static void number(uint8_t uuid[16], char kind, uint32_t n)
{
	memset(uuid, 0, 16);
	uuid[0] = (uint8_t)kind;
	uuid[12] = (uint8_t)(n >> 24);
	uuid[13] = (uint8_t)(n >> 16);
	uuid[14] = (uint8_t)(n >> 8);
	uuid[15] = (uint8_t)n;
}

static void put(struct bench *b, struct arena *a, struct entry *e, char kind,
    uint32_t n, int version)
{
	number(e->uuid, kind, n);
	e->csn = arena_printf(a, "20261101090000.%06dZ#000000#000#000000",
	    version);
	e->creator = e->modifier = "cn=provostd," SUFFIX;
	e->created = e->modified = (int64_t)n * CLOCK_SECOND;
	must(b, intake_put(&b->in, a, e, false, &b->e));
	if (++b->in_batch == BATCH) {
		commit(b);
		begin(b);
	}
}

static struct entry *named(struct arena *a, const char *rdn, const char *key,
    const char *ou, const char *cls)
{
	struct entry *e = arena_alloc(a, sizeof(*e));

	e->dn = arena_printf(a, "%s=%s,ou=%s," SUFFIX, rdn, key, ou);
	entry_add(a, e, "objectClass", cls);
	entry_add(a, e, rdn, key);
	return e;
}

static const char *company(int account)
{
	return account % 2 == 0 ? "c0" : "c1";
}

static void put_catalogue(struct bench *b)
{
	struct arena *a = b->a;
	struct entry *e;
	uint32_t n = 0;
	int i;

	e = named(a, "provostEnterpriseId", "acme", "enterprises",
	    "provostEnterpriseEntry");
	entry_add(a, e, "provostActive", "TRUE");
	put(b, a, e, 'c', ++n, 1);
	e = named(a, "provostRoleId", "viewer", "roles", "provostRoleEntry");
	entry_add(a, e, "provostPermission", "billing view");
	put(b, a, e, 'c', ++n, 1);
	for (i = 0; i < 2; i++) {
		e = named(a, "provostCompanyId", company(i), "companies",
		    "provostCompanyEntry");
		entry_add(a, e, "provostEnterprise", "acme");
		put(b, a, e, 'c', ++n, 1);
	}
	for (i = 0; i < ACCOUNTS; i++) {
		e = named(a, "provostAccountNumber", arena_printf(a, "%d",
		    200000 + i), "accounts", "provostBillingAccount");
		entry_add(a, e, "provostCompany", company(i));
		entry_add(a, e, "provostEnterprise", "acme");
		put(b, a, e, 'c', ++n, 1);
	}
	for (i = 0; i < TOOLS; i++) {
		e = named(a, "provostToolId", arena_printf(a, "tool-%d", i),
		    "tools", "provostTool");
		entry_add(a, e, "cn", arena_printf(a, "Tool %d", i));
		entry_add(a, e, "provostTarget", "null");
		put(b, a, e, 'c', ++n, 1);
	}
}

static int account_of(int person, int tool)
{
	return 200000 + (person + tool) % ACCOUNTS;
}

/* As a client that gives rights over SCIM leaves it. */
static void put_person(struct bench *b, struct arena *a, int i, int version)
{
	struct entry *e = named(a, "provostPersonId", arena_printf(a, "p%07d",
	    i), "people", "inetOrgPerson");
	int k;

	entry_add(a, e, "objectClass", "provostUser");
	entry_add(a, e, "uid", arena_printf(a, "user%07d", i));
	entry_add(a, e, "cn", arena_printf(a, "Bench User %d", i));
	entry_add(a, e, "sn", arena_printf(a, "User %d", i));
	entry_add(a, e, "givenName", "Bench");
	entry_add(a, e, "title", arena_printf(a, "Engineer %d", version));
	entry_add(a, e, "mail;x-work;x-primary", arena_printf(a,
	    "user%07d@example.com", i));
	entry_add(a, e, "departmentNumber", "Bench");
	entry_add(a, e, "provostState", "active");
	entry_add(a, e, "provostRole", "viewer");
	entry_add(a, e, "provostEnterprise", "acme");
	entry_add(a, e, "provostCompany", company(0));
	entry_add(a, e, "provostCompany", company(1));
	for (k = 0; k < TOOLS; k++) {
		entry_add(a, e, "provostToolGrant", arena_printf(a, "tool-%d",
		    k));
		entry_add(a, e, "provostToolAccount", arena_printf(a,
		    "tool-%d %d", k, account_of(i, k)));
		entry_add(a, e, "provostProvenance", arena_printf(a,
		    "tool:tool-%d client:hr " GIVEN, k));
	}
	put(b, a, e, 'p', (uint32_t)i, version);
}

/* Without those for the tool lost; -1 none. */
static void put_receipts(struct bench *b, struct arena *a, int i, int lost,
    int version)
{
	uint8_t uuid[16];
	char id[37];
	struct entry *e;
	int k;

	number(uuid, 'p', (uint32_t)i);
	str_uuid_text(uuid, id);
	e = named(a, "provostPersonUuid", id, "receipts", "provostReceipts");
	for (k = 0; k < TOOLS; k++) {
		if (k == lost)
			continue;
		entry_add(a, e, "provostReceipt", arena_printf(a,
		    "null tool:tool-%d confirmed " GIVEN " - 0", k));
		entry_add(a, e, "provostReceipt", arena_printf(a,
		    "null tool:tool-%d/%d confirmed " GIVEN " - 0", k,
		    account_of(i, k)));
	}
	put(b, a, e, 'r', (uint32_t)i, version);
}

/* One grant in a hundred has lost its receipts: of every tenth person one. */
static int lost(const struct bench *b, int i)
{
	return strcmp(b->what, "drift") == 0 && i % 10 == 0 ?
	    i / 10 % TOOLS : -1;
}

static void fill(struct bench *b)
{
	struct arena *a = arena_new();
	int i;

	begin(b);
	put_catalogue(b);
	for (i = 0; i < b->people; i++) {
		put_person(b, a, i, 1);
		put_receipts(b, a, i, lost(b, i), 1);
		arena_reset(a);
	}
	must(b, view_set_cookie(b->w, "c", 1, &b->e));
	commit(b);
	arena_free(a);
}

/* --- what it costs --------------------------------------------------------- */

static double cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* One line of a file; false: it cannot be read. */
static bool line_of(const char *path, char *out, size_t n)
{
	FILE *f = fopen(path, "r");
	bool ok = f != NULL && fgets(out, (int)n, f) != NULL;

	if (f != NULL)
		fclose(f);
	return ok;
}

/* Of the engine's thread, in seconds (Linux: the scheduler's own count). */
static double engine_cpu(struct bench *b)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *t;
	char text[128];
	double out = 0;

	while (d != NULL && (t = readdir(d)) != NULL)
		if (line_of(arena_printf(b->a, "/proc/self/task/%s/comm",
		    t->d_name), text, sizeof(text)) &&
		    strcmp(text, "engine\n") == 0 &&
		    line_of(arena_printf(b->a, "/proc/self/task/%s/schedstat",
		    t->d_name), text, sizeof(text)))
			out = strtod(text, NULL) / 1e9;
	if (d != NULL)
		closedir(d);
	return out;
}

static long kib(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long n = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			n = strtol(line + strlen(name), NULL, 10);
	if (f != NULL)
		fclose(f);
	return n;
}

/* --- the engine ------------------------------------------------------------ */

static long shown(struct bench *b, const char *name)
{
	struct buf out;
	const char *at;
	long n;

	buf_init(&out, 1 << 20);
	engine_describe(b->engine, &out);
	at = strstr(buf_str(&out), name);
	n = at != NULL ? strtol(at + strlen(name), NULL, 10) : -1;
	buf_fini(&out);
	return n;
}

static void start(struct bench *b)
{
	struct writer_conf wc = { .ldap = { .bind_dn = "cn=provostd," SUFFIX,
	    .password = "x", .ca_file = "", .cert_file = "",
	    .key_file = "" } };
	struct target_conf t = { .name = "null", .kind = "null" };
	struct engine_conf c = { .view = b->view, .map = b->map, .target = &t,
	    .n_targets = 1 };

	strv_add(b->a, &wc.ldap.uris, "ldapi://%2Fnonexistent%2Fldapi");
	must(b, writer_start(&wc, b->view, &b->writer, &b->e));
	must(b, held_start(&(struct held_conf){ .view = b->view, .map = b->map,
	    .writer = b->writer, .limits = { .source = guard_rules_default,
	    .target = guard_rules_default, .total = guard_defaults } },
	    &b->held, &b->e));
	c.writer = b->writer;
	c.held = b->held;
	must(b, engine_start(&c, &b->engine, &b->e));
}

static void stop(struct bench *b)
{
	engine_stop(b->engine, 0);
	held_stop(b->held);
	writer_stop(b->writer, 0);
}

static void wait_pass(struct bench *b)
{
	while (shown(b, "\"passes\":") < 1)
		usleep(2000);
	if (shown(b, "\"people\":") == b->people)
		return;
	fprintf(stderr, "the pass saw %ld people\n", shown(b, "\"people\":"));
	exit(1);
}

static void check_owed(struct bench *b)
{
	long owed = shown(b, "\"pending\":");
	long want = strcmp(b->what, "drift") == 0 ? b->people / 10 : 0;

	if (owed == want)
		return;
	fprintf(stderr, "%ld grants differ, not %ld\n", owed, want);
	exit(1);
}

static uint64_t looked_at(void)
{
	return (uint64_t)counter_get(C_ENGINE_PEOPLE);
}

/* One person after the other gets another title. */
static void change(struct bench *b)
{
	struct arena *a = arena_new();
	double from = engine_cpu(b);
	uint64_t before = looked_at();
	int i;

	for (i = 0; i < CHANGES; i++) {
		begin(b);
		put_person(b, a, i * 7919 % b->people, 2 + i);
		commit(b);
		arena_reset(a);
		while (looked_at() - before <= (uint64_t)i)
			usleep(50);
	}
	printf("{\"people\": %d, \"changes\": %d, \"looked_at\": %" PRIu64
	    ", \"engine_us\": %.1f}\n", b->people, CHANGES,
	    looked_at() - before, (engine_cpu(b) - from) * 1e6 / CHANGES);
	arena_free(a);
}

static void pass(struct bench *b)
{
	double from = cpu();
	int64_t began = clock_mono();

	start(b);
	wait_pass(b);
	printf("{\"people\": %d, \"grants\": %d, \"cpu\": %.2f, "
	    "\"engine_cpu\": %.2f, \"seconds\": %.2f, \"peak_kib\": %ld, "
	    "\"anon_kib\": %ld, \"mapped_kib\": %ld}\n", b->people,
	    b->people * TOOLS, cpu() - from, engine_cpu(b),
	    (double)(clock_mono() - began) / 1e6, kib("VmHWM:"),
	    kib("RssAnon:"), kib("RssFile:"));
	check_owed(b);
}

/* --- life ------------------------------------------------------------------ */

static void up(struct bench *b)
{
	struct view_conf vc = { .dir = b->dir, .fingerprint =
	    b->map->fingerprint, .n_indexes = b->map->n_indexes };
	const char *note;
	bool fresh;

	must(b, view_open(&vc, &b->view, &fresh, &b->e));
	must(b, journal_open(b->dir, &b->journal, &note, &b->e));
	must(b, intake_init(&b->in, b->map, b->journal, NULL, &b->e));
}

static void down(struct bench *b)
{
	intake_fini(&b->in);
	journal_close(b->journal);
	view_close(b->view);
}

/* In a process of its own: what it takes is not the pass's. */
static void filled(struct bench *b)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		up(b);
		fill(b);
		down(b);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		exit(1);
}

int main(int argc, char **argv)
{
	struct bench b = { .what = argv[1], .a = arena_new() };

	if (argc != 4)
		return 2;
	arena_setup();
	b.people = atoi(argv[2]);
	b.dir = argv[3];
	log_setup(LOG_ERR_, LOG_TEXT);
	must(&b, mapping_read(PROVOST_SRCDIR "/conf/mapping.conf", SUFFIX,
	    &b.map, &b.e));
	filled(&b);
	up(&b);
	pass(&b);
	if (strcmp(b.what, "change") == 0)
		change(&b);
	stop(&b);
	down(&b);
	scim_map_free(b.map);
	arena_free(b.a);
	return 0;
}
