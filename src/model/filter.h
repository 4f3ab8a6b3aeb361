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
	/* Made by binding: true, or not, of every entry of the type. */
	FILTER_TRUE, FILTER_FALSE,
};

enum filter_type { FT_STRING, FT_NUMBER, FT_BOOL, FT_NULL };

/* One key of one entry in one index of the view: id from codec/scim_map, key
 * normalised by the attribute's matching rule. Keys of indexes that can be
 * walked in order compare (strcmp) as their values do. */
struct index_key {
	int index;
	const char *key;
};

/* An entry without any key in an index where there is one key at most has the
 * key "" under index | INDEX_ABSENT. */
#define INDEX_ABSENT 0x8000
/* Not an index, but the view's order: by creation. */
#define INDEX_CREATED (-1)

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
	int64_t i;		/* number, or time in microseconds */
	/* What answers EQ, or in the order of its keys SW GT GE LT LE, or by
	 * its absent ones PR: an index of the view, INDEX_CREATED (compares
	 * i); 0: nothing. */
	int index;
	bool single;		/* an entry has one key in index, or is absent */
	const char *key;	/* normalised, for index and matching */
};

#endif
