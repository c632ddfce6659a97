import fc from "fast-check";
import { expect, test } from "vitest";
import type { FieldCatalogue } from "../../language/field.ts";
import { JsonRuleEvent } from "../json/json-rule-event.ts";
import { arrayAt, jsonAt, textAt } from "./cloud-rows.ts";
import { cloudTrailFields } from "./cloudtrail-fields.ts";
import { gcpAuditFields } from "./gcp-audit-fields.ts";
import { githubFields } from "./github-fields.ts";
import { oktaFields } from "./okta-fields.ts";

test("texts are as they are, all else is JSON, and null is missing", () => {
  const value = { a: { b: "ü", c: [1, null], d: null, e: 12n } };
  expect(textAt(value, "a", "b")).toBe("\xc3\xbc");
  expect(textAt(value, "a", "c")).toBe("[1,null]");
  expect(textAt(value, "a", "d")).toBeUndefined();
  expect(textAt(value, "a", "e")).toBe("12");
  expect(textAt(value, "a", "toString")).toBeUndefined();
  expect(jsonAt("a", "b")(value)).toBe('"\xc3\xbc"');
  expect(jsonAt("a", "d")(value)).toBe("null");
  expect(arrayAt(value, "a", "c")).toEqual([1, null]);
  expect(arrayAt(value, "a")).toEqual([]);
});

test("events of any shape give values or none, and no failure", () => {
  const catalogues = [cloudTrailFields(), gcpAuditFields(), githubFields(), oktaFields()];
  const fields = catalogues.flatMap((catalogue) => catalogue.definitions.map(({ name }) => resolved(catalogue, name)));
  const names = [
    "userIdentity",
    "type",
    "requestParameters",
    "tagSpecificationSet",
    "items",
    "tags",
    "commits",
    "added",
  ];
  const others = ["files", "matches", "repository", "resource", "labels", "zone", "protoPayload", "target", "actor"];
  const words = ["AssumedRole", "IAMUser", "User", "arn", "sessionContext", "eventName", "principalId"];
  const key = fc.constantFrom(...names, ...others, ...words);
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      key,
      fc.constantFrom<unknown>(null, true, 0, -1.5, 2n ** 60n, ""),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 8 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const event = new JsonRuleEvent(0, { number: 1, time: 0n, source: "x", value });
      for (const field of fields) field?.extract(event);
    }),
    { numRuns: 300 },
  );
  expect(fields.length).toBeGreaterThan(250);
});

function resolved(catalogue: FieldCatalogue<JsonRuleEvent>, name: string) {
  return catalogue.resolve(name, /\.(?:value|countlast)$/.test(name) ? "1" : undefined);
}
