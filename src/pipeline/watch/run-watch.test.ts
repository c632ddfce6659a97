import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { DiskQueue } from "../../rules/outputs/disk-queue.ts";
import { runWatch } from "./run-watch.ts";

const folder = temporaryFolder();

test("what is damaged in a queue is noted and counts as lost, and what is whole in it is sent", async () => {
  const queueFolder = join(folder, "queue");
  const queue = await DiskQueue.open(queueFolder);
  await queue.enqueue('{"number": 1}');
  await queue.close();
  writeFileSync(join(queueFolder, `${"2".padStart(16, "0")}.alerts`), "no record at all");
  const rules = join(folder, "rules.yaml");
  writeFileSync(
    rules,
    "- {rule: r, desc: d, condition: 'json.value[/a] = b', output: o, priority: ERROR, source: json}\n",
  );
  const notes: string[] = [];
  const status = await runWatch({
    input: { kind: "json", input: Readable.from([]), format: "auto", name: "nothing" },
    loading: { paths: [rules] },
    matching: "first",
    outputs: [{ to: "program:/bin/cat", queue: queueFolder }],
    timeFormat: "iso",
    follows: false,
    stdout: new PassThrough(),
    environment: {},
    events: { listening: () => {}, alert: () => {}, problem: () => {}, note: (message) => notes.push(String(message)) },
    signal: new AbortController().signal,
  });
  expect(notes).toEqual(["the queue of the output program /bin/cat is damaged in 1 place"]);
  expect(status).toMatchObject({ lost: 1, lastFailure: "its queue is damaged in 1 place" });
  const after = await DiskQueue.open(queueFolder);
  expect(after).toMatchObject({ depth: 0 });
  await after.close();
});
