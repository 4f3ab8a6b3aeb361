/* SPDX-License-Identifier: ISC */
/*
 * log: lines on standard error, for people ("area: what failed: why") or as
 * JSON. Only a thread's own loop logs, once, where it decides; lower floors
 * return errors. Control characters and bytes that are not UTF-8 are escaped.
 * No secret, and at info no personal data beyond ids. Thread safe.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERR_ = 0, LOG_WARN_, LOG_INFO_, LOG_DEBUG_ };
enum log_format { LOG_TEXT, LOG_JSON };

/* Once at start and on reload. */
void log_setup(enum log_level level, enum log_format format);
/* This thread's tag (request id, person), "" for none; copied. */
void log_tag(const char *tag);
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
