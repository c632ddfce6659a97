import { gzipSync } from "node:zlib";
import { beforeEach, expect, test } from "vitest";
import type { RegistryReport } from "../../src/model/reports/registry-report.ts";
import { scanRegistry } from "../../src/pipeline/registry/scan-registry.ts";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { ociIndexType, ociManifestType } from "../../src/registry/content/manifest.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { tar } from "../setup/tar.ts";
import { type FakeRegistry, fakeRegistry } from "./setup/fake-registry.ts";
import { npmLayer, pushLayers } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const { signal } = new AbortController();
const now = new Date("2026-01-01T00:00:00Z");
const layer = npmLayer("lodash", "4.17.4");
const file = { name: "app/node_modules/lodash/package.json", content: '{ "name": "lodash", "version": "4.17.4" }' };
const plain = tar([file]);
const configType = "application/vnd.oci.image.config.v1+json";
const statement = Buffer.from(JSON.stringify({ _type: "https://in-toto.io/Statement/v0.1", subject: [] }));

let registry: FakeRegistry;
beforeEach(async () => {
  registry = await fakeRegistry();
});

interface Part {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

interface Entry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const part = ({ mediaType, bytes }: Part): Entry => ({ mediaType, ...registry.putBlob("team/app", bytes) });

/** A manifest with the config of an image, as BuildKit's attestations and cosign's signatures have it. */
function manifest(tag: string, parts: readonly Part[], type = configType): Entry {
  const config = { os: "unknown", architecture: "unknown", rootfs: { type: "layers", diff_ids: [] } };
  const document = {
    schemaVersion: 2,
    mediaType: ociManifestType,
    config: part({ mediaType: type, bytes: Buffer.from(JSON.stringify(config)) }),
    layers: parts.map(part),
  };
  const digest = registry.putManifest("team/app", document, { tag });
  return { mediaType: ociManifestType, digest, size: JSON.stringify(document).length };
}

function index(tag: string, manifests: readonly object[]): void {
  registry.putManifest("team/app", { schemaVersion: 2, mediaType: ociIndexType, manifests }, { tag });
}

function scan(allPlatforms = false): Promise<RegistryReport> {
  const options = { client: testClient(), signal, now, fresh: false, verifyDigests: false, allPlatforms };
  return scanRegistry({ registry: registry.host, prefix: "", tags: [] }, { ...options, platform: "linux/amd64" });
}

const inToto: Part = { mediaType: "application/vnd.in-toto+json", bytes: statement };
const withPlatform = (entry: Entry, os = "linux"): object => ({ ...entry, platform: { os, architecture: "amd64" } });

test.each([
  ["an attestation", [inToto]],
  ["an SBOM", [{ mediaType: "text/spdx+json", bytes: statement }]],
])("%s with the config of an image is an artifact", async (_, parts) => {
  const { digest } = manifest("v1", parts);
  const report = await scan();
  expect(report).toMatchObject({ failures: [], totals: { images: 0, artifacts: 1 } });
  const one = scanTarget(`registry:${registry.host}/team/app@${digest}`, {
    registry: testClient(),
    signal,
    now,
    verifyDigests: false,
  });
  await expect(one).rejects.toMatchObject({ code: "manifest-malformed", message: expect.stringContaining("artifact") });
});

test("a module of WebAssembly with the config of an image runs in containerd, so it is not left out", async () => {
  const bytes = Buffer.from("\0asm\x01\0\0\0".padEnd(2000, "x"));
  manifest("v1", [{ mediaType: "application/vnd.wasm.content.layer.v1+wasm", bytes }]);
  expect(await scan()).toMatchObject({ totals: { artifacts: 0 }, verdict: { decision: "cannot-tell" } });
});

/** A header of a tar without a byte that text would not have. */
function textualHeader(): Buffer {
  const header = Buffer.alloc(512, " ");
  header.write("x".padEnd(100, "y"), 0);
  header.write("00000000000", 124);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(sum.toString(8).padStart(7, "0"), 148);
  return header;
}

test.each([
  ["a tar", plain],
  ["a tar whose first header is text", Buffer.concat([textualHeader(), plain])],
  ["a tar in xz", Buffer.from("fd377a585a0000", "hex")],
  ["a tar in bzip2", Buffer.concat([Buffer.from("BZh91AY&SY"), Buffer.from([0, 1, 2])])],
  ["a compressed tar", gzipSync(plain)],
  ["a tar that holds nothing", Buffer.alloc(1024)],
])("%s in a layer that is called JSON is read: Podman would unpack it", async (_, bytes) => {
  manifest("v1", [inToto, { mediaType: "application/vnd.acme+json", bytes }]);
  expect(await scan()).toMatchObject({ totals: { artifacts: 0 } });
});

test("the cache of a build in the form of an index is an artifact, and none of its layers is asked for as a manifest", async () => {
  const layers = [plain, Buffer.alloc(1024)].map((bytes) =>
    part({ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", bytes: gzipSync(bytes) }),
  );
  const config = part({ mediaType: "application/vnd.buildkit.cacheconfig.v0", bytes: Buffer.from("{}") });
  index("buildcache", [...layers, config]);
  for (const allPlatforms of [false, true]) {
    expect(await scan(allPlatforms)).toMatchObject({ failures: [], totals: { images: 0, artifacts: 1 } });
  }
  const asked = registry.requests.map(({ path }) => path);
  expect(layers.filter(({ digest }) => asked.some((path) => path.endsWith(`/manifests/${digest}`)))).toEqual([]);
});

test.each([false, true])(
  "an index of charts, with platforms or without, is an artifact (all platforms: %s)",
  async (all) => {
    const chart = manifest("chart", [inToto], "application/vnd.cncf.helm.config.v1+json");
    index("plain", [chart]);
    index("for-this", [withPlatform(chart)]);
    index("for-another", [withPlatform(chart, "darwin")]);
    expect(await scan(all)).toMatchObject({ failures: [], totals: { images: 0, artifacts: 4 } });
  },
);

test("an index of a chart and an image is the image", async () => {
  const chart = manifest("chart", [inToto], "application/vnd.cncf.helm.config.v1+json");
  const named = reference(`${registry.host}/team/app:image`);
  const { digest, size } = await pushLayers(testClient(), named, { layers: [layer], architecture: "amd64" });
  index("both", [chart, withPlatform({ mediaType: ociManifestType, digest, size })]);
  for (const all of [false, true]) {
    expect(await scan(all)).toMatchObject({ failures: [], totals: { images: 1, artifacts: 1 } });
  }
});

test("an entry of an index that is called a layer is an image where there is one, unless a build's cache is beside it", async () => {
  const named = reference(`${registry.host}/team/app:image`);
  const { digest, size } = await pushLayers(testClient(), named, { layers: [layer], architecture: "amd64" });
  index("misnamed", [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size }]);
  expect(await scan()).toMatchObject({ failures: [], totals: { images: 1, artifacts: 0 } });
});

test("an index of images for another platform is asked for one of them, and its failure stays what it is", async () => {
  const entries = Array.from({ length: 12 }, (_, number) => ({
    mediaType: ociManifestType,
    digest: `sha256:${String(number).padStart(64, "0")}`,
    size: 100,
    platform: { os: "windows", architecture: "amd64", "os.version": `10.0.${number}` },
  }));
  index("windows", entries);
  const { failures } = await scan();
  expect(failures).toMatchObject([{ tags: ["windows"], code: "platform-not-found" }]);
  const asked = registry.requests.filter(({ path }) => entries.some(({ digest }) => path.endsWith(digest)));
  expect(asked).toHaveLength(1);
});

test("an attestation of many layers is looked at over the connections that are there", async () => {
  const parts = Array.from({ length: 15 }, (_, number) => ({
    mediaType: inToto.mediaType,
    bytes: Buffer.from(JSON.stringify({ number, padding: "x".repeat(3000) })),
  }));
  manifest("v1", parts);
  expect(await scan()).toMatchObject({ failures: [], totals: { images: 0, artifacts: 1 } });
});

test("an index whose image is for another platform is no artifact", async () => {
  const named = reference(`${registry.host}/team/app:image`);
  const { digest, size } = await pushLayers(testClient(), named, { layers: [layer], architecture: "arm64" });
  index("other", [withPlatform({ mediaType: ociManifestType, digest, size }, "darwin")]);
  const { failures } = await scan();
  expect(failures.map(({ tags, code }) => [tags, code])).toContainEqual([["other"], "platform-not-found"]);
});

test("a push of an attestation or of a chart is no push of an image", async () => {
  const attestation = manifest("v1", [inToto]);
  index("charts", [withPlatform(manifest("chart", [inToto], "application/vnd.cncf.helm.config.v1+json"))]);
  const push = (target: object): string =>
    JSON.stringify({
      events: [{ action: "push", target: { ...target, repository: "team/app" }, request: { host: registry.host } }],
    });
  for (const target of [
    { mediaType: ociManifestType, digest: attestation.digest },
    { mediaType: ociManifestType, tag: "chart" },
    { mediaType: ociIndexType, tag: "charts" },
  ]) {
    const args = ["scan", "--notification", "-", "--notification-registry", registry.host, "--no-update", "--no-cache"];
    const result = await plimsoll(args, { env: { PLIMSOLL_OFFLINE: "" }, input: push(target) });
    expect(result).toMatchObject({ code: 0, stdout: "" });
    expect(result.stderr).toMatch(/contains no image push; nothing was scanned: .* is an artifact\n$/);
  }
});
