import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckReport } from "../../src/model/checks/check.ts";
import { namesIn, reportOf } from "./check-report.ts";
import { type RunResult, startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const marker = "hunter2-Marker-7f3a9c";

const env = { DOCKER_HOST: `unix://${join(plimsoll.folder, "no-engine.sock")}` };
const check = (...args: string[]): Promise<RunResult> => plimsoll(["check", ...args], { env });
const json = (...args: string[]): Promise<RunResult> => check(...args, "--format", "json");
const path = (name: string): string => join(plimsoll.folder, name);
const stateOf = ({ results }: CheckReport, id: string): string[] =>
  results.filter((one) => one.id === id).map(({ state }) => state);

function tree(name: string, files: Readonly<Record<string, string>>): string {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path(name), file)), { recursive: true });
    writeFileSync(join(path(name), file), text);
  }
  return name;
}

/** A tree of a host: readable by everybody, or as it should be. */
function hostTree(name: string, { open }: { readonly open: boolean }): string {
  tree(name, {
    "etc/os-release": 'PRETTY_NAME="Test 1"\nID=debian\n',
    "etc/passwd": `root:x:0:0::/root:/bin/sh\n${open ? "toor:x:0:0::/:/bin/sh\n" : ""}`,
    "etc/shadow": `root:$6$${marker}:1::::::\n`,
    "etc/group": `root:x:0:\ndocker:x:999:${open ? "ann" : ""}\n`,
    "etc/ssh/sshd_config": `PermitRootLogin ${open ? "yes" : "no"}\n`,
    "etc/docker/daemon.json": JSON.stringify({
      icc: open,
      "registry-mirrors": [`https://me:${marker}@mirror.example`],
    }),
    "proc/sys/kernel/osrelease": "6.12.0\n",
    "proc/sys/kernel/kptr_restrict": open ? "0\n" : "2\n",
    "proc/sys/kernel/dmesg_restrict": open ? "0\n" : "1\n",
  });
  chmodSync(join(path(name), "etc/shadow"), open ? 0o644 : 0o640);
  return name;
}

describe("check host", () => {
  test("looks at this machine", async () => {
    const run = await json("host");
    const report = reportOf(run);
    expect([0, 3]).toContain(run.code);
    expect(report.target.kind).toBe("host");
    expect(report.results.length).toBeGreaterThan(50);
    for (const { state, reason } of report.results) {
      if (state === "warn" || state === "not-applicable") expect(reason).toMatch(/\S/);
    }
  });

  test("looks at the tree that is given as its root, and not at this machine", async () => {
    const [open, closed] = await Promise.all(
      [true, false].map(async (is) => reportOf(await json("host", "--root", hostTree(`host-${is}`, { open: is })))),
    );
    if (!open || !closed) throw new Error("both were checked");
    expect(open.target.name).toBe("Test 1, Linux 6.12.0");
    const failed = [...new Set(namesIn(open, "fail").map((name) => name.split(" ")[0] ?? ""))];
    const cured = failed.filter((id) => !stateOf(closed, id).includes("fail"));
    expect(cured.length).toBeGreaterThanOrEqual(4);
  });

  test.each([
    ["nowhere", "does not exist"],
    ["file", "is not a folder"],
  ])("a root that is not folder (%s) is an error and no clean bill", async (name, message) => {
    writeFileSync(path("file"), "");
    const run = await check("host", "--root", name);
    expect(run).toMatchObject({ code: 3, stdout: "" });
    expect(run.stderr).toContain(message);
  });

  test("an empty tree shows that nothing could be looked at", async () => {
    mkdirSync(path("empty"), { recursive: true });
    const run = await json("host", "--root", "empty");
    expect(run.code).toBe(3);
    expect(reportOf(run).verdict.decision).toBe("cannot-tell");
  });
});

describe("facts", () => {
  let saved: RunResult;

  beforeAll(async () => {
    saved = await json("host", "--root", hostTree("saved", { open: true }), "--save", "facts.json");
  });

  test("give the same verdicts elsewhere and later, byte for byte", async () => {
    const again = await json("host", "--facts", "facts.json");
    expect(again).toEqual(saved);
    const copy = await json("host", "--facts", "facts.json", "--save", "copy.json");
    expect(copy.stdout).toBe(saved.stdout);
    expect(readFileSync(path("copy.json"))).toEqual(readFileSync(path("facts.json")));
  });

  test("say when they were collected", async () => {
    const { stdout } = await check("host", "--facts", "facts.json");
    const { createdAt } = reportOf(saved);
    expect(stdout).toMatch(new RegExp(`^Checked {5}Test 1, Linux 6\\.12\\.0\\n {12}facts of ${createdAt}\\n`));
  });

  test("hold no secret, and are for their owner alone", async () => {
    const bytes = readFileSync(path("facts.json"), "utf8");
    expect(bytes).toContain("toor");
    expect(bytes).not.toContain(marker);
    expect(saved.stdout).not.toContain(marker);
    expect(statSync(path("facts.json")).mode & 0o777).toBe(0o600);
    await json("docker", "--root", "saved", "--save", "docker.json");
    expect(readFileSync(path("docker.json"), "utf8")).not.toContain(marker);
  });

  test.each<[what: string, content: string | undefined, code: number, message: RegExp]>([
    ["that are not there", undefined, 3, /does not exist/],
    ["that are not JSON", "kind: Pod\n", 3, /is not a bundle of facts/],
    ["that are something else", '{"results": []}', 3, /is not a bundle of facts/],
    ["of a later program", '{"schemaVersion": 2, "collectedAt": "2026-01-01T00:00:00Z"}', 3, /has schema version 2/],
    ["without a time", '{"schemaVersion": 1, "host": {}}', 3, /does not have the time when its facts were collected/],
    ["of something else", '{"schemaVersion": 1, "collectedAt": "2026-01-01T00:00:00Z"}', 3, /do not contain a host/],
    [
      "of the wrong form",
      '{"schemaVersion": 1, "collectedAt": "2026-01-01T00:00:00Z", "host": {"files": {}}}',
      3,
      /the host section of .* is not valid/,
    ],
    ["nested without an end", `{"schemaVersion": 1, "x": ${"[".repeat(100_000)}`, 3, /is nested more than/],
  ])("%s are an error", async (_, content, code, message) => {
    if (content !== undefined) writeFileSync(path("foreign.json"), content);
    const run = await check("host", "--facts", content === undefined ? "nowhere.json" : "foreign.json");
    expect(run).toMatchObject({ code, stdout: "" });
    expect(run.stderr).toMatch(message);
  });

  test("cannot be mixed with a root, and must be written where that is possible", async () => {
    expect((await check("host", "--facts", "facts.json", "--root", "saved")).code).toBe(2);
    const run = await check("host", "--root", "saved", "--save", "no/such/folder/facts.json");
    expect(run).toMatchObject({ code: 3, stdout: "" });
    expect(run.stderr).toMatch(/^error: no\/such\/folder\/facts\.json cannot be written/);
  });

  test("that were changed by hand are a warning or an error, and never more", async () => {
    const facts = JSON.parse(readFileSync(path("facts.json"), "utf8")) as { host: Record<string, unknown> };
    for (const name of Object.keys(facts.host)) {
      writeFileSync(
        path("changed.json"),
        JSON.stringify({ ...facts, host: { ...facts.host, [name]: { value: null } } }),
      );
      const { code, stderr } = await check("host", "--facts", "changed.json");
      expect({ name, stderr: stderr.replace(/^error: the facts are not valid[\s\S]*$/, "") }).toEqual({
        name,
        stderr: "",
      });
      expect(code).toBe(3);
    }
  });
});

describe("check docker", () => {
  test("with a dead socket: the reason once, everything else is checked", async () => {
    const run = await check("docker", "--root", hostTree("engine", { open: true }));
    expect(run.code).toBe(3);
    expect(run.stdout.match(/no-engine\.sock/g)?.length).toBeLessThanOrEqual(5);
    expect(run.stdout).toMatch(/^CANNOT TELL /m);
    const report = reportOf(await json("docker", "--root", "engine"));
    expect(stateOf(report, "docker/container-privileged")).toEqual(["warn"]);
    const other = new Set(report.results.map(({ state }) => state));
    expect(other.has("pass") || other.has("fail")).toBe(true);
  });

  test("with an engine that accepts and says nothing sensible", async () => {
    const server: Server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\n[[[[");
    });
    const socket = path("odd.sock");
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    afterAll(() => new Promise((resolve) => server.close(resolve)));
    const run = await plimsoll(["check", "docker", "--root", "engine", "--format", "json"], {
      env: { DOCKER_HOST: `unix://${socket}` },
    });
    expect(run.code).toBe(3);
    const report = reportOf(run);
    expect(stateOf(report, "docker/container-privileged")).toEqual(["warn"]);
  });

  test("facts of a host alone are not facts of an engine", async () => {
    await check("host", "--root", "engine", "--save", "host-only.json");
    const run = await check("docker", "--facts", "host-only.json");
    expect(run).toMatchObject({ code: 3, stdout: "" });
    expect(run.stderr).toMatch(/do not contain a Docker Engine/);
  });
});

describe("usage", () => {
  const commands = ["manifests", "dockerfile", "image", "docker", "host", "kubernetes"];

  test.each(commands)("check %s --help begins with examples and has no line over 80 columns", async (command) => {
    const { code, stdout, stderr } = await check(command, "--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Examples:\n {2}(?:sudo )?plimsoll check /);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(stdout.split("\n").length).toBeLessThanOrEqual(50);
  });

  test.each<[args: string, message: string]>([
    ["check", "a command is missing"],
    ["check manifets .", "unknown command 'manifets' (Did you mean manifests?)"],
    ["check manifests", "missing required argument 'path'"],
    ["check dockerfile", "missing required argument 'path'"],
    ["check image", "missing required argument 'target'"],
    ["check host extra", "too many arguments"],
    ["check host --fail-on severe", "argument 'severe' is invalid"],
    ["check host --format xml", "argument 'xml' is invalid"],
    ["check host --only nothing/here", 'no check of host has the id "nothing/here"'],
    ["check kubernetes --part half", "argument 'half' is invalid"],
    ["check kubernetes --part node --kubeconfig k", "--kubeconfig has no effect with --part node"],
    ["check kubernetes --part cluster --root /", "--root has no effect with --part cluster"],
    ["check kubernetes --benchmark cis-1.8", "--benchmark has no effect without --definitions"],
    ["check kubernetes --definitions d --facts f", "cannot be used with option '--facts <file>'"],
    ["check kubernetes --part node --root / --kubernetes-version 2.0", "no benchmark is known for Kubernetes 2.0"],
  ])("%s is wrong usage", async (args, message) => {
    const { code, stdout, stderr } = await plimsoll(args.split(" "));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .+\n {7}.+\n$/);
    expect(stderr).toContain(message);
  });

  test("nothing is written to the user's home", () => {
    expect(existsSync(path("home"))).toBe(false);
  });
});
