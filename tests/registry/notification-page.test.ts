import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { notificationSenders } from "../../src/registry/notifications/builtin.ts";
import { repository } from "../setup/source-files.ts";

const page = readFileSync(join(repository, "docs/notifications.md"), "utf8");
const read = (name: string): string =>
  readFileSync(join(repository, "src/registry/notifications", `${name}.ts`), "utf8");

test("the page of notifications has a row for each sender, and no other", () => {
  const [, table = ""] = page.split("## Supported senders");
  const rows = Array.from((table.split("\n## ")[0] ?? "").matchAll(/^\| ([A-Za-z].*?) +\|/gm), ([, name]) => name);
  expect(rows).toEqual(["sender", ...notificationSenders.map(({ name }) => name)]);
});

test("it has a row for each signer, with its header", () => {
  const proofs = read("notification-signature").matchAll(/^ {2}(\w+): \{ header: "([a-z0-9-]+)"/gm);
  const expected = Array.from(proofs, ([, signer, header]) => [signer, header]);
  const rows = Array.from(page.matchAll(/^\| `([a-z]+)` +\| `(X-[A-Za-z0-9-]+|Authorization)` +\|/gm));
  expect(rows.map(([, signer, header = ""]) => [signer, header.toLowerCase()]).sort()).toEqual(expected.sort());
  expect(rows).toHaveLength(8);
});
