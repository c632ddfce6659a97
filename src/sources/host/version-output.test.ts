import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { openHostRoot } from "./host-root.ts";
import { versionOutput } from "./version-output.ts";

const folder = temporaryFolder();
const isRoot = process.getuid?.() === 0;

async function outputOf(name: string, { mode = 0o755, owner = 0, text = 'echo "$0 $*"; env' } = {}): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, mode);
  chownSync(path, owner, owner);
  const found = await openHostRoot("/").find(path);
  if (!("value" in found) || !found.value) throw new Error("it was not written");
  return await versionOutput(found.value, new AbortController().signal);
}

describe.skipIf(process.platform !== "linux" || !isRoot)("a program that only root may change", () => {
  test("is run with --version and nothing else", async () => {
    const output = await outputOf("prints");
    expect(output).toContain("/prints --version\n");
    expect(output).toContain("PATH=");
    expect(output).not.toContain("HOME=");
  });

  test("that fails prints nothing", async () => {
    expect(await outputOf("no-program", { text: "exit 1", mode: 0o644 })).toBe("");
  });
});

describe.skipIf(process.platform !== "linux" || !isRoot)("a program that others may change", () => {
  test.each([
    ["its group", { mode: 0o775 }],
    ["everybody", { mode: 0o757 }],
    ["its owner", { owner: 65_534 }],
  ])("is not run: %s", async (who, how) => {
    expect(await outputOf(`of ${who}`, how)).toBe("");
  });
});
