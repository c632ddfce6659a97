/** Address families by number, of those that strace names. Source: linux/socket.h. */
const families: ReadonlyMap<string, bigint> = numbered(
  ..."UNSPEC UNIX INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet NETBEUI SECURITY KEY NETLINK".split(
    " ",
  ),
  ..."PACKET ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET".split(
    " ",
  ),
  ..."IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP".split(" "),
);

/** Flags of clone and unshare, and the signals that clone sends. Source: linux/sched.h. */
const flags: ReadonlyMap<string, bigint> = new Map(
  Object.entries({
    CLONE_NEWTIME: 0x80n,
    CLONE_VM: 0x100n,
    CLONE_FS: 0x200n,
    CLONE_FILES: 0x400n,
    CLONE_SIGHAND: 0x800n,
    CLONE_PIDFD: 0x1000n,
    CLONE_PTRACE: 0x2000n,
    CLONE_VFORK: 0x4000n,
    CLONE_PARENT: 0x8000n,
    CLONE_THREAD: 0x1_0000n,
    CLONE_NEWNS: 0x2_0000n,
    CLONE_SYSVSEM: 0x4_0000n,
    CLONE_SETTLS: 0x8_0000n,
    CLONE_PARENT_SETTID: 0x10_0000n,
    CLONE_CHILD_CLEARTID: 0x20_0000n,
    CLONE_DETACHED: 0x40_0000n,
    CLONE_UNTRACED: 0x80_0000n,
    CLONE_CHILD_SETTID: 0x100_0000n,
    CLONE_NEWCGROUP: 0x200_0000n,
    CLONE_NEWUTS: 0x400_0000n,
    CLONE_NEWIPC: 0x800_0000n,
    CLONE_NEWUSER: 0x1000_0000n,
    CLONE_NEWPID: 0x2000_0000n,
    CLONE_NEWNET: 0x4000_0000n,
    CLONE_IO: 0x8000_0000n,
    SIGUSR1: 10n,
    SIGUSR2: 12n,
    SIGCHLD: 17n,
    PER_LINUX: 0n,
    PER_LINUX32: 8n,
    UNAME26: 0x20000n,
    ADDR_NO_RANDOMIZE: 0x40000n,
    NULL: 0n,
  }),
);

const longestText = 4096;

/** The numbers of arguments that strace shows, as far as they are known; in the order of the kernel. */
export function symbolicArguments(name: string, text: string): readonly (bigint | undefined)[] {
  // strace shows the arguments of clone by name, and the flags are the first of the kernel's on most architectures.
  if (name === "clone") return [argumentValue(/(?:^|, )flags=([A-Z0-9_|x]{1,400})/.exec(text)?.[1] ?? "")];
  return splitArguments(text.slice(0, longestText)).map(argumentValue);
}

/** The texts between commas that are in no quotes and no brackets; at most six. */
function splitArguments(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length && parts.length < 6; at++) {
    const character = text[at];
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === "\\") at++;
    } else if (character === "(" || character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
    else if (character === ")" && --depth < 0) {
      parts.push(text.slice(start, at));
      return parts;
    } else if (character === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return parts;
}

function argumentValue(text: string): bigint | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  let sum = 0n;
  for (const part of trimmed.split("|")) {
    const value = numberOf(part);
    if (value === undefined) return undefined;
    sum |= value;
  }
  return sum;
}

function numberOf(text: string): bigint | undefined {
  // File descriptors may have their path behind them: 3</etc/passwd>.
  const [, number] = /^(-?\d{1,20}|0x[0-9a-f]{1,16})(?:<.*>)?$/.exec(text) ?? [];
  if (number !== undefined) return BigInt.asUintN(64, BigInt(number));
  return text.startsWith("AF_") ? families.get(text) : flags.get(text);
}

function numbered(...names: readonly string[]): ReadonlyMap<string, bigint> {
  return new Map(names.map((name, index) => [`AF_${name}`, BigInt(index)]));
}
