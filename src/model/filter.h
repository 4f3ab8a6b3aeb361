/* SPDX-License-Identifier: ISC */
/*
 * filter: the parsed tree of a SCIM filter (RFC 7644 3.4.2.2), a PATCH path
 * (3.5.2) or one of `attributes` (3.9). Made by codec/scim_filter, bound to a
 * resource type by codec/scim_map (which fills attr, index and key), run by
 * store/query. Plain values in one arena.
 */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum filter_op {
	FILTER_AND, FILTER_OR, FILTER_NOT,	/* left (and right) */
	FILTER_EQ, FILTER_NE, FILTER_CO, FILTER_SW, FILTER_EW,
	FILTER_GT, FILTER_GE, FILTER_LT, FILTER_LE,
	FILTER_PR,
	FILTER_VALUE,		/* path[left]: one element meets left */
};

enum filter_type { FT_STRING, FT_NUMBER, FT_BOOL, FT_NULL };

/* One key of one entry in one equality index of the view: id from
 * codec/scim_map, key normalised by the attribute's matching rule. */
struct index_key {
	int index;
	const char *key;
};

struct filter;

struct scim_path {
	const char *urn;	/* schema URN as written, NULL none */
	const char *attr;
	const char *sub;	/* sub-attribute, NULL none */
	struct filter *value;	/* valuePath filter, NULL none */
};

struct scim_attr;		/* codec/scim_map.h */

struct filter {
	enum filter_op op;
	struct filter *left, *right;
	struct scim_path path;
	enum filter_type type;
	const char *s;		/* the value as text, any type */
	double num;
	bool b;
	/* Filled by binding to a resource type: */
	const struct scim_attr *attr;
	const struct scim_attr *sub;
	int index;		/* view index that answers EQ; 0: none */
	const char *key;	/* normalised key for that index */
};

#endif
