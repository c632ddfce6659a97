import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { ContainedFolder } from "./contained-folder.ts";

const base = temporaryFolder();

/** The reason why an ordinary user cannot read a file, asked in a process that is not root's. */
function reasonForOthers(root: string, name: string): string {
  const script = `
    const { ContainedFolder } = await import(${JSON.stringify(join(import.meta.dirname, "contained-folder.ts"))});
    const file = new ContainedFolder(${JSON.stringify(root)}).open(Buffer.from(${JSON.stringify(name)}));
    process.stdout.write(typeof file === "string" ? file : "open");
  `;
  const other = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  return execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    cwd: "/",
    ...other,
  });
}

test.skipIf(process.platform === "win32")("a file in a folder that is closed to this user is told so", () => {
  const closed = join(base, "home", "u1", "closed");
  mkdirSync(closed, { recursive: true });
  writeFileSync(join(closed, "package.json"), "{}");
  for (let folder = dirname(closed); folder !== dirname(base); folder = dirname(folder)) chmodSync(folder, 0o755);
  chmodSync(closed, 0o000);
  try {
    expect(reasonForOthers(base, "home/u1/closed/package.json")).toBe("permission denied");
    expect(reasonForOthers(base, "home/u1/closed/deeper/file")).toBe("permission denied");
    expect(reasonForOthers(base, "home/u2/file")).toBe("its folder is not in the store");
  } finally {
    chmodSync(closed, 0o755);
  }
});

test("a file in no folder, or below what is none, is not there, and a name that no folder can have is told so", () => {
  writeFileSync(join(base, "plain"), "");
  const folder = new ContainedFolder(base);
  for (const name of ["none/file", "plain/file", "plain/deeper/file", "..", ""]) {
    expect(folder.open(Buffer.from(name)), name).toBe("its folder is not in the store");
  }
  expect(folder.open(Buffer.from(`${"x".repeat(300)}/file`))).toBe("the name is too long");
});
