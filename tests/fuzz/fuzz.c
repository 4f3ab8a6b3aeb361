/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "config/mapping.h"

const struct scim_map *fuzz_map(void)
{
	static struct scim_map *map;
	struct err e = { 0 };

	if (map == NULL && mapping_read(PROVOST_SRCDIR "/conf/mapping.conf",
	    "dc=example,dc=com", &map, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	return map;
}

struct arena *fuzz_arena(void)
{
	static struct arena *a;

	if (a == NULL)
		a = arena_new();
	arena_reset(a);
	return a;
}

char *fuzz_text(struct arena *a, const uint8_t *data, size_t size)
{
	return arena_strndup(a, (const char *)data,
	    strnlen((const char *)data, size));
}

static bool dn_of_id(void *ctx, struct arena *a, const char *type,
    const char *id, const char **dn)
{
	(void)ctx;
	(void)a;
	(void)type;
	*dn = id[0] == '!' ? "" : "provostPersonId=x,dc=example,dc=com";
	return true;
}

static bool id_of_dn(void *ctx, struct arena *a, const char *dn,
    const char **id, const char **display)
{
	(void)ctx;
	(void)a;
	*id = "11111111-1111-4111-8111-111111111111";
	*display = "Some\"body";
	return dn[0] != '\0';
}

static bool of_key(void *ctx, struct arena *a, const char *type,
    const char *key, const char **id, const char **display)
{
	(void)ctx;
	(void)a;
	(void)type;
	*id = "22222222-2222-4222-8222-222222222222";
	*display = key;
	return key[0] != '!';
}

const struct scim_resolver fuzz_resolver = { .base_url = "http://h",
	.dn_of_id = dn_of_id, .id_of_dn = id_of_dn, .of_key = of_key,
	.owner = "fuzz" };

#ifndef FUZZ_NO_MAIN

static int replay(const char *path)
{
	char block[4096];
	struct buf b;
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL) {
		perror(path);
		return 1;
	}
	buf_init(&b, 64u << 20);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_put(&b, block, n);
	fclose(f);
	LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&b), b.len);
	buf_fini(&b);
	return 0;
}

static int replay_all(const char *dir)
{
	struct dirent *d;
	char path[4096 + 260];
	int rc = 0, n = 0;
	DIR *h = opendir(dir);

	if (h == NULL) {
		perror(dir);
		return 1;
	}
	while ((d = readdir(h)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, d->d_name);
		rc |= replay(path);
		n++;
	}
	closedir(h);
	printf("%s: %d inputs\n", dir, n);
	return rc != 0 || n == 0;
}

int main(int argc, char **argv)
{
	char dir[4096];
	int i, rc = 0;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", PROVOST_SRCDIR,
	    fuzz_name);
	if (argc == 1)
		return replay_all(dir);
	for (i = 1; i < argc; i++)
		rc |= replay(argv[i]);
	return rc;
}

#endif
