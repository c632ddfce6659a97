import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeFiles } from "../setup/write-files.ts";
import { namesIn, problemsOf, reportOf } from "./check-report.ts";
import { type RunOptions, type RunResult, startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const good =
  "FROM alpine:3.22@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1\nUSER 10001:10001\n";
const bad = "FROM alpine\nENV API_TOKEN=hunter2-correct-horse\nADD https://example.com/x /x\n";

function tree(name: string, files: Readonly<Record<string, string>>): string {
  writeFiles(join(plimsoll.folder, name), files);
  return name;
}

const check = (args: readonly string[], options?: RunOptions): Promise<RunResult> =>
  plimsoll(["check", "dockerfile", ...args], options);
const json = (args: readonly string[], options?: RunOptions): Promise<RunResult> =>
  check([...args, "--format", "json"], options);

test("the Dockerfiles of a folder by their usual names", async () => {
  const names = ["Dockerfile", "a/Dockerfile.web", "a/db.Dockerfile", "b/Containerfile", "c/dockerfile"];
  const others = ["Dockerfile.dockerignore", "a/README.md", "node_modules/x/Dockerfile"];
  tree("names", Object.fromEntries([...names, ...others].map((name) => [name, bad])));
  const run = await json(["names", "--only", "dockerfile/root-user"]);
  const report = reportOf(run);
  expect(run.code).toBe(0);
  expect(report.target).toEqual({ kind: "dockerfile", name: "names", examined: { files: names.length } });
  const paths = report.results.map(({ state, location }) => `${state} ${location?.path.slice("names/".length)}`);
  expect(paths.sort()).toEqual(names.map((name) => `fail ${name}`).sort());
});

test("a folder's files whose names only look like those of Dockerfiles are not checked, unless they are named", async () => {
  const code = 'import { x } from "./y.ts";\n';
  tree("alike", {
    Dockerfile: "NONSENSE here\n",
    "dockerfile.ts": code,
    "read.dockerfile": code,
    "Dockerfile.md": "# Dockerfiles\n\nRun docker build.\n",
    "dockerfile-check.ts": code,
    "web.dockerfile": bad,
    "Containerfile.dev": bad,
  });
  const only = ["--only", "dockerfile/root-user"];
  const report = reportOf(await json(["alike", ...only]));
  expect(report.target.examined).toEqual({ files: 3 });
  expect(problemsOf(report)).toEqual(["alike/Dockerfile: unreadable"]);
  const paths = report.results.flatMap(({ location }) => location?.path ?? []);
  expect(paths.sort()).toEqual(["alike/Containerfile.dev", "alike/web.dockerfile"]);
  const named = reportOf(await json(["alike/dockerfile.ts", ...only]));
  expect(named.target.examined).toEqual({ files: 1 });
  expect(named.problems.length).toBeGreaterThan(0);
});

test("the checkout of Plimsoll has no Dockerfile", async () => {
  const run = await json([join(import.meta.dirname, "../../src"), join(import.meta.dirname, "../../docs")]);
  expect(reportOf(run).problems.map(({ message }) => message)).toEqual(["no Dockerfile found"]);
  expect(reportOf(run).results.filter(({ state }) => state === "fail")).toEqual([]);
});

test("standard input, with places and without the value of a secret", async () => {
  const run = await json(["-"], { input: bad });
  const report = reportOf(run);
  const secret = report.results.find(({ id }) => id === "dockerfile/secret-variable");
  expect(secret).toMatchObject({ state: "fail", location: { path: "stdin", line: 2 } });
  expect(run.stdout).not.toContain("hunter2");
  expect(report.target.examined).toEqual({ files: 1 });
});

test("what one file passes and another fails stands apart; what there is nothing of stands once", async () => {
  tree("two", { Dockerfile: good, "bad.Dockerfile": bad });
  const { results } = reportOf(await json(["two"]));
  const of = (id: string): string[] =>
    results
      .filter((one) => one.id === id)
      .map(({ state }) => state)
      .sort();
  expect(of("dockerfile/root-user")).toEqual(["fail", "pass"]);
  const without = results.filter(({ state }) => state === "not-applicable").map(({ id }) => id);
  expect(without.length).toBeGreaterThan(5);
  expect(without).toEqual([...new Set(without)]);
});

test("the .dockerignore that lies beside a Dockerfile is the one of its build", async () => {
  const copy = `${good}COPY .env /app/\n`;
  tree("ignored", { Dockerfile: copy, ".dockerignore": ".env\n" });
  tree("bare", { Dockerfile: copy });
  tree("own", { "web.Dockerfile": copy, "web.Dockerfile.dockerignore": ".env\n", ".dockerignore": "x\n" });
  const run = async (name: string): Promise<string[]> =>
    namesIn(reportOf(await json([name, "--only", "dockerfile/copy-ignored"])), "fail");
  expect(await run("bare")).toEqual([]);
  expect(await run("ignored")).toHaveLength(1);
  expect(await run("own")).toHaveLength(1);
});

test("an error in a file is a problem with its line, and the rest of the file and the other files are checked", async () => {
  tree("errors", { Dockerfile: `FROM alpine\nNONSENSE here\nADD https://example.com/x /x\n`, "b.Dockerfile": bad });
  const run = await json(["errors"]);
  const report = reportOf(run);
  expect(run.code).toBe(3);
  expect(problemsOf(report)).toEqual(["errors/Dockerfile: unreadable"]);
  expect(report.problems[0]?.message).toMatch(/^line 2: /);
  const paths = report.results.filter(({ id, state }) => id === "dockerfile/add-remote" && state === "fail");
  expect(paths.map(({ location }) => location?.path).sort()).toEqual(["errors/Dockerfile", "errors/b.Dockerfile"]);
});

test("a comment waives what the next instruction does; one that is malformed is a problem", async () => {
  const waived = bad.replace(
    "ADD",
    "# plimsoll:ignore dockerfile/add-remote until=2999-01-31 reason=it is checked later\nADD",
  );
  tree("waived", { Dockerfile: waived });
  const report = reportOf(await json(["waived", "--only", "dockerfile/add-remote"]));
  expect(report.results).toMatchObject([{ state: "waived", reason: "waived until 2999-01-31: it is checked later" }]);
  tree("mistake", { Dockerfile: bad.replace("ADD", "# plimsoll:ignore\nADD") });
  expect((await check(["mistake"])).code).toBe(3);
});

test("--fail-on denies, waivers accept, and no Dockerfile is no reason to say yes", async () => {
  tree("gate", { Dockerfile: bad });
  expect((await check(["gate", "--fail-on", "high"])).code).toBe(1);
  writeFileSync(join(plimsoll.folder, "waivers.yaml"), "waivers: [{id: '*', reason: all, until: 2999-01-01}]\n");
  expect((await check(["gate", "--fail-on", "low", "--waivers", "waivers.yaml"])).code).toBe(0);
  tree("none", { "README.md": "" });
  const none = await json(["none", "--fail-on", "high"]);
  expect(none.code).toBe(3);
  expect(reportOf(none).problems).toEqual([{ code: "not-examined", message: "no Dockerfile found" }]);
});
