/* SPDX-License-Identifier: ISC */
/* Bulk requests: what is read, who needs whom, the order, circles, what the
 * references come to (RFC 7644 3.7). */
#include "base/map.h"
#include "codec/scim_bulk.h"
#include "codec_help.h"

static struct scim_bulk b;
static struct err e;

static int read_message(const char *text)
{
	scim_bulk_fini(&b);
	e = (struct err){ 0 };
	return scim_bulk_read(help_a, help_json(text), 50, &b, &e);
}

static void read_ops(const char *operations)
{
	if (read_message(arena_printf(help_a, "{'Operations':[%s]}",
	    operations)) != 0)
		fail_msg("%s", e.text);
}

/* "0 1 | 2 0+": what goes together, 0+ the rest of 0. */
static const char *order(void)
{
	struct buf out;
	const char *s;
	size_t i;

	buf_init(&out, 65536);
	for (i = 0; i < b.n_steps; i++) {
		const struct scim_bulk_step *st = &b.step[i];

		assert_true(st->after <= i);
		if (i != 0)
			buf_puts(&out, st->after == i ? " | " : " ");
		buf_printf(&out, "%zu%s", st->op, st->rest ? "+" : "");
	}
	s = arena_strdup(help_a, buf_str(&out));
	buf_fini(&out);
	return s;
}

static void ordered(const char *operations, const char *want)
{
	read_ops(operations);
	assert_string_equal(order(), want);
}

/* "id-0", "key-0" */
static const char *name_of(void *ctx, size_t op, bool key)
{
	(void)ctx;
	return arena_printf(help_a, "%s-%zu", key ? "key" : "id", op);
}
static const struct scim_bulk_names names = { .of = name_of };

static void data_is(size_t i, const char *want)
{
	assert_string_equal(help_text(scim_bulk_data(help_a, &b, i, &names)),
	    help_text(help_json(want)));
}

static void rest_is(size_t i, const char *operations)
{
	assert_string_equal(help_text(json_member(scim_bulk_rest(help_a, &b,
	    i, &names), "Operations")), help_text(help_json(operations)));
}

#define POST(id, data) \
	"{'method':'POST','path':'/Users','bulkId':'" id "','data':" data "}"
#define MANAGER(id) "{'" ENT "':{'manager':{'value':'bulkId:" id "'}}}"
#define PATCH(path, data) \
	"{'method':'PATCH','path':'" path "','data':" data "}"
#define DELETE(path) "{'method':'DELETE','path':'" path "'}"

static void messages(void **state)
{
	struct buf many;
	int i;

	(void)state;
	assert_int_equal(read_message("{}"), ERR_INVALID);
	assert_int_equal(read_message("{'Operations':{}}"), ERR_INVALID);
	assert_int_equal(read_message("{'Operations':[]}"), 0);
	assert_int_equal(b.n_steps, 0);
	assert_int_equal(read_message("{'failOnErrors':0,'Operations':[]}"),
	    ERR_INVALID);
	assert_int_equal(read_message("{'failOnErrors':'1','Operations':[]}"),
	    ERR_INVALID);
	assert_int_equal(read_message("{'failonerrors':3,'operations':[]}"),
	    0);
	assert_int_equal(b.fail_on_errors, 3);
	assert_int_equal(read_message("{'Operations':[" POST("a", "{}") ","
	    POST("a", "{}") "]}"), ERR_INVALID);
	help_has(e.text, "\"a\"");
	buf_init(&many, 1 << 20);
	for (i = 0; i <= 50; i++)
		buf_puts(&many, i == 0 ? DELETE("/Users/1") :
		    "," DELETE("/Users/1"));
	assert_int_equal(read_message(arena_printf(help_a,
	    "{'Operations':[%s]}", buf_str(&many))), ERR_LIMIT);
	help_has(e.text, "51 operations: at most 50");
	buf_fini(&many);
}

static void wrong(const char *operation, const char *why)
{
	read_ops(operation);
	assert_non_null(b.op[0].wrong);
	help_has(b.op[0].wrong, why);
	assert_int_equal(b.n_steps, 1);
}

static void operations(void **state)
{
	(void)state;
	wrong("7", "object");
	wrong("{'path':'/Users'}", "method");
	wrong("{'method':'GET','path':'/Users'}", "method");
	wrong("{'method':'DELETE'}", "path");
	wrong("{'method':'DELETE','path':7}", "strings");
	wrong("{'method':'POST','path':'/Users','data':{}}", "bulkId");
	wrong("{'method':'PUT','path':'/Users/1','data':[]}", "data");
	wrong("{'method':'PATCH','path':'/Users/1'}", "data");
	read_ops("{'method':'put','path':'Users/1','version':'W/\\'x\\'',"
	    "'data':{}}");
	assert_null(b.op[0].wrong);
	assert_string_equal(b.op[0].method, "PUT");
	assert_string_equal(b.op[0].path, "/Users/1");
	assert_non_null(b.op[0].version);
	read_ops(DELETE("https://h:1/x/scim/v2/Users/1"));
	assert_string_equal(b.op[0].path, "/Users/1");
	read_ops(DELETE("/scim/v2/Users/1"));
	assert_string_equal(b.op[0].path, "/Users/1");
	read_ops(DELETE("https://h"));
	assert_string_equal(b.op[0].path, "/");
}

static void references(void **state)
{
	(void)state;
	read_ops("{'method':'POST','path':'/Groups','bulkId':'g','data':"
	    "{'displayName':'G','members':[{'value':'bulkId:a',"
	    "'$ref':'https://h/scim/v2/Users/bulkId:a'},{'value':'x'}]}},"
	    POST("a", "{'userName':'a','title':'see bulkId:g'}") ","
	    PATCH("/Groups/bulkId:g", "{'Operations':[{'op':'remove',"
	    "'path':'members[value eq \\'bulkId:a\\' or value eq "
	    "\\'bulkId:g\\']'}]}"));
	assert_string_equal(order(), "1 | 0 | 2");
	data_is(0, "{'displayName':'G','members':[{'value':'key-1',"
	    "'$ref':'https://h/scim/v2/Users/id-1'},{'value':'x'}]}");
	data_is(1, "{'userName':'a','title':'see bulkId:g'}");
	data_is(2, "{'Operations':[{'op':'remove','path':'members[value eq "
	    "\\'key-1\\' or value eq \\'key-0\\']'}]}");
	assert_string_equal(scim_bulk_path(help_a, &b, 2, &names),
	    "/Groups/id-0");
	assert_string_equal(scim_bulk_path(help_a, &b, 0, &names), "/Groups");
	read_ops(POST("a", MANAGER("nobody")) "," DELETE("/Users/bulkId:x"));
	assert_string_equal(b.op[0].unknown, "nobody");
	assert_string_equal(b.op[1].unknown, "x");
}

static void orders(void **state)
{
	(void)state;
	ordered(POST("a", "{}") "," POST("b", "{}"), "0 1");
	/* Forward, and a chain. */
	ordered(POST("a", MANAGER("b")) "," POST("b", MANAGER("c")) ","
	    POST("c", "{}"), "2 | 1 | 0");
	/* To one resource: in order, whatever the case of its id. */
	ordered(PATCH("/Users/A1", "{}") "," PATCH("/Users/2", "{}") ","
	    PATCH("/Users/a1", "{}"), "0 1 | 2");
	ordered(PATCH("/Users/1", MANAGER("z")) "," PATCH("/Users/1", "{}")
	    "," POST("z", "{}"), "2 | 0 | 1");
	/* What the client meant: neighbours of one kind only. */
	ordered(DELETE("/Users/1") "," DELETE("/Users/2") ","
	    POST("a", "{}") "," DELETE("/Users/3"), "0 1 | 2 | 3");
	ordered(DELETE("/Users/1") "," DELETE("/Tools/2"), "0 | 1");
	/* ... but a reference over a DELETE goes before that. */
	ordered(PATCH("/Users/1", MANAGER("z")) "," DELETE("/Users/2") ","
	    POST("z", "{}"), "1 | 2 | 0");
}

static void circles(void **state)
{
	(void)state;
	ordered(POST("a", MANAGER("b")) "," POST("b", MANAGER("a")),
	    "1 | 0 | 1+");
	data_is(0, "{'" ENT "':{'manager':{'value':'key-1'}}}");
	data_is(1, "{'" ENT "':{}}");
	rest_is(1, "[{'op':'add','path':'" ENT ":manager','value':"
	    "{'value':'key-0'}}]");
	ordered(POST("a", MANAGER("b")) "," POST("b", MANAGER("c")) ","
	    POST("c", MANAGER("a")), "2 | 1 | 0 | 2+");
	/* Itself. */
	ordered(POST("a", MANAGER("a")), "0 | 0+");
	/* Of a list only what closes the circle is left for later. */
	ordered(POST("a", "{'x':[{'value':'bulkId:b'},{'value':'1'}],"
	    "'y':'bulkId:b','z':[]}") "," POST("b", "{'x':[{'value':"
	    "'bulkId:a'},{'value':'2'}],'y':'bulkId:a','z':[]}"),
	    "1 | 0 | 1+");
	data_is(1, "{'x':[{'value':'2'}],'z':[]}");
	rest_is(1, "[{'op':'add','path':'x','value':[{'value':'key-0'}]},"
	    "{'op':'add','path':'y','value':'key-0'}]");
	/* What goes to the resource comes behind its rest. */
	ordered(POST("a", "{'x':['bulkId:b','bulkId:c']}") ","
	    POST("b", MANAGER("a")) "," PATCH("/Users/bulkId:b", "{}") ","
	    DELETE("/Users/1") "," POST("c", "{}"),
	    "1 | 3 | 4 | 0 | 1+ | 2");
	/* Who only refers to one in a circle need not wait for that. */
	ordered(POST("a", MANAGER("b")) "," POST("b", MANAGER("a")) ","
	    POST("c", MANAGER("a")), "1 | 0 | 1+ 2");
	/* Nobody gets lost when one of them is wrong. */
	read_ops(POST("a", MANAGER("b")) ",{'method':'POST','path':'/Users',"
	    "'bulkId':'b'}");
	assert_int_equal(b.n_steps, 2);
}

static void in_order(void **state)
{
	(void)state;
	assert_int_equal(read_message("{'failOnErrors':1,'Operations':["
	    POST("a", "{}") "," POST("b", MANAGER("c")) "," DELETE("/Users/1")
	    "," POST("c", MANAGER("b")) "," POST("d", "{}") "]}"), 0);
	assert_string_equal(order(), "0 | 3 | 1 | 3+ | 2 | 4");
	assert_int_equal(read_message("{'failOnErrors':9,'Operations':["
	    POST("a", "{}") "," POST("b", "{}") "," DELETE("/Users/1") ","
	    POST("c", MANAGER("d")) "," POST("d", "{}") ","
	    POST("e", "{}") "]}"), 0);
	assert_string_equal(order(), "0 1 | 2 | 4 | 3 5");
	assert_int_equal(b.step[4].after, 4);
	assert_int_equal(b.step[5].after, 3);
}

/* Every operation once, everything behind what it needs, whatever refers to
 * whatever. */
static void random_graphs(void **state)
{
	const char *s = getenv("PROVOST_SEED");
	unsigned seed = s != NULL ? (unsigned)strtoul(s, NULL, 10) :
	    (unsigned)clock_now(), round, n, i, k;
	size_t at[50], rest[50];
	struct buf out;

	(void)state;
	print_message("PROVOST_SEED=%u\n", seed);
	srand(seed);
	for (round = 0; round < 300; round++) {
		n = 1 + (unsigned)rand() % 40;
		buf_init(&out, 1 << 20);
		buf_printf(&out, "{%s'Operations':[", round % 2 != 0 ?
		    "'failOnErrors':2," : "");
		for (i = 0; i < n; i++) {
			buf_printf(&out, "%s{'method':'%s','path':'/Users%s',"
			    "'bulkId':'%u','data':{'x':[", i != 0 ? "," : "",
			    i % 3 != 2 ? "POST" : "PATCH", i % 3 != 2 ? "" :
			    "/bulkId:0", i);
			for (k = (unsigned)rand() % 4; k > 0; k--)
				buf_printf(&out, "'bulkId:%u'%s",
				    (unsigned)rand() % n / 3 * 3,
				    k > 1 ? "," : "");
			buf_puts(&out, "]}}");
		}
		buf_puts(&out, "]}");
		assert_int_equal(read_message(buf_str(&out)), 0);
		buf_fini(&out);
		memset(at, 0, sizeof(at));
		memset(rest, 0, sizeof(rest));
		for (i = 0; i < b.n_steps; i++)
			if (b.step[i].rest)
				rest[b.step[i].op] = i + 1;
			else
				at[b.step[i].op] = i + 1;
		for (i = 0; i < n; i++) {
			const struct scim_bulk_op *op = &b.op[i];

			assert_int_not_equal(at[i], 0);
			for (k = 0; k < op->n_refs; k++)
				assert_true(b.step[at[i] - 1].after >=
				    at[op->ref[k]]);
			assert_true((rest[i] != 0) == (op->n_held != 0));
			for (k = 0; k < op->n_held; k++)
				assert_true(b.step[rest[i] - 1].after >=
				    at[op->held[k]]);
			if (op->data != NULL)
				help_hasnt(help_text(scim_bulk_data(help_a,
				    &b, i, &names)), "bulkId:");
		}
	}
}

static int teardown(void **state)
{
	scim_bulk_fini(&b);
	return help_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(operations),
		cmocka_unit_test(references),
		cmocka_unit_test(orders),
		cmocka_unit_test(circles),
		cmocka_unit_test(in_order),
		cmocka_unit_test(random_graphs),
	};

	return cmocka_run_group_tests(tests, help_setup, teardown);
}
