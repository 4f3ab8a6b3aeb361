/* SPDX-License-Identifier: ISC */
/*
 * mail: the mail server. An action names a mail (core/notice); what it says is
 * asked of the source when it is sent, so that nothing of it is stored, and
 * filled into the templates, which are read once: KIND.txt, its first line
 * "Subject: ..." and the second empty, and, if there is one, KIND.html. The
 * Message-ID is the action's key: a mail that is repeated because nobody knows
 * whether it was taken has the same.
 *
 *   taken                                    0
 *   4xx, cut off                             ERR_RETRY
 *   5xx; no address, a name with a line end  ERR_ITEM_BAD
 *   no connection, time-out, no greeting     ERR_TARGET_DOWN
 *   no login, no STARTTLS                    ERR_STOP
 *
 * To forget a receipt sends nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/text.h"
#include "codec/mime.h"
#include "codec/template.h"
#include "link/smtp.h"
#include "target/target.h"

#define MAX_TEMPLATE (256 * 1024)
#define MAX_MESSAGE (4 * 1024 * 1024)
#define SUBJECT "Subject: "

struct form {
	struct template subject, text, html;
	bool has_html;
};

struct mail {
	struct target t;
	struct httpc *http;
	struct smtp_server server;
	struct arena *a;		/* owned: the templates */
	struct form form[NOTICE_MAILS];
	char what[256];
};

/* One mail under way. */
struct sending {
	struct arena *a;		/* owned */
	struct buf message;
	void (*done)(void *arg, const struct target_result *r);
	void *arg;
};

/* --- templates ------------------------------------------------------------- */

/* The whole file; *out NULL: there is none, which html may be. */
static int read_file(struct mail *m, const char *path, bool required,
    const char **out, struct err *e)
{
	FILE *f = fopen(path, "re");
	char block[4096];
	struct buf b;
	size_t n;
	int rc = 0;

	*out = NULL;
	if (f == NULL && errno == ENOENT && !required)
		return 0;
	if (f == NULL)
		return err_set(e, ERR_INVALID, "cannot read the template %s: "
		    "%m", path);
	buf_init(&b, MAX_TEMPLATE);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_put(&b, block, n);
	if (ferror(f) || b.failed)
		rc = err_set(e, ERR_INVALID, "the template %s is larger than "
		    "%d bytes or cannot be read", path, MAX_TEMPLATE);
	else if (strlen(buf_str(&b)) != b.len)
		rc = err_set(e, ERR_INVALID, "the template %s is no text",
		    path);
	fclose(f);
	m->t.files = hash_fast(buf_str(&b), b.len, m->t.files + b.len);
	*out = arena_strdup(m->a, buf_str(&b));
	buf_fini(&b);
	return rc;
}

/* The subject's line, cut off: what is behind the empty line. */
static int split(const char *path, const char **text, char **subject,
    struct arena *a, struct err *e)
{
	size_t n = strcspn(*text, "\r\n");
	const char *rest = *text + n;

	if (!str_starts(*text, SUBJECT) || n == strlen(SUBJECT))
		return err_set(e, ERR_INVALID, "%s: the first line must be "
		    "\"" SUBJECT "...\"", path);
	*subject = arena_strndup(a, *text + strlen(SUBJECT),
	    n - strlen(SUBJECT));
	rest += *rest == '\r';
	rest += *rest == '\n';
	if (*rest != '\r' && *rest != '\n')
		return err_set(e, ERR_INVALID, "%s: the second line must be "
		    "empty", path);
	rest += *rest == '\r';
	rest += *rest == '\n';
	*text = rest;
	return 0;
}

static int read_form(struct mail *m, enum notice_kind kind, struct err *e)
{
	const char *const *names = notice_names(kind);
	const char *dir = m->t.conf.templates, *text, *html;
	const char *path = arena_printf(m->a, "%s/%s.txt", dir,
	    notice_word(kind));
	struct form *form = &m->form[kind];
	char *subject = NULL;
	int rc;

	if ((rc = read_file(m, path, true, &text, e)) != 0 ||
	    (rc = split(path, &text, &subject, m->a, e)) != 0 ||
	    (rc = template_read(m->a, path, 1, subject, names,
	    &form->subject, e)) != 0 || (rc = template_read(m->a, path, 3,
	    text, names, &form->text, e)) != 0)
		return rc;
	path = arena_printf(m->a, "%s/%s.html", dir, notice_word(kind));
	rc = read_file(m, path, false, &html, e);
	form->has_html = html != NULL;
	return rc != 0 || html == NULL ? rc :
	    template_read(m->a, path, 1, html, names, &form->html, e);
}

/* --- opening ------------------------------------------------------------------ */

static int check(struct mail *m, struct err *e)
{
	const struct target_conf *c = &m->t.conf;
	int rc, k;

	if ((rc = smtp_check(&m->server, e)) != 0)
		return err_wrap(e, "target %s", c->name);
	if (!text_address(c->from))
		return err_set(e, ERR_INVALID, "target %s: from is no e-mail "
		    "address", c->name);
	if (!str_istarts(c->link, "https://") &&
	    !str_istarts(c->link, "http://"))
		return err_set(e, ERR_INVALID, "target %s: link must be the "
		    "URL of the page where people register", c->name);
	for (k = 0; k < NOTICE_MAILS; k++)
		if ((rc = read_form(m, (enum notice_kind)k, e)) != 0)
			return err_wrap(e, "target %s", c->name);
	return 0;
}

static void mail_close(struct target *t)
{
	struct mail *m = (struct mail *)(void *)t;

	target_conf_fini(&t->conf);
	arena_free(m->a);
	free(m);
}

static int mail_open(const struct target_conf *c, struct httpc *h,
    struct target **out, struct err *e)
{
	struct mail *m = calloc(1, sizeof(*m));
	int rc;

	if (m == NULL)
		abort();
	m->t.kind = &target_mail;
	m->http = h;
	m->a = arena_new();
	target_conf_copy(&m->t.conf, c);
	m->server = (struct smtp_server){ m->t.conf.url, m->t.conf.hello,
	    m->t.conf.user, m->t.conf.token, m->t.conf.ca_file, c->insecure,
	    c->timeout };
	snprintf(m->what, sizeof(m->what), "%s from %s", m->t.conf.url,
	    m->t.conf.from);
	if ((rc = check(m, e)) != 0)
		mail_close(&m->t);
	else
		*out = &m->t;
	return rc;
}

/* --- sending -------------------------------------------------------------------- */

static void finish(struct sending *s, int code, const struct err *e)
{
	struct target_result r = { .code = code, .remote_id = "-" };

	if (code != 0)
		r.err = *e;
	r.err.code = code;
	s->done(s->arg, &r);
	buf_fini(&s->message);
	arena_free(s->a);
}

/* Codes about who we are concern every mail, those to the mail only one. */
static int refusal(const struct smtp_answer *a)
{
	bool login = a->status == 530 || a->status == 534 ||
	    a->status == 535 || a->status == 538;

	if (login || a->status == 0)
		return ERR_STOP;
	if (!a->refused)
		return ERR_TARGET_DOWN;
	return a->status < 500 ? ERR_RETRY : ERR_ITEM_BAD;
}

static void answered(void *arg, const struct smtp_answer *a)
{
	int code = 0;

	switch (a->err.code) {
	case 0:
		break;
	case ERR_BUSY: case ERR_TIMEOUT:
		code = ERR_TARGET_DOWN;
		break;
	case ERR_DENIED:
		code = refusal(a);
		break;
	default:
		code = ERR_RETRY;
	}
	finish(arg, code, &a->err);
}

static const char *fill(struct arena *a, const struct template *t,
    const char *const *value, bool html, bool *too_large)
{
	struct buf out;
	const char *s;

	buf_init(&out, MAX_MESSAGE);
	template_write(t, value, html, &out);
	*too_large |= out.failed;
	s = arena_strdup(a, buf_str(&out));
	buf_fini(&out);
	return s;
}

static int write_message(const struct mail *m, struct sending *s,
    const struct letter *l, const char *key, struct err *e)
{
	const struct target_conf *c = &m->t.conf;
	const struct form *form = &m->form[l->kind];
	bool cut = false;
	struct mime_message msg = { .from_name = c->from_name,
	    .from = c->from, .to_name = l->name, .to = l->address,
	    .subject = fill(s->a, &form->subject, l->value, false, &cut),
	    .id = arena_printf(s->a, "%s@%s", key, strchr(c->from, '@') + 1),
	    .date = clock_now(),
	    .text = fill(s->a, &form->text, l->value, false, &cut) };
	int rc;

	if (form->has_html)
		msg.html = fill(s->a, &form->html, l->value, true, &cut);
	if (*l->address == '\0')
		return err_set(e, ERR_ITEM_BAD, "the person has no e-mail "
		    "address");
	if ((rc = mime_write(s->a, &msg, &s->message, e)) != 0)
		return ERR_ITEM_BAD;
	if (cut || s->message.failed)
		return err_set(e, ERR_ITEM_BAD, "the mail is larger than %d "
		    "bytes", MAX_MESSAGE);
	return rc;
}

static int send_mail(struct mail *m, struct sending *s,
    const struct target_person *p, const struct action *act, struct err *e)
{
	const struct target_source *source = m->t.conf.source;
	struct letter l;
	struct smtp_mail mail;
	int rc;

	if (act->kind != ACTION_MAIL)
		return err_set(e, ERR_ITEM_BAD, "the target takes mails, no "
		    "grants: give the tool another provostTarget");
	if ((rc = source->letter(source->ctx, s->a, p->id, act,
	    m->t.conf.link, &l, e)) != 0 ||
	    (rc = write_message(m, s, &l, act->key, e)) != 0)
		return rc;
	mail = (struct smtp_mail){ m->t.conf.from, l.address,
	    buf_str(&s->message), s->message.len };
	if (smtp_submit(m->http, &m->server, &mail, answered, s, e) != 0)
		return ERR_RETRY;
	return 0;
}

static void mail_apply(struct target *t, const struct target_person *p,
    const struct action *act,
    void (*done)(void *arg, const struct target_result *r), void *arg)
{
	struct arena *a = arena_new();
	struct sending *s = arena_alloc(a, sizeof(*s));
	struct err e = { 0 };
	int rc;

	*s = (struct sending){ .a = a, .done = done, .arg = arg };
	buf_init(&s->message, MAX_MESSAGE);
	if (act->kind == ACTION_REMOVE)
		finish(s, 0, NULL);
	else if ((rc = send_mail((struct mail *)(void *)t, s, p, act,
	    &e)) != 0)
		finish(s, rc, &e);
}

static const char *mail_describe(const struct target *t)
{
	return ((const struct mail *)(const void *)t)->what;
}

const struct target_kind target_mail = { "mail", mail_open, mail_close,
    mail_apply, mail_describe, NULL, NULL };
