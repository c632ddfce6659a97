import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WorkloadReport } from "../../src/model/images/workload.ts";
import type { Report } from "../../src/model/reports/report.ts";
import { judgeWorkloads } from "../../src/pipeline/workloads/judge-workloads.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { type FakeRegistry, fakeRegistry } from "../registry/setup/fake-registry.ts";
import { pushIndex, pushLayers } from "../registry/setup/push-image.ts";
import { reference, testClient } from "../registry/setup/registry-client.ts";
import { estargzLayer } from "../setup/chunked-layer.ts";
import { tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeCluster, obstacle, startCluster } from "./ps-cluster.ts";
import { psReport } from "./ps-report.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();

describe.skipIf(obstacle !== undefined)(`plimsoll ps --scan of a cluster${obstacle ? ` (${obstacle})` : ""}`, () => {
  let cluster: FakeCluster;
  beforeAll(async () => {
    cluster = await startCluster(folder);
  });
  afterAll(() => cluster.close());

  /** Lets the cluster run containers of these images, each with the `imageID` that its runtime tells. */
  function run(...images: readonly (readonly [image: string, imageID: string])[]): void {
    const containers = images.map(([image], index) => ({ name: `c${index}`, image }));
    const containerStatuses = images.map(([, imageID], index) => ({
      name: `c${index}`,
      imageID,
      state: { running: { startedAt: "2026-11-20T08:00:05Z" } },
    }));
    const metadata = { name: "app", namespace: "shop" };
    const labels = { "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux" };
    cluster.lists = {
      "/api/v1/nodes": [{ metadata: { name: "a", labels } }],
      "/api/v1/pods": [{ metadata, spec: { nodeName: "a", containers }, status: { containerStatuses } }],
    };
  }

  function writeKubeconfig(): string {
    const path = join(folder, "kubeconfig");
    const server = `{ server: "https://127.0.0.1:${cluster.port}", certificate-authority: ca.crt, tls-server-name: ${cluster.serverName} }`;
    writeFileSync(
      path,
      `current-context: dev
contexts: [{ name: dev, context: { cluster: dev, user: me } }]
clusters: [{ name: dev, cluster: ${server} }]
users: [{ name: me, user: { token: ${cluster.token} } }]
`,
    );
    return path;
  }

  async function ps(cache: string, ...args: readonly string[]): Promise<WorkloadReport> {
    const path = writeKubeconfig();
    const where = ["--engine", "kubernetes", "--kubeconfig", path, "--no-update", "--format", "json"];
    const env = { PLIMSOLL_OFFLINE: "0", PLIMSOLL_CACHE: join(folder, cache) };
    const { stdout, stderr } = await plimsoll(["ps", ...where, ...args], { env });
    expect(stderr).toBe("");
    return psReport(stdout);
  }

  async function push(registry: FakeRegistry, name: string, version: string) {
    const content = JSON.stringify({ name: "leaky", version });
    const members = [{ name: "app/node_modules/leaky/package.json", content }];
    return pushLayers(testClient(), reference(`${registry.host}/${name}`), { tars: [tar(members)] });
  }

  test("scans what runs from its registry, by its digest, and shows that a tag has moved there", async () => {
    const registry = await fakeRegistry();
    const image = `${registry.host}/team/app:1`;
    const ran = (await push(registry, "team/app:1", "1.0.0")).descriptor.digest;
    run([image, `${registry.host}/team/app@${ran}`]);
    const before = await ps("moved", "--scan");
    expect(before.workloads).toMatchObject([{ image, digest: ran, scan: { problems: 0 } }]);
    expect(before.workloads[0]).not.toHaveProperty("moved");
    expect(before.findings).toMatchObject([{ id: "no-digest", pin: `${image}@${ran}` }]);
    await push(registry, "team/app:1", "2.0.0");
    registry.forget();
    const after = await ps("moved", "--scan");
    expect(after.workloads).toMatchObject([{ image, digest: ran, moved: true }]);
    expect(after.workloads[0]?.scan?.scannedAt).toBe(before.workloads[0]?.scan?.scannedAt);
    expect(registry.requests.filter(({ path }) => path.includes("/blobs/"))).toEqual([]);
    registry.forget();
    expect((await ps("moved")).workloads[0]).not.toHaveProperty("moved");
    expect(registry.requests).toEqual([]);
  });

  test("scans what its runtime has from another repository than was asked for, by its digest there", async () => {
    const registry = await fakeRegistry();
    const ran = (await push(registry, "dev/api:1", "1.0.0")).descriptor.digest;
    const image = `${registry.host}/prod/api:1`;
    run([image, `${registry.host}/dev/api@${ran}`]);
    const { workloads, findings, unlisted } = await ps("elsewhere", "--scan");
    expect(unlisted).toEqual([]);
    const pulledFrom = `${registry.host}/dev/api@${ran}`;
    expect(workloads).toMatchObject([{ image, digest: ran, pulledFrom, scan: { problems: 0 } }]);
    expect(workloads[0]).not.toHaveProperty("pinned");
    expect(findings[0]).not.toHaveProperty("pin");
    run([image, `127.0.0.1:1/dev/api@${ran.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))}`]);
    const gone = await ps("gone-elsewhere", "--scan");
    expect(gone.unlisted[0]?.message).toContain(
      `${image} (shop/pod/app) was not scanned: the cluster has it from 127.0.0.1:1/dev/api, and `,
    );
  });

  test("scans what is in several repositories where it is named by its digest, else where one has it", async () => {
    const registry = await fakeRegistry();
    const ran = (await push(registry, "prod/api:1", "1.0.0")).descriptor.digest;
    const here = `${registry.host}/prod/api@${ran}`;
    const gone = ["127.0.0.1:1/a/api:1", `127.0.0.1:1/b/api@${ran}`] as const;
    for (const [index, second] of [
      [`${registry.host}/prod/api:1`, here],
      [`${registry.host}/elsewhere/api:1`, here],
    ].entries()) {
      run(gone, second as [string, string]);
      const { workloads, unlisted } = await ps(`several-names-${index}`, "--scan");
      expect([unlisted, workloads.map(({ scan }) => scan === null)]).toEqual([[], [false, false]]);
    }
    run(gone, ["127.0.0.1:1/c/api:1", `127.0.0.1:1/c/api@${ran}`]);
    const { unlisted } = await ps("several-names-gone", "--scan");
    expect(unlisted.map(({ message }) => message)).toEqual([
      expect.stringContaining("127.0.0.1:1/c/api:1 (shop/pod/app) was not scanned"),
    ]);
  });

  test("scans what runs, and not what a name with another digest asks for since it was changed", async () => {
    const registry = await fakeRegistry();
    const before = (await push(registry, "old/api:1", "1.0.0")).descriptor.digest;
    const asked = (await push(registry, "new/api:1", "2.0.0")).descriptor.digest;
    expect(asked).not.toBe(before);
    const runs = `${registry.host}/old/api@${before}`;
    run([`${registry.host}/new/api@${asked}`, runs], [`${registry.host}/old/api:1`, runs]);
    const { workloads, unlisted } = await ps("changed-in-place", "--scan");
    expect(unlisted).toEqual([]);
    expect(workloads.map(({ digest, scan }) => [digest, scan !== null])).toEqual([
      [before, true],
      [before, true],
    ]);
    const manifests = registry.requests.filter(({ method, path }) => method === "GET" && path.includes("/manifests/"));
    expect(manifests.filter(({ path }) => path.endsWith(asked))).toEqual([]);
  });

  test.each(["docker.io/library/import-2026-11-20", "localhost/team/built-here"])(
    "%s is no repository of a registry",
    async (name) => {
      run(["127.0.0.1:1/team/built-here:dev", `${name}@sha256:${"2".repeat(64)}`]);
      const { workloads, unlisted } = await ps("built-here", "--scan");
      expect(workloads[0]).not.toHaveProperty("pulledFrom");
      expect(unlisted[0]?.message).toContain("the cluster does not report its source registry");
    },
  );

  test("a runtime may tell the digest of the index or of its image: neither has moved", async () => {
    const registry = await fakeRegistry();
    const named = reference(`${registry.host}/team/multi:1`);
    const other = await push(registry, "team/multi:amd", "1.0.0");
    const index = await pushIndex(testClient(), named, [{ image: other, platform: "linux/amd64" }]);
    const image = `${registry.host}/team/multi:1`;
    for (const [digest, moved] of [
      [index.digest, undefined],
      [other.descriptor.digest, undefined],
      [`sha256:${"0".repeat(64)}`, true],
    ] as const) {
      run([image, `${registry.host}/team/multi@${digest}`]);
      const { workloads } = await ps(`index-${digest.slice(7, 15)}`, "--scan");
      expect(workloads[0]?.moved).toBe(moved);
    }
  });

  test("an image for several platforms is not judged where the cluster does not tell on which one it runs", async () => {
    const registry = await fakeRegistry();
    const image = `${registry.host}/team/several:1`;
    const [amd, arm] = [
      await push(registry, "team/several:amd", "1.0.0"),
      await push(registry, "team/several:arm", "2.0.0"),
    ];
    const index = await pushIndex(testClient(), reference(image), [
      { image: amd, platform: "linux/amd64" },
      { image: arm, platform: "linux/arm64" },
    ]);
    run([image, `${registry.host}/team/several@${index.digest}`]);
    const nodes = cluster.lists["/api/v1/nodes"] ?? [];
    expect((await ps("several", "--scan")).workloads[0]?.scan).not.toBeNull();
    for (const lists of [{ "/api/v1/nodes": [] }, { "/api/v1/nodes": nodes }]) {
      cluster.lists = { ...cluster.lists, ...lists };
      const isKnown = lists["/api/v1/nodes"] === nodes;
      expect((await ps("several")).workloads[0]?.scan === null).toBe(!isKnown);
      const { workloads, unlisted } = await ps("several", "--scan");
      expect([workloads[0]?.scan === null, unlisted.length]).toEqual([!isKnown, isKnown ? 0 : 1]);
      if (isKnown) continue;
      expect(unlisted[0]?.message).toContain("it is for linux/amd64, linux/arm64, and the cluster");
      expect(unlisted[0]?.hint).toContain("request a role that can list nodes (kubectl auth can-i list nodes)");
    }
    run([`127.0.0.1:1/several:1`, `${registry.host}/team/several@${index.digest}`]);
    cluster.lists = { ...cluster.lists, "/api/v1/nodes": [] };
    expect((await ps("several-elsewhere", "--scan")).unlisted[0]?.message).toContain(
      `the cluster has it from ${registry.host}/team/several, and it is for linux/amd64, linux/arm64, and the cluster`,
    );
  });

  test("a layer with a table of contents is read whole, and what could not be examined is reported as by scan", async () => {
    const registry = await fakeRegistry();
    const random = randomBytes(1_200_000);
    const files = Array.from({ length: 12 }, (_, n) => ({
      name: `opt/${n}`,
      content: random.subarray(n * 100_000, (n + 1) * 100_000),
    }));
    const members = [{ name: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' }, ...files];
    const table = estargzLayer(members);
    const broken = gzipSync(tar([{ name: "srv/large", content: random }])).subarray(0, 600_000);
    const types = ["config.v1+json", "layer.v1.tar+gzip"].map((end) => `application/vnd.oci.image.${end}`);
    const config = { architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: [] } };
    const put = (layers: readonly object[]): string => {
      const described = registry.putBlob("team/app", Buffer.from(JSON.stringify({ ...config, layers: layers.length })));
      return registry.putManifest("team/app", {
        ...{ schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json" },
        ...{ config: { mediaType: types[0], ...described }, layers },
      });
    };
    const chunked = {
      mediaType: types[1],
      annotations: table.annotations,
      ...registry.putBlob("team/app", table.bytes),
    };
    const damaged = { mediaType: types[1], ...registry.putBlob("team/app", broken) };
    for (const [layers, problems] of [
      [[chunked], 0],
      [[chunked, damaged], 1],
    ] as const) {
      const image = `${registry.host}/team/app@${put(layers)}`;
      run([image, image]);
      const scanned = await plimsoll(["scan", `registry:${image}`, "--no-update", "--format", "json"], {
        env: { PLIMSOLL_OFFLINE: "0", PLIMSOLL_CACHE: join(folder, `scan-part-${problems}`) },
      });
      const report = JSON.parse(scanned.stdout) as Report;
      expect([report.problems.length, report.layers.map(({ inPart = false }) => inPart)]).toEqual([
        problems,
        layers.map(() => false),
      ]);
      const { workloads } = await ps(`part-${problems}`, "--scan");
      expect(workloads[0]?.scan).toMatchObject({ problems, verdict: report.verdict });
      expect(workloads[0]?.scan).not.toHaveProperty("layersInPart");
      const where = ["--engine", "kubernetes", "--kubeconfig", writeKubeconfig(), "--no-update", "--scan"];
      const shown = await plimsoll(["ps", ...where], {
        env: { PLIMSOLL_OFFLINE: "0", PLIMSOLL_CACHE: join(folder, `shown-part-${problems}`) },
      });
      expect(shown.code).toBe(scanned.code);
      expect(shown.stdout).not.toContain("table of contents");
    }
  });

  test("an image that cannot be scanned is told of, and a registry that is gone is no move", async () => {
    const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;
    const gone = ["127.0.0.1:1/team/app:1", `127.0.0.1:1/team/app@${digestOf("1")}`] as const;
    run(gone, ["team/built-here:dev", digestOf("2")]);
    const { workloads, unlisted } = await ps("gone", "--scan");
    expect(workloads.map(({ scan, moved }) => [scan, moved])).toEqual([
      [null, undefined],
      [null, undefined],
    ]);
    expect(unlisted.map(({ message }) => message)).toEqual([
      expect.stringContaining("127.0.0.1:1/team/app:1 (shop/pod/app) was not scanned"),
      "team/built-here:dev (shop/pod/app) was not scanned: the cluster does not report its source registry",
    ]);
  });

  test("a fault of the program while it scans one image does not end the listing", async () => {
    const registry = await fakeRegistry();
    const [bad, good] = [await push(registry, "team/bad:1", "1.0.0"), await push(registry, "team/good:1", "2.0.0")];
    const client = testClient();
    const manifest = client.manifest.bind(client);
    client.manifest = (asked, ...rest) => {
      if (asked.digest === bad.descriptor.digest) throw new RangeError("Invalid string length");
      return manifest(asked, ...rest);
    };
    run(
      [`${registry.host}/team/bad:1`, `${registry.host}/team/bad@${bad.descriptor.digest}`],
      [`${registry.host}/team/good:1`, `${registry.host}/team/good@${good.descriptor.digest}`],
    );
    const kubernetes = {
      kubeconfigs: [writeKubeconfig()],
      named: true,
      exec: { environment: {}, searchPath: "" },
    };
    const { workloads, unlisted } = await judgeWorkloads(
      { kubernetes },
      {
        registry: client,
        signal: new AbortController().signal,
        now: new Date("2026-11-20T09:00:00Z"),
        required: new Set(["kubernetes"]),
        verifyDigests: false,
        scan: true,
      },
    );
    expect(workloads.map(({ image, scan }) => [image.split("/").at(-1), scan === null])).toEqual([
      ["bad:1", true],
      ["good:1", false],
    ]);
    expect(unlisted.map(({ message }) => message)).toEqual([
      `${registry.host}/team/bad:1 (shop/pod/app) was not scanned: Plimsoll failed: RangeError: Invalid string length`,
    ]);
  });
});
