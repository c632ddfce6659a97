import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { sourceFiles } from "../setup/source-files.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const files = new Map(sourceFiles().map(({ path, text }) => [path, text]));

/** The folders of all files that are loaded together with this one; what is only loaded later and types are left out. */
function foldersLoadedWith(path: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const text = files.get(next) ?? "";
    for (const [, names = "", target = ""] of text.matchAll(/^(?:im|ex)port (?!type )([^;]*?)\bfrom "(\.[^"]+)";/gm)) {
      const isOnlyTypes = /^\{[^}]*\}\s*$/.test(names) && !/[{,]\s*(?!type )\w/.test(names);
      if (!isOnlyTypes) waiting.push(posix.join(posix.dirname(next), target));
    }
  }
  return new Set([...seen].map((file) => file.split("/")[0] ?? ""));
}

describe("a command loads what it needs", () => {
  test("the commands themselves load nothing that scans, checks or judges", () => {
    const folders = foldersLoadedWith("apps/cli/run.ts");
    for (const folder of ["sources", "extractors", "advisories", "detectors", "checks", "rules", "engines"]) {
      expect([...folders]).not.toContain(folder);
    }
  });

  test.each([
    "scan/scan",
    "registry/scan-registry",
    "scan/examine-target",
    "workloads/judge-workloads",
    "registry/verify-target",
    "scan/why-not",
  ])("what %s needs has no code of rules", (name) => {
    const folders = foldersLoadedWith(`pipeline/${name}.ts`);
    expect(folders.size).toBeGreaterThan(2);
    expect([...folders]).not.toContain("rules");
  });

  test.each(["run-watch", "list-events", "rule-reports", "test-rules", "explain-event", "backtest"])(
    "what watch/%s needs has no code of scanning",
    (name) => {
      const folders = foldersLoadedWith(`pipeline/watch/${name}.ts`);
      expect(folders.size).toBeGreaterThan(2);
      for (const folder of ["extractors", "advisories", "detectors", "checks", "registry", "engines", "versions"]) {
        expect([...folders]).not.toContain(folder);
      }
    },
  );
});

describe("help for watching", () => {
  const plimsoll = startPlimsoll();
  const commands = ["list", "fields", "validate", "lint", "test", "explain", "backtest"].map((name) => `rules ${name}`);

  test.each(["watch", "events", "rules", ...commands])(
    "plimsoll %s --help fits 80 columns and 34 lines, and begins with examples",
    async (command) => {
      const { code, stdout, stderr } = await plimsoll([...command.split(" "), "--help"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^Examples:\n {2}plimsoll /);
      const lines = stdout.trimEnd().split("\n");
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      expect(lines.length).toBeLessThanOrEqual(34);
    },
  );
});
