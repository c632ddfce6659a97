import { expect, test } from "vitest";
import { CgroupReader } from "./cgroup-set.ts";
import type { Generation } from "./kernel-state.ts";

const id = "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e";
const short = "3ad7b26ded6d";

function containerOf(path: string, generation: Generation = "head"): readonly [string, string] {
  const set = new CgroupReader(generation).read(`cpu=${path}\0memory=/\0`);
  return [set?.containerId ?? "none", set?.runtime ?? "none"];
}

test.each([
  ["docker", `/docker/${id}`, short],
  ["docker", `/system.slice/docker-${id}.scope`, short],
  ["docker", `/kubepods/besteffort/pod63b3ebfc-2890-11e9-8154-16bf8ef8d9dc/${id}`, short],
  ["cri-o", `/kubepods.slice/crio-${id}.scope`, short],
  ["cri-o", `/kubepods/crio-${id}`, short],
  ["containerd", `/kubepods.slice/kubepods-pod7.slice/cri-containerd-${id}.scope`, short],
  ["containerd", `/system.slice/containerd.service/kubepods-pod7.slice:cri-containerd:${id}`, short],
  ["containerd", "/default/web", "web"],
  ["podman", `/machine.slice/libpod-${id}.scope/container`, short],
  ["podman", `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`, short],
  ["lxc", "/lxc/mycontainer/init.scope", "mycontainer"],
  ["lxc", "/lxc.payload.mycontainer/init.scope", "mycontainer"],
  [
    "libvirt-lxc",
    "/machine.slice/machine-lxc\\x2d2293906\\x2dlibvirt\\x2dcontainer.scope/libvirt",
    "2293906\\x2dlibvirt\\x2dcontainer",
  ],
  ["libvirt-lxc", "/machine/vm1.libvirt-lxc", "vm1"],
  ["bpm", "/system.slice/runc-bpm-router.gorouter.scope", "router.gorouter"],
])("%s is known by the path %s", (runtime, path, expected) => {
  expect(containerOf(path)).toEqual([expected, runtime]);
});

test.each([
  "/",
  "/user.slice/user-1000.slice/session-1.scope",
  "/system.slice/ssh.service",
  `/system.slice/docker-${id}x.scope`,
])("%s is of the host", (path) => expect(containerOf(path)).toEqual(["", ""]));

test("the older library knows namespaces of containerd only by the name `default`, and Mesos", () => {
  expect(containerOf("/default/web", "0.40")[0]).toBe("web");
  expect(containerOf("/other/web", "0.40")[0]).toBe("");
  expect(containerOf("/mesos/a9f41620-b165-4d24-abe0-af0af92e7b20", "0.40")).toEqual([
    "a9f41620-b165-4d24-abe0-af0af92e7b20",
    "mesos",
  ]);
});

test("subsystems have the names of /proc, and the same groups are the same object", () => {
  const reader = new CgroupReader("head");
  const set = reader.read("perf_event_cgroup=/a\0mem_cgroup=/b\0io=/c\0cpuset=/d=e\0");
  expect(set?.list).toEqual([
    ["perf_event", "/a"],
    ["memory", "/b"],
    ["blkio", "/c"],
    ["cpuset", "/d=e"],
  ]);
  expect(reader.read("perf_event_cgroup=/a\0mem_cgroup=/b\0io=/c\0cpuset=/d=e\0")).toBe(set);
  expect(reader.read("nothing")).toBeUndefined();
  expect(reader.read("")?.list).toEqual([]);
});
