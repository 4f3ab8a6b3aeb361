/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "engine/drift_p.h"

#define MAX_ROWS 1000		/* differences in the report itself */
#define MAX_TEXT ((size_t)1 << 20)
#define MAX_LINE (64 * 1024)

static const char *const word[DRIFT_STATES] = { "seen", "missing", "extra",
	"unmanaged", "pending" };
static const char *const column[] = { "target", "state", "person", "userName",
	"tool", "account", "remoteId", "confirmed" };
#define COLUMNS (sizeof(column) / sizeof(column[0]))

static void write_line(struct report *r, const struct csv_format *f,
    const char *const *cell)
{
	struct buf line;

	buf_init(&line, MAX_LINE);
	csv_put(&line, f, cell, COLUMNS);
	if (r->csv != NULL && (line.failed || fwrite(line.data, 1, line.len,
	    r->csv) != line.len)) {
		fclose(r->csv);
		r->csv = NULL;
	}
	buf_fini(&line);
}

struct report *report_new(const char *target, uint64_t run)
{
	struct arena *a = arena_new();
	struct report *r = arena_alloc(a, sizeof(*r));

	r->a = a;
	r->target = arena_strdup(a, target);
	r->run = run;
	r->started = clock_now();
	r->why = r->held = "";
	buf_init(&r->rows, MAX_TEXT);
	if ((r->csv = tmpfile()) != NULL)
		write_line(r, NULL, column);
	return r;
}

void report_free(struct report *r)
{
	if (r == NULL)
		return;
	if (r->csv != NULL)
		fclose(r->csv);
	buf_fini(&r->rows);
	arena_free(r->a);
}

struct drift_count *report_count(struct report *r, const char *tool)
{
	size_t i;

	for (i = 0; i < r->n_counts; i++)
		if (str_ieq(r->count[i].tool, tool))
			return &r->count[i];
	r->count = arena_grow(r->a, r->count, r->n_counts, r->n_counts + 1,
	    sizeof(*r->count));
	r->count[r->n_counts] = (struct drift_count){
	    .tool = arena_strdup(r->a, tool) };
	return &r->count[r->n_counts++];
}

/* --- rows --------------------------------------------------------------- */

static void put(struct buf *out, const char *name, const char *value,
    char before)
{
	buf_printf(out, "%c\"%s\":", before, name);
	json_text(out, value);
}

static void show_difference(struct report *r, const struct drift_row *row)
{
	struct buf *out = &r->rows;

	if (r->n_rows == MAX_ROWS) {
		r->more++;
		return;
	}
	if (r->n_rows++ != 0)
		buf_putc(out, ',');
	put(out, "state", word[row->state], '{');
	put(out, "person", row->person, ',');
	put(out, "userName", row->user, ',');
	put(out, "tool", row->tool, ',');
	put(out, "account", row->account, ',');
	put(out, "remoteId", row->remote_id, ',');
	buf_putc(out, '}');
}

void report_row(struct report *r, const struct drift_row *row)
{
	static const struct csv_format guard = { .guard = true };
	char when[32] = "";
	const char *cell[COLUMNS] = { r->target, word[row->state], row->person,
	    row->user, row->tool, row->account, row->remote_id, when };

	if (row->confirmed != 0)
		clock_print_rfc3339(row->confirmed, when);
	write_line(r, &guard, cell);
	if (row->state != DRIFT_SEEN && row->state != DRIFT_PENDING)
		show_difference(r, row);
}

/* --- the whole ---------------------------------------------------------- */

static void write_counts(const struct report *r, struct buf *out)
{
	size_t i, s;

	buf_puts(out, ",\"tools\":[");
	for (i = 0; i < r->n_counts; i++) {
		put(out, "tool", r->count[i].tool, '{');
		for (s = 0; s < DRIFT_STATES; s++)
			buf_printf(out, ",\"%s\":%" PRIu64, word[s],
			    r->count[i].people[s]);
		buf_puts(out, i + 1 < r->n_counts ? "}," : "}");
	}
	buf_putc(out, ']');
}

void report_write(const struct report *r, bool rows, struct buf *out)
{
	char when[32];

	buf_printf(out, "\"run\":%" PRIu64, r->run);
	put(out, "started", clock_print_rfc3339(r->started, when), ',');
	put(out, "ended", clock_print_rfc3339(r->ended, when), ',');
	buf_printf(out, ",\"complete\":%s", r->complete ? "true" : "false");
	put(out, "why", r->why, ',');
	put(out, "held", r->held, ',');
	buf_printf(out, ",\"accounts\":%" PRIu64 ",\"people\":%" PRIu64
	    ",\"missing\":%" PRIu64 ",\"extra\":%" PRIu64 ",\"unmanaged\":%"
	    PRIu64 ",\"corrected\":%" PRIu64 ",\"stripped\":%" PRIu64,
	    r->accounts, r->people, r->missing, r->extra, r->unmanaged,
	    r->corrected, r->stripped);
	write_counts(r, out);
	if (rows)
		buf_printf(out, ",\"differences\":[%s],\"more\":%zu",
		    buf_str(&r->rows), r->more);
}
