import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { layersOnlyInConfig } from "../../src/pipeline/scan/layers-only-in-config.ts";
import { openTarget } from "../../src/pipeline/targets/open-target.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { fakeRegistry } from "../registry/setup/fake-registry.ts";
import { testClient } from "../registry/setup/registry-client.ts";
import {
  type ImageSpec,
  type LayerSpec,
  layoutTar,
  legacyDockerLayout,
  ociLayout,
  sha256,
  writeLayout,
} from "../setup/image.ts";
import { takeStock } from "../setup/take-stock.ts";
import { tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";

const plimsoll = startPlimsoll();

const members = [{ name: "app/node_modules/lodash/package.json", content: '{"name":"lodash","version":"4.17.15"}' }];
const plain: LayerSpec = { members };
const missing = "a".repeat(64);

/** The config lists one layer more than the manifest names. */
const fewer: ImageSpec = {
  layers: [plain],
  config: { rootfs: { type: "layers", diff_ids: [sha256(tar(members)), `sha256:${missing}`] } },
};
const untold = "the image's config lists 2 layers, but its manifest lists 1: the content of the others is unknown";

interface Told {
  readonly packages: readonly string[];
  readonly problems: readonly string[];
}

async function told(target: string, verifyDigests = false): Promise<Told> {
  const { packages, problems } = await takeStock(target, { verifyDigests, registry: testClient() });
  return { packages: packages.map(({ name }) => name), problems: problems.map(({ message }) => message) };
}

/** An image of layers as they are, in a registry. */
async function inRegistry(layers: readonly object[], diffIds: readonly string[]): Promise<string> {
  const registry = await fakeRegistry();
  const config = Buffer.from(
    JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: diffIds } }),
  );
  const put = (bytes: Uint8Array): object => registry.putBlob("team/app", bytes);
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...put(config) },
    layers: layers.map((layer) =>
      "bytes" in layer ? { ...layer, bytes: undefined, ...put(layer.bytes as Buffer) } : layer,
    ),
  };
  registry.putManifest("team/app", manifest, { tag: "v1" });
  return `registry:${registry.host}/team/app:v1`;
}

const tarType = "application/vnd.oci.image.layer.v1.tar";
const foreignType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

describe("an image whose config lists more layers than its manifest names has a problem", () => {
  async function problemsOf(target: string): Promise<readonly string[]> {
    const { signal } = new AbortController();
    using opened = await openTarget(target, { verifyDigests: false, registry: testClient(), signal });
    if (opened.form !== "tree") throw new Error(`${target} is an SBOM`);
    return layersOnlyInConfig(opened).map(({ message }) => message);
  }

  test("in an archive and in a layout", async () => {
    const folder = temporaryFolder();
    const archive = join(folder, "image.tar");
    writeFileSync(archive, layoutTar(legacyDockerLayout([fewer])));
    writeLayout(join(folder, "layout"), ociLayout([fewer]));
    for (const target of [archive, join(folder, "layout")]) expect(await problemsOf(target)).toEqual([untold]);
    writeFileSync(archive, layoutTar(legacyDockerLayout([{ layers: [plain] }])));
    expect(await problemsOf(archive)).toEqual([]);
  });

  test("in a registry", async () => {
    const layers = [{ mediaType: tarType, bytes: tar(members) }];
    expect(await problemsOf(await inRegistry(layers, [sha256(tar(members)), sha256("b")]))).toEqual([untold]);
    expect(await problemsOf(await inRegistry(layers, [sha256(tar(members))]))).toEqual([]);
  });

  test.each([[], ["--verify-digests"]])("which a scan tells, and then cannot tell %s", async (...options) => {
    writeFileSync(join(plimsoll.folder, "fewer.tar"), layoutTar(legacyDockerLayout([fewer])));
    const args = ["scan", "fewer.tar", "--no-cache", "--format", "json", ...options];
    const { code, stdout } = await plimsoll(args);
    const { problems, packages, verdict } = JSON.parse(stdout);
    expect([code, verdict.decision, packages.length]).toEqual([3, "cannot-tell", 1]);
    expect(problems).toEqual([{ code: "not-examined", message: untold }]);
  });
});

test("a config that lists fewer layers than there are proves none of them, and a scan that verifies says so", async () => {
  const config = { rootfs: { type: "layers", diff_ids: [sha256("a")] } };
  writeFileSync(
    join(plimsoll.folder, "unproved.tar"),
    layoutTar(legacyDockerLayout([{ layers: [plain, plain], config }])),
  );
  const { code, stdout } = await plimsoll([
    "scan",
    "unproved.tar",
    "--no-cache",
    "--format",
    "json",
    "--verify-digests",
  ]);
  expect(code).toBe(3);
  expect(JSON.parse(stdout).problems).toEqual(
    [1, 2].map((layer) => ({
      code: "unreadable",
      message: `layer ${layer} of 2: there is no digest to verify it with`,
    })),
  );
});

describe("a layer in a compression that is not read is named by it", () => {
  const bzip2 = Buffer.concat([Buffer.from("BZh91AY&SY"), Buffer.alloc(600, 7)]);
  const xz = Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), Buffer.alloc(600, 7)]);

  test.each([
    ["bzip2", bzip2],
    ["xz", xz],
  ])("%s", async (name, bytes) => {
    const problems = [`layer 2 of 2: the layer is compressed with ${name}, which is not supported`];
    const folder = temporaryFolder();
    writeLayout(folder, ociLayout([{ layers: [plain, { bytes }] }]));
    for (const verify of [false, true]) expect((await told(folder, verify)).problems).toEqual(problems);
    const layers = [
      { mediaType: tarType, bytes: tar(members) },
      { mediaType: tarType, bytes },
    ];
    const target = await inRegistry(layers, [sha256(tar(members)), sha256(bytes)]);
    expect(await told(target)).toEqual({ packages: ["lodash"], problems });
  });
});

test("an encrypted layer is called encrypted", async () => {
  const mediaType = `${tarType}+gzip+encrypted`;
  const bytes = Buffer.alloc(1_000, 9);
  const message = "layer 1 of 1: the layer is encrypted, and decryption is not supported";
  const target = await inRegistry([{ mediaType, bytes }], [sha256("b")]);
  expect((await told(target)).problems).toEqual([message]);
  const folder = temporaryFolder();
  const layout = Object.entries(ociLayout([{ layers: [{ bytes }] }])).map(([path, content]) => [
    path,
    Buffer.from(Buffer.from(content).toString("latin1").replace(`"${tarType}"`, `"${mediaType}"`), "latin1"),
  ]);
  writeLayout(folder, Object.fromEntries(layout));
  expect((await told(folder)).problems).toEqual([message]);
});

test("a foreign layer that is not in the registry is called foreign", async () => {
  const digest = `sha256:${missing}`;
  const foreign = { mediaType: foreignType, digest, size: 1_234, urls: ["http://169.254.169.254/x"] };
  const target = await inRegistry(
    [{ mediaType: tarType, bytes: tar(members) }, foreign],
    [sha256(tar(members)), digest],
  );
  const { packages, problems } = await told(target);
  expect(packages).toEqual(["lodash"]);
  expect(problems).toEqual([
    expect.stringMatching(/^layer 2 of 2: .*: it is a foreign layer, which is stored outside the registry$/),
  ]);
});
