// SPDX-License-Identifier: Apache-2.0
/*
 * Loads the probe and writes what it sees to the standard output, as a `.scap` capture: the state of the machine, then
 * its events. Ends when its standard input ends, and when nobody reads; the kernel takes the programs away with it.
 *
 * Standard input, line by line: `calls NAME,NAME,…`: the system calls that are reported from then on, besides those that
 * the state of the machine needs. Standard error, line by line: `ready`, `lost NUMBER` (events that found no room since
 * the last such line), `unseen NUMBER` (calls of 32-bit programs), `failed REASON`.
 */
#define _GNU_SOURCE
#include "calls.h"
#include "plimsoll.skel.h"
#include "privileges.h"
#include "snapshot.h"
#include "writer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POLL_MILLISECONDS 5
#define COLLECTED_BYTES (128 * 1024)
#define COUNT_SECONDS 1

static struct {
	uint64_t boot_time;
	uint64_t lost, unseen;
	bool is_abandoned;
} run;

static uint64_t now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void fail(const char *reason, int error)
{
	fprintf(stderr, "failed %s%s%s\n", reason, error ? ": " : "", error ? strerror(error) : "");
	exit(1);
}

static int on_event(void *context, void *data, size_t size)
{
	(void)context;
	if (size < FRONT_SIZE)
		return 0;
	size_t begun = put_size();
	uint8_t *event = put(data, size);
	uint64_t time;
	uint32_t count;
	uint16_t code;
	memcpy(&time, event + 10, sizeof(time));
	memcpy(&code, event + 30, sizeof(code));
	memcpy(&count, event + 32, sizeof(count));
	time += run.boot_time;
	memcpy(event + 10, &time, sizeof(time));
	translate(code, event + FRONT_SIZE, count);
	end_block(begun);
	if (put_size() >= COLLECTED_BYTES && !flush_output())
		run.is_abandoned = true;
	return run.is_abandoned ? -1 : 0;
}

static void choose_calls(struct plimsoll_bpf *probe, char *names)
{
	struct probe_call nothing = {};
	int map = bpf_map__fd(probe->maps.calls);
	for (size_t index = 0; index < known_call_count; index++) {
		const struct known_call *known = &known_calls[index];
		bool is_wanted = known->is_always;
		size_t length = strlen(known->name);
		for (char *at = names; !is_wanted && at && (at = strstr(at, known->name)); at += length)
			is_wanted = (at == names || at[-1] == ',') && (at[length] == ',' || at[length] == 0);
		uint32_t number = known->number;
		bpf_map_update_elem(map, &number, is_wanted ? &known->call : &nothing, BPF_ANY);
	}
}

/* False when the standard input has ended. */
static bool read_commands(struct plimsoll_bpf *probe)
{
	static char line[16384];
	static size_t size;
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	while (poll(&input, 1, 0) > 0) {
		ssize_t count = read(STDIN_FILENO, line + size, sizeof(line) - 1 - size);
		if (count <= 0)
			return false;
		size += count;
		line[size] = 0;
		for (char *end; (end = strchr(line, '\n'));) {
			*end = 0;
			if (strncmp(line, "calls ", 6) == 0)
				choose_calls(probe, line + 6);
			size -= end + 1 - line;
			memmove(line, end + 1, size + 1);
		}
		if (size == sizeof(line) - 1)
			return false;
	}
	return true;
}

static uint64_t counted(struct plimsoll_bpf *probe, enum probe_counter counter)
{
	uint64_t sum = 0;
	for (size_t cpu = 0; cpu < PROBE_PROCESSORS; cpu++)
		sum += probe->bss->counters[cpu][counter];
	return sum;
}

/* Tells what was lost. After a gap the state of the machine is written anew. */
static void report_losses(struct plimsoll_bpf *probe)
{
	uint64_t lost = counted(probe, COUNTER_LOST) + counted(probe, COUNTER_TOO_LARGE);
	uint64_t unseen = counted(probe, COUNTER_UNSEEN_32);
	if (lost > run.lost) {
		fprintf(stderr, "lost %llu\n", (unsigned long long)(lost - run.lost));
		write_snapshot();
	}
	if (unseen > run.unseen)
		fprintf(stderr, "unseen %llu\n", (unsigned long long)(unseen - run.unseen));
	run.lost = lost;
	run.unseen = unseen;
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN && getenv("PLIMSOLL_PROBE_DEBUG") ? vfprintf(stderr, format, arguments) : 0;
}

static struct plimsoll_bpf *load(void)
{
	libbpf_set_print(quiet);
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		fail("the kernel has no BTF (/sys/kernel/btf/vmlinux), which Linux has since 5.8 with CONFIG_DEBUG_INFO_BTF", 0);
	struct plimsoll_bpf *probe = plimsoll_bpf__open();
	if (!probe)
		fail("the probe cannot be opened", errno);
	struct bpf_program *const by_tail_call[] = { probe->progs.on_plain, probe->progs.on_open, probe->progs.on_socket };
	for (size_t index = 0; index < 3; index++)
		bpf_program__set_autoattach(by_tail_call[index], false);
	int result = plimsoll_bpf__load(probe);
	if (result)
		fail(result == -EPERM ? "the kernel does not let this user load programs" : "the kernel refuses the probe", -result);
	for (uint32_t index = 0; index < 3; index++) {
		uint32_t handler = HANDLER_PLAIN + index;
		int program = bpf_program__fd(by_tail_call[index]);
		bpf_map_update_elem(bpf_map__fd(probe->maps.handlers), &handler, &program, BPF_ANY);
	}
	probe->bss->unwatched[0] = getpid();
	probe->bss->unwatched[1] = getppid();
	return probe;
}

int main(void)
{
	setvbuf(stderr, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	/* An interrupt at the terminal is for the watch, which then ends the standard input. */
	signal(SIGINT, SIG_IGN);
	struct plimsoll_bpf *probe = load();
	choose_calls(probe, NULL);
	int result = plimsoll_bpf__attach(probe);
	if (result)
		fail("the probe cannot be attached", -result);
	struct ring_buffer *ring = ring_buffer__new(bpf_map__fd(probe->maps.events), on_event, NULL, NULL);
	if (!ring)
		fail("the ring buffer cannot be read", errno);
	drop_privileges();
	/* Events from here on wait in the ring buffer while the state is read. */
	run.boot_time = now(CLOCK_REALTIME) - now(CLOCK_BOOTTIME);
	write_snapshot();
	fprintf(stderr, "ready\n");
	uint64_t next_count = 0;
	while (!run.is_abandoned && flush_output() && read_commands(probe)) {
		int polled = ring_buffer__poll(ring, POLL_MILLISECONDS);
		if (polled == 0)
			ring_buffer__consume(ring);
		uint64_t time = now(CLOCK_MONOTONIC);
		if (time >= next_count) {
			next_count = time + COUNT_SECONDS * 1000000000ull;
			run.boot_time = now(CLOCK_REALTIME) - now(CLOCK_BOOTTIME);
			report_losses(probe);
		}
	}
	ring_buffer__free(ring);
	plimsoll_bpf__destroy(probe);
	return 0;
}
