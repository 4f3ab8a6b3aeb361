/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "store/keys.h"
#include "store/order.h"
#include "store/pack.h"
#include "store/view_p.h"

struct check {
	struct view_read *r;
	struct arena *scratch;
	uint64_t keys;		/* index keys that entries have */
};

static int wrong(struct err *e, const uint8_t uuid[16], const char *what)
{
	char text[37];

	str_uuid_text(uuid, text);
	return err_set(e, ERR_CORRUPT, "view: %s: %s", text, what);
}

static bool has_dup(struct db_cur *c, struct db_val key,
    const uint8_t pos[KEY_POS])
{
	struct db_val v = { pos, KEY_POS };

	return db_cur_get(c, DB_DUP_RANGE, &key, &v, NULL) == 0 &&
	    v.n == KEY_POS && memcmp(v.p, pos, KEY_POS) == 0;
}

static int check_entry(struct check *k, struct db_cur *index,
    struct view_item *item, struct err *e)
{
	uint8_t order[KEY_ORDER], buf[KEY_INDEX];
	struct view_pos pos = { .created = item->created };
	struct index_key *key;
	struct db_val v;
	size_t n, i;

	memcpy(pos.uuid, item->uuid, 16);
	key_order(order, item->type, &pos);
	if (db_get(k->r->txn, DB_ORDER, (struct db_val){ order, KEY_ORDER },
	    &v, NULL) != 0)
		return wrong(e, item->uuid, "not in the order");
	if (pack_entry(k->scratch, item) != 0 ||
	    pack_keys(k->scratch, item, &key, &n) != 0)
		return wrong(e, item->uuid, "damaged record");
	for (i = 0; i < n; i++)
		if (!has_dup(index, key_index(buf, item->type, key[i].index,
		    key[i].key), order + 1))
			return wrong(e, item->uuid, "not under its key");
	k->keys += n;
	return 0;
}

static int check_entries(struct check *k, struct err *e)
{
	struct db_cur *entry = NULL, *index = NULL;
	struct db_val key = { 0 }, val = { 0 };
	struct view_item item;
	int rc = db_cur_open(k->r->txn, DB_ENTRY, &entry, e);

	if (rc == 0)
		rc = db_cur_open(k->r->txn, DB_INDEX, &index, e);
	while (rc == 0 &&
	    (rc = db_cur_get(entry, DB_NEXT, &key, &val, e)) == 0) {
		arena_reset(k->scratch);
		memcpy(item.uuid, key.p, 16);
		rc = pack_open(val.p, val.n, &item);
		rc = rc != 0 ? wrong(e, item.uuid, "damaged record") :
		    check_entry(k, index, &item, e);
	}
	db_cur_close(entry);
	db_cur_close(index);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int view_check(struct view *v, struct err *e)
{
	struct check k = { 0 };
	uint64_t total = 0;
	int type, rc = view_read_begin(v, &k.r, e);

	if (rc != 0)
		return rc;
	k.scratch = arena_new();
	rc = check_entries(&k, e);
	for (type = 0; rc == 0 && type <= 255; type++) {
		rc = order_check(k.r->txn, type, e);
		total += order_count(k.r->txn, type);
	}
	/* All of ours are there: as many as there are, then, and no others. */
	if (rc == 0 && (total != db_entries(k.r->txn, DB_ENTRY) ||
	    total != db_entries(k.r->txn, DB_ORDER)))
		rc = err_set(e, ERR_CORRUPT, "view: entries and order differ");
	if (rc == 0 && k.keys != db_entries(k.r->txn, DB_INDEX))
		rc = err_set(e, ERR_CORRUPT, "view: an index has a key too "
		    "many");
	arena_free(k.scratch);
	view_read_end(k.r);
	return rc;
}
