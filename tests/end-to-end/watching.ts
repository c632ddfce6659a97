import type { ChildProcessWithoutNullStreams } from "node:child_process";
import {
  createServer,
  type IncomingMessage,
  request as plainRequest,
  type RequestListener,
  type Server,
} from "node:http";
import {
  createServer as createSecureServer,
  type RequestOptions,
  type ServerOptions,
  request as secureRequest,
} from "node:https";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { capture, eventBlock, packed } from "../setup/write-capture.ts";
import type { Plimsoll, RunOptions, RunResult } from "./run-plimsoll.ts";

/** A watch that runs. */
export interface Watch {
  readonly child: ChildProcessWithoutNullStreams;
  /** Fulfilled with the first match in what it wrote to standard error until now or writes later; fails when it ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** As {@link said}, of standard output. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<RunResult>;
}

/** Starts `plimsoll watch`; it is killed when the test is over. */
export function startWatch(plimsoll: Plimsoll, args: readonly string[], options: RunOptions = {}): Watch {
  let child: ChildProcessWithoutNullStreams | undefined;
  const started = (running: ChildProcessWithoutNullStreams): void => {
    child = running;
  };
  const ended = plimsoll(["watch", ...args], { ...options, started });
  if (!child) throw new Error("the program was not started");
  const running = child;
  onTestFinished(() => void running.kill("SIGKILL"));
  return { child, ended, said: searchIn(running.stderr, ended), printed: searchIn(running.stdout, ended) };
}

function searchIn(stream: Readable, ended: Promise<unknown>): Watch["said"] {
  let text = "";
  let isOver = false;
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const look of waiting.splice(0)) look();
  };
  stream.on("data", (piece: string) => {
    text += piece;
    wake();
  });
  void ended.then(() => {
    isOver = true;
    wake();
  });
  return (pattern) =>
    new Promise((found, failed) => {
      const look = (): void => {
        const match = pattern.exec(text);
        if (match) found(match);
        else if (isOver) failed(new Error(`the watch ended and never wrote ${pattern}: ${text}`));
        else waiting.push(look);
      };
      look();
    });
}

/** The alerts of lines of JSON. */
export function alertsOf(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A capture in which files `/tmp/0`, `/tmp/1`, … are opened, a millisecond after each other. */
export function openingCapture(count: number): Buffer {
  const start = 1_700_000_000_000_000_000n;
  return capture(
    ...Array.from({ length: count }, (_, index) =>
      eventBlock({
        code: "SYSCALL_OPENAT_2_X",
        tid: 100,
        time: start + BigInt(index) * 1_000_000n,
        parameters: [
          packed([64, 3]),
          packed([64, -100]),
          packed(`/tmp/${index}\0`),
          packed([32, 1]),
          packed([32, 0]),
          packed([32, 0]),
          packed([64, index]),
        ],
      }),
    ),
  );
}

/** Rules about {@link openingCapture}: every file is a Warning, the first one Critical as well. */
export const openingRules = `
- rule: File opened
  desc: A file was opened.
  condition: evt.type = openat and fd.name startswith /tmp/
  output: Opened (file=%fd.name)
  priority: WARNING
  tags: [host]
- rule: First file opened
  desc: The first of the files was opened.
  condition: evt.type = openat and fd.name = /tmp/0
  output: First (file=%fd.name)
  priority: CRITICAL
`;

/** What a server for alerts was sent. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** A server for alerts. */
export interface AlertServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly received: readonly Received[];
  /** What it answers from now on. */
  answer: number;
  /** Fulfilled when so many requests were answered with 200. */
  accepted(count: number): Promise<void>;
}

/** Starts a server for alerts on the loopback; it ends with the test. */
export async function alertServer(tls?: ServerOptions): Promise<AlertServer> {
  const received: Received[] = [];
  let waiting: { readonly count: number; readonly done: () => void }[] = [];
  const listener: RequestListener = (request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      response.writeHead(self.answer).end();
      if (self.answer !== 200) return;
      const { method = "", url = "", headers } = request;
      received.push({ method, path: url, headers, body: Buffer.concat(pieces) });
      for (const { done } of waiting.filter(({ count }) => received.length >= count)) done();
      waiting = waiting.filter(({ count }) => received.length < count);
    });
  };
  const server: Server = tls ? createSecureServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const self: AlertServer = {
    url: `${tls ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: 200,
    accepted: (count) =>
      new Promise((done) => {
        if (received.length >= count) done();
        else waiting.push({ count, done });
      }),
  };
  return self;
}

/** A rule about {@link eventList}. */
export const deletionRules = `
- rule: Anything deleted
  desc: Somebody deleted something.
  source: k8s_audit
  condition: ka.verb = delete
  output: Deleted (user=%ka.user.name name=%ka.target.name)
  priority: NOTICE
`;

/** An audit event of a deletion. */
function deletion(name: string): object {
  return {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    auditID: name,
    stage: "ResponseComplete",
    verb: "delete",
    user: { username: "ann" },
    objectRef: { resource: "pods", namespace: "default", name },
    stageTimestamp: "2026-05-01T10:00:00.000001Z",
  };
}

/** What an API server posts about deletions of these names. */
export const eventList = (...names: string[]): string =>
  JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items: names.map(deletion) });

/** Posts a body of JSON, and gives the status of the answer. */
export function post(url: string, body: string, options: RequestOptions = {}): Promise<number> {
  const send = url.startsWith("https:") ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const sent = send(url, { method: "POST", headers, agent: false, ...options }, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.resume();
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
