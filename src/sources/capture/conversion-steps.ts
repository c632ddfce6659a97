/**
 * How an event of an old capture becomes what the current library hands out: one step each, which may have to be
 * followed by another. Facts from `userspace/libscap/engine/savefile/converter` of falcosecurity/libs 48dfd53cd23f
 * (Apache-2.0).
 *
 * A step says what the parameters come from, in their order:
 *   `3`, `0-7`   parameters of the event itself
 *   `e0`         a parameter of the event before the system call, empty when that is not known
 *   `E0`         the same, but zero (of users and groups: -1) when it is not known
 *   `.`          empty
 *   `*`          zero
 * Without a new code the parameters of the event itself stay, and what the step names is added behind them.
 */
export interface ConversionStep {
  readonly code: string;
  /** The step is for events with so many parameters. */
  readonly parameterCount: number;
  readonly becomes?: string;
  readonly parameters: string;
}

const added: Readonly<Record<string, string>> = {
  "GENERIC_X 1": "e1",
  "SOCKET_ACCEPT4_6_X 5": "E0",
  "SOCKET_BIND_X 2": "E0",
  "SOCKET_CONNECT_E 1": "*",
  "SOCKET_CONNECT_X 2": "E0",
  "SOCKET_CONNECT_X 3": "E1",
  "SOCKET_LISTEN_X 1": "E0 E1",
  "SOCKET_RECVFROM_X 3": "E0 E1",
  "SOCKET_RECVMMSG_X 0": "* . . . . .",
  "SOCKET_RECVMSG_X 4": "*",
  "SOCKET_RECVMSG_X 5": "E0",
  "SOCKET_RECV_X 2": "E0 E1 *",
  "SOCKET_SENDMMSG_X 0": "* . . . .",
  "SOCKET_SENDMSG_X 2": "E0 E1 E2",
  "SOCKET_SENDTO_X 2": "E0 E1 E2",
  "SOCKET_SEND_X 2": "E0 E1 *",
  "SOCKET_SHUTDOWN_X 1": "E0 E1",
  "SOCKET_SOCKETPAIR_X 5": "E0 E1 E2",
  "SOCKET_SOCKET_X 1": "E0 E1 E2",
  "SOCKET_SOCKET_X 4": "*",
  "SYSCALL_ACCESS_X 2": "E0",
  "SYSCALL_BRK_4_X 4": "e0",
  "SYSCALL_CLONE3_X 20": ".",
  "SYSCALL_CLONE_20_X 20": ".",
  "SYSCALL_CLOSE_X 1": "E0",
  "SYSCALL_COPY_FILE_RANGE_X 3": "E0 E1 E2",
  "SYSCALL_CREAT_E 0": ". .",
  "SYSCALL_CREAT_X 3": ".",
  "SYSCALL_CREAT_X 4": ".",
  "SYSCALL_CREAT_X 5": ".",
  "SYSCALL_EPOLLWAIT_X 1": "E0",
  "SYSCALL_EPOLL_CREATE1_X 1": "E0",
  "SYSCALL_EPOLL_CREATE_X 1": "E0",
  "SYSCALL_EVENTFD2_X 2": "E0",
  "SYSCALL_EVENTFD_X 1": "E0 E1",
  "SYSCALL_EXECVEAT_X 19": ".",
  "SYSCALL_EXECVEAT_X 20": ". . .",
  "SYSCALL_EXECVEAT_X 23": ". . .",
  "SYSCALL_EXECVEAT_X 26": ".",
  "SYSCALL_EXECVEAT_X 27": ".",
  "SYSCALL_EXECVEAT_X 28": ".",
  "SYSCALL_EXECVEAT_X 29": ".",
  "SYSCALL_EXECVE_19_X 18": ".",
  "SYSCALL_EXECVE_19_X 19": ".",
  "SYSCALL_EXECVE_19_X 20": ". . .",
  "SYSCALL_EXECVE_19_X 23": ". . .",
  "SYSCALL_EXECVE_19_X 26": ".",
  "SYSCALL_EXECVE_19_X 27": ".",
  "SYSCALL_EXECVE_19_X 28": ".",
  "SYSCALL_EXECVE_19_X 29": ".",
  "SYSCALL_EXECVE_19_X 30": "e0",
  "SYSCALL_FCHDIR_X 1": "e0",
  "SYSCALL_FCNTL_X 1": "E0 E1",
  "SYSCALL_FCNTL_X 3": "*",
  "SYSCALL_FLOCK_X 1": "E0 E1",
  "SYSCALL_FORK_20_X 20": ".",
  "SYSCALL_FSTAT_X 1": "E0",
  "SYSCALL_FUTEX_X 1": "E0 E1 E2",
  "SYSCALL_GETDENTS64_X 1": "E0",
  "SYSCALL_GETDENTS_X 1": "E0",
  "SYSCALL_GETRLIMIT_X 3": "E0",
  "SYSCALL_INOTIFY_INIT_X 1": "E0",
  "SYSCALL_IOCTL_3_X 1": "E0 E1 E2",
  "SYSCALL_KILL_X 1": "E0 E1",
  "SYSCALL_LLSEEK_X 1": "E0 E1 E2",
  "SYSCALL_LSEEK_X 1": "E0 E1 E2",
  "SYSCALL_MKDIR_2_X 2": "e0",
  "SYSCALL_MMAP2_X 4": "E0 E1 E2 E3 E4 E5",
  "SYSCALL_MMAP_X 4": "E0 E1 E2 E3 E4 E5",
  "SYSCALL_MOUNT_X 4": "E0",
  "SYSCALL_MPROTECT_X 1": "E0 E1 E2",
  "SYSCALL_MUNMAP_X 4": "E0 E1",
  "SYSCALL_NANOSLEEP_X 1": "E0",
  "SYSCALL_OPENAT2_E 0": ". . . . .",
  "SYSCALL_OPENAT2_X 6": ". .",
  "SYSCALL_OPENAT_2_E 0": ". . . .",
  "SYSCALL_OPENAT_2_X 5": ".",
  "SYSCALL_OPENAT_2_X 6": ".",
  "SYSCALL_OPEN_E 0": ". . .",
  "SYSCALL_OPEN_X 4": ".",
  "SYSCALL_OPEN_X 5": ".",
  "SYSCALL_POLL_X 2": "E1",
  "SYSCALL_PPOLL_X 2": "E1 E2",
  "SYSCALL_PREADV_X 3": "E0 E1",
  "SYSCALL_PREAD_X 2": "E0 E1 E2",
  "SYSCALL_PRLIMIT_X 5": "e0 e1",
  "SYSCALL_PTRACE_X 0": ". . .",
  "SYSCALL_PTRACE_X 3": "e0 e1",
  "SYSCALL_PWRITEV_X 2": "E0 E1 E2",
  "SYSCALL_PWRITE_X 2": "E0 E1 E2",
  "SYSCALL_QUOTACTL_X 14": "E0 E1 E2 E3",
  "SYSCALL_READV_X 3": "E0",
  "SYSCALL_READ_X 2": "E0 E1",
  "SYSCALL_SECCOMP_E 1": "*",
  "SYSCALL_SECCOMP_X 1": "E0 E1",
  "SYSCALL_SEMCTL_X 1": "E0 E1 E2 E3",
  "SYSCALL_SEMGET_X 1": "E0 E1 E2",
  "SYSCALL_SEMOP_X 8": "E0",
  "SYSCALL_SENDFILE_X 2": "E0 E1 E3",
  "SYSCALL_SETGID_X 1": "e0",
  "SYSCALL_SETNS_X 1": "e0 e1",
  "SYSCALL_SETPGID_X 1": "e0 e1",
  "SYSCALL_SETRESGID_X 1": "e0 e1 e2",
  "SYSCALL_SETRESUID_X 1": "e0 e1 e2",
  "SYSCALL_SETRLIMIT_X 3": "E0",
  "SYSCALL_SETUID_X 1": "e0",
  "SYSCALL_SIGNALFD4_X 2": "E0 E1",
  "SYSCALL_SIGNALFD_X 1": "E0 E1 E2",
  "SYSCALL_SPLICE_X 1": "E0 E1 E2 E3",
  "SYSCALL_TGKILL_X 1": "E0 E1 E2",
  "SYSCALL_TIMERFD_CREATE_X 1": "E0 E1",
  "SYSCALL_TKILL_X 1": "E0 E1",
  "SYSCALL_UMOUNT2_X 2": "E0",
  "SYSCALL_UNSHARE_X 1": "E0",
  "SYSCALL_VFORK_20_X 20": ".",
  "SYSCALL_WRITEV_X 2": "E0 E1",
  "SYSCALL_WRITE_X 2": "E0 E1",
};

const changed: Readonly<Record<string, readonly [becomes: string, parameters: string]>> = {
  "CONTAINER_JSON_E 1": ["CONTAINER_JSON_2_E", "0"],
  "PROCEXIT_E 0": ["PROCEXIT_1_E", ". . . . ."],
  "SCHEDSWITCH_1_E 1": ["SCHEDSWITCH_6_E", "0 . . . . ."],
  "SOCKET_ACCEPT4_5_X 5": ["SOCKET_ACCEPT4_6_X", "0-4 E0"],
  "SOCKET_ACCEPT4_X 3": ["SOCKET_ACCEPT4_6_X", "0-2 * * E0"],
  "SOCKET_ACCEPT_X 3": ["SOCKET_ACCEPT_5_X", "0-2 * *"],
  "SYSCALL_BPF_X 1": ["SYSCALL_BPF_2_X", "0 e0"],
  "SYSCALL_BRK_1_X 1": ["SYSCALL_BRK_4_X", "0 e0 . . ."],
  "SYSCALL_CLONE_11_X 11": ["SYSCALL_CLONE_16_X", "0-7 . . . . . 8-10"],
  "SYSCALL_CLONE_16_X 16": ["SYSCALL_CLONE_17_X", "0-12 . 13-15"],
  "SYSCALL_CLONE_17_X 17": ["SYSCALL_CLONE_20_X", "0-13 . 14-16 . ."],
  "SYSCALL_DUP_X 1": ["SYSCALL_DUP_1_X", "0 e0"],
  "SYSCALL_EXECVE_13_E 0": ["SYSCALL_EXECVE_14_E", ""],
  "SYSCALL_EXECVE_13_X 13": ["SYSCALL_EXECVE_14_X", "0-12 ."],
  "SYSCALL_EXECVE_14_E 0": ["SYSCALL_EXECVE_15_E", ""],
  "SYSCALL_EXECVE_14_X 14": ["SYSCALL_EXECVE_15_X", "0-12 . 13"],
  "SYSCALL_EXECVE_15_E 0": ["SYSCALL_EXECVE_16_E", ""],
  "SYSCALL_EXECVE_15_X 15": ["SYSCALL_EXECVE_16_X", "0-13 . 14"],
  "SYSCALL_EXECVE_16_E 0": ["SYSCALL_EXECVE_17_E", ""],
  "SYSCALL_EXECVE_16_X 16": ["SYSCALL_EXECVE_17_X", "0-15 ."],
  "SYSCALL_EXECVE_17_E 0": ["SYSCALL_EXECVE_18_E", "."],
  "SYSCALL_EXECVE_17_X 17": ["SYSCALL_EXECVE_18_X", "0-16"],
  "SYSCALL_EXECVE_18_E 1": ["SYSCALL_EXECVE_19_E", "0"],
  "SYSCALL_EXECVE_18_X 17": ["SYSCALL_EXECVE_19_X", "0-16 ."],
  "SYSCALL_EXECVE_8_E 0": ["SYSCALL_EXECVE_13_E", ""],
  "SYSCALL_EXECVE_8_X 8": ["SYSCALL_EXECVE_13_X", "0-7 . . . . ."],
  "SYSCALL_FORK_17_X 17": ["SYSCALL_FORK_20_X", "0-13 . 14-16 . ."],
  "SYSCALL_FORK_X 16": ["SYSCALL_FORK_17_X", "0-12 . 13-15"],
  "SYSCALL_IOCTL_2_X 1": ["SYSCALL_IOCTL_3_X", "0 e0 e1 ."],
  "SYSCALL_LINKAT_X 1": ["SYSCALL_LINKAT_2_X", "0 e0 e1 e2 e3 ."],
  "SYSCALL_LINK_X 1": ["SYSCALL_LINK_2_X", "0 e0 e1"],
  "SYSCALL_MKDIR_X 1": ["SYSCALL_MKDIR_2_X", "0 e0 e1"],
  "SYSCALL_NEWSELECT_X 1": ["SYSCALL_SELECT_X", "0"],
  "SYSCALL_OPENAT_X 1": ["SYSCALL_OPENAT_2_X", "0 e0 e1 e2 e3 . ."],
  "SYSCALL_RMDIR_X 1": ["SYSCALL_RMDIR_2_X", "0 e0"],
  "SYSCALL_UMOUNT_X 2": ["SYSCALL_UMOUNT_1_X", "0 1"],
  "SYSCALL_UNLINKAT_X 1": ["SYSCALL_UNLINKAT_2_X", "0 e0 e1 ."],
  "SYSCALL_UNLINK_X 1": ["SYSCALL_UNLINK_2_X", "0 e0"],
  "SYSCALL_VFORK_17_X 17": ["SYSCALL_VFORK_20_X", "0-13 . 14-16 . ."],
  "SYSCALL_VFORK_X 16": ["SYSCALL_VFORK_17_X", "0-12 . 13-15"],
};

/** All steps. `CONTAINER_E` does not have a step: its parameters are written again as JSON. */
export const conversionSteps: readonly ConversionStep[] = [
  ...Object.entries(added).map(([key, parameters]) => ({ ...keyOf(key), parameters })),
  ...Object.entries(changed).map(([key, [becomes, parameters]]) => ({ ...keyOf(key), becomes, parameters })),
];

/**
 * Events before a system call that are handed out to feed the state, and kept for the one after it where that needs
 * them.
 */
export const enterEventsForState: Readonly<Record<string, "kept" | "not kept">> = {
  SOCKET_CONNECT_E: "kept",
  SYSCALL_CREAT_E: "not kept",
  SYSCALL_EXECVEAT_E: "not kept",
  SYSCALL_EXECVE_19_E: "kept",
  SYSCALL_OPENAT2_E: "not kept",
  SYSCALL_OPENAT_2_E: "not kept",
  SYSCALL_OPEN_E: "not kept",
};

function keyOf(key: string): { code: string; parameterCount: number } {
  const [code = "", count = ""] = key.split(" ");
  return { code, parameterCount: Number(count) };
}
