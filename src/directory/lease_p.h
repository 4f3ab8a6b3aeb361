/* SPDX-License-Identifier: ISC */
/* lease_p: what lease.c (who holds it) and lease_entry.c (how it is written
 * down) share. All of it is the lease's thread's own. */
#ifndef DIRECTORY_LEASE_P_H
#define DIRECTORY_LEASE_P_H

#include "base/err.h"
#include "directory/lease.h"

struct arena;

#define LEASE_TEXT 1024

/* The entry as one provider shows it. */
struct lease_entry {
	bool there;
	uint8_t uuid[16];
	char csn[64];
	char text[LEASE_TEXT];		/* provostJobData; "" none */
	/* What that says; who can't be read holds it all the same. */
	bool held;
	char name[128], process[160], uri[512];
	int64_t count;
};

/* The name of this process and lease, and is it another one's that is gone
 * from this very machine (and pid namespace)? */
void lease_process(char *out, size_t size);
bool lease_process_gone(const char *process);
/* ERR_NOT_FOUND is no error: there is none yet. */
int lease_entry_read(struct ldapc *l, struct arena *a, const char *dn,
	struct lease_entry *out, struct err *e);
/* From old, as it was read, to want, whose uuid, csn and text are filled in.
 * ERR_CONFLICT: somebody else was first. since: of a new holder; 0: as before. */
int lease_entry_write(struct ldapc *l, struct arena *a, const char *dn,
	const struct lease_entry *old, struct lease_entry *want,
	int64_t since, struct err *e);

#endif
