/* SPDX-License-Identifier: ISC */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "config.h"

static const char usage[] =
"usage: provostd -c FILE [-t | -p]\n"
"       provostd --standalone DIR [--listen ADDR:PORT] [--ldap URI]\n"
"                [--config FILE] [--sample] [--dbnosync]\n"
"\n"
"  -c, --config FILE   settings, provostd.conf(5)\n"
"  -t                  test the settings and the mapping, then end\n"
"  -p                  print the effective settings, then end\n"
"  --standalone DIR    private slapd in DIR, made if it is missing\n"
"  --listen ADDR:PORT  where to answer HTTP (port 0: any free one)\n"
"  --ldap URI          one more address for the private slapd\n"
"  --sample            load the sample enterprise into a new DIR\n"
"  --dbnosync          a private slapd without synced writes: benchmarks only\n"
"  --version, --help\n";

enum { O_STANDALONE = 256, O_LISTEN, O_LDAP, O_SAMPLE, O_DBNOSYNC, O_VERSION,
	O_HELP };

static const struct option longs[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "standalone", required_argument, NULL, O_STANDALONE },
	{ "listen", required_argument, NULL, O_LISTEN },
	{ "ldap", required_argument, NULL, O_LDAP },
	{ "sample", no_argument, NULL, O_SAMPLE },
	{ "dbnosync", no_argument, NULL, O_DBNOSYNC },
	{ "version", no_argument, NULL, O_VERSION },
	{ "help", no_argument, NULL, O_HELP },
	{ 0 }
};

static int take(struct options *o, int c)
{
	switch (c) {
	case 'c': o->config = optarg; return 0;
	case 't': o->test = true; return 0;
	case 'p': o->print = true; return 0;
	case O_STANDALONE: o->standalone = optarg; return 0;
	case O_LISTEN: o->listen = optarg; return 0;
	case O_LDAP: o->ldap_uri = optarg; return 0;
	case O_SAMPLE: o->sample = true; return 0;
	case O_DBNOSYNC: o->dbnosync = true; return 0;
	case O_VERSION: puts("provostd " PACKAGE_VERSION); return 1;
	case O_HELP: fputs(usage, stdout); return 1;
	default: return -1;
	}
}

static int wrong(const char *text)
{
	fprintf(stderr, "provostd: %s\n%s", text, usage);
	return -1;
}

int options_read(int argc, char **argv, struct options *o)
{
	int c, rc;

	*o = (struct options){ .ldap_uri = "" };
	while ((c = getopt_long(argc, argv, "c:tp", longs, NULL)) != -1)
		if ((rc = take(o, c)) != 0)
			return rc < 0 ? wrong("wrong option") : rc;
	if (optind != argc)
		return wrong("unexpected argument");
	if (o->config == NULL && o->standalone == NULL)
		return wrong("one of -c and --standalone is needed");
	if (o->standalone == NULL &&
	    (o->sample || o->dbnosync || *o->ldap_uri != '\0'))
		return wrong("--sample, --ldap and --dbnosync go with "
		    "--standalone");
	return 0;
}
