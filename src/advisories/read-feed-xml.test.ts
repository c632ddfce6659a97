import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import { readFeedXml } from "./read-feed-xml.ts";

const folder = temporaryFolder();
const document = "<list><item>one</item><other/><item>two</item></list>";

async function read(bytes: string | Uint8Array): Promise<string[]> {
  const path = join(folder, "document");
  writeFileSync(path, bytes);
  const { signal } = new AbortController();
  const texts: string[] = [];
  const options = { label: "the list", root: "list", elements: new Set(["item"]), signal };
  for await (const { text } of readFeedXml(path, options)) texts.push(text);
  return texts;
}

test("a file may be plain or packed", async () => {
  expect(await read(document)).toEqual(["one", "two"]);
  expect(await read(gzipSync(document))).toEqual(["one", "two"]);
});

test.each([
  ["damaged", gzipSync(document).subarray(0, 40)],
  ["cut off", document.slice(0, 30)],
  ["another document", "<html/>"],
  ["empty", ""],
])("a file that is %s is not what the publisher gives", async (_, bytes) => {
  await expect(read(bytes)).rejects.toMatchObject({
    code: "feed-malformed",
    hint: expect.stringMatching(/Try again later/),
  });
});
