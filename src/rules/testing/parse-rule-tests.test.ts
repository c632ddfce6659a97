import { expect, test } from "vitest";
import { parseRuleTests } from "./parse-rule-tests.ts";

const whole = `
- test: a shell is seen
  processes:
    - &web {name: nginx, user: www-data, tty: 0, container: {id: web, image: "nginx:1.27"}}
  events:
    - {type: spawn, process: nginx, becomes: {name: sh, args: -c id, env: {A: 1}}}
    - {type: openat, args: {name: /etc/shadow, flags: [O_RDONLY], fd: 3}, after: 2.5}
  expect:
    - {rule: Shell, count: 2, fields: {proc.name: sh}}
    - Other
---
- test: an audit event is seen
  source: k8s_audit
  events: [{kind: Event}]
  expect: []
`;

test("tests of several documents are read with their lines", () => {
  const tests = parseRuleTests(whole, "x.test.yaml");
  expect(tests.map(({ test: sentence, place }) => [sentence, place.line])).toEqual([
    ["a shell is seen", 2],
    ["an audit event is seen", 12],
  ]);
  expect(tests[0]).toMatchObject({
    source: "syscall",
    processes: [{ name: "nginx", user: "www-data", tty: 0, container: { id: "web", image: "nginx:1.27" } }],
    kernelEvents: [
      { type: "spawn", process: "nginx", becomes: { name: "sh", args: ["-c", "id"], env: { A: "1" } }, after: 0.001 },
      { type: "openat", args: { name: "/etc/shadow", flags: ["O_RDONLY"], fd: 3 }, after: 2.5 },
    ],
    expect: [
      { rule: "Shell", count: 2, fields: { "proc.name": "sh" } },
      { rule: "Other", count: 1, fields: {} },
    ],
  });
  expect(tests[1]).toMatchObject({
    source: "k8s_audit",
    jsonEvents: [{ kind: "Event" }],
    kernelEvents: [],
    expect: [],
  });
});

for (const [what, text, message] of [
  ["broken YAML", "- test: [", "x:1: "],
  ["a document that is not a list", "test: x", "x:1: the document is not a list of tests"],
  ["a test without a sentence", "\n- events: [{type: open}]\n  expect: []", "x:2: the entry has no test"],
  ["a test without expectations", "- {test: t, events: [{type: open}]}", "x:1: the entry has no expect"],
  ["a test without events", "- {test: t, expect: []}", "x:1: the entry must have either events or capture"],
  [
    "an unknown key",
    "- {test: t, event: [], expect: []}",
    'x:1: has the unknown key "event"; allowed keys: test, source',
  ],
  [
    "a process without a name",
    "- {test: t, processes: [{pid: 1}], events: [{type: open}], expect: []}",
    "x:1: processes.0 has no name",
  ],
  [
    "a number that is none",
    "- {test: t, processes: [{name: a, pid: b}], events: [{type: open}], expect: []}",
    "x:1: processes.0.pid is not a number",
  ],
  [
    "an unknown flag",
    "- {test: t, processes: [{name: a, exe_flags: [new]}], events: [{type: open}], expect: []}",
    'x:1: processes.0.exe_flags has "new"',
  ],
  [
    "a time without end",
    "- {test: t, events: [{type: open, after: 1e300}], expect: []}",
    "x:1: events.0.after is negative or too large",
  ],
  [
    "a descriptor that is none",
    "- {test: t, processes: [{name: a, files: {x: /y}}], events: [{type: open}], expect: []}",
    'x:1: processes.0.files has "x"',
  ],
] as const) {
  test(`${what} is refused with its line`, () => {
    expect(() => parseRuleTests(text, "x")).toThrow(
      expect.objectContaining({ code: "file-malformed", message: expect.stringContaining(message) }),
    );
  });
}

test("aliases that unfold without end are refused", () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const below = level === 0 ? "x" : `*a${level - 1}`;
    return `- &a${level} [${Array.from({ length: 10 }, () => below).join(", ")}]`;
  });
  expect(() => parseRuleTests(levels.join("\n"), "x")).toThrow("expand to too much data");
});

test("a file that is too large is refused before it is parsed", () => {
  expect(() => parseRuleTests(" ".repeat(4 * 1024 * 1024 + 1), "x")).toThrow(
    expect.objectContaining({ code: "limit-exceeded" }),
  );
});
