import { expect, test } from "vitest";
import type { Problem } from "../../../model/reports/problem.ts";
import { readManifests } from "./read-manifests.ts";

function read(content: string | Uint8Array): ReturnType<typeof readManifests> & { problems: Problem[] } {
  const problems: Problem[] = [];
  const facts = readManifests(content, { path: "m.yaml", problem: (problem) => problems.push(problem) });
  return { ...facts, problems };
}

test("documents of a file are resources of their own, and comments alone are none", () => {
  const { resources, problems } = read(
    "# a\n---\nkind: Pod\nmetadata: {name: one}\n--- # b\nkind: Pod\nmetadata: {name: two}\n...\n---\n",
  );
  expect(resources.map(({ name }) => name)).toEqual(["one", "two"]);
  expect(problems).toEqual([]);
});

test("places are told as lines and columns of the file, from 1", () => {
  const { resources } = read("kind: Pod\n---\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: b\n");
  const locate = resources[1]?.locate;
  expect(locate?.(["kind"])).toEqual({ path: "m.yaml", line: 3, column: 1 });
  expect(locate?.(["spec", "containers", 0, "image"])).toEqual({ path: "m.yaml", line: 7, column: 5 });
  expect(locate?.(["spec", "containers", 0])).toEqual({ path: "m.yaml", line: 6, column: 5 });
});

test("what is not there is where its nearest part is that is", () => {
  const { resources } = read("kind: Pod\nspec:\n  containers:\n  - name: a\n");
  expect(resources[0]?.locate(["spec", "containers", 0, "securityContext", "privileged"])?.line).toBe(4);
  expect(resources[0]?.locate(["metadata", "namespace"])?.line).toBe(1);
});

test("places are found in JSON, in YAML with anchors, and with carriage returns", () => {
  const json = read('{\n "kind": "Pod",\n "spec": {\n  "hostPID": true\n }\n}');
  expect(json.resources[0]?.locate(["spec", "hostPID"])).toEqual({ path: "m.yaml", line: 4, column: 3 });
  const anchors = read("kind: Pod\nx: &a\n  b: 1\nspec:\n  y: *a\n  hostPID: true\n");
  expect(anchors.resources[0]?.locate(["spec", "hostPID"])?.line).toBe(6);
  const returns = read("kind: Pod\r\nspec:\r\n  hostPID: true\r\n");
  expect(returns.resources[0]?.locate(["spec", "hostPID"])).toEqual({ path: "m.yaml", line: 3, column: 3 });
});

test("lists are the resources in them, also those whose items name no kind", () => {
  const { resources } = read(
    "kind: List\nitems:\n- kind: Pod\n  metadata: {name: a}\n- kind: PodList\n  apiVersion: v1\n  items:\n  - metadata: {name: b}\n",
  );
  expect(resources.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["Pod a", "Pod b"]);
  expect(resources[1]?.locate(["metadata", "name"])?.line).toBe(8);
});

test("a Compose file is one, and other YAML is neither", () => {
  const { compose, resources } = read("services:\n  web:\n    image: a\n---\nanything: else\n---\n- a list\n");
  expect(compose.length).toBe(1);
  expect(compose[0]?.locate(["services", "web", "image"]).line).toBe(3);
  expect(resources).toEqual([]);
});

test("a document that cannot be read is one problem, and the others are read", () => {
  const { resources, problems } = read(
    "kind: Pod\nmetadata: {name: a}\n---\nkind: [Pod\n---\nkind: Pod\nmetadata: {name: b}\n",
  );
  expect(resources.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(problems.map(({ code, path }) => [code, path])).toEqual([["unreadable", "m.yaml"]]);
  expect(problems[0]?.message).toMatch(/^line \d+: /);
});

test("a template that was not rendered is said to be one", () => {
  const { problems } = read("kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n  {{- if .x }}\n");
  expect(problems.map(({ code }) => code)).toEqual(["not-examined"]);
});

test("merge keys and aliases are what they stand for", () => {
  const { resources } = read("kind: Pod\nbase: &b {a: 1, c: 2}\nspec:\n  <<: *b\n  a: 3\n");
  expect(resources[0]?.object["spec"]).toEqual({ c: 2, a: 3 });
});

test.each([
  [
    "aliases that grow without end",
    `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghij"
      .split("")
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefghij"[index]}`).join(",")}]`)
      .join("\n")}\nkind: Pod\n`,
  ],
  ["an anchor that holds itself", "kind: Pod\na: &a\n  b: *a\n"],
  ["an alias without an anchor", "kind: Pod\na: *b\n"],
  ["nesting without end", `kind: Pod\na: ${"[".repeat(50_000)}\n`],
  ["flow nesting that is closed", `kind: Pod\na: ${"[".repeat(5000)}${"]".repeat(5000)}\n`],
])("%s is one problem, soon", (_, text) => {
  const { resources, problems } = read(text);
  expect(resources).toEqual([]);
  expect(problems.map(({ code }) => code)).toEqual(["unreadable"]);
});

test("a file that is too large, or is no text, is one problem", () => {
  expect(read("a".repeat(33 * 1024 * 1024)).problems.map(({ code }) => code)).toEqual(["limit-exceeded"]);
  expect(read(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0])).problems.map(({ code }) => code)).toEqual([
    "unreadable",
  ]);
});

test("a list of ten thousand pods is read", () => {
  const item = "- kind: Pod\n  metadata: {name: a}\n  spec: {containers: [{name: b, image: c}]}\n";
  const { resources, problems } = read(`kind: List\nitems:\n${item.repeat(10_000)}`);
  expect([resources.length, problems]).toEqual([10_000, []]);
}, 30_000);

test("comments that waive are read with the lines that they are for", () => {
  const { resources, problems } = read(
    [
      "# plimsoll:ignore manifests/host-pid until=2027-01-01 reason=it looks at processes",
      "kind: Pod",
      "spec:",
      "  containers:",
      "  # plimsoll:ignore manifests/privileged",
      "  - name: a",
      "    securityContext:",
      "      privileged: true",
      "  - name: b # plimsoll:ignore manifests/image-tag,pss/privileged",
      "# plimsoll:ignore",
      "# plimsoll:ignore *",
      "# plimsoll:ignore manifests/*",
      "",
    ].join("\n"),
  );
  expect(resources[0]?.waivers).toEqual([
    {
      id: "manifests/host-pid",
      until: "2027-01-01",
      reason: "it looks at processes",
      line: 1,
      firstLine: 1,
      lastLine: 13,
    },
    { id: "manifests/privileged", line: 5, firstLine: 6, lastLine: 8 },
    { id: "manifests/image-tag", line: 9, firstLine: 9, lastLine: 9 },
    { id: "pss/privileged", line: 9, firstLine: 9, lastLine: 9 },
  ]);
  expect(problems.map(({ message }) => message)).toEqual([
    "line 10: the comment plimsoll:ignore has no check id",
    'line 11: the comment plimsoll:ignore must list check ids: the wildcard "*" is not supported',
    'line 12: the comment plimsoll:ignore must list check ids: the wildcard "manifests/*" is not supported',
  ]);
});

test.each([
  ["on lines of their own", "  # plimsoll:ignore a/b\n"],
  ["behind items", "- a # plimsoll:ignore a/b\n"],
])("a hundred thousand waivers %s are read soon, and those beyond a limit are one problem", (_, line) => {
  const { resources, problems } = read(
    `kind: Pod\nx:\n${line.repeat(50_000)}---\nkind: Pod\ny:\n${line.repeat(50_000)}`,
  );
  expect(resources.map(({ waivers }) => waivers.length)).toEqual([10_000, 0]);
  expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    "limit-exceeded: file has more than 10000 plimsoll:ignore comments: the others were ignored",
  ]);
});

test("JSON that nests as deep as it likes is a problem, and what is beside it is read", () => {
  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  expect(read(`{"kind": "Pod",\n"x": ${deep(98)}}`).resources.length).toBe(1);
  const { resources, problems } = read(`{"kind": "Pod",\n"x": ${deep(100_000)}}`);
  expect(resources).toEqual([]);
  expect(problems.map(({ message }) => message)).toEqual(["line 2: the document is nested more than 100 deep"]);
});

test("nesting that takes all of the parser's stack is told as nesting", () => {
  for (const text of ["[".repeat(12_500), "- ".repeat(12_500)]) {
    expect(read(text).problems.map(({ message }) => message)).toEqual(["line 1: the document is nested too deeply"]);
  }
});

test.each([
  ["a comment", '/* a */\n{"include": ["src/**/*.ts"], // b\n}\n', 0],
  ["a comment and a kind", '/* a */\n{"kind": "Pod",}\n', 1],
  ["a comment and an escape", '/* a */\n{"k\\u0069nd": "Pod",}\n', 1],
  ["a template", '{"a": {{ .a }} }\n', 1],
])("JSON with %s that is no manifest is left out", (_, text, count) => {
  const problems: Problem[] = [];
  readManifests(text, { path: "tsconfig.json", problem: (problem) => problems.push(problem) });
  expect(problems.length).toBe(count);
});
