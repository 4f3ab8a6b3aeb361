/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "store/pack.h"
#include "store_util.h"

static char *random_bytes(struct arena *a, size_t n, bool text)
{
	char *p = arena_alloc(a, n + 1);
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (char)(text ? 'a' + util_random(26) : util_random(256));
	return p;
}

/* An entry with anything in it. */
static struct entry *random_entry(struct arena *a)
{
	struct entry *en = arena_alloc(a, sizeof(*en));
	uint32_t i, k, n = util_random(8);

	en->dn = random_bytes(a, util_random(80), true);
	util_uuid(en->uuid, util_random(1000));
	en->csn = util_csn(a, util_random(1000));
	en->created = (int64_t)util_random(1u << 31) - (1 << 30);
	en->modified = util_random(1u << 31);
	en->creator = random_bytes(a, util_random(40), true);
	en->modifier = random_bytes(a, util_random(40), true);
	for (i = 0; i < n; i++) {
		const char *name = random_bytes(a, 1 + util_random(12), true);
		uint32_t m = 1 + util_random(4);

		for (k = 0; k < m; k++) {
			size_t len = util_random(100);

			entry_add_n(a, en, name,
			    random_bytes(a, len, false), len);
		}
	}
	return en;
}

static struct view_record random_record(struct arena *a)
{
	struct view_record rec = { .entry = random_entry(a),
	    .type = (int)util_random(256) };
	struct index_key *k;
	size_t i;

	rec.json_len = util_random(300);
	rec.json = random_bytes(a, rec.json_len, false);
	rec.n_keys = util_random(10);
	k = arena_array(a, rec.n_keys, sizeof(*k));
	for (i = 0; i < rec.n_keys; i++) {
		k[i].index = (int)util_random(4);
		k[i].key = random_bytes(a, util_random(3), true);
	}
	rec.key = k;
	return rec;
}

static void same_entry(const struct entry *x, const struct entry *y)
{
	size_t i, k;

	assert_string_equal(x->dn, y->dn);
	assert_string_equal(x->csn, y->csn);
	assert_string_equal(x->creator, y->creator);
	assert_string_equal(x->modifier, y->modifier);
	assert_memory_equal(x->uuid, y->uuid, 16);
	assert_int_equal(x->created, y->created);
	assert_int_equal(x->modified, y->modified);
	assert_int_equal(x->n, y->n);
	for (i = 0; i < x->n; i++) {
		assert_string_equal(x->a[i].name, y->a[i].name);
		assert_int_equal(x->a[i].n, y->a[i].n);
		for (k = 0; k < x->a[i].n; k++) {
			assert_int_equal(x->a[i].v[k].n, y->a[i].v[k].n);
			assert_memory_equal(x->a[i].v[k].p, y->a[i].v[k].p,
			    x->a[i].v[k].n + 1);
		}
	}
}

static void test_round(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 500; i++) {
		struct arena *a = arena_new();
		struct view_record rec = random_record(a);
		struct index_key *key, *back;
		size_t n = pack_sort_keys(a, rec.key, rec.n_keys, &key), m, k;
		struct view_item item = { 0 };
		struct buf b;

		buf_init(&b, PACK_MAX);
		pack_record(&b, &rec, key, n);
		assert_false(b.failed);
		memcpy(item.uuid, rec.entry->uuid, 16);
		assert_int_equal(pack_open(b.data, b.len, &item), 0);
		assert_int_equal(item.type, rec.type);
		assert_int_equal(item.json_len, rec.json_len);
		assert_memory_equal(item.json, rec.json, rec.json_len);
		assert_int_equal(pack_entry(a, &item), 0);
		same_entry(rec.entry, &item.entry);
		assert_int_equal(pack_keys(a, &item, &back, &m), 0);
		assert_int_equal(n, m);
		for (k = 0; k < n; k++) {
			assert_int_equal(key[k].index, back[k].index);
			assert_string_equal(key[k].key, back[k].key);
		}
		buf_fini(&b);
		arena_free(a);
	}
}

static void test_keys_sorted(void **state)
{
	struct index_key in[] = { { 2, "b" }, { 1, "z" }, { 2, "a" },
	    { 2, "b" }, { 1, "z" } }, *out;
	struct arena *a = arena_new();

	(void)state;
	assert_int_equal(pack_sort_keys(a, in, 5, &out), 3);
	assert_int_equal(out[0].index, 1);
	assert_string_equal(out[1].key, "a");
	assert_string_equal(out[2].key, "b");
	assert_int_equal(pack_sort_keys(a, NULL, 0, &out), 0);
	arena_free(a);
}

/* Damaged bytes are never read beyond their end (run under ASan), and never
 * give more than the bytes could hold. */
static void test_damaged(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		struct arena *a = arena_new();
		struct view_record rec = random_record(a);
		struct view_item item = { 0 };
		struct index_key *key;
		size_t n = pack_sort_keys(a, rec.key, rec.n_keys, &key);
		struct buf b;
		char *copy;
		uint32_t k, flips = 1 + util_random(4);

		buf_init(&b, PACK_MAX);
		pack_record(&b, &rec, key, n);
		n = util_random(4) ? b.len : util_random((uint32_t)b.len);
		copy = malloc(n ? n : 1);
		memcpy(copy, b.data, n);
		for (k = 0; n > 0 && k < flips; k++)
			copy[util_random((uint32_t)(util_random(2) && n > 40 ?
			    40 : n))] ^= (char)(1 << util_random(8));
		if (pack_open(copy, n, &item) == 0) {
			pack_entry(a, &item);
			pack_keys(a, &item, &key, &n);
		}
		free(copy);
		buf_fini(&b);
		arena_free(a);
	}
}

static void test_too_large(void **state)
{
	struct arena *a = arena_new();
	struct view_record rec = random_record(a);
	struct buf b;

	(void)state;
	buf_init(&b, 20);
	pack_record(&b, &rec, NULL, 0);
	assert_true(b.failed);
	buf_fini(&b);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_keys_sorted),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
