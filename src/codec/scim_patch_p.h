/* SPDX-License-Identifier: ISC */
/*
 * scim_patch_p: the half of scim_patch that works on the values of one
 * attribute: elements of lists, what makes two of them the same, which meet a
 * filter, how one is made to meet it. Internal to scim_patch.
 */
#ifndef CODEC_SCIM_PATCH_P_H
#define CODEC_SCIM_PATCH_P_H

#include "codec/json.h"
#include "codec/scim_map.h"

/* The elements that a value stands for: of an array its own, else itself. */
struct json *scim_patch_list(struct arena *a, const struct json *value);
/* "x" for {"value": "x"} where the attribute has sub-attributes. */
struct json *scim_patch_element(struct arena *a, const struct scim_attr *at,
	const struct json *value);
/* Add elements to a list; one that is there already (by its value, and type
 * where there is one) takes over what is new of it. */
void scim_patch_add(struct arena *a, const struct scim_attr *at,
	struct json *list, const struct json *elements);
/* Take those out of a list that are the same as one of elements; an element
 * that names no type means every type. */
void scim_patch_take(struct arena *a, const struct scim_attr *at,
	struct json *list, const struct json *elements);
/* Members of from replace those of to. */
void scim_patch_merge(struct arena *a, const struct scim_attr *at,
	struct json *to, const struct json *from);
/* Does this element meet the filter? ERR_INVALID for a name it can't have. */
int scim_patch_meets(struct arena *a, const struct scim_attr *at,
	const struct json *element, const struct filter *f, bool *out,
	struct err *e);
/* Give el what the filter's eq terms ask for, where it says nothing itself;
 * false when the filter is more than eq terms joined by and. */
bool scim_patch_satisfy(struct arena *a, const struct filter *f,
	struct json *el);
bool scim_patch_is_primary(struct arena *a, const struct json *el);
/* Only one element may be primary: the others give it up for el. */
void scim_patch_primary(struct arena *a, struct json *list,
	const struct json *el);

#endif
