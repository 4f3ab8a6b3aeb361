/* SPDX-License-Identifier: ISC */
#include "base/buf.h"
#include "codec/json.h"
#include "codec/scim_filter.h"

static const char *const words[] = { "and", "or", "not", "eq", "ne", "co",
	"sw", "ew", "gt", "ge", "lt", "le", "pr", "" };

static void print_path(struct buf *out, const struct scim_path *p)
{
	if (p->urn != NULL) {
		buf_puts(out, p->urn);
		buf_putc(out, ':');
	}
	buf_puts(out, p->attr);
	if (p->value != NULL) {
		buf_putc(out, '[');
		scim_filter_print(out, p->value);
		buf_putc(out, ']');
	}
	if (p->sub != NULL) {
		buf_putc(out, '.');
		buf_puts(out, p->sub);
	}
}

/* Parentheses where the tree would otherwise come out another: "and" binds
 * closer than "or", both to the left. */
static void print_side(struct buf *out, const struct filter *f,
    enum filter_op parent, bool right)
{
	bool wrap = f->op == FILTER_OR ? parent == FILTER_AND || right :
	    f->op == FILTER_AND && right && parent == FILTER_AND;

	if (wrap)
		buf_putc(out, '(');
	scim_filter_print(out, f);
	if (wrap)
		buf_putc(out, ')');
}

static void print_leaf(struct buf *out, const struct filter *f)
{
	print_path(out, &f->path);
	buf_putc(out, ' ');
	buf_puts(out, words[f->op]);
	if (f->op == FILTER_PR)
		return;
	buf_putc(out, ' ');
	if (f->type == FT_STRING)
		json_text(out, f->s);
	else
		buf_puts(out, f->s);
}

void scim_filter_print(struct buf *out, const struct filter *f)
{
	switch (f->op) {
	case FILTER_AND:
	case FILTER_OR:
		print_side(out, f->left, f->op, false);
		buf_printf(out, " %s ", words[f->op]);
		print_side(out, f->right, f->op, true);
		return;
	case FILTER_NOT:
		buf_puts(out, "not (");
		scim_filter_print(out, f->left);
		buf_putc(out, ')');
		return;
	case FILTER_VALUE:
		print_path(out, &f->path);
		buf_putc(out, '[');
		scim_filter_print(out, f->left);
		buf_putc(out, ']');
		return;
	case FILTER_TRUE:
	case FILTER_FALSE:
		buf_puts(out, f->op == FILTER_TRUE ? "id pr" : "not (id pr)");
		return;
	case FILTER_EQ:
	case FILTER_NE:
	case FILTER_CO:
	case FILTER_SW:
	case FILTER_EW:
	case FILTER_GT:
	case FILTER_GE:
	case FILTER_LT:
	case FILTER_LE:
	case FILTER_PR:
		break;
	}
	print_leaf(out, f);
}
