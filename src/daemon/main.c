/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/stages.h"

/* Signals are waited for, never handled: every thread has them blocked. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void serve(struct daemon *d, const sigset_t *set)
{
	struct err e = { 0 };
	int sig;

	printf("provostd: listening on %s\nprovostd: ready\n",
	    daemon_url(d));
	fflush(stdout);
	notify_ready();
	for (;;) {
		if (sigwait(set, &sig) != 0)
			continue;
		if (sig == SIGUSR1) {
			daemon_rotate(d);
			continue;
		}
		if (sig != SIGHUP)
			break;
		notify_reloading();
		if (daemon_reload(d, &e) != 0)
			log_error("reload: %s; the old settings stay",
			    err_text(&e));
		notify_ready();
	}
	notify_stopping();
	log_info("stopping");
}

static int print_settings(const struct daemon *d)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	config_print(&out, d->config);
	fputs(buf_str(&out), stdout);
	buf_fini(&out);
	return 0;
}

int main(int argc, char **argv)
{
	struct daemon d = { 0 };
	struct err e = { 0 };
	sigset_t set;
	int rc = options_read(argc, argv, &d.opt);

	if (rc != 0)
		return rc < 0 ? 2 : 0;
	arena_setup();
	block_signals(&set);
	rc = stages_start(&d, &e);
	if (rc == 0 && d.opt.print)
		print_settings(&d);
	else if (rc == 0 && d.opt.test)
		puts("provostd: the settings and the mapping are good");
	else if (rc == 0)
		serve(&d, &set);
	if (rc != 0)
		log_error("%s", err_text(&e));
	stages_stop(&d);
	return rc == 0 ? 0 : 1;
}
