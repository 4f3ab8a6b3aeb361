/* SPDX-License-Identifier: ISC */
/* Files of the daemon's: exports and templates. */
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "codec/csv.h"
#include "codec/source.h"

/* The rows of a CSV text as objects, named by its header. */
static int objects(struct arena *a, const struct client_text *text,
    struct json *out, struct err *e)
{
	struct source src = source_mem(text->s, text->len);
	struct csv *csv = csv_open(&src, NULL);
	struct columns *names = NULL;
	const struct row *row;
	struct json *j;
	size_t i;
	int rc = csv_next(csv, &row, e);

	if (rc > 0)
		rc = columns_new(row, &names, e) == 0 ? 1 : ERR_INVALID;
	while (rc > 0 && (rc = csv_next(csv, &row, e)) > 0) {
		j = json_push(out, json_new(a, JSON_IS_OBJECT));
		for (i = 0; i < columns_count(names); i++)
			print_put(a, j, arena_strdup(a, columns_name(names,
			    i)), row_cell(row, (int)i));
	}
	columns_free(names);
	csv_close(csv);
	return rc;
}

static int write_out(const struct client_text *text, struct err *e)
{
	if (fwrite(text->s, 1, text->len, stdout) == text->len &&
	    fflush(stdout) == 0)
		return 0;
	return err_set(e, ERR_IO, "cannot write to standard output: %m");
}

int command_export(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "USER", "RIGHT", "GRANTED",
	    "STATE", "WHY NOT", "BY", "SINCE", NULL };
	static const char *const members[] = { "userName", "right", "granted",
	    "state", "why", "paths", "since" };
	struct arena *a = l->client->arena;
	bool rights = str_eq(l->argv[0], "rights");
	struct client_text text;
	struct json *list;
	int rc;

	if (!rights && !str_eq(l->argv[0], "requests"))
		return command_usage(e, "there are two exports, rights and "
		    "requests");
	rc = client_send(l->client, "GET", rights ? "/v1/exports/rights.csv" :
	    "/v1/exports/access-requests.csv", "text/csv", NULL, 0, &text, e);
	if (rc != 0)
		return rc;
	if (l->opt[OPT_CSV] != NULL)
		return write_out(&text, e);
	list = json_new(a, JSON_IS_ARRAY);
	rc = objects(a, &text, list, e);
	if (rc == 0 && l->json)
		print_json(list);
	else if (rc == 0 && rights)
		print_list(a, list, heads, members);
	else if (rc == 0)
		print_any(a, list);
	return rc;
}

int command_template(const struct command_line *l, struct err *e)
{
	struct client_text text;
	int rc;

	if (!str_eq(l->argv[0], "accounts") && !str_eq(l->argv[0],
	    "services"))
		return command_usage(e, "there are two templates, accounts "
		    "and services");
	if (isatty(STDOUT_FILENO))
		return command_usage(e, "a spreadsheet is nothing for a "
		    "terminal: provost template %s >%s.xlsx", l->argv[0],
		    l->argv[0]);
	rc = client_send(l->client, "GET", arena_printf(l->client->arena,
	    "/v1/templates/%s.xlsx", l->argv[0]), "*/*", NULL, 0, &text, e);
	return rc != 0 ? rc : write_out(&text, e);
}
