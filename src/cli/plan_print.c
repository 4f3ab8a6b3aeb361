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

static void line(const char *colour, const char *sign, const char *name,
    const char *value)
{
	bool on = table_colour();

	printf("%s  %s %s: ", on ? colour : "", sign, name);
	for (; *value != '\0'; value++)
		putchar((unsigned char)*value < ' ' ? ' ' : *value);
	puts(on ? PLAIN : "");
}

static void print_values(const struct json *values, const char *colour,
    const char *sign)
{
	const struct json *at, *v;

	for (at = values != NULL ? values->child : NULL; at != NULL;
	    at = at->next)
		for (v = at->child; v != NULL; v = v->next)
			if (v->kind == JSON_IS_STRING)
				line(colour, sign, at->name, v->s);
}

static void print_step(struct arena *a, const struct json *step)
{
	const struct json *because = json_member(step, "because"), *x;
	const char *dn = json_member_str(step, "dn"),
	    *op = json_member_str(step, "op");
	bool on = table_colour();

	printf("%s%s %s%s  (%s)\n", on ? BOLD : "", op != NULL ? op : "",
	    dn != NULL ? dn : "", on ? PLAIN : "", print_cell(a, step,
	    "why|op"));
	print_values(json_member(step, "remove"), RED, "-");
	print_values(json_member(step, "add"), GREEN, "+");
	for (x = because != NULL ? because->child : NULL; x != NULL;
	    x = x->next)
		printf("    %s\n", x->s);
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
	    takes ? "-" : "+", print_cell(a, x, "target"),
	    print_cell(a, x, "userName|user"), print_cell(a, x, "tool"),
	    accounts != NULL ? " " : "", accounts != NULL ? accounts : "",
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
static void print_notes(const struct json *notes)
{
	const struct json *x, *n;
	const char *dn;

	for (x = notes != NULL ? notes->child : NULL; x != NULL; x = x->next) {
		dn = json_member_str(x, "dn");
		n = json_member(x, "notes");
		for (n = n != NULL ? n->child : NULL; n != NULL; n = n->next)
			printf("%s %s: %s\n", json_member_bool(x, "conflict",
			    false) ? "conflict:" : "note:", dn != NULL ? dn :
			    "", n->s);
	}
}

void plan_print(struct arena *a, const struct json *plan)
{
	const struct json *steps = json_member(plan, "steps"), *x;
	const struct json *guard = json_member(plan, "guard");

	if (steps == NULL || steps->child == NULL) {
		puts("nothing would change");
		print_notes(json_member(plan, "notes"));
		return;
	}
	for (x = steps->child; x != NULL; x = x->next)
		print_step(a, x);
	print_notes(json_member(plan, "notes"));
	print_effects(a, json_member(plan, "effects"));
	if (json_member_bool(guard, "held", false))
		printf("the guard would hold it: %s\n", print_cell(a, guard,
		    "why"));
}
