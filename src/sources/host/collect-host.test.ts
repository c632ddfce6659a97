import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HostFacts } from "../../model/checks/host-facts.ts";
import { collectHost } from "./collect-host.ts";

const signal = new AbortController().signal;
const marker = "hunter2-Marker-7f3a9c";
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "plimsoll-host-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("the facts of a copied tree", () => {
  test("hold accounts, and what kind of password each has, but no hash", async () => {
    write(
      "etc/passwd",
      `root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:${marker}:1001:1001::/:/bin/sh\nbad line\nx:x:abc:1::/:/`,
    );
    write("etc/shadow", `root:!:1::::::\nann:$6$${marker}:1::::::\n`);
    write("etc/group", "docker:x:999:ann,bob\n");
    write("etc/subuid", "ann:100000:65536\n");
    const facts = await factsOf();
    expect(valueIn(facts.users)).toEqual([
      { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/sh", password: "locked" },
      { name: "ann", uid: 1000, gid: 1000, home: "/home/ann", shell: "/bin/sh", password: "set" },
      { name: "bob", uid: 1001, gid: 1001, home: "/", shell: "/bin/sh", password: "in-passwd" },
    ]);
    expect(valueIn(facts.groups)).toEqual([{ name: "docker", gid: 999, members: ["ann", "bob"] }]);
    expect(valueIn(facts.userNamespaces)?.subordinateUsers).toEqual([{ user: "ann", start: 100_000, count: 65_536 }]);
    expect(JSON.stringify(facts)).not.toContain(marker);
  });

  test("hold owner, mode and place of files, with names from the tree's own accounts", async () => {
    write("etc/docker/daemon.json", "{}");
    chmodSync(join(root, "etc/docker/daemon.json"), 0o640);
    symlinkSync("/etc/docker/daemon.json", join(root, "etc/crontab"));
    const uid = process.getuid?.() ?? 0;
    write("etc/passwd", `somebody:x:${uid}:0::/:/bin/sh\n`);
    const files = valueIn((await factsOf(["/etc/own"])).files) ?? {};
    expect(files["/etc/docker/daemon.json"]).toMatchObject({
      value: { kind: "file", mode: "0640", user: "somebody", uid, size: 2 },
    });
    expect(files["/etc/crontab"]).toMatchObject({ value: { mode: "0640", target: "/etc/docker/daemon.json" } });
    expect(files["/etc/own"]).toEqual({ value: null });
    expect(files["/etc/docker"]).toMatchObject({ value: { kind: "directory" } });
  });

  test("hold audit rules in the order in which they are loaded", async () => {
    write("etc/audit/rules.d/20-b.rules", "# comment\n-w /b   -p wa\n\n");
    write("etc/audit/rules.d/10-a.rules", "-w /a\n");
    write("etc/audit/rules.d/ignored.txt", "-w /ignored\n");
    write("etc/audit/audit.rules", "-w /a\n-e 2\n");
    expect(valueIn((await factsOf()).auditRules)).toEqual(["-w /a", "-w /b -p wa", "-e 2"]);
  });

  test("hold units with their drop-ins, of which an empty assignment starts the list again", async () => {
    write("usr/lib/systemd/system/docker.service", "[Service]\nExecStart=/usr/bin/dockerd -H fd://\nEnvironment=A=1\n");
    write(
      "etc/systemd/system/docker.service.d/10.conf",
      `[Service]\nExecStart=\nExecStart=/usr/bin/dockerd \\\n --token ${marker}\n`,
    );
    symlinkSync("/dev/null", join(root, "etc/systemd/system/docker.socket"));
    const units = valueIn((await factsOf()).units) ?? {};
    expect(units["docker.service"]).toEqual({
      value: {
        paths: ["/usr/lib/systemd/system/docker.service", "/etc/systemd/system/docker.service.d/10.conf"],
        settings: { "Service.ExecStart": ["/usr/bin/dockerd   --token <21 characters>"] },
      },
    });
    expect(units["docker.socket"]).toEqual({ value: null });
  });

  test("hold the global part of sshd's settings, with what it includes", async () => {
    write(
      "etc/ssh/sshd_config",
      "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\nMaxAuthTries=3\nMatch User ann\nPermitRootLogin no\n",
    );
    write("etc/ssh/sshd_config.d/50.conf", 'permitrootlogin "no"\n');
    expect(valueIn((await factsOf()).sshd)).toEqual({ maxauthtries: ["3"], permitrootlogin: ["no"] });
  });

  test("stop where sshd's settings include each other", async () => {
    write("etc/ssh/sshd_config", "Include /etc/ssh/sshd_config\n");
    expect((await factsOf()).sshd).toEqual({ unavailable: "sshd_config includes too many files" });
  });

  test("hold what modprobe was told about modules", async () => {
    write("proc/modules", "rds 1 0 - Live 0x0\n");
    write("proc/sys/kernel/osrelease", "6.1.0\n");
    write("lib/modules/6.1.0/modules.dep", "kernel/net/rds/rds.ko.xz: \nkernel/drivers/usb/storage/usb-storage.ko:\n");
    write("lib/modules/6.1.0/modules.builtin", "kernel/fs/squashfs/squashfs.ko\n");
    write("etc/modprobe.d/usb.conf", "blacklist usb_storage\ninstall usb-storage /bin/false\n");
    const modules = valueIn((await factsOf()).modules) ?? {};
    expect(modules["rds"]).toEqual({ loaded: true, builtIn: false, present: true, blacklisted: false });
    expect(modules["usb-storage"]).toEqual({
      loaded: false,
      builtIn: false,
      present: true,
      blacklisted: true,
      install: "/bin/false",
    });
    expect(modules["squashfs"]).toMatchObject({ builtIn: true });
  });

  test("hold mounts, listeners, settings, modules of security, and control groups", async () => {
    write(
      "proc/1/mountinfo",
      "25 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n26 25 8:2 / /var\\040x rw,nodev - xfs /dev/sdb1 rw\n",
    );
    write(
      "proc/1/net/tcp",
      "  sl  local_address\n   0: 0100007F:0947 00000000:0000 0A 0\n   1: 00000000:1F90 00000000:0000 01 0\n",
    );
    write("proc/1/net/tcp6", "  sl  local_address\n   0: 00000000000000000000000000000000:0947 0:0 0A\n");
    write("proc/sys/kernel/dmesg_restrict", "1\n");
    write("sys/kernel/security/lsm", "lockdown,yama,apparmor");
    write("sys/module/apparmor/parameters/enabled", "Y\n");
    write("sys/kernel/security/apparmor/profiles", "docker-default (enforce)\n/usr/bin/man (complain)\n");
    write("sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
    const facts = await factsOf();
    expect(valueIn(facts.mounts)).toEqual([
      { source: "/dev/sda1", device: "8:1", path: "/", type: "ext4", options: ["rw", "relatime"] },
      { source: "/dev/sdb1", device: "8:2", path: "/var x", type: "xfs", options: ["rw", "nodev"] },
    ]);
    expect(valueIn(facts.listeners)).toEqual([
      { address: "127.0.0.1", port: 2375 },
      { address: "::", port: 2375 },
    ]);
    expect(valueIn(facts.sysctls)?.["kernel.dmesg_restrict"]).toEqual({ value: "1" });
    expect(valueIn(facts.sysctls)?.["kernel.kptr_restrict"]).toEqual({
      unavailable: "this kernel does not have the setting kernel.kptr_restrict",
    });
    expect(valueIn(facts.securityModules)).toEqual(["lockdown", "yama", "apparmor"]);
    expect(valueIn(facts.appArmor)?.profiles).toHaveLength(2);
    expect(valueIn(facts.cgroups)).toEqual({ version: "2", controllers: ["cpu", "memory", "pids"] });
  });

  test("hold a daemon with the settings of the file that its arguments name, from the folder in which it works", async () => {
    write("proc/42/status", "Name:\tdockerd\nPPid:\t1\nUid:\t0\t0\t0\t0\n");
    write("proc/42/cmdline", "/usr/bin/dockerd\0--config-file\0own.json\0--label\0");
    write("proc/43/status", "Name:\tpsql\nPPid:\t1\nUid:\t5\t5\t5\t5\n");
    write("proc/43/cmdline", `psql\0--password=${marker}\0`);
    write("work/own.json", JSON.stringify({ icc: false, "log-opts": { "splunk-token": marker } }));
    symlinkSync("/work", join(root, "proc/42/cwd"));
    const facts = await factsOf();
    expect(valueIn(facts.processes)).toEqual([
      {
        pid: 42,
        parent: 1,
        uid: 0,
        name: "dockerd",
        argv: ["/usr/bin/dockerd", "--config-file", "own.json", "--label"],
      },
      { pid: 43, parent: 1, uid: 5, name: "psql" },
    ]);
    expect(valueIn(facts.dockerDaemons)).toMatchObject([
      { pid: 42, rootless: false, configPath: "/work/own.json", config: { value: { icc: false } } },
    ]);
    expect(JSON.stringify(facts)).not.toContain(marker);
  });

  test("say that a daemon's named file is gone or no JSON, rather than that it sets nothing", async () => {
    write("proc/42/status", "Name:\tdockerd\nPPid:\t1\nUid:\t0\t0\t0\t0\n");
    write("proc/42/cmdline", "/usr/bin/dockerd\0--config-file=/gone.json\0");
    write("proc/44/status", "Name:\tdockerd\nPPid:\t1\nUid:\t1000\t1000\t1000\t1000\n");
    write("proc/44/cmdline", "dockerd\0");
    write("etc/passwd", "ann:x:1000:1000::/home/ann:/bin/sh\n");
    write("home/ann/.config/docker/daemon.json", "{ not json");
    expect(valueIn((await factsOf()).dockerDaemons)).toMatchObject([
      { config: { unavailable: "/gone.json, which is in dockerd's arguments, does not exist" } },
      {
        rootless: true,
        configPath: "/home/ann/.config/docker/daemon.json",
        config: { unavailable: "/home/ann/.config/docker/daemon.json does not contain a JSON object" },
      },
    ]);
  });

  test("of an empty folder are reasons and nothing else, without an error", async () => {
    const facts = await factsOf();
    expect(facts.users).toEqual({ unavailable: "/etc/passwd is not there" });
    expect(facts.processes).toEqual({ unavailable: "/proc shows no processes" });
    expect(facts.runtimes).toEqual({ unavailable: "programs in a copied file system are not run" });
    expect(facts.sshd).toEqual({ value: null });
  });

  test("of huge files are reasons", async () => {
    write("etc/audit/audit.rules", "-w /x\n".repeat(400_000));
    write("etc/ssh/sshd_config", "A b\n".repeat(400_000));
    const facts = await factsOf();
    expect(facts.auditRules).toEqual({ unavailable: "/etc/audit/audit.rules is larger than 1048576 bytes" });
    expect(facts.sshd).toEqual({ unavailable: "/etc/ssh/sshd_config is larger than 1048576 bytes" });
  });
});

describe.skipIf(process.platform !== "linux")("the facts of this machine", () => {
  test("are there within five seconds", async () => {
    const before = performance.now();
    const facts = await collectHost({ signal });
    expect(performance.now() - before).toBeLessThan(5000);
    expect(valueIn(facts.kernel)?.release).toMatch(/^\d+\.\d+/);
    expect(valueIn(facts.processes)?.some(({ pid }) => pid === process.pid)).toBe(true);
    expect(valueIn(facts.files)?.["/etc/passwd"]).toMatchObject({ value: { kind: "file" } });
  });

  test("are not collected when the signal has aborted", async () => {
    await expect(collectHost({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function factsOf(paths: readonly string[] = []): Promise<HostFacts> {
  return collectHost({ root, paths, signal });
}

function valueIn<T>(fact: { readonly value: T } | { readonly unavailable: string }): T | undefined {
  return "value" in fact ? fact.value : undefined;
}
