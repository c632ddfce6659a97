// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define P(...) { __VA_ARGS__ }
#define CALL(name, always, code, handler, flags, count, ...)                                                            \
	{ #name, SYS_##name, always, { code, HANDLER_##handler, flags, count, { __VA_ARGS__ } } }

#define RES P(KIND_RESULT, 0)
#define INT(arg) P(KIND_INT, arg)
#define U32(arg) P(KIND_U32, arg)
#define U64(arg) P(KIND_U64, arg)
#define TEXT(arg) P(KIND_TEXT, arg)
#define NOTHING P(KIND_EMPTY, 0)
#define OK CALL_IF_SUCCESSFUL

/*
 * The events of the capture format by system call: code, and where each parameter comes from. What only changes the
 * state is sent when it succeeded.
 */
const struct known_call known_calls[] = {
#ifdef SYS_open
	CALL(open, true, 3, OPEN, 0, 6, RES, TEXT(0), P(KIND_OPEN_FLAGS, 1), U32(2), P(KIND_DEVICE, 0), P(KIND_INODE, 0)),
	CALL(creat, true, 59, OPEN, 0, 6, RES, TEXT(0), U32(1), P(KIND_DEVICE, 0), P(KIND_INODE, 0),
	     P(KIND_CREAT_LAYER, 0)),
	CALL(dup2, true, 363, PLAIN, OK, 3, RES, INT(0), INT(1)),
	CALL(pipe, true, 61, PLAIN, OK, 4, RES, P(KIND_PAIR_FIRST, 0), P(KIND_PAIR_SECOND, 0), P(KIND_EMPTY, 0)),
	CALL(rename, false, 175, PLAIN, 0, 3, RES, TEXT(0), TEXT(1)),
	CALL(symlink, false, 179, PLAIN, 0, 3, RES, TEXT(0), TEXT(1)),
	CALL(link, false, 309, PLAIN, 0, 3, RES, TEXT(0), TEXT(1)),
	CALL(unlink, false, 301, PLAIN, 0, 2, RES, TEXT(0)),
	CALL(rmdir, false, 279, PLAIN, 0, 2, RES, TEXT(0)),
	CALL(mkdir, false, 277, PLAIN, 0, 3, RES, TEXT(0), U32(1)),
	CALL(mknod, false, 415, PLAIN, 0, 4, RES, TEXT(0), U32(1), U32(2)),
	CALL(chmod, false, 315, PLAIN, 0, 3, RES, TEXT(0), U32(1)),
	CALL(chown, false, 379, PLAIN, 0, 4, RES, TEXT(0), U32(1), U32(2)),
	CALL(lchown, false, 381, PLAIN, 0, 4, RES, TEXT(0), U32(1), U32(2)),
#endif
	CALL(openat, true, 307, OPEN, 0, 7, RES, INT(0), TEXT(1), P(KIND_OPEN_FLAGS, 2), U32(3), P(KIND_DEVICE, 0),
	     P(KIND_INODE, 0)),
	CALL(openat2, true, 327, OPEN, 0, 8, RES, INT(0), TEXT(1), P(KIND_HOW_OPEN_FLAGS, 2), P(KIND_HOW_MODE, 2),
	     P(KIND_HOW_RESOLVE, 2), P(KIND_DEVICE, 0), P(KIND_INODE, 0)),
	CALL(open_by_handle_at, true, 337, OPEN, 0, 6, RES, INT(0), P(KIND_OPEN_FLAGS, 2), P(KIND_FILE_PATH, 0),
	     P(KIND_DEVICE, 0), P(KIND_INODE, 0)),
	CALL(close, true, 5, PLAIN, OK, 2, RES, INT(0)),
	CALL(close_range, true, 451, PLAIN, OK, 4, RES, U32(0), U32(1), U32(2)),
	CALL(dup, true, 367, PLAIN, OK, 2, RES, INT(0)),
	CALL(dup3, true, 365, PLAIN, OK, 4, RES, INT(0), INT(1), U32(2)),
	CALL(fcntl, true, 151, PLAIN, OK, 4, RES, INT(0), P(KIND_FCNTL, 1), U64(2)),
	CALL(pipe2, true, 393, PLAIN, OK, 5, RES, P(KIND_PAIR_FIRST, 0), P(KIND_PAIR_SECOND, 0), NOTHING, U32(1)),
	CALL(memfd_create, true, 405, PLAIN, OK, 3, RES, TEXT(0), U32(1)),
	CALL(chdir, true, 95, PLAIN, OK, 2, RES, TEXT(0)),
	CALL(fchdir, true, 97, PLAIN, OK, 2, RES, INT(0)),
	CALL(chroot, true, 267, PLAIN, 0, 2, RES, TEXT(0)),
	CALL(socket, true, 19, PLAIN, 0, 5, RES, U32(0), U32(1), U32(2), U32(1)),
	CALL(bind, true, 21, SOCKET, 0, 3, RES, P(KIND_ADDRESS, 1), INT(0)),
	CALL(connect, true, 23, SOCKET, 0, 4, RES, P(KIND_TUPLE, 0), INT(0), P(KIND_ADDRESS, 1)),
	CALL(listen, false, 25, PLAIN, 0, 3, RES, INT(0), U32(1)),
#ifdef SYS_accept
	CALL(accept, true, 247, SOCKET, 0, 5, RES, P(KIND_TUPLE_OF_RESULT, 0), P(KIND_QUEUE_SHARE, 0), P(KIND_QUEUE, 0),
	     P(KIND_QUEUE_LIMIT, 0)),
#endif
	CALL(accept4, true, 389, SOCKET, 0, 6, RES, P(KIND_TUPLE_OF_RESULT, 0), P(KIND_QUEUE_SHARE, 0),
	     P(KIND_QUEUE, 0), P(KIND_QUEUE_LIMIT, 0), U32(3)),
	CALL(sendto, false, 31, SOCKET, 0, 5, RES, NOTHING, INT(0), U32(2), P(KIND_TUPLE, 0)),
	CALL(setuid, true, 199, PLAIN, 0, 2, RES, U32(0)),
	CALL(setgid, true, 201, PLAIN, 0, 2, RES, U32(0)),
	CALL(setreuid, true, 427, PLAIN, 0, 3, RES, U32(0), U32(1)),
	CALL(setregid, true, 429, PLAIN, 0, 3, RES, U32(0), U32(1)),
	CALL(setresuid, true, 193, PLAIN, 0, 4, RES, U32(0), U32(1), U32(2)),
	CALL(setresgid, true, 195, PLAIN, 0, 4, RES, U32(0), U32(1), U32(2)),
	CALL(setsid, true, 275, PLAIN, OK, 1, RES),
	CALL(setpgid, true, 295, PLAIN, OK, 3, RES, INT(0), INT(1)),
	CALL(capset, true, 353, PLAIN, 0, 4, RES, P(KIND_CAP_INHERITABLE, 0), P(KIND_CAP_PERMITTED, 0),
	     P(KIND_CAP_EFFECTIVE, 0)),
	CALL(unshare, true, 285, PLAIN, 0, 2, RES, U32(0)),
	CALL(setns, true, 241, PLAIN, 0, 3, RES, INT(0), U32(1)),
	CALL(renameat, false, 177, PLAIN, 0, 5, RES, INT(0), TEXT(1), INT(2), TEXT(3)),
	CALL(renameat2, false, 319, PLAIN, 0, 6, RES, INT(0), TEXT(1), INT(2), TEXT(3), U32(4)),
	CALL(symlinkat, false, 181, PLAIN, 0, 4, RES, TEXT(0), INT(1), TEXT(2)),
	CALL(linkat, false, 311, PLAIN, 0, 6, RES, INT(0), TEXT(1), INT(2), TEXT(3), U32(4)),
	CALL(unlinkat, false, 303, PLAIN, 0, 4, RES, INT(0), TEXT(1), U32(2)),
	CALL(mkdirat, false, 305, PLAIN, 0, 4, RES, INT(0), TEXT(1), U32(2)),
	CALL(mknodat, false, 417, PLAIN, 0, 5, RES, INT(0), TEXT(1), U32(2), U32(3)),
	CALL(fchmod, false, 317, PLAIN, 0, 3, RES, INT(0), U32(1)),
	CALL(fchmodat, false, 313, PLAIN, 0, 4, RES, INT(0), TEXT(1), U32(2)),
	CALL(fchown, false, 383, PLAIN, 0, 4, RES, INT(0), U32(1), U32(2)),
	CALL(fchownat, false, 385, PLAIN, 0, 6, RES, INT(0), TEXT(1), U32(2), U32(3), U32(4)),
	CALL(mount, false, 257, PLAIN, 0, 5, RES, TEXT(0), TEXT(1), TEXT(2), U32(3)),
	CALL(umount2, false, 391, PLAIN, 0, 3, RES, TEXT(0), U32(1)),
	CALL(ptrace, false, 169, PLAIN, 0, 5, RES, P(KIND_DYN64, 2), P(KIND_DYN64, 3), P(KIND_U16, 0), INT(1)),
	CALL(bpf, false, 369, PLAIN, 0, 2, RES, U32(0)),
	CALL(init_module, false, 411, PLAIN, 0, 4, RES, NOTHING, U64(1), TEXT(2)),
	CALL(finit_module, false, 413, PLAIN, 0, 4, RES, INT(0), TEXT(1), U32(2)),
	CALL(delete_module, false, 425, PLAIN, 0, 3, RES, TEXT(0), U32(1)),
	CALL(userfaultfd, false, 321, PLAIN, 0, 2, RES, U32(0)),
	CALL(kill, false, 129, PLAIN, 0, 3, RES, INT(0), P(KIND_U8, 1)),
	CALL(tkill, false, 131, PLAIN, 0, 3, RES, INT(0), P(KIND_U8, 1)),
	CALL(tgkill, false, 133, PLAIN, 0, 4, RES, INT(0), INT(1), P(KIND_U8, 2)),
	CALL(process_vm_readv, false, 421, PLAIN, 0, 3, RES, INT(0), NOTHING),
	CALL(process_vm_writev, false, 423, PLAIN, 0, 3, RES, INT(0), NOTHING),
	CALL(io_uring_setup, false, 339, PLAIN, 0, 1, RES),
};
const size_t known_call_count = sizeof(known_calls) / sizeof(known_calls[0]);

struct flag {
	uint32_t kernel, capture;
};

static const struct flag file_flags[] = {
	{ O_CREAT, 4 },		 { O_APPEND, 8 },     { O_EXCL, 32 },	   { O_NONBLOCK, 64 },	       { O_TRUNC, 256 },
	{ O_DIRECT, 512 },	 { O_DIRECTORY, 1024 }, { O_LARGEFILE, 2048 }, { O_CLOEXEC, 4096 },
	{ PROBE_CREATED, 16384 }, { PROBE_UPPER_LAYER, 32768 }, { PROBE_LOWER_LAYER, 65536 },
};

static const struct flag clone_flags[] = {
	{ CLONE_FILES, 1 },	     { CLONE_FS, 2 },		 { CLONE_IO, 4 },	  { CLONE_NEWIPC, 8 },
	{ CLONE_NEWNET, 16 },	     { CLONE_NEWNS, 32 },	 { CLONE_NEWPID, 64 },	  { CLONE_NEWUTS, 128 },
	{ CLONE_PARENT, 256 },	     { CLONE_PARENT_SETTID, 512 }, { CLONE_PTRACE, 1024 }, { CLONE_SIGHAND, 2048 },
	{ CLONE_SYSVSEM, 4096 },     { CLONE_THREAD, 8192 },	 { CLONE_UNTRACED, 16384 }, { CLONE_VM, 32768 },
	{ CLONE_NEWUSER, 1048576 },  { CLONE_NEWCGROUP, 268435456 },
};

static uint32_t mapped(uint32_t value, const struct flag *flags, size_t count)
{
	uint32_t to = 0;
	for (size_t index = 0; index < count; index++)
		if ((value & flags[index].kernel) == flags[index].kernel && flags[index].kernel != 0)
			to |= flags[index].capture;
	return to;
}

#define MAPPED(value, flags) mapped(value, flags, sizeof(flags) / sizeof(flags[0]))

static uint32_t open_flags(uint32_t value)
{
	uint32_t access = value & O_ACCMODE;
	uint32_t to = access == O_RDONLY ? 1 : access == O_WRONLY ? 2 : 3;
	to |= MAPPED(value, file_flags);
	if ((value & O_TMPFILE) == O_TMPFILE)
		to |= 8192;
	if ((value & O_SYNC) == O_SYNC)
		to |= 128;
	else if (value & O_DSYNC)
		to |= 16;
	return to;
}

static uint32_t clone_bits(uint32_t value)
{
	return MAPPED(value, clone_flags);
}

/* Flags beside the type of a socket, and of dup3, pipe2 and accept4. */
static uint32_t descriptor_flags(uint32_t value)
{
	return (value & O_CLOEXEC ? 4096 : 0) | (value & O_NONBLOCK ? 64 : 0);
}

static uint32_t memfd_flags(uint32_t value)
{
	return value & 7;
}

static uint32_t module_flags(uint32_t value)
{
	return (value & O_TRUNC ? 1 : 0) | (value & O_NONBLOCK ? 2 : 0);
}

static uint32_t permissions(uint32_t value)
{
	return value & 07777;
}

static uint32_t ptrace_request(uint32_t value)
{
	static const uint8_t known[] = {
		[PTRACE_TRACEME] = 1,	 [PTRACE_PEEKTEXT] = 2,	  [PTRACE_PEEKDATA] = 3, [PTRACE_PEEKUSR] = 4,
		[PTRACE_POKETEXT] = 5,	 [PTRACE_POKEDATA] = 6,	  [PTRACE_POKEUSR] = 7,	 [PTRACE_CONT] = 8,
		[PTRACE_KILL] = 9,	 [PTRACE_SINGLESTEP] = 10, [PTRACE_ATTACH] = 11, [PTRACE_DETACH] = 12,
		[PTRACE_SYSCALL] = 13,
	};
	if (value < sizeof(known))
		return known[value];
	switch (value) {
	case PTRACE_SETOPTIONS:
		return 14;
	case PTRACE_GETEVENTMSG:
		return 15;
	case PTRACE_GETSIGINFO:
		return 16;
	case PTRACE_SETSIGINFO:
		return 17;
	case PTRACE_GETREGSET:
		return 18;
	case PTRACE_SETREGSET:
		return 19;
	case PTRACE_SEIZE:
		return 20;
	case PTRACE_INTERRUPT:
		return 21;
	case PTRACE_LISTEN:
		return 22;
	case PTRACE_PEEKSIGINFO:
		return 23;
	default:
		return 0;
	}
}

static const struct {
	uint16_t code;
	uint8_t parameter, size;
	uint32_t (*map)(uint32_t);
} translations[] = {
	{ 3, 2, 4, open_flags },	 { 307, 3, 4, open_flags },	    { 327, 3, 4, open_flags },
	{ 337, 2, 4, open_flags },	 { 19, 4, 4, descriptor_flags },    { 365, 3, 4, descriptor_flags },
	{ 393, 4, 4, descriptor_flags }, { 389, 5, 4, descriptor_flags },   { 321, 1, 4, descriptor_flags },
	{ 285, 1, 4, clone_bits },	 { 241, 2, 4, clone_bits },	    { 405, 2, 4, memfd_flags },
	{ 425, 2, 4, module_flags },	 { 315, 2, 4, permissions },	    { 317, 2, 4, permissions },
	{ 313, 3, 4, permissions },	 { 169, 3, 2, ptrace_request },
};

void translate(uint16_t code, uint8_t *lengths, uint32_t count)
{
	for (size_t index = 0; index < sizeof(translations) / sizeof(translations[0]); index++) {
		if (translations[index].code != code || translations[index].parameter >= count)
			continue;
		uint8_t *at = lengths + count * 2;
		for (uint32_t before = 0; before < translations[index].parameter; before++)
			at += lengths[before * 2] | (lengths[before * 2 + 1] << 8);
		uint32_t value = 0;
		memcpy(&value, at, translations[index].size);
		value = translations[index].map(value);
		memcpy(at, &value, translations[index].size);
		return;
	}
}
