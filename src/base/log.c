/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/utf8.h"

static const char *const level_name[] = { "error", "warning", "info",
    "debug" };
static enum log_level max_level = LOG_INFO_;
static enum log_format form = LOG_TEXT;
static _Thread_local char thread_tag[64];

void log_setup(enum log_level level, enum log_format format)
{
	max_level = level;
	form = format;
}

void log_tag(const char *tag)
{
	snprintf(thread_tag, sizeof(thread_tag), "%s", tag);
}

/* Escape s into out: unsafe characters and bytes that are not UTF-8 as
 * \uXXXX, for JSON quotes too. */
static void escape(char *out, size_t size, const char *s)
{
	size_t left = strlen(s), n = 0;

	while (left > 0 && n + 8 < size) {
		uint32_t c;
		size_t k = utf8_next(s, left, &c);

		if (k == 0 || text_unsafe(c))
			n += (size_t)sprintf(out + n, "\\u%04x",
			    k ? (unsigned)c : (unsigned char)*s);
		else if (form == LOG_JSON && (c == '"' || c == '\\'))
			n += (size_t)sprintf(out + n, "\\%c", (int)c);
		else
			n += (size_t)sprintf(out + n, "%.*s", (int)k, s);
		s += k ? k : 1;
		left -= k ? k : 1;
	}
	out[n] = '\0';
}

__attribute__((format(printf, 2, 0)))
static void emit(enum log_level level, const char *fmt, va_list ap)
{
	char raw[1024], text[2048], tag[160], line[2400], when[32];
	int n;

	if (level > max_level)
		return;
	vsnprintf(raw, sizeof(raw), fmt, ap);
	escape(text, sizeof(text), raw);
	escape(tag, sizeof(tag), thread_tag);
	if (form == LOG_JSON)
		n = snprintf(line, sizeof(line), "{\"time\":\"%s\",\"level\":"
		    "\"%s\",\"tag\":\"%s\",\"message\":\"%s\"}\n",
		    clock_print_rfc3339(clock_now(), when),
		    level_name[level], tag, text);
	else
		n = snprintf(line, sizeof(line), "provostd: %s%s%s%s%s\n",
		    level < LOG_INFO_ ? level_name[level] : "",
		    level < LOG_INFO_ ? ": " : "", tag,
		    tag[0] ? ": " : "", text);
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		return;		/* nowhere left to say it */
}

#define LOGGER(name, level)				\
	void name(const char *fmt, ...)			\
	{						\
		va_list ap;				\
							\
		va_start(ap, fmt);			\
		emit(level, fmt, ap);			\
		va_end(ap);				\
	}

LOGGER(log_error, LOG_ERR_)
LOGGER(log_warn, LOG_WARN_)
LOGGER(log_info, LOG_INFO_)
LOGGER(log_debug, LOG_DEBUG_)
