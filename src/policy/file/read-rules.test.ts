import { expect, test } from "vitest";
import { parse } from "yaml";
import { readReportSchema } from "../../../tests/setup/report-schema.ts";
import { readPolicy } from "./read-policy.ts";
import { conditionKeys } from "./read-rules.ts";

const { schema, errorsOf } = readReportSchema<{ $defs: { conditions: { properties: object } } }>("policy.schema.json");
const rule = (when: string, more = "action: deny"): string => `rules: [{name: a, when: ${when}, ${more}}]`;

test.each<[when: string, read: object]>([
  ["{kind: check}", { kind: ["check"] }],
  ["{id: [CVE-2021-*, docker/*]}", { id: ["CVE-2021-*", "docker/*"] }],
  ["{severity: high}", { severity: "high" }],
  ["{severity: [low, unknown]}", { severity: ["low", "unknown"] }],
  ["{fixAvailable: true}", { fixAvailable: true }],
  ["{age: {min: 30d}}", { age: { min: 30 } }],
  ["{epss: {min: 0.1, max: 0.9}}", { epss: { min: 0.1, max: 0.9 } }],
  ["{knownExploited: false}", { knownExploited: false }],
  ["{cvss: {min: 7, vector: {AV: N, PR: [N, L]}}}", { cvss: { min: 7, vector: { AV: ["N"], PR: ["N", "L"] } } }],
  ["{package: {type: npm, name: '@acme/*'}}", { package: { type: ["npm"], name: ["@acme/*"] } }],
  ["{path: /usr/lib/*}", { path: ["usr/lib/*"] }],
  ["{layer: 'sha256:*'}", { layer: ["sha256:*"] }],
  ["{baseImage: true}", { baseImage: true }],
  ["{environment: [build, runtime]}", { environment: ["build", "runtime"] }],
  ["{image: ghcr.io/acme/*}", { image: ["ghcr.io/acme/*"] }],
])("when: %s", (when, read) => {
  const text = rule(when, "action: deny, grace: 7d, reason: why");
  expect(readPolicy(text, "a.yaml").rules).toEqual([
    { name: "a", when: read, action: "deny", grace: 7, reason: "why" },
  ]);
  expect(errorsOf(parse(text))).toEqual([]);
});

test("the schema has the conditions of the reader", () => {
  expect(Object.keys(schema.$defs.conditions.properties).sort()).toEqual(conditionKeys.toSorted());
});

test.each([
  [rule("{}"), "has no condition"],
  [rule("{kind: licence}"), "rules.0.when.kind is not one of vulnerability, check, secret, malware"],
  [rule("{severity: worst}"), "severity is not one of critical"],
  [rule("{severity: unknown}"), "severity is not one of critical"],
  [rule("{age: {min: 30}}"), "age.min is not a number of days such as 7d"],
  [rule("{age: {}}"), "age needs min or max"],
  [rule("{epss: {min: 2}}"), "epss.min is more than 1"],
  [rule("{cvss: {vector: {}}}"), "cvss.vector has no metric"],
  [rule("{cvss: {}}"), "cvss needs min, max or vector"],
  [rule("{package: {}}"), "package needs type or name"],
  [rule("{id: []}"), "id is an empty list"],
  [rule("{environment: prod}"), "environment is not one of build, registry, admission, runtime"],
  [rule("{expression: ''}"), "is not available here"],
  [rule("{sinature: true}"), 'has the unknown key "sinature"'],
  [rule("{kind: check}", "action: block"), "action is not one of deny, warn, allow"],
  ["rules: [{name: a, action: deny}]", 'rules.0 has no "when"'],
  ["rules: [{when: {kind: check}, action: deny}]", "rules.0 has no name"],
  ["rules: [{name: a, when: {kind: check}}]", 'rules.0 has no "action"'],
])("%s is refused, also by the schema", (text, message) => {
  expect(() => readPolicy(text, "a.yaml")).toThrow(message);
  expect(errorsOf(parse(text))).not.toEqual([]);
});

test.each([
  [rule("{kind: check}", "action: warn, grace: 7d"), 'a.yaml:1:61: rules.0.grace applies only to "action: deny"'],
  [rule("{epss: {min: 0.5, max: 0.1}}"), "epss.max is less than min"],
  [
    "rules:\n- {name: a, when: {kind: check}, action: deny}\n- {name: a, when: {kind: check}, action: warn}",
    "a.yaml:3:3",
  ],
])("%s is refused", (text, message) => {
  expect(() => readPolicy(text, "a.yaml")).toThrow(message);
});
