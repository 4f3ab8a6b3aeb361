/* SPDX-License-Identifier: ISC */
/* A file of people: planned, shown, asked about, applied. The daemon does the
 * work; while it does, its progress is asked for. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/tempfile.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "link/httpc.h"

#define SHOWN 20		/* rows of a report */
#define LOOK_NS 200000000L

static const char *path_of(struct arena *a, const char *name)
{
	return arena_printf(a, "/v1/feeds/%s", str_url(a, name));
}

/* --- a run --------------------------------------------------------------------- */

static int look(const struct command_line *l, const char *name, int64_t run,
    struct progress *p, struct json **report, struct err *e)
{
	struct json *j;
	int rc = client_call(l->client, "GET", path_of(l->client->arena,
	    name), NULL, &j, e);

	*report = NULL;
	if (rc != 0)
		return rc;
	if (json_member_int(j, "run", 0) >= run) {
		*report = json_member(j, "last");
		return 0;
	}
	if (p->total == 0 && json_member_int(j, "of", 0) > 0)
		progress_begin(p, json_member_str(j, "phase"),
		    (size_t)json_member_int(j, "of", 0));
	progress_to(p, (size_t)json_member_int(j, "done", 0));
	return 0;
}

static int wait_for(const struct command_line *l, const char *name,
    int64_t run, struct json **report, struct err *e)
{
	const struct timespec some = { 0, LOOK_NS };
	struct progress p = { 0 };
	int rc;

	while ((rc = look(l, name, run, &p, report, e)) == 0 &&
	    *report == NULL)
		nanosleep(&some, NULL);
	progress_clear(&p);
	return rc;
}

static int run(const struct command_line *l, const char *name,
    const char *query, const struct httpc_file *file, struct json **report,
    struct err *e)
{
	struct arena *a = l->client->arena;
	struct client_text got;
	struct json *j;
	int rc = client_send_file(l->client, arena_printf(a, "%s?%s",
	    path_of(a, name), query), "application/octet-stream", file, &got,
	    e);

	if (rc == 0)
		rc = json_parse(a, got.s, got.len, &j, e);
	return rc != 0 ? rc : wait_for(l, name, json_member_int(j, "run", 0),
	    report, e);
}

/* --- showing ---------------------------------------------------------------------- */

static void print_rows(const struct command_line *l, const struct json *j)
{
	static const char *const heads[] = { "DO", "ROW", "LINE", "KEY", "WHY",
	    NULL };
	static const char *const members[] = { "do", "row", "line", "key",
	    "why", NULL };
	struct arena *a = l->client->arena;
	struct json *some = json_new(a, JSON_IS_ARRAY);
	const struct json *all = json_member(j, "report"), *x;
	int bad;

	/* What is wrong first. */
	for (bad = 1; bad >= 0; bad--)
		for (x = all ? all->child : NULL; x != NULL &&
		    some->n < SHOWN; x = x->next) {
			const char *what = json_member_str(x, "do");

			if ((str_eq(what, "bad") || str_eq(what, "failed")) ==
			    (bad == 1))
				json_push(some, json_dup(a, x));
		}
	if (some->n > 0)
		print_list(a, some, heads, members);
	if (all != NULL && all->n > some->n)
		printf("... and %zu more%s\n", all->n - some->n,
		    json_member_bool(j, "cut", false) ? ", and more" : "");
}

static void print_report(const struct command_line *l, const struct json *j)
{
	static const char *const words[] = { "join", "move", "leave", "same",
	    "bad", NULL };
	int i;

	if (l->json) {
		print_json(j);
		return;
	}
	print_rows(l, j);
	printf("%" PRId64 " rows:", json_member_int(j, "rows", 0));
	for (i = 0; words[i] != NULL; i++)
		printf(" %" PRId64 " %s%s", json_member_int(j, words[i], 0),
		    words[i], words[i + 1] != NULL ? "," : "\n");
	if (!json_member_bool(j, "complete", true))
		puts("Rows without a readable key: nobody is taken for gone.");
}

static int outcome(const struct json *j, struct err *e)
{
	const char *held = json_member_str(j, "held");
	const char *why = json_member_str(j, "why");
	int64_t failed = json_member_int(j, "failed", 0);

	if (why != NULL)
		return err_set(e, ERR_DENIED, "%s%s%s", why, held != NULL ?
		    "; held as " : "", held != NULL ? held : "");
	if (failed > 0)
		return err_set(e, ERR_DENIED, "%" PRId64 " changes were not "
		    "made: send the file again", failed);
	return 0;
}

/* --- commands ---------------------------------------------------------------------- */

static int apply(const struct command_line *l, const char *name,
    const struct httpc_file *file, const struct json *plan, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *report;
	int rc = run(l, name, arena_printf(a, "mode=apply&wait=no&hash=%s",
	    json_member_str(plan, "hash")), file, &report, e);

	if (rc != 0)
		return rc;
	rc = outcome(report, e);
	if (l->json)
		print_json(report);
	else if (rc == 0)
		printf("%" PRId64 " changes made, as batch %s.\n",
		    json_member_int(report, "written", 0),
		    json_member_str(report, "batch"));
	return rc;
}

static int plan_and_apply(const struct command_line *l, const char *name,
    const struct httpc_file *file, struct err *e)
{
	struct json *plan;
	int rc = run(l, name, "mode=plan&wait=no", file, &plan, e);
	int64_t changes;

	if (rc != 0)
		return rc;
	if (l->client->dry_run || (!l->json &&
	    !str_eq(json_member_str(plan, "outcome"), "refused")))
		print_report(l, plan);
	changes = json_member_int(plan, "join", 0) +
	    json_member_int(plan, "move", 0) +
	    json_member_int(plan, "leave", 0);
	/* Over the guard's limits applying makes a job that can be released. */
	if (str_eq(json_member_str(plan, "outcome"), "refused") ||
	    l->client->dry_run || changes == 0)
		return l->client->dry_run && str_eq(json_member_str(plan,
		    "outcome"), "held") ? 0 : outcome(plan, e);
	if ((rc = command_ask(l, arena_printf(l->client->arena, "apply these "
	    "%" PRId64 " changes?", changes), "--yes says that the changes "
	    "are to be made, --dry-run shows them", e)) != 0)
		return rc;
	return apply(l, name, file, plan, e);
}

/* The only one there is. */
static int only_feed(const struct command_line *l, const char **name,
    struct err *e)
{
	const struct json *list;
	struct json *j;
	int rc = client_call(l->client, "GET", "/v1/feeds", NULL, &j, e);

	if (rc != 0)
		return rc;
	list = json_member(j, "feeds");
	if (list == NULL || list->n != 1)
		return command_usage(e, "name the feed: provost feeds lists "
		    "them");
	*name = json_member_str(list->child, "name");
	return 0;
}

/* What comes once, in a file: it is sent twice. */
static int copy(int from, const char *path, int *to, struct err *e)
{
	char part[65536];
	ssize_t n = 0;
	int rc = tempfile_new("", to, e);

	while (rc == 0 && (n = read(from, part, sizeof(part))) != 0)
		if (n > 0)
			rc = tempfile_put(*to, part, (size_t)n, e);
		else if (errno != EINTR)
			rc = err_set(e, ERR_IO, "cannot read %s: %m", path);
	return rc;
}

/* file->fd is the caller's to close, or -1. */
static int open_file(const char *path, struct httpc_file *file,
    struct err *e)
{
	int fd = str_eq(path, "-") ? dup(STDIN_FILENO) :
	    open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct stat st;

	file->fd = -1;
	if (fd < 0 || fstat(fd, &st) != 0)
		rc = err_set(e, ERR_INVALID, "cannot read %s: %m", path);
	else if (S_ISREG(st.st_mode) && !str_eq(path, "-"))
		file->fd = fd;
	else if ((rc = copy(fd, path, &file->fd, e)) == 0 &&
	    fstat(file->fd, &st) != 0)
		rc = err_set(e, ERR_IO, "cannot read %s: %m", path);
	file->len = rc == 0 ? st.st_size : 0;
	if (fd >= 0 && fd != file->fd)
		close(fd);
	return rc;
}

int command_feed(const struct command_line *l, struct err *e)
{
	const char *name = l->argv[0];
	struct httpc_file file = { .fd = -1 };
	int rc = 0;

	if (l->argc == 1)
		rc = only_feed(l, &name, e);
	if (rc == 0)
		rc = open_file(l->argv[l->argc - 1], &file, e);
	if (rc == 0)
		rc = plan_and_apply(l, name, &file, e);
	if (file.fd >= 0)
		close(file.fd);
	return rc;
}

int command_feeds(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "FEED", "KIND", "LIST", "OWNER",
	    "RUNNING", "LAST", "ROWS", "JOIN", "MOVE", "LEAVE", "BAD",
	    "DIRECTORY", NULL };
	static const char *const members[] = { "name", "kind", "list", "owner",
	    "running", "last.outcome", "last.rows", "last.join", "last.move",
	    "last.leave", "last.bad", "directory", NULL };
	struct json *j;
	int rc = command_get(l, "/v1/feeds", &j, e);

	if (rc == 0 && !l->json)
		print_list(l->client->arena, json_member(j, "feeds"), heads,
		    members);
	return rc;
}
