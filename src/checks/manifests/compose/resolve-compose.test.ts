import { expect, test } from "vitest";
import type { Problem } from "../../../model/reports/problem.ts";
import { runChecks } from "../../run-checks.ts";
import { manifestTreeSteps } from "../reading/manifest-tree-steps.ts";
import { composeChecks } from "./compose-checks.ts";

const shown = /compose-(?:privileged|host-namespace|capability|engine-socket|host-path|unconfined|root-user)$/;

/** Failed checks as `id resource path:line`, and problems as `path: message`. */
function check(files: Readonly<Record<string, string>>): { failed: string[]; problems: string[] } {
  const problems: Problem[] = [];
  const bytes = new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]));
  const steps = manifestTreeSteps(bytes, { problem: (problem) => problems.push(problem) });
  let step = steps.next();
  while (!step.done) step = steps.next();
  return {
    failed: runChecks(composeChecks, step.value)
      .filter(({ state, id }) => state === "fail" && shown.test(id))
      .map(({ id, resource, location }) => `${id.slice(18)} ${resource} ${location?.path}:${location?.line}`),
    problems: problems.map(({ path, message }) => `${path}: ${message}`),
  };
}

test("a service has what it extends, in the same and in other files", () => {
  const { failed, problems } = check({
    "app/compose.yaml":
      "services:\n  web:\n    extends: {file: ../base/common.yml, service: mid}\n    cap_add: [CHOWN, NET_ADMIN]\n  twin:\n    extends: web\n    privileged: false\n",
    "base/common.yml":
      "services:\n  mid: {extends: low, volumes: ['/etc:/x']}\n  low:\n    privileged: true\n    cap_add:\n    - SYS_ADMIN\n",
  });
  expect(problems).toEqual([]);
  expect(failed).toEqual([
    "privileged service web base/common.yml:4",
    "privileged service mid base/common.yml:4",
    "privileged service low base/common.yml:4",
    "capability service web base/common.yml:6",
    "capability service twin base/common.yml:6",
    "capability service mid base/common.yml:6",
    "capability service low base/common.yml:6",
    "host-path service web base/common.yml:2",
    "host-path service twin base/common.yml:2",
    "host-path service mid base/common.yml:2",
  ]);
});

test.each([
  [
    "{file: other.txt, service: a}",
    'service web extends service "a", and other.txt is not among the files that were read',
  ],
  ["{file: compose.yaml, service: a}", 'service web extends service "a", which is not in compose.yaml'],
  ["web", "service web extends itself, or a chain of more than 20 services"],
])("a service that extends %s is a problem", (base, message) => {
  expect(check({ "compose.yaml": `services:\n  web: {extends: ${base}, image: "a:1"}\n` })).toEqual({
    failed: [],
    problems: [`compose.yaml: ${message}`],
  });
});

test("services that extend each other end", () => {
  const { problems } = check({ "compose.yaml": "services:\n  a: {extends: b}\n  b: {extends: a}\n" });
  expect(problems).toEqual([
    "compose.yaml: service a extends itself, or a chain of more than 20 services",
    "compose.yaml: service b extends itself, or a chain of more than 20 services",
  ]);
});

test("many services that extend a large one are bounded", () => {
  const services = Array.from({ length: 2000 }, (_, index) => `  s${index}: {extends: base}\n`).join("");
  const devices = Array.from({ length: 2000 }, (_, index) => `/dev/a${index}`).join();
  const { problems } = check({ "compose.yaml": `services:\n  base: {devices: [${devices}]}\n${services}` });
  expect(problems[0]).toBe("compose.yaml: service s99 and others exceed the limit for extends: checked without it");
});

test("a file that is included and was not read is a problem", () => {
  const { problems } = check({
    "compose.yaml":
      "include:\n- a/compose.yaml\n- {path: [b.yaml, c.txt], project_directory: ., env_file: .env}\n- oci://x.test/y\n",
    "a/compose.yaml": "include: ../b.yaml\n",
    "b.yaml": "services: {}\n",
  });
  expect(problems).toEqual([
    "compose.yaml: include c.txt is not among the files that were read",
    "compose.yaml: include oci://x.test/y is not among the files that were read",
  ]);
});

test.each([
  ["a profile", "profiles: [debug], privileged: true", "privileged"],
  ["a text", "privileged: 'true'", "privileged"],
  ["a tag", "privileged: !override true", "privileged"],
  ["a default", "privileged: '@{P:-true}'", "privileged"],
  ["a default within a default", "pid: '@{P-@{Q:-host}}'", "host-namespace"],
  ["a default in a list", "cap_add: ['@{C:-SYS_ADMIN}']", "capability"],
  ["a default in a mount", "volumes: ['@{S:-/var/run/docker.sock}:/s']", "engine-socket"],
  [
    "a path that is not in its shortest form",
    "volumes: ['/var//run/../run/docker.sock:/s', '/x/../etc:/y']",
    "engine-socket",
  ],
  ["a fragment", "<<: *x", "privileged"],
])("%s hides nothing", (_, text, id) => {
  const file = `x-a: &x {privileged: true}\nservices:\n  web: {${text.replaceAll("@", "$")}}\n`;
  const { failed, problems } = check({ "compose.yaml": file });
  expect(problems).toEqual([]);
  expect(failed).toContain(`${id} service web compose.yaml:3`);
});

test("a named volume that binds a path of the host is a mount of that path", () => {
  const { failed } = check({
    "compose.yaml":
      "services:\n  web: {volumes: ['etc:/x', {type: volume, source: run, target: /r}]}\nvolumes:\n  etc: {driver_opts: {type: none, o: bind, device: /etc}}\n  run: {driver_opts: {o: bind, device: '@{R:-/run/docker.sock}'}}\n".replace(
        "@",
        "$",
      ),
  });
  expect(failed).toEqual(["engine-socket service web compose.yaml:2", "host-path service web compose.yaml:2"]);
});

test.each(["privileged: $P", "privileged: '@{P}'", "cap_add: [CHOWN, '@{P:?wanted}']", "pid: '@{P:+host}'"])(
  "a decisive value without a default is a problem: %s",
  (text) => {
    const { problems } = check({ "compose.yaml": `services:\n  web: {${text.replaceAll("@", "$")}}\n` });
    expect(problems).toEqual([
      `compose.yaml: ${text.split(":")[0]} of service web depends on the variable P, which has no default`,
    ]);
  },
);
