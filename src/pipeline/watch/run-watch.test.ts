import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { WatchStatus } from "../../model/events/watch-status.ts";
import { DiskQueue } from "../../rules/outputs/disk-queue.ts";
import { runWatch } from "./run-watch.ts";
import type { OutputSpec } from "./watch-config.ts";

const folder = temporaryFolder();
const onB = "- {rule: r, desc: d, condition: 'json.value[/a] = b', output: o, priority: ERROR, source: json}\n";

/** Watches lines of JSON by rules; what was noted, a note and its hint each, and how it ended. */
async function watchJsonLines(
  lines: readonly string[],
  outputs: readonly OutputSpec[],
  text = onB,
): Promise<{ readonly notes: readonly string[]; readonly hints: readonly string[]; readonly status: WatchStatus }> {
  const rules = join(folder, "rules.yaml");
  writeFileSync(rules, text);
  const notes: string[] = [];
  const hints: string[] = [];
  const status = await runWatch({
    inputs: [
      {
        kind: "json",
        input: Readable.from(lines.map((line) => Buffer.from(`${line}\n`))),
        format: "auto",
        name: "nothing",
      },
    ],
    loading: { paths: [rules] },
    matching: "first",
    outputs,
    timeFormat: "iso",
    follows: false,
    stdout: new PassThrough(),
    environment: {},
    events: {
      listening: () => {},
      alert: () => {},
      problem: () => {},
      note: (message, hint = "") => {
        notes.push([message].flat().join("\n"));
        hints.push(hint);
      },
    },
    signal: new AbortController().signal,
  });
  return { notes, hints, status };
}

test("what is damaged in a queue is noted and counts as lost, and what is whole in it is sent", async () => {
  const queueFolder = join(folder, "queue");
  const queue = await DiskQueue.open(queueFolder);
  await queue.enqueue('{"number": 1}');
  await queue.close();
  writeFileSync(join(queueFolder, `${"2".padStart(16, "0")}.alerts`), "no record at all");
  const { notes, status } = await watchJsonLines([], [{ to: "program:/bin/cat", queue: queueFolder }]);
  expect(notes).toEqual(["the queue of the output program /bin/cat is damaged in 1 place"]);
  expect(status).toMatchObject({ lost: 1, lastFailure: "its queue is damaged in 1 place" });
  const after = await DiskQueue.open(queueFolder);
  expect(after).toMatchObject({ depth: 0 });
  await after.close();
});

test("alerts that wait in a queue on disk at the end are noted with how they will be sent", async () => {
  const queue = join(folder, "waiting");
  const { notes, hints, status } = await watchJsonLines(
    ['{"a": "b"}', '{"a": "b"}'],
    [{ to: "program:/bin/false", queue }],
  );
  expect(notes.at(-1)).toBe(`2 alerts for program /bin/false not delivered yet, kept in the queue ${queue}`);
  expect(hints.at(-1)).toBe("The next watch with this output and this queue sends them before its own alerts.");
  expect(status.lost).toBe(0);
  const next = await watchJsonLines([], [{ to: "program:/bin/cat", queue }]);
  expect(next.notes).toEqual([]);
});

test("the warnings of loading are noted with file, line and rule", async () => {
  const text = `${onB}- list: unused\n  items: []\n- {rule: k, desc: d, condition: 'evt.type = open and evt.dir = <', output: o, priority: INFO}\n`;
  const { notes } = await watchJsonLines([], [], text);
  const [first = ""] = notes;
  const path = join(folder, "rules.yaml");
  expect(first.split("\n")[0]).toBe("the rules have warnings");
  expect(first).toContain(`${path}:2: list 'unused': List not referred to by any other rule/macro`);
  expect(first).toMatch(/rules\.yaml:4: rule 'k': field evt\.dir is deprecated: due to the drop of enter events/);
});
