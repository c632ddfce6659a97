import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { findFiles, readStdin, readWhole } from "./find-files.ts";

const folder = temporaryFolder();

function tree(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return join(folder, name);
}

function find(...paths: string[]): { found: string[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const found = findFiles(paths, {
    isWanted: (name) => name.endsWith(".yaml"),
    problem: (one) => void problems.push(one),
  });
  return { found: found.map((path) => path.replace(`${folder}/`, "")), problems };
}

describe("findFiles", () => {
  test("finds the wanted files of a folder in order, and passes over what its owner did not write", () => {
    const root = tree("usual", {
      "b.yaml": "",
      "a/c.yaml": "",
      "a/d.txt": "",
      ".git/e.yaml": "",
      "node_modules/f/g.yaml": "",
      ".github/h.yaml": "",
    });
    expect(find(root)).toEqual({
      found: ["usual/.github/h.yaml", "usual/a/c.yaml", "usual/b.yaml"],
      problems: [],
    });
  });

  test("takes a file that is named whatever its name, and each file once", () => {
    const root = tree("named", { "a.yaml": "", "b.txt": "" });
    expect(find(join(root, "b.txt"), root, join(root, ".", "a.yaml")).found).toEqual(["named/b.txt", "named/a.yaml"]);
  });

  test("a path that is not there is an error", () => {
    expect(() => find(join(folder, "nowhere"))).toThrow(expect.objectContaining({ code: "target-not-found" }));
  });

  test("a link is followed to a file of the same folder that has no other name, and never out of it", () => {
    const root = tree("links", { "real.yaml": "", "text/other.txt": "", "node_modules/x/inner.yaml": "" });
    tree("outside", { "secret.yaml": "" });
    symlinkSync("real.yaml", join(root, "again.yaml"));
    symlinkSync("text/other.txt", join(root, "named.yaml"));
    symlinkSync("node_modules/x/inner.yaml", join(root, "inner.yaml"));
    symlinkSync("../outside/secret.yaml", join(root, "out.yaml"));
    symlinkSync("../outside", join(root, "folder.yaml"));
    symlinkSync("nowhere", join(root, "broken.yaml"));
    symlinkSync("loop.yaml", join(root, "loop.yaml"));
    const { found, problems } = find(root);
    expect(found).toEqual(["links/inner.yaml", "links/named.yaml", "links/real.yaml"]);
    expect(problems.map(({ code, path }) => [path?.replace(`${folder}/`, ""), code])).toEqual([
      ["links/broken.yaml", "unreadable"],
      ["links/loop.yaml", "unreadable"],
      ["links/out.yaml", "not-examined"],
    ]);
  });

  test("a folder as Kubernetes mounts a ConfigMap is read through its links, each file once", () => {
    const root = tree("config-map", { "..2026_11_29/a.yaml": "", "..2026_11_29/sub/b.yaml": "" });
    symlinkSync("..2026_11_29", join(root, "..data"));
    symlinkSync("..data/a.yaml", join(root, "a.yaml"));
    expect(find(root)).toEqual({
      found: ["config-map/..2026_11_29/a.yaml", "config-map/..2026_11_29/sub/b.yaml"],
      problems: [],
    });
  });

  test("where a problem ends the search, it is told in its own words", () => {
    const root = tree("refusing", {});
    mkdirSync(root);
    symlinkSync("/etc/hostname", join(root, "out.yaml"));
    const problem = ({ message }: Problem): never => {
      throw new Error(message);
    };
    expect(() => findFiles([root], { isWanted: () => true, problem })).toThrow(
      new Error("it is a symbolic link that points outside the folder"),
    );
  });

  test("a pipe in a folder is a problem, and nobody waits for it", () => {
    const root = tree("pipes", { "a.yaml": "" });
    execFileSync("mkfifo", [join(root, "p.yaml")]);
    const { found, problems } = find(root);
    expect(found).toEqual(["pipes/a.yaml"]);
    expect(problems).toEqual([
      { code: "not-examined", message: "it is not a regular file", path: join(root, "p.yaml") },
    ]);
  });

  test("folders that lie too deep are a problem, and the others are looked at", () => {
    const root = tree("deep", { "a.yaml": "", [`${"d/".repeat(80)}b.yaml`]: "", [`${"d/".repeat(60)}c.yaml`]: "" });
    const { found, problems } = find(root);
    expect(found).toEqual(["deep/a.yaml", `deep/${"d/".repeat(60)}c.yaml`]);
    expect(problems.map(({ code }) => code)).toEqual(["limit-exceeded"]);
  });
});

describe("readWhole", () => {
  const read = (path: string): { text: string | undefined; problems: Problem[] } => {
    const problems: Problem[] = [];
    return { text: readWhole(path, (one) => void problems.push(one))?.toString("utf8"), problems };
  };

  test("gives the bytes of a file, also of one whose size says nothing", () => {
    const root = tree("read", { "a.yaml": "kind: Pod\n" });
    expect(read(join(root, "a.yaml"))).toEqual({ text: "kind: Pod\n", problems: [] });
    expect(read("/proc/self/status").text).toMatch(/^Name:/);
  });

  test.each([
    ["a file that has gone", "nowhere.yaml", "unreadable"],
    ["a folder", "read", "unreadable"],
    ["a device without an end", "/dev/zero", "limit-exceeded"],
  ])("%s is a problem", (_, path, code) => {
    const { text, problems } = read(path.startsWith("/") ? path : join(folder, path));
    expect(text).toBeUndefined();
    expect(problems.map((problem) => problem.code)).toEqual([code]);
  });

  test("a file beyond the limit is not read", () => {
    const root = tree("large", { "a.yaml": " ".repeat(33 * 1024 * 1024) });
    expect(read(join(root, "a.yaml")).problems).toEqual([
      { code: "limit-exceeded", message: "it is larger than 33554432 bytes", path: join(root, "a.yaml") },
    ]);
  });
});

describe("readStdin", () => {
  test("gives all pieces", async () => {
    const pieces = (async function* () {
      yield Buffer.from("a");
      yield Buffer.from("b");
    })();
    expect((await readStdin(pieces, () => expect.unreachable()))?.toString()).toBe("ab");
  });

  test("stops at the limit, without waiting for an end", async () => {
    const problems: Problem[] = [];
    let given = 0;
    const pieces = (async function* () {
      for (;;) {
        given++;
        yield Buffer.alloc(1024 * 1024);
      }
    })();
    expect(await readStdin(pieces, (one) => void problems.push(one))).toBeUndefined();
    expect(problems).toEqual([{ code: "limit-exceeded", message: "it is larger than 33554432 bytes", path: "stdin" }]);
    expect(given).toBe(33);
  });
});
