import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Workload } from "../../model/workload.ts";
import { listPodmanFolders } from "./list-workloads-podman.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
let count = 0;

/** What is listed of a store whose containers, all running, have these metadata. */
function listed(
  ...containers: readonly { readonly names: readonly string[]; readonly image: string; readonly metadata: object }[]
): readonly Workload[] {
  const place = join(folder, String(count++));
  const [storage, state] = [join(place, "root"), join(place, "run")];
  const records = containers.map(({ metadata, ...record }, position) => {
    const id = String(position + 1).repeat(64);
    startContainer(state, id, { root: { path: "/srv/root" } });
    return { id, ...record, metadata: JSON.stringify(metadata) };
  });
  mkdirSync(join(storage, "overlay-containers"), { recursive: true });
  mkdirSync(join(storage, "overlay-images"));
  writeFileSync(join(storage, "overlay-images", "images.json"), "[]");
  writeFileSync(join(storage, "overlay-containers", "volatile-containers.json"), JSON.stringify(records));
  const listings = listPodmanFolders({ storage: [storage], state: [state] }, { signal });
  expect(listings.map(({ gaps = [] }) => gaps)).toEqual([[]]);
  return listings.flatMap(({ workloads }) => workloads);
}

/** A first process and a parent that reads its pipe, with the config of the container; a damaged one when undefined. */
function startContainer(state: string, id: string, config: object | undefined): void {
  const files = join(state, "overlay-containers", id, "userdata");
  mkdirSync(files, { recursive: true });
  execFileSync("mkfifo", [join(files, "ctl")]);
  const parent = spawn("sh", ["-c", 'exec 3<>"$0"; sleep 60', join(files, "ctl")], { detached: true });
  onTestFinished(() => void process.kill(-(parent.pid ?? 0)));
  writeFileSync(join(files, "pidfile"), String(parent.pid));
  writeFileSync(join(files, "config.json"), config === undefined ? "{" : JSON.stringify(config));
}

/** A store with a list of containers and no images. */
function storeWith(containers: unknown): string {
  const root = join(folder, String(count++));
  for (const name of ["overlay-containers", "overlay-images"]) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "overlay-images", "images.json"), "[]");
  writeFileSync(join(root, "overlay-containers", "containers.json"), JSON.stringify(containers));
  return root;
}

describe("a damaged store of Podman", () => {
  const whole = { id: "a".repeat(64), names: ["web"], image: "", metadata: "{}" };

  test("is told, and another store is read beside it", () => {
    const stores = [storeWith({}), storeWith([whole, 7])];
    const listings = listPodmanFolders({ storage: stores, state: [join(folder, "none")] }, { signal });
    expect(listings).toMatchObject([
      { isClosed: true, gaps: [{ error: { code: "layout-malformed", hint: expect.any(String) } }] },
      {
        workloads: [],
        gaps: [{ error: { code: "layout-malformed", message: expect.stringMatching(/^an entry of /) } }],
      },
    ]);
    expect(listings[1]).not.toHaveProperty("isClosed");
  });

  test("with a running container whose record is damaged lists it and tells of it", async () => {
    const root = storeWith([
      { ...whole, metadata: "{" },
      { ...whole, id: "b".repeat(64) },
    ]);
    const state = join(folder, String(count++));
    for (const id of ["a", "b"].map((digit) => digit.repeat(64))) {
      startContainer(state, id, id.startsWith("b") ? undefined : { root: { path: "/srv" } });
    }
    await vi.waitFor(() => {
      const [listing] = listPodmanFolders({ storage: [root], state: [state] }, { signal });
      expect(listing?.workloads.map(({ container }) => container.slice(0, 1))).toEqual(["a"]);
      expect(listing?.gaps?.map(({ error }) => error.message)).toEqual([
        "the record of the container aaaaaaaaaaaa of podman is damaged: its metadata cannot be read",
        expect.stringMatching(/^the record of the container bbbbbbbbbbbb of podman is damaged: .* is not valid JSON$/),
      ]);
    });
  });
});

describe.skipIf(process.platform !== "linux")("the store that Podman and CRI-O share", () => {
  const image = "a".repeat(64);

  test("lists what CRI-O runs, by the names of Kubernetes", async () => {
    const metadata = {
      "pod-name": "k8s_web-0_shop_1_0",
      "pod-id": "b".repeat(64),
      "image-name": "docker.io/library/nginx:1.27",
    };
    const names = ["k8s_nginx_web-0_shop_8d3c_0"];
    await vi.waitFor(() =>
      expect(listed({ names, image, metadata })).toMatchObject([
        {
          engine: "podman",
          place: "cri-o",
          name: "shop/pod/web-0/nginx",
          image: "docker.io/library/nginx:1.27",
          imageId: `sha256:${image}`,
          state: "running",
        },
      ]),
    );
  });

  test("lists a container that was started from a folder", async () => {
    const metadata = { "image-name": "", "image-id": "", name: "plain" };
    await vi.waitFor(() => {
      const [workload] = listed({ names: ["plain"], image: "", metadata });
      expect(workload).toMatchObject({ name: "plain", image: "/srv/root" });
      expect(workload).not.toHaveProperty("imageId");
    });
  });
});
