// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "snapshot.h"
#include "writer.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define MOST_TEXT 4096

enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_MACHINE = 0x201, BLOCK_THREADS = 0x215, BLOCK_FILES = 0x218 };
enum { BLOCK_INTERFACES = 0x219, BLOCK_USERS = 0x220 };

/* The types of descriptors in a capture. */
enum { FD_UNKNOWN, FD_FILE, FD_DIRECTORY, FD_IPV4, FD_IPV6, FD_IPV4_SERVER, FD_IPV6_SERVER, FD_FIFO, FD_UNIX };
enum { FD_EVENT = 9, FD_UNSUPPORTED = 10, FD_SIGNALFD = 11, FD_EVENTPOLL = 12, FD_INOTIFY = 13, FD_TIMERFD = 14 };
enum { FD_OPENED_FILE = 16 };

static uint64_t boot_time;

/* Reads a small file below /proc; what does not fit is cut. Returns its size, and ends it with NUL. */
static size_t read_file(const char *path, char *bytes, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	if (fd >= 0) {
		while (size + 1 < room) {
			ssize_t count = read(fd, bytes + size, room - 1 - size);
			if (count <= 0)
				break;
			size += count;
		}
		close(fd);
	}
	bytes[size] = 0;
	return size;
}

static size_t read_link(const char *path, char *bytes, size_t room)
{
	ssize_t size = readlink(path, bytes, room - 1);
	size = size < 0 ? 0 : size;
	bytes[size] = 0;
	return size;
}

static const char *value_of(const char *status, const char *name)
{
	const char *at = strstr(status, name);
	return at ? at + strlen(name) : "0";
}

static uint64_t nanoseconds(const struct timespec *time)
{
	return time->tv_sec * 1000000000ull + time->tv_nsec;
}

static void write_machine(void)
{
	size_t begun = begin_block(BLOCK_SECTION);
	put_u32(0x1a2b3c4d);
	put_u16(1);
	put_u16(2);
	put_u64(UINT64_MAX);
	end_block(begun);

	struct timespec real, boot;
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	boot_time = nanoseconds(&real) - nanoseconds(&boot);
	struct sysinfo info;
	sysinfo(&info);
	char name[128] = "";
	gethostname(name, sizeof(name) - 1);
	begun = begin_block(BLOCK_MACHINE);
	put_u32(get_nprocs());
	put_u64((uint64_t)info.totalram * info.mem_unit);
	put_u64(4194304);
	put(name, sizeof(name));
	put_u64(boot_time);
	put_u64(0);
	put_u64(0);
	put_u64(0);
	end_block(begun);
}

static void write_interfaces(void)
{
	struct ifaddrs *all = NULL;
	if (getifaddrs(&all) != 0)
		return;
	size_t begun = begin_block(BLOCK_INTERFACES);
	for (struct ifaddrs *one = all; one; one = one->ifa_next) {
		if (!one->ifa_addr)
			continue;
		int family = one->ifa_addr->sa_family;
		if (family != AF_INET && family != AF_INET6)
			continue;
		size_t name_size = strlen(one->ifa_name), size = family == AF_INET ? 4 : 16;
		size_t offset = family == AF_INET ? offsetof(struct sockaddr_in, sin_addr)
						  : offsetof(struct sockaddr_in6, sin6_addr);
		struct sockaddr *const addresses[] = { one->ifa_addr, one->ifa_netmask,
						       one->ifa_flags & IFF_BROADCAST ? one->ifa_broadaddr : NULL };
		put_u32(2 + 2 + 3 * size + 8 + name_size);
		put_u16(family == AF_INET ? 1 : 2);
		put_u16(name_size);
		for (int index = 0; index < 3; index++) {
			static const uint8_t nothing[16];
			put(addresses[index] ? (const uint8_t *)addresses[index] + offset : nothing, size);
		}
		put_u64(0);
		put(one->ifa_name, name_size);
	}
	end_block(begun);
	freeifaddrs(all);
}

static void write_users(void)
{
	size_t begun = begin_block(BLOCK_USERS);
	setpwent();
	for (struct passwd *user; (user = getpwent());) {
		size_t start = put_size();
		put_u32(0);
		put_u8(0);
		put_u32(user->pw_uid);
		put_u32(user->pw_gid);
		put_text(user->pw_name, strlen(user->pw_name));
		put_text(user->pw_dir, strlen(user->pw_dir));
		put_text(user->pw_shell, strlen(user->pw_shell));
		put_u32_at(start, put_size() - start);
	}
	endpwent();
	setgrent();
	for (struct group *group; (group = getgrent());) {
		size_t start = put_size();
		put_u32(0);
		put_u8(1);
		put_u32(group->gr_gid);
		put_text(group->gr_name, strlen(group->gr_name));
		put_u32_at(start, put_size() - start);
	}
	endgrent();
	end_block(begun);
}

/* The control groups of a process, as the probe writes them. */
static void put_cgroups(const char *folder)
{
	char path[64], text[8192];
	snprintf(path, sizeof(path), "%s/cgroup", folder);
	read_file(path, text, sizeof(text));
	static const char *const wanted[] = { "cpuset", "cpu", "memory" };
	const char *paths[3] = { NULL, NULL, NULL }, *unified = NULL;
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n"));) {
		char *first = strchr(line, ':'), *second = first ? strchr(first + 1, ':') : NULL;
		if (!second)
			continue;
		*second = 0;
		if (first + 1 == second)
			unified = second + 1;
		char *names = first + 1;
		for (char *name; (name = strsep(&names, ","));)
			for (int index = 0; index < 3; index++)
				if (strcmp(name, wanted[index]) == 0)
					paths[index] = second + 1;
	}
	size_t start = put_size();
	put_u16(0);
	for (int index = 0; index < 3; index++) {
		const char *found = paths[index] ? paths[index] : unified;
		if (!found)
			continue;
		put(wanted[index], strlen(wanted[index]));
		put_u8('=');
		put(found, strlen(found) + 1);
	}
	put_u16_at(start, put_size() - start - 2);
}

/*
 * Whether a program lies on an overlay. In which layer cannot be told from outside of the kernel; what runs already is
 * taken as part of the image.
 */
static bool is_on_overlay(const char *exe)
{
	struct statfs facts;
	return statfs(exe, &facts) == 0 && facts.f_type == 0x794c7630;
}

/* One thread; its facts are those of its process where threads have none of their own. */
static void write_thread(const char *folder, int tid)
{
	char path[96], status[4096], stat_text[2048], text[MOST_TEXT + 1];
	snprintf(path, sizeof(path), "%s/status", folder);
	if (read_file(path, status, sizeof(status)) == 0)
		return;
	snprintf(path, sizeof(path), "%s/stat", folder);
	read_file(path, stat_text, sizeof(stat_text));
	int pgid = 0, sid = 0, tty = 0;
	unsigned long minor_faults = 0, major_faults = 0, ignored;
	unsigned long long start_ticks = 0;
	const char *after = strrchr(stat_text, ')');
	if (after)
		sscanf(after + 2, "%*c %*d %d %d %d %*d %*u %lu %lu %lu %lu %*u %*u %*d %*d %*d %*d %*d %*d %llu", &pgid, &sid,
		       &tty, &minor_faults, &ignored, &major_faults, &ignored, &start_ticks);
	int pid = atoi(value_of(status, "\nTgid:")), parent = atoi(value_of(status, "\nPPid:"));
	int vtid = tid, vpid = pid, vpgid = pgid;
	/* The last number of each line is that in the innermost namespace. */
	static const char *const names[] = { "\nNSpid:", "\nNStgid:", "\nNSpgid:" };
	int *const inner[] = { &vtid, &vpid, &vpgid };
	int levels = 0;
	for (int index = 0; index < 3; index++) {
		const char *at = value_of(status, names[index]);
		levels = 0;
		for (char *end; *at && *at != '\n'; at = end) {
			long number = strtol(at, &end, 10);
			if (end == at)
				break;
			*inner[index] = number;
			levels++;
		}
	}
	size_t start = put_size();
	put_u32(0);
	put_u64(tid);
	put_u64(pid);
	put_u64(parent);
	put_u64(sid);
	put_u64(vpgid);
	const char *comm = strchr(stat_text, '(');
	put_text(comm ? comm + 1 : "", comm && after ? after - comm - 1 : 0);
	snprintf(path, sizeof(path), "%s/cmdline", folder);
	size_t size = read_file(path, text, sizeof(text));
	size_t first = strnlen(text, size);
	put_text(text, first);
	snprintf(path, sizeof(path), "%s/exe", folder);
	char exe[PATH_MAX];
	put_text(exe, read_link(path, exe, sizeof(exe)));
	struct stat exe_stat = {};
	bool has_exe = stat(path, &exe_stat) == 0, lower = has_exe && is_on_overlay(path);
	put_text(text + (first < size ? first + 1 : size), first < size ? size - first - 1 : 0);
	char link[PATH_MAX];
	snprintf(path, sizeof(path), "%s/cwd", folder);
	put_text(link, read_link(path, link, sizeof(link)));
	char limits[2048];
	snprintf(path, sizeof(path), "%s/limits", folder);
	read_file(path, limits, sizeof(limits));
	put_u64(strtoull(value_of(limits, "Max open files"), NULL, 10));
	put_u32(levels > 1 ? 536870912 : 0);
	/* The second number of each line is the effective one. */
	unsigned uid = 0, gid = 0;
	sscanf(value_of(status, "\nUid:"), "%*u %u", &uid);
	sscanf(value_of(status, "\nGid:"), "%*u %u", &gid);
	put_u32(uid);
	put_u32(gid);
	put_u32(atoi(value_of(status, "\nVmSize:")));
	put_u32(atoi(value_of(status, "\nVmRSS:")));
	put_u32(atoi(value_of(status, "\nVmSwap:")));
	put_u64(major_faults);
	put_u64(minor_faults);
	snprintf(path, sizeof(path), "%s/environ", folder);
	put_text(text, read_file(path, text, sizeof(text)));
	put_u64(vtid);
	put_u64(vpid);
	put_cgroups(folder);
	snprintf(path, sizeof(path), "%s/root", folder);
	put_text(link, read_link(path, link, sizeof(link)));
	put_u64(levels > 1 ? boot_time + start_ticks * (1000000000ull / sysconf(_SC_CLK_TCK)) : boot_time);
	put_u32(tty);
	char number[32];
	snprintf(path, sizeof(path), "%s/loginuid", folder);
	put_u32(read_file(path, number, sizeof(number)) ? strtoul(number, NULL, 10) : UINT32_MAX);
	put_u8(has_exe && uid == 0);
	put_u64(strtoull(value_of(status, "\nCapInh:"), NULL, 16));
	put_u64(strtoull(value_of(status, "\nCapPrm:"), NULL, 16));
	put_u64(strtoull(value_of(status, "\nCapEff:"), NULL, 16));
	put_u8(0);
	put_u64(exe_stat.st_ino);
	put_u64(has_exe ? nanoseconds(&exe_stat.st_ctim) : 0);
	put_u64(has_exe ? nanoseconds(&exe_stat.st_mtim) : 0);
	put_u8(strncmp(exe, "/memfd:", 7) == 0);
	put_u8(lower);
	put_u64(pgid);
	put_u32_at(start, put_size() - start);
}

/* Sockets of one network namespace, by inode. */
struct known_socket {
	uint64_t inode;
	uint8_t family, protocol;
	bool is_listening;
	uint8_t near[16], far[16];
	uint16_t near_port, far_port;
	char path[108];
};

static struct {
	uint64_t namespace;
	struct known_socket *all;
	size_t count, room;
} sockets;

static struct known_socket *new_socket(void)
{
	if (sockets.count == sockets.room) {
		sockets.room = sockets.room * 2 + 256;
		sockets.all = realloc(sockets.all, sockets.room * sizeof(*sockets.all));
		if (!sockets.all)
			exit(1);
	}
	struct known_socket *one = &sockets.all[sockets.count++];
	memset(one, 0, sizeof(*one));
	return one;
}

static void read_hexadecimal(const char *text, uint8_t *to, size_t size)
{
	for (size_t word = 0; word < size / 4; word++) {
		char digits[9] = "";
		memcpy(digits, text + word * 8, 8);
		uint32_t value = strtoul(digits, NULL, 16);
		memcpy(to + word * 4, &value, 4);
	}
}

static void read_internet_sockets(const char *path, uint8_t family, uint8_t protocol)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	char line[512], near[40], far[40];
	while (fgets(line, sizeof(line), file)) {
		unsigned near_port, far_port, state;
		unsigned long long inode;
		if (sscanf(line, " %*d: %39[0-9A-F]:%x %39[0-9A-F]:%x %x %*s %*s %*s %*u %*d %llu", near, &near_port, far,
			   &far_port, &state, &inode) != 6)
			continue;
		size_t size = family == AF_INET ? 4 : 16;
		if (strlen(near) != size * 2 || strlen(far) != size * 2)
			continue;
		struct known_socket *one = new_socket();
		one->inode = inode;
		one->family = family;
		one->protocol = protocol;
		one->is_listening = protocol == 1 ? state == 10 : far_port == 0;
		read_hexadecimal(near, one->near, size);
		read_hexadecimal(far, one->far, size);
		one->near_port = near_port;
		one->far_port = far_port;
	}
	fclose(file);
}

static void read_unix_sockets(const char *path)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	char line[512];
	while (fgets(line, sizeof(line), file)) {
		unsigned long long inode;
		char name[108] = "";
		if (sscanf(line, "%*x: %*x %*x %*x %*x %*x %llu %107[^\n]", &inode, name) < 1)
			continue;
		struct known_socket *one = new_socket();
		one->inode = inode;
		one->family = AF_UNIX;
		strcpy(one->path, name);
	}
	fclose(file);
}

static int by_inode(const void *left, const void *right)
{
	uint64_t a = ((const struct known_socket *)left)->inode, b = ((const struct known_socket *)right)->inode;
	return a < b ? -1 : a > b;
}

/* Reads the sockets that the process sees, unless they are those of the process before. */
static void read_sockets(const char *folder)
{
	char path[96];
	struct stat facts;
	snprintf(path, sizeof(path), "%s/ns/net", folder);
	if (stat(path, &facts) != 0 || facts.st_ino == sockets.namespace)
		return;
	sockets.namespace = facts.st_ino;
	sockets.count = 0;
	static const struct {
		const char *name;
		uint8_t family, protocol;
	} tables[] = { { "tcp", AF_INET, 1 }, { "udp", AF_INET, 2 }, { "tcp6", AF_INET6, 1 }, { "udp6", AF_INET6, 2 } };
	for (size_t index = 0; index < 4; index++) {
		snprintf(path, sizeof(path), "%s/net/%s", folder, tables[index].name);
		read_internet_sockets(path, tables[index].family, tables[index].protocol);
	}
	snprintf(path, sizeof(path), "%s/net/unix", folder);
	read_unix_sockets(path);
	qsort(sockets.all, sockets.count, sizeof(*sockets.all), by_inode);
}

static void put_descriptor_start(int fd, uint64_t inode, uint8_t type)
{
	put_u32(0);
	put_u64(fd);
	put_u64(inode);
	put_u8(type);
}

static void write_socket(int fd, uint64_t inode)
{
	struct known_socket key = { .inode = inode }, *one = NULL;
	if (sockets.count > 0)
		one = bsearch(&key, sockets.all, sockets.count, sizeof(key), by_inode);
	if (!one) {
		put_descriptor_start(fd, inode, FD_UNSUPPORTED);
		put_text("socket", 6);
		return;
	}
	if (one->family == AF_UNIX) {
		put_descriptor_start(fd, inode, FD_UNIX);
		put_u64(0);
		put_u64(0);
		put_text(one->path, strlen(one->path));
		return;
	}
	bool is_four = one->family == AF_INET;
	size_t size = is_four ? 4 : 16;
	if (one->is_listening) {
		put_descriptor_start(fd, inode, is_four ? FD_IPV4_SERVER : FD_IPV6_SERVER);
		put(one->near, size);
		put_u16(one->near_port);
	} else {
		put_descriptor_start(fd, inode, is_four ? FD_IPV4 : FD_IPV6);
		put(one->near, size);
		put(one->far, size);
		put_u16(one->near_port);
		put_u16(one->far_port);
	}
	put_u8(one->protocol);
}

static uint32_t flags_of(const char *folder, int fd)
{
	char path[96], text[1024];
	snprintf(path, sizeof(path), "%s/fdinfo/%d", folder, fd);
	read_file(path, text, sizeof(text));
	uint32_t flags = strtoul(value_of(text, "flags:"), NULL, 8);
	uint32_t access = flags & O_ACCMODE;
	return (access == O_RDONLY ? 1 : access == O_WRONLY ? 2 : 3) | (flags & O_APPEND ? 8 : 0) |
	       (flags & O_CLOEXEC ? 4096 : 0);
}

static void write_descriptor(const char *folder, int fd)
{
	char path[96], name[PATH_MAX];
	snprintf(path, sizeof(path), "%s/fd/%d", folder, fd);
	size_t size = read_link(path, name, sizeof(name));
	struct stat facts;
	if (size == 0 || stat(path, &facts) != 0)
		return;
	size_t start = put_size();
	if (S_ISSOCK(facts.st_mode))
		write_socket(fd, facts.st_ino);
	else if (S_ISDIR(facts.st_mode)) {
		put_descriptor_start(fd, facts.st_ino, FD_DIRECTORY);
		put_text(name, size);
	} else if (S_ISFIFO(facts.st_mode)) {
		put_descriptor_start(fd, facts.st_ino, FD_FIFO);
		put_text(name, size);
	} else if (name[0] != '/') {
		static const struct {
			const char *name;
			uint8_t type;
		} kinds[] = { { "anon_inode:[eventfd]", FD_EVENT },	  { "anon_inode:[eventpoll]", FD_EVENTPOLL },
			      { "anon_inode:inotify", FD_INOTIFY },	  { "anon_inode:[signalfd]", FD_SIGNALFD },
			      { "anon_inode:[timerfd]", FD_TIMERFD } };
		uint8_t type = FD_UNSUPPORTED;
		for (size_t index = 0; index < sizeof(kinds) / sizeof(kinds[0]); index++)
			if (strcmp(name, kinds[index].name) == 0)
				type = kinds[index].type;
		put_descriptor_start(fd, facts.st_ino, type);
		put_text(name, size);
	} else {
		put_descriptor_start(fd, facts.st_ino, FD_OPENED_FILE);
		put_u32(flags_of(folder, fd));
		put_text(name, size);
		put_u32((minor(facts.st_dev) & 0xff) | (major(facts.st_dev) << 8) | ((minor(facts.st_dev) & ~0xffu) << 12));
	}
	put_u32_at(start, put_size() - start);
}

/* Calls `each` for the numbers that a folder has as names. */
static void for_numbers(const char *folder, void (*each)(const char *folder, int number))
{
	DIR *all = opendir(folder);
	if (!all)
		return;
	for (struct dirent *one; (one = readdir(all));)
		if (one->d_name[0] >= '0' && one->d_name[0] <= '9')
			each(folder, atoi(one->d_name));
	closedir(all);
}

static void write_one_thread(const char *folder, int tid)
{
	char path[64];
	snprintf(path, sizeof(path), "%.40s/%d", folder, tid);
	write_thread(path, tid);
}

static void write_threads_of(const char *folder, int pid)
{
	char path[64];
	snprintf(path, sizeof(path), "%.20s/%d/task", folder, pid);
	for_numbers(path, write_one_thread);
}

static void write_one_descriptor(const char *folder, int fd)
{
	char process[64];
	snprintf(process, sizeof(process), "%.*s", (int)(strlen(folder) - 3), folder);
	write_descriptor(process, fd);
}

static void write_files_of(const char *folder, int pid)
{
	char path[64];
	snprintf(path, sizeof(path), "%.20s/%d", folder, pid);
	read_sockets(path);
	size_t begun = begin_block(BLOCK_FILES);
	put_u64(pid);
	strcat(path, "/fd");
	for_numbers(path, write_one_descriptor);
	end_block(begun);
}

void write_snapshot(void)
{
	write_machine();
	write_interfaces();
	write_users();
	size_t begun = begin_block(BLOCK_THREADS);
	for_numbers("/proc", write_threads_of);
	end_block(begun);
	sockets.namespace = 0;
	for_numbers("/proc", write_files_of);
}
