import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { readKubeConfig } from "./read-kube-config.ts";

const folder = temporaryFolder();
const missing = "Cluster0123456789AbCdEfGhIjKlMn";

test("a usual kubeconfig that is not there is passed over, whatever it is called", async () => {
  const there = join(folder, "config");
  writeFileSync(there, "apiVersion: v1\nkind: Config\ncurrent-context: dev\n");
  expect(await readKubeConfig({ paths: [missing], required: false })).toBeUndefined();
  expect(await readKubeConfig({ paths: [missing, there], required: false })).toBeDefined();
});

test("one that must be there and looks like a token is refused without being shown", async () => {
  const failure: unknown = await readKubeConfig({ paths: [missing], required: true }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "usage" });
  expect(inspect(failure, { depth: 10 })).not.toContain(missing);
});

test.each([
  ["a: { <<: x }", "a merge key (<<) is followed by a value that is not a map"],
  [
    `x: &x { a: b }\nlist: [${"*x, ".repeat(150)}]`,
    "its aliases expand to too much data, or an alias is used more than 100 times",
  ],
])("what cannot be put in place of a merge key or an alias is told: %#", async (text, why) => {
  const path = join(folder, "aliases");
  writeFileSync(path, text);
  await expect(readKubeConfig({ paths: [path], required: true })).rejects.toMatchObject({
    code: "file-malformed",
    message: expect.stringContaining(why),
  });
});
