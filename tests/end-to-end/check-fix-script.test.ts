import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { CheckReport, CheckResult } from "../../src/model/checks/check.ts";
import { obstacleTo } from "../engines/programs.ts";
import { reportOf } from "./check-report.ts";
import { installFile, librariesOf } from "./program-tree.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const guard = 'echo "read this script first, then remove this line"; exit 1\n';
const stranger = 54_321;
const shell = "dash";
const programs = ["cat", "chmod", "chown", "grep", "jq", "rm", "sed"];
const reason = obstacleTo("chroot", shell, "ldd", ...programs);
// What would change the machine itself only notes how it was called.
const noted = ["augenrules", "modprobe", "mount", "passwd", "pwconv", "systemctl"];

/** A host that is set up badly in every way that a command of a fix script mends. */
const badFiles: Readonly<Record<string, readonly [text: string, mode: number]>> = {
  "etc/os-release": ["ID=debian\n", 0o644],
  "etc/passwd": ["root:x:0:0::/root:/bin/sh\n-x:x:1000:1000::/:/bin/sh\n", 0o666],
  "etc/shadow": ["root:!:1::::::\n-x::1::::::\n", 0o577],
  "etc/group": ["root:x:0:\n", 0o664],
  "etc/ssh/sshd_config": [
    "# main\nPort 22\nPermitRootLogin yes\nMaxAuthTries 9\nMatch User a\nPermitRootLogin no\n",
    0o644,
  ],
  "etc/docker/daemon.json": [
    '{"userland-proxy": true, "log-level": "warn", "hosts": ["unix:///run/docker.sock"]}',
    0o666,
  ],
  "etc/audit/rules.d/docker.rules": ["# empty\n", 0o600],
  "etc/sysctl.d/README": ["", 0o644],
  "etc/modprobe.d/README": ["", 0o644],
  "usr/bin/dockerd": ["", 0o755],
  "usr/lib/systemd/system/docker.service": ["[Service]\nExecStart=/usr/bin/dockerd\n", 0o666],
  "lib/modules/6.12.85/modules.dep": ["kernel/fs/cramfs/cramfs.ko:\nkernel/net/dccp/dccp.ko:\n", 0o644],
  "lib/modules/6.12.85/modules.builtin": ["", 0o644],
  "proc/modules": ["", 0o444],
  "proc/sys/kernel/osrelease": ["6.12.85\n", 0o444],
  "proc/sys/kernel/kptr_restrict": ["0\n", 0o644],
  "proc/sys/kernel/dmesg_restrict": ["0\n", 0o644],
  "proc/sys/fs/suid_dumpable": ["1\n", 0o644],
  "proc/7/status": ["Name:\tdockerd\nPPid:\t1\nUid:\t0\t0\t0\t0\n", 0o444],
  "proc/7/cmdline": ["/usr/bin/dockerd\0", 0o444],
};

describe.skipIf(reason !== undefined)(`a fix script that somebody runs${reason ? ` (${reason})` : ""}`, () => {
  const root = join(plimsoll.folder, "host");
  const scripts = new Map<string, string>();

  beforeAll(() => {
    for (const [path, [text, mode]] of Object.entries(badFiles)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      chmodSync(join(root, path), mode);
    }
    for (const path of ["etc/passwd", "etc/docker/daemon.json"]) chownSync(join(root, path), stranger, stranger);
    for (const program of [shell, ...programs]) {
      const path = spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
      installFile(path, join(root, "bin", program));
      for (const library of librariesOf(path)) installFile(library, join(root, library));
    }
    const stub = (name: string, text: string): void => {
      writeFileSync(join(root, "bin", name), `#!/bin/${shell}\n${text}\n`);
      chmodSync(join(root, "bin", name), 0o755);
    };
    for (const name of noted) stub(name, `printf '%s|' ${name} "$@" >> /noted; echo >> /noted`);
    // sysctl -w a.b=1, on the kernel's settings of the tree.
    stub(
      "sysctl",
      `printf '%s' "$2" | sed 's/=.*//; s/\\./\\//g' > /name; printf '%s' "$2" | sed 's/.*=//' > "/proc/sys/$(cat /name)"`,
    );
  });

  async function look(kind: "host" | "docker"): Promise<CheckReport> {
    const script = join(plimsoll.folder, `${kind}.sh`);
    const env = { DOCKER_HOST: `unix://${join(plimsoll.folder, "no-engine.sock")}` };
    return reportOf(
      await plimsoll(["check", kind, "--root", root, "--format", "json", "--fix-script", script], { env }),
    );
  }

  /** Runs a script without its guard with the tree as its whole world. */
  function runIn(script: string): SpawnSyncReturns<string> {
    writeFileSync(join(root, "fix.sh"), script.replace(guard, ""));
    return spawnSync("chroot", [root, `/bin/${shell}`, "/fix.sh"], {
      encoding: "utf8",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      timeout: 30_000,
    });
  }

  const mended = (results: readonly CheckResult[]): string[] =>
    results
      .filter(({ state, commands = [] }) => state === "fail" && commands.some((command) => !command.startsWith("#")))
      .map(({ id, resource = "" }) => `${id} ${resource}`.trimEnd());
  // The stubs above change nothing, so what they would mend fails still.
  const onlyNoted = new Set(["host/no-empty-passwords"]);

  test.each(["host", "docker"] as const)(
    "makes the checks of %s pass that it has commands for, and a second run changes nothing",
    async (kind) => {
      const before = await look(kind);
      const promised = mended(before.results);
      const script = readFileSync(join(plimsoll.folder, `${kind}.sh`), "utf8");
      scripts.set(kind, script);
      expect(spawnSync(shell, ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
      expect(runIn(script)).toMatchObject({ status: 0, stderr: "" });
      const after = await look(kind);
      const states = new Map(
        after.results.map(({ id, resource = "", state }) => [`${id} ${resource}`.trimEnd(), state]),
      );
      expect(promised.filter((name) => states.get(name) !== "pass").filter((name) => !onlyNoted.has(name))).toEqual([]);
      expect(mended(after.results).filter((name) => !onlyNoted.has(name))).toEqual([]);
      const wanted =
        kind === "host"
          ? [
              "host/access-passwd /etc/passwd",
              "host/access-shadow /etc/shadow",
              "host/kernel-pointers",
              "host/ssh-root-login",
              "host/module-cramfs",
              "host/audit-accounts /etc/passwd",
            ]
          : [
              "docker/daemon-json-mode /etc/docker/daemon.json",
              "docker/daemon-json-owner /etc/docker/daemon.json",
              "docker/daemon-userland-proxy",
              "docker/daemon-log-level",
              "docker/audit-dockerd /usr/bin/dockerd",
            ];
      expect(wanted.filter((name) => !promised.includes(name))).toEqual([]);
      const files = (): string[] => Object.keys(badFiles).map((path) => readFileSync(join(root, path), "utf8"));
      const [text, rules] = [files(), readFileSync(join(root, "etc/audit/rules.d/docker.rules"), "utf8")];
      expect(runIn(script).status).toBe(0);
      expect([files(), readFileSync(join(root, "etc/audit/rules.d/docker.rules"), "utf8")]).toEqual([text, rules]);
    },
    60_000,
  );

  const noLinter = obstacleTo("shellcheck");

  test.skipIf(noLinter)(`has nothing that shellcheck warns about${noLinter ? ` (${noLinter})` : ""}`, () => {
    expect(scripts.size).toBe(2);
    for (const kind of scripts.keys()) {
      const input = scripts.get(kind)?.replace(guard, "");
      const { stdout } = spawnSync("shellcheck", ["--severity=warning", "-"], { input, encoding: "utf8" });
      expect(stdout).toBe("");
    }
  });

  test("leaves alone what it does not mend, and names that look like options are names", () => {
    expect(JSON.parse(readFileSync(join(root, "etc/docker/daemon.json"), "utf8"))).toEqual({
      "userland-proxy": false,
      "no-new-privileges": true,
      hosts: ["unix:///run/docker.sock"],
    });
    const sshd = readFileSync(join(root, "etc/ssh/sshd_config"), "utf8");
    expect(sshd).toContain("# main\nPort 22\n");
    expect(sshd.endsWith("Match User a\n")).toBe(true);
    // Permissions are taken away, never given: 0577 has no group write and no owner write.
    expect((statSync(join(root, "etc/shadow")).mode & 0o7777).toString(8)).toBe("440");
    expect(readFileSync(join(root, "noted"), "utf8")).toContain("passwd|-l|--|-x|\n");
    expect(readFileSync(join(root, "noted"), "utf8").match(/^augenrules\|--load\|$/gm)?.length).toBe(4);
  });
});
