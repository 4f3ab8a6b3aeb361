/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "directory/lease_p.h"
#include "model/change.h"

/* --- processes --------------------------------------------------------- */

/* What a pid means: which boot of which kernel, which namespace. */
static bool machine(char *out, size_t size)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	char boot[64] = "";
	struct stat st;
	bool ok;

	if (f == NULL)
		return false;
	ok = fgets(boot, sizeof(boot), f) != NULL;
	fclose(f);
	boot[strcspn(boot, "\n")] = '\0';
	if (!ok || stat("/proc/self/ns/pid", &st) != 0)
		return false;
	snprintf(out, size, "%s:%ju", boot, (uintmax_t)st.st_ino);
	return true;
}

/* Field 22 of proc(5) /proc/pid/stat, behind the name in brackets. */
static bool started(pid_t pid, unsigned long long *ticks)
{
	char path[64], line[1024] = "";
	const char *at;
	FILE *f;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	at = fgets(line, sizeof(line), f) != NULL ? strrchr(line, ')') : NULL;
	fclose(f);
	for (i = 2; at != NULL && i < 22; i++)
		if ((at = strchr(at, ' ')) != NULL)
			at++;
	if (at == NULL)
		return false;
	*ticks = strtoull(at, NULL, 10);
	return true;
}

void lease_process(char *out, size_t size)
{
	unsigned long long ticks = 0;
	char where[96], id[9];

	hash_random_id(id, sizeof(id) - 1);
	if (machine(where, sizeof(where)) && started(getpid(), &ticks))
		snprintf(out, size, "%s:%d:%llu:%s", where, (int)getpid(),
		    ticks, id);
	else
		snprintf(out, size, "%s", id);
}

bool lease_process_gone(const char *process)
{
	unsigned long long then, now;
	char where[96];
	size_t n;
	int pid;

	if (!machine(where, sizeof(where)))
		return false;
	n = strlen(where);
	if (strncmp(process, where, n) != 0 ||
	    sscanf(process + n, ":%d:%llu:", &pid, &then) != 2 || pid <= 0)
		return false;
	if (kill(pid, 0) != 0 && errno == ESRCH)
		return true;
	/* Another one may have got its number since. */
	return started(pid, &now) && now != then;
}

/* --- the entry ----------------------------------------------------------- */

static void parse(struct arena *a, struct lease_entry *e)
{
	const char *word[4];

	if (str_words(a, e->text, word, 4) != 4 ||
	    !str_int(word[2], &e->count) || e->count < 0)
		return;
	snprintf(e->name, sizeof(e->name), "%s", word[0]);
	snprintf(e->process, sizeof(e->process), "%s", word[1]);
	snprintf(e->uri, sizeof(e->uri), "%s", word[3]);
}

int lease_entry_read(struct ldapc *l, struct arena *a, const char *dn,
    struct lease_entry *out, struct err *e)
{
	const struct ldapc_search q = { .base = dn, .scope = SCOPE_BASE,
		.filter = "(objectClass=provostJob)" };
	const char *text, *state;
	struct entry **v;
	size_t n;
	int rc = ldapc_search_all(l, a, &q, &v, &n, e);

	memset(out, 0, sizeof(*out));
	if (rc == ERR_NOT_FOUND || (rc == 0 && n == 0))
		return 0;
	if (rc != 0)
		return rc;
	out->there = true;
	memcpy(out->uuid, v[0]->uuid, sizeof(out->uuid));
	snprintf(out->csn, sizeof(out->csn), "%s", v[0]->csn);
	text = entry_get(v[0], "provostJobData");
	snprintf(out->text, sizeof(out->text), "%s", text ? text : "");
	state = entry_get(v[0], "provostJobState");
	out->held = !str_ieq(state, "free");
	parse(a, out);
	return 0;
}

static struct change *make_add(struct arena *a, const char *dn,
    const char *state, const char *text, const char *since)
{
	struct change *c = change_new(a, CHANGE_ADD, dn);

	entry_add(a, c->entry, "objectClass", "provostJob");
	entry_add(a, c->entry, "provostJobId", "lease");
	entry_add(a, c->entry, "provostJobKind", "lease");
	entry_add(a, c->entry, "provostJobState", state);
	entry_add(a, c->entry, "provostJobData", text);
	entry_add(a, c->entry, "provostJobTime", since);
	return c;
}

/* The old value is taken away by name, so that even a server without
 * assertions lets one of two who take it at once go through. */
static struct change *make_modify(struct arena *a, const char *dn,
    const struct lease_entry *old, const char *state, const char *text,
    const char *since)
{
	struct change *c = change_new(a, CHANGE_MODIFY, dn);

	c->assert_csn = old->csn;
	if (*old->text != '\0')
		change_set(a, c, MOD_DELETE, "provostJobData", old->text);
	change_set(a, c, MOD_ADD, "provostJobData", text);
	if (since != NULL) {
		change_set(a, c, MOD_REPLACE, "provostJobState", state);
		change_set(a, c, MOD_REPLACE, "provostJobTime", since);
	}
	return c;
}

int lease_entry_write(struct ldapc *l, struct arena *a, const char *dn,
    const struct lease_entry *old, struct lease_entry *want, int64_t since,
    struct err *e)
{
	const char *state = want->held ? "held" : "free", *text;
	char when[24];
	struct ldapc_result r;
	int rc;

	text = arena_printf(a, "%s %s %" PRId64 " %s", str_word(a, want->name),
	    str_word(a, want->process), want->count, str_word(a, want->uri));
	clock_print_gt(since, when);
	rc = ldapc_change(l, a, !old->there ?
	    make_add(a, dn, state, text, when) : make_modify(a, dn, old, state,
	    text, since != 0 ? when : NULL), &r, e);
	if (rc != 0)
		return rc == ERR_EXISTS || rc == ERR_NOT_FOUND ?
		    err_set(e, ERR_CONFLICT, "somebody else was first") : rc;
	want->there = true;
	snprintf(want->text, sizeof(want->text), "%s", text);
	if (r.entry != NULL) {
		memcpy(want->uuid, r.entry->uuid, sizeof(want->uuid));
		snprintf(want->csn, sizeof(want->csn), "%s", r.entry->csn);
	}
	return 0;
}
