import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeFiles } from "../setup/write-files.ts";
import { namesIn, problemsOf, reportOf } from "./check-report.ts";
import { type RunOptions, type RunResult, startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();

const bad = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostNetwork: true
  containers:
    - name: web
      image: shop/web:1.2
      securityContext:
        privileged: true
`;
const service = { apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "shop" }, spec: {} };
const compose = "services:\n  db:\n    image: postgres:17\n    privileged: true\n";

function tree(name: string, files: Readonly<Record<string, string>>): string {
  writeFiles(join(plimsoll.folder, name), files);
  return name;
}

const check = (args: readonly string[], options?: RunOptions): Promise<RunResult> =>
  plimsoll(["check", "manifests", ...args], options);
const json = (args: readonly string[], options?: RunOptions): Promise<RunResult> =>
  check([...args, "--format", "json"], options);

tree("deploy", { "pod.yaml": bad, "more/service.json": JSON.stringify(service), "compose.yaml": compose });

describe("what is checked", () => {
  test("a folder with YAML, JSON and a Compose file", async () => {
    const run = await json(["deploy"]);
    const report = reportOf(run);
    expect(run.code).toBe(0);
    expect(report.target).toEqual({
      kind: "manifests",
      name: "deploy",
      examined: { files: 3, resources: 2, composeFiles: 1 },
    });
    expect(namesIn(report, "fail")).toEqual(
      expect.arrayContaining(["pss/privileged Pod shop/web", "manifests/compose-privileged service db"]),
    );
    expect(report.results.find(({ id }) => id === "pss/privileged")).toMatchObject({
      severity: "critical",
      location: { path: "deploy/pod.yaml", line: 10 },
      evidence: [{ subject: "spec.containers[0].securityContext.privileged", value: "true" }],
      reason: 'privileged (container "web" must not set securityContext.privileged=true)',
    });
    expect(report.problems).toEqual([]);
  });

  test("standard input, with several documents and a list", async () => {
    const list = JSON.stringify({ kind: "List", apiVersion: "v1", items: [service, service] });
    const run = await json(["-"], { input: `---\n${bad}---\n# nothing\n---\n${list}\n` });
    const report = reportOf(run);
    expect(report.target).toMatchObject({ name: "-", examined: { files: 1, resources: 3 } });
    expect(report.results.find(({ id }) => id === "pss/privileged")?.location).toMatchObject({
      path: "stdin",
      line: 11,
    });
  });

  test("the same file named twice is checked once", async () => {
    const report = reportOf(await json(["deploy/pod.yaml", "deploy", "./deploy/pod.yaml"]));
    expect(report.target.examined).toMatchObject({ files: 3, resources: 2 });
  });

  test.each([
    ["an empty folder", "nothing"],
    ["a folder of other files", "others"],
  ])("%s is no reason to say yes", async (_, name) => {
    mkdirSync(join(plimsoll.folder, "nothing"), { recursive: true });
    tree("others", { "values.yaml": "replicas: 2\n", "list.json": "[1, 2]" });
    const run = await json([name, "--fail-on", "low"]);
    expect(run.code).toBe(3);
    expect(reportOf(run)).toMatchObject({
      problems: [{ code: "not-examined", message: "no Kubernetes objects or Compose files found" }],
      verdict: { decision: "cannot-tell" },
    });
  });

  test("a subject is told once: by Pod Security, unless that is not asked for", async () => {
    const failed = async (...args: string[]): Promise<string[]> =>
      namesIn(reportOf(await json(["deploy", ...args])), "fail");
    const both = await failed();
    expect(both.filter((name) => name.startsWith("manifests/privileged "))).toEqual([]);
    expect(both.filter((name) => name.startsWith("pss/privileged "))).toHaveLength(1);
    expect(await failed("--skip", "pss/*")).toContain("manifests/privileged Pod shop/web container web");
    expect(await failed("--only", "manifests/privileged")).toEqual(["manifests/privileged Pod shop/web container web"]);
  });
});

describe("which standard", () => {
  const restricted = ["pss/allowPrivilegeEscalation", "pss/capabilities_restricted", "pss/runAsNonRoot"];

  test("baseline unless another is asked for", async () => {
    const names = namesIn(reportOf(await json(["deploy/pod.yaml", "--only", "pss/*"])), "fail");
    expect(names).toEqual(["pss/privileged Pod shop/web", "pss/hostNamespaces Pod shop/web"].sort());
  });

  test("restricted, as of a version", async () => {
    const ids = async (standard: string): Promise<string[]> =>
      reportOf(await json(["deploy/pod.yaml", "--only", "pss/*", "--pss", standard])).results.map(({ id }) => id);
    const [old, later] = [await ids("restricted@1.29"), await ids("restricted")];
    expect(old).toEqual(expect.arrayContaining(restricted));
    expect(old).not.toContain("pss/hostProbesAndHostLifecycle");
    expect(later).toContain("pss/hostProbesAndHostLifecycle");
  });

  test.each(["strict", "restricted@", "restricted@1.x", "baseline@1.29.4.5", ""])(
    "%j is wrong usage",
    async (standard) => {
      const { code, stdout, stderr } = await check(["deploy", "--pss", standard]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^error: /);
    },
  );

  test.each(["restricted@9.99", "baseline:v2"])("%j names a version that there is not", async (standard) => {
    const { code, stderr } = await check(["deploy", "--pss", standard]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(" is not a Kubernetes version [usage]\n"),
    });
  });

  test("privileged, which asks for nothing, leaves the other checks", async () => {
    const report = reportOf(await json(["deploy", "--pss", "privileged"]));
    expect(report.results.filter(({ id }) => id.startsWith("pss/"))).toEqual([]);
    expect(namesIn(report, "fail")).toContain("manifests/privileged Pod shop/web container web");
  });
});

describe("which checks count", () => {
  test("--only and --skip take ids with *", async () => {
    const report = reportOf(
      await json(["deploy", "--only", "pss/*,manifests/compose-*", "--skip", "*/hostNamespaces"]),
    );
    const ids = new Set(report.results.map(({ id }) => id));
    expect([...ids].every((id) => /^(?:pss\/|manifests\/compose-)/.test(id))).toBe(true);
    expect(ids.has("pss/hostNamespaces")).toBe(false);
    expect(ids.size).toBeGreaterThan(20);
  });

  test.each([
    ["--only", "pss/privilegd"],
    ["--only", ","],
    ["--only", "a,,b"],
  ])("%s %s is wrong usage", async (...args) => {
    const { code, stdout, stderr } = await check(["deploy", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .+\n {7}.+\n$/);
  });

  test("--fail-on denies from a severity", async () => {
    expect((await check(["deploy", "--fail-on", "critical"])).code).toBe(1);
    expect(
      (
        await check([
          "deploy",
          "--fail-on",
          "low",
          "--only",
          "pss/runAsUser,pss/privileged",
          "--pss",
          "restricted",
          "--skip",
          "pss/privileged",
        ])
      ).code,
    ).toBe(0);
    const { code, stdout } = await check(["deploy", "--fail-on", "high", "--only", "pss/privileged"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nDENIED {6}1 check of severity high or worse failed\n$/);
  });
});

describe("waivers", () => {
  const waivers = (text: string): string => {
    writeFileSync(join(plimsoll.folder, "waivers.yaml"), text);
    return "waivers.yaml";
  };
  const only = ["deploy/pod.yaml", "--only", "pss/privileged", "--fail-on", "low"];

  test("one that holds lets the failure pass, and says why", async () => {
    const text =
      "waivers:\n  - {id: pss/*, resource: 'Pod shop/*', reason: until the move, until: 2999-01-31, owner: shop}\n";
    const run = await json([...only, "--waivers", waivers(text)]);
    expect(run.code).toBe(0);
    expect(reportOf(run).results).toMatchObject([
      { state: "waived", reason: "waived, by shop until 2999-01-31: until the move" },
    ]);
    const { stdout } = await check([...only, "--waivers", "waivers.yaml"]);
    expect(stdout).toContain("waived, by shop until 2999-01-31: until the move");
  });

  test("one that has expired does not, and is told of", async () => {
    const text = "waivers:\n  - {id: pss/privileged, reason: until the move, until: 2020-01-31}\n";
    const { code, stdout } = await check([...only, "--waivers", waivers(text)]);
    expect(code).toBe(1);
    expect(stdout).toContain("a waiver for it expired on 2020-01-31");
  });

  test("one for another resource does not", async () => {
    const text = "waivers:\n  - {id: pss/privileged, resource: Pod shop/db, reason: x}\n";
    expect((await check([...only, "--waivers", waivers(text)])).code).toBe(1);
  });

  test("a malformed file of waivers, and one that is not there, end the run before anything is said", async () => {
    const malformed = await check([...only, "--waivers", waivers("waivers:\n  - {id: pss/privileged}\n")]);
    expect(malformed).toMatchObject({ code: 3, stdout: "" });
    expect(malformed.stderr).toMatch(/^error: .*waivers\.yaml.*has no reason/);
    expect(await check([...only, "--waivers", "nowhere.yaml"])).toMatchObject({ code: 3, stdout: "" });
  });

  test("a comment in the file waives what it stands at", async () => {
    const line = "        privileged: true";
    const file = (comment: string): string =>
      tree("inline", { "pod.yaml": bad.replace(line, `${line} # plimsoll:ignore ${comment}`) });
    const run = async (comment: string): Promise<RunResult> =>
      json([file(comment), "--only", "pss/privileged", "--fail-on", "low"]);
    const waived = await run("pss/privileged until=2999-01-31 reason=it reads raw disks");
    expect(waived.code).toBe(0);
    expect(reportOf(waived).results).toMatchObject([
      { state: "waived", reason: "waived until 2999-01-31: it reads raw disks" },
    ]);
    expect((await run("pss/privileged until=2020-01-31")).code).toBe(1);
    expect((await run("pss/hostNamespaces")).code).toBe(1);
    const mistake = await run("until=2999-01-31");
    expect(mistake.code).toBe(1);
    expect(problemsOf(reportOf(mistake))).toEqual(["inline/pod.yaml: unreadable"]);
  });

  test("a comment waives by ids alone, is counted in the verdict, and can be refused", async () => {
    const file = (comment: string): string => tree("gate", { "pod.yaml": `# plimsoll:ignore ${comment}\n${bad}` });
    const args = (comment: string): string[] => [file(comment), "--only", "pss/privileged", "--fail-on", "low"];
    for (const wildcard of ["*", "pss/*"]) {
      const evaded = await json(args(wildcard));
      expect(evaded.code).toBe(1);
      expect(reportOf(evaded).problems).toMatchObject([
        { path: "gate/pod.yaml", message: expect.stringContaining("line 1: ") },
      ]);
    }
    const waived = await check(args("pss/privileged"));
    expect(waived).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ALLOWED [\s\S]*1 waived inline$/m) });
    expect((await check([...args("pss/privileged"), "--no-inline-waivers"])).code).toBe(1);
  });
});

describe("what is written", () => {
  test("the table shows failures; with --all also what passed and what there is nothing of", async () => {
    const { stdout } = await check(["deploy"]);
    expect(stdout).toMatch(/^Checked {5}deploy\n {12}3 files · 2 resources · 1 Compose file\n\nCRITICAL {4}/);
    expect(stdout).not.toMatch(/^(?:passed|n\/a) /m);
    const all = await check(["deploy", "--all"]);
    expect(all.stdout).toMatch(/^passed {6}/m);
    expect(all.stdout).toMatch(/^n\/a {9}/m);
  });

  test("--output writes to a file", async () => {
    const { code, stdout } = await check(["deploy", "-o", "out.txt"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(readFileSync(join(plimsoll.folder, "out.txt"), "utf8")).toMatch(/^Checked {5}deploy\n/);
    expect((await check(["deploy", "-o", "no/such/folder/out.txt"])).code).toBe(3);
  });

  test("--fix-script writes a script that does nothing before it was read", async () => {
    const { code } = await check(["deploy", "--fix-script", "fix.sh"]);
    expect(code).toBe(0);
    const script = readFileSync(join(plimsoll.folder, "fix.sh"), "utf8");
    expect(script).toMatch(
      /^#!\/bin\/sh\n# .+\n# Run it in .+\nset -eu\necho "read this script first, then remove this line"; exit 1\n/,
    );
    expect(script).toContain("# pss/privileged: Container is privileged\n");
    expect(script).toContain("#   Pod shop/web  deploy/pod.yaml:10\n");
  });

  test("the same files give the same results in the same order", async () => {
    const [one, other] = [reportOf(await json(["deploy"])), reportOf(await json(["deploy"]))];
    expect({ ...one, createdAt: "" }).toEqual({ ...other, createdAt: "" });
  });

  test("values of secrets are nowhere", async () => {
    const secret = "hunter2-correct-horse";
    tree("secrets", {
      "pod.yaml": bad.replace(
        "securityContext:",
        `env: [{name: DB_PASSWORD, value: ${secret}}]\n      securityContext:`,
      ),
      "secret.yaml": `kind: Secret\nmetadata: {name: a}\nstringData: {password: ${secret}}\n`,
      "map.yaml": `kind: ConfigMap\nmetadata: {name: a}\ndata: {db-password: ${secret}}\n`,
      "compose.yaml": `services:\n  db:\n    image: postgres:17\n    environment: {POSTGRES_PASSWORD: ${secret}}\n`,
    });
    const run = await json(["secrets", "--fix-script", "secrets.sh"]);
    expect(namesIn(reportOf(run), "fail").filter((name) => name.includes("secret")).length).toBeGreaterThanOrEqual(3);
    const { stdout } = await check(["secrets", "--all"]);
    const script = readFileSync(join(plimsoll.folder, "secrets.sh"), "utf8");
    for (const text of [run.stdout, stdout, script]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString("base64"));
    }
  });

  test("nothing is left behind in the user's home", () => {
    expect(existsSync(join(plimsoll.folder, "home"))).toBe(false);
  });
});
