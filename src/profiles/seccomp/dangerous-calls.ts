/** A system call that widens what an attacker inside a container can do. */
export interface DangerousCall {
  readonly name: string;
  /** What the call makes possible, as a clause. */
  readonly why: string;
  /** The capability without which the kernel refuses it outside a user namespace. */
  readonly capability?: string;
}

/** Source: the manual pages of the calls, and kernel vulnerabilities that are known to be exploited through them. */
export const dangerousCalls: readonly DangerousCall[] = [
  ...calls("ptrace", "reads and changes other processes of the same user, and has bypassed seccomp before Linux 4.8"),
  ...calls("process_vm_readv process_vm_writev", "reads and writes the memory of other processes of the same user"),
  ...calls("pidfd_getfd", "takes open files from other processes of the same user"),
  ...calls("bpf", "loads programs into the kernel, whose verifier had many vulnerabilities", "CAP_BPF"),
  ...calls("perf_event_open", "observes other processes and the kernel, and had many vulnerabilities", "CAP_PERFMON"),
  ...calls("userfaultfd", "pauses the kernel in the middle of a copy, which makes races easy to exploit"),
  ...calls(
    "io_uring_setup io_uring_enter io_uring_register",
    "does file and network operations that seccomp does not see, in code with many vulnerabilities",
  ),
  ...calls("add_key keyctl request_key", "uses kernel keyrings, which containers share"),
  ...calls("unshare setns", "creates or enters namespaces: a user namespace opens much of the kernel to attackers"),
  ...calls("kexec_load kexec_file_load", "replaces the running kernel", "CAP_SYS_BOOT"),
  ...calls("init_module finit_module delete_module", "loads or removes kernel modules", "CAP_SYS_MODULE"),
  ...calls(
    "mount umount umount2 pivot_root fsopen fsconfig fsmount fspick move_mount open_tree mount_setattr open_tree_attr",
    "changes mounts, also inside a new user namespace",
    "CAP_SYS_ADMIN",
  ),
  ...calls(
    "open_by_handle_at",
    "opens files of the host by their inode number (the Shocker escape)",
    "CAP_DAC_READ_SEARCH",
  ),
  ...calls("iopl ioperm", "gives direct access to hardware ports", "CAP_SYS_RAWIO"),
  ...calls("acct swapon swapoff quotactl quotactl_fd", "changes settings of the whole host", "CAP_SYS_ADMIN"),
  ...calls("settimeofday clock_settime clock_adjtime adjtimex stime", "sets the clock of the host", "CAP_SYS_TIME"),
  ...calls("reboot", "restarts the host or its init", "CAP_SYS_BOOT"),
  ...calls("syslog", "reads the kernel log with addresses that help exploits", "CAP_SYSLOG"),
  ...calls("modify_ldt vm86 vm86old", "enters rarely used processor modes, in code with vulnerabilities"),
  ...calls("move_pages mbind set_mempolicy migrate_pages", "changes the memory placement of processes", "CAP_SYS_NICE"),
  ...calls("uselib _sysctl nfsservctl create_module query_module get_kernel_syms", "is obsolete and has no user left"),
];

function calls(names: string, why: string, capability?: string): readonly DangerousCall[] {
  return names.split(" ").map((name) => ({ name, why, ...(capability !== undefined && { capability }) }));
}
