/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes for the standard output: collected, and written together. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns where they stand, until more is put. */
uint8_t *put(const void *bytes, size_t size);
void put_u8(uint8_t value);
void put_u16(uint16_t value);
void put_u32(uint32_t value);
void put_u64(uint64_t value);
/* A text with its length before it, of at most 65,535 bytes. */
void put_text(const char *text, size_t size);
/* How many bytes are collected. */
size_t put_size(void);
/* Overwrites collected bytes. */
void put_u16_at(size_t at, uint16_t value);
void put_u32_at(size_t at, uint32_t value);
/* Begins and ends a block of a capture; the first returns what the second takes. */
size_t begin_block(uint32_t type);
void end_block(size_t begun);
/* False when nobody reads any more. */
bool flush_output(void);
