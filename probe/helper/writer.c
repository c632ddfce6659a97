// SPDX-License-Identifier: Apache-2.0
#include "writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	uint8_t *bytes;
	size_t size, room;
} output;

uint8_t *put(const void *bytes, size_t size)
{
	if (output.size + size > output.room) {
		output.room = (output.size + size) * 2 + 65536;
		output.bytes = realloc(output.bytes, output.room);
		if (!output.bytes) {
			fprintf(stderr, "failed no memory\n");
			exit(1);
		}
	}
	memcpy(output.bytes + output.size, bytes, size);
	output.size += size;
	return output.bytes + output.size - size;
}

void put_u8(uint8_t value)
{
	put(&value, sizeof(value));
}

void put_u16(uint16_t value)
{
	put(&value, sizeof(value));
}

void put_u32(uint32_t value)
{
	put(&value, sizeof(value));
}

void put_u64(uint64_t value)
{
	put(&value, sizeof(value));
}

void put_text(const char *text, size_t size)
{
	if (size > 65535)
		size = 65535;
	put_u16(size);
	put(text, size);
}

size_t put_size(void)
{
	return output.size;
}

void put_u16_at(size_t at, uint16_t value)
{
	memcpy(output.bytes + at, &value, sizeof(value));
}

void put_u32_at(size_t at, uint32_t value)
{
	memcpy(output.bytes + at, &value, sizeof(value));
}

size_t begin_block(uint32_t type)
{
	size_t begun = output.size;
	put_u32(type);
	put_u32(0);
	return begun;
}

void end_block(size_t begun)
{
	while ((output.size - begun) % 4 != 0)
		put_u8(0);
	uint32_t size = output.size - begun + 4;
	put_u32_at(begun + 4, size);
	put_u32(size);
}

bool flush_output(void)
{
	for (size_t at = 0; at < output.size;) {
		ssize_t count = write(STDOUT_FILENO, output.bytes + at, output.size - at);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		at += count;
	}
	output.size = 0;
	return true;
}
