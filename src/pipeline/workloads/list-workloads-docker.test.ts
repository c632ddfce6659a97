import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Workload } from "../../model/images/workload.ts";
import type { EngineListing } from "./list-workloads.ts";
import { listOfEngine } from "./list-workloads-docker.ts";

const folder = temporaryFolder();
const [imageId, manifest, other] = ["1", "2", "3"].map((digit) => `sha256:${digit.repeat(64)}`);
const container = "c".repeat(64);

/** How the engine differs from one that runs a container `web`. */
interface Fake {
  readonly name?: string;
  readonly repoDigests?: readonly string[];
  readonly listed?: object;
  /** Beside what is usual in its description. */
  readonly described?: object;
  /** Beside what is usual in the description of its image. */
  readonly image?: object;
  /** The answers in place of others, by the end of their paths; a number is a status. */
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const imagePath = `/images/${encodeURIComponent(imageId ?? "")}/json`;

async function listing({ name = "shop:1", repoDigests = [], ...fake }: Fake): Promise<EngineListing> {
  const answers: Readonly<Record<string, unknown>> = {
    "/_ping": "OK",
    "/containers/json?all=1": [{ Id: container, State: "running", ...fake.listed }],
    [`/containers/${container}/json`]: {
      Image: imageId,
      Name: "/web",
      Config: { Image: name },
      State: { Status: "running", StartedAt: "2026-01-01T00:00:00Z" },
      ...fake.described,
    },
    [imagePath]: { Id: imageId, RepoDigests: repoDigests, Architecture: "amd64", Os: "linux", ...fake.image },
    ...fake.answers,
  };
  const server = createServer(({ url = "" }, response) => {
    const answer = answers[url];
    const status = answer === undefined ? 404 : typeof answer === "number" ? answer : 200;
    response.writeHead(status, { "content-type": "application/json", ...fake.headers });
    response.end(JSON.stringify(answer ?? {}));
  });
  const path = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(stop);
  const found = await listOfEngine({ host: `unix://${path}` }, { signal: new AbortController().signal });
  stop();
  return found;
}

/** The listing of a container that was started by `name` and whose image has these names. */
async function listed(name: string, repoDigests: readonly string[]): Promise<Workload | undefined> {
  return (await listing({ name, repoDigests })).workloads[0];
}

test("a container that the engine cannot describe is listed by what the list says of it", async () => {
  const item = { Names: ["/web"], Image: "shop:1", ImageID: imageId };
  for (const answer of [500, {}]) {
    const { workloads } = await listing({ listed: item, answers: { [`/containers/${container}/json`]: answer } });
    expect(workloads).toMatchObject([{ name: "web", image: "shop:1", imageId, state: "running" }]);
  }
});

test("an image that the engine cannot describe is a gap, and its container is listed", async () => {
  const { workloads, gaps } = await listing({ answers: { [imagePath]: 500 } });
  expect(workloads).toMatchObject([{ name: "web", image: "shop:1", imageId }]);
  expect(gaps?.map(({ error }) => error.message)).toEqual([expect.stringContaining(`${imageId} are unknown`)]);
});

test("a container being stopped still runs", async () => {
  const state = { State: { Status: "stopping" } };
  const { workloads } = await listing({ listed: { State: "stopping" }, described: state });
  expect(workloads).toMatchObject([{ name: "web", state: "stopping" }]);
});

test("a container without an image is not without a name for it", async () => {
  const { workloads } = await listing({ name: "", described: { Image: "sha256:" } });
  expect(workloads).toMatchObject([{ name: "web", image: "a folder" }]);
});

test("the platform of the manifest that runs goes before that of the image, which may be for several", async () => {
  const platform = { os: "linux", architecture: "arm64", variant: "v8" };
  const { workloads } = await listing({ described: { ImageManifestDescriptor: { digest: manifest, platform } } });
  expect(workloads).toMatchObject([{ manifestDigest: manifest, platform: "linux/arm64" }]);
});

test.each([
  ["arm64", "v8", "linux/arm64"],
  ["arm", "v6", "linux/arm/v6"],
  ["arm", "", "linux/arm"],
])("the platform of an image for %s, variant %j, is called %s", async (Architecture, Variant, platform) => {
  expect((await listing({ image: { Architecture, Variant } })).workloads).toMatchObject([{ platform }]);
});

test("Podman's word that a registry has an image is not taken where its store cannot be read", async () => {
  const known = [`registry.example/shop@${manifest}`];
  const headers = { "libpod-api-version": "4.3.1" };
  const { workloads } = await listing({ name: "registry.example/shop:1", repoDigests: known, headers });
  expect(workloads).toMatchObject([{ engine: "podman", name: "web" }]);
  for (const key of ["digest", "pinned"]) expect(workloads[0]).not.toHaveProperty(key);
});

test("an image that was started by a digest has it, also when the engine knows none of its names any more", async () => {
  const image = `registry.example/shop@${manifest}`;
  const expected = { image, imageId, digest: manifest, pinned: image };
  expect(await listed(image, [])).toMatchObject(expected);
  expect(await listed(image, [`registry.example/shop@${other}`, image])).toMatchObject(expected);
});

test("one that was started by a tag has the digest under which the engine knows it", async () => {
  const known = [`registry.example/other@${other}`, `registry.example/shop@${manifest}`];
  const pinned = `registry.example/shop:1@${manifest}`;
  expect(await listed("registry.example/shop:1", known)).toMatchObject({ digest: manifest, pinned });
  expect(await listed("registry.example/shop:1", [])).not.toHaveProperty("digest");
});

describe("of an engine that stores images with containerd, which lists every tag among its digests,", () => {
  const descriptor = { Descriptor: { digest: imageId } };
  const from = (...repositories: readonly string[]): object => ({
    ...descriptor,
    Identity: { Pull: repositories.map((repository) => ({ Repository: repository })) },
  });

  test.each([
    ["was only built here", "shop:1", ["shop"], descriptor],
    ["was only built here, by one that does not describe its manifest", "shop:1", ["shop"], {}],
    ["has the identity of a build", "shop:1", ["shop"], { ...descriptor, Identity: { Build: [{ Ref: "x" }] } }],
    ["has an identity of another form", "shop:1", ["shop"], { ...descriptor, Identity: { Pull: [5, {}] } }],
  ])("an image that %s has no digest of a registry", async (_, name, tags, image) => {
    const { workloads } = await listing({ name, repoDigests: tags.map((tag) => `${tag}@${imageId}`), image });
    expect(workloads).toMatchObject([{ image: name, imageId }]);
    for (const key of ["digest", "pinned"]) expect(workloads[0]).not.toHaveProperty(key);
  });

  test.each([
    ["shop:1", ["shop"], from("docker.io/library/shop")],
    ["registry.example:5000/shop:1", ["registry.example:5000/shop"], from("registry.example/shop")],
    ["registry.example/shop:1", [], from("registry.example/shop")],
    ["registry:5000/team/shop:1", ["registry:5000/team/shop"], from("docker.io/registry/team/shop")],
    ["[fd00::1]:5000/shop:1", ["[fd00::1]:5000/shop"], from("[fd00::1]/shop")],
  ])("one that was pulled as %s is pinned to it", async (name, tags, image) => {
    const { workloads } = await listing({ name, repoDigests: tags.map((tag) => `${tag}@${imageId}`), image });
    expect(workloads).toMatchObject([{ digest: imageId, pinned: `${name}@${imageId}` }]);
  });

  test.each([
    ["other.example/shop:1", ["shop", "other.example/shop"], from("docker.io/library/shop")],
    ["registry.example:6000/shop:1", ["registry.example:5000/shop"], from("registry.example/shop")],
    ["registry.example:5000/shop:1", [], from("registry.example/shop")],
    [
      "registry.example:6000/shop:1",
      ["registry.example:5000/shop", "registry.example:6000/shop"],
      from("registry.example/shop"),
    ],
    ["registry.example/shop:1", ["registry.example:5000/shop", "registry.example/shop"], from("registry.example/shop")],
    ["registry.example/shop:1", ["registry.example:1/shop", "registry.example:2/shop"], from("registry.example/shop")],
    ["registry/shop:1", ["registry:5000/shop", "registry/shop"], from("docker.io/registry/shop")],
  ])("one that was tagged %s by hand has its digest and no pin", async (name, tags, image) => {
    const { workloads } = await listing({ name, repoDigests: tags.map((tag) => `${tag}@${imageId}`), image });
    expect(workloads).toMatchObject([{ digest: imageId }]);
    expect(workloads[0]).not.toHaveProperty("pinned");
  });
});
