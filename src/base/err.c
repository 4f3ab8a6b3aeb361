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

const char *err_word(int code)
{
	static const char *const word[] = {
		[-ERR_OK] = "ok", [-ERR_INVALID] = "invalid",
		[-ERR_LIMIT] = "limit", [-ERR_NOT_FOUND] = "not-found",
		[-ERR_EXISTS] = "exists", [-ERR_CONFLICT] = "conflict",
		[-ERR_DENIED] = "denied", [-ERR_REFERRED] = "referred-to",
		[-ERR_BUSY] = "busy", [-ERR_TIMEOUT] = "timeout",
		[-ERR_IO] = "io", [-ERR_CORRUPT] = "corrupt",
		[-ERR_UNSUPPORTED] = "unsupported", [-ERR_HELD] = "held",
		[-ERR_ITEM_BAD] = "item-bad", [-ERR_RETRY] = "retry",
		[-ERR_TARGET_DOWN] = "target-down", [-ERR_STOP] = "stop",
	};
	size_t i = (size_t)-code;

	if (code > 0 || i >= sizeof(word) / sizeof(word[0]) || !word[i])
		return "error";
	return word[i];
}
