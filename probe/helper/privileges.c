// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "privileges.h"

#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void drop_privileges(void)
{
	static const int kept[] = { CAP_BPF, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH };
	uint64_t bits = 0;
	for (int index = 0; index < 3; index++)
		bits |= 1ull << kept[index];
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &header, data) != 0)
		return;
	for (int half = 0; half < 2; half++) {
		uint32_t mask = half ? bits >> 32 : bits;
		data[half].effective &= mask;
		data[half].permitted &= mask;
		data[half].inheritable = 0;
	}
	/* CAP_SETPCAP is needed to make the bounds narrower, and goes with the others. */
	for (int capability = 0; capability <= 40; capability++)
		if (!(bits & (1ull << capability)))
			prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_capset, &header, data) != 0) {
		fprintf(stderr, "failed the capabilities cannot be given up\n");
		exit(1);
	}
}
