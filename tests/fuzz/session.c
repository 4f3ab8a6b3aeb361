/* SPDX-License-Identifier: ISC */
/* A person's token, which nobody made with this key; what the same bytes come
 * to as times and a person can be told from what is signed of them. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "core/session.h"
#include "fuzz.h"

const char fuzz_name[] = "session";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	const char *text = fuzz_text(a, data, size);
	struct session s = { .expiry = INT64_MAX }, back;
	struct err e = { 0 };

	if (session_parse(a, "key", text, 0, &s, &e) == 0 ||
	    session_parse(a, "key", arena_printf(a, "ps_%s", text), 0, &s, &e)
	    == 0 || session_parse(a, "", text, 0, &s, &e) == 0)
		abort();
	memcpy(s.person, data, size < 16 ? size : 16);
	if (session_parse(a, "key", session_print(a, "key", &s), 0, &back, &e)
	    != 0 || memcmp(back.person, s.person, 16) != 0)
		abort();
	return 0;
}
