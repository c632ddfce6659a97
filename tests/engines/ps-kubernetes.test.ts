import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { WorkloadReport } from "../../src/model/images/workload.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeCluster, obstacle, startCluster, writeKubeconfig } from "./ps-cluster.ts";
import { digest, manyPods, shop } from "./ps-pods.ts";
import { psReport } from "./ps-report.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();

describe.skipIf(obstacle !== undefined)(`plimsoll ps of a cluster${obstacle ? ` (${obstacle})` : ""}`, () => {
  let cluster: FakeCluster;

  beforeAll(async () => {
    cluster = await startCluster(folder);
  });
  afterAll(() => cluster.close());
  beforeEach(() => {
    cluster.lists = shop;
    cluster.forbidden = [];
    cluster.expiring = 0;
    cluster.requests.length = 0;
  });

  function kubeconfig(name: string, user: string, more = ""): string {
    return writeKubeconfig(cluster, name, { user, more });
  }

  function byToken(): string {
    return kubeconfig("token", `token: ${cluster.token}`);
  }

  function ps(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    return plimsoll(["ps", "--engine", "kubernetes", "--no-update", ...args], {
      env: { PLIMSOLL_OFFLINE: "0", ...env },
    });
  }

  async function listed(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<WorkloadReport> {
    const { stdout, stderr, code } = await ps([...args, "--format", "json"], env);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    return psReport(stdout);
  }

  test("lists what runs by its topmost owner, copies as one, with digests and platforms", async () => {
    const report = await listed(["--kubeconfig", byToken()]);
    expect(report.engines).toEqual(["kubernetes (dev)"]);
    const rows = report.workloads.map(({ name, container, instances, image, digest: run, imageId, state, platform }) =>
      [`${name} ${container} x${instances}`, image, run ?? imageId, state, platform].join(" | "),
    );
    expect(rows).toEqual([
      `kube-system/pod/kube-apiserver-node-a kube-apiserver x1 | registry.k8s.io/kube-apiserver:v1.34.1 | ${digest("8")} | running | linux/amd64`,
      `shop/cronjob/report report x1 | ghcr.io/acme/report@${digest("6")} | ${digest("6")} | running | linux/amd64`,
      `shop/deployment/api api x2 | ghcr.io/acme/api:1.4 | ${digest("1")} | running | linux/amd64`,
      `shop/deployment/api api x1 | ghcr.io/acme/api:1.4 | ${digest("1")} | running | linux/arm64`,
      `shop/deployment/api mesh x1 | ghcr.io/acme/mesh:3 | ${digest("2")} | running | linux/amd64`,
      `shop/deployment/api mesh x1 | ghcr.io/acme/mesh:3 | ${digest("3")} | running | linux/amd64`,
      `shop/deployment/api mesh x1 | ghcr.io/acme/mesh:3 | ${digest("3")} | running | linux/arm64`,
      `shop/pod/debug look x1 | alpine:3.20 | ${digest("a")} | running | linux/amd64`,
      `shop/pod/debug shell x1 | busybox:1.36 | ${digest("9")} | CrashLoopBackOff | linux/amd64`,
      `shop/rollout/canary api x1 | ghcr.io/acme/api:1.5 | ${digest("5")} | running | linux/amd64`,
      `shop/statefulset/db postgres x1 | postgres | ${digest("7")} | running | linux/amd64`,
    ]);
    const api = report.workloads.find(({ name, instances }) => name === "shop/deployment/api" && instances === 2);
    expect(api?.startedAt).toBe("2026-11-20T08:00:05Z");
  });

  test("reports images without a digest, with the one to pin, and names that mean several images at once", async () => {
    const { findings } = await listed(["--kubeconfig", byToken()]);
    expect(findings.map(({ id, image, pin, runs }) => ({ id, image, pin, runs }))).toEqual([
      { id: "latest", image: "postgres", pin: `postgres@${digest("7")}`, runs: undefined },
      { id: "no-digest", image: "alpine:3.20", pin: `alpine:3.20@${digest("a")}`, runs: undefined },
      { id: "no-digest", image: "busybox:1.36", pin: `busybox:1.36@${digest("9")}`, runs: undefined },
      { id: "no-digest", image: "ghcr.io/acme/api:1.4", pin: `ghcr.io/acme/api:1.4@${digest("1")}`, runs: undefined },
      { id: "no-digest", image: "ghcr.io/acme/api:1.5", pin: `ghcr.io/acme/api:1.5@${digest("5")}`, runs: undefined },
      { id: "no-digest", image: "ghcr.io/acme/mesh:3", pin: undefined, runs: [digest("2"), digest("3")] },
      { id: "no-digest", image: "registry.k8s.io/kube-apiserver:v1.34.1", pin: undefined, runs: undefined },
    ]);
    expect(findings.every(({ kind, severity }) => kind === "reference" && severity === "low")).toBe(true);
  });

  test("reads a long list page by page, and begins again when the server has forgotten it", async () => {
    cluster.lists = { ...shop, "/api/v1/pods": manyPods(600), "/apis/apps/v1/replicasets": [] };
    cluster.expiring = 1;
    const { workloads } = await listed(["--kubeconfig", byToken()]);
    expect(workloads.map(({ name, instances }) => [name, instances])).toEqual([["load/deployment/worker", 600]]);
    const pages = cluster.requests.filter((url) => url.startsWith("/api/v1/pods"));
    expect(pages.map((url) => url.includes("continue="))).toEqual([false, true, false, true, true]);
    expect(pages[0]).toContain("fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed");
  });

  test("gives up a list that is forgotten again and again", async () => {
    cluster.lists = { ...shop, "/api/v1/pods": manyPods(300) };
    cluster.expiring = 100;
    const { code, stderr } = await ps(["--kubeconfig", byToken()]);
    expect(code).toBe(3);
    expect(stderr).toContain("the cluster dev discarded its list of pods 4 times before it was read completely");
  });

  test("does without the right to list nodes and owners", async () => {
    cluster.forbidden = ["/api/v1/nodes", "/apis/apps/v1/replicasets", "/apis/batch/v1/jobs"];
    const { workloads } = await listed(["--kubeconfig", byToken()]);
    expect(workloads.every(({ platform }) => platform === undefined)).toBe(true);
    const names = new Set(workloads.map(({ name }) => name));
    expect(names).toContain("shop/deployment/api");
    expect(names).toContain("shop/job/report-29400000");
  });

  test("asks for one namespace alone when one is named", async () => {
    cluster.lists = { ...shop, "/api/v1/namespaces/shop/pods": (shop["/api/v1/pods"] ?? []).slice(0, 1) };
    cluster.forbidden = ["/api/v1/pods"];
    const { workloads } = await listed(["--kubeconfig", byToken(), "--namespace", "shop"]);
    expect(workloads.length).toBe(2);
  });

  test("joins the namespaces that are named, each asked once", async () => {
    const pods = shop["/api/v1/pods"] ?? [];
    cluster.lists = {
      ...shop,
      "/api/v1/namespaces/shop/pods": pods.slice(0, 1),
      "/api/v1/namespaces/kube-system/pods": pods.slice(6, 7),
      "/apis/apps/v1/namespaces/shop/replicasets": shop["/apis/apps/v1/replicasets"] ?? [],
    };
    cluster.forbidden = ["/api/v1/pods"];
    const names = ["kube-system/pod/kube-apiserver-node-a", "shop/deployment/api", "shop/deployment/api"];
    for (const args of [
      ["--namespace", "kube-system", "--namespace", "shop"],
      ["--namespace", "shop, kube-system,shop"],
    ]) {
      const { workloads } = await listed(["--kubeconfig", byToken(), ...args]);
      expect(workloads.map(({ name, instances }) => [name, instances])).toEqual(names.map((name) => [name, 1]));
    }
    const refused = await ps(["--kubeconfig", byToken(), "--namespace", "Shop Floor"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("argument 'Shop Floor' is invalid. Expected namespace names");
  });

  test.each(["ps", "check kubernetes"])("refuses a second context or kubeconfig (%s)", async (command) => {
    for (const option of ["--context", "--kubeconfig"]) {
      const args = [...command.split(" "), option, "dev", option, "other"];
      const { code, stderr } = await plimsoll(args, { env: { PLIMSOLL_OFFLINE: "0" } });
      expect(code).toBe(2);
      expect(stderr).toMatch(
        new RegExp(`option '${option} <.*>' argument 'other' is invalid. The option was given twice`),
      );
    }
    expect(cluster.requests).toEqual([]);
  });

  test("joins engines that are named one by one", async () => {
    const { stderr } = await ps(["--engine", "docker", "--kubeconfig", byToken()], { DOCKER_HOST: "unix:///nowhere" });
    expect(stderr).toBe("");
    expect(cluster.requests).not.toEqual([]);
  });

  test("what runs without an image's digest is a row that counts as not scanned", async () => {
    const running = { running: { startedAt: "2026-11-20T08:00:05Z" } };
    const [spec, metadata] = [{ nodeName: "node-a" }, { namespace: "shop" }];
    const apart = { name: "odd", image: "ghcr.io/acme/odd:1" };
    const bare = { name: "bare", image: "ghcr.io/acme/bare:1" };
    const exact = { name: "exact", image: `127.0.0.1:1/acme/exact@${digest("1")}` };
    cluster.lists = {
      ...shop,
      "/api/v1/pods": [
        {
          metadata: { ...metadata, name: "odd" },
          spec: { ...spec, containers: [apart, exact] },
          status: {
            phase: "Running",
            containerStatuses: [apart, exact].map((own) => ({ ...own, imageID: "", state: running })),
          },
        },
        {
          metadata: { ...metadata, name: "bare" },
          spec: { ...spec, containers: [bare] },
          status: { phase: "Running" },
        },
      ],
    };
    const { workloads } = await listed(["--kubeconfig", byToken()]);
    expect(workloads).toEqual([
      expect.objectContaining({ name: "shop/pod/bare", image: bare.image, state: "unknown", scan: null }),
      expect.objectContaining({ name: "shop/pod/odd", image: exact.image, digest: digest("1"), scan: null }),
      expect.objectContaining({ name: "shop/pod/odd", image: apart.image, state: "running", scan: null }),
    ]);
    for (const index of [0, 2]) expect(workloads[index]).not.toHaveProperty("digest");
    const { code, stdout } = await ps(["--kubeconfig", byToken(), "--fail-on", "critical"]);
    expect(code).toBe(3);
    expect(stdout).toContain("NOT SCANNED ghcr.io/acme/odd:1\n            kubernetes shop/pod/odd");
    expect(stdout).toContain("NOT SCANNED ghcr.io/acme/bare:1\n            kubernetes shop/pod/bare · unknown");
    const scanned = await ps(["--kubeconfig", byToken(), "--scan"]);
    expect(scanned.code).toBe(3);
    expect(scanned.stdout).toContain("ghcr.io/acme/odd:1 (shop/pod/odd) was not scanned");
  });

  test("says what to do when pods may not be listed, and when the credentials have expired", async () => {
    cluster.forbidden = ["/api/v1/pods"];
    const refused = await ps(["--kubeconfig", byToken()]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("the cluster dev does not allow listing pods (403: pods is forbidden");
    expect(refused.stderr).toContain("--namespace");
    const expired = await ps(["--kubeconfig", kubeconfig("expired", "token: 0ld-t0ken")]);
    expect(expired.code).toBe(3);
    expect(expired.stderr).toContain("rejected the credentials in the kubeconfig (401: Unauthorized)");
    expect(expired.stderr + expired.stdout).not.toContain("0ld-t0ken");
  });

  test("proves who it is by a client's certificate, as files and as data, by a password and by a token file", async () => {
    const data = (name: string): string => readFileSync(join(folder, name)).toString("base64");
    writeFileSync(join(folder, "token.txt"), `${cluster.token}\n`);
    const users = [
      "client-certificate: client.crt\nclient-key: client.key",
      `client-certificate-data: ${data("client.crt")}\nclient-key-data: ${data("client.key")}`,
      "username: admin\npassword: pa55word",
      "tokenFile: token.txt",
      "as: jane\nas-groups: [dev, ops]\nclient-certificate: client.crt\nclient-key: client.key",
    ];
    for (const [index, user] of users.entries()) {
      expect((await listed(["--kubeconfig", kubeconfig(`user-${index}`, user)])).workloads.length).toBe(11);
    }
    expect(cluster.headers["impersonate-user"]).toBe("jane");
    expect(cluster.headers["impersonate-group"]).toBe("dev, ops");
  });

  test("trusts only the authority of the kubeconfig, and the name that it says", async () => {
    const strange = kubeconfig("strange", `token: ${cluster.token}`).replace(/$/, "-2");
    const text = readFileSync(byToken(), "utf8");
    writeFileSync(strange, text.replace("certificate-authority: ca.crt", "certificate-authority: client.crt"));
    const untrusted = await ps(["--kubeconfig", strange]);
    expect(untrusted.code).toBe(3);
    expect(untrusted.stderr).toContain("cannot establish a trusted TLS connection");
    writeFileSync(strange, text.replace(/ {4}tls-server-name.*\n/, ""));
    expect((await ps(["--kubeconfig", strange])).stderr).toContain("cannot establish a trusted TLS connection");
    expect(cluster.requests).toEqual([]);
    writeFileSync(strange, text.replace("certificate-authority: ca.crt", "insecure-skip-tls-verify: true"));
    expect((await listed(["--kubeconfig", strange])).workloads.length).toBe(11);
  });

  describe("with an exec plug-in", () => {
    function plugin(name: string, script: string): void {
      mkdirSync(join(folder, "bin"), { recursive: true });
      writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, "bin", name), 0o755);
    }
    const answer = (version: string, members: string): string =>
      `echo '{"apiVersion":"client.authentication.k8s.io/${version}","kind":"ExecCredential","status":{${members}}}'`;
    const exec = (command: string, more = "", version = "v1"): string =>
      `exec:\n  apiVersion: client.authentication.k8s.io/${version}\n  command: ${command}\n  interactiveMode: Never\n${more}`;

    test.each(["v1", "v1beta1"])("takes the token that it gives (%s)", async (version) => {
      plugin(
        "get-token",
        `printf '%s' "$KUBERNETES_EXEC_INFO $1 $LEVEL" >"$OUT"\n${answer(version, `"token":"${cluster.token}"`)}`,
      );
      const env = `  args: ["$(touch hacked)"]\n  env: [{name: LEVEL, value: "7"}, {name: OUT, value: ${folder}/info}]\n  provideClusterInfo: true\n`;
      const { workloads } = await listed(["--kubeconfig", kubeconfig("exec", exec("bin/get-token", env, version))]);
      expect(workloads.length).toBe(11);
      const told = readFileSync(join(folder, "info"), "utf8");
      expect(told.endsWith("$(touch hacked) 7")).toBe(true);
      const info = JSON.parse(told.slice(0, told.lastIndexOf("}") + 1)) as {
        spec: { cluster: Record<string, string> };
      };
      expect(info).toMatchObject({
        apiVersion: `client.authentication.k8s.io/${version}`,
        spec: { interactive: false, cluster: { server: `https://127.0.0.1:${cluster.port}` } },
      });
      expect(info.spec.cluster["certificate-authority-data"]).toBe(
        readFileSync(join(folder, "ca.crt")).toString("base64"),
      );
    });

    test("is found on the path, and gives a certificate", async () => {
      const pem = (name: string): string => JSON.stringify(readFileSync(join(folder, name), "utf8"));
      const members = `"clientCertificateData":${pem("client.crt")},"clientKeyData":${pem("client.key")}`;
      plugin("get-certificate", `cat <<'END'\n${answer("v1", members).slice(6, -1)}\nEND`);
      const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
      const { workloads } = await listed(["--kubeconfig", kubeconfig("exec", exec("get-certificate"))], env);
      expect(workloads.length).toBe(11);
    });

    test.each([
      ["fails", "echo s3cret; echo s3cret >&2; exit 4", "returned no credentials (exit code: 4)"],
      ["answers in another form", "echo s3cret", "did not return an ExecCredential"],
      ["answers in another version", answer("v1beta1", '"token":"s3cret"'), "did not return an ExecCredential"],
    ])("says so when it %s, without its words", async (_, script, words) => {
      plugin("broken", script);
      const { code, stdout, stderr } = await ps(["--kubeconfig", kubeconfig("exec", exec("bin/broken"))]);
      expect(code).toBe(3);
      expect(stderr).toContain(words);
      expect(stdout + stderr).not.toContain("s3cret");
      expect(cluster.requests).toEqual([]);
    });

    test("gives the hint of the kubeconfig when it is not installed", async () => {
      const hint = "  installHint: Install it from the cloud's page.\n";
      const { stderr } = await ps(["--kubeconfig", kubeconfig("exec", exec("no-such-plugin", hint))]);
      expect(stderr).toContain("the program no-such-plugin in the kubeconfig was not found in PATH");
      expect(stderr).toContain("Install it from the cloud's page.");
    });
  });

  test("joins the files of KUBECONFIG: the first that has a name or a current context wins", async () => {
    const first = join(folder, "first");
    writeFileSync(first, "current-context: other\nusers: [{name: me, user: {token: wr0ng}}]\n");
    const second = byToken();
    const both = `${first}:${join(folder, "missing")}:${second}`;
    expect((await ps([], { KUBECONFIG: both })).stderr).toContain('the kubeconfig has no context "other"');
    expect((await ps(["--context", "dev"], { KUBECONFIG: both })).stderr).toContain("401");
    writeFileSync(first, "current-context: dev\n");
    expect((await listed([], { KUBECONFIG: both })).workloads.length).toBe(11);
  });

  test("says where a kubeconfig is not YAML, without its words, and what is missing in it", async () => {
    const path = join(folder, "bad");
    writeFileSync(path, "users:\n- name: me\n  user: {token: s3cret\nclusters: [\n");
    const broken = await ps(["--kubeconfig", path]);
    expect(broken.code).toBe(3);
    expect(broken.stderr).toContain(`the kubeconfig ${path} cannot be used: it is not valid YAML at line`);
    expect(broken.stderr).not.toContain("s3cret");
    writeFileSync(path, "current-context: a\ncontexts: [{name: a, context: {cluster: gone}}]\n");
    expect((await ps(["--kubeconfig", path])).stderr).toContain(
      'a context refers to the cluster "gone", which does not exist',
    );
    const missing = await ps(["--kubeconfig", join(folder, "nowhere")]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("cannot be read: it does not exist");
  });

  test("says when nothing answers, and never sends a token in the clear", async () => {
    const text = readFileSync(byToken(), "utf8");
    const path = join(folder, "plain");
    writeFileSync(path, text.replace(/server: .*/, "server: https://127.0.0.1:1"));
    const { code, stderr } = await ps(["--kubeconfig", path]);
    expect(code).toBe(3);
    expect(stderr).toContain("the cluster dev cannot be reached: no response from 127.0.0.1:1");
    writeFileSync(path, text.replace("https://", "http://"));
    expect((await ps(["--kubeconfig", path])).stderr).toContain("uses plain http");
  });

  test("asks no cluster when nothing may be asked over a network", async () => {
    const { code, stderr } = await ps(["--kubeconfig", byToken(), "--offline"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--offline forbids");
    expect(cluster.requests).toEqual([]);
  });

  test("with a threshold, images without a verdict are no yes", async () => {
    const { code, stdout } = await ps(["--kubeconfig", byToken(), "--fail-on", "critical"]);
    expect(code).toBe(3);
    expect(stdout).toContain(
      `NOT SCANNED postgres  ${digest("7")}\n            kubernetes shop/statefulset/db postgres`,
    );
    expect(stdout).toContain(
      `postgres refers to whichever image is latest; pin it to the running image:\n        postgres@${digest("7")}\n`,
    );
  });

  test("shows names and digests whole with --no-trunc, and in a pipe", async () => {
    const { stdout } = await ps(["--kubeconfig", byToken(), "--no-trunc"]);
    expect(stdout).toContain(`NOT SCANNED postgres  ${digest("7")}\n`);
    expect(stdout).toContain(`NOT SCANNED ghcr.io/acme/report@${digest("6")}\n`);
    expect(stdout).toContain(`\n        postgres@${digest("7")}\n`);
    const { stdout: piped } = await ps(["--kubeconfig", byToken()]);
    expect(piped).toBe(stdout);
  });

  test("leaves no secret anywhere", async () => {
    await ps(["--kubeconfig", byToken()]);
    const files = readdirSync(plimsoll.folder, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    const leaked = files.filter((file) => readFileSync(join(file.parentPath, file.name)).includes(cluster.token));
    expect(leaked).toEqual([]);
  });
});
