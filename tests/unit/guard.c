/* SPDX-License-Identifier: MIT */
/* Memory that ends where reading ends. */
#include "guard.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARDED_BYTES (1 << 20)

static uint8_t *guard_map(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *memory =
		mmap(NULL, GUARDED_BYTES + page, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	assert(memory != MAP_FAILED);
	err = mprotect(memory + GUARDED_BYTES, page, PROT_NONE);
	assert(!err);
	(void)err;
	return memory + GUARDED_BYTES;
}

uint8_t *guard_place(const void *bytes, size_t len)
{
	static uint8_t *end;

	assert(len <= GUARDED_BYTES);
	if (!end)
		end = guard_map();
	memcpy(end - len, bytes, len);
	return end - len;
}
