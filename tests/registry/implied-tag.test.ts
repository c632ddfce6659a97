import { expect, test } from "vitest";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { fakeRegistry } from "./setup/fake-registry.ts";
import { npmLayer, pushLayers } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();

test("an image that is named without a tag is known by the tag latest", async () => {
  const registry = await fakeRegistry();
  const named = reference(`${registry.host}/app:latest`);
  const { digest } = await pushLayers(testClient(), named, { layers: [npmLayer("a", "1.0.0")] });
  const read = async (...args: readonly string[]) =>
    JSON.parse((await plimsoll([...args, "--format", "json"], { env: { PLIMSOLL_OFFLINE: "0" } })).stdout);
  for (const name of [`${registry.host}/app`, `${registry.host}/app:latest`]) {
    const { target } = await read("scan", name, "--no-update");
    expect(target.tags, name).toEqual([`${registry.host}/app:latest`]);
    const { results } = await read("check", "image", name);
    expect(results, name).toContainEqual(expect.objectContaining({ id: "image/tag", state: "fail" }));
  }
  const byDigest = `${registry.host}/app@${digest}`;
  expect((await read("scan", byDigest, "--no-update")).target).not.toHaveProperty("tags");
  const { results } = await read("check", "image", byDigest);
  expect(results).not.toContainEqual(expect.objectContaining({ id: "image/tag", state: "fail" }));
});
