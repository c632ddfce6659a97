/* SPDX-License-Identifier: (Apache-2.0 OR GPL-2.0-only) */
/* What the program in the kernel and the helper agree on. */
#pragma once

#define PROBE_CALLS 512
#define PROBE_PARAMETERS 8

/* How a parameter of an event is filled from a system call. `arg` is the number of the argument. */
enum probe_kind {
	KIND_RESULT, /* s64 */
	KIND_INT,    /* s64 of a 32-bit argument: descriptors and process ids */
	KIND_U8,
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_TEXT,      /* a text of the program, empty when it cannot be read */
	KIND_ADDRESS,   /* a socket address of the program; its length is the next argument */
	KIND_PAIR_FIRST, /* s64: the first of two descriptors in the memory of the program */
	KIND_PAIR_SECOND,
	KIND_EMPTY,
	KIND_FCNTL,     /* u8: the command of fcntl as the capture format has it */
	KIND_DYN64,     /* a tagged 64-bit number */
	KIND_HOW_MODE,
	KIND_HOW_RESOLVE,
	/* For calls that open a file, whose descriptor is the result. */
	KIND_OPEN_FLAGS, /* u32 with PROBE_CREATED and what follows it */
	KIND_HOW_OPEN_FLAGS,
	KIND_DEVICE, /* u32 */
	KIND_INODE,  /* u64 */
	KIND_CREAT_LAYER, /* u16 */
	KIND_FILE_PATH,
	/* For calls on sockets: the descriptor is the result, or an argument. */
	KIND_TUPLE_OF_RESULT,
	KIND_TUPLE,
	KIND_QUEUE_SHARE,
	KIND_QUEUE,
	KIND_QUEUE_LIMIT,
	KIND_CAP_INHERITABLE, /* u64, as they are after the call */
	KIND_CAP_PERMITTED,
	KIND_CAP_EFFECTIVE,
};

/* Bits that the probe adds to the flags of a file; the kernel has none there. */
#define PROBE_CREATED 0x08000000u
#define PROBE_UPPER_LAYER 0x10000000u
#define PROBE_LOWER_LAYER 0x20000000u

enum probe_handler { HANDLER_OFF, HANDLER_PLAIN, HANDLER_OPEN, HANDLER_SOCKET, HANDLER_COUNT };

/* Only calls that succeeded. A connection in progress counts as a success. */
#define CALL_IF_SUCCESSFUL 1

struct probe_call {
	unsigned short code;
	unsigned char handler;
	unsigned char flags;
	unsigned char count;
	struct {
		unsigned char kind;
		unsigned char arg;
	} parameters[PROBE_PARAMETERS];
};

/* Counted for each processor. */
enum probe_counter {
	COUNTER_LOST,      /* no room in the ring buffer */
	COUNTER_TOO_LARGE, /* an event beyond what the program may build */
	COUNTER_UNSEEN_32, /* calls by the 32-bit interface */
	COUNTER_SENT,
	COUNTER_COUNT
};

#define PROBE_PROCESSORS 1024

/* What an event in the ring buffer begins with: the front of a block of a capture. Its time is since boot. */
#define FRONT_SIZE 36
