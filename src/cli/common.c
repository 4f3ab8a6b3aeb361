/* SPDX-License-Identifier: ISC */
/* What the commands share: see commands.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/progress.h"

int command_usage(struct err *e, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_kind(e, ERR_INVALID, "usage", "%s", text);
}

int command_ask(const struct command_line *l, const char *question,
    const char *unasked, struct err *e)
{
	char line[16];

	if (l->opt[OPT_YES] != NULL || l->client->dry_run)
		return 0;
	if (!isatty(STDIN_FILENO))
		return command_usage(e, "%s", unasked);
	fprintf(stderr, "%s [y/N] ", question);
	if (fgets(line, sizeof(line), stdin) != NULL &&
	    (*line == 'y' || *line == 'Y'))
		return 0;
	return err_set(e, ERR_INVALID, "nothing was done");
}

int command_confirm(const struct command_line *l, const char *what,
    struct err *e)
{
	struct arena *a = l->client->arena;

	return command_ask(l, arena_printf(a, "%s? It cannot be undone.",
	    what), arena_printf(a, "%s cannot be undone: say --yes, or "
	    "--dry-run to see it first", what), e);
}

void command_done(const struct command_line *l, const struct json *j,
    const char *fmt, ...)
{
	va_list ap;

	if (l->client->dry_run)
		return;
	if (l->json) {
		print_json(j);
		return;
	}
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

int command_count(const struct command_line *l, size_t *n, struct err *e)
{
	const char *text = l->opt[OPT_COUNT];
	int64_t i = 0;

	if (text != NULL && (!str_int(text, &i) || i < 1 ||
	    (uint64_t)i > SIZE_MAX))
		return command_usage(e, "--count %s is no number above 0",
		    text);
	*n = (size_t)i;
	return 0;
}

int command_get(const struct command_line *l, const char *path,
    struct json **j, struct err *e)
{
	int rc = client_call(l->client, "GET", path, NULL, j, e);

	if (rc == 0 && l->json)
		print_json(*j);
	return rc;
}

int command_list(const struct command_line *l, const char *path,
    const char *query, const char *const *heads, const char *const *members,
    struct err *e)
{
	struct json *j;
	size_t limit = 0;
	int rc = command_count(l, &limit, e);

	if (rc == 0)
		rc = client_list(l->client, path, query, limit, &j, e);
	if (rc != 0)
		return rc;
	if (l->json)
		print_json(j);
	else
		print_list(l->client->arena, json_member(j, "Resources"),
		    heads, members);
	return 0;
}

/* --- people -------------------------------------------------------------- */

int command_people(struct arena *a, const char *name, struct strv *out,
    struct err *e)
{
	char line[1024];

	if (strcmp(name, "-") != 0) {
		strv_add(a, out, name);
		return 0;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line != '\0')
			strv_add(a, out, arena_strdup(a, line));
	}
	return out->n != 0 ? 0 : err_set(e, ERR_INVALID, "standard input "
	    "names no user");
}

int command_each(const struct command_line *l, int (*each)(
    const struct command_line *l, const char *user, void *arg, struct err *e),
    void *arg, struct err *e)
{
	struct strv people = { 0 };
	struct progress bar;
	size_t i, failed = 0;
	int rc = command_people(l->client->arena, l->argv[0], &people, e);

	if (rc != 0)
		return rc;
	if (people.n == 1)
		return each(l, people.v[0], arg, e);
	progress_begin(&bar, l->command->name, people.n);
	for (i = 0; i < people.n; i++) {
		struct err one = { 0 };

		progress_to(&bar, i);
		if (each(l, people.v[i], arg, &one) == 0)
			continue;
		progress_clear(&bar);
		fprintf(stderr, "provost: %s: %s\n", people.v[i],
		    err_text(&one));
		failed++;
	}
	progress_clear(&bar);
	return failed == 0 ? 0 : err_set(e, ERR_DENIED, "%zu of %zu were not "
	    "done", failed, people.n);
}

/* --- files --------------------------------------------------------------- */

int command_file(const char *path, struct buf *out, struct err *e)
{
	bool input = strcmp(path, "-") == 0;
	FILE *f = input ? stdin : fopen(path, "re");
	char part[8192];
	size_t n;
	int rc = 0;

	if (f == NULL)
		return err_set(e, ERR_INVALID, "cannot read %s: %m", path);
	while (!out->failed && (n = fread(part, 1, sizeof(part), f)) > 0)
		buf_put(out, part, n);
	if (ferror(f))
		rc = err_set(e, ERR_IO, "cannot read %s: %m", path);
	if (!input)
		fclose(f);
	if (rc != 0)
		return rc;
	return !out->failed ? 0 : err_set(e, ERR_LIMIT, "%s is larger than "
	    "%zu bytes; split it", path, out->max);
}

/* --- secrets ------------------------------------------------------------- */

int command_secret(struct arena *a, const char *ask, const char **out,
    struct err *e)
{
	struct termios was, hidden;
	bool terminal = tcgetattr(STDIN_FILENO, &was) == 0;
	char line[1024];
	bool got;

	if (terminal) {
		hidden = was;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		fputs(ask, stderr);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	got = fgets(line, sizeof(line), stdin) != NULL;
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
		fputc('\n', stderr);
	}
	if (!got)
		return err_set(e, ERR_INVALID, "standard input ends before "
		    "\"%s\" was answered", ask);
	line[strcspn(line, "\r\n")] = '\0';
	*out = arena_strdup(a, line);
	return 0;
}
