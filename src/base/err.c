/* SPDX-License-Identifier: ISC */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 4, 0)))
static int fill(struct err *e, int code, const char *kind, const char *fmt,
    va_list ap)
{
	if (e != NULL) {
		e->code = code;
		e->retry_after = 0;
		snprintf(e->kind, sizeof(e->kind), "%s", kind);
		vsnprintf(e->text, sizeof(e->text), fmt, ap);
	}
	return code;
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, code, "", fmt, ap);
	va_end(ap);
	return code;
}

int err_kind(struct err *e, int code, const char *kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, code, kind, fmt, ap);
	va_end(ap);
	return code;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->text)], head[160];
	va_list ap;

	if (e == NULL)
		return ERR_IO;
	memcpy(old, e->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	snprintf(e->text, sizeof(e->text), "%s: %.340s", head, old);
	return e->code;
}

const char *err_text(const struct err *e)
{
	return e == NULL ? "" : e->text;
}

