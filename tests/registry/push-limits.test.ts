import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import { type FakeRegistry, fakeRegistry } from "./setup/fake-registry.ts";
import { collect, reference, testClient } from "./setup/registry-client.ts";

test("what is too large for one request goes in chunks that the registry takes", async () => {
  const registry = await fakeRegistry();
  const refused = refuseAbove(registry, 1024 * 1024);
  const client = testClient();
  const blob = blobOf(randomBytes(5 * 1024 * 1024 + 1));
  const place = reference(`${registry.host}/team/app`);
  expect(await client.pushBlob(place, blob)).toBe("uploaded");
  expect(await collect(client.blob(place, blob))).toEqual(blob.open());
  expect(refused).toEqual(["PUT 5242881", "PATCH 4194304"]);
});

test("where no chunk is small enough, what the registry says of the size is the error", async () => {
  const registry = await fakeRegistry();
  const refused = refuseAbove(registry, 100_000);
  const blob = blobOf(randomBytes(2 * 1024 * 1024));
  const pushed = testClient().pushBlob(reference(`${registry.host}/team/app`), blob);
  await expect(pushed).rejects.toMatchObject({
    code: "registry-failed",
    message: expect.stringContaining("HTTP status 413") as string,
    hint: expect.stringContaining("raise its limit") as string,
  });
  expect(refused).toEqual(["PUT 2097152", "PATCH 1048576"]);
});

/** Refuses uploads whose body has more bytes, as proxies do; tells of each. */
function refuseAbove(registry: FakeRegistry, limit: number): string[] {
  const refused: string[] = [];
  registry.intercept = ({ method, path, body }, response) => {
    if (!path.includes("/uploads/upload-") || body.length <= limit) return false;
    refused.push(`${method} ${body.length}`);
    response.writeHead(413, { connection: "close" }).end("<html>413 Request Entity Too Large</html>");
    return true;
  };
  return refused;
}
