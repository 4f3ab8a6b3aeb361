/* SPDX-License-Identifier: ISC */
/* What the codec's tests share: the real mapping, a small table of things that
 * can be referred to, JSON written with single quotes. */
#ifndef TESTS_CODEC_HELP_H
#define TESTS_CODEC_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "codec/json.h"
#include "codec/scim_filter.h"
#include "codec/scim_map.h"
#include "codec/scim_match.h"
#include "codec/scim_patch.h"
#include "codec/scim_read.h"
#include "codec/scim_render.h"

#define CORE "urn:ietf:params:scim:schemas:core:2.0:User"
#define ENT "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define PRO "urn:ietf:params:scim:schemas:extension:provost:2.0:User"

struct help_thing {
	const char *type, *id, *key, *dn, *display;
};

/* Ends with type NULL. */
extern const struct help_thing help_things[];
/* Finds them; its owner is "entra". */
extern const struct scim_resolver help_rs;
extern struct scim_map *help_map;
extern struct arena *help_a;

int help_setup(void **state);
int help_teardown(void **state);
struct json *help_parse(const char *text);
struct json *help_json(const char *text);	/* 'a' for "a" */
char *help_text(const struct json *j);
/* "uid: anna\nmail;x-work: a@b\n" and back. */
struct entry *help_entry(const char *ldif);
char *help_ldif(const struct entry *e);
char *help_render(const struct scim_resource *r, const struct entry *e,
	const struct scim_projection *p, const struct scim_resolver *rs);
const struct scim_resource *help_type(const char *name);
/* Fails unless part is (or is not) in text. */
void help_has(const char *text, const char *part);
void help_hasnt(const char *text, const char *part);

#endif
