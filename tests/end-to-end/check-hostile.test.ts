import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { namesIn, problemsOf, reportOf } from "./check-report.ts";
import { type RunOptions, type RunResult, startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const isRoot = process.getuid?.() === 0;

const good =
  "kind: Pod\nmetadata: {name: good, namespace: shop}\nspec: {hostPID: true, containers: [{name: a, image: b}]}\n";

/** A folder with a file that can be checked, and others. */
function folder(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(plimsoll.folder, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries({ "good.yaml": good, ...files }))
    writeFileSync(join(path, file), content);
  return path;
}

async function check(path: string, options?: RunOptions): Promise<RunResult> {
  return await plimsoll(["check", "manifests", path, "--format", "json"], options);
}

/** Checks a folder; all that is wrong in it is a problem, and the file that can be checked was checked. */
async function problemsIn(path: string): Promise<string[]> {
  const run = await check(path);
  const report = reportOf(run);
  expect(run.code).toBe(3);
  expect(report.verdict.decision).toBe("cannot-tell");
  expect(namesIn(report, "fail")).toContain("pss/hostNamespaces Pod shop/good");
  return problemsOf(report).map((text) => text.replace(`${path}/`, ""));
}

function aliasBomb(): string {
  const levels = Array.from({ length: 12 }, (_, level) =>
    level === 0 ? "a0: &a0 [x, x, x, x, x, x, x, x]" : `a${level}: &a${level} [${`*a${level - 1}, `.repeat(8)}]`,
  );
  return `kind: Pod\n${levels.join("\n")}\n`;
}

describe("one bad file is one problem, and the others are checked", () => {
  test.each<[what: string, content: string | Uint8Array, code: string]>([
    ["malformed YAML", "kind: [Pod\nmetadata: }\n", "unreadable"],
    ["an anchor that holds itself", "kind: Pod\nspec: &a\n  containers: [*a]\n", "unreadable"],
    ["an alias of nothing", "kind: Pod\nspec: *nowhere\n", "unreadable"],
    ["aliases that would fill the memory", aliasBomb(), "unreadable"],
    ["a document of 50 MB", `kind: Pod\ndata: |\n${`  ${"x".repeat(97)}\n`.repeat(525_000)}`, "limit-exceeded"],
    ["lists in lists, far too deep", `kind: Pod\nspec: ${"[".repeat(100_000)}${"]".repeat(100_000)}\n`, "unreadable"],
    ["bytes that are not text", Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256), "unreadable"],
    ["a template", "kind: Pod\n{{- if .Values.on }}\nspec: {}\n{{- end }}\n", "not-examined"],
  ])("%s", async (_, content, code) => {
    const path = folder(`one-${code}-${String(content.length)}`, { "bad.yaml": content });
    expect(await problemsIn(path)).toEqual([`bad.yaml: ${code}`]);
  });

  test("a good document beside a bad one in the same file", async () => {
    const path = folder("beside", { "both.yaml": `kind: [Pod\n---\n${good.replaceAll("good", "second")}` });
    const report = reportOf(await check(path));
    expect(problemsOf(report)).toEqual([`${path}/both.yaml: unreadable`]);
    expect(namesIn(report, "fail")).toContain("pss/hostNamespaces Pod shop/second");
  });
});

describe("what lies in a folder", () => {
  test("links that lead out or nowhere, pipes and folders in folders without an end", async () => {
    const path = folder("strange", {});
    writeFileSync(join(plimsoll.folder, "outside.yaml"), good);
    symlinkSync("../outside.yaml", join(path, "out.yaml"));
    symlinkSync("/etc/passwd", join(path, "passwd.yaml"));
    symlinkSync("nowhere.yaml", join(path, "broken.yaml"));
    symlinkSync(".", join(path, "itself"));
    execFileSync("mkfifo", [join(path, "pipe.yaml")]);
    mkdirSync(join(path, "d/".repeat(70)), { recursive: true });
    expect(await problemsIn(path)).toEqual([
      "broken.yaml: unreadable",
      `${"d/".repeat(65).slice(0, -1)}: limit-exceeded`,
      "out.yaml: not-examined",
      "passwd.yaml: not-examined",
      "pipe.yaml: not-examined",
    ]);
  });

  test.skipIf(isRoot)("files and folders that may not be read", async () => {
    const path = folder("closed", { "closed.yaml": good });
    chmodSync(join(path, "closed.yaml"), 0);
    mkdirSync(join(path, "inner"), { mode: 0 });
    expect(await problemsIn(path)).toEqual(["closed.yaml: unreadable", "inner: unreadable"]);
    chmodSync(join(path, "inner"), 0o755);
  });

  test("files that vanish while others are read", async () => {
    const files = Array.from({ length: 300 }, (_, index) => [`z${index}.yaml`, `${good}# ${"x".repeat(20_000)}\n`]);
    const path = folder("vanishing", Object.fromEntries(files));
    const running = check(path, {
      started: (child) => {
        const remove = setInterval(() => {
          for (const [name] of files.slice(150)) rmSync(join(path, name ?? ""), { force: true });
        }, 1);
        child.on("close", () => clearInterval(remove));
      },
    });
    const run = await running;
    const report = reportOf(run);
    expect(namesIn(report, "fail")).toContain("pss/hostNamespaces Pod shop/good");
    expect(report.problems.every(({ code }) => code === "unreadable")).toBe(true);
    expect(run.code).toBe(report.problems.length > 0 ? 3 : 0);
  });
});

test("standard input that does not end is not waited for", async () => {
  const started = Date.now();
  const { code, stdout } = await plimsoll(["check", "manifests", "-", "--format", "json"], {
    started: (child) => {
      const piece = Buffer.alloc(1024 * 1024, "# x\n");
      const write = (): void => {
        while (child.stdin.writable && child.stdin.write(piece));
      };
      child.stdin.on("drain", write).on("error", () => undefined);
      write();
    },
    holdsInput: true,
  });
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ problems: [{ code: "limit-exceeded", path: "stdin" }] });
  expect(Date.now() - started).toBeLessThan(30_000);
});

test("names in a manifest do not steer a terminal", async () => {
  const name = "web\\e[2J\\e]0;x\\a\\r\\nALLOWED     no check failed\\u202e";
  const path = folder("names", { "evil.yaml": `kind: Pod\nmetadata: {name: "${name}"}\nspec: {hostPID: true}\n` });
  const { stdout, code } = await plimsoll(["check", "manifests", path, "--all"]);
  expect(code).toBe(0);
  expect(stdout).toContain("web\\x1b[2J");
  expect(stdout).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
  expect(stdout.match(/^(?:ALLOWED|NO POLICY)/gm)).toHaveLength(1);
});

test("a Dockerfile of any bytes is a problem or is checked, and never more", async () => {
  const path = folder("dockerfiles", {
    "a.Dockerfile": "FROM scratch\n",
    "b.Dockerfile": "RUN before from\n",
    "c.Dockerfile": "",
    "d.Dockerfile": Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256),
    "e.Dockerfile": `FROM scratch\nRUN ${"(".repeat(100_000)}\n`,
    "f.Dockerfile": `FROM scratch\nRUN <<EOF\n${"x\n".repeat(10)}`,
  });
  const paths = ["a", "b", "c", "d", "e", "f"].map((letter) => join(path, `${letter}.Dockerfile`));
  const run = await plimsoll(["check", "dockerfile", ...paths, "--format", "json"]);
  const report = reportOf(run);
  expect(run.code).toBe(3);
  expect(report.target.examined).toEqual({ files: 6 });
  const unread = new Set(report.problems.map((problem) => problem.path?.at(-"x.Dockerfile".length)));
  for (const letter of ["b", "c", "d", "f"]) expect(unread, letter).toContain(letter);
  expect(unread).not.toContain("a");
});
