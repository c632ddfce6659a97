import { describe, expect, test } from "vitest";
import type { HostProbe } from "./component-config.ts";
import { type DefinitionFile, loadDefinitions } from "./load-definitions.ts";

const probe: HostProbe = {
  commandLines: async (program) => (program === "kubelet" ? ["/usr/bin/kubelet --x"] : []),
  exists: async (path) => path === "/var/lib/kubelet/config.yaml",
};

const config: DefinitionFile = {
  path: "config.yaml",
  text: `
node:
  components: [kubelet, proxy]
  kubelet:
    bins: ["hyperkube kubelet", kubelet]
    confs: [/etc/other.yaml, /var/lib/kubelet/config.yaml]
    defaultsvc: /etc/systemd/system/kubelet.service
  proxy: {optional: true, bins: [kube-proxy]}
etcd:
  components: [etcd]
  etcd: {bins: [etcd]}
version_mapping: {"1.31": one, "1.32": two}
target_mapping:
  one: [node, etcd]
  two: [node]
`,
};

function definitions(path: string, check: string, type = "node"): DefinitionFile {
  const text = `---\ncontrols:\nid: 4\ntext: Worker\ntype: ${type}\ngroups:\n- id: 4.1\n  text: Files\n  checks:\n  - id: 4.10\n    text: x\n${check}`;
  return { path, text };
}

const script = '    audit: "cat $kubeletconf $kubeletsvc $proxybin"\n    scored: true\n';

describe("loading definitions", () => {
  test("variables stand for what runs and exists, else for defaults and names", async () => {
    const loaded = await loadDefinitions([config, definitions("one/node.yaml", script)], {
      probe,
      kubernetesVersion: "v1.31.4",
    });
    const [check] = loaded.controls[0]?.groups[0]?.checks ?? [];
    expect(loaded.benchmark).toBe("one");
    expect(check?.audit).toBe("cat /var/lib/kubelet/config.yaml /etc/systemd/system/kubelet.service proxy");
    expect([check?.id, loaded.controls[0]?.groups[0]?.id]).toEqual(["4.10", "4.1"]);
    expect(loaded.controls[0]?.absent).toBeUndefined();
  });

  test("newer versions take the newest benchmark, and targets that it does not have are left out", async () => {
    const files = [config, definitions("two/node.yaml", script), definitions("two/etcd.yaml", script, "etcd")];
    const loaded = await loadDefinitions([...files, definitions("one/node.yaml", script)], {
      probe,
      kubernetesVersion: "1.40",
    });
    expect([loaded.benchmark, loaded.controls.map(({ type }) => type)]).toEqual(["two", ["node"]]);
  });

  test("a file about what does not run here says so", async () => {
    const loaded = await loadDefinitions([config, definitions("one/etcd.yaml", script, "etcd")], {
      probe,
      benchmark: "one",
    });
    expect(loaded.controls[0]?.absent).toBe("no etcd process is running (looked for etcd)");
  });

  test("the configuration of a benchmark is merged over that of all", async () => {
    const own = { path: "one/config.yaml", text: "node: {kubelet: {defaultsvc: /own.service}}" };
    const loaded = await loadDefinitions([config, own, definitions("one/node.yaml", script)], {
      probe,
      benchmark: "one",
    });
    expect(loaded.controls[0]?.groups[0]?.checks[0]?.audit).toContain("/own.service");
  });

  test("tests of variables get a script that shows the environment of the one program of the file", async () => {
    const check = "    audit: ps -C $kubeletbin\n    scored: true\n    tests: {test_items: [{flag: a, env: A}]}\n";
    const load = async (text: string) => {
      const loaded = await loadDefinitions([config, definitions("one/node.yaml", text)], { probe, benchmark: "one" });
      return loaded.controls[0]?.groups[0]?.checks[0]?.auditEnv;
    };
    expect(await load(check)).toContain("/bin/ps -C kubelet -o pid=");
    expect(await load(`${check}    disableenvtesting: true\n`)).toBe("");
    expect(await load(check.replace("$kubeletbin", "$kubeletbin $proxybin"))).toBe("");
  });

  test("docker-bench writes its variables as values of its configuration", async () => {
    const files = [
      { path: "cis-1.6.0/config.yaml", text: "docker-storage: {value: /var/lib/docker}" },
      {
        path: "cis-1.6.0/definitions.yaml",
        text: "id: 1\ndescription: Docker\ngroups:\n- id: 1\n  description: Host\n  checks:\n  - {id: 1.1, description: x, audit: 'stat $docker-storage'}\n",
      },
    ];
    const loaded = await loadDefinitions(files, { probe });
    expect([loaded.controls[0]?.dialect, loaded.controls[0]?.groups[0]?.checks[0]?.audit]).toEqual([
      "bench-common",
      "stat /var/lib/docker",
    ]);
  });

  test("no benchmark, or several without a choice, is wrong usage that names them", async () => {
    await expect(loadDefinitions([config], { probe })).rejects.toMatchObject({ code: "usage" });
    const two = [definitions("one/node.yaml", script), definitions("two/node.yaml", script)];
    await expect(loadDefinitions(two, { probe })).rejects.toMatchObject({
      code: "usage",
      message: "the definitions directory contains 2 benchmarks",
      hint: "Available benchmarks: one, two. Select one with --benchmark.",
    });
    await expect(loadDefinitions(two, { probe, benchmark: "three" })).rejects.toThrow("has no benchmark three");
  });
});

describe("checks that cannot mean what they say", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      "an unknown comparison",
      "test_items: [{flag: a, compare: {op: noteqx, value: b}}]",
      "one/node.yaml:13: unknown comparison noteqx",
    ],
    ["an unknown bin_op", "{bin_op: xor, test_items: []}", "one/node.yaml:13: unknown bin_op xor"],
    ["a pattern that is none", "test_items: [{flag: a, compare: {op: regex, value: '('}}]", "invalid pattern ("],
    ["a path that is none", "test_items: [{path: '{.a'}]", "invalid path {.a: unclosed action"],
    ["a switch that is none", "test_items: [{flag: a, set: maybe}]", "set must be true or false"],
  ];
  for (const [title, tests, message] of cases) {
    test(`${title} is refused with file and line, and the rest is loaded`, async () => {
      const check = `    tests:\n      ${tests}\n  - id: 4.11\n    text: y\n`;
      const loaded = await loadDefinitions([definitions("one/node.yaml", check)], { probe });
      expect(loaded.problems).toHaveLength(1);
      expect(loaded.problems[0]?.message).toContain("the check 4.10 cannot be used: ");
      expect(loaded.problems[0]?.message).toContain(message);
      expect(loaded.controls[0]?.groups[0]?.checks.map(({ refused }) => refused === undefined)).toEqual([false, true]);
    });
  }
});

describe("files that were written to do harm", () => {
  const broken: readonly (readonly [string, string])[] = [
    ["no YAML", "a: [b"],
    ["a list", "- a"],
    ["deep nesting", `a: ${"[".repeat(200_000)}`],
    ["a cyclic anchor", "groups: &a\n- checks: *a\n"],
    ["too long", `a: ${"x".repeat(5 * 1024 * 1024)}`],
    [
      "aliases that multiply",
      `${["a: &a [x]", ..."bcdefgh".split("").map((name, index) => `${name}: &${name} [${Array(20).fill(`*${"abcdefg"[index]}`)}]`)].join("\n")}`,
    ],
  ];
  for (const [title, text] of broken) {
    test(`${title} is a problem with the file, and other files are loaded`, async () => {
      const files = [{ path: "one/bad.yaml", text }, definitions("one/node.yaml", script)];
      const loaded = await loadDefinitions(files, { probe });
      expect(loaded.problems.map(({ path }) => path)).toEqual(["one/bad.yaml"]);
      expect(loaded.controls).toHaveLength(1);
    });
  }
});

test("quoted texts may go on at the depth of their key, as Go's reader takes them", async () => {
  const check =
    '    remediation: "first\n    second\n    # third"\n    audit: |\n      echo "x\n      y\n    scored: true\n';
  const loaded = await loadDefinitions([definitions("one/node.yaml", check)], { probe });
  expect(loaded.problems).toEqual([]);
  const [only] = loaded.controls[0]?.groups[0]?.checks ?? [];
  expect([only?.remediation, only?.audit, only?.scored]).toEqual(["first second # third", 'echo "x\ny\n', true]);
});
