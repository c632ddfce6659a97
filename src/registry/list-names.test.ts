import { expect, test } from "vitest";
import { listTags } from "./list-names.ts";
import type { RegistryDocument } from "./registry-document.ts";
import type { RegistryHost } from "./registry-host.ts";

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
