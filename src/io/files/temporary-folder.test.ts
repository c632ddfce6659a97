import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { TemporaryFolder } from "./temporary-folder.ts";

afterEach(() => vi.unstubAllEnvs());

test("a temporary folder goes with what is in it", () => {
  let path: string;
  {
    using folder = new TemporaryFolder("plimsoll-test-");
    path = folder.path;
    writeFileSync(join(path, "file"), "text");
  }
  expect(existsSync(path)).toBe(false);
});

test("where no folder can be made the error says where and what to do", () => {
  vi.stubEnv("TMPDIR", "/nowhere/at/all");
  expect(() => new TemporaryFolder("plimsoll-test-")).toThrow(
    expect.objectContaining({
      code: "output-not-written",
      message: expect.stringContaining("/nowhere/at/all"),
      hint: expect.stringContaining("TMPDIR"),
    }),
  );
});
