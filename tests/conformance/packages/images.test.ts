import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { extractors } from "../../../src/extractors/builtin.ts";
import type { Package } from "../../../src/model/packages/package.ts";
import { FileMatcher } from "../../../src/pipeline/inventory/file-matcher.ts";
import { takeInventory } from "../../../src/pipeline/inventory/layer-inventory.ts";
import { openTarget } from "../../../src/pipeline/targets/open-target.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { takeStock, visibleFiles } from "../../setup/take-stock.ts";

interface ExpectedImage {
  readonly found_by: "manifest.json" | "index.json";
  readonly tags?: readonly string[];
  readonly config_digest: string;
  readonly manifest_digest?: string;
  readonly os: string;
  readonly architecture: string;
  readonly layers: readonly ExpectedLayer[];
  readonly config_diff_ids: readonly string[];
  readonly os_release?: { readonly id: string; readonly version_id?: string };
  /** A text where the packages stand with the other image of the archive. */
  readonly database_packages?: string | readonly ExpectedPackage[];
}

interface ExpectedPackage {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source: string;
}

interface ExpectedLayer {
  readonly name: string;
  readonly present?: false;
  readonly bytes?: number;
  readonly uncompressed_sha256?: string;
}

interface Expected {
  readonly file: string;
  readonly images: readonly ExpectedImage[];
  readonly expected_by_source?: readonly ExpectedBySource[];
}

interface ExpectedBySource {
  readonly type: string;
  readonly target_file?: string;
  readonly packages?: readonly { readonly name: string; readonly version: string }[];
  readonly jars?: readonly {
    readonly location: string;
    readonly groupId?: string;
    readonly artifactId?: string;
    readonly version?: string;
  }[];
}

const signal: AbortSignal = new AbortController().signal;

/** Jars that the source lists by their place alone; they say nothing about themselves. */
const jarsWithoutCoordinates: readonly string[] = ["/level-3-jar.jar/level-2-jar.jar", "/uberjar.jar"];

/**
 * The source made this archive smaller and kept the digest of its manifest, so that it cannot be verified; the manifest
 * has the sizes and the digests of two layers as they were, for which skopeo refuses it too.
 */
const manifestLies = "nginx-mixed-compression.tar";
const layersOfOtherDigest = 2;

/** What the sources expect beyond the kinds of packages that are read from images today. */
const laterKinds: Readonly<Record<string, string>> = {
  poetry: "lock files of applications are a later set",
  pnpm: "lock files of applications are a later set",
  npm: "the source resolves the lock file; here node_modules are read, and the image has none",
};

function archives(): { path: string; kind: string; expected: Expected }[] {
  return ["docker-archive", "oci-archive"].flatMap((kind) =>
    readdirSync(corpusPath("images", kind))
      .filter((name) => name.endsWith(".expected.json"))
      .map((name) => {
        const expected = corpusJson<Expected>("images", kind, name);
        return { kind, expected, path: corpusPath("images", kind, expected.file) };
      }),
  );
}

function databaseLine({ type, name, version, architecture, source }: Package): string {
  return [type, name, version, architecture, source?.name ?? name].join(" ");
}

describeWithCorpus("image archives", () => {
  const all = archives();
  const images = all.flatMap(({ path, expected }) =>
    (["manifest.json", "index.json"] as const).flatMap((foundBy) => {
      const image = expected.images.find(({ found_by }) => found_by === foundBy);
      return image ? [{ path, file: expected.file, image, expected }] : [];
    }),
  );

  test("there are 31, which hold 35 images in their two layouts", () => {
    expect(all).toHaveLength(31);
    expect(images).toHaveLength(35);
  });

  test.each(images)(
    "$file by $image.found_by: identity, layers, distribution and database",
    async ({ path, file, image }) => {
      const kind = image.found_by === "manifest.json" ? "docker-archive" : "oci-archive";
      const verifyDigests = file !== manifestLies;
      const stock = await takeStock(`${kind}:${path}`, { verifyDigests });
      expect(stock.target).toMatchObject({
        kind,
        name: path,
        imageId: image.config_digest,
        platform: `${image.os}/${image.architecture}`,
        ...(image.manifest_digest === undefined ? {} : { manifestDigest: image.manifest_digest }),
        ...(image.tags === undefined ? {} : { tags: image.tags }),
      });
      expect(stock.layers.map(({ index, digest, diffId, size }) => ({ index, digest, diffId, size }))).toEqual(
        image.layers.map(({ name, bytes }, index) => ({
          index,
          digest: /sha256[:/]/.test(name) ? name.replace("blobs/sha256/", "sha256:") : undefined,
          diffId: image.config_diff_ids[index],
          size: bytes ?? 0,
        })),
      );
      const honest = image.layers.map((layer, index) => isHonest(layer, image.config_diff_ids[index]));
      expect(stock.verified).toEqual(honest.map((is) => is && verifyDigests));
      expect(stock.problems).toHaveLength(verifyDigests ? honest.filter((is) => !is).length : layersOfOtherDigest);
    },
  );

  test.each(images)("$file by $image.found_by: packages of the distribution", async ({ path, image, expected }) => {
    const kind = image.found_by === "manifest.json" ? "docker-archive" : "oci-archive";
    const stock = await takeStock(`${kind}:${path}`);
    if (image.os_release) {
      expect(stock.distribution).toMatchObject({ id: image.os_release.id, version: image.os_release.version_id });
    }
    const found = stock.packages.filter(({ type }) => type === "deb" || type === "apk" || type === "rpm");
    const lines = packagesOf(image, expected).map(({ type, name, version, arch, source }) =>
      [type, name, version, arch, source].join(" "),
    );
    expect(found.map(databaseLine).sort()).toEqual(lines.sort());
  });

  test("a manifest that has another digest than its name says is an error where digests are verified", async () => {
    const path = corpusPath("images", "oci-archive", manifestLies);
    await expect(takeStock(path, { verifyDigests: true })).rejects.toMatchObject({ code: "digest-mismatch" });
  });

  const bySource = all.flatMap(({ path, expected }) =>
    (expected.expected_by_source ?? [])
      .filter(({ type }) => type !== "linux")
      .map((result) => ({ path, file: expected.file, result })),
  );

  test("13 results of the sources' own tests are compared", () => {
    expect(bySource.filter(({ result }) => !(result.type in laterKinds))).toHaveLength(13);
    expect(bySource.filter(({ result }) => result.type in laterKinds)).toHaveLength(3);
  });

  const nowKinds = bySource.filter(({ result }) => !(result.type in laterKinds));
  test.each(nowKinds)("$file: $result.type $result.target_file as its source expects", async ({ path, result }) => {
    expect.hasAssertions();
    const { packages } = await takeStock(path);
    const names = new Set(packages.map(({ name, version, source }) => `${source?.name ?? name}/${name}@${version}`));
    for (const { name, version } of result.packages ?? []) {
      expect(names).toContain(`${name.includes("/") ? name : `${name}/${name}`}@${version}`);
    }
    const maven = packages.filter(({ type }) => type === "maven");
    const coordinates = maven.map(({ name, version }) => `${name}@${version}`);
    for (const { groupId, artifactId, version, location } of result.jars ?? []) {
      if (artifactId !== undefined && groupId !== undefined) {
        expect(coordinates).toContain(`${groupId}:${artifactId}@${version}`);
      } else if (location.endsWith("activation-1.1.1.jar")) {
        // The source knows it by its hash alone; its pom.properties or name tell as much.
        expect(maven.flatMap(({ paths }) => paths)).toContain("app/activation-1.1.1.jar");
      } else expect(jarsWithoutCoordinates).toContain(location);
    }
  });

  test("the three encodings of one image give equal results", async () => {
    const names = [
      "docker-archive/equal-docker-test-image.tar",
      "oci-archive/equal-gzip-test-oci.tar",
      "oci-archive/equal-zstd-test-oci.tar",
    ];
    const [first, ...others] = await Promise.all(
      names.map(async (name) => {
        const { packages, distribution, problems } = await takeStock(corpusPath("images", ...name.split("/")));
        return {
          packages,
          distribution,
          problems,
          files: await visibleFiles(corpusPath("images", ...name.split("/"))),
        };
      }),
    );
    expect(first?.packages.length).toBeGreaterThanOrEqual(16);
    for (const other of others) expect(other).toEqual(first);
  });

  test("each package is of the layer from which on it is in the image", async () => {
    let compared = 0;
    for (const { path, expected } of all) {
      const count = expected.images[0]?.layers.length ?? 0;
      if (count < 2 || expected.images[0]?.layers.some(({ present }) => present === false)) continue;
      const { packages } = await takeStock(path);
      const inPrefix: Set<string>[] = [];
      for (let upTo = 0; upTo < count; upTo++) {
        const { packages: some } = await takeStock(path, { upTo });
        inPrefix.push(new Set(some.map(({ purl, paths }) => `${purl} ${paths.join()}`)));
      }
      for (const { purl, paths, layer } of packages) {
        const isThere = inPrefix.map((some) => some.has(`${purl} ${paths.join()}`));
        expect([purl, layer]).toEqual([purl, isThere.lastIndexOf(false) + 1]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(546);
  });

  test("a file that a later layer removes is named by the whiteout of that layer", async () => {
    const path = corpusPath("images", "oci-archive", "node-removed.tar");
    using opened = await openTarget(path, { verifyDigests: false, signal });
    const trees = opened.form === "tree" ? opened.trees : [];
    const matcher = new FileMatcher(extractors);
    const [, second, third] = await Promise.all(trees.map(({ tree }) => takeInventory(tree, matcher, { signal })));
    expect([second?.names, third?.whiteouts]).toEqual([["node"], ["node"]]);
  });

  test("what is not an image is a clear error", async () => {
    const path = corpusPath("images", "docker-archive", "unsupported-image.tar");
    await expect(takeStock(path)).rejects.toMatchObject({
      code: "archive-not-recognised",
      message: expect.stringContaining("unsupported-image.tar is a tar, but not one of an image"),
    });
  });
});

/** Some sources made the layers of their archives smaller and kept the digests. */
function isHonest({ present, uncompressed_sha256 }: ExpectedLayer, diffId: string | undefined): boolean {
  return present !== false && uncompressed_sha256 === diffId;
}

function packagesOf(
  { database_packages: packages = [] }: ExpectedImage,
  { images }: Expected,
): readonly ExpectedPackage[] {
  if (typeof packages !== "string") return packages;
  const other = images[0]?.database_packages ?? [];
  return typeof other === "string" ? [] : other;
}
