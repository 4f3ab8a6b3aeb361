/* SPDX-License-Identifier: ISC */
/* A token, checked against keys that signed none of it; and the same bytes as
 * a set of keys. What is taken must be text that can be taken again. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "codec/jwt.h"
#include "fuzz.h"

const char fuzz_name[] = "jwt";

/* A modulus of the right size, and the key of RFC 7515 A.3. */
static const char set[] = "{\"keys\":[{\"kty\":\"RSA\",\"n\":\""
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJ"
    "rcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo"
    "9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Cape"
    "Hsjg5ZhNMi2nBcPJBFL8jbG1BvlVFqJGvJSlIc2bLoVHGEVTsGwGlFbXDVsOxbpjQWKQwKCUJP"
    "RE7VP5wTqF2OQ6DxLUyfJbE8WlpmEQbGlRQkZGhBhMsT7bVZkQ\","
    "\"e\":\"AQAB\"},{\"kty\":\"EC\",\"crv\":\"P-256\","
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct jwt_policy p = { .issuer = "joe",
	    .audience = "provost", .claim = "sub", .certificate = "00" };
	static struct jwt_keys *keys;
	struct arena *a = fuzz_arena();
	const char *text = fuzz_text(a, data, size);
	struct jwt_keys *k = NULL;
	struct jwt_claims c;
	struct err e = { 0 };

	if (keys == NULL && jwt_keys_parse(set, sizeof(set) - 1, &keys, &e)
	    != 0)
		abort();
	if (jwt_verify(a, keys, &p, text, 1800000000 * CLOCK_SECOND, &c, &e)
	    == 0)
		abort();
	if (e.text[0] == '\0')
		abort();
	if (jwt_keys_parse((const char *)data, size, &k, &e) == 0)
		jwt_verify(a, k, &p, text, 0, &c, &e);
	jwt_keys_free(k);
	return 0;
}
