/** The kernel settings that are read into a host's facts. */
export const sysctlNames: readonly string[] = [
  ...["dmesg_restrict", "kptr_restrict", "unprivileged_bpf_disabled", "yama.ptrace_scope", "randomize_va_space"],
  ...["kexec_load_disabled", "perf_event_paranoid", "io_uring_disabled", "unprivileged_userns_clone", "core_pattern"],
  ...[
    "apparmor_restrict_unprivileged_userns",
    "modules_disabled",
    "sysrq",
    "panic",
    "panic_on_oops",
    "keys.root_maxkeys",
  ],
  ...["keys.root_maxbytes", "pid_max"],
]
  .map((name) => `kernel.${name}`)
  .concat(
    ...[
      "fs.protected_hardlinks",
      "fs.protected_symlinks",
      "fs.protected_fifos",
      "fs.protected_regular",
      "fs.suid_dumpable",
    ],
    ...["user.max_user_namespaces", "vm.mmap_min_addr", "vm.unprivileged_userfaultfd", "vm.overcommit_memory"],
    ...["vm.panic_on_oom", "dev.tty.ldisc_autoload"],
    ...["net.core.bpf_jit_harden", "net.ipv4.ip_forward", "net.ipv4.tcp_syncookies"],
    ...["net.ipv4.icmp_echo_ignore_broadcasts", "net.ipv4.icmp_ignore_bogus_error_responses"],
    ...["all", "default"].flatMap((which) => [
      ...[
        "rp_filter",
        "accept_redirects",
        "send_redirects",
        "secure_redirects",
        "accept_source_route",
        "log_martians",
      ].map((name) => `net.ipv4.conf.${which}.${name}`),
      ...["route_localnet"].map((name) => `net.ipv4.conf.${which}.${name}`),
      ...["accept_redirects", "accept_source_route", "accept_ra"].map((name) => `net.ipv6.conf.${which}.${name}`),
    ]),
    ...["net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables"],
  );
