import { execFileSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { isAttachmentTag, type Referrer } from "../../src/registry/content/list-referrers.ts";
import { makeKey } from "../../src/registry/signatures/fixtures/sign.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { distributionLayer } from "../setup/distribution-image.ts";
import { tar } from "../setup/tar.ts";
import { attachAsReferrer, signImage } from "./setup/attach.ts";
import { isInstalled, type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { type FakeRegistry, type FakeRequest, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { type PushedImage, pushIndex, pushLayers } from "./setup/push-image.ts";
import { collect, listOf, reference, testClient } from "./setup/registry-client.ts";

const type = "application/vnd.cyclonedx+json";
const plimsoll = startPlimsoll();
const online = { env: { PLIMSOLL_OFFLINE: "0" } };
const attach = (target: string, ...more: string[]): Promise<RunResult> =>
  plimsoll(["sbom", target, "--attach", ...more], online);

/** Pushes an image with a package of a distribution. */
function push(name: string, architecture = "amd64"): Promise<PushedImage> {
  const { members = [] } = distributionLayer({
    manager: "deb",
    release: { ID: "debian", VERSION_ID: "12", VERSION_CODENAME: "bookworm", PRETTY_NAME: "Debian 12" },
    packages: [{ name: "base-files", version: "12.4" }],
  });
  return pushLayers(testClient(), reference(name), { architecture, tars: [tar(members)] });
}

function referrersOf(name: string, digest: string): Promise<Referrer[]> {
  return listOf(testClient().referrers(reference(name), digest));
}

function layersOf(referrer: Referrer | undefined): readonly { digest: string; size: number }[] {
  return (referrer?.manifest.document["layers"] ?? []) as { digest: string; size: number }[];
}

describe.skipIf(registryObstacle !== undefined)(
  `plimsoll sbom --attach and Debian's docker-registry${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry();
    });
    afterAll(() => registry.stop());

    test("attaches what it writes to the manifest that it read, where others look for it", async () => {
      const name = `${registry.host}/team/app:1`;
      const { descriptor } = await push(name);
      const { code, stdout, stderr } = await attach(name, "--output", "attached.cdx.json");
      expect(code).toBe(0);
      const image = `${registry.host}/team/app@${descriptor.digest}`;
      expect(stderr).toBe(`note: the SBOM is attached to ${image} (linux/amd64)\n`);
      const [referrer, ...others] = await referrersOf(name, descriptor.digest);
      expect(others).toEqual([]);
      expect(stdout).toBe(`${registry.host}/team/app@${referrer?.manifest.digest}\n`);
      expect(referrer?.manifest.document).toMatchObject({
        artifactType: type,
        config: { mediaType: "application/vnd.oci.empty.v1+json" },
        layers: [{ mediaType: type, annotations: { "org.opencontainers.image.title": "sbom.cdx.json" } }],
        subject: { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size },
      });
      const [layer] = layersOf(referrer);
      const bytes = layer && (await collect(testClient().blob(reference(name), layer)));
      expect(bytes).toEqual(readFileSync(join(plimsoll.folder, "attached.cdx.json")));
      expect(JSON.parse(String(bytes))).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { name } } });
      // Others look into the index at the tag that stands in for the list, and compare its types.
      const tag = `sha256-${descriptor.digest.slice(7)}`;
      const index = await testClient().manifest(reference(`${registry.host}/team/app:${tag}`));
      expect(index.document["manifests"]).toMatchObject([{ digest: referrer?.manifest.digest, artifactType: type }]);
      const tags = await listOf(testClient().tags(reference(name)));
      expect(tags.filter((one) => !isAttachmentTag(one))).toEqual(["1"]);
    });

    test("attaches the same once, whenever it was made, and another one beside it", async () => {
      const name = `${registry.host}/team/again:1`;
      const { descriptor } = await push(name);
      const first = await attach(name);
      const second = await attach(`registry:${name}`);
      expect(second).toMatchObject({ code: 0, stdout: first.stdout });
      expect(second.stderr).toContain("the same SBOM is already attached to");
      expect(await referrersOf(name, descriptor.digest)).toHaveLength(1);
      const byDigest = await attach(`${registry.host}/team/again@${descriptor.digest}`);
      expect(byDigest.stdout).not.toBe(first.stdout);
      expect(await referrersOf(name, descriptor.digest)).toHaveLength(2);
      expect((await attach(name)).stdout).toBe(first.stdout);
    });

    test("is not misled by what others attached", async () => {
      const name = `${registry.host}/team/misled:1`;
      const { descriptor } = await push(name);
      const { stdout: made } = await plimsoll(["sbom", `registry:${name}`], online);
      const other = made.replaceAll("base-files", "fase-biles");
      for (const text of [other, " ".repeat(made.length), `{"metadata":7}${" ".repeat(made.length - 14)}`]) {
        expect(text).toHaveLength(made.length);
        const layers = [{ mediaType: type, content: Buffer.from(text) }];
        await attachAsReferrer(testClient(), reference(name), { image: descriptor, artifactType: type, layers });
      }
      expect((await attach(name)).stderr).toContain("note: the SBOM is attached to");
      expect(await referrersOf(name, descriptor.digest)).toHaveLength(4);
    });

    test("attaches to the image of an index that it read", async () => {
      const parts = [];
      for (const architecture of ["amd64", "arm64"]) {
        const image = await push(`${registry.host}/team/multi:${architecture}`, architecture);
        parts.push({ image, platform: `linux/${architecture}` });
      }
      const name = `${registry.host}/team/multi:1`;
      const index = await pushIndex(testClient(), reference(name), parts);
      const { stderr } = await attach(name, "--platform", "linux/arm64");
      const arm64 = parts[1]?.image.descriptor.digest ?? "";
      expect(stderr).toContain(`attached to ${registry.host}/team/multi@${arm64} (linux/arm64)`);
      expect(await referrersOf(name, arm64)).toHaveLength(1);
      expect(await referrersOf(name, index.digest)).toEqual([]);
      expect(await referrersOf(name, parts[0]?.image.descriptor.digest ?? "")).toEqual([]);
    });

    test("scan --use-attached-sbom finds it, unsigned, and takes it once it is signed", async () => {
      const key = makeKey();
      const pem = createPublicKey(key.secret).export({ type: "spki", format: "pem" });
      writeFileSync(join(plimsoll.folder, "key.pub"), pem);
      const name = `${registry.host}/team/signed:1`;
      await push(name);
      const digest = (await attach(name)).stdout.trim().split("@")[1] ?? "";
      const args = ["scan", name, "--no-update", "--use-attached-sbom", "--key", "key.pub", "--format", "json"];
      const before = await plimsoll(args, online);
      const reason = `the SBOM in ${digest} is not verified: it has no trusted signature`;
      expect((JSON.parse(before.stdout) as Report).target.attachedSbomRefused).toEqual([reason]);
      expect(before.stderr).toContain(reason);
      await signImage(testClient(), reference(name), { image: { digest, size: 0 }, key });
      const { target, packages, distro } = JSON.parse((await plimsoll(args, online)).stdout) as Report;
      expect(target.attachedSbom).toMatchObject({ format: "cyclonedx", place: "artifact", manifest: digest });
      expect(packages.map((found) => found.name)).toEqual(["base-files"]);
      expect(distro).toMatchObject({ id: "debian", version: "12" });
    });

    test.skipIf(!isInstalled("skopeo"))("skopeo pulls back the same bytes", async () => {
      const name = `${registry.host}/team/skopeo:1`;
      await push(name);
      const { stdout } = await attach(name, "--output", "skopeo.cdx.json");
      const target = join(plimsoll.folder, "pulled");
      mkdirSync(target);
      const words = [
        "--insecure-policy",
        "copy",
        "--src-tls-verify=false",
        `docker://${stdout.trim()}`,
        `dir:${target}`,
      ];
      const env = { PATH: process.env["PATH"], HOME: plimsoll.folder, XDG_RUNTIME_DIR: plimsoll.folder };
      execFileSync("skopeo", words, { timeout: 60_000, env });
      const manifest = JSON.parse(readFileSync(join(target, "manifest.json"), "utf8"));
      expect(manifest).toMatchObject({ artifactType: type, layers: [{ mediaType: type }] });
      const layer = readFileSync(join(target, manifest.layers[0].digest.slice(7)));
      expect(layer).toEqual(readFileSync(join(plimsoll.folder, "skopeo.cdx.json")));
    });

    test("what is not complete is written and not attached", async () => {
      const name = `${registry.host}/team/broken:1`;
      const { descriptor } = await pushLayers(testClient(), reference(name), { tars: [Buffer.from("no tar")] });
      const { code, stdout, stderr } = await attach(name, "--output", "broken.cdx.json");
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      expect(stderr).toContain("error: the SBOM was not attached, because it is incomplete");
      expect(existsSync(join(plimsoll.folder, "broken.cdx.json"))).toBe(true);
      expect(await referrersOf(name, descriptor.digest)).toEqual([]);
    });
  },
);

test("a registry that keeps a list of referrers gets no tag for it", async () => {
  const registry = await fakeRegistry({ referrers: true });
  const name = `${registry.host}/team/app:1`;
  const { descriptor } = await push(name);
  const { code, stdout } = await attach(name);
  expect(code).toBe(0);
  const [referrer] = await referrersOf(name, descriptor.digest);
  expect(stdout).toBe(`${registry.host}/team/app@${referrer?.manifest.digest}\n`);
  expect(await listOf(testClient().tags(reference(name)))).toEqual(["1"]);
  expect((await attach(name)).stdout).toBe(stdout);
  // What is lost is attached again.
  const [layer] = layersOf(referrer);
  registry.intercept = ({ method, path }, response) => {
    const isLost = method === "GET" && path.endsWith(`/blobs/${layer?.digest}`);
    if (isLost) response.writeHead(404).end();
    return isLost;
  };
  expect((await attach(name)).stderr).toContain("note: the SBOM is attached to");
});

describe("what is in the way of attaching is told before the layers are read", () => {
  const layerRequests = ({ requests }: FakeRegistry, digest = "none"): readonly FakeRequest[] =>
    requests.filter(({ method, path }) => method === "GET" && path.includes(digest));
  const writes = ({ requests }: FakeRegistry): readonly FakeRequest[] =>
    requests.filter(({ method }) => method !== "GET" && method !== "HEAD");

  test("that a mirror alone has the image, or another one under its name", async () => {
    const [registry, mirror] = [await fakeRegistry({ referrers: true }), await fakeRegistry()];
    const { descriptor, layers } = await push(`${mirror.host}/copies/team/app:1`);
    const name = `${registry.host}/team/app:1`;
    const throughMirror = ["--no-cache", "--registry-mirror", `${registry.host}=${mirror.host}/copies`];
    for (const isThere of [false, true]) {
      if (isThere) await push(name, "s390x");
      registry.forget();
      const { code, stdout, stderr } = await attach(name, ...throughMirror);
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      const image = `${registry.host}/team/app@${descriptor.digest}`;
      expect(stderr).toContain(
        `the SBOM cannot be attached to ${image}: it was read from the mirror ${mirror.host}/copies, and the registry itself does not have that manifest`,
      );
      expect(stderr).not.toContain("Check the name and the tag");
      expect(layerRequests(mirror, layers[0]?.digest)).toEqual([]);
      expect(writes(registry)).toEqual([]);
    }
    await push(name);
    mirror.forget();
    expect((await attach(name, ...throughMirror)).code).toBe(0);
    expect(layerRequests(mirror, layers[0]?.digest)).toHaveLength(1);
    expect(await referrersOf(name, descriptor.digest)).toHaveLength(1);
    expect(writes(mirror)).toEqual([]);
  });

  test("that nothing may be pushed", async () => {
    const registry = await fakeRegistry({ referrers: true });
    const name = `${registry.host}/team/app:1`;
    const { layers } = await push(name);
    registry.intercept = ({ method }, response) =>
      method === "POST" && sendJson(response, 403, { errors: [{ code: "DENIED", message: "read only" }] });
    registry.forget();
    const { code, stdout, stderr } = await attach(name, "--no-cache");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/^error: .* refuses .*read only/m);
    expect(layerRequests(registry, layers[0]?.digest)).toEqual([]);
  });

  test("that the registry has no such image, into which nothing is written then", async () => {
    const registry = await fakeRegistry();
    const { code, stderr } = await attach(`${registry.host}/team/app:1`);
    expect(code).toBe(3);
    expect(stderr).toContain(`the registry ${registry.host} does not have ${registry.host}/team/app:1`);
    expect(writes(registry)).toEqual([]);
  });
});

test("the SBOM and its name do not get in each other's way on standard output", async () => {
  const registry = await fakeRegistry({ referrers: true });
  const name = `${registry.host}/team/app:1`;
  const { descriptor } = await push(name);
  const { stdout, stderr } = await attach(name, "--output", "-");
  expect(JSON.parse(stdout)).toMatchObject({ bomFormat: "CycloneDX" });
  const [referrer] = await referrersOf(name, descriptor.digest);
  expect(stderr).toContain(`, as ${registry.host}/team/app@${referrer?.manifest.digest}\n`);
});

test.each<[string, string[], RegExp]>([
  ["a folder", ["."], /cannot attach an SBOM: \. is not an image in a registry/],
  ["an image of an engine", ["docker:nginx:1"], /nginx:1 is not an image in a registry/],
  ["an archive", ["oci-archive:image.tar"], /image\.tar is not an image in a registry/],
  ["an id", ["registry:127.0.0.1:5000"], /it has a registry but no repository/],
  [
    "without a network",
    ["127.0.0.1:1/team/app:1", "--offline"],
    /cannot attach an SBOM with --offline: it is stored in the registry/,
  ],
])("%s is no place to attach to", async (_, args, message) => {
  const { code, stdout, stderr } = await attach(args[0] ?? "", ...args.slice(1));
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(message);
});

test("the variable that forbids the network forbids it here too", async () => {
  const { code, stderr } = await plimsoll(["sbom", "127.0.0.1:1/team/app:1", "--attach"]);
  expect(code).toBe(2);
  expect(stderr).toContain("cannot attach an SBOM with --offline: it is stored in the registry");
});
