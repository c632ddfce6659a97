import { expect, test } from "vitest";
import type { FinishedScan, JudgeableImage } from "./finished-scans.ts";
import { JudgedImages } from "./judged-images.ts";

const imageOf = (manifestDigest: string, isWhole = true): JudgeableImage => ({
  ...{ manifestDigest, imageId: `${manifestDigest} config`, user: "root", distro: null, scannedAt: "" },
  ...{ packages: 0, findings: [], severities: {}, suppressed: 0, limits: [], severityLimits: [], ecosystems: [] },
  layers: [{ index: 0, size: 1, base: false, verified: false }],
  problems: isWhole ? [] : [{ code: "unreadable", message: "a layer" }],
});
const scanOf = (...images: readonly JudgeableImage[]): FinishedScan => ({ images, failures: [], artifact: false });

/** Finished scans, and which of them were unpacked. */
function finishedScans(): { readonly scans: Map<string, FinishedScan>; readonly unpacked: string[] } & Pick<
  Map<string, FinishedScan>,
  "get"
> {
  const scans = new Map<string, FinishedScan>();
  const unpacked: string[] = [];
  return {
    scans,
    unpacked,
    get(key) {
      unpacked.push(key);
      return scans.get(key);
    },
  };
}

test("a finished scan is unpacked once for all of its images that others share", async () => {
  const finished = finishedScans();
  const judged = new JudgedImages(finished);
  const digests = Array.from({ length: 5 }, (_, number) => `image ${number}`);
  const scan = scanOf(...digests.map((digest) => imageOf(digest)));
  finished.scans.set("index", scan);
  judged.note("index", scan);
  for (const digest of [...digests, ...digests]) {
    const { image, isShared } = await judged.judge(digest, () => Promise.reject(new Error("scanned again")));
    expect([image.manifestDigest, isShared]).toEqual([digest, true]);
  }
  expect(finished.unpacked).toEqual(["index"]);
  const other = scanOf(imageOf("image 0"), imageOf("another"));
  finished.scans.set("index", other);
  judged.note("index", other);
  const { image } = await judged.judge("another", () => Promise.reject(new Error("scanned again")));
  expect(image.manifestDigest).toBe("another");
});

test("a scan that is under way for one name stays known while another that came in part is noted", async () => {
  const judged = new JudgedImages(finishedScans());
  const part = imageOf("image", false);
  await judged.judge("image", () => Promise.resolve(part));
  const { promise, resolve } = Promise.withResolvers<JudgeableImage>();
  const first = judged.judge("image", () => promise);
  judged.note("in part", scanOf(part));
  const second = judged.judge("image", () => Promise.reject(new Error("scanned beside the first")));
  resolve(imageOf("image"));
  expect([(await first).isShared, (await second).isShared]).toEqual([false, true]);
});
