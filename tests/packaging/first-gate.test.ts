import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { main, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { repository } from "../setup/source-files.ts";

const { folder } = startPlimsoll();

test("every command of docs/guides/first-gate.md runs, and ends as the guide says", () => {
  const guide = readFileSync(join(repository, "docs/guides/first-gate.md"), "utf8");
  const [, ...parts] = guide.split(/^```sh\n/m);
  expect(parts.length).toBeGreaterThan(4);
  const programs = join(folder, "programs");
  mkdirSync(programs);
  writeFileSync(join(programs, "plimsoll"), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(join(programs, "plimsoll"), 0o755);
  const author = { NAME: "Alex", EMAIL: "alex@example.test" };
  const env = {
    PATH: `${programs}:${process.env["PATH"]}`,
    HOME: folder,
    PLIMSOLL_OFFLINE: "1",
    ...Object.fromEntries(
      Object.entries(author).flatMap(([name, value]) =>
        [`GIT_AUTHOR_${name}`, `GIT_COMMITTER_${name}`].map((key) => [key, value]),
      ),
    ),
  };
  const shop = join(folder, "shop");
  const ends: (number | null)[] = [];
  for (const part of parts) {
    const [commands = "", text = ""] = part.split(/^```$/m);
    const expected = Number(/ends with exit code (\d+)/.exec(text.split("\n## ")[0] ?? "")?.[1] ?? 0);
    const cwd = existsSync(shop) ? shop : folder;
    const { status, stdout, stderr } = spawnSync("sh", ["-ec", commands], { cwd, env, encoding: "utf8" });
    expect({ commands, status, stderr }).toEqual({ commands, status: expected, stderr: "" });
    if (expected === 1) expect(stdout).toContain("Image runs as root");
    ends.push(status);
  }
  expect(ends).toContain(1);
  expect(ends.at(-1)).toBe(0);
  const workflow = parse(readFileSync(join(shop, ".github/workflows/plimsoll.yml"), "utf8"));
  expect(workflow.jobs.plimsoll.steps.at(-1).run).toBe("plimsoll check dockerfile .");
});
