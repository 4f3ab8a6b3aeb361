/* SPDX-License-Identifier: ISC */
#include "directory/cookie.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "store/view.h"

#define STORED_MAX (1u << 20)

int cookie_load(struct view *v, struct arena *a, struct cookie *out,
	struct err *e)
{
	void *stored;
	size_t n, origin;
	const char *p, *end;
	int rc = view_cookie(v, a, &stored, &n, e);

	*out = (struct cookie){ .p = "" };
	if (rc != 0 || n == 0)
		return rc;
	p = stored;
	end = memchr(p, '\n', n);
	if (end == NULL)
		return 0;
	origin = (size_t)(end - p);
	out->origin = arena_strndup(a, p, origin);
	out->p = end + 1;
	out->n = n - origin - 1;
	return 0;
}

int cookie_store(struct view_write *w, const struct cookie *c, struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, STORED_MAX);
	buf_puts(&b, c->origin);
	buf_putc(&b, '\n');
	buf_put(&b, c->p, c->n);
	if (b.failed)
		rc = err_set(e, ERR_LIMIT, "the provider's cookie is too long");
	else
		rc = view_set_cookie(w, b.data, b.len, e);
	buf_fini(&b);
	return rc;
}
