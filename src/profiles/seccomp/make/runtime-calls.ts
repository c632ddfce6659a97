/**
 * The calls that runc makes itself between loading the filter and starting the program of the container, without those
 * that every program makes. Source: the base profile of the Security Profiles Operator for runc 1.4.
 */
export const runtimeCalls: readonly string[] = [
  ..."arch_prctl brk capget capset chdir close close_range epoll_ctl epoll_pwait execve exit_group faccessat2 fcntl".split(
    " ",
  ),
  ..."fstat fstatfs futex getcwd getdents64 getpid getppid getuid mmap mprotect nanosleep newfstatat openat openat2".split(
    " ",
  ),
  ..."prctl read recvfrom rt_sigreturn sched_yield set_tid_address setgid setgroups setuid sigaltstack statx tgkill".split(
    " ",
  ),
  "write",
];
