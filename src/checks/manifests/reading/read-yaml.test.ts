import { expect, test } from "vitest";
import type { Problem } from "../../../model/reports/problem.ts";
import { readManifests } from "./read-manifests.ts";
import { readYaml } from "./read-yaml.ts";

function read(content: string): ReturnType<typeof readManifests> & { problems: readonly string[] } {
  const problems: Problem[] = [];
  const facts = readManifests(content, { path: "m.yaml", problem: (problem) => problems.push(problem) });
  return { ...facts, problems: problems.map(({ message }) => message) };
}

test.each([
  ['a: !!bool "true"', { a: true }],
  ["a: !!bool 'on'", { a: true }],
  ["a: !<tag:yaml.org,2002:bool> 'yes'", { a: true }],
  ['a: !!int "0"', { a: 0 }],
  ["a: 0X0", { a: 0 }],
  ["a: 0O0", { a: 0 }],
  ["a: 0B0", { a: 0 }],
  [`a: ${"0".repeat(100)}`, { a: 0 }],
  ["a: 0b-101", { a: -5 }],
  ["a: +_1", { a: 1 }],
  ["a: 1e999", { a: "1e999" }],
  ["a: 190:20:30", { a: "190:20:30" }],
  ["a: 2001-01-01", { a: "2001-01-01" }],
  ["a: !!str true", { a: "true" }],
  ['a: ! "true"', { a: "true" }],
  ["a: !own true", { a: "true" }],
  ["a: !!binary UG9k", { a: "Pod" }],
  ["? !!binary cHJpdmlsZWdlZA==\n: true", { privileged: true }],
  ["0x10: a\nyes: b\n1e6: c", { "16": "a", true: "b", "1e+06": "c" }],
  ["a: false\na: true", { a: true }],
])("%j is what Kubernetes reads", (text, value) => {
  expect(readYaml(text)).toEqual({ value });
});

test("of a key and a merged one, the last counts in Kubernetes, and the key itself in Compose", () => {
  const text = "a: false\n<<: {a: true}\n";
  expect(readYaml(text)).toEqual({ value: { a: true } });
  expect(readYaml(text, { merge: "own" })).toEqual({ value: { a: false } });
  const { compose } = read("services:\n  web: {privileged: true, <<: {privileged: false}}\n");
  expect(compose[0]?.object).toEqual({ services: { web: { privileged: true } } });
});

test("an anchor that is defined again inside itself is the inner one", () => {
  expect(readYaml("a: &x {b: &x true}\nc: *x")).toEqual({ value: { a: { b: true }, c: true } });
  expect(readYaml("a: &x [*x]")).toHaveProperty("error");
});

test("quotes and brackets may go on at a smaller indentation, and a comment may touch a quote", () => {
  expect(readYaml('a:\n    b: "one\n  two"\n    c: [1,\n2]\n    d: "e"#f')).toEqual({
    value: { a: { b: "one two", c: [1, 2], d: "e" } },
  });
});

test.each([
  ["a null key", "~: 1"],
  ["a list as a key", "? [a]\n: 1"],
  ["a key as number and as text", '1: a\n"1": b'],
  ["an infinite number", "a: .inf"],
  ["a tag of another type", "a: !!bool 5"],
  ["binary data that is not UTF-8", "a: !!binary /w=="],
  ["a merge of a text", "<<: a"],
  ["a key with a question mark in brackets", "a: {?privileged: true}"],
  ["a key with an empty value in brackets", "a: {privileged: true, privileged:, b: 1}"],
  ["a tag before a comma", "a: [!!str, b]"],
  ["a tag before a bracket", "a: !own[b]"],
])("%s is an error", (_, text) => {
  expect(readYaml(text)).toHaveProperty("error");
});

test.each([
  ["carriage returns", "\r"],
  ["next lines", "\x85"],
  ["line separators", "\u2028"],
])("%s end lines, so a comment hides nothing", (_, end) => {
  const { resources } = read(`kind: Pod\nspec:\n  a: 1 # x${end}  hostPID: true\n`);
  expect(resources[0]?.object["spec"]).toEqual({ a: 1, hostPID: true });
});

test("a line separator is a problem as well, but in JSON", () => {
  expect(read("kind: Pod\na: \u2028\n").problems.length).toBe(1);
  expect(read('{"kind": "Pod", "a": "\u2028"}').problems).toEqual([]);
});

test("an object of any kind with items is a list too", () => {
  const { resources } = read("kind: ConfigMap\nitems:\n- {kind: Pod, metadata: {name: a}}\n");
  expect(resources.map(({ kind }) => kind)).toEqual(["ConfigMap", "Pod"]);
});

test("lists that are too deep in lists are a problem", () => {
  const deep = `${'{"kind": "List", "items": ['.repeat(8)}{"kind": "Pod"}${"]}".repeat(8)}`;
  expect(read(deep).problems.length).toBe(1);
});

test("YAML behind JSON, odd separators and byte order marks leave no document out", () => {
  const { resources, problems } = read(
    '{"kind": "Pod"}\n---\nkind: Job\n---\u00a0\nkind: Secret\n---#c\n\uFEFFkind: Role\nmetadata: {name: a}\n',
  );
  expect(resources.map(({ kind }) => kind)).toEqual(["Pod", "Job", "Secret", "Role"]);
  expect(problems).toEqual([]);
});

test("JSON values without a separator are a problem, and one bad document leaves the others", () => {
  expect(read('{"kind": "Pod"}{"kind": "Pod"}').problems.length).toBe(1);
  expect(read('{"kind": "Pod"}\n{"kind": "Pod"}').problems.length).toBe(1);
  const { resources, problems } = read("kind: Pod\n---\nkind: [\n---\nkind: Job\n");
  expect(resources.map(({ kind }) => kind)).toEqual(["Pod", "Job"]);
  expect(problems.length).toBe(1);
});
