import { expect, test } from "vitest";
import { runChecks } from "../../run-checks.ts";
import { readManifests } from "../reading/read-manifests.ts";
import { podIsolationChecks } from "./pod-isolation-checks.ts";

/** The checks of some paths of the host that fail for a pod that mounts this one read-only. */
function failed(path: string): string[] {
  const container = { name: "c", image: "d", volumeMounts: [{ name: "v", mountPath: "/v", readOnly: true }] };
  const spec = { containers: [container], volumes: [{ name: "v", hostPath: { path } }] };
  const text = JSON.stringify({ kind: "Pod", metadata: { name: "p" }, spec });
  const facts = readManifests(text, { path: "p.json", problem: ({ message }) => expect.fail(message) });
  const wrong = runChecks(podIsolationChecks, facts).filter(({ state }) => state === "fail");
  return wrong.map(({ id }) => id.slice("manifests/".length)).filter((id) => id !== "host-path");
}

test.each([
  ["/var/lib/kubelet/pods", ["host-path-credentials"]],
  ["/var/lib/kubelet", ["host-path-credentials"]],
  ["/var/lib/kubelet/plugins", ["host-path-credentials"]],
  ["/var/lib/kubelet/plugins/kubernetes.io", ["host-path-credentials"]],
  ["/var/lib/kubelet/plugins/csi.example.org", []],
  ["/var/lib/kubelet/plugins_registry/", []],
  ["/var//run/./docker.sock", ["engine-socket"]],
  ["//etc", ["host-path-sensitive"]],
  ["/", ["host-path-sensitive"]],
  ["/data", []],
])("a pod that mounts %s", (path, expected) => {
  expect(failed(path)).toEqual(expected);
});
