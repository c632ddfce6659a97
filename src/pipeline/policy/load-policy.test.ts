import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { findPolicyFile, loadPolicy } from "./load-policy.ts";

const folder = temporaryFolder();
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
};

test("policies extend files, relative to their own folder", () => {
  write("org/base.yaml", "failOn: critical\n");
  write("org/team.yaml", "extends: base.yaml\n");
  const path = write("repository/plimsoll.yaml", "extends: [../org/team.yaml]\nfailOn: high\n");
  expect(loadPolicy(path)).toEqual({ failOn: "high", inherited: [{ inherited: [{ failOn: "critical" }] }] });
});

test.each([
  ["extends: self.yaml", "self.yaml:1:10: extends names a policy that extends this one"],
  ["extends: [missing.yaml]", "missing.yaml"],
  ["extends: https://example.com/policy.yaml", "self.yaml:1:10: extends is not a path: only files can be extended"],
  [`extends: [${"a.yaml, ".repeat(11)}]`, "extends has more than 10 policies"],
])("%s is refused", (text, message) => {
  expect(() => loadPolicy(write("self.yaml", text))).toThrow(message);
});

test("cycles and deep chains end with an error", () => {
  write("a.yaml", "extends: b.yaml");
  expect(() => loadPolicy(write("b.yaml", "extends: a.yaml"))).toThrow("names a policy that extends this one");
  for (let depth = 0; depth < 10; depth++) write(`deep-${depth}.yaml`, `extends: deep-${depth + 1}.yaml`);
  expect(() => loadPolicy(join(folder, "deep-0.yaml"))).toThrow("is more than 5 policies deep");
});

test("the nearest plimsoll.yaml is found upwards to the root of the repository", () => {
  const outer = write("outer/plimsoll.yaml", "");
  mkdirSync(join(folder, "outer/repository/.git"), { recursive: true });
  mkdirSync(join(folder, "outer/repository/src"), { recursive: true });
  expect(findPolicyFile(join(folder, "outer"))).toBe(outer);
  expect(findPolicyFile(join(folder, "outer/repository/src"))).toBeUndefined();
  const inner = write("outer/repository/plimsoll.yaml", "");
  expect(findPolicyFile(join(folder, "outer/repository/src"))).toBe(inner);
});
