import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { main, startPlimsoll } from "./run-plimsoll.ts";
import { npmLayer, writeBucket, writeImage } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

beforeAll(() => {
  writeImage(folder, "image.tar", [npmLayer("lodash", "4.17.15")]);
  mkdirSync(join(folder, "out"));
});

describe("a pipe", () => {
  test("gets no progress, and colour only with FORCE_COLOR", async () => {
    const terminal = { TERM: "xterm-256color", COLORTERM: "truecolor" };
    for (const env of [{}, { FORCE_COLOR: "0" }, { FORCE_COLOR: "1" }, terminal]) {
      const { stdout, stderr } = await plimsoll(["scan", "image.tar"], { env });
      expect(stdout).toContain("image.tar");
      expect(stdout.includes("\u001b[")).toBe("FORCE_COLOR" in env && env.FORCE_COLOR === "1");
      expect(stderr).toBe("");
    }
    const file = await plimsoll(["scan", "image.tar", "-o", "out/table.txt"], { env: { FORCE_COLOR: "1" } });
    expect(file.code).toBe(0);
    expect(readFileSync(join(folder, "out/table.txt"), "utf8")).not.toContain("\u001b");
    rmSync(join(folder, "out/table.txt"));
  });

  test("and a file get every id, over the columns that COLUMNS states", async () => {
    const env = { COLUMNS: "60" };
    const { stdout } = await plimsoll(["scan", "image.tar"], { env });
    expect(stdout).toContain("            high CVE-2020-8203, CVE-2021-23337\n            medium CVE-2020-28500\n");
    await plimsoll(["scan", "image.tar", "-o", "out/table.txt"], { env });
    expect(readFileSync(join(folder, "out/table.txt"), "utf8")).toBe(stdout);
    rmSync(join(folder, "out/table.txt"));
  });

  test("that its reader closes early leaves the exit code as it is", async () => {
    const closed = await plimsoll(["scan", "image.tar", "--format", "json", "--fail-on", "low"], {
      started: (child) => child.stdout.destroy(),
    });
    const whole = await plimsoll(["scan", "image.tar", "--format", "json", "--fail-on", "low"]);
    expect(closed).toMatchObject({ code: whole.code, signal: null, stderr: "" });
  });
});

test.skipIf(!existsSync("/dev/full")).each(["scan image.tar", "--version", "-V", "--help"])(
  "a full disk behind stdout of plimsoll %s ends with 3 and says so",
  (line) => {
    const command = `"$0" "$@" > /dev/full`;
    const { status, stderr } = spawnSync("sh", ["-c", command, process.execPath, main, ...line.split(" ")], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stderr).toBe("error: the output cannot be written: no space left on the device [output-not-written]\n");
    expect(status).toBe(3);
  },
);

describe("a terminal", () => {
  const hasScript = spawnSync("script", ["--version"]).status === 0;
  const onTerminal = (args: string, env: Record<string, string> = {}): string => {
    const { stdout } = spawnSync("script", ["-qec", `"${process.execPath}" "${main}" ${args}`, "/dev/null"], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "", HOME: join(folder, "home"), TERM: "xterm", ...env },
    });
    return stdout;
  };

  test.skipIf(!hasScript)("gets colour and a progress line that is gone at the end", () => {
    const output = onTerminal("scan image.tar");
    expect(output).toMatch(/\u001b\[[0-9;]+m/);
    expect(output).toMatch(/\r\u001b\[2Kopening/);
    expect(output.indexOf("Scanned")).toBeGreaterThan(output.lastIndexOf("\r\u001b[2K"));
  });

  test.skipIf(!hasScript)("gets no colour with NO_COLOR", () => {
    expect(onTerminal("scan image.tar", { NO_COLOR: "1" })).not.toMatch(/\u001b\[[0-9;]*m/);
  });

  test.skipIf(!hasScript)("gets the ids that fit in its columns, and all with --no-trunc", () => {
    const narrow = { COLUMNS: "60", NO_COLOR: "1" };
    expect(onTerminal("scan image.tar", narrow)).toContain("high CVE-2020-8203, CVE-2021-23337 · +1 more\r\n");
    expect(onTerminal("scan image.tar", { ...narrow, COLUMNS: "200" })).toContain("medium CVE-2020-28500\r\n");
    const full = onTerminal("scan image.tar --no-trunc", narrow);
    expect(full).toContain("CVE-2021-23337\r\n            medium CVE-2020-28500\r\n");
    expect(full).not.toContain("more");
  });

  test.skipIf(!hasScript)("gets no progress line with --quiet", () => {
    expect(onTerminal("scan image.tar --quiet")).not.toContain("\r\u001b[2K");
  });
});

describe("--output", () => {
  test("writes what stdout would get, and leaves stdout and the folder empty of anything else", async () => {
    const printed = await plimsoll(["sbom", "image.tar"]);
    const written = await plimsoll(["sbom", "image.tar", "--output", "out/image.cdx.json"]);
    expect(written).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
    expect(readdirSync(join(folder, "out"))).toEqual(["image.cdx.json"]);
    const withoutTime = (text: string): string => text.replace(/"(timestamp|serialNumber)": "[^"]*"/g, "");
    expect(withoutTime(readFileSync(join(folder, "out/image.cdx.json"), "utf8"))).toBe(withoutTime(printed.stdout));
  });

  test("replaces an older file, also behind a symbolic link", async () => {
    writeFileSync(join(folder, "old.json"), "old");
    symlinkSync("old.json", join(folder, "link.json"));
    await plimsoll(["scan", "image.tar", "-f", "json", "-o", "link.json"]);
    expect(JSON.parse(readFileSync(join(folder, "old.json"), "utf8"))).toMatchObject({ schemaVersion: 2 });
  });

  test("writes to a device instead of replacing it", async () => {
    const { code } = await plimsoll(["scan", "image.tar", "-o", "/dev/null"]);
    expect(code).toBe(0);
    expect(spawnSync("test", ["-c", "/dev/null"]).status).toBe(0);
  });

  test.each([
    ["in a folder that does not exist", "nowhere/report.json", "the folder nowhere does not exist"],
    ["that is a folder", "out", "it is a folder"],
  ])("to a file %s ends with 3 and says so", async (_, path, reason) => {
    const { code, stderr, stdout } = await plimsoll(["scan", "image.tar", "--output", path]);
    expect(stderr).toBe(`error: ${path} cannot be written: ${reason} [output-not-written]\n`);
    expect(stdout).toBe("");
    expect(code).toBe(3);
  });

  test("is stdout when it is a dash", async () => {
    const { stdout } = await plimsoll(["scan", "image.tar", "--output", "-", "--format", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 2 });
    expect(existsSync(join(folder, "-"))).toBe(false);
  });

  test("keeps the older file when the scan fails", async () => {
    writeFileSync(join(folder, "kept.json"), "kept");
    expect((await plimsoll(["scan", "./nothing.tar", "-o", "kept.json"])).code).toBe(3);
    expect(readFileSync(join(folder, "kept.json"), "utf8")).toBe("kept");
  });
});

test("a missing folder for temporary files is said in one sentence", async () => {
  writeFileSync(join(folder, "image.tar.gz"), gzipSync(readFileSync(join(folder, "image.tar"))));
  const missing = join(folder, "image.tar", "tmp");
  const scan = await plimsoll(["scan", "image.tar.gz"], { env: { TMPDIR: missing } });
  expect(scan).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(
      /^error: image\.tar\.gz: cannot create a temporary folder in .*: it is not a folder \[output-not-written\]\n.*set TMPDIR to another folder\.\n$/,
    ),
  });
  const build = await plimsoll(["db", "build", "--from", writeBucket(folder)], { env: { TMPDIR: missing } });
  expect(build).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(
      /^error: cannot create a temporary folder in .*: it is not a folder \[output-not-written\]\n.*set TMPDIR to another folder\.\n$/,
    ),
  });
});

describe("a cache in which nothing can be kept", () => {
  test("is told once when it was named, and fails nothing", async () => {
    const scan = await plimsoll(["scan", "image.tar", "--cache", "image.tar"]);
    expect(scan).toMatchObject({ code: 0, stderr: expect.stringMatching(/^note: [^\n]*\n$/) });
    expect(scan.stderr).toContain("nothing can be kept in the cache image.tar: it is ");
    const below = await plimsoll(["sbom", "image.tar", "--cache", "image.tar/cache"]);
    expect(below).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("cache image.tar/cache: it is not a folder"),
    });
  });

  test("is silent when it is the usual one", async () => {
    const scan = await plimsoll(["scan", "image.tar"], { env: { PLIMSOLL_CACHE: join(folder, "image.tar") } });
    expect(scan).toMatchObject({ code: 0, stderr: "" });
  });

  test.each([
    ["when the command is wrong", "scan image.tar --tags 1", 2],
    ["when there is no target", "scan ./nothing.tar", 3],
    ["when nothing is kept of what is scanned", "scan dir:out", 0],
  ])("is neither made nor told %s", async (_, line, code) => {
    const said = await plimsoll([...line.split(" "), "--cache", "unused"]);
    expect(said.code).toBe(code);
    expect(existsSync(join(folder, "unused"))).toBe(false);
    expect((await plimsoll([...line.split(" "), "--cache", "image.tar"])).stderr).not.toContain("kept");
  });

  test("leaves nothing else in one that serves", async () => {
    expect((await plimsoll(["scan", "image.tar", "--cache", "kept"])).stderr).toBe("");
    expect(readdirSync(join(folder, "kept"))).toEqual(["layers"]);
  });
});
