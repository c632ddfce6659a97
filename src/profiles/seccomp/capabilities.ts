/** The capabilities that Docker and containerd give a container. Source: moby, oci/caps/defaults.go. */
export const engineCapabilities: readonly string[] = named(
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL",
  "AUDIT_WRITE",
);

/** All capabilities of Linux. Source: linux/capability.h. */
export const allCapabilities: readonly string[] = [
  ...engineCapabilities,
  ...named(
    "DAC_READ_SEARCH LINUX_IMMUTABLE NET_BROADCAST NET_ADMIN IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_PTRACE",
    "SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG LEASE AUDIT_CONTROL MAC_OVERRIDE",
    "MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE",
  ),
];

function named(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(" ").map((name) => `CAP_${name}`));
}
