/* SPDX-License-Identifier: ISC */
#include "target/pages.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "target/reply.h"

#define MAX_SEEN 10000000	/* accounts of one target */
#define MAX_CURSORS 200000
#define MAX_TRIES 5		/* of one page */
#define MAX_WAIT 300		/* seconds that are waited for a page */

void pages_begin(struct pages *p, const struct target_lister *l,
    const char *what, void (*ask)(struct pages *p),
    void (*take)(struct pages *p, const struct json *page))
{
	p->l = l;
	p->what = what;
	p->ask = ask;
	p->take = take;
	p->a = arena_new();
	p->total = -1;
}

void pages_stop(struct pages *p, int code, const struct err *e)
{
	const struct target_lister *l = p->l;
	struct err copy = *e;

	free(p->seen);
	free(p->cursors);
	free(p->cursor);
	arena_free(p->a);
	free(p);
	l->done(l->ctx, code, &copy);
}

/* --- what is wrong ------------------------------------------------------ */

void pages_wrong(struct pages *p, const char *fmt, ...)
{
	char text[sizeof(p->err.text)];
	va_list ap;

	if (p->err.code != 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&p->err, ERR_RETRY, "%s: %s", p->what, text);
}

void pages_total(struct pages *p, int64_t total)
{
	if (total < 0)
		return;
	if (p->total >= 0 && total != p->total)
		pages_wrong(p, "the list changed while it was read: %" PRId64
		    " accounts, then %" PRId64, p->total, total);
	p->total = total;
}

static void push(uint64_t **v, size_t n, size_t *cap, const char *s)
{
	if (n == *cap) {
		*cap = *cap != 0 ? *cap * 2 : 256;
		if ((*v = realloc(*v, *cap * sizeof(**v))) == NULL)
			abort();
	}
	(*v)[n] = hash_fast(s, strlen(s), 0);
}

void pages_tell(struct pages *p, const char *id, struct target_account *acc)
{
	if (p->cut || p->err.code != 0)
		return;
	if (id == NULL || *id == '\0') {
		pages_wrong(p, "a page holds an account without an id");
		return;
	}
	push(&p->seen, p->n, &p->cap, id);
	acc->remote_id = str_word(p->a, id);
	p->cut = ++p->n == MAX_SEEN || !p->l->each(p->l->ctx, acc);
}

/* A server that is stuck repeats the last cursor: look from the end. */
static void go_to(struct pages *p, const char *cursor)
{
	size_t i;

	if (p->n_cursors == MAX_CURSORS) {
		pages_wrong(p, "the list has more than %d pages", MAX_CURSORS);
		return;
	}
	push(&p->cursors, p->n_cursors, &p->cap_cursors, cursor);
	for (i = p->n_cursors; i > 0; i--)
		if (p->cursors[i - 1] == p->cursors[p->n_cursors])
			pages_wrong(p, "the list goes round in circles: the "
			    "same cursor came twice");
	p->n_cursors++;
	free(p->cursor);
	if ((p->cursor = strdup(cursor)) == NULL)
		abort();
}

static int cmp(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

static void check_end(struct pages *p)
{
	size_t i;

	if (p->total >= 0 && (uint64_t)p->total != p->n)
		pages_wrong(p, "%zu of %" PRId64 " accounts came", p->n,
		    p->total);
	if (p->n != 0)
		qsort(p->seen, p->n, sizeof(*p->seen), cmp);
	for (i = 1; i < p->n; i++)
		if (p->seen[i] == p->seen[i - 1])
			pages_wrong(p, "an account came twice: the pages "
			    "shifted while they were read");
}

static void end(struct pages *p)
{
	if (p->cut && p->err.code == 0)
		err_set(&p->err, ERR_LIMIT, "%s: there are more accounts than "
		    "can be kept", p->what);
	check_end(p);
	pages_stop(p, p->err.code, &p->err);
}

void pages_next(struct pages *p, const char *cursor, bool more)
{
	bool by_cursor = cursor != NULL && *cursor != '\0';

	p->tries = 0;
	if (by_cursor)
		go_to(p, cursor);
	if ((by_cursor || more) && p->err.code == 0 && !p->cut)
		p->ask(p);
	else
		end(p);
}

/* --- answers ------------------------------------------------------------ */

static void again(void *arg)
{
	struct pages *p = arg;

	p->ask(p);
}

/* The answer is no page. */
static void refused(struct pages *p, int code, const struct err *e)
{
	int64_t wait = e->retry_after > 0 ? e->retry_after :
	    (int64_t)1 << p->tries;

	if (code != ERR_RETRY || ++p->tries >= MAX_TRIES || wait > MAX_WAIT)
		pages_stop(p, code, e);
	else
		p->l->later(p->l->ctx, clock_mono() + wait * CLOCK_SECOND,
		    again, p);
}

void pages_answered(void *arg, const struct httpc_answer *a)
{
	struct pages *p = arg;
	struct json *page;
	struct err e = { 0 };
	char excerpt[65];
	int code = reply_code(a, p->what, &e);

	arena_reset(p->a);
	if (code == 0 && json_parse(p->a, a->body, a->len, &page, NULL) == 0 &&
	    page->kind == JSON_IS_OBJECT) {
		p->take(p, page);
		return;
	}
	if (code == 0) {
		reply_excerpt(a->body, a->len, excerpt);
		code = err_set(&e, ERR_RETRY, "%s: answered %d without a "
		    "JSON object: %s", p->what, a->status, excerpt);
	}
	refused(p, code, &e);
}
