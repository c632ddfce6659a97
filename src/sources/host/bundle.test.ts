import { describe, expect, test } from "vitest";
import { closedHost } from "../../checks/linux/fixtures/synthetic-hosts.ts";
import { PlimsollError } from "../../model/error.ts";
import { type FactsBundle, readBundle, writeBundle } from "./bundle.ts";

const bundle: FactsBundle = { schemaVersion: 1, collectedAt: "2026-01-01T00:00:00Z", host: closedHost() };

describe("a bundle of facts", () => {
  test("comes back as it was", () => {
    expect(readBundle(writeBundle(bundle), "x")).toEqual(bundle);
  });

  test("has the same bytes for the same facts in another order", () => {
    const turned = Object.fromEntries(Object.entries(bundle).reverse()) as unknown as FactsBundle;
    expect(writeBundle(turned)).toEqual(writeBundle(bundle));
    expect(writeBundle(readBundle(writeBundle(bundle), "x"))).toEqual(writeBundle(bundle));
  });

  test.each([
    ["{", "is not a bundle of facts"],
    ["[]", "is not a bundle of facts"],
    ["{}", "is not a bundle of facts"],
    [
      '{"schemaVersion":2,"collectedAt":"2026-01-01T00:00:00Z"}',
      "has schema version 2; this version of Plimsoll supports only 1",
    ],
    ['{"schemaVersion":1}', "does not have the time when its facts were collected"],
    ['{"schemaVersion":1,"collectedAt":"soon"}', "does not have the time when its facts were collected"],
    [
      '{"schemaVersion":1,"collectedAt":"2026-01-01T00:00:00Z","host":[]}',
      "the host section of facts.json is not valid",
    ],
    [
      '{"schemaVersion":1,"collectedAt":"2026-01-01T00:00:00Z","host":{"users":{"wrong":1}}}',
      "the host section of facts.json is not valid",
    ],
  ])("is refused when it is %s", (text, words) => {
    expect(failureOf(text)).toMatchObject({ code: "facts-malformed", message: expect.stringContaining(words) });
  });

  test("is refused when it nests too deeply, before anything is built from it", () => {
    const text = `{"schemaVersion":1,"x":${"[".repeat(1_000_000)}`;
    expect(failureOf(text)).toMatchObject({ code: "limit-exceeded" });
    expect(
      readBundle(Buffer.from(JSON.stringify({ ...bundle, node: { text: '[[[[{{{{\\"'.repeat(100) } })), "x").node,
    ).toBeDefined();
  });
});

function failureOf(text: string): PlimsollError {
  try {
    readBundle(Buffer.from(text), "facts.json");
  } catch (error) {
    if (error instanceof PlimsollError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
