/* SPDX-License-Identifier: ISC */
#include "codec/ldif.h"
#include "model/change.h"
#include "sheet_help.h"

static struct buf out;
static struct arena *a;
static bool closed;	/* what was read last */

static void put_val(const char *name, const struct val *v)
{
	size_t i;

	buf_printf(&out, " %s=", name);
	for (i = 0; i < v->n; i++)
		buf_printf(&out, v->p[i] < ' ' && v->p[i] >= 0 ? "\\%02x" :
		    "%c", v->p[i]);
	assert_int_equal(v->p[v->n], '\0');
}

static void put_entry(const struct entry *en)
{
	size_t i, k;

	for (i = 0; i < en->n; i++)
		for (k = 0; k < en->a[i].n; k++)
			put_val(en->a[i].name, &en->a[i].v[k]);
}

static void put_change(const struct change *c)
{
	static const char *const kind[] = { "add", "modify", "delete" };
	static const char *const op[] = { "+", "-", "=" };
	size_t i, k;

	buf_printf(&out, " %s", kind[c->kind]);
	if (c->kind == CHANGE_ADD)
		put_entry(c->entry);
	for (i = 0; i < c->n; i++) {
		buf_printf(&out, " %s%s", op[c->mod[i].op], c->mod[i].name);
		for (k = 0; k < c->mod[i].n; k++)
			put_val("", &c->mod[i].v[k]);
	}
}

static void put_record(const struct ldif_record *r)
{
	buf_printf(&out, "%d %s", (int)r->line, r->dn);
	if (r->kind == LDIF_ENTRY)
		put_entry(r->entry);
	else if (r->kind == LDIF_CHANGE)
		put_change(r->change);
	else
		buf_printf(&out, " rename %s %d %s", r->new_rdn,
		    r->delete_old, r->new_superior ? r->new_superior : "-");
	buf_putc(&out, '\n');
}

static const char *all_of(struct source *s, const struct ldif_conf *conf)
{
	struct ldif *l = ldif_open(s, conf);
	struct ldif_record r;
	struct err e = { 0 };
	int rc;

	buf_fini(&out);
	buf_init(&out, 1u << 24);
	for (;;) {
		arena_reset(a);
		rc = ldif_next(l, a, &r, &e);
		if (rc == 1)
			put_record(&r);
		else if (rc < 0)
			buf_printf(&out, "%s %s\n", rc == ERR_ITEM_BAD ? "!" :
			    "X", e.text);
		if (rc != 1 && rc != ERR_ITEM_BAD)
			break;
	}
	closed = ldif_closed(l);
	assert_int_equal(ldif_next(l, a, &r, &e), rc);
	assert_int_equal(ldif_closed(l), closed);
	if (!ldif_whole(l))
		buf_puts(&out, "cut off\n");
	ldif_close(l);
	return buf_str(&out);
}

static const char *read_n(const char *text, size_t n,
    const struct ldif_conf *conf)
{
	struct source s = source_mem(text, n);
	char *pieces;

	s.read = sheet_one_byte;
	pieces = strdup(all_of(&s, conf));
	s = source_mem(text, n);
	assert_string_equal(all_of(&s, conf), pieces);
	free(pieces);
	return buf_str(&out);
}

static const char *read(const char *text)
{
	return read_n(text, strlen(text), NULL);
}

#define OK "dn: cn=z\nx: y\n"

/* A record is refused with this reason, the one behind it is read. */
static void refuse(const char *record, const char *why)
{
	char *text;

	assert_true(asprintf(&text, "%s\n\n" OK, record) > 0);
	sheet_has(read(text), why);
	if (strncmp(buf_str(&out), "! LDIF: line ", 13) != 0 ||
	    strstr(buf_str(&out), " cn=z x=y\n") == NULL)
		fail_msg("%s: %s", record, buf_str(&out));
	free(text);
}

static void refuse_change(const char *type, const char *rest, const char *why)
{
	char *text;

	assert_true(asprintf(&text, "dn: cn=a\nchangetype: %s\n%s\n\ndn: cn=z\n"
	    "changetype: delete\n", type, rest) > 0);
	sheet_has(read(text), why);
	if (strstr(buf_str(&out), " cn=z delete\n") == NULL)
		fail_msg("%s: %s", text, buf_str(&out));
	free(text);
}

static void entries(void **state)
{
	(void)state;
	assert_string_equal(read("\xef\xbb\xbf" "version: 1\n# comment\n  "
	    "folded\ndn: cn=Anna\r\n Arb\r\nsn:Arb\nsn;lang-de:  x \n"
	    "mail:\ncn:: Sm9zw6k=\n\n\n\n# more\ndn:: Y249Yg==\nphoto:: AAEC"),
	    "4 cn=AnnaArb sn=Arb sn;lang-de=x  mail= cn=Jos\xc3\xa9\n"
	    "14 cn=b photo=\\00\\01\\02\ncut off\n");
	assert_string_equal(read(""), "");
	assert_string_equal(read("version: 1\n"), "");
	assert_string_equal(read("\n# x\n\n"), "");
	assert_string_equal(read("version: 1\n\n" OK), "3 cn=z x=y\n");
	assert_string_equal(read("dn: cn=a\nsn: Jos\xc3\xa9\nsn: b: c\n"),
	    "1 cn=a sn=Jos\xc3\xa9 sn=b: c\n");
}

static void changes(void **state)
{
	(void)state;
	assert_string_equal(read("dn: cn=a\nchangetype: add\nsn: x\nsn: y\n\n"
	    "dn: cn=b\nChangeType: Modify\nadd: m\nm: 1\nM:: Mg==\n-\n"
	    "delete: d\n-\nreplace: r\n-\nreplace: s;x-y\ns;x-y: 1\n\n"
	    "dn: cn=c\nchangetype: delete\n\n"
	    "dn: cn=d\nchangetype: modrdn\nnewrdn: cn=e\ndeleteoldrdn: 1\n\n"
	    "dn: cn=d\nchangetype: moddn\nnewrdn: cn=e\ndeleteoldrdn: 0\n"
	    "newsuperior: ou=f\n"),
	    "1 cn=a add sn=x sn=y\n"
	    "6 cn=b modify +m =1 =2 -d =r =s;x-y =1\n"
	    "19 cn=c delete\n22 cn=d rename cn=e 1 -\n"
	    "27 cn=d rename cn=e 0 ou=f\n");
}

/* Nothing outside the file is read, however it is written. */
static void outside(void **state)
{
	(void)state;
	refuse("dn: cn=a\njpegPhoto:< file:///etc/passwd",
	    "line 2: jpegPhoto:< names a URL, which is not followed");
	refuse("dn:< file:///etc/passwd\nx: y", "line 1: dn:<");
	refuse("include: file:///etc/passwd", "line 1: include: is not");
	refuse("inc\n lude: file:///etc/passwd", "line 1: include: is not");
	refuse("dn: cn=a\njpeg\n Photo:\n < file:///etc/passwd", "line 2: "
	    "jpegPhoto:<");
	refuse("i\n n\n c\n lude:\n  file:///etc/passwd", "line 1: include:");
	refuse("INCLUDE: file:///etc/passwd", "line 1: include: is not");
	refuse("include:: ZmlsZTovLy9ldGMvcGFzc3dk", "line 1: include: is not");
	refuse("include:< file:///etc/passwd", "line 1: include:<");
	/* Inside a record it is an attribute's name, and opens nothing. */
	sheet_has(read("dn: cn=a\ninclude: file:///etc/passwd\n"),
	    "1 cn=a include=file:///etc/passwd\n");
	refuse_change("modify", "add: a\na:< file:///x\n-", "line 4: a:<");
	sheet_has(read("include: file:///etc/passwd\n" OK), "! LDIF: line 1");
}

static void faults(void **state)
{
	(void)state;
	refuse("x: y", "line 1: \"x:\" where dn should stand");
	refuse("dn: cn=a", "line 2: the record ends behind its dn");
	refuse("dn: nonsense\nx: y", "line 1: dn: ");
	refuse("dn:: /w==\nx: y", "line 1: dn: not UTF-8");
	refuse("dn:: Y249Y\nx: y", "line 1: dn: not base64");
	refuse("dn: cn=a\nx:: A=A", "line 2: x: not base64");
	refuse("dn: cn=a\nx:: QQ\nx: 1", "line 2: x: not base64");
	refuse("dn: cn=a\nx y", "line 2: no colon");
	refuse("dn: cn=a\n: y", "line 2: \"\" is no attribute's name");
	refuse("dn: cn=a\nx y: z", "line 2: \"x y\" is no attribute's");
	refuse("dn: cn=a\nx: \xff", "line 2: x: not UTF-8");
	refuse(" x\ny: z", "line 1: ");
	refuse("dn: cn=a\nx: y\ndn: cn=b", "line 3: \"dn:\" where an");
	refuse("dn: cn=a\ncontrol: 1.2.3 true\nchangetype: delete",
	    "line 2: controls are not taken");
	refuse("dn: cn=a\ncon\n trol: 1.2.3 true\nx: y", "line 2: controls");
	refuse("dn: cn=a\nx: y\ncontrol: 1.2.3", "line 3: \"control:\" where");
	refuse("control: 1.2.3 true\ndn: cn=a", "line 1: \"control:\" where");
	sheet_has(read_n("dn: cn=a\nx: \0\n\n" OK, 29, NULL),
	    "! LDIF: line 2: a NUL byte");
	sheet_has(buf_str(&out), "4 cn=z x=y\n");
	refuse("# x\nversion: 1\nversion: 1", "line 3: \"version:\" where dn");
	sheet_has(read(OK "\nversion: 1\n"), "4: \"version:\" where dn");
}

static void change_faults(void **state)
{
	(void)state;
	refuse_change("increment", "", "line 2: changetype: write add");
	refuse_change("add", "", "the entry has no attribute");
	refuse_change("add", "changetype: add", "line 3: \"changetype:\" wh");
	refuse_change("delete", "x: y", "line 3: \"x:\" where the end of");
	refuse_change("modify", "", "changes nothing");
	refuse_change("modify", "x: y", "line 3: \"x:\" where add, delete or");
	refuse_change("modify", "increment: x\nx: 1", "where add, delete");
	refuse_change("modify", "add: x\n-", "line 4: add: x without a value");
	refuse_change("modify", "add: x\ny: 1", "line 4: \"y:\" among the");
	refuse_change("modify", "add:\n-", "line 3: add: name the attribute");
	refuse_change("modify", "add: x\nx: 1\nreplace: y\n-", "line 5: \"repl"
	    "ace:\" among the values of x: end them with a line \"-\"");
	refuse_change("modrdn", "", "newrdn and deleteoldrdn must follow");
	refuse_change("modrdn", "newrdn: cn=x", "deleteoldrdn must follow");
	refuse_change("modrdn", "newrdn: cn=x\ndeleteoldrdn: 2", "0 or 1");
	refuse_change("modrdn", "newrdn: cn=x,ou=y\ndeleteoldrdn: 1", "newrdn");
	refuse_change("modrdn", "newrdn: cn=x\ndeleteoldrdn: 1\nx: y",
	    "\"x:\" where newsuperior");
	refuse_change("modrdn", "newrdn: cn=x\ndeleteoldrdn: 1\n"
	    "newsuperior: ou=x\nx: y", "line 6: a line behind newsuperior");
	refuse_change("modrdn", "deleteoldrdn: 1", "where newrdn");
	/* Entries or changes, not both. */
	sheet_has(read(OK "\ndn: cn=a\nchangetype: delete\n\n" OK), "! LDIF: "
	    "line 5: a change in a file of entries\n7 cn=z");
	sheet_has(read("dn: cn=a\nchangetype: delete\n\n" OK), "! LDIF: "
	    "line 5: no changetype, in a file of changes");
}

static void base(void **state)
{
	const struct ldif_conf conf = { .base = "dc=example,dc=com" };
	static const char text[] = "dn: cn=a, DC=Example,dc=com\n"
	    "changetype: delete\n\n"
	    "dn: cn=a,dc=com\nchangetype: delete\n\n"
	    "dn: cn=a,dc=example,dc=com\nchangetype: modrdn\nnewrdn: cn=b\n"
	    "deleteoldrdn: 1\nnewsuperior: dc=evil\n";

	(void)state;
	assert_string_equal(read_n(text, sizeof(text) - 1, &conf),
	    "1 cn=a, DC=Example,dc=com delete\n"
	    "! LDIF: line 4: dn: outside dc=example,dc=com\n"
	    "! LDIF: line 11: newsuperior: outside dc=example,dc=com\n");
}

static void version(void **state)
{
	(void)state;
	sheet_has(read("version: 2\n" OK), "X LDIF: line 1: version \"2\"");
	assert_null(strstr(buf_str(&out), "cn=z"));
	sheet_has(read("version: 1 \n" OK), "X LDIF: line 1: version");
	sheet_has(read("ver\n sion: 2\n" OK), "X LDIF: line 1: version \"2\"");
	sheet_has(read("version:: Mg==\n" OK), "X LDIF: line 1: version \"2\"");
	sheet_has(read("# x\n\nversion: 2\n" OK), "X LDIF: line 3: version");
}

static char *line_of(const char *head, size_t n, bool folded)
{
	struct buf b;
	size_t i;

	buf_init(&b, 1u << 28);
	buf_puts(&b, head);
	for (i = 0; i < n; i++)
		buf_puts(&b, folded ? "x\n " : "x");
	return buf_take(&b, NULL);
}

static void limits(void **state)
{
	const struct ldif_conf conf = { .record_max = 100 };
	char *text = line_of("dn: cn=a\nx: ", 10u << 20, false);
	struct source s;

	(void)state;
	refuse(text, "line 2: longer than 1048576 bytes");
	free(text);
	text = line_of("dn: cn=a\nx: ", 2u << 20, true);
	refuse(text, "line 2: longer than 1048576 bytes");
	free(text);
	text = line_of("dn: cn=a\nx: y\nx: ", 90, false);
	sheet_has(read_n(text, strlen(text), &conf), "! LDIF: line 3: the "
	    "record is longer than 100 bytes");
	free(text);
	s = source_mem(OK "\n" OK, 30);
	s.max = 10;
	sheet_has(all_of(&s, NULL), "X the file is larger than 10 bytes");
	s = source_mem(OK "\ndn", 17);
	s.read = sheet_broken;
	assert_string_equal(all_of(&s, NULL),
	    "1 cn=z x=y\nX the disk is on fire\ncut off\n");
}

static void truncated(void **state)
{
	static const char text[] = "version: 1\ndn: cn=a\nchangetype: modify\n"
	    "add: x\nx:: eHl6\n-\n\ndn: cn=b\nchangetype: delete\n";
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(text) - 1; n++) {
		read_n(text, n, NULL);
		if (n > 0 && text[n - 1] != '\n' && n < sizeof(text) - 1)
			sheet_has(buf_str(&out), "cut off\n");
		if (n < 40)
			assert_null(strstr(buf_str(&out), "+x"));
	}
	assert_string_equal(read(text),
	    "2 cn=a modify +x =xyz\n8 cn=b delete\n");
}

/* An empty line behind the last record, whatever stands behind that. */
static void closing(void **state)
{
	static const char *const open[] = { "version: 1\n", OK, OK "# x\n",
	    "dn: cn=a\n", OK "\n" OK, OK "\n\nx", "dn: cn=a\nx: y\n z\n" };
	static const char *const shut[] = { "", "\n", "# x\n", OK "\n",
	    OK "\r\n", OK "\n# x\n", OK "\n\n\n", "dn: cn=a\n\n" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		read(open[i]);
		assert_false(closed);
	}
	for (i = 0; i < sizeof(shut) / sizeof(shut[0]); i++) {
		read(shut[i]);
		assert_true(closed);
	}
}

/* What is written is read again as it was. */
static void written(void **state)
{
	static const char *const value[] = { "plain", "", " behind a space",
	    "before one ", ":x", "<y", "z\xc3\xa9", "a\nb", "#", "1-2" };
	struct arena *own = arena_new();
	struct change *c = change_new(own, CHANGE_ADD, "cn=\xc3\xa9,dc=x");
	struct buf text;
	size_t i;

	(void)state;
	buf_init(&text, 65536);
	for (i = 0; i < sizeof(value) / sizeof(value[0]); i++)
		entry_add(own, c->entry, "cn", value[i]);
	entry_add_n(own, c->entry, "jpegPhoto", "\0\1", 2);
	ldif_put_change(&text, own, c);
	c = change_new(own, CHANGE_MODIFY, "cn=b,dc=x");
	change_set(own, c, MOD_ADD, "mail;x-work", "a@b");
	change_set(own, c, MOD_DELETE, "title", NULL);
	change_set(own, c, MOD_REPLACE, "sn", "n");
	ldif_put_comment(&text, "why\nnot");
	ldif_put_change(&text, own, c);
	ldif_put_change(&text, own, change_new(own, CHANGE_DELETE,
	    "cn=c,dc=x"));
	assert_string_equal(read(buf_str(&text)),
	    "1 cn=\xc3\xa9,dc=x add cn=plain cn= cn= behind a space "
	    "cn=before one  cn=:x cn=<y cn=z\xc3\xa9 cn=a\\0ab cn=# cn=1-2 "
	    "jpegPhoto=\\00\\01\n"
	    "16 cn=b,dc=x modify +mail;x-work =a@b -title =sn =n\n"
	    "27 cn=c,dc=x delete\n");
	buf_fini(&text);
	arena_free(own);
}

/* Secrets are not, and a modify of nothing else is none. */
static void secrets(void **state)
{
	struct arena *own = arena_new();
	struct change *c = change_new(own, CHANGE_MODIFY, "cn=b,dc=x");
	struct buf text;

	(void)state;
	buf_init(&text, 65536);
	change_set(own, c, MOD_REPLACE, "userPassword", "geheim");
	ldif_put_change(&text, own, c);
	assert_string_equal(buf_str(&text), "# dn: cn=b,dc=x\n"
	    "# userPassword: a secret, left out\n\n");
	change_set(own, c, MOD_REPLACE, "provostInvitation", "geheim");
	change_set(own, c, MOD_REPLACE, "sn", "n");
	ldif_put_change(&text, own, c);
	assert_null(strstr(buf_str(&text), "geheim"));
	assert_string_equal(read(buf_str(&text)),
	    "4 cn=b,dc=x modify =sn =n\n");
	buf_fini(&text);
	arena_free(own);
}

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_fini(&out);
	arena_free(a);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries), cmocka_unit_test(changes),
		cmocka_unit_test(outside), cmocka_unit_test(faults),
		cmocka_unit_test(change_faults), cmocka_unit_test(base),
		cmocka_unit_test(version), cmocka_unit_test(limits),
		cmocka_unit_test(truncated), cmocka_unit_test(closing),
		cmocka_unit_test(written),
		cmocka_unit_test(secrets),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
