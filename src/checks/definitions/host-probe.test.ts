import { expect, test } from "vitest";
import type { HostView } from "../../model/checks/host-view.ts";
import { hostProbe } from "./host-probe.ts";

const host: HostView = {
  processes: async () => [
    { pid: 1, parent: 0, user: "root", name: "kube-controller", argv: ["kube-controller-manager", "--x"] },
  ],
  environment: async () => [],
  status: async (path) =>
    path === "/there"
      ? { kind: "file", mode: 0o644, uid: 0, gid: 0 }
      : path === "/hidden"
        ? { unavailable: "no" }
        : undefined,
  read: async () => undefined,
  list: async () => undefined,
};

test("programs are found by the begin of their name, as the kernel cuts it", async () => {
  expect(await hostProbe(host).commandLines("kube-controller-manager")).toEqual(["kube-controller-manager --x"]);
  expect(await hostProbe(host).commandLines("kubelet")).toEqual([]);
});

test("what cannot be looked at is not there", async () => {
  const probe = hostProbe({ ...host, processes: async () => ({ unavailable: "no" }) });
  expect(await probe.commandLines("kubelet")).toEqual([]);
  expect(await Promise.all(["/there", "/hidden", "/no"].map((path) => probe.exists(path)))).toEqual([
    true,
    false,
    false,
  ]);
});
