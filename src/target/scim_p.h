/* SPDX-License-Identifier: ISC */
/* scim's own: scim.c applies, scim_list_users.c lists. */
#ifndef TARGET_SCIM_P_H
#define TARGET_SCIM_P_H

#include "target/scim_merge.h"
#include "target/target.h"

struct scim {
	struct target t;
	struct httpc *http;
	enum scim_form form;
	char *base;			/* owned: url without a slash behind */
	char *authorization;		/* owned: header, NULL none */
};

void scim_list_users(struct target *t, const struct target_lister *l);

#endif
