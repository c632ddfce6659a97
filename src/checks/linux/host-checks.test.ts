import { describe, expect, test } from "vitest";
import type { HostFacts } from "../../model/checks/host-facts.ts";
import { appendLine } from "../fix-commands.ts";
import { runChecks } from "../run-checks.ts";
import { closedHost, fileFact, openHost } from "./fixtures/synthetic-hosts.ts";
import { hostChecks } from "./host-checks.ts";

describe("hostChecks", () => {
  test("pass on a host that is closed, every one", () => {
    const others = runChecks(hostChecks, closedHost()).filter(
      ({ state }) => state !== "pass" && state !== "not-applicable",
    );
    expect(others).toEqual([]);
    expect(statesOf(closedHost()).size).toBeGreaterThanOrEqual(85);
  });

  test("fail on a host that is open, every one", () => {
    // A kernel without user namespaces, or without any security module, does not have modules to check.
    const facts = { ...openHost(), securityModules: { value: ["yama"] } };
    const moduleFree = statesOf(facts);
    expect(moduleFree.get("host/security-module")).toBe("fail");
    const states = statesOf(openHost());
    states.delete("host/security-module");
    expect([...states].filter(([, state]) => !state.split(" and ").includes("fail"))).toEqual([]);
  });

  test("warn, each of them, when nothing could be read", () => {
    const nothing = Object.fromEntries(
      Object.keys(closedHost()).map((name) => [name, { unavailable: "not this user" }]),
    );
    const states = runChecks(hostChecks, nothing as unknown as HostFacts);
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(["warn"]));
    expect(new Set(states.map(({ reason }) => reason))).toEqual(new Set(["not this user"]));
  });

  test("have unique ids", () => {
    const ids = hostChecks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("give commands for what fails, and none for what passes", () => {
    const open = runChecks(hostChecks, openHost());
    expect(open.find(({ id }) => id === "host/kernel-pointers")?.commands).toEqual([
      appendLine("/etc/sysctl.d/zz-plimsoll.conf", "kernel.kptr_restrict = 1"),
      "sysctl -w kernel.kptr_restrict=1",
    ]);
    expect(open.find(({ id }) => id === "host/access-shadow")?.commands).toEqual([
      "chown root:root /etc/shadow",
      "chmod 0440 /etc/shadow",
    ]);
    const closed = runChecks(hostChecks, closedHost());
    expect(closed.filter(({ state, commands = [] }) => state === "pass" && commands.length > 0)).toEqual([]);
  });
});

describe("a setting of the kernel", () => {
  test("that the kernel lacks is not applicable, and a failure where the protection is then missing", () => {
    const lacking = (name: string): string | undefined => {
      const facts = closedHost();
      if (!("value" in facts.sysctls)) return undefined;
      const sysctls = {
        value: { ...facts.sysctls.value, [name]: { unavailable: `this kernel does not have the setting ${name}` } },
      };
      const results = runChecks(hostChecks, { ...facts, sysctls });
      return results.find(({ state, evidence }) => state !== "pass" && evidence[0]?.subject === name)?.state;
    };
    expect(lacking("kernel.kexec_load_disabled")).toBe("not-applicable");
    expect(lacking("kernel.yama.ptrace_scope")).toBe("fail");
  });

  test("that could not be read is a warning, not a pass", () => {
    const facts = closedHost();
    const sysctls =
      "value" in facts.sysctls ? { ...facts.sysctls.value, "kernel.dmesg_restrict": { unavailable: "no" } } : {};
    expect(stateIn({ ...facts, sysctls: { value: sysctls } }, "kernel-log")).toBe("warn");
  });

  test("that is no number fails", () => {
    const facts = closedHost();
    const sysctls =
      "value" in facts.sysctls ? { ...facts.sysctls.value, "kernel.dmesg_restrict": { value: "1 1" } } : {};
    expect(stateIn({ ...facts, sysctls: { value: sysctls } }, "kernel-log")).toBe("fail");
  });
});

describe("modes of files", () => {
  test.each([
    ["0577", "fail"],
    ["0644", "pass"],
    ["0600", "pass"],
    ["0000", "pass"],
    ["0645", "fail"],
    ["4644", "fail"],
    ["0664", "fail"],
  ])("are bits, not numbers: %s on /etc/passwd is a %s", (mode, state) => {
    const facts = closedHost();
    const files = "value" in facts.files ? { ...facts.files.value, "/etc/passwd": fileFact({ mode }) } : {};
    expect(stateIn({ ...facts, files: { value: files } }, "access-passwd")).toBe(state);
  });

  test("of a file that is not there are not applicable, and of one that was not looked at a warning", () => {
    const facts = closedHost();
    const files = "value" in facts.files ? facts.files.value : {};
    const { "/etc/passwd": _, ...without } = files;
    expect(stateIn({ ...facts, files: { value: { ...files, "/etc/passwd": { value: null } } } }, "access-passwd")).toBe(
      "not-applicable",
    );
    expect(stateIn({ ...facts, files: { value: without } }, "access-passwd")).toBe("warn");
    const unread = { ...files, "/etc/passwd": { unavailable: "/etc/passwd cannot be read by this user" } };
    expect(stateIn({ ...facts, files: { value: unread } }, "access-passwd")).toBe("warn");
  });
});

function stateIn(facts: HostFacts, name: string): string | undefined {
  return runChecks(hostChecks, facts).find(({ id }) => id === `host/${name}`)?.state;
}

function statesOf(facts: HostFacts): Map<string, string> {
  const states = new Map<string, string>();
  for (const { id, state } of runChecks(hostChecks, facts)) {
    const before = states.get(id);
    if (before === undefined) states.set(id, state);
    else if (!before.split(" and ").includes(state)) states.set(id, `${before} and ${state}`);
  }
  return states;
}
