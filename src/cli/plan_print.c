/* SPDX-License-Identifier: ISC */
#include "cli/plan.h"

#include <stdio.h>
#include <string.h>

#include "cli/print.h"
#include "cli/table.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

/* A terminal acts on nothing of it. */
static const char *clean(struct arena *a, const char *s)
{
	return s != NULL && *s != '\0' ? table_clean(a, s) : "";
}

static void line(struct arena *a, const char *colour, const char *sign,
    const char *name, const char *value)
{
	bool on = table_colour();

	printf("%s  %s %s: %s%s\n", on ? colour : "", sign, clean(a, name),
	    clean(a, value), on ? PLAIN : "");
}

static void print_values(struct arena *a, const struct json *values,
    const char *colour, const char *sign)
{
	const struct json *at, *v;

	for (at = values != NULL ? values->child : NULL; at != NULL;
	    at = at->next)
		for (v = at->child; v != NULL; v = v->next)
			if (v->kind == JSON_IS_STRING)
				line(a, colour, sign, at->name, v->s);
}

static void print_step(struct arena *a, const struct json *step)
{
	const struct json *because = json_member(step, "because"), *x;
	bool on = table_colour();

	printf("%s%s %s%s  (%s)\n", on ? BOLD : "", clean(a,
	    json_member_str(step, "op")), clean(a, json_member_str(step,
	    "dn")), on ? PLAIN : "", clean(a, print_cell(a, step, "why|op")));
	print_values(a, json_member(step, "remove"), RED, "-");
	print_values(a, json_member(step, "add"), GREEN, "+");
	for (x = because != NULL ? because->child : NULL; x != NULL;
	    x = x->next)
		printf("    %s\n", clean(a, x->s));
}

static const char *what(const struct json *action)
{
	const char *s = json_member_str(action, "do");

	return s != NULL ? s : "";
}

static void print_effect(struct arena *a, const struct json *x)
{
	const char *accounts = print_cell(a, x, "accounts");
	bool takes = strcmp(what(x), "remove") == 0, on = table_colour();

	printf("%s  %s %s %s: %s%s%s%s\n", on ? takes ? RED : GREEN : "",
	    takes ? "-" : "+", clean(a, print_cell(a, x, "target")),
	    clean(a, print_cell(a, x, "userName|user")), clean(a,
	    print_cell(a, x, "tool")), accounts != NULL ? " " : "", clean(a,
	    accounts),
	    on ? PLAIN : "");
}

static void print_effects(struct arena *a, const struct json *effects)
{
	const struct json *list = json_member(effects, "actions"), *x;

	if (list == NULL || list->child == NULL) {
		puts("nothing follows at the targets");
		return;
	}
	puts("then, at the targets:");
	for (x = list->child; x != NULL; x = x->next)
		print_effect(a, x);
}

/* Of an undo: what is left alone, and what to know. */
static void print_notes(struct arena *a, const struct json *notes)
{
	const struct json *x, *n;
	const char *dn;

	for (x = notes != NULL ? notes->child : NULL; x != NULL; x = x->next) {
		dn = json_member_str(x, "dn");
		n = json_member(x, "notes");
		for (n = n != NULL ? n->child : NULL; n != NULL; n = n->next)
			printf("%s %s: %s\n", json_member_bool(x, "conflict",
			    false) ? "conflict:" : "note:", clean(a, dn),
			    clean(a, n->s));
	}
}

void plan_print(struct arena *a, const struct json *plan)
{
	const struct json *steps = json_member(plan, "steps"), *x;
	const struct json *guard = json_member(plan, "guard");

	if (steps == NULL || steps->child == NULL) {
		puts("nothing would change");
		print_notes(a, json_member(plan, "notes"));
		return;
	}
	for (x = steps->child; x != NULL; x = x->next)
		print_step(a, x);
	print_notes(a, json_member(plan, "notes"));
	print_effects(a, json_member(plan, "effects"));
	if (json_member_bool(guard, "held", false))
		printf("the guard would hold it: %s\n", clean(a, print_cell(a,
		    guard, "why")));
}
