import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import type { PackageMatch, PackageSearchSummary } from "../../../model/packages/package-search.ts";
import type { RegistryScope } from "../../../model/reports/registry-report.ts";
import { answerRevision } from "../../scan/remember-verdict.ts";
import { findPackage } from "./find-package.ts";
import { type KnownImage, KnownImages } from "./known-images.ts";
import { parsePackageQuery } from "./package-query.ts";
import { type RememberedRun, rememberRun } from "./remember-run.ts";

const folder = temporaryFolder();
const scope: RegistryScope = { registry: "r.example.com", tags: [] };
const whole = { failures: [], unknown: [] };
let caches = 0;

function newCache(gap?: string, revision = answerRevision): string {
  const cache = `${folder}/${caches++}`;
  const found = { type: "npm", name: "left", version: "1.0.0", purl: "pkg:npm/left@1.0.0", paths: ["a"] } as const;
  const scannedAt = "2026-01-01T00:00:00.000Z";
  const packages = [{ ...found, layer: 0 }];
  const known = new KnownImages(cache);
  known.keepPackages("sha256:a", { scannedAt, packages, layers: ["sha256:l"], revision, ...(gap && { gap }) });
  return cache;
}

function image(
  more: Partial<KnownImage & { readonly repository: string }> = {},
): KnownImage & { readonly repository: string } {
  return { repository: "app", tags: ["1"], digest: "sha256:a", manifests: ["sha256:a"], gaps: [], ...more };
}

function remember(cache: string, run: Partial<RememberedRun> = {}): void {
  rememberRun(cache, { startedAt: "2026-01-01T00:00:00.000Z", scope, listing: whole, images: [image()], ...run });
}

function find(cache: string, text: string, place?: { registry: string; prefix: string }): Found {
  const search = findPackage(parsePackageQuery(text), { cache, place });
  return { matches: [...search.matches], ...search.summary() };
}

type Found = PackageSearchSummary & { readonly matches: readonly PackageMatch[] };

test("answers that no image has a package only when all of a scope is known", () => {
  const cache = newCache();
  remember(cache);
  expect(find(cache, "absent")).toMatchObject({ answer: "not-found", images: 1, unknownCount: 0 });
  expect(find(cache, "left")).toMatchObject({ answer: "found", matches: [{ layerDigest: "sha256:l" }] });
});

const failure = { tags: [], code: "registry-refused", message: "HTTP status 401" } as const;

test.each<readonly [string, Partial<RememberedRun>, string]>([
  ["failed", { images: [image({ manifests: [], gaps: ["HTTP status 500"] })] }, "HTTP status 500"],
  [
    "was scanned and is not kept",
    { images: [image({ manifests: ["sha256:b"] })] },
    "the packages are not in the cache",
  ],
  ["is in a repository that refuses", { listing: { ...whole, failures: [{ ...failure, repository: "b" }] } }, "401"],
  ["may be in a repository that was not listed", { listing: { ...whole, failures: [failure] } }, "401"],
  ["is in a repository without access", { listing: { ...whole, unknown: ["b"] } }, "b is listed"],
  ["was not listed before the run was cancelled", { listing: undefined }, "the scan did not finish"],
  ["was left out by --newest", { scope: { ...scope, newest: 1 } }, "only some tags were scanned"],
  ["was not among the named ones", { scope: { ...scope, named: ["app:1"] } }, "only some tags were scanned"],
])("cannot tell when an image %s", (_, run, reason) => {
  const cache = newCache();
  remember(cache, run);
  const { answer, unknown } = find(cache, "absent");
  expect(answer).toBe("cannot-tell");
  expect(unknown.map((one) => one.reason).join()).toContain(reason);
});

test("cannot tell about an image of which a part could not be read, or that another version scanned", () => {
  const partly = newCache("layer 2: the tar is damaged");
  remember(partly);
  expect(find(partly, "absent")).toMatchObject({
    answer: "cannot-tell",
    unknown: [{ reason: expect.stringContaining("damaged") }],
  });
  expect(find(partly, "left")).toMatchObject({ answer: "found", unknownCount: 1 });
  const old = newCache(undefined, "older");
  remember(old);
  expect(find(old, "absent")).toMatchObject({
    answer: "cannot-tell",
    unknown: [{ reason: expect.stringContaining("another version") }],
  });
});

test("a reading of a part does not replace a whole one", () => {
  const cache = newCache();
  const scannedAt = "2026-01-02T00:00:00.000Z";
  const partly = { scannedAt, packages: [], layers: [], gap: "a layer is missing", revision: answerRevision };
  new KnownImages(cache).keepPackages("sha256:a", partly);
  remember(cache);
  expect(find(cache, "left").answer).toBe("found");
});

test("a run over a part makes that part known, and a repository that is not listed any more is left out", () => {
  const cache = newCache();
  remember(cache, { listing: undefined, images: [image({}), image({ repository: "team/app" })] });
  const later = { startedAt: "2026-01-02T00:00:00.000Z", scope: { ...scope, prefix: "team" } };
  remember(cache, { ...later, images: [image({ repository: "team/other" })] });
  const team = find(cache, "left", { registry: "r.example.com", prefix: "team" });
  expect(team.matches.map(({ repository }) => repository)).toEqual(["team/other"]);
  expect(team.unknownCount).toBe(0);
  expect(find(cache, "absent", { registry: "r.example.com", prefix: "" }).answer).toBe("cannot-tell");
});
