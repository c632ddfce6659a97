import { isIPv6 } from "node:net";
import { PlimsollError } from "../../model/error.ts";

/**
 * Where a syslog listens: a server, a stream socket of this machine, or what keeps the log of this machine, as
 * {@link SyslogTarget.kind} `local`, whatever that is.
 */
export type SyslogTarget =
  | { readonly kind: "udp" | "tcp" | "tls"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "local" };

const ports: Readonly<Record<string, number>> = { udp: 514, tcp: 601, tls: 6514 };

/**
 * Reads `udp://HOST`, `tcp://HOST:PORT`, `tls://HOST`, `unix:PATH` and `local`. Ports are those of RFC 5426, 6587 and
 * 5425 unless given. Error: {@link PlimsollError} `usage`.
 */
export function parseSyslogTarget(text: string): SyslogTarget {
  if (text === "local") return { kind: "local" };
  if (text.startsWith("unix:/")) return { kind: "unix", path: text.slice("unix:".length) };
  const [, kind, , inBrackets, plain, port] =
    /^(udp|tcp|tls):\/\/(\[([^\]]+)\]|([^:/@?#[\]]+))(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  const host = inBrackets ?? plain;
  if (host === undefined || (inBrackets !== undefined && !isIPv6(inBrackets)) || Number(port ?? 1) > 65_535) {
    throw new PlimsollError("usage", "the syslog address is not valid", {
      hint: "Use udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT, unix:PATH or local.",
    });
  }
  return { kind: kind as "udp" | "tcp" | "tls", host, port: Number(port ?? ports[kind ?? ""]) };
}

/** A target as its address. */
export function printSyslogTarget(target: SyslogTarget): string {
  if (target.kind === "local") return "local";
  if (target.kind === "unix") return `unix:${target.path}`;
  return `${target.kind}://${isIPv6(target.host) ? `[${target.host}]` : target.host}:${target.port}`;
}
