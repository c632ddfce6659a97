import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import { takeStock } from "../setup/take-stock.ts";
import { tar } from "../setup/tar.ts";
import { fakeRegistry } from "./setup/fake-registry.ts";
import { npmLayer, pushLayers, type SharedLayer } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const gzipType = "application/vnd.oci.image.layer.v1.tar+gzip";

/** Like the image of a file system: a magic number behind 1024 zeros. */
const fileSystem = Buffer.concat([Buffer.alloc(1024), Buffer.from("e2e1f5e0", "hex"), Buffer.alloc(3000)]);

function layer(bytes: Buffer, mediaType: string): SharedLayer {
  return { ...blobOf(mediaType === gzipType ? gzipSync(bytes) : bytes), diffId: blobOf(bytes).digest, mediaType };
}

test.each<[string, SharedLayer, RegExp]>([
  ["its media type says so", layer(fileSystem, "application/vnd.erofs.layer.v1"), /in the format of EROFS/],
  [
    "its bytes do, under the type of a tar",
    layer(fileSystem, gzipType),
    /not a tar archive, but may be a file system image/,
  ],
  [
    "it is wrapped in a tar",
    layer(tar([{ name: "overlaybd.commit", content: "LSMT" }]), "application/vnd.oci.image.layer.v1.tar"),
    /in the format of overlaybd/,
  ],
])("a layer in a registry that is the image of a file system is a problem where %s", async (_, odd, message) => {
  const registry = await fakeRegistry();
  const client = testClient();
  const name = `${registry.host}/team/app:v1`;
  for (const layers of [[npmLayer("a", "1.0.0"), odd], [odd]]) {
    await pushLayers(client, reference(name), { layers });
    const { packages, problems } = await takeStock(`registry:${name}`, { registry: client });
    expect(packages).toHaveLength(layers.length - 1);
    expect(problems).toEqual([{ code: "unreadable", message: expect.stringMatching(message) }]);
  }
});
