import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { openHostView } from "./open-host-view.ts";

const root = temporaryFolder();
mkdirSync(join(root, "etc"));
mkdirSync(join(root, "proc/12"), { recursive: true });
const { uid, gid } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
writeFileSync(join(root, "etc/passwd"), `somebody:x:${uid}:${gid}::/:/bin/sh\nlater:x:${uid}:0::/:/bin/sh\n`);
writeFileSync(join(root, "etc/group"), "broken\n");
chmodSync(join(root, "etc/passwd"), 0o640);
symlinkSync("/etc/passwd", join(root, "link"));
writeFileSync(join(root, "proc/12/status"), `Name:\tsome\nPPid:\t1\nUid:\t${uid}\t0\t0\t0\n`);
writeFileSync(join(root, "proc/12/cmdline"), "some\0--flag\0a b\0");
writeFileSync(join(root, "proc/12/environ"), "A=1\0B=2\0");

const host = openHostView(root);

test("a path tells kind, mode and owner by the host's own names, through links that stay inside", async () => {
  const status = { kind: "file", mode: 0o640, uid, gid, user: "somebody" };
  expect(await host.status("/etc/passwd")).toEqual(status);
  expect(await host.status("/link")).toEqual(status);
  expect(await host.status("/etc")).toMatchObject({ kind: "directory" });
  expect(await host.status("/nothing")).toBeUndefined();
});

test("files and folders are read, and what is not there is undefined", async () => {
  expect(await host.read("/etc/group")).toBe("broken\n");
  expect(await host.read("/nothing")).toBeUndefined();
  expect(await host.list("/etc")).toEqual(["group", "passwd"]);
  expect(await host.list("/etc/group")).toBeUndefined();
  expect(await host.read("/etc")).toEqual({ unavailable: "/etc is not a regular file" });
});

test("processes have their user, name, arguments and environment", async () => {
  expect(await host.processes()).toEqual([
    { pid: 12, parent: 1, user: "somebody", name: "some", argv: ["some", "--flag", "a b"] },
  ]);
  expect(await host.environment(12)).toEqual(["A=1", "B=2"]);
});
