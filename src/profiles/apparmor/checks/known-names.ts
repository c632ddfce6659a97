/** Linux capabilities, as AppArmor names them. */
export const capabilities: readonly string[] = [
  ..."chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable".split(" "),
  ..."net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot".split(" "),
  ..."sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease".split(" "),
  ..."audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read".split(" "),
  ..."perfmon bpf checkpoint_restore".split(" "),
];

/** Address families of `network` rules. */
export const networkFamilies: ReadonlySet<string> = new Set([
  ..."unspec unix inet ax25 ipx appletalk netrom bridge atmpvc x25 inet6 rose netbeui security key netlink".split(" "),
  ..."packet ash econet atmsvc rds sna irda pppox wanpipe llc ib mpls can tipc bluetooth iucv rxrpc isdn".split(" "),
  ..."phonet ieee802154 caif alg nfc vsock kcm qipcrtr smc xdp mctp".split(" "),
]);

/** Types of sockets in `network` and `unix` rules. */
export const socketTypes: ReadonlySet<string> = new Set(["stream", "dgram", "seqpacket", "rdm", "raw", "packet"]);

/** Protocols of `network` rules, for Internet sockets. */
export const networkProtocols: ReadonlySet<string> = new Set(["tcp", "udp", "icmp"]);

/** Signals, as `signal` rules name them. */
export const signals: ReadonlySet<string> = new Set([
  ..."hup int quit trap abrt bus fpe kill usr1 segv usr2 pipe alrm term stkflt chld cont stop stp ttin".split(" "),
  ..."ttou urg xcpu xfsz vtalrm prof winch io pwr sys emt exists".split(" "),
  ...Array.from({ length: 33 }, (_, number) => `rtmin+${number}`),
]);

/** Options of mount rules, in all their spellings. */
export const mountOptions: ReadonlySet<string> = new Set([
  ..."ro r read-only rw w suid nosuid dev nodev exec noexec sync async remount mand nomand dirsync symfollow".split(
    " ",
  ),
  ..."nosymfollow atime noatime diratime nodiratime bind B move M rbind R verbose silent loud acl noacl".split(" "),
  ..."unbindable make-unbindable runbindable make-runbindable private make-private rprivate make-rprivate".split(" "),
  ..."slave make-slave rslave make-rslave shared make-shared rshared make-rshared relatime norelatime iversion".split(
    " ",
  ),
  ..."noiversion strictatime nostrictatime lazytime nolazytime user nouser".split(" "),
]);

/** Mount options that change how mounts propagate. */
export const propagationOptions: RegExp = /^(?:make-)?r?(?:unbindable|private|slave|shared)$/;

/** Limits of `set rlimit` rules. */
export const resourceLimits: ReadonlySet<string> = new Set([
  ..."cpu fsize data stack core rss nofile ofile as nproc memlock locks sigpending msgqueue nice rtprio rttime".split(
    " ",
  ),
]);
