import { readdirSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { dockerLayout, layoutTar } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Image } from "./image.ts";
import { openStreamedArchive } from "./open-archive.ts";

const folder = temporaryFolder();

afterEach(() => vi.unstubAllEnvs());

test("an engine that sends without an end is not listened to for ever, and nothing is left behind", async () => {
  vi.stubEnv("TMPDIR", folder);
  let sent = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (; sent < 1000; sent++) yield Buffer.alloc(100_000);
  }
  const opening = openStreamedArchive(endless(), {
    name: "the image a",
    largest: 1_000_000,
    signal: new AbortController().signal,
    verifyDigests: false,
  });
  await expect(opening).rejects.toMatchObject({
    code: "limit-exceeded",
    message: "the image a is larger than 1000000 bytes",
  });
  expect(sent).toBe(10);
  expect(readdirSync(folder)).toEqual([]);
});

describe("an image of which an engine exports a part", () => {
  const files = dockerLayout([{ tags: ["app:1"], layers: [{ members: [{ name: "a", content: "a" }] }] }]);
  const [item] = JSON.parse(Buffer.from(files["manifest.json"] ?? "").toString());
  const { signal } = new AbortController();
  async function* exported(without: string): AsyncGenerator<Uint8Array> {
    const { [without]: _, ...rest } = files;
    yield layoutTar(rest);
  }
  const open = (without: string): Promise<Image> =>
    openStreamedArchive(exported(without), { name: "the image app:1", verifyDigests: true, signal });

  test.each([
    ["the list of images", "manifest.json", "its manifest.json is missing"],
    ["the config", item.Config, `its config ${item.Config} is missing`],
  ])("without %s is one to pull again: there is no file to save again", async (_, path, reason) => {
    await expect(open(path)).rejects.toMatchObject({
      code: "layout-malformed",
      message: `the image app:1 is not a complete docker archive: ${reason}`,
      hint: "The engine does not have the complete image: pull or build it again.",
    });
  });

  test("without a layer says that the engine did not export it", async () => {
    using image = await open(item.Layers[0]);
    const visitor = { entry: () => false, file: () => {}, refused: () => {} };
    await expect(image.layers[0]?.tree.walk(visitor, { signal })).rejects.toMatchObject({
      message: `the layer ${item.Layers[0]} is missing from the engine's export`,
    });
  });

  test("cut off in the middle is one to export again", async () => {
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield layoutTar(files).subarray(0, 5_000);
    }
    const opening = openStreamedArchive(cut(), { name: "the image app:1", verifyDigests: true, signal });
    await expect(opening).rejects.toMatchObject({
      code: "archive-malformed",
      hint: "The data from the engine is cut off or damaged: try again.",
    });
  });

  test.each([
    [
      "is not JSON",
      "{",
      "The data from the engine is not the image as it was built: try again, or save it to a file and scan that.",
    ],
    [
      "may be read in two ways",
      '[{"Config":"x","config":"y","Layers":[]}]',
      "No build tool writes such a file: contact the author of the image, or rebuild it.",
    ],
  ])("whose list of images %s is not said to lack a part", async (_, list, hint) => {
    async function* whole(): AsyncGenerator<Uint8Array> {
      yield layoutTar({ ...files, "manifest.json": Buffer.from(list) });
    }
    const opening = openStreamedArchive(whole(), { name: "the image app:1", verifyDigests: true, signal });
    await expect(opening).rejects.toMatchObject({ code: "layout-malformed", hint });
  });
});
