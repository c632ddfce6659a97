import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { OpenFile } from "../../model/images/file.ts";
import { ClamdScanner } from "./clamd-scanner.ts";
import { ClamdSession, parseClamdResult } from "./clamd-session.ts";
import { askClamdVersion, parseClamdVersion } from "./clamd-version.ts";

/** A clamd that answers each piece of what it is sent by a function. */
async function clamdThat(answer: (text: string, socket: Socket) => void): Promise<{ readonly path: string }> {
  const path = join(temporaryFolder(), "clamd.sock");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => answer(bytes.toString("latin1"), socket));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { path };
}

const version = "ClamAV 1.4.6/27818/Mon Nov 30 08:24:00 2026";
const endOfFile = "\0\0\0\0";

test.each([
  ["1: stream: OK", { kind: "clean" }],
  ["stream: Win.Test.EICAR_HDB-1 FOUND", { kind: "found", signature: "Win.Test.EICAR_HDB-1" }],
  ["12: stream: A name: with OK FOUND", { kind: "found", signature: "A name: with OK" }],
  ["INSTREAM size limit exceeded. ERROR", { kind: "not-scanned", reason: "INSTREAM size limit exceeded." }],
  ["UNKNOWN COMMAND", undefined],
])("reads %s", (text, result) => {
  expect(parseClamdResult(text)).toEqual(result);
});

test.each([
  [version, { program: "ClamAV 1.4.6", signatures: { version: "27818", builtAt: new Date("2026-11-30T08:24:00Z") } }],
  ["ClamAV 1.4.6", { program: "ClamAV 1.4.6" }],
  ["ClamAV 1.4.6/27818/yesterday", { program: "ClamAV 1.4.6" }],
  ["HTTP/1.1 400 Bad Request", undefined],
])("reads the version %s", (text, expected) => {
  expect(parseClamdVersion(text)).toEqual(expected);
});

test("sends files one after the other over one connection", async () => {
  const connections = new Set<Socket>();
  let received = "";
  const address = await clamdThat((text, socket) => {
    connections.add(socket);
    received += text;
    if (text.endsWith(endOfFile)) socket.write(`${received.split("zINSTREAM").length - 1}: stream: OK\0`);
  });
  using session = new ClamdSession(address);
  for (const text of ["one", "two"]) {
    await session.send(Buffer.from(text));
    expect(await session.end()).toEqual({ kind: "clean" });
  }
  expect(connections.size).toBe(1);
  expect(received).toBe(`zIDSESSION\0zINSTREAM\0\0\0\0\x03one${endOfFile}zINSTREAM\0\0\0\0\x03two${endOfFile}`);
});

test("a connection that clamd closes is a limit as long as clamd answers", async () => {
  const address = await clamdThat((text, socket) => {
    if (text.includes("zVERSION")) socket.end(`${version}\0`);
    else socket.destroy();
  });
  using session = new ClamdSession(address);
  await session.send(Buffer.alloc(100));
  expect(await session.end()).toMatchObject({ kind: "not-scanned" });
});

test.each([
  ["closes every connection", (_: string, socket: Socket) => void socket.destroy(), "is not clamd"],
  ["speaks another protocol", (_: string, socket: Socket) => void socket.write("HTTP/1.1 400\0"), "unexpected answer"],
  ["never ends its answer", (_: string, socket: Socket) => void socket.write("a".repeat(100_000)), "without end"],
])("what %s is an error", async (_, answer, message) => {
  using session = new ClamdSession(await clamdThat(answer));
  await session.send(Buffer.alloc(100));
  await expect(session.end()).rejects.toThrow(message);
});

test("the version of what is not there is an error", async () => {
  await expect(askClamdVersion({ path: "/nonexistent/clamd.sock" })).rejects.toThrow("does not respond");
});

test("a thread waits for the result of each file, and goes on after one that could not be read", () => {
  // The server must not be in this thread, which the scanner blocks: that nothing is there is heard from the other one.
  const scanner = new ClamdScanner({ path: "/nonexistent/clamd.sock" });
  const file: Pick<OpenFile, "size" | "read"> = { size: 3, read: () => Buffer.from("abc") };
  expect(() => scanner.scan(file)).toThrow("clamd does not respond at /nonexistent/clamd.sock");
  const broken = {
    size: 3,
    read: (): Uint8Array => {
      throw new Error("torn");
    },
  };
  expect(() => scanner.scan(broken)).toThrow("torn");
  expect(() => scanner.scan(file)).toThrow("clamd does not respond");
});
