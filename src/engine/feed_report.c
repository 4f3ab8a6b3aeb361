/* SPDX-License-Identifier: ISC */
#include "engine/feed_report.h"

#include <inttypes.h>

#include "codec/json.h"
#include "engine/feed_run.h"

#define SHOWN_MAX 1000
#define ROWS_MAX (4u << 20)

const char *feed_report_word(enum feed_what what)
{
	static const char *const words[FEED_WHATS] = { "join", "move",
	    "leave", "same", "bad" };

	return words[what];
}

void feed_report_init(struct feed_report *r, FILE *file)
{
	*r = (struct feed_report){ .file = file };
	buf_init(&r->rows, ROWS_MAX);
}

static void put(struct feed_report *r, struct buf *line)
{
	if (r->file != NULL)
		fprintf(r->file, "%s\n", buf_str(line));
	if (r->shown >= SHOWN_MAX ||
	    r->rows.len + line->len + 1 > ROWS_MAX) {
		r->cut = true;
	} else {
		if (r->shown++ > 0)
			buf_putc(&r->rows, ',');
		buf_put(&r->rows, line->data, line->len);
	}
	buf_fini(line);
}

static void member(struct buf *b, const char *name, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	buf_printf(b, ",\"%s\":", name);
	json_text(b, text);
}

void feed_report_row(struct feed_report *r, const struct feed_step *s,
    const char *why)
{
	enum feed_what what = why != NULL ? FEED_BAD : s->what;
	struct buf line;

	if (what == FEED_SAME)
		return;
	buf_init(&line, 65536);
	buf_printf(&line, "{\"do\":\"%s\"", feed_report_word(what));
	if (s->row != 0)
		buf_printf(&line, ",\"row\":%" PRIu64, s->row);
	if (s->line != 0)
		buf_printf(&line, ",\"line\":%" PRIu64, s->line);
	member(&line, "key", s->key);
	member(&line, "why", why != NULL ? why : s->why);
	buf_putc(&line, '}');
	put(r, &line);
}

void feed_report_failed(struct feed_report *r, const char *key,
    const char *why)
{
	struct buf line;

	buf_init(&line, 65536);
	buf_puts(&line, "{\"do\":\"failed\"");
	member(&line, "key", key);
	member(&line, "why", why);
	buf_putc(&line, '}');
	put(r, &line);
}

static void put_counts(struct buf *b, const struct feed_report *r)
{
	const struct feed_counts *c = &r->counts;
	int i;

	buf_printf(b, ",\"rows\":%" PRIu64, c->rows);
	for (i = 0; i < FEED_WHATS; i++)
		buf_printf(b, ",\"%s\":%" PRIu64,
		    feed_report_word((enum feed_what)i), c->n[i]);
	buf_printf(b, ",\"written\":%" PRIu64 ",\"failed\":%" PRIu64
	    ",\"managersOpen\":%" PRIu64 ",\"complete\":%s", r->written,
	    r->failed, c->deferred, c->unknown > 0 ? "false" : "true");
}

void feed_report_end(struct feed_report *r, const struct feed_run *run,
    struct feed_outcome *out)
{
	struct buf *b = &out->report;

	buf_init(b, ROWS_MAX + 65536);
	buf_puts(b, "{\"feed\":");
	json_text(b, feed_config(run->feed)->name);
	buf_printf(b, ",\"mode\":\"%s\"", run->apply ? "apply" : "plan");
	buf_printf(b, ",\"outcome\":\"%s\"", out->code == 0 ?
	    run->once && out->again ? "skipped" : run->apply ? "applied" :
	    "planned" : out->code == ERR_HELD ? "held" :
	    "refused");
	if (out->code != 0)
		member(b, "why", out->err.text);
	member(b, "held", out->held);
	member(b, "batch", r->batch);
	member(b, "hash", r->hash);
	member(b, "sha256", r->sum);
	put_counts(b, r);
	buf_printf(b, ",\"cut\":%s,\"report\":[", r->cut ? "true" : "false");
	buf_put(b, r->rows.data, r->rows.len);
	buf_puts(b, "]}");
	buf_fini(&r->rows);
}
