import { describe, expect, test } from "vitest";
import { sha256 } from "../../../../tests/setup/image.ts";
import { locateTable } from "./locate-table.ts";

describe("the annotations of a manifest", () => {
  const digest = sha256("table");
  const prefix = "io.github.containers.zstd-chunked";
  const zstd = (position: string, checksum = digest): Record<string, string> => {
    return { [`${prefix}.manifest-checksum`]: checksum, [`${prefix}.manifest-position`]: position };
  };

  test("say where the table is and what proves it", () => {
    expect(locateTable({ "containerd.io/snapshot/stargz/toc.digest": digest }, 1000)).toEqual({
      format: "estargz",
      digest,
    });
    const place = { format: "zstd:chunked", digest, from: 100, to: 150, inflatedSize: 400 };
    expect(locateTable(zstd("100:50:400:1"), 1000)).toEqual(place);
    const old = { "io.containers.zstd-chunked.manifest-checksum": digest };
    expect(locateTable({ ...old, "io.containers.zstd-chunked.manifest-position": "100:50:400:1" }, 1000)).toEqual(
      place,
    );
  });

  test.each([
    [undefined],
    [{}],
    [{ "containerd.io/snapshot/stargz/toc.digest": "sha256:short" }],
    [zstd("100:50:400:2")],
    [zstd("100:50:400")],
    [zstd("-100:50:400:1")],
    [zstd("100:950:400:1")],
    [zstd("100:0:400:1")],
    [zstd("999999999999999:1:400:1")],
    [zstd("100:50:99999999999:1")],
    [zstd("100:50:400:1", "md5:abc")],
  ])("that are %j say nothing", (annotations) => {
    expect(locateTable(annotations, 1000)).toBeUndefined();
  });
});
