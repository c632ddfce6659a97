import { expect, test } from "vitest";
import type { Problem } from "../../../model/reports/problem.ts";
import { runChecks } from "../../run-checks.ts";
import { manifestTreeSteps } from "../reading/manifest-tree-steps.ts";
import { composeChecks } from "./compose-checks.ts";

/** Failures of some checks as `id service path:line`, and problems as `path: message`. */
function check(
  files: Readonly<Record<string, string>>,
  shown = /compose-(?:privileged|capabilities-not-dropped|root-user|engine-socket)$/,
): { failed: string[]; problems: string[] } {
  const problems: Problem[] = [];
  const bytes = new Map(
    Object.entries(files).flatMap(([path, text]) =>
      path.endsWith(".env") ? [] : [[path, Buffer.from(text)] as const],
    ),
  );
  const steps = manifestTreeSteps(bytes, {
    problem: (problem) => problems.push(problem),
    readEnvironment: (path) => files[path],
  });
  let step = steps.next();
  while (!step.done) step = steps.next();
  return {
    failed: runChecks(composeChecks, step.value)
      .filter(({ state, id }) => state === "fail" && shown.test(id))
      .map(({ id, resource, location }) => `${id.slice(18)} ${resource?.slice(8)} ${location?.path}:${location?.line}`),
    problems: problems.map(({ path, message }) => `${path}: ${message}`),
  };
}

const safe = "services:\n  web:\n    user: '1000'\n    cap_drop: [ALL]\n";

test("a file that Compose merges over another is checked on top of it", () => {
  const { failed } = check({
    "app/docker-compose.yml": safe,
    "app/docker-compose.override.yml": "services:\n  web:\n    ports: ['127.0.0.1:80:80']\n  db:\n    image: a:1\n",
  });
  expect(failed).toEqual(["capabilities-not-dropped db app/docker-compose.override.yml:4"]);
});

test("what the lower file says is told once, and what the upper one changes there", () => {
  const { failed } = check({
    "compose.yaml": "services:\n  web:\n    privileged: true\n    user: '1000'\n    cap_drop: [ALL]\n",
    "compose.override.yaml": "services:\n  web:\n    user: root\n",
  });
  expect(failed).toEqual(["privileged web compose.yaml:3", "root-user web compose.override.yaml:3"]);
});

test("a lower file counts without the upper one, which not every command takes", () => {
  const { failed } = check({
    "compose.yaml": "services:\n  web:\n    privileged: true\n    user: '1000'\n    cap_drop: [ALL]\n",
    "compose.override.yaml": "services:\n  web:\n    privileged: false\n",
  });
  expect(failed).toEqual(["privileged web compose.yaml:3"]);
});

test("files of other names stand alone", () => {
  const { failed } = check({ "compose.yaml": safe, "compose.test.yaml": "services:\n  web: {user: '1'}\n" });
  expect(failed).toEqual(["capabilities-not-dropped web compose.test.yaml:2"]);
});

test.each([
  ["!reset [ALL]", ["capabilities-not-dropped web compose.yaml:4"]],
  ["!reset null", ["capabilities-not-dropped web compose.yaml:4"]],
  ["[!reset ALL]", ["capabilities-not-dropped web compose.yaml:4"]],
  ["!override [ALL]", []],
])("in a single file cap_drop: %s", (value, expected) => {
  expect(check({ "compose.yaml": `services:\n  web:\n    user: '1'\n    cap_drop: ${value}\n` })).toEqual({
    failed: expected,
    problems: [],
  });
});

test("the tags take away what lies below, from an upper file and from a service that extends", () => {
  const upper = "services:\n  web:\n    cap_drop: !override [CHOWN]\n    cap_add: !reset null\n";
  expect(check({ "compose.yaml": safe, "compose.override.yaml": upper }).failed).toEqual([
    "capabilities-not-dropped web compose.override.yaml:3",
  ]);
  const text = `${safe}  two:\n    extends: web\n    cap_drop: !reset []\n`;
  expect(check({ "compose.yaml": text }).failed).toEqual(["capabilities-not-dropped two compose.yaml:7"]);
});

test("a tag on a value with an anchor is a problem", () => {
  const { problems } = check({ "compose.yaml": "services:\n  web:\n    cap_drop: &a !reset [ALL]\n" });
  expect(problems).toEqual(["compose.yaml: line 3: anchors are not supported on values with the tag !reset"]);
});

test("variables have the values of the file .env beside the Compose file", () => {
  const file =
    "services:\n  web:\n    user: '1'\n    cap_drop: [ALL]\n    privileged: $A\n    volumes: ['@{B:-/x}:/s']\n";
  const text = file.replaceAll("@", "$");
  expect(check({ "a/compose.yaml": text, "a/.env": "A=true\nB=/var/run/docker.sock\n" })).toEqual({
    failed: ["privileged web a/compose.yaml:5", "engine-socket web a/compose.yaml:6"],
    problems: [],
  });
  expect(check({ "a/compose.yaml": text, "a/.env": "A=false\n" })).toEqual({ failed: [], problems: [] });
  expect(check({ "a/compose.yaml": text, ".env": "A=false\n" }).problems).toEqual([
    "a/compose.yaml: privileged of service web depends on the variable A, which has no default",
  ]);
});

test("a file .env that cannot be read, or that names other Compose files, is a problem", () => {
  expect(check({ "compose.yaml": safe, ".env": "A=1\n=\n" }).problems).toEqual([
    ".env: line 2 could not be read: its variables and those below it are unknown",
  ]);
  expect(check({ "compose.yaml": safe, ".env": "COMPOSE_FILE=a.yaml:b.yaml\n" }).problems).toEqual([
    ".env: COMPOSE_FILE lists Compose files to merge: they were checked separately",
  ]);
});
