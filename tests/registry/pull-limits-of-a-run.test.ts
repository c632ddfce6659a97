import { expect, test } from "vitest";
import type { RegistryReport } from "../../src/model/reports/registry-report.ts";
import { fewPullsLeft } from "../../src/pipeline/registry/pulls-left.ts";
import { defaultLimits } from "../../src/registry/connection/registry-settings.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { type FakeRegistry, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { npmLayer, pushLayers } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const images = 20;

/** A registry with images, each one tag, that gives so many manifests in six hours, as Docker Hub counts them. */
async function countingRegistry(allowed: number): Promise<FakeRegistry & { readonly pulls: () => readonly string[] }> {
  const registry = await fakeRegistry();
  const client = testClient();
  for (let index = 0; index < images; index++) {
    const named = reference(`${registry.host}/team/app:v${index}`);
    await pushLayers(client, named, { layers: [npmLayer("sound", "1.0.0")], label: `${index}` });
  }
  registry.forget();
  let left = allowed;
  registry.intercept = ({ method, path }, response) => {
    if (!path.includes("/manifests/")) return false;
    const isRefused = method === "GET" && left === 0;
    if (method === "GET" && left > 0) left--;
    response.setHeader("ratelimit-limit", `${allowed};w=21600`);
    response.setHeader("ratelimit-remaining", `${left};w=21600`);
    response.setHeader("docker-ratelimit-source", "192.0.2.7");
    return isRefused && sendJson(response, 429, { errors: [{ code: "TOOMANYREQUESTS", message: "no more" }] });
  };
  const pulls = (): readonly string[] =>
    registry.requests.flatMap(({ method, path }) => (method === "GET" && path.includes("/manifests/") ? [path] : []));
  return Object.assign(registry, { pulls });
}

function scan({ host }: FakeRegistry, ...more: string[]): Promise<RunResult> {
  const args = ["scan", "--registry", `${host}/team`, "--no-update", "--format", "json", ...more];
  return plimsoll(args, { env: { PLIMSOLL_OFFLINE: "0" } });
}

/** Only pulls of the four images that are scanned at a time were refused, each as often as any request is tried. */
function expectFew(refused: readonly string[]): void {
  expect(new Set(refused).size).toBeLessThanOrEqual(4);
  expect(refused.length).toBeLessThanOrEqual(4 * defaultLimits.attempts);
}

test("images for which no pull remains fail at once with what can be done, and the next run goes on", async () => {
  const allowed = 7;
  const registry = await countingRegistry(allowed);
  const first = await scan(registry, "--concurrency", "4");
  const report = JSON.parse(first.stdout) as RegistryReport & { images: unknown[] };
  expect(first.code).toBe(3);
  expect(report.images).toHaveLength(allowed);
  expect(report.failures).toHaveLength(images - allowed);
  for (const failure of report.failures) {
    expect(failure).toMatchObject({
      code: "registry-refused",
      message: `the registry ${registry.host} refuses further pulls: its limit of 7 pulls in 6 hours is reached`,
      hint: expect.stringContaining(`plimsoll login ${registry.host}`) as string,
    });
  }
  const asked = registry.pulls();
  const given = new Set(asked.slice(0, allowed));
  expectFew(asked.slice(allowed));
  expect(first.stderr).toContain(`${registry.host} has 0 of 7 pulls in 6 hours left`);
  registry.forget();
  const second = await scan(registry, "--concurrency", "4");
  expect(second.code).toBe(3);
  expectFew(registry.pulls());
  expect(registry.pulls().filter((path) => given.has(path))).toEqual([]);
  expect((JSON.parse(second.stdout) as RegistryReport).totals).toMatchObject({ resumed: allowed });
});

test.each([
  ["0;w=3600", "0;w=3600", false],
  ["5000;w=60", "0;w=60", true],
])("a registry that serves is scanned whole, though it says %s and %s", async (limit, remaining, shouldReport) => {
  const registry = await countingRegistry(images);
  registry.intercept = (_, response) => {
    response.setHeader("ratelimit-limit", limit);
    response.setHeader("ratelimit-remaining", remaining);
    return false;
  };
  const { code, stdout, stderr } = await scan(registry, "--no-cache");
  const report = JSON.parse(stdout) as RegistryReport & { images: unknown[] };
  expect([code, report.images.length, report.failures]).toEqual([0, images, []]);
  expect(stderr).not.toContain("wait");
  expect(stderr.includes("left")).toBe(shouldReport);
});

test("what is left is told once it is little", async () => {
  const few = await countingRegistry(images + 2);
  const { code, stderr } = await scan(few, "--no-cache");
  expect(code).toBe(0);
  expect(stderr).toContain(`${few.host} has 2 of 22 pulls in 6 hours left`);
  const many = await countingRegistry(images * 2);
  expect((await scan(many, "--no-cache")).stderr).not.toContain("left");
});

test.each<[string, { limit: number; remaining: number; window: number | undefined } | undefined, string | undefined]>([
  ["a registry that says nothing", undefined, undefined],
  ["much", { limit: 100, remaining: 11, window: 21_600 }, undefined],
  ["little", { limit: 100, remaining: 10, window: 21_600 }, "10 of 100 pulls in 6 hours"],
  ["no limit, as some tell it", { limit: 0, remaining: 0, window: 3600 }, undefined],
  ["another window", { limit: 10, remaining: 0, window: 3600 }, "0 of 10 pulls in 1 hour"],
  ["an odd window", { limit: 10, remaining: 1, window: 90 }, "1 of 10 pulls in 90 seconds"],
  ["a limit of requests in an unknown time", { limit: 10, remaining: 0, window: undefined }, undefined],
])("what is left of %s", (_, rateLimit, text) => {
  expect(fewPullsLeft({ rateLimit: () => rateLimit }, "docker.io")).toBe(text);
});
