import { createSocket } from "node:dgram";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, expect, test } from "vitest";
import { makeCertificates, pem } from "../../../tests/registry/setup/certificates.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Alert } from "../../model/events/alert.ts";
import type { Sender } from "./sender.ts";
import { syslogMessage } from "./syslog-message.ts";
import { syslogSender } from "./syslog-sender.ts";
import { parseSyslogTarget, printSyslogTarget } from "./syslog-target.ts";

const root = temporaryFolder();
const signal = new AbortController().signal;
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

const alert: Alert = {
  rule: "r",
  priority: "Warning",
  source: "syscall",
  time: 1_470_327_477_881_781_397n,
  message: "m",
  tags: [],
  fields: [],
  eventNumber: 1,
};

test("a message says priority, time, host and program as RFC 5424 wants", () => {
  expect(syslogMessage(alert, "text ü", { hostname: "höst name", processId: 7 })).toBe(
    "<12>1 2016-08-04T16:17:57.881781Z h?st?name plimsoll 7 - - text ü",
  );
  expect(syslogMessage({ ...alert, priority: "Emergency" }, "", { facility: 10 })).toMatch(/^<80>1 /);
  expect(syslogMessage({ ...alert, priority: "Debug", hostname: "a" }, "", { hostname: "b" })).toMatch(
    /^<15>1 \S+ a plim/,
  );
});

test("a message goes out as a datagram, cut off between characters where it is too long", async () => {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const received: Buffer[] = [];
  socket.on("message", (message) => received.push(message));
  const sender = syslogSender({ kind: "udp", host: "127.0.0.1", port: socket.address().port });
  await sendAll(sender, ["short", "ü".repeat(5000)]);
  while (received.length < 2) await pause();
  socket.close();
  expect(received[0]?.toString()).toMatch(/ short$/);
  expect(received[1]?.length).toBeLessThanOrEqual(8192);
  expect(received[1]?.toString()).toMatch(/ü$/);
});

test("messages go through TCP with their length in bytes in front", async () => {
  const { port, received } = await listen(createServer());
  await sendAll(syslogSender({ kind: "tcp", host: "127.0.0.1", port }), ["ü", "b"]);
  const message = syslogMessage(alert, "ü", {});
  await until(() => received().length > 2 * message.length);
  expect(received()).toBe(`${Buffer.byteLength(message)} ${message}${message.length} ${syslogMessage(alert, "b", {})}`);
});

test("messages go through TLS to a server that the authority vouches for, with a certificate of the client", async () => {
  const { authority, server, client } = makeCertificates(root);
  const options = {
    cert: pem(server.certificate),
    key: pem(server.key),
    ca: pem(authority.certificate),
    requestCert: true,
  };
  const { port, received } = await listen(createTlsServer(options));
  const target = { kind: "tls" as const, host: "127.0.0.1", port };
  const tls = { ca: pem(authority.certificate), certificate: pem(client.certificate), key: pem(client.key) };
  await sendAll(syslogSender(target, { tls }), ["secret"]);
  await until(() => received().endsWith("secret"));
  await expect(syslogSender(target).send(["x"], signal)).rejects.toThrow(/certificate/);
});

test("messages go through a stream socket, one a line", async () => {
  const path = join(root, "stream");
  const { received } = await listen(createServer(), path);
  await sendAll(syslogSender({ kind: "unix", path }), ["a", "b"]);
  await until(() => received().split("\n").length === 3);
  expect(received()).toBe(`${syslogMessage(alert, "a", {})}\n${syslogMessage(alert, "b", {})}\n`);
});

test("a connection that was closed is opened again", async () => {
  const { port, received, sockets } = await listen(createServer());
  const sender = syslogSender({ kind: "tcp", host: "127.0.0.1", port });
  await sender.send(["a"], signal);
  await until(() => received() === "1 a");
  for (const socket of sockets) socket.destroy();
  await pause();
  await sender.send(["b"], signal);
  await until(() => received() === "1 a1 b");
  await sender.close();
});

test("the log of this machine is the journal where there is one", async () => {
  const journal = join(root, "journal");
  const { received } = await listen(createServer(), journal);
  await sendAll(syslogSender({ kind: "local" }, { localPlaces: { journal, datagrams: root, loggers: [] } }), ["a"]);
  await until(() => received().endsWith("a\n"));
  expect(received()).toBe("plimsoll\n\n5\n1\n0\n0\n0\n<4>a\n");
});

test("without a journal it is what the program logger writes to", async () => {
  const logger = join(root, "logger");
  const target = join(root, "logged");
  writeFileSync(logger, `#!/bin/sh\necho "$@" > ${target}\n/bin/cat >> ${target}\n`);
  chmodSync(logger, 0o755);
  const localPlaces = { journal: join(root, "none"), datagrams: root, loggers: [join(root, "none"), logger] };
  await sendAll(syslogSender({ kind: "local" }, { localPlaces }), ["a $(x)"]);
  expect(readFileSync(target, "utf8")).toBe("--prio-prefix --tag plimsoll --size 8KiB\n<12>a $(x)\n");
});

test.runIf(existsSync("/usr/bin/logger"))("the logger of util-linux understands how it is called", async () => {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const message = new Promise<Buffer>((resolve) => socket.on("message", resolve));
  const path = join(root, "network-logger");
  const server = `--server 127.0.0.1 --udp --port ${socket.address().port} --rfc5424`;
  writeFileSync(path, `#!/bin/sh\nexec /usr/bin/logger ${server} "$@"\n`);
  chmodSync(path, 0o755);
  const localPlaces = { journal: join(root, "none"), datagrams: root, loggers: [path] };
  await sendAll(syslogSender({ kind: "local" }, { localPlaces }), ["to the log"]);
  expect((await message).toString()).toMatch(/^<12>1 .* plimsoll .* to the log$/);
  socket.close();
});

test("a machine without a log is an error that says what to do", () => {
  const localPlaces = { journal: join(root, "none"), datagrams: root, loggers: [] };
  expect(() => syslogSender({ kind: "local" }, { localPlaces })).toThrow("no system log socket found on this machine");
});

test.each([
  ["udp://log.example", "udp://log.example:514"],
  ["tcp://10.0.0.1", "tcp://10.0.0.1:601"],
  ["tls://[fd00::1]:99", "tls://[fd00::1]:99"],
  ["tls://log.example/", "tls://log.example:6514"],
  ["unix:/run/log", "unix:/run/log"],
  ["local", "local"],
])("%s is an address of a syslog", (text, printed) => {
  expect(printSyslogTarget(parseSyslogTarget(text))).toBe(printed);
});

test.each([
  "",
  "log.example",
  "http://a",
  "udp://",
  "udp://a:99999",
  "udp://a:b",
  "tcp://u:p@a",
  "unix:a",
  "tls://[a]",
])("%j is none", (text) => {
  expect(() => parseSyslogTarget(text)).toThrow("the syslog address is not valid");
});

async function sendAll(sender: Sender, lines: readonly string[]): Promise<void> {
  await sender.send(
    lines.map((line) => sender.encode?.(alert, line) ?? line),
    signal,
  );
  await sender.close();
}

async function listen(
  server: Server,
  path?: string,
): Promise<{ port: number; received: () => string; sockets: Socket[] }> {
  servers.push(server);
  const pieces: Buffer[] = [];
  const sockets: Socket[] = [];
  const accept = (socket: Socket): void => {
    sockets.push(socket);
    socket.on("data", (piece) => pieces.push(Buffer.from(piece))).on("error", () => undefined);
  };
  server.on("connection", (socket: Socket) => socket.on("error", () => undefined));
  server.on("setSecureContext" in server ? "secureConnection" : "connection", accept);
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, "127.0.0.1", resolve) : server.listen(path, resolve),
  );
  const address = server.address() as AddressInfo | string;
  const port = typeof address === "string" ? 0 : address.port;
  return { port, received: () => Buffer.concat(pieces).toString(), sockets };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
