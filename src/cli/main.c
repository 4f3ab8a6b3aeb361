/* SPDX-License-Identifier: ISC */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "config.h"

#define EXIT_USAGE 2
#define LETTER 256		/* an option without a letter */

struct known {
	const char *name;
	bool value;
	int letter;
};

static const struct known known[OPTIONS] = {
	[OPT_URL] = { "url", true, 'u' },
	[OPT_TOKEN_FILE] = { "token-file", true, 't' },
	[OPT_JSON] = { "json", false, 'j' },
	[OPT_VERSION] = { "version", false, 0 },
	[OPT_HELP] = { "help", false, 'h' },
	[OPT_DRY_RUN] = { "dry-run", false, 'n' },
	[OPT_YES] = { "yes", false, 'y' },
	[OPT_ALL] = { "all", false, 0 },
	[OPT_NEWEST] = { "newest", false, 0 },
	[OPT_CSV] = { "csv", false, 0 },
	[OPT_NOW] = { "now", false, 0 },
	[OPT_ACCEPT] = { "accept", false, 0 },
	[OPT_COUNT] = { "count", true, 0 },
	[OPT_AS] = { "as", true, 0 },
	[OPT_FOR] = { "for", true, 0 },
	[OPT_REASON] = { "reason", true, 0 },
	[OPT_SCOPES] = { "scopes", true, 0 },
	[OPT_EXPIRES] = { "expires", true, 0 },
	[OPT_STATE] = { "state", true, 0 },
	[OPT_KIND] = { "kind", true, 0 },
	[OPT_COMPANY] = { "company", true, 0 },
	[OPT_ENTERPRISE] = { "enterprise", true, 0 },
	[OPT_GIVEN] = { "given", true, 0 },
	[OPT_FAMILY] = { "family", true, 0 },
	[OPT_EMAIL] = { "email", true, 0 },
	[OPT_PHONE] = { "phone", true, 0 },
	[OPT_LOGIN] = { "login", true, 0 },
	[OPT_FROM] = { "from", true, 0 },
	[OPT_UNTIL] = { "until", true, 0 },
	[OPT_CODE] = { "code", true, 0 },
	[OPT_SINCE] = { "since", true, 0 },
	[OPT_USER] = { "user", true, 0 },
	[OPT_FOLLOW] = { "follow", false, 'f' },
	[OPT_DELIVERY] = { "delivery", true, 0 },
	[OPT_BILLING] = { "billing", true, 0 },
	[OPT_PURPOSE] = { "purpose", true, 0 },
	[OPT_NAME] = { "name", true, 0 },
	[OPT_LDIF] = { "ldif", false, 0 },
};

/* --- how it is used ------------------------------------------------------ */

static void print_usage(FILE *out)
{
	const struct command *c;

	fputs("usage: provost [--url U] [--token-file F] [--json] COMMAND "
	    "[ARGUMENTS]\n\n", out);
	for (c = commands; c->name != NULL; c++) {
		int used = (int)(strlen(c->name) + strlen(c->args));

		fprintf(out, "  %s %s%*s  %s\n", c->name, c->args,
		    used < 38 ? 38 - used : 0, "", c->help);
	}
	fputs("\nprovost(1) tells the whole of it.\n", out);
}

static void print_command(const struct command *c)
{
	fprintf(stderr, "usage: provost %s%s%s", c->name, *c->args ? " " : "",
	    c->args);
	if (*c->takes != '\0')
		fprintf(stderr, "\noptions: %s", c->takes);
	fputc('\n', stderr);
}

/* --- options ------------------------------------------------------------- */

static void fill(struct option longs[OPTIONS + 1])
{
	size_t i;

	memset(longs, 0, (OPTIONS + 1) * sizeof(*longs));
	for (i = 0; i < OPTIONS; i++)
		longs[i] = (struct option){ known[i].name, known[i].value ?
		    required_argument : no_argument, NULL,
		    LETTER + (int)i };
}

static int by_letter(int c)
{
	size_t i;

	if (c >= LETTER)
		return c - LETTER;
	for (i = 0; i < OPTIONS; i++)
		if (known[i].letter == c)
			return (int)i;
	return -1;
}

/* False: one that is not known or has no value; getopt has said so. */
static bool read_options(int argc, char **argv, struct command_line *l)
{
	struct option longs[OPTIONS + 1];
	int c, i;

	fill(longs);
	while ((c = getopt_long(argc, argv, "u:t:jhnyf", longs, NULL)) != -1) {
		if ((i = by_letter(c)) < 0)
			return false;
		l->opt[i] = known[i].value ? optarg : "";
	}
	l->json = l->opt[OPT_JSON] != NULL;
	return true;
}

/* Is name among the words of list? */
static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name), w;

	for (; *list != '\0'; list += w + (list[w] == ' ')) {
		w = strcspn(list, " ");
		if (w == n && strncmp(list, name, n) == 0)
			return true;
	}
	return false;
}

static bool takes_all(const struct command *c, const struct command_line *l)
{
	size_t i;

	for (i = OPT_HELP + 1; i < OPTIONS; i++)
		if (l->opt[i] != NULL && !listed(c->takes, known[i].name)) {
			fprintf(stderr, "provost: %s takes no --%s\n",
			    c->name, known[i].name);
			return false;
		}
	return true;
}

/* --- the command --------------------------------------------------------- */

/* The longest name wins: "users add" before "users". *words: of the name. */
static const struct command *find(int argc, char **argv, int *words)
{
	const struct command *c, *found = NULL;

	for (c = commands; c->name != NULL; c++) {
		size_t n = strcspn(c->name, " ");
		bool two = c->name[n] != '\0';

		if (strncmp(c->name, argv[0], n) != 0 || argv[0][n] != '\0' ||
		    (two && (argc < 2 || strcmp(c->name + n + 1, argv[1]))))
			continue;
		if (found == NULL || two) {
			found = c;
			*words = two ? 2 : 1;
		}
	}
	return found;
}

static int run(struct command_line *l)
{
	const struct command *c = l->command;
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct client client;
	int rc = 0;

	l->client = &client;
	client_init(&client, a, l->opt[OPT_URL]);
	client.dry_run = l->opt[OPT_DRY_RUN] != NULL;
	client.json = l->json;
	if (!c->open)
		rc = client_token(&client, l->opt[OPT_TOKEN_FILE], &e);
	if (rc == 0)
		rc = c->run(l, &e);
	if (rc < 0)
		fprintf(stderr, "provost: %s\n", err_text(&e));
	if (rc < 0 && str_eq(e.kind, "usage")) {
		print_command(c);
		rc = EXIT_USAGE;
	}
	arena_free(a);
	return rc < 0 ? 1 : rc;
}

int main(int argc, char **argv)
{
	struct command_line l = { 0 };
	int words = 0;

	if (!read_options(argc, argv, &l)) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (l.opt[OPT_VERSION] != NULL || l.opt[OPT_HELP] != NULL) {
		if (l.opt[OPT_VERSION] != NULL)
			puts("provost " PACKAGE_VERSION);
		else
			print_usage(stdout);
		return 0;
	}
	if (optind < argc)
		l.command = find(argc - optind, argv + optind, &words);
	if (l.command == NULL) {
		if (optind < argc)
			fprintf(stderr, "provost: there is no command "
			    "\"%s\"\n", argv[optind]);
		print_usage(stderr);
		return EXIT_USAGE;
	}
	l.argc = argc - optind - words;
	l.argv = argv + optind + words;
	if (l.argc < l.command->min || l.argc > l.command->max ||
	    !takes_all(l.command, &l)) {
		print_command(l.command);
		return EXIT_USAGE;
	}
	return run(&l);
}
