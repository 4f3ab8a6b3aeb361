/* SPDX-License-Identifier: ISC */
/* schema_p: the names of schema/provost.schema, a table made by mknames. */
#ifndef DIRECTORY_SCHEMA_P_H
#define DIRECTORY_SCHEMA_P_H

#include <stdbool.h>

struct schema_name {
	const char *name;	/* NULL: the end */
	const char *oid;
	bool class;
};

extern const struct schema_name schema_names[];

#endif
