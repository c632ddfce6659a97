import { expect, test } from "vitest";
import { ociLayout, writeLayout } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { openLayoutFolder } from "./open-layout-folder.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();

test("of images without a name, as oras lists those of an index once more, the entries tell the platforms", () => {
  const files = ociLayout(
    ["a", "b"].map((name) => ({ architecture: "arm", layers: [{ members: [{ name, content: name }] }] })),
  );
  const { manifests } = JSON.parse(Buffer.from(files["index.json"] ?? "").toString());
  const listed = ["v6", "v7"].map((variant, index) => ({
    ...manifests[index],
    platform: { os: "linux", architecture: "arm", variant },
  }));
  writeLayout(folder, { ...files, "index.json": Buffer.from(JSON.stringify({ manifests: listed })) });
  using opened = openLayoutFolder(folder, { verifyDigests: false, signal, platform: "linux/arm/v7" });
  expect([opened.manifestDigest, opened.unexamined]).toEqual([manifests[1].digest, []]);
});
