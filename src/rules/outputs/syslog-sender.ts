import { existsSync } from "node:fs";
import { connect, isIP } from "node:net";
import type { HttpTls } from "../../io/http/http-client.ts";
import { nodeTls } from "../../io/http/node-http.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Alert } from "../../model/events/alert.ts";
import { DatagramSender } from "./datagram-sender.ts";
import { ProgramSender } from "./program-sender.ts";
import type { Sender } from "./sender.ts";
import { StreamSender } from "./stream-sender.ts";
import { type SyslogOrigin, syslogMessage, syslogPriority } from "./syslog-message.ts";
import { printSyslogTarget, type SyslogTarget } from "./syslog-target.ts";

/** Options for alerts that go to a syslog. */
export interface SyslogSenderOptions {
  readonly origin?: SyslogOrigin;
  /** For `tls`. */
  readonly tls?: HttpTls;
  /** Where the log of this machine may be, first to be taken first. */
  readonly localPlaces?: LocalPlaces;
}

/** What keeps the log of a machine. */
export interface LocalPlaces {
  /** The stream socket of systemd's journal. */
  readonly journal: string;
  /** The datagram socket that the program `logger` writes to. */
  readonly datagrams: string;
  /** Programs that are `logger` of util-linux. */
  readonly loggers: readonly string[];
}

const usualPlaces: LocalPlaces = {
  journal: "/run/systemd/journal/stdout",
  datagrams: "/dev/log",
  loggers: ["/usr/bin/logger", "/bin/logger"],
};

/**
 * What sends alerts to a syslog: RFC 5424 in datagrams (RFC 5426), or with its length in front through TCP (RFC 6587)
 * and TLS (RFC 5425), or one a line through a stream socket. The log of this machine is usually behind a datagram
 * socket, `/dev/log`, which Node cannot open; so `local` is the journal through its stream socket, or else the program
 * `logger`.
 *
 * Error: {@link PlimsollError} `target-not-found` when this machine has neither.
 */
export function syslogSender(target: SyslogTarget, options: SyslogSenderOptions = {}): Sender {
  const { origin = {}, tls = {}, localPlaces = usualPlaces } = options;
  const id = `syslog ${printSyslogTarget(target)}`;
  const encode = (alert: Alert, formatted: string): string => syslogMessage(alert, formatted, origin);
  switch (target.kind) {
    case "local":
      return localSender(localPlaces, { id, origin });
    case "udp":
      return new DatagramSender({ id, encode, host: target.host, port: target.port });
    case "unix":
      return new StreamSender({
        id,
        encode,
        connect: () => connect(target.path),
        readyEvent: "connect",
        frame: (message) => `${message}\n`,
      });
    case "tcp":
      return new StreamSender({
        id,
        encode,
        connect: () => connect(target.port, target.host),
        readyEvent: "connect",
        frame: withLength,
      });
    case "tls":
      return new StreamSender({
        id,
        encode,
        connect: () => nodeTls().connect(target.port, target.host, tlsOptions(target.host, tls)),
        readyEvent: "secureConnect",
        frame: withLength,
      });
  }
}

function localSender(
  { journal, datagrams, loggers }: LocalPlaces,
  { id, origin }: { readonly id: string; readonly origin: SyslogOrigin },
): Sender {
  if (existsSync(journal)) return journalSender(journal, id);
  const logger = existsSync(datagrams) ? loggers.find((path) => existsSync(path)) : undefined;
  if (logger !== undefined) return loggerSender(logger, { id, origin });
  throw new PlimsollError("target-not-found", "no system log socket found on this machine", {
    hint: "Send alerts to a syslog server (udp://, tcp:// or tls://) or to a stream socket (unix:PATH).",
  });
}

/**
 * The stream protocol of systemd's journal: name, unit, priority, whether lines begin with a priority, and three kinds
 * of forwarding, one a line; then the lines. Source: systemd, `journald-stream.c`.
 */
function journalSender(path: string, id: string): Sender {
  return new StreamSender({
    id,
    connect: () => connect(path),
    readyEvent: "connect",
    greeting: "plimsoll\n\n5\n1\n0\n0\n0\n",
    encode: (alert, formatted) => `<${syslogPriority(alert, { facility: 0 })}>${formatted}`,
    frame: (message) => `${message}\n`,
  });
}

function loggerSender(path: string, { id, origin }: { readonly id: string; readonly origin: SyslogOrigin }): Sender {
  const program = new ProgramSender(
    { path, args: ["--prio-prefix", "--tag", "plimsoll", "--size", "8KiB"] },
    { environment: {} },
  );
  return {
    id,
    batchSize: program.batchSize,
    parallel: program.parallel,
    encode: (alert, formatted) => `<${syslogPriority(alert, origin)}>${formatted}`,
    send: (lines, signal) => program.send(lines, signal),
    close: () => program.close(),
  };
}

/** A message behind its length in bytes. Source: RFC 6587, section 3.4.1. */
function withLength(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}

function tlsOptions(host: string, { ca, certificate, key, verify = true }: HttpTls): object {
  return {
    ...(isIP(host) ? {} : { servername: host }),
    ...(ca !== undefined && { ca: [...nodeTls().getCACertificates("default"), ca] }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: verify,
  };
}
