import { describe, expect, test } from "vitest";
import { recordLines, recordText } from "../../../tests/setup/unpacked-layer.ts";
import { readTarSplit, type TarSplitEntry } from "./tar-split.ts";

async function read(bytes: Buffer, pieceSize = bytes.length): Promise<TarSplitEntry[]> {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
  }
  const entries: TarSplitEntry[] = [];
  for await (const some of readTarSplit(pieces(), "the record")) entries.push(...some);
  return entries;
}

const text = recordText(
  recordLines([
    { name: "etc/", type: "directory" },
    { name: "etc/ü", content: "one" },
    { name: Buffer.from([0xff, 0x61]), content: "two" },
  ]),
);

describe("the record of a tar", () => {
  test("gives bytes, and files with their sizes", async () => {
    const entries = await read(Buffer.from(text));
    const files = entries.flatMap((entry) =>
      entry.kind === "file" ? [[entry.name.toString("latin1"), entry.size]] : [],
    );
    expect(files).toEqual([
      [Buffer.from("etc/ü").toString("latin1"), 3],
      ["\xffa", 3],
    ]);
    const bytes = entries.reduce((sum, entry) => sum + (entry.kind === "bytes" ? entry.bytes.length : 0), 0);
    expect(bytes).toBe(3 * 512 + 2 * 509 + 1024);
  });

  test("is the same wherever its pieces are cut", async () => {
    const bytes = Buffer.from(text);
    const whole = await read(bytes);
    for (const size of [1, 7, 100, 511, 4096]) expect(await read(bytes, size)).toEqual(whole);
    expect(await read(Buffer.from(text.trimEnd()))).toEqual(whole);
  });

  test.each([
    "no JSON\n",
    "[]\n",
    "null\n",
    '"x"\n',
    '{"type":3}\n',
    '{"type":1,"size":5}\n',
    '{"type":1,"name":"a","size":-1}\n',
    '{"type":1,"name":"a","size":1e300}\n',
    '{"type":1,"name":"a","size":"5"}\n',
    '{"type":2,"payload":5}\n',
  ])("%j is refused", async (line) => {
    await expect(read(Buffer.from(line))).rejects.toMatchObject({ code: "layout-malformed" });
  });

  test("with a line that does not end is given up", async () => {
    await expect(read(Buffer.alloc(17 * 1024 * 1024, 97), 1024 * 1024)).rejects.toMatchObject({
      code: "limit-exceeded",
    });
  });
});
