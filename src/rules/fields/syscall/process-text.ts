import type { ByteString } from "../../../model/events/kernel-event.ts";
import type { Thread } from "../../state/thread.ts";

/** The arguments with blanks between. */
export function argumentsOf({ args }: Thread): ByteString {
  return args.join(" ");
}

/** The name and the arguments with blanks between. */
export function commandLine({ comm, args }: Thread): ByteString {
  return args.length === 0 ? comm : `${comm} ${args.join(" ")}`;
}

/** The environment with blanks between. */
export function environment(thread: Thread): ByteString {
  const text = environmentText(thread);
  return text.endsWith("\0") ? text.slice(0, -1).replaceAll("\0", " ") : text.replaceAll("\0", " ");
}

/** A variable of the environment, without blanks around it; empty when it is not there. */
export function variable(thread: Thread, name: string): ByteString {
  const text = environmentText(thread);
  const start = `${name}=`;
  let at = text.startsWith(start) ? 0 : text.indexOf(`\0${start}`) + 1;
  if (at === 0 && !text.startsWith(start)) return "";
  at += start.length;
  let end = text.indexOf("\0", at);
  if (end < 0) end = text.length;
  while (at < end && text[at] === " ") at++;
  while (end > at && text[end - 1] === " ") end--;
  return text.slice(at, end);
}

/** The variables, each with a NUL at its end. */
function environmentText(thread: Thread): ByteString {
  return (thread.main ?? thread).envText;
}

const capabilities = [
  ...["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP"],
  ...["LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER"],
  ...["SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE"],
  ...["SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP"],
  ...["MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF"],
  "CHECKPOINT_RESTORE",
].map((name) => `CAP_${name}`);

const spelled = new Map<bigint, string>();

/** The names of a set of capabilities, with blanks between. */
export function capabilityNames(bits: bigint): string {
  let text = spelled.get(bits);
  if (text === undefined) {
    text = capabilities.filter((_, bit) => (bits & (1n << BigInt(bit))) !== 0n).join(" ");
    if (spelled.size < 4096) spelled.set(bits, text);
  }
  return text;
}
