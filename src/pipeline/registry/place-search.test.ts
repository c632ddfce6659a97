import { expect, test } from "vitest";
import type { FinishedScan } from "./finished-scans.ts";
import { gapsIn } from "./gaps-in.ts";
import type { TaggedImage } from "./newest-images.ts";
import { type Job, mayTryMore, PlaceSearch } from "./place-search.ts";

const { signal } = new AbortController();
const placeOf = (repository: string): TaggedImage => ({ registry: "r.example", repository, digest: "d", tags: [] });
const failure = { code: "image-not-found", message: "a manifest is gone" } as const;

/** A scan of an index with an image for each of these lists of lost layers. */
function scanOf(...lost: readonly (readonly string[])[]): FinishedScan {
  const facts = { imageId: "", user: "root", distro: null, scannedAt: "", layers: [], packages: 0, findings: [] };
  const others = { severities: {}, suppressed: 0, problems: [], limits: [], severityLimits: [], ecosystems: [] };
  const images = lost.map((lostLayers, index) => ({
    ...{ ...facts, ...others, manifestDigest: String(index) },
    ...(lostLayers.length > 0 && { lostLayers }),
  }));
  return { images, failures: [], artifact: false };
}

/** Searches through places of which each gives a scan; tells who was asked, and what became of it. */
async function search(
  scans: Readonly<Record<string, FinishedScan>>,
  isLost: (digest: string, repository: string) => boolean = () => false,
): Promise<{ readonly asked: readonly string[]; readonly job: Job; readonly kept: readonly string[] }> {
  const places = Object.keys(scans).map(placeOf);
  const job: Job = { key: "d", places, tried: 0, asked: 0, failures: new Map(), result: undefined, state: "waiting" };
  const asked: string[] = [];
  const kept: string[] = [];
  const searching = new PlaceSearch({
    layers: { isLost },
    signal,
    scanAt: async ({ repository }) => {
      asked.push(repository);
      return scans[repository] ?? scanOf();
    },
    keep(known, scan, { repository }) {
      kept.push(repository);
      known.result = { artifact: false, otherPlatforms: 0, decisions: [], gaps: gapsIn(scan) };
    },
  });
  await searching.search(job);
  return { asked, job, kept };
}

test("the fullest of what three places give is kept, and no fourth one is asked", async () => {
  const { asked, job, kept } = await search({
    ...{ a: scanOf(["x"], ["y"]), b: scanOf(["x"], []), c: scanOf(["x"], ["y"]), d: scanOf([]) },
  });
  expect([asked, kept, job.state, mayTryMore(job)]).toEqual([["a", "b", "c"], ["a", "b"], "open", false]);
});

test("a place that is known to lack a layer of all that is not whole is passed over, and the next one asked", async () => {
  const scans = { a: scanOf(["x", "y"]), b: scanOf(["y"]), c: scanOf([]) };
  const { asked, job } = await search(scans, (digest, repository) => `${digest} ${repository}` === "y b");
  expect([asked, job.state]).toEqual([["a", "c"], "done"]);
});

test("a place that may give one of several images is asked, and so is one where an image was not found", async () => {
  const lacksX = (digest: string): boolean => digest === "x";
  expect((await search({ a: scanOf(["x"], ["y"]), b: scanOf(["x"], []) }, lacksX)).asked).toEqual(["a", "b"]);
  const missing = { ...scanOf(["x"]), failures: [failure] };
  expect((await search({ a: missing, b: scanOf([]) }, lacksX)).asked).toEqual(["a", "b"]);
});

test("of images that lack layers the one that lacks fewer is kept, whichever was asked first", async () => {
  const [one, two] = [scanOf(["x"]), scanOf(["x", "y"])];
  expect((await search({ a: two, b: one })).kept).toEqual(["a", "b"]);
  expect((await search({ a: one, b: two })).kept).toEqual(["a"]);
  expect((await search({ a: one, b: scanOf(["y"]) })).kept).toEqual(["a"]);
});

test("an image that lacks layers is fuller than one that could not be scanned, however few others lack", async () => {
  const some = scanOf(["x", "y"], ["x", "y"]);
  const none = { ...scanOf(["x"]), failures: [failure] };
  expect((await search({ a: none, b: some })).kept).toEqual(["a", "b"]);
  expect((await search({ a: some, b: none })).kept).toEqual(["a"]);
});

test("images of which each lacks a layer are fuller than a whole one beside one that could not be scanned", async () => {
  const all = scanOf(["x"], ["y"]);
  const half = { ...scanOf([]), failures: [failure] };
  expect((await search({ a: half, b: all })).kept).toEqual(["a", "b"]);
  expect((await search({ a: all, b: half })).kept).toEqual(["a"]);
});

test("places that are passed over do not count among the three that are asked", async () => {
  const lacking = (digest: string, repository: string): boolean => digest === "x" && "bcd".includes(repository);
  const [broken, whole] = [scanOf(["x"]), scanOf([])];
  const scans = { a: broken, b: broken, c: broken, d: broken, e: whole };
  const { asked, job } = await search(scans, lacking);
  expect([asked, job.state]).toEqual([["a", "e"], "done"]);
  const without = await search({ a: broken, b: broken, c: broken, d: broken }, lacking);
  expect([without.asked, mayTryMore(without.job)]).toEqual([["a"], true]);
});
