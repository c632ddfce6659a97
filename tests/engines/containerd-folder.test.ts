import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { listContainerd } from "../../src/pipeline/workloads/list-workloads-containerd.ts";
import { boltFile } from "../setup/bolt.ts";
import { ociLayout, sha256, writeLayout } from "../setup/image.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { fakeContainerd } from "./fake-containerd.ts";

const base = temporaryFolder();
const name = "plimsoll.example/app:1";
let count = 0;

/** An index of images for both platforms. */
function imagesFor(...architectures: readonly string[]): {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly digest: string;
} {
  const images = architectures.map((architecture) => ({
    ...{ architecture, os: "linux" },
    layers: [{ members: [{ name: "srv/platform", content: architecture }] }],
  }));
  const files = ociLayout(images);
  const index = files["index.json"] ?? new Uint8Array();
  return { files: { ...files, [`blobs/sha256/${sha256(index).slice(7)}`]: index }, digest: sha256(index) };
}

const own = process.arch === "x64" ? "amd64" : process.arch;
const both = imagesFor(own, "s390x");
/** What is there after the image for another platform alone was pulled. */
const pulled = {
  ...imagesFor("s390x").files,
  [pathOf(both.digest)]: both.files[pathOf(both.digest)] ?? new Uint8Array(),
};

function pathOf(digest: string): string {
  return `blobs/sha256/${digest.slice(7)}`;
}

/** A containerd with what its folder has and what its socket gives. */
async function containerdOf({
  inFolder = {},
  atSocket = {},
  running = [],
  digest = both.digest,
}: {
  readonly inFolder?: Readonly<Record<string, Uint8Array>>;
  readonly atSocket?: Readonly<Record<string, Uint8Array>>;
  readonly running?: readonly string[];
  readonly digest?: string;
}): Promise<{
  readonly root: string;
  readonly address: string;
}> {
  const [root, address] = [join(base, `root-${count}`), join(base, `${count++}.sock`)];
  writeLayout(join(root, "io.containerd.content.v1.content"), inFolder);
  writeMetadata(root, { ids: running, digest });
  const blobs = new Map(Object.values(atSocket).map((bytes) => [sha256(bytes), bytes]));
  await fakeContainerd(address, { names: { [name]: digest }, blobs, root, running });
  return { root, address };
}

function writeMetadata(
  root: string,
  { ids, digest = both.digest }: { readonly ids: readonly string[]; readonly digest?: string },
): void {
  const containers = Object.fromEntries(ids.map((id) => [id, { image: name }]));
  const images = { [name]: { target: { digest } } };
  const file = "io.containerd.metadata.v1.bolt/meta.db";
  writeLayout(root, { [file]: boltFile({ v1: { "k8s.io": { images, containers } } }) });
}

/** Somebody listens there and says nothing. */
async function silentSocket(): Promise<string> {
  const address = join(base, `silent-${count++}.sock`);
  const connections: Socket[] = [];
  const server = createServer((socket) => void connections.push(socket));
  await new Promise<void>((resolve) => server.listen(address, resolve));
  onTestFinished(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  return address;
}

const scanned = {
  ...{ signal: new AbortController().signal, now: new Date(0), verifyDigests: false },
  docker: { host: `unix://${join(base, "none.sock")}` },
  podman: { storage: [], hosts: [] },
};

describe("the folder that containerd tells", () => {
  test("is read in place of the socket, which gives less", async () => {
    const { address } = await containerdOf({ inFolder: both.files });
    const { target, layers } = await scanTarget(`containerd:${name}`, { ...scanned, containerd: { address } });
    expect(target).toMatchObject({ kind: "containerd", namespace: "k8s.io", tags: [name], platform: `linux/${own}` });
    expect(layers).toMatchObject([{ verified: true }]);
  });

  test.each<[string, Readonly<Record<string, Uint8Array>>]>([
    ["lacks the image", {}],
    ["has it for another platform, as that of another containerd may", pulled],
    ["has other bytes", Object.fromEntries(Object.keys(both.files).map((path) => [path, Buffer.from("{}")]))],
  ])("is not used where it %s", async (_, inFolder) => {
    const { address } = await containerdOf({ inFolder, atSocket: both.files });
    for (const containerd of [{ address }, { usualAddresses: [address] }]) {
      const { target, layers } = await scanTarget(`containerd:${name}`, { ...scanned, containerd });
      expect(target).toMatchObject({ kind: "containerd", tags: [name], platform: `linux/${own}` });
      expect(layers).toMatchObject([{ verified: true }]);
    }
  });

  test("is not used where it is not here", async () => {
    const { root, address } = await containerdOf({ atSocket: both.files });
    rmSync(root, { recursive: true });
    for (const containerd of [{ address }, { usualAddresses: [address] }]) {
      const { target } = await scanTarget(`containerd:${name}`, { ...scanned, containerd });
      expect(target).toMatchObject({ kind: "containerd", tags: [name] });
    }
  });

  test.skipIf(process.getuid?.() !== 0)("is not used where it is seen and may not be read", async () => {
    const { root, address } = await containerdOf({ inFolder: both.files, atSocket: both.files });
    chmodSync(base, 0o755);
    chmodSync(address, 0o777);
    chmodSync(join(root, "io.containerd.metadata.v1.bolt", "meta.db"), 0);
    process.seteuid?.(65_534);
    try {
      for (const containerd of [{ address }, { usualAddresses: [address] }]) {
        const { target } = await scanTarget(`containerd:${name}`, { ...scanned, containerd });
        expect(target).toMatchObject({ kind: "containerd", tags: [name] });
      }
    } finally {
      process.seteuid?.(0);
    }
  });

  test("is looked into though others listen who do not answer, which takes no longer for many", async () => {
    const { address } = await containerdOf({ inFolder: both.files });
    const usualAddresses = [await silentSocket(), await silentSocket(), await silentSocket(), address];
    const before = performance.now();
    const { target } = await scanTarget(`containerd:${name}`, { ...scanned, containerd: { usualAddresses } });
    expect(target).toMatchObject({ kind: "containerd", tags: [name] });
    const none = scanTarget("containerd:none:1", { ...scanned, containerd: { usualAddresses } });
    await expect(none).rejects.toThrow();
    expect(performance.now() - before).toBeLessThan(14_000);
  }, 30_000);

  test("is refused where another one has another image of its name", async () => {
    const one = await containerdOf({ inFolder: both.files });
    const two = await containerdOf({ inFolder: imagesFor(own).files, digest: imagesFor(own).digest });
    const containerd = { usualAddresses: [one.address, two.address] };
    await expect(scanTarget(`containerd:${name}`, { ...scanned, containerd })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(`in ${two.root}`),
    });
    // As where containerd got another folder and the old one is still there.
    const moved = { usualStorage: [one.root], usualAddresses: [two.address] };
    await expect(scanTarget(`containerd:${name}`, { ...scanned, containerd: moved })).rejects.toMatchObject({
      code: "usage",
    });
  });

  test("is looked into where nobody named it, beside the usual ones", async () => {
    const { address } = await containerdOf({ inFolder: both.files });
    const other = join(base, "nobody.sock");
    writeFileSync(other, "");
    for (const target of [`containerd:${name}`, name]) {
      const report = await scanTarget(target, { ...scanned, containerd: { usualAddresses: [other, address] } });
      expect(report.target).toMatchObject({ kind: "containerd", tags: [name] });
    }
  });
});

describe("what runs in containerd with a folder of its own", () => {
  const list = (usualAddresses: readonly string[]): ReturnType<typeof listContainerd> =>
    listContainerd({ usualAddresses }, { required: false, signal: scanned.signal });

  test("is listed where it listens at a usual place", async () => {
    const { address } = await containerdOf({ inFolder: both.files, running: ["web"] });
    const other = await containerdOf({});
    const workloads = (await list([join(base, "none.sock"), other.address, address])).flatMap((one) => one.workloads);
    expect(workloads).toMatchObject([{ engine: "containerd", place: "k8s.io", name: "web", image: name }]);
  });

  test("is missed where that folder is not here, and nothing is where nothing runs", async () => {
    const [busy, idle] = [await containerdOf({ running: ["web"] }), await containerdOf({})];
    for (const { root } of [busy, idle]) rmSync(root, { recursive: true });
    const gaps = (await list([busy.address, idle.address])).flatMap((one) => one.gaps ?? []);
    expect(gaps).toMatchObject([
      {
        containers: ["web"],
        error: {
          code: "engine-unreachable",
          message: `containerd at ${busy.address} stores its images in ${busy.root}, which does not exist on this machine`,
        },
      },
    ]);
  });
});

describe("a containerd that may run what is not listed", () => {
  const gapsOf = async (usualAddresses: readonly string[]): Promise<readonly unknown[]> => {
    const listings = await listContainerd({ usualAddresses }, { required: false, signal: scanned.signal });
    return listings.flatMap((one) => one.gaps ?? []);
  };

  test("is missed where it does not answer, each of several, and nobody is where no one listens", async () => {
    const silent = [await silentSocket(), await silentSocket()];
    const left = join(base, "left.sock");
    writeFileSync(left, "");
    const before = performance.now();
    expect(await gapsOf([...silent, left])).toMatchObject(
      silent.map((address) => ({
        error: { code: "engine-unreachable", message: `containerd at ${address} did not respond within 5 s` },
      })),
    );
    expect(performance.now() - before).toBeLessThan(9000);
  }, 20_000);

  test("is missed where the folder that it tells is another one here", async () => {
    const [same, another] = [await containerdOf({ running: ["web"] }), await containerdOf({ running: ["web"] })];
    writeMetadata(another.root, { ids: [] });
    expect(await gapsOf([same.address, another.address])).toMatchObject([
      {
        containers: ["web"],
        error: {
          code: "engine-unreachable",
          message: expect.stringContaining(`containerd at ${another.address} runs containers that ${another.root}`),
        },
      },
    ]);
  });
});

describe("an image that was pulled for one platform", () => {
  test.each(["folder", "socket"])("is said in the %s to be there for no other", async (where) => {
    const isFolder = where === "folder";
    const { root, address } = await containerdOf({ inFolder: isFolder ? pulled : {}, atSocket: pulled });
    const containerd = isFolder ? { storage: [root] } : { address };
    const asked = (platform: string): Promise<unknown> =>
      scanTarget(`containerd:${name}`, { ...scanned, containerd, platform });
    await expect(asked(`linux/${own}`)).rejects.toMatchObject({
      code: "platform-not-found",
      message: `containerd has ${name} only for linux/s390x, not for linux/${own}`,
      hint: expect.stringContaining(`ctr --namespace k8s.io images pull --platform linux/${own} ${name}`),
    });
    await expect(asked("linux/s390x")).resolves.toMatchObject({ target: { platform: "linux/s390x" } });
  });
});
