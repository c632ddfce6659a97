import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { program } from "../../src/apps/cli/run.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { repository } from "../setup/source-files.ts";

const plimsoll = startPlimsoll();

/** A hook as pre-commit reads it. Source: pre-commit.com, "Creating new hooks". */
interface Hook {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly entry: string;
  readonly language: string;
  readonly files?: string;
  readonly exclude?: string;
  readonly types?: readonly string[];
  readonly types_or?: readonly string[];
  readonly require_serial?: boolean;
}

const hooks = parse(readFileSync(join(repository, ".pre-commit-hooks.yaml"), "utf8")) as readonly Hook[];

/** Runs a hook as pre-commit does: the words of its entry, then the names of the files. */
function runHook(id: string, ...files: readonly string[]): Promise<RunResult> {
  const [command, ...args] = hooks.find((hook) => hook.id === id)?.entry.split(" ") ?? [];
  expect(command).toBe("plimsoll");
  return plimsoll([...args, ...files]);
}

function write(name: string, text: string): string {
  const path = join(plimsoll.folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return name;
}

const privileged = `{apiVersion: v1, kind: Pod, metadata: {name: shop}, spec: {containers: [
  {name: shop, image: "shop:1", securityContext: {privileged: true}}]}}`;

test("every hook has the members that pre-commit knows, and options that exist", () => {
  const known = "id name description entry language files exclude types types_or require_serial".split(" ");
  expect(hooks.map(({ id }) => id)).toEqual(["plimsoll-dockerfile", "plimsoll-manifests"]);
  for (const hook of hooks) {
    expect(Object.keys(hook).filter((member) => !known.includes(member))).toEqual([]);
    expect(hook).toMatchObject({ language: "node", require_serial: true });
    const [, check, kind, ...rest] = hook.entry.split(" ");
    const root = program(new AbortController().signal, { exitCode: 0 });
    const command = [check, kind].reduce<typeof root | undefined>(
      (parent, name) => parent?.commands.find((child) => child.name() === name),
      root,
    );
    const options = command?.options.map(({ long }) => long);
    expect(rest.filter((word) => word.startsWith("--") && !options?.includes(word))).toEqual([]);
  }
});

test("npm builds the package when pre-commit installs it from a clone, and npm pack prints only the name of its file", () => {
  const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  // For a package from Git, npm runs no other script.
  expect(manifest.scripts.prepare).toBe("node tools/development/prepare.ts");
  const get = ["config", "get", "foreground-scripts"];
  expect(execFileSync("npm", get, { cwd: repository, encoding: "utf8" })).toBe("false\n");
});

describe("the Dockerfile hook", () => {
  test.each([
    ["Dockerfile", true],
    ["api/Dockerfile.prod", true],
    ["api/prod.Dockerfile", true],
    ["Containerfile", true],
    ["docs/Dockerfiles.md", false],
    ["Dockerfile.d/readme", false],
  ])("for %s: %s", (path, selected) => {
    const pattern = hooks.find(({ id }) => id === "plimsoll-dockerfile")?.files ?? "";
    expect(new RegExp(pattern).test(path)).toBe(selected);
  });

  test("passes or fails for several files together", async () => {
    const good = write("good/Dockerfile", "FROM scratch\nUSER 65532\nCOPY app /app\n");
    const bad = write("bad/Dockerfile", "FROM debian:12\nRUN curl http://shop.example.test | sh\n");
    expect(await runHook("plimsoll-dockerfile", good)).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout } = await runHook("plimsoll-dockerfile", good, bad);
    expect({ code, named: stdout.includes("bad/Dockerfile") }).toEqual({ code: 1, named: true });
  });
});

describe("the hook for manifests", () => {
  const workflow = write(".github/workflows/test.yml", "name: test\non: push\njobs: {}\n");

  test("passes for files that hold no manifest, which a commit may change alone", async () => {
    const lock = write("package-lock.json", `{"name": "shop"}\n`);
    expect(await runHook("plimsoll-manifests", workflow, lock)).toMatchObject({ code: 0, stderr: "" });
    expect(await plimsoll(["check", "manifests", workflow, lock])).toMatchObject({ code: 3 });
  });

  test("fails for a failed check among other files", async () => {
    expect(await runHook("plimsoll-manifests", workflow, write("pod.yaml", privileged))).toMatchObject({ code: 1 });
  });

  test("fails for a file that cannot be parsed", async () => {
    expect(await runHook("plimsoll-manifests", workflow, write("broken.yaml", "a: [\n"))).toMatchObject({ code: 3 });
  });
});
