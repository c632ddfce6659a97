import { expect, test } from "vitest";
import { runChecks } from "../../run-checks.ts";
import { readManifests } from "../reading/read-manifests.ts";
import { containerCapabilityChecks } from "./container-capability-checks.ts";

test.each([
  ["SYS_PTRACE", true],
  ["NET_RAW", true],
  // Engines give it to every container, and baseline allows it.
  ["SYS_CHROOT", false],
])("%s leads to the host: %s", (name, expected) => {
  const container = { name: "c", image: "d", securityContext: { capabilities: { add: [name] } } };
  const pod = { kind: "Pod", metadata: { name: "p" }, spec: { containers: [container] } };
  const facts = readManifests(JSON.stringify(pod), { path: "p.json", problem: ({ message }) => expect.fail(message) });
  const failed = runChecks(containerCapabilityChecks, facts).filter(({ state }) => state === "fail");
  expect(failed.some(({ id }) => id === "manifests/capability-dangerous")).toBe(expected);
});
