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

test.skipIf(!hasNamespaces)("who is called root in a user namespace is the user outside and not root", () => {
  const script = `import(${JSON.stringify(new URL("machine-user.ts", import.meta.url).href)})
    .then(({ machineUser }) => console.log(JSON.stringify([process.getuid(), machineUser()])))`;
  const told = execFileSync(starter, [...inNamespace, process.execPath, "-e", script], { encoding: "utf8" });
  expect(JSON.parse(told)).toEqual([0, { uid, isRoot: false }]);
});
