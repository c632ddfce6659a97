// Does for real what a case of the corpus describes: a chain of processes, each with its own program and name, whose last
// one makes the system calls. The environment has the script, a line each, fields separated by tabs: PERFORM all of it,
// PERFORM_AT the place of the process that runs.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_FIELDS 16

static char *fields[MOST_FIELDS];
static int client = -1;

static int split(char *line)
{
	int count = 0;
	for (char *field; count < MOST_FIELDS - 1 && (field = strsep(&line, "\t"));)
		fields[count++] = field;
	fields[count] = NULL;
	return count;
}

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

/* Becomes a user and keeps all capabilities, also for the program that is executed. */
static void become(uid_t uid)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) || setgid(uid) || setuid(uid))
		fail("setuid");
	if (syscall(SYS_capget, &header, data))
		fail("capget");
	for (int half = 0; half < 2; half++)
		data[half].effective = data[half].inheritable = data[half].permitted;
	if (syscall(SYS_capset, &header, data))
		fail("capset");
	for (int capability = 0; capability <= 40; capability++)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
}

/* Starts the next process of the chain, and waits for it. */
static void start(int place)
{
	pid_t child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0) {
		uid_t uid = atoi(fields[3]);
		if (uid != 0)
			become(uid);
		char at[16];
		snprintf(at, sizeof(at), "%d", place);
		setenv("PERFORM_AT", at, 1);
		fields[3] = fields[2];
		execv(fields[1], fields + 3);
		fail(fields[1]);
	}
	int status;
	waitpid(child, &status, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}

/* A connection to an address that the machine has only here. */
static void connect_to(const char *protocol, const char *address, int port)
{
	if (unshare(CLONE_NEWNET))
		fail("unshare");
	int one = 1, is_six = strchr(protocol, '6') != NULL, is_tcp = protocol[0] == 't';
	int family = is_six ? AF_INET6 : AF_INET, type = is_tcp ? SOCK_STREAM : SOCK_DGRAM;
	int control = socket(AF_INET, SOCK_DGRAM, 0), server = socket(family, type, 0);
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr *to = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
	socklen_t size = is_six ? sizeof(six) : sizeof(four);
	inet_pton(family, address, is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr);
	if (ioctl(control, SIOCSIFFLAGS, &request))
		fail("lo");
	if (!is_six && strncmp(address, "127.", 4) != 0) {
		strcpy(request.ifr_name, "lo:1");
		memcpy(&request.ifr_addr, &four, sizeof(four));
		((struct sockaddr_in *)&request.ifr_addr)->sin_port = 0;
		if (ioctl(control, SIOCSIFADDR, &request))
			fail("lo:1");
	}
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(server, to, size) || (is_tcp && listen(server, 1)))
		fail("listen");
	client = socket(family, type, 0);
	if (connect(client, to, size))
		fail("connect");
}

static void act(void)
{
	const char *what = fields[0];
	long result = 0;
	if (strcmp(what, "shell") == 0)
		result = system(fields[1]);
	else if (strcmp(what, "group") == 0) {
		int group = open(fields[1], O_WRONLY | O_CLOEXEC);
		result = write(group, "0", 1);
		close(group);
	} else if (strcmp(what, "connect") == 0)
		connect_to(fields[1], fields[2], atoi(fields[3]));
	else if (strcmp(what, "open") == 0)
		result = syscall(SYS_open, fields[1], atoi(fields[2]), 0644);
	else if (strcmp(what, "openat") == 0)
		result = syscall(SYS_openat, AT_FDCWD, fields[1], atoi(fields[2]), 0644);
	else if (strcmp(what, "openat2") == 0) {
		struct open_how how = { .flags = atoi(fields[2]), .mode = atoi(fields[2]) & O_CREAT ? 0644 : 0 };
		result = syscall(SYS_openat2, AT_FDCWD, fields[1], &how, sizeof(how));
	} else if (strcmp(what, "symlink") == 0)
		result = syscall(SYS_symlink, fields[1], fields[2]);
	else if (strcmp(what, "symlinkat") == 0)
		result = syscall(SYS_symlinkat, fields[1], AT_FDCWD, fields[2]);
	else if (strcmp(what, "socket") == 0)
		result = socket(AF_PACKET, SOCK_RAW, 0);
	else if (strcmp(what, "dup2") == 0)
		result = syscall(SYS_dup2, client, atoi(fields[1]));
	else
		exit(3);
	if (result < 0)
		fail(what);
}

int main(void)
{
	const char *script = getenv("PERFORM"), *at = getenv("PERFORM_AT");
	char *rest = script ? strdup(script) : NULL;
	int done = at ? atoi(at) : 0, place = 0;
	for (char *line; rest && (line = strsep(&rest, "\n"));) {
		if (split(line) == 0 || place++ < done)
			continue;
		if (strcmp(fields[0], "process") == 0)
			start(place);
		act();
	}
	return 0;
}
