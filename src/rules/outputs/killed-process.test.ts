import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";

const root = temporaryFolder();
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

test.each([
  ["the server is down", 0],
  ["the server answers 503", 503],
  ["the server takes alerts", 200],
])(
  "every alert that was acknowledged is delivered after kill -9 while %s",
  { timeout: 120_000 },
  async (name, status) => {
    const folder = join(root, name.replaceAll(" ", "-"));
    const received = new Map<number, number>();
    let answer = status;
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        if (answer === 200) note(received, Buffer.concat(pieces).toString());
        response.writeHead(answer).end();
      });
    });
    servers.push(server);
    await listen(server, 0);
    const { port } = server.address() as AddressInfo;
    if (status === 0) await new Promise((resolve) => server.close(resolve));

    const acknowledged = new Set<number>();
    for (let run = 0; run < 4; run++) await writeUntilKilled({ folder, port, run, acknowledged });
    expect(acknowledged.size).toBeGreaterThan(200);
    expect(received.size > 0).toBe(status === 200);

    answer = 200;
    if (status === 0) await listen(server, port);
    const last = start({ folder, port, run: 9, writes: false });
    await new Promise((resolve) => last.on("exit", resolve));
    expect(last.exitCode).toBe(0);
    expect([...acknowledged].filter((number) => !received.has(number))).toEqual([]);
  },
);

/** A process that writes alerts as fast as it can and is killed at some moment. */
async function writeUntilKilled({ folder, port, run, acknowledged }: Run): Promise<void> {
  const child = start({ folder, port, run, writes: true });
  const killAt = 60 + 37 * run;
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  let count = 0;
  for await (const line of lines) {
    acknowledged.add(Number(line));
    if (++count === killAt) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.on("exit", resolve));
  expect(child.signalCode).toBe("SIGKILL");
}

interface Run {
  readonly folder: string;
  readonly port: number;
  readonly run: number;
  readonly acknowledged: Set<number>;
}

/**
 * With `writes`, the process prints the number of each alert when its queue has it; else it delivers what is left and
 * ends.
 */
function start(options: { folder: string; port: number; run: number; writes: boolean }): ChildProcess {
  const source = `
    import { writeSync } from "node:fs";
    const { DiskQueue } = await import(${moduleOf("disk-queue.ts")});
    const { HttpSender } = await import(${moduleOf("http-sender.ts")});
    const { DeliveringOutput } = await import(${moduleOf("delivering-output.ts")});
    const { folder, port, run, writes } = ${JSON.stringify(options)};
    const output = new DeliveringOutput(new HttpSender("http://127.0.0.1:" + port), {
      queue: await DiskQueue.open(folder),
      format: () => "{}",
      retry: { first: 5, longest: 20 },
      closeWithin: 60_000,
    });
    if (writes) {
      for (let index = run * 1_000_000; ; index++) {
        const alert = { rule: "r", priority: "Notice", source: "syscall", time: 1n, message: "", tags: [], fields: [] };
        const line = JSON.stringify({ number: index, padding: "x".repeat(index % 500) });
        output.write(alert, line).then(() => writeSync(1, index + "\\n"));
        if (index % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    await output.close();`;
  return spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function moduleOf(name: string): string {
  return JSON.stringify(new URL(name, import.meta.url).href);
}

function note(received: Map<number, number>, body: string): void {
  const { number } = JSON.parse(body) as { number: number };
  received.set(number, (received.get(number) ?? 0) + 1);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}
