import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  evaluatePolicy,
  isNotificationSigned,
  PlimsollError,
  type Report,
  readPolicy,
  readPushNotification,
  scan,
  scanImage,
  type TargetProgress,
} from "../src/library.ts";
import { compareVersions, ecosystemsWithOrder } from "../src/versions.ts";
import { startPlimsoll } from "./end-to-end/run-plimsoll.ts";
import { npmLayer, writeImage } from "./end-to-end/small-targets.ts";
import { ociLayout, sha256, writeLayout } from "./setup/image.ts";
import { temporaryFolder } from "./setup/temporary-folder.ts";

const folder = temporaryFolder();
let image = "";

beforeAll(() => {
  image = writeImage(folder, "image.tar", [npmLayer("a", "1.0.0"), npmLayer("b", "2.0.0")]);
});

async function failure(scanning: Promise<unknown>): Promise<PlimsollError> {
  const error = await scanning.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof PlimsollError) return error;
  throw new Error(`expected a PlimsollError, not ${error}`);
}

describe("scan", () => {
  test("needs no options, and states the present", async () => {
    const before = Date.now();
    const report = await scan(image);
    expect(report.packages.map(({ purl }) => purl)).toEqual(["pkg:npm/a@1.0.0", "pkg:npm/b@2.0.0"]);
    expect(Date.parse(report.createdAt)).toBeGreaterThanOrEqual(before);
    expect(report.database.kind).toBe("built-in");
  });

  test("gives the same report for the same time, with and without a cache", async () => {
    const now = new Date("2026-01-02T03:04:05Z");
    const cache = join(folder, "cache");
    const first = await scan(image, { now, cache });
    expect(first.createdAt).toBe("2026-01-02T03:04:05.000Z");
    expect(readdirSync(cache).length).toBeGreaterThan(0);
    expect(await scan(image, { now, cache })).toEqual(first);
    expect(await scan(image, { now })).toEqual(first);
  });

  test("keeps nothing on disk unless it is given a folder", async () => {
    const empty = join(folder, "home");
    mkdirSync(empty);
    const before = readdirSync(folder);
    const home = process.env["HOME"];
    process.env["HOME"] = empty;
    try {
      await scan(image);
    } finally {
      process.env["HOME"] = home;
    }
    expect(readdirSync(empty)).toEqual([]);
    expect(readdirSync(folder)).toEqual(before);
  });

  test("picks the platform from an index", async () => {
    const layout = join(folder, "layout");
    writeLayout(
      layout,
      ociLayout([
        { architecture: "amd64", layers: [npmLayer("for-amd64", "1.0.0")] },
        { architecture: "arm64", layers: [npmLayer("for-arm64", "1.0.0")] },
      ]),
    );
    const { packages, target } = await scan(layout, { platform: "linux/arm64" });
    expect(packages.map(({ name }) => name)).toEqual(["for-arm64"]);
    expect(target.platform).toBe("linux/arm64");
    expect((await failure(scan(layout, { platform: "linux/s390x" }))).code).toBe("platform-not-found");
  });

  test("compares layers with their digests only when asked to", async () => {
    const layout = join(folder, "lying");
    writeLayout(layout, ociLayout([{ layers: [{ ...npmLayer("a", "1.0.0"), digest: sha256("something else") }] }]));
    expect((await scan(layout)).packages).toHaveLength(1);
    const verified = await scan(layout, { verifyDigests: true }).catch((error: unknown) => error);
    const told = verified instanceof PlimsollError ? verified.message : JSON.stringify(verified);
    expect(told).toContain("digest");
  });

  test("reports its progress and ends when it is cancelled", async () => {
    const seen: TargetProgress[] = [];
    await scan(image, { progress: (progress) => void seen.push(progress) });
    expect(new Set(seen.map(({ stage }) => stage))).toEqual(new Set(["opening", "reading", "matching"]));
    const { code } = await failure(scan(image, { signal: AbortSignal.abort() }));
    expect(code).toBe("cancelled");
  });

  test.each([
    ["a target that does not exist", "./nothing.tar", {}, "target-not-found"],
    ["an empty target", "", {}, "usage"],
    ["no target", undefined as unknown as string, {}, "usage"],
    ["a target that is not text", 7 as unknown as string, {}, "usage"],
    ["a database that does not exist", "image.tar", { database: "./nothing.sqlite" }, "database-not-found"],
    ["an unknown severity", "image.tar", { failOn: "severe" as "high" }, "usage"],
  ])("fails for %s with a code", async (_, target, options, code) => {
    const name = target === "image.tar" ? image : target;
    expect((await failure(scan(name, options))).code).toBe(code);
  });

  test.each([
    [{ largestLayer: Number.NaN }, "largestLayer is NaN, which is not a number of bytes"],
    [{ largestLayer: -1 }, "largestLayer is -1, which is not a number of bytes"],
    [{ cache: "" }, "cache is empty"],
    [{ database: "" }, "database is empty"],
  ])("refuses %o", async (options, message) => {
    await expect(scan("image.tar", options)).rejects.toMatchObject({ code: "usage", message });
  });

  test("gives a verdict that follows the threshold and the problems", async () => {
    const broken = writeImage(folder, "broken.tar", [{ bytes: Buffer.alloc(1024, "x") }]);
    const { problems, verdict } = await scan(broken, { failOn: "low" });
    expect(problems).not.toEqual([]);
    expect(verdict.decision).toBe("cannot-tell");
  });
});

test("a receiver of notifications can prove them and read what was pushed", () => {
  const body = JSON.stringify({ push_data: { tag: "v1" }, repository: { repo_name: "team/app" } });
  const headers = { "x-webhook-secret": "s3cr3t" };
  expect(isNotificationSigned({ signer: "generic", headers, body, secret: "s3cr3t" })).toBe(true);
  expect(isNotificationSigned({ signer: "generic", headers, body, secret: "other" })).toBe(false);
  expect(readPushNotification({ headers, body }).events).toEqual([
    { registry: "docker.io", repository: "team/app", tags: ["v1"], digest: undefined },
  ]);
});

describe("compareVersions", () => {
  test("orders versions as their ecosystem does and is undefined where it cannot tell", () => {
    expect(compareVersions("Debian:12", "1.0~rc1", "1.0")).toBe(-1);
    expect(compareVersions("npm", "1.0.0-rc.1", "1.0.0")).toBe(-1);
    expect(compareVersions("PyPI", "1.0", "1.0.0")).toBe(0);
    expect(compareVersions("Maven", "1.10", "1.9")).toBe(1);
    expect(compareVersions("npm", "one", "1.0.0")).toBeUndefined();
    expect(compareVersions("no such ecosystem", "1", "2")).toBeUndefined();
  });

  test("knows every ecosystem that it lists", () => {
    expect(ecosystemsWithOrder.length).toBeGreaterThanOrEqual(30);
    for (const ecosystem of ecosystemsWithOrder) expect(compareVersions(ecosystem, "1.0.0", "1.0.0")).toBe(0);
  });
});

describe("evaluatePolicy", () => {
  const plimsoll = startPlimsoll();
  const policies = [
    "failOn: high",
    "failOn: negligible",
    "rules: [{name: npm, when: {package: {type: npm}}, action: deny}]",
    "rules: [{name: npm, when: {package: {type: npm}}, action: warn}]",
    "rules: [{name: epss, when: {epss: {min: 0.01}}, action: deny}]",
    "failOn: low\nrules: [{name: build, when: {environment: build}, action: allow}]",
    "rules: [{name: archives, when: {image: '*/vulnerable.tar'}, action: deny}]",
  ];

  test.each(policies)("%j has one verdict from the library, from its JSON and from the command", async (text) => {
    const file = writeImage(folder, "vulnerable.tar", [npmLayer("lodash", "4.17.11")]);
    const policyFile = join(folder, "policy.yaml");
    writeFileSync(policyFile, text);
    const { stdout } = await plimsoll(["scan", file, "--policy", policyFile, "-f", "json", "--no-update"]);
    const command = JSON.parse(stdout) as Report;
    expect(command.findings.length).toBeGreaterThan(0);
    const policy = readPolicy(text, policyFile);
    const now = new Date(command.createdAt);
    const scanned = await scanImage(file, { now });
    expect((await scan(file, { now, policy })).verdict).toEqual(command.verdict);
    expect(evaluatePolicy(scanned, policy)).toEqual(command.verdict);
    expect(evaluatePolicy(command, policy)).toEqual(command.verdict);
  });

  test("refuses a filtered report and an unknown environment", async () => {
    const report = await scan(image);
    const filter = { severities: ["critical"], ignoreUnfixed: false, leftOut: 0 } as const;
    expect(() => evaluatePolicy({ ...report, filter }, {})).toThrow("the report was filtered");
    const environment = "moon" as "build";
    expect(() => evaluatePolicy(report, {}, { environment })).toThrow('environment is "moon"');
  });
});
