import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { kernelProgramsOf, probeObstacle, probePath, probesOf } from "../setup/probe.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { startWatch, type Watch } from "./watching.ts";

const plimsoll = startPlimsoll();

describe("plimsoll watch --live without a probe", () => {
  test("says in one error what to do", async () => {
    const result = await plimsoll(["watch", "--live", "--probe", "/nowhere/plimsoll-probe"]);
    expect(result).toMatchObject({ code: 3, stdout: "" });
    expect(result.stderr).toMatch(/^error: there is no probe at \/nowhere\/plimsoll-probe.*\n {7}Build it with .+\n$/);
  });

  test("says what a program answered that is no probe", async () => {
    const result = await plimsoll(["watch", "--live", "--probe", "/bin/true"]);
    expect(result.stderr).toMatch(/^error: the probe \/bin\/true cannot watch this machine: it ended at once/);
    expect(result.code).toBe(3);
  });

  test.each([
    ["--probe", ["--probe", "/bin/true", "--capture", "x"], /--probe applies to --live/],
    ["--compat 0.40", ["--live", "--compat", "0.40"], /--live has no enter events/],
  ])("refuses %s where it does not belong", async (_, args, message) => {
    const { code, stderr } = await plimsoll(["watch", ...args]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe.skipIf(probeObstacle !== undefined)(
  `plimsoll watch --live${probeObstacle ? ` (${probeObstacle})` : ""}`,
  () => {
    test("raises the alerts of what happens on the machine, and leaves nothing in the kernel", async () => {
      const { watch, probe } = await startLive();
      const programs = kernelProgramsOf(probe);
      expect(programs.length).toBeGreaterThan(3);
      const program = "/dev/shm/plimsoll-live-test";
      copyFileSync("/bin/true", program);
      chmodSync(program, 0o755);
      try {
        execFileSync("cat", ["/etc/shadow"], { stdio: "ignore" });
        execFileSync(program, ["an argument"]);
      } finally {
        rmSync(program);
      }
      const [hashes] = await watch.printed(
        /^\{.*command=cat \/etc\/shadow.*"rule":"Password hashes read by an unexpected program".*$/m,
      );
      expect(JSON.parse(hashes)).toMatchObject({
        priority: "Warning",
        source: "syscall",
        output_fields: { "fd.name": "/etc/shadow", "proc.name": "cat", "proc.cmdline": "cat /etc/shadow" },
      });
      const [started] = await watch.printed(/^\{.*plimsoll-live-test.*"rule":"Program ran from shared memory".*$/m);
      expect(JSON.parse(started)).toMatchObject({
        output_fields: { "proc.exepath": program, "proc.cmdline": "plimsoll-live-t an argument" },
      });
      watch.child.kill("SIGINT");
      expect((await watch.ended).code).toBe(130);
      expect(probesOf(watch.child.pid ?? 0)).toEqual([]);
      await expectGone(programs);
    });

    test("leaves nothing in the kernel when it is killed", async () => {
      const { watch, probe } = await startLive();
      const programs = kernelProgramsOf(probe);
      watch.child.kill("SIGKILL");
      await watch.ended;
      await expectGone(programs);
    });

    test("watches again when its probe was killed", async () => {
      const { watch, probe } = await startLive();
      await sleep(2100);
      process.kill(probe, "SIGKILL");
      await watch.said(/the probe was started again/);
      execFileSync("cat", ["/etc/shadow"], { stdio: "ignore" });
      await watch.printed(/"rule":"Password hashes read by an unexpected program"/);
      watch.child.kill("SIGINT");
      await watch.ended;
    });

    test.skipIf(spawnSync("cc", ["--version"]).error !== undefined)(
      "counts the events that found no room, raises an alert of that, and goes on",
      async () => {
        const generator = join(plimsoll.folder, "open-and-close");
        execFileSync("cc", ["-O2", "-o", generator, join(import.meta.dirname, "../../bench/open-and-close.c")]);
        const { watch } = await startLive();
        watch.child.kill("SIGSTOP");
        execFileSync(generator, ["3"]);
        watch.child.kill("SIGCONT");
        await watch.said(/[\d,]+ events of this machine were lost; its state was read again/);
        await watch.printed(/"events.lost":\d+.*"rule":"Plimsoll internal: events lost"/);
        execFileSync("cat", ["/etc/shadow"], { stdio: "ignore" });
        await watch.printed(/command=cat \/etc\/shadow.*"rule":"Password hashes read by an unexpected program"/);
        watch.child.kill("SIGINT");
        await watch.ended;
      },
    );

    test("records a capture that the other commands read", async () => {
      const { stdout } = spawnSync(probePath, { input: "", maxBuffer: 256 << 20 });
      const { code, stderr } = await plimsoll(["watch", "--capture", "-"], { input: stdout });
      expect(stderr).toMatch(/^[\d,]+ events?, /);
      expect(code).toBe(0);
    });
  },
);

async function startLive(): Promise<{ readonly watch: Watch; readonly probe: number }> {
  const watch = startWatch(plimsoll, ["--live", "--probe", probePath]);
  await watch.said(/watching the system calls of this machine/);
  const [probe] = probesOf(watch.child.pid ?? 0);
  if (probe === undefined) throw new Error("no probe runs");
  return { watch, probe };
}

/** Programs are freed a moment after the last process that held them is gone. */
async function expectGone(programs: readonly number[]): Promise<void> {
  const left = (): readonly number[] => {
    const { stdout } = spawnSync("bpftool", ["prog", "list", "-j"], {
      env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` },
      encoding: "utf8",
    });
    const all = JSON.parse(stdout) as readonly { readonly id: number }[];
    return all.map(({ id }) => id).filter((id) => programs.includes(id));
  };
  for (let wait = 0; wait < 20 && left().length > 0; wait++) await sleep(100);
  expect(left()).toEqual([]);
}
