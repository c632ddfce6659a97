import { join } from "node:path";
import { expect, test } from "vitest";
import { type BoltContent, boltFile } from "../../../tests/setup/bolt.ts";
import { writeLayout } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { keptImage } from "./containerd-content.ts";

const base = temporaryFolder();
const digests = ["1", "2", "3"].map((digit) => `sha256:${digit.repeat(64)}`);
const [config = "", one = "", two = ""] = digests;

function rootWith(...manifests: readonly string[]): string {
  const manifest = (): BoltContent => ({ labels: { "containerd.io/gc.ref.content.config": config } });
  const blob = { [config]: {}, ...Object.fromEntries(manifests.map((digest) => [digest, manifest()])) };
  const root = join(base, String(manifests.length));
  const file = "io.containerd.metadata.v1.bolt/meta.db";
  writeLayout(root, { [file]: boltFile({ v1: { default: { content: { blob } } } }) });
  return root;
}

test("an image without a name is known by its digest, and by its id where one manifest alone has that", () => {
  const [alone, claimed] = [rootWith(one), rootWith(one, two)];
  for (const digest of [one, config]) {
    expect(keptImage(alone, digest, undefined)).toEqual({ name: digest, digest: one, namespace: "default" });
  }
  expect(keptImage(claimed, two, undefined)?.digest).toBe(two);
  expect(keptImage(claimed, config, undefined)).toBeUndefined();
  expect(keptImage(alone, two, undefined)).toBeUndefined();
});
