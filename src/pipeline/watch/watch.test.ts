import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { capture, eventBlock, packed } from "../../../tests/setup/write-capture.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { AlertMetrics } from "../../rules/alerts/alert-metrics.ts";
import { AlertOutputs } from "../../rules/outputs/alert-outputs.ts";
import { AlertFlow } from "./alert-flow.ts";
import { backtest } from "./backtest.ts";
import { watchCapture } from "./watch.ts";

const folder = temporaryFolder();

/** A capture of a process that opens so many files. */
function captureOpening(files: number): string {
  const opened = Array.from({ length: files }, (_, fd) =>
    eventBlock({
      code: "SYSCALL_OPENAT_2_X",
      tid: 7,
      parameters: [packed([64, fd]), packed([64, -100]), packed("/f\0"), packed([32, 1]), packed([32, 0])],
    }),
  );
  const started = eventBlock({ code: "SYSCALL_GETCWD_E", tid: 7 });
  const path = join(folder, `${files}.scap`);
  writeFileSync(path, capture(started, ...opened));
  return path;
}

/** What a watch over such a process says, in order: a note with its hint, or a problem. */
async function watchOpening(
  files: number,
  servesMetrics = false,
): Promise<{ readonly said: readonly (Problem | readonly [string, string | undefined])[]; readonly metrics: string }> {
  const path = captureOpening(files);
  const said: (Problem | readonly [string, string | undefined])[] = [];
  const metrics = new AlertMetrics();
  const outputs = new AlertOutputs([], {
    text: { timeFormat: "iso" },
    json: { timeFormat: "iso" },
    onFailure: () => {},
  });
  await watchCapture(path, {
    rules: [],
    matching: "first",
    generation: "head",
    flow: new AlertFlow([], { outputs, metrics, source: path, lost: () => 0 }),
    metrics,
    servesMetrics,
    note: (message, hint) => said.push([message, hint]),
    problem: (problem) => said.push(problem),
    signal: new AbortController().signal,
  });
  return { said, metrics: metrics.render() };
}

const problem = {
  code: "limit-exceeded",
  message: expect.stringMatching(
    /^the state of the capture .*65539\.scap did not have room for 3 open descriptors: rules did not see the omitted entries$/,
  ),
};

test("a watch that has no room for all descriptors says so when it begins, and how many in its metrics and at its end", async () => {
  const { said, metrics } = await watchOpening(65_539);
  const note = [expect.stringContaining("more threads or open descriptors than a watch can track"), undefined];
  expect(said).toEqual([note, problem]);
  expect(metrics).toContain('plimsoll_state_dropped_total{of="descriptors"} 3\n');
});

test("a watch that serves metrics says where they tell how much there is no room for", async () => {
  const { said } = await watchOpening(65_539, true);
  expect(said[0]).toEqual([expect.anything(), expect.stringContaining("plimsoll_state_dropped_total")]);
});

test("a watch that has room for all says nothing", async () => {
  const { said, metrics } = await watchOpening(3);
  expect(said).toEqual([]);
  expect(metrics).toContain('plimsoll_state_dropped_total{of="descriptors"} 0\n');
});

test("a replay that has no room for all descriptors of a capture says so, and of which", async () => {
  const problems: Problem[] = [];
  await backtest([], {
    captures: [captureOpening(65_539), captureOpening(3)],
    auditLogs: [],
    alertLogs: [],
    generation: "head",
    domainNames: { note: () => {} },
    problem: (found) => problems.push(found),
    signal: new AbortController().signal,
  });
  expect(problems).toEqual([problem]);
});
