/* SPDX-License-Identifier: ISC */
#include "link/smtp.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "link/httpc_p.h"

struct transfer {
	struct httpc_transfer t;	/* first: a transfer is its mail */
	struct curl_slist *to;
	const char *message;		/* borrowed until done */
	size_t len, at;
	bool sending;			/* the message itself was asked for */
	char reply[128];		/* the last line that said no */
	void (*done)(void *arg, const struct smtp_answer *a);
	void *arg;
};

/* --- what is checked -------------------------------------------------------- */

static bool only(const char *s, const char *more)
{
	for (; *s != '\0'; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= '0' && *s <= '9') && strchr(more, *s) == NULL)
			return false;
	return true;
}

/* Scheme, host and port, nothing behind: libcurl takes a path for the name
 * it says in EHLO. */
int smtp_check(const struct smtp_server *s, struct err *e)
{
	const char *host = str_istarts(s->url, "smtp://") ? s->url + 7 :
	    str_istarts(s->url, "smtps://") ? s->url + 8 : "";

	if (*host == '\0' || !only(host, ".-:[]"))
		return err_set(e, ERR_INVALID, "the URL must be like "
		    "smtp://host:587 or smtps://host:465");
	if (!only(s->hello, ".-"))
		return err_set(e, ERR_INVALID, "the name for EHLO must be a "
		    "host name");
	return 0;
}

static int check_mail(const struct smtp_mail *m, struct err *e)
{
	if (!text_address(m->from))
		return err_set(e, ERR_INVALID, "the sender is no e-mail "
		    "address");
	if (!text_address(m->to))
		return err_set(e, ERR_INVALID, "the recipient is no e-mail "
		    "address");
	return 0;
}

/* --- one mail ------------------------------------------------------------------ */

static void transfer_free(struct transfer *m)
{
	if (m->t.easy != NULL)
		curl_easy_cleanup(m->t.easy);
	curl_slist_free_all(m->to);
	free(m);
}

static size_t give(char *to, size_t size, size_t n, void *arg)
{
	struct transfer *m = arg;

	m->sending = true;
	n *= size;
	n = n < m->len - m->at ? n : m->len - m->at;
	memcpy(to, m->message + m->at, n);
	m->at += n;
	return n;
}

/* Every line the server says comes by here; a no is worth keeping. */
static size_t hear(char *line, size_t size, size_t n, void *arg)
{
	struct transfer *m = arg;
	size_t i;

	n *= size;
	if (n == 0 || (*line != '4' && *line != '5'))
		return n;
	for (i = 0; i < n && i < sizeof(m->reply) - 1 &&
	    line[i] != '\r' && line[i] != '\n'; i++)
		m->reply[i] = line[i] >= ' ' && line[i] < 0x7f ? line[i] : '.';
	m->reply[i] = '\0';
	return n;
}

static void set_server(CURL *c, const struct smtp_server *s)
{
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(s->insecure ?
	    CURLUSESSL_TRY : CURLUSESSL_ALL));
	if (*s->user == '\0')
		return;
	curl_easy_setopt(c, CURLOPT_USERNAME, s->user);
	curl_easy_setopt(c, CURLOPT_PASSWORD, s->password);
}

static int set_mail(struct transfer *m, const struct smtp_mail *mail)
{
	CURL *c = m->t.easy;
	char from[264];

	snprintf(from, sizeof(from), "<%s>", mail->from);
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, from);
	snprintf(from, sizeof(from), "<%s>", mail->to);
	if ((m->to = curl_slist_append(NULL, from)) == NULL)
		return -1;
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, m->to);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail->len);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(c, CURLOPT_READDATA, (void *)m);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, hear);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, (void *)m);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, hear);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, (void *)m);
	return 0;
}

static struct transfer *transfer_new(const struct smtp_server *s,
    const struct smtp_mail *mail)
{
	struct transfer *m = calloc(1, sizeof(*m));
	char url[512];

	if (m == NULL)
		return NULL;
	m->message = mail->message;
	m->len = mail->len;
	snprintf(url, sizeof(url), "%s%s%s", s->url, *s->hello ? "/" : "",
	    s->hello);
	if ((m->t.easy = curl_easy_init()) == NULL ||
	    set_mail(m, mail) != 0) {
		transfer_free(m);
		return NULL;
	}
	httpc_prepare(&m->t, url, s->timeout, s->ca_file);
	set_server(m->t.easy, s);
	return m;
}

/* --- how it ended ----------------------------------------------------------------- */

/* Did the server say no to the sender, the recipient or the message? libcurl
 * has one code for the commands; another for the greeting and the end. */
static bool refused(const struct transfer *m, int code)
{
	return code == CURLE_SEND_ERROR ||
	    (code == CURLE_WEIRD_SERVER_REPLY && m->sending);
}

static void fill(struct smtp_answer *a, const struct transfer *m, int code)
{
	long status = 0;

	curl_easy_getinfo(m->t.easy, CURLINFO_RESPONSE_CODE, &status);
	memcpy(a->text, m->reply, sizeof(a->text));
	if (code == CURLE_OK)
		return;
	if (status >= 400 && status < 600 && code != HTTPC_CLOSING) {
		a->status = (int)status;
		a->refused = refused(m, code);
		err_set(&a->err, ERR_DENIED, "the mail server answers: %s",
		    a->text);
	} else if (code == CURLE_USE_SSL_FAILED) {
		err_set(&a->err, ERR_DENIED, "the mail server offers no "
		    "STARTTLS; see mail.insecure");
	} else if (code == CURLE_LOGIN_DENIED) {
		err_set(&a->err, ERR_DENIED, "the mail server takes no login "
		    "that we know: see mail.user");
	} else {
		err_set(&a->err, httpc_code(code), "%s",
		    httpc_text(&m->t, code));
	}
}

static void ended(struct httpc_transfer *t, int code)
{
	struct transfer *m = (struct transfer *)(void *)t;
	struct smtp_answer a = { 0 };

	fill(&a, m, code);
	m->done(m->arg, &a);
	transfer_free(m);
}

int smtp_submit(struct httpc *h, const struct smtp_server *s,
    const struct smtp_mail *mail,
    void (*done)(void *arg, const struct smtp_answer *a), void *arg,
    struct err *e)
{
	struct transfer *m;
	int rc;

	if ((rc = smtp_check(s, e)) != 0 || (rc = check_mail(mail, e)) != 0)
		return rc;
	if ((m = transfer_new(s, mail)) == NULL)
		return err_set(e, ERR_IO, "mail: out of memory");
	m->t.ended = ended;
	m->done = done;
	m->arg = arg;
	if ((rc = httpc_begin(h, &m->t, e)) != 0)
		transfer_free(m);
	return rc;
}
