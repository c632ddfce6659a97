import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { machineUser } from "./machine-user.ts";

const [starter = "", ...inNamespace] = ["unshare", "--user", "--map-root-user"];
const hasNamespaces = spawnSync(starter, [...inNamespace, "true"]).status === 0;
const uid = process.getuid?.();

test("the user of the machine has the number that the system tells", () => {
  expect(machineUser().uid).toBe(uid);
  if (uid !== 0) expect(machineUser().isRoot).toBe(false);
});

test.skipIf(!hasNamespaces)(
  "who is called root in a user namespace is the user outside, and root only when that one is",
  () => {
    const script = `import(${JSON.stringify(new URL("machine-user.ts", import.meta.url).href)})
    .then(({ machineUser }) => console.log(JSON.stringify([process.getuid(), machineUser()])))`;
    const told = execFileSync(starter, [...inNamespace, process.execPath, "-e", script], { encoding: "utf8" });
    expect(JSON.parse(told)).toEqual([0, { uid, isRoot: uid === 0 }]);
  },
);

test.each([
  ["the machine", 0, "         0          0 4294967295\n", { uid: 0, isRoot: true }],
  ["a container like a machine", 0, "0 100000 65536\n", { uid: 0, isRoot: true }],
  ["podman unshare", 0, "0 1000 1\n1 100000 65536\n", { uid: 1000, isRoot: false }],
  ["a namespace that the root of the machine opened", 0, "0 0 1\n", { uid: 0, isRoot: true }],
  ["a system without user namespaces", 0, "", { uid: 0, isRoot: true }],
])("who is called root in %s", (_, id, map, expected) => {
  expect(machineUser(id, map)).toEqual(expected);
});

test("a user of a container like a machine has the number of that machine", () => {
  expect(machineUser(1000, "0 100000 65536\n")).toEqual({ uid: 1000, isRoot: false });
});
