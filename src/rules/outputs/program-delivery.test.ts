import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Alert } from "../../model/events/alert.ts";
import type { AlertQueue } from "./alert-queue.ts";
import { DeliveringOutput } from "./delivering-output.ts";
import { DiskQueue } from "./disk-queue.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { ProgramSender } from "./program-sender.ts";

const root = temporaryFolder();
const environment = { PATH: "/usr/bin:/bin" };
let count = 0;

test("alerts for a program that hangs stay in their queue on disk when the watch ends", async () => {
  const folder = join(root, "queue");
  const { output, reasons } = deliverTo("exec sleep 600", { queue: await DiskQueue.open(folder), closeWithin: 300 });
  for (let index = 0; index < 300; index++) await output.write(alert, `${index} `.padEnd(1000, "x"));
  await output.close();
  expect({ reasons, lost: output.lost, ...output.counts }).toMatchObject({
    reasons: ["it takes too long"],
    lost: 0,
    delivered: 0,
    failures: 1,
  });
  const again = await DiskQueue.open(folder);
  expect(again.depth).toBe(300);
  await again.close();
});

test("alerts for a program that hangs are lost where no queue keeps them, and are said to be", async () => {
  const { output } = deliverTo("exec sleep 600", { closeWithin: 300 });
  for (let index = 0; index < 300; index++) await output.write(alert, `${index} `.padEnd(1000, "x"));
  await expect(output.close()).rejects.toThrow("300 alerts");
  expect(output).toMatchObject({ lost: 300, counts: { delivered: 0 } });
});

test("what was started by a program that hangs ends with it", async () => {
  const file = join(root, "child");
  const { output } = deliverTo(`sleep 600 & echo $! > ${file}; wait`, { closeWithin: 300 });
  for (let index = 0; index < 300; index++) await output.write(alert, "x".repeat(1000));
  await until(() => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"));
  await output.close().catch(() => undefined);
  const pid = Number(readFileSync(file, "utf8"));
  await until(() => !isRunning(pid));
});

test("a program that is told to end as the watch is gets its alerts again, and none is lost", async () => {
  const file = join(root, "interrupted");
  const text = `if [ -e ${file} ]; then exec cat >> ${file}; fi; echo $$ > ${file}; cat > /dev/null; kill -TERM $$`;
  const { output, reasons } = deliverTo(text);
  await output.write(alert, "a");
  await output.write(alert, "b");
  await output.flush();
  await output.close();
  expect(readFileSync(file, "utf8")).toMatch(/^\d+\na\nb\n$/);
  expect({ reasons, lost: output.lost, ...output.counts }).toMatchObject({
    reasons: ["it was terminated by SIGTERM"],
    lost: 0,
    delivered: 2,
  });
});

test("a program that reads one alert and ends well gets all of them, each alone", async () => {
  const file = join(root, "one-by-one");
  const { output, reasons } = deliverTo(`read -r line; echo "$line" >> ${file}`);
  for (const line of ["a", "b", "c"]) await output.write(alert, line);
  await until(() => existsSync(file) && readFileSync(file, "utf8").endsWith("a\nb\nc\n"));
  await output.close();
  expect(output).toMatchObject({ lost: 0, counts: { delivered: 3 } });
  expect(reasons.at(-1)).toContain("the program is started for each alert, as with per_alert: true");
});

test("the end of a program is one failure, and the wait after it begins again when it has worked for long", async () => {
  const file = join(root, "starts");
  const { output, reasons } = deliverTo(`echo start >> ${file}; read -r line; sleep 0.3; exit 1`, {
    retry: { first: 100, longest: 200 },
  });
  await output.write(alert, "a");
  await until(() => output.counts.failures === 4);
  expect(reasons).toHaveLength(4);
  expect(readFileSync(file, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(5);
  expect(output).toMatchObject({ progress: 4, counts: { delivered: 0 } });
  await output.close().catch(() => undefined);
});

const alert: Alert = {
  rule: "r",
  priority: "Notice",
  source: "syscall",
  time: 1n,
  message: "m",
  tags: [],
  fields: [],
  eventNumber: 1,
};

interface Delivery {
  readonly queue?: AlertQueue;
  readonly closeWithin?: number;
  readonly retry?: { readonly first: number; readonly longest: number };
}

/** An output to a program of the shell with this text. */
function deliverTo(text: string, delivery: Delivery = {}): { output: DeliveringOutput; reasons: string[] } {
  const path = join(root, `program-${count++}`);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  const reasons: string[] = [];
  const output = new DeliveringOutput(new ProgramSender({ path, args: [] }, { environment }), {
    queue: new MemoryQueue(),
    format: () => "{}",
    retry: { first: 5, longest: 20 },
    onFailure: (reason) => reasons.push(reason),
    ...delivery,
  });
  return { output, reasons };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie process still has its id.
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}
