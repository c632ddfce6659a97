/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "../kernel/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A system call that the probe can report. */
struct known_call {
	const char *name;
	int number;
	/* The state of the machine needs it, whatever the rules are. */
	bool is_always;
	struct probe_call call;
};

extern const struct known_call known_calls[];
extern const size_t known_call_count;

/* Turns flags of the kernel into those of the capture format, in the parameters of an event. */
void translate(uint16_t code, uint8_t *lengths, uint32_t count);
