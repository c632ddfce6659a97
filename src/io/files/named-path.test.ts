import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { namedPath } from "./named-path.ts";

const folder = temporaryFolder();
const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });

function failureOf(text: string): unknown {
  try {
    return namedPath(text, { setting: "SOME_FILE" });
  } catch (cause) {
    return cause;
  }
}

test.each([
  ["a key in PEM", String(pem)],
  ["a key in PEM on one line", String(pem).replaceAll("\n", "\\n")],
  ["a key without its first and last line", String(pem).split("\n").slice(1, 3).join("")],
  ["a key in base64", Buffer.from(pem).toString("base64")],
  ["JSON", '{"private_key":"x"}'],
  ["JSON in base64", Buffer.from('{\n "private_key":"x"}').toString("base64")],
  ["a JSON Web Token", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"],
  ["a profile", "[default]\naws_secret_access_key = x"],
  ["a token", "ghp_0123456789abcdefABCDEF0123456789abcd"],
  ["a key in hexadecimal", "0123456789abcdef0123456789abcdef"],
  ["what a path cannot hold", "a\u0000b"],
])("%s in place of a path is an error that does not show it", (_, text) => {
  const failure = failureOf(text);
  expect(failure).toMatchObject({ code: "usage", message: expect.stringContaining("SOME_FILE requires the path") });
  for (const part of text.split("\n").filter((line) => line.length > 3))
    expect(inspect(failure, { depth: 10 })).not.toContain(part);
});

test.each([
  "cosign.pub",
  "keys/cosign.pub",
  "/var/run/secrets/kubernetes.io/serviceaccount/token",
  "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
  "~/my keys/ä.json",
  "",
])("%j is a path, whether it is there or not", (text) => {
  expect(namedPath(text, { setting: "SOME_FILE" })).toBe(text);
});

test("what is there is a path, whatever it is called, and so is what would be below it", () => {
  const named = join(folder, "AbCdEf0123456789AbCdEf0123456789");
  expect(failureOf(named)).toMatchObject({ code: "usage" });
  mkdirSync(named);
  expect(namedPath(join(named, "none.json"), { setting: "SOME_FILE" })).toBe(join(named, "none.json"));
  const odd = join(folder, '{"odd"}');
  writeFileSync(odd, "");
  expect(namedPath(odd, { setting: "SOME_FILE" })).toBe(odd);
});
