import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { corpusJson, corpusPath, describeWithCorpus } from "../setup/corpus.ts";
import { probeObstacle, probePath } from "../setup/probe.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { alertsOf, startWatch } from "./watching.ts";

interface CaseProcess {
  readonly name: string;
  readonly exe?: string;
  readonly args?: string;
  readonly user?: string;
}

interface Case {
  readonly name: string;
  readonly rule: string;
  readonly before?: string;
  readonly context?: { readonly container?: object | null; readonly processes?: readonly CaseProcess[] };
  readonly resources?: readonly {
    readonly type: string;
    readonly subtype?: string;
    readonly filePath?: string;
    readonly address?: string;
    readonly l4Proto?: string;
  }[];
  readonly steps?: readonly { readonly syscall: string; readonly args: CaseArguments }[];
  readonly expected: { readonly priority: string; readonly outputFields: Readonly<Record<string, string>> };
}

interface CaseArguments {
  readonly pathname?: string;
  readonly flags?: string;
  readonly how?: { readonly flags: string };
  readonly target?: string;
  readonly linkPath?: string;
  readonly newFd?: number;
}

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const obstacle = probeObstacle ?? (spawnSync("cc", ["--version"]).error ? "no C compiler" : undefined);
const performer = join(folder, "perform");
/** The fields that the cases name and the rules do not print. */
const fields = ["evt.arg.target", "evt.arg.linkpath", "fd.nameraw", "fd.type", "fd.l4proto", "proc.exe"]
  .concat(["proc.name", "proc.pname", "user.name", "fd.name"])
  .join(", ");
/** Programs lie on an overlay, as in a container, where those that the image does not have are in the upper layer. */
const overlay = join(folder, "overlay");
const programs = join(overlay, "merged");
const made: string[] = [];
let first: ChildProcess | undefined;
const userIds: Readonly<Record<string, number>> = Object.fromEntries(
  (spawnSync("getent", ["passwd"], { encoding: "utf8" }).stdout ?? "")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , uid]) => [name, Number(uid)]),
);
/** A control group with the name that Docker would give it. */
const group = join(
  existsSync("/sys/fs/cgroup/memory") ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup",
  "docker",
  "c0ffee".padEnd(64, "0"),
);

describeWithCorpus(`the cases of Falco's default rules, done for real${obstacle ? ` (${obstacle})` : ""}`, () => {
  const all = corpusJson<{ cases: readonly Case[] }>("runtime", "evtgen", "cases.json").cases;
  const cases = all.filter(({ context }) => context?.processes?.every(({ user = "root" }) => user in userIds) ?? true);

  beforeAll(() => {
    if (obstacle !== undefined) return;
    spawnSync("cc", ["-O1", "-o", performer, join(import.meta.dirname, "../setup/perform.c")], { stdio: "inherit" });
    for (const name of ["lower", "upper", "work", "merged"]) mkdirSync(join(overlay, name), { recursive: true });
    spawnSync("mount", ["-t", "tmpfs", "tmpfs", overlay]);
    for (const name of ["lower", "upper", "work", "merged"]) mkdirSync(join(overlay, name), { recursive: true });
    const layers = `lowerdir=${overlay}/lower,upperdir=${overlay}/upper,workdir=${overlay}/work`;
    spawnSync("mount", ["-t", "overlay", "overlay", "-o", layers, programs]);
    chmodSync(folder, 0o755);
    spawnSync("mkdir", ["-p", group]);
    // As in a container, a process stays, through which its users can be read.
    if (existsSync(group)) first = spawn("sh", ["-c", 'echo 0 > "$0/cgroup.procs"; exec sleep 600', group]);
  });

  afterAll(async () => {
    spawnSync("umount", [programs]);
    spawnSync("umount", [overlay]);
    first?.kill("SIGKILL");
    await sleep(100);
    spawnSync("rmdir", [group]);
    for (const path of made) rmSync(path, { recursive: true, force: true });
  });

  test(`every case fires its rule with its fields (${cases.length} of ${all.length}; the others need users that are not here)`, {
    timeout: 300_000,
  }, async (context: TestContext) => {
    if (obstacle !== undefined) return context.skip(obstacle);
    const config = join(folder, "watch.yaml");
    writeFileSync(config, `append_output: [{ match: { source: syscall }, extra_fields: [${fields}] }]\n`);
    const rules = corpusPath("runtime", "rules-upstream", "falco_rules.yaml");
    const watch = startWatch(plimsoll, [
      "--live",
      "--probe",
      probePath,
      "--config",
      config,
      "--rules",
      rules,
      "--enable",
      "*",
    ]);
    await watch.said(/watching the system calls of this machine/);
    const failures = await performAll(cases);
    await sleep(1000);
    watch.child.kill("SIGINT");
    const { stdout, stderr } = await watch.ended;
    const alerts = alertsOf(stdout);
    const wrong = cases.filter((one) => !alerts.some((alert) => isExpected(alert, one)));
    expect(stderr).not.toMatch(/lost/);
    expect(failures).toEqual([]);
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

function isExpected(alert: Record<string, unknown>, { rule, expected }: Case): boolean {
  const found = alert["output_fields"] as Record<string, unknown>;
  if (alert["rule"] !== rule || String(alert["priority"]).toLowerCase() !== expected.priority.toLowerCase())
    return false;
  return Object.entries(expected.outputFields).every(([field, value]) => String(found[field]) === value);
}

/** Those that wait run beside the others. */
async function performAll(cases: readonly Case[]): Promise<readonly string[]> {
  const waiting = cases.filter(({ before }) => before?.startsWith("sleep"));
  const beside = Promise.all(waiting.map(perform));
  const failures: (string | undefined)[] = [];
  for (const one of cases) if (!waiting.includes(one)) failures.push(await perform(one));
  failures.push(...(await beside));
  return failures.filter((failure) => failure !== undefined);
}

function perform(one: Case): Promise<string | undefined> {
  const script = scriptOf(one);
  return new Promise((resolve) => {
    const child = spawn(performer, [], {
      env: { PERFORM: script, PATH: "/usr/bin:/bin" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.on("close", (code) => resolve(code === 0 ? undefined : `${one.name}: ${code} ${said.trim()}`));
  });
}

function scriptOf({ context, before, resources = [], steps = [] }: Case): string {
  const lines: (readonly (string | number)[])[] = [];
  const chain = context?.processes ?? [{ name: "performer" }];
  const home = context?.container ? programs : join(folder, "programs");
  if (context?.container && existsSync(group)) lines.push(["group", join(group, "cgroup.procs")]);
  for (const { name, exe = name, args, user } of chain) {
    const path = join(home, name);
    if (!existsSync(path)) {
      mkdirSync(home, { recursive: true });
      copyFileSync(performer, path);
      chmodSync(path, 0o755);
    }
    lines.push(["process", path, exe, userIds[user ?? "root"] ?? 0, ...(args?.split(" ") ?? [])]);
  }
  if (before !== undefined) lines.push(["shell", before]);
  for (const { type, subtype, filePath, address = "", l4Proto = "" } of resources) {
    if (filePath !== undefined) makeMissing(filePath, subtype === "directory");
    if (type === "clientServer") {
      const colon = address.lastIndexOf(":");
      lines.push(["connect", l4Proto, address.slice(0, colon).replace(/[[\]]/g, ""), address.slice(colon + 1)]);
    }
  }
  for (const { args } of steps) {
    // The file of another case may be that of another user.
    if ((args.flags ?? args.how?.flags ?? "").includes("O_CREAT") && args.pathname !== undefined) {
      rmSync(args.pathname, { force: true });
      made.push(args.pathname);
    }
  }
  for (const { syscall, args } of steps) lines.push([syscall, ...argumentsOf(syscall, args)]);
  return lines.map((fields) => fields.join("\t")).join("\n");
}

function argumentsOf(syscall: string, args: CaseArguments): readonly (string | number)[] {
  const { pathname, flags = args.how?.flags ?? "", target, linkPath, newFd } = args;
  if (syscall.startsWith("open")) {
    return [pathname ?? "", flags.split("|").reduce((bits, flag) => bits | (flagBits[flag] ?? 0), 0)];
  }
  if (syscall.startsWith("symlink")) return [target ?? "", linkPath ?? ""];
  return newFd === undefined ? [] : [newFd];
}

const flagBits: Readonly<Record<string, number>> = {
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_TRUNC: 0o1000,
  O_DIRECTORY: 0o200000,
};

function makeMissing(path: string, isDirectory: boolean): void {
  let first = path;
  if (existsSync(path)) return;
  while (!existsSync(dirname(first))) first = dirname(first);
  made.push(first);
  if (isDirectory) mkdirSync(path, { recursive: true });
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  }
}
