import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HostRoot, openHostRoot } from "./host-root.ts";

let folder: string;
let root: HostRoot;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-root-"));
  mkdirSync(join(folder, "etc"));
  writeFileSync(join(folder, "etc/name"), "inside");
  root = openHostRoot(folder);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the root of a host", () => {
  test("keeps links inside its tree", async () => {
    symlinkSync("/etc/name", join(folder, "absolute"));
    symlinkSync("../../../../../etc/name", join(folder, "etc/climbing"));
    symlinkSync("/etc", join(folder, "folder"));
    expect(await root.readText("/absolute")).toEqual({ value: "inside" });
    expect(await root.readText("/etc/climbing")).toEqual({ value: "inside" });
    expect(await root.readText("/folder/name")).toEqual({ value: "inside" });
    expect(await root.find("/folder/name")).toMatchObject({ value: { path: "/etc/name" } });
  });

  test("gives up on a ring of links", async () => {
    symlinkSync("/b", join(folder, "a"));
    symlinkSync("/a", join(folder, "b"));
    expect(await root.readText("/a")).toEqual({ unavailable: "/a is a cycle of symbolic links" });
  });

  test("knows null for what is not there", async () => {
    expect(await root.readText("/none")).toEqual({ value: null });
    expect(await root.readText("/etc/name/below")).toEqual({ value: null });
    expect(await root.list("/none")).toEqual({ value: null });
    expect(await root.find("/none")).toEqual({ value: null });
  });

  test("says why a path cannot be read", async () => {
    expect(await root.readText("/etc")).toEqual({ unavailable: "/etc is not a regular file" });
    expect(await root.list("/etc/name")).toEqual({ unavailable: "/etc/name is not a folder" });
    expect(await root.readText("/a\0b")).toEqual({ unavailable: "the path is not valid" });
    expect(await root.readText(`/${"a".repeat(5000)}`)).toEqual({ unavailable: "the path is not valid" });
    expect(await root.readText("/etc/name", { limit: 3 })).toEqual({ unavailable: "/etc/name is larger than 3 bytes" });
  });

  test.skipIf(spawnSync("mkfifo", ["--version"]).status !== 0)("does not wait at a pipe", async () => {
    spawnSync("mkfifo", [join(folder, "pipe")]);
    expect(await root.readText("/pipe")).toEqual({ unavailable: "/pipe is not a regular file" });
  });

  test("gives up on a file that changes each time while it is read", async () => {
    writeFileSync(join(folder, "log"), "x".repeat(200_000));
    let stop = false;
    const writing = (async () => {
      while (!stop) {
        appendFileSync(join(folder, "log"), "y");
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const text = await root.readText("/log");
    stop = true;
    await writing;
    expect(text).toEqual({ unavailable: "/log changed while it was read" });
  });

  test("lists names in order", async () => {
    for (const name of ["c", "a", "b"]) writeFileSync(join(folder, "etc", name), "");
    expect(await root.list("/etc")).toEqual({ value: ["a", "b", "c", "name"] });
  });

  test.skipIf(process.platform !== "linux")("reads files that the kernel makes", async () => {
    const status = await openHostRoot("/").readText("/proc/self/status");
    expect("value" in status && status.value).toContain("Name:");
  });
});
