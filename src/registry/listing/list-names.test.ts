import { describe, expect, test } from "vitest";
import type { RegistryDocument } from "../connection/registry-document.ts";
import type { RegistryHost } from "../connection/registry-host.ts";
import { listTags } from "./list-names.ts";

test("a list of more than 20,000 pages is an error, however few names they bring", async () => {
  let pages = 0;
  const document = (): Promise<Partial<RegistryDocument>> => {
    const bytes = Buffer.from(JSON.stringify({ tags: [`v${++pages}`] }));
    return Promise.resolve({ status: 200, bytes, header: () => '<?last=x>; rel="next"' });
  };
  const address = (path: string): Promise<URL> => Promise.resolve(new URL(path, "https://registry.example.com"));
  const host = { name: "registry.example.com", document, address } as unknown as RegistryHost;
  const read = async (): Promise<void> => {
    for await (const tag of listTags({ host, repository: "team/app" })) void tag;
  };
  await expect(read()).rejects.toMatchObject({
    code: "limit-exceeded",
    message: expect.stringContaining("more than 20,000 pages"),
  });
  expect(pages).toBe(20_000);
});

describe("of a registry that gives as many as are asked for, and always the first ones", () => {
  const tagsOf = async (
    count: number,
    { heedsNumber = true, pageSize }: { readonly heedsNumber?: boolean; readonly pageSize?: number } = {},
  ): Promise<{ readonly tags: number; readonly failure: unknown; readonly asked: readonly string[] }> => {
    const asked: string[] = [];
    const all = Array.from({ length: count }, (_, index) => `v${index}`);
    const document = ({ path }: { readonly path: string }): Promise<Partial<RegistryDocument>> => {
      const { searchParams } = new URL(path, "https://registry.example.com");
      asked.push(searchParams.toString());
      const page = heedsNumber ? all.slice(0, Number(searchParams.get("n"))) : all;
      return Promise.resolve({
        status: 200,
        bytes: Buffer.from(JSON.stringify({ tags: page })),
        header: () => undefined,
      });
    };
    const address = (path: string): Promise<URL> => Promise.resolve(new URL(path, "https://registry.example.com"));
    const host = { name: "registry.example.com", document, address } as unknown as RegistryHost;
    let tags = 0;
    let failure: unknown;
    try {
      for await (const tag of listTags({ host, repository: "team/app" }, { ...(pageSize && { pageSize }) }))
        tags += tag === "" ? 0 : 1;
    } catch (cause) {
      failure = cause;
    }
    return { tags, failure, asked };
  };

  test("more are asked for at once", async () => {
    const { tags, failure, asked } = await tagsOf(1500);
    expect([tags, failure]).toEqual([1500, undefined]);
    expect(asked).toEqual(["n=1000", "n=1000&last=v999", "n=10000", "n=10000&last=v1499"]);
    expect(await tagsOf(1501, { pageSize: 10_000 })).toMatchObject({ tags: 1501, asked: ["n=10000"] });
  });

  test("a list that is full at 10,000 names is an error after them", async () => {
    const { tags, failure } = await tagsOf(12_000);
    expect(tags).toBe(10_000);
    expect(failure).toMatchObject({ code: "limit-exceeded", message: expect.stringContaining("10,000") });
  });

  test.each([999, 1000, 10_000])("%d names of one that gives all whatever it is asked for are all", async (count) => {
    expect(await tagsOf(count, { heedsNumber: false })).toMatchObject({ tags: count, failure: undefined });
  });
});
