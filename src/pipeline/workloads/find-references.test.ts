import { expect, test } from "vitest";
import type { Workload } from "../../model/images/workload.ts";
import { findReferences } from "./find-references.ts";

const [one, other] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`);

function workload(image: string, facts: Partial<Workload> = {}): Workload {
  const base = { engine: "docker", name: image, container: image, instances: 1, state: "running" } as const;
  return { ...base, image, ...(one !== undefined && { imageId: one }), ...facts };
}

test("names that may mean another image tomorrow are findings, those by latest first, with the digest to pin", () => {
  const pinned = `registry.example.com/app:2@${one}`;
  const found = findReferences([
    workload("registry.example.com/app:2", { pinned }),
    workload("nginx"),
    workload("redis:latest", { name: "cache" }),
    workload(`nginx@${one}`),
    workload(`nginx:1@${one}`),
  ]);
  expect(found).toEqual([
    { kind: "reference", id: "latest", severity: "low", image: "nginx", workloads: ["docker nginx"] },
    { kind: "reference", id: "latest", severity: "low", image: "redis:latest", workloads: ["docker cache"] },
    expect.objectContaining({ id: "no-digest", image: "registry.example.com/app:2", pin: pinned }),
  ]);
});

test("an image that is used by its id, whole or the beginning of it, is not used by a name", () => {
  expect(findReferences([workload(one ?? ""), workload("1".repeat(64)), workload("1".repeat(12))])).toEqual([]);
  const { imageId: _, ...removed } = workload(other ?? "");
  expect(findReferences([removed, { ...removed, image: "2".repeat(64) }])).toEqual([]);
  expect(findReferences([workload("2".repeat(12))])).toMatchObject([{ image: "2".repeat(12) }]);
});

test("a name that means two images at once has no digest to pin, unless they are of two platforms", () => {
  const users = [workload("app:1", { pinned: `app:1@${one}` }), workload("app:1", { digest: other ?? "" })];
  expect(findReferences(users)).toMatchObject([{ runs: [one, other] }]);
  expect(findReferences(users)[0]).not.toHaveProperty("pin");
  const platforms = users.map((user, index) => ({ ...user, platform: `linux/${index}` }));
  expect(findReferences(platforms)[0]).not.toHaveProperty("runs");
});

test("a name that has another digest on each platform has no single one to pin, and all are told", () => {
  const pins = [`app:1@${one}`, `app:1@${other}`];
  const users = pins.map((pinned, index) =>
    workload("app:1", { pinned, digest: pinned.slice(6), platform: `linux/${index}` }),
  );
  expect(findReferences(users)).toMatchObject([{ pins }]);
  expect(findReferences(users)[0]).not.toHaveProperty("pin");
  expect(findReferences(users.slice(1))[0]).not.toHaveProperty("pins");
});
