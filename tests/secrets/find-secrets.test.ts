import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { packRecord } from "../../src/store/record-store.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { secretsInFolder } from "./find-secrets.ts";
import { markedSecret, secretsFound } from "./marked-secret.ts";

const folder = temporaryFolder();
const secret = markedSecret("a password");
const other = markedSecret("another password");
const { value } = secret;

test.each([
  ["as it is", value],
  ["cut", value.slice(0, 12)],
  ["from its middle on", value.slice(6)],
  ["in lower case", value.toLowerCase()],
  ["in a query", encodeURIComponent(value)],
  ["in JSON", JSON.stringify({ value })],
  ["in base64", Buffer.from(value).toString("base64")],
  ["with a user in base64", Buffer.from(`ada:${value}`).toString("base64")],
  ["with other users in base64 for addresses", Buffer.from(`alice:${value}`).toString("base64url")],
  ["with a scheme in base64", Buffer.from(`Bearer ${value}`).toString("base64")],
  ["in hexadecimal", Buffer.from(value).toString("hex").toUpperCase()],
  ["as Node.js shows bytes", inspect(Buffer.from(value))],
])("a secret is found %s", (_, text) => {
  expect(secretsFound(`a ${text} b`, [other, secret])).toEqual(["a password"]);
});

test("a secret is found in the names and the bytes of files, also of packed ones, unless it was given there", () => {
  mkdirSync(join(folder, "sub"));
  const files = {
    plain: Buffer.from(`x${value}y`),
    "sub/record": packRecord("a key", { deep: { value } }),
    "packed.gz": gzipSync(`x${value}y`),
    inside: Buffer.concat([Buffer.from("head"), zstdCompressSync(encodeURIComponent(value))]),
    given: Buffer.from(value),
    [`sub/${value.slice(0, 12)}`]: Buffer.from(""),
    clean: Buffer.from(other.value),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  const found = secretsInFolder(folder, { secrets: [secret], given: ["given"] });
  expect(found.toSorted()).toEqual(
    [
      ...["plain", "sub/record", "packed.gz", "inside"].map((name) => `a password in ${name}`),
      `a password in the name sub/${value.slice(0, 12)}`,
    ].toSorted(),
  );
});
