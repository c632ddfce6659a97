import { expect, test } from "vitest";
import { PlimsollError } from "../../model/error.ts";
import type { DocumentBounds, RegistryDocument } from "../connection/registry-document.ts";
import { failed } from "../connection/registry-failure.ts";
import type { RegistryHost } from "../connection/registry-host.ts";
import { listTags } from "./list-names.ts";

type Reply = Partial<RegistryDocument>;

const listOf = (tags: readonly string[]): Reply => ({
  status: 200,
  bytes: Buffer.from(JSON.stringify({ tags })),
  header: () => undefined,
});

/** The tags of a registry that gives the first 1000 alone, whatever comes after them, and answers so to 10,000. */
async function tagsWhere(answer: () => Promise<Reply>): Promise<{
  readonly tags: number;
  readonly failure: unknown;
  readonly limits: readonly (readonly [string, number])[];
}> {
  const limits: (readonly [string, number])[] = [];
  const first = Array.from({ length: 1000 }, (_, index) => `v${index}`);
  const host = {
    name: "registry.example.com",
    address: (path: string) => Promise.resolve(new URL(path, "https://registry.example.com")),
    document: ({ path }: { readonly path: string }, { limit }: DocumentBounds) => {
      limits.push([path.replace(/^.*\?/, ""), limit]);
      return path.includes("n=10000") ? answer() : Promise.resolve(listOf(first));
    },
    refusal: ({ status }: Reply, what: string) =>
      Promise.resolve(failed(what, { registry: "registry.example.com", reason: `HTTP status ${status}` })),
  } as unknown as RegistryHost;
  let tags = 0;
  try {
    for await (const tag of listTags({ host, repository: "team/app" })) tags += tag === "" ? 0 : 1;
  } catch (failure) {
    return { tags, failure, limits };
  }
  return { tags, failure: undefined, limits };
}

test.each([400, 403, 404, 500])("10,000 names that are answered with %d leave 1000 names, of more", async (status) => {
  const { tags, failure } = await tagsWhere(() => Promise.resolve({ status, header: () => undefined }));
  expect(tags).toBe(1000);
  expect(failure).toMatchObject({
    code: "limit-exceeded",
    message: expect.stringContaining("may exceed the 1,000 names"),
  });
});

test.each([
  ["fail", () => Promise.reject(new PlimsollError("registry-unreachable", "HTTP status 502"))],
  ["are too large", () => Promise.reject(new PlimsollError("limit-exceeded", "has more bytes"))],
  ["are not a list", () => Promise.resolve({ ...listOf([]), bytes: Buffer.from("[]") })],
])("10,000 names that %s leave 1000 names, of more", async (_, answer) => {
  const { tags, failure } = await tagsWhere(answer);
  expect(tags).toBe(1000);
  expect(failure).toMatchObject({
    code: "limit-exceeded",
    message: expect.stringContaining("may exceed the 1,000 names"),
  });
});

test("who cancels while 10,000 names are asked for is not told of a limit", async () => {
  const { failure } = await tagsWhere(() => Promise.reject(new PlimsollError("cancelled", "stopped")));
  expect(failure).toMatchObject({ code: "cancelled" });
});

test("a page may be as large as the names that it is asked for, up to 128 MiB", async () => {
  const all = Array.from({ length: 1500 }, (_, index) => `v${index}`);
  const { tags, failure, limits } = await tagsWhere(() => Promise.resolve(listOf(all)));
  expect([tags, failure]).toEqual([1500, undefined]);
  expect(Object.fromEntries(limits)).toMatchObject({
    "n=1000": 1000 * 16 * 1024,
    "n=1000&last=v999": 1000 * 16 * 1024,
    "n=10000": 128 * 1024 * 1024,
    "n=10000&last=v1499": 128 * 1024 * 1024,
  });
});
