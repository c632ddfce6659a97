import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { advisoryIndex } from "../../../tests/setup/advisory-index.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Advisory, AdvisoryIndex } from "../../model/findings/advisory.ts";
import type { Workload } from "../../model/images/workload.ts";
import type { Package } from "../../model/packages/package.ts";
import type { Contents, Layer, TargetKind } from "../../model/reports/report.ts";
import { readPolicy } from "../../policy/file/read-policy.ts";
import { recallVerdict } from "./remember-verdict.ts";
import { judgeContents } from "./scan.ts";

const cache = temporaryFolder();
const imageId = `sha256:${"a".repeat(64)}`;
const scanned = new Date("2025-10-01T00:00:00Z");
const workload: Workload = {
  ...{ engine: "docker", name: "web", container: "web", image: "app:1", imageId, instances: 1, state: "running" },
};
const musl: Package = {
  ...{ type: "apk", name: "musl", version: "1.2.4-r2", purl: "pkg:apk/alpine/musl@1.2.4-r2", paths: [], layer: null },
};
const flask: Package = {
  ...{ type: "pypi", name: "flask", version: "3.0.0", purl: "pkg:pypi/flask@3.0.0", paths: [], layer: null },
};
const record: Advisory = {
  id: "ALPINE-1",
  modified: "2025-09-01T00:00:00Z",
  affected: [{ package: { ecosystem: "Alpine:v3.19", name: "other" }, versions: ["1"] }],
};

/** Why the verdict on an image with this package is stale on days after it was given. */
function staleness(found: Package, index: AdvisoryIndex, days: readonly string[]): readonly unknown[] {
  const contents: Contents = {
    tool: { name: "plimsoll", version: "0" },
    createdAt: scanned.toISOString(),
    target: { kind: "docker", name: "app:1", imageId },
    // Its support ended on 2025-11-01.
    distro: { id: "alpine", idLike: [], version: "3.19.1", name: "Alpine Linux v3.19" },
    layers: [],
    packages: [found],
    problems: [],
  };
  const { signal } = new AbortController();
  judgeContents({ contents, index, failures: [] }, { verifyDigests: false, signal, now: scanned, cache });
  return days.map((day) => {
    const scan = recallVerdict(workload, { cache, index, now: new Date(`${day}T12:00:00Z`) });
    return scan && (scan.stale ?? "current");
  });
}

const days = ["2025-10-01", "2025-10-20", "2025-11-20"];

test("a verdict is stale from the day on which support for the distribution has ended", () => {
  const index = advisoryIndex([record]);
  expect(staleness(musl, index, days)).toEqual(["current", "current", "day"]);
  // For an image without packages of its distribution, the support is not stated.
  expect(staleness(flask, index, days)).toEqual(["current", "current", "current"]);
});

test("a verdict is stale from the day on which what NVD says is too old, or a feed stands still", () => {
  const index = advisoryIndex([record]);
  const behind = [{ feed: "nvd", name: "2025", since: "2025-09-10T00:00:00Z" }];
  expect(staleness(flask, { ...index, status: { ...index.status, behind } }, days)).toEqual(["current", "day", "day"]);
  const ecosystems = [{ ecosystem: "Kubernetes", records: 1, newest: "2025-05-10T00:00:00Z" }];
  expect(staleness(flask, { ...index, status: { ...index.status, ecosystems } }, days)).toEqual([
    "current",
    "current",
    "day",
  ]);
});

test("an image is known by its config only where its layers are that config's", () => {
  const [config, manifest, layer, other] = ["b", "c", "d", "e"].map((digit) => `sha256:${digit.repeat(64)}`);
  const known = (kind: TargetKind, layers: readonly Partial<Layer>[]): readonly boolean[] => {
    const folder = mkdtempSync(join(cache, "known-"));
    const contents: Contents = {
      tool: { name: "plimsoll", version: "0" },
      createdAt: scanned.toISOString(),
      target: { kind, name: "app:1", imageId: `${config}`, manifestDigest: `${manifest}` },
      distro: null,
      layers: layers.map((own, index) => ({ index, size: 1, base: false, verified: true, ...own })),
      packages: [flask],
      problems: [],
    };
    const index = advisoryIndex([record]);
    const { signal } = new AbortController();
    const options = { verifyDigests: true, signal, now: scanned, cache: folder, alsoKnownAs: [`${config}`] };
    judgeContents({ contents, index, failures: [] }, options);
    const { imageId: _none, ...unnamed } = workload;
    const others = { ...unnamed, image: "elsewhere/app:1" };
    return [
      { ...others, imageId: `${config}` },
      { ...unnamed, imageId: `${config}` },
      { ...others, manifestDigest: `${manifest}` },
    ].map((asked) => recallVerdict(asked, { cache: folder, index, now: scanned }) !== undefined);
  };
  const packed = { digest: `${layer}`, diffId: `${other}` };
  const plain = { digest: `${layer}`, diffId: `${layer}` };
  const ofRepository = [false, true, true];
  expect(known("registry", [packed])).toEqual(ofRepository);
  expect(known("registry", [])).toEqual(ofRepository);
  expect(known("registry", [plain, packed])).toEqual(ofRepository);
  expect(known("oci-archive", [{ digest: `${layer}` }])).toEqual([false, false, true]);
  const ofAll = [true, true, true];
  expect(known("registry", [plain])).toEqual(ofAll);
  expect(known("docker-archive", [{ diffId: `${layer}` }])).toEqual(ofAll);
  expect(known("docker", [packed])).toEqual(ofAll);
});

test("a verdict by rules is remembered for every environment, and recalled only for the same rules", () => {
  const index = advisoryIndex([record]);
  const folder = mkdtempSync(join(cache, "rules-"));
  const policy = readPolicy(
    "rules: [{name: live, when: {environment: runtime, image: '*/library/app:1'}, action: deny}]",
    "plimsoll.yaml",
  );
  const contents: Contents = {
    tool: { name: "plimsoll", version: "0" },
    createdAt: scanned.toISOString(),
    target: { kind: "docker", name: "app:1", imageId },
    ...{ distro: null, layers: [], packages: [flask], problems: [] },
  };
  const { signal } = new AbortController();
  const options = { verifyDigests: false, signal, now: scanned, cache: folder, policy };
  const { report } = judgeContents({ contents, index, failures: [] }, options);
  expect(report.verdict.decision).not.toBe("denied");
  const recall = { cache: folder, index, now: scanned };
  const decision = (more: object, image = "app:1"): string | undefined =>
    recallVerdict({ ...workload, image }, { ...recall, ...more })?.verdict.decision;
  expect(decision({ policy, environment: "runtime" })).toBe("denied");
  expect(decision({ policy, environment: "registry" })).toBe(report.verdict.decision);
  expect(decision({ policy, environment: "runtime" }, "other:1")).toBeUndefined();
  expect(decision({ policy: { ...policy, failOn: "low" }, environment: "runtime" })).toBeUndefined();
  expect(decision({ failOn: "low" })).toBeDefined();
});
