import { join } from "node:path";
import { expect, test } from "vitest";
import { type ImageSpec, ociLayout, writeLayout } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { openLayoutFolder } from "./open-layout-folder.ts";

const folder = temporaryFolder();
const signal = new AbortController().signal;
const diffIds = ["a", "b", "c"].map((digit) => `sha256:${digit.repeat(64)}`);
const history = ["ADD a", "ADD b", "ADD c"].map((created_by) => ({ created_by }));
const layers = ["a", "b", "c"].map((name) => ({ members: [{ name, content: name }] }));

/** The facts about each layer of an image with three layers and `count` digests in its config. */
function said(name: string, count: number): readonly unknown[] {
  const image: ImageSpec = {
    layers,
    history,
    config: { rootfs: { type: "layers", diff_ids: diffIds.slice(0, count) } },
  };
  const path = join(folder, name);
  writeLayout(path, ociLayout([image]));
  using opened = openLayoutFolder(path, { verifyDigests: false, signal });
  return opened.layers.map(({ diffId, createdBy }) => [diffId, createdBy]);
}

test("each layer has the digest and the instruction that the config gives at its place", () => {
  expect(said("whole", 3)).toEqual(diffIds.map((digest, index) => [digest, history[index]?.created_by]));
});

test.each([0, 1, 2])("no layer has any where the config lists %i digests for three layers", (count) => {
  expect(said(`of-${count}`, count)).toEqual(layers.map(() => [undefined, undefined]));
});
