/* SPDX-License-Identifier: ISC */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/commands.h"
#include "config.h"

const struct command commands[] = {
{ "status", "", "is the daemon well: directory, view, targets", 0, 0, command_status },
{ "check", "", "entries that break a rule and grant nothing", 0, 0, command_check },
{ "plan", "", "what reconciliation would do now", 0, 0, command_plan },
{ "why", "USER RIGHT", "why a right exists, or why not", 2, 2, command_why },
{ "rights", "USER", "effective rights with state and paths", 1, 1, command_rights },
{ "requests", "[ID]", "open access requests (--all: every one), or one whole", 0, 1, command_requests },
{ "approve", "--as USER ID", "approve a request as USER; --reason TEXT", 1, 1, command_approve },
{ "deny", "--as USER ID", "deny a request as USER; --reason TEXT", 1, 1, command_deny },
{ "token", "NAME", "a new API client; --scopes WORDS, --expires TIME", 1, 1, command_token },
{ "journal", "verify FILE", "check the journal's chain", 2, 2, command_journal },
{ 0 }
};

static const struct option longs[] = {
	{ "url", required_argument, NULL, 'u' },
	{ "token-file", required_argument, NULL, 't' },
	{ "json", no_argument, NULL, 'j' },
	{ "all", no_argument, NULL, 'a' },
	{ "reason", required_argument, NULL, 'r' },
	{ "as", required_argument, NULL, 'A' },
	{ "expires", required_argument, NULL, 'e' },
	{ "scopes", required_argument, NULL, 's' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static void print_usage(FILE *out)
{
	const struct command *c;

	fputs("usage: provost [--url U] [--token-file F] [--json] COMMAND "
	    "[ARGUMENTS]\n\n", out);
	for (c = commands; c->name != NULL; c++)
		fprintf(out, "  %-8s %-12s %s\n", c->name, c->args, c->help);
	fputs("\nPROVOST_URL and PROVOST_TOKEN_FILE stand for the first two "
	    "options.\n", out);
}

struct global {
	const char *url, *token_file;
};

/* -1: wrong use; 1: answered already. */
static int take(int c, struct global *g, struct command_line *l)
{
	switch (c) {
	case 'u': g->url = optarg; return 0;
	case 't': g->token_file = optarg; return 0;
	case 'j': l->json = true; return 0;
	case 'a': l->all = true; return 0;
	case 'r': l->reason = optarg; return 0;
	case 'A': l->as = optarg; return 0;
	case 'e': l->expires = optarg; return 0;
	case 's': l->scopes = optarg; return 0;
	case 'V': puts("provost " PACKAGE_VERSION); return 1;
	case 'h': print_usage(stdout); return 1;
	default: return -1;
	}
}

static const struct command *find(const char *name)
{
	const struct command *c;

	for (c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static int run(const struct command *c, const struct global *g,
    struct command_line *l)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct client client;
	int rc = 0;

	l->client = &client;
	client = (struct client){ .arena = a };
	if (c->run != command_journal)	/* reads a file, asks nobody */
		rc = client_init(&client, a, g->url, g->token_file, &e);
	if (rc == 0)
		rc = c->run(l, &e);
	if (rc < 0)
		fprintf(stderr, "provost: %s\n", err_text(&e));
	arena_free(a);
	return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct global g = { 0 };
	struct command_line l = { 0 };
	const struct command *c;
	int opt, rc;

	while ((opt = getopt_long(argc, argv, "u:t:jh", longs, NULL)) != -1)
		if ((rc = take(opt, &g, &l)) != 0) {
			if (rc < 0)
				print_usage(stderr);
			return rc < 0 ? 2 : 0;
		}
	c = optind < argc ? find(argv[optind]) : NULL;
	if (c == NULL) {
		if (optind < argc)
			fprintf(stderr, "provost: there is no command "
			    "\"%s\"\n", argv[optind]);
		print_usage(stderr);
		return 2;
	}
	l.argc = argc - optind - 1;
	l.argv = argv + optind + 1;
	if (l.argc < c->min || l.argc > c->max) {
		fprintf(stderr, "usage: provost %s%s%s\n", c->name,
		    *c->args ? " " : "", c->args);
		return 2;
	}
	return run(c, &g, &l);
}
