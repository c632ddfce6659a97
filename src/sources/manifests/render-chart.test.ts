import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Problem } from "../../model/reports/problem.ts";
import { renderChart } from "./render-chart.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-chart-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function render(script: string | undefined): Promise<{ text: string | undefined; problems: Problem[] }> {
  if (script !== undefined) {
    writeFileSync(join(folder, "helm"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "helm"), 0o755);
  }
  const problems: Problem[] = [];
  const text = await renderChart("charts/-web", {
    searchPath: folder,
    home: join(folder, "home"),
    kubernetes: "1.34.0",
    problem: (problem) => problems.push(problem),
  });
  return { text, problems };
}

test("what helm gives is the result; it is run with fixed arguments and an environment of its own", async () => {
  const { text, problems } = await render('echo "$@" "$HOME" "$PATH_OF_USER"');
  expect(text).toBe(`template release --include-crds --kube-version=1.34.0 -- charts/-web ${join(folder, "home")} \n`);
  expect(problems).toEqual([]);
});

test("without helm, the chart is a problem", async () => {
  const { text, problems } = await render(undefined);
  expect(text).toBeUndefined();
  expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual(["not-examined charts/-web"]);
});

test("when helm fails, the reason is its last error", async () => {
  const { text, problems } = await render(
    'echo "Error: one" >&2; echo "Error: two" >&2; echo >&2; echo "Use --debug flag" >&2; exit 1',
  );
  expect(text).toBeUndefined();
  expect(problems[0]?.message).toBe("helm could not render it: Error: two");
});
