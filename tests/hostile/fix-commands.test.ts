import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { daemonEdit, setMember } from "../../src/checks/docker/daemon-edit.ts";
import { dockerChecks } from "../../src/checks/docker/docker-checks.ts";
import { dockerFacts } from "../../src/checks/docker/docker-facts.ts";
import { appendLine, watchCommands } from "../../src/checks/fix-commands.ts";
import { accessObservation } from "../../src/checks/linux/file-access.ts";
import { fileFact } from "../../src/checks/linux/fixtures/synthetic-hosts.ts";
import { runChecks } from "../../src/checks/run-checks.ts";
import type { CheckReport, CheckResult } from "../../src/model/checks/check.ts";
import type { EngineContainerFact, EngineFacts } from "../../src/model/checks/engine-facts.ts";
import { fixScript } from "../../src/reporters/fix-script.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";

const folder = temporaryFolder();
const ran = join(folder, "ran");
const calls = join(folder, "calls");
const guard = 'echo "read this script first, then remove this line"; exit 1';
// Each would leave a file behind if a shell read it as anything but a name.
const names = [
  `a$(touch ${ran})`,
  `a\`touch ${ran}\``,
  `a; touch ${ran}`,
  `a' ; touch ${ran} ; '`,
  `a" ; touch ${ran} ; "`,
  `a && touch ${ran}`,
  `a\\' | touch ${ran} #`,
  `-rf`,
  `--help`,
  `a b  c *?[x] ~ ! {1,2} $HOME`,
  `a > ${ran}`,
  `ünï ☃`,
];
const unseen = [`a\ntouch ${ran}\n`, `a\r\ntouch ${ran}`, `a\u2028touch ${ran}`, "a\u202eb", "a\tb", "a\u001b[2K"];

for (const program of ["docker", "chmod", "chown", "augenrules"]) {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(
    join(folder, "bin", program),
    `#!/bin/sh\nprintf '%s\\0' ${program} "$@" >> ${calls}\nprintf '\\n\\0' >> ${calls}\n`,
    {
      mode: 0o755,
    },
  );
}

/** Runs a script of results without its guard; the calls of the programs that only note them. */
function callsOf(results: readonly Partial<CheckResult>[]): string[][] {
  writeFileSync(calls, "");
  const whole = {
    id: "docker/a",
    state: "fail",
    severity: "low",
    title: "a",
    evidence: [],
    remediation: "b",
    mappings: [],
  } as const;
  const report: CheckReport = {
    schemaVersion: 2,
    tool: { name: "plimsoll", version: "1" },
    createdAt: "2026-11-28T10:00:00Z",
    target: { kind: "docker", name: "Docker" },
    results: results.map((one) => ({ ...whole, ...one })),
    counts: { pass: 0, fail: 0, warn: 0, manual: 0, "not-applicable": 0, waived: 0 },
    problems: [],
    verdict: { decision: "allowed", reasons: [] },
  };
  const input = [...fixScript(report)].join("").replace(guard, "");
  const { status, stderr } = spawnSync("sh", {
    input,
    encoding: "utf8",
    cwd: folder,
    env: { ...process.env, PATH: `${join(folder, "bin")}${delimiter}${process.env["PATH"] ?? ""}` },
    timeout: 30_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(existsSync(ran)).toBe(false);
  const words = readFileSync(calls, "utf8").split("\0").slice(0, -1);
  const found: string[][] = [[]];
  for (const word of words) {
    if (word === "\n") found.push([]);
    else found.at(-1)?.push(word);
  }
  return found.filter((call) => call.length > 0);
}

function containerResults(name: string): CheckResult[] {
  const container: EngineContainerFact = {
    id: "a1".repeat(32),
    name,
    image: "shop:1",
    imageId: "sha256:x",
    state: "running",
    user: "1000",
    appArmorProfile: "",
    securityOptions: [],
    addedCapabilities: [],
    droppedCapabilities: [],
    mounts: [],
    devices: [],
    ports: [],
    networks: [],
    ulimits: [],
    healthCheck: true,
    environment: [],
    memory: 0,
    nanoCpus: 0,
    pidsLimit: 0,
    restart: { name: "always", retries: 0 },
    programs: { value: [] },
    execs: { value: [] },
  };
  const none = { unavailable: "not asked" };
  const engine: EngineFacts = {
    address: "/run/docker.sock",
    local: true,
    product: { value: "docker" },
    version: none,
    info: none,
    images: none,
    containers: { value: [container] },
    networks: none,
    swarm: none,
  };
  return runChecks(dockerChecks, dockerFacts({ engine })).filter(({ commands }) => commands !== undefined);
}

describe.skipIf(process.platform === "win32")("commands of a fix script", () => {
  test.each(names)("take the name of a container as one: %j", (name) => {
    const results = containerResults(name);
    expect(results.length).toBeGreaterThanOrEqual(4);
    expect(callsOf(results)).toEqual([["docker", "update", "--restart", "on-failure:5", "--", name]]);
  });

  test.each(unseen)("that would hold what a reader does not see are comments: %j", (name) => {
    expect(callsOf(containerResults(name))).toEqual([]);
  });

  test.each(names)("take the path of a file as one: %j", (name) => {
    const path = `/etc/docker/certs.d/${name}/ca.crt`;
    const files = { [path]: fileFact({ mode: "0666", uid: 7, gid: 7, user: `$(touch ${ran})`, group: "-x" }) };
    expect(callsOf([accessObservation(files, path, { mode: 0o444, uid: 0, groups: [0] })])).toEqual([
      ["chown", "root:root", path],
      ["chmod", "0444", path],
    ]);
    expect(callsOf([accessObservation(files, path, { groups: ["docker"] })])).toEqual([["chown", "7:docker", path]]);
  });

  test.each(names)("add a line once, whatever is in it and in the name of its file: %j", (name) => {
    const file = join(folder, `file ${name.replaceAll("/", "_")}`);
    const command = appendLine(file, name);
    callsOf([{ commands: [command, command] }]);
    expect(readFileSync(file, "utf8")).toBe(`${name}\n`);
  });

  test("watch only paths that a file of audit rules can name", () => {
    expect(watchCommands("/usr/bin/$(x)", { rule: "-w /usr/bin/$(x) -k a", file: "a.rules" })[0]).toContain(
      "'-w /usr/bin/$(x) -k a' >> /etc/audit/rules.d/a.rules",
    );
    for (const path of ["/a b", "/a\nb", "/a'b", '/a"b', "/ä"]) {
      const commands = watchCommands(path, { rule: `-w ${path}`, file: "a.rules" });
      expect(commands.every((command) => command.startsWith("# "))).toBe(true);
    }
  });

  const jqIsHere = spawnSync("jq", ["--version"]).status === 0;

  test.skipIf(!jqIsHere).each(names)(
    `change dockerd's file in a folder with this name: %j${jqIsHere ? "" : " (no jq)"}`,
    (name) => {
      const place = join(folder, "configuration", name.replaceAll("/", "_"));
      mkdirSync(place, { recursive: true });
      const configPath = join(place, "daemon.json");
      const daemon = { pid: 1, uid: 0, argv: ["dockerd"], rootless: false, configPath, config: { value: {} } };
      const commands = daemonEdit({ daemon: { value: daemon } }, "icc", { jq: setMember("icc", false) });
      callsOf([{ commands }, { commands }]);
      expect(JSON.parse(readFileSync(configPath, "utf8"))).toEqual({ icc: false });
    },
  );

  test("leave an option on dockerd's command line to a person", () => {
    const daemon = {
      pid: 1,
      uid: 0,
      argv: ["dockerd", "--icc=true"],
      rootless: false,
      configPath: "/etc/docker/daemon.json",
      config: { value: {} },
    };
    const commands = daemonEdit({ daemon: { value: daemon } }, "icc", { jq: setMember("icc", false) });
    expect(commands[0]).toMatch(/^# --icc is set on dockerd's command line/);
    expect(commands.filter((command) => !command.startsWith("#"))).toEqual([]);
  });
});
