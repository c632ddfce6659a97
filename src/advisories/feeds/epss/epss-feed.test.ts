import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { feedItems } from "../../../../tests/setup/feed-items.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { epssFeed } from "./epss-feed.ts";

const folder = temporaryFolder();
const head = "#model_version:v2025.03.14,score_date:2025-06-01T12:55:00Z\ncve,epss,percentile\n";

function parse(content: string | Uint8Array): ReturnType<typeof feedItems> {
  return feedItems(epssFeed, folder, { contents: [content] });
}

test("a line gives both numbers, with the day of the run", async () => {
  const { items, problems } = await parse(gzipSync(`${head}CVE-1999-0001,0.01141,0.77465\nCVE-1999-0002,1.0,2e-05\n`));
  expect(problems).toEqual([]);
  expect(items).toEqual([
    {
      kind: "facts",
      cve: "CVE-1999-0001",
      facts: { exploitPrediction: { probability: 0.01141, percentile: 0.77465, date: "2025-06-01" } },
    },
    {
      kind: "facts",
      cve: "CVE-1999-0002",
      facts: { exploitPrediction: { probability: 1, percentile: 0.00002, date: "2025-06-01" } },
    },
  ]);
});

test.each(["0.5,1.1", "-0.5,0.5", ",0.5", "0x1,0.5", "NaN,0.5", " 0.5,0.5", "0.5", "0.5,0.5,0.5", "1e5,0.5"])(
  "a line with the numbers %s is left out",
  async (numbers) => {
    const { items, problems } = await parse(`${head}CVE-1999-0001,${numbers}\nnone,0.5,0.5\n`);
    expect(items).toEqual([]);
    expect(problems).toHaveLength(2);
  },
);

test("a file without its day or with other columns is malformed", async () => {
  await expect(parse("cve,epss,percentile\n")).rejects.toThrow("has no score_date");
  await expect(parse(head.replace("epss,percentile", "percentile,epss"))).rejects.toThrow("the columns are not");
});

test("a quote that is never closed costs its own line", async () => {
  const lines = [
    '"CVE-1999-0001",0.5,0.5',
    '"CVE-1999-0002,0.5,0.5',
    "CVE-1999-0003,0.5,0.5",
    "",
    'CVE-1999-0004,"0.5",0.5',
  ];
  const { items, problems } = await parse(`${head}${lines.join("\r\n")}`);
  expect(items.map((item) => item.kind === "facts" && item.cve)).toEqual([
    "CVE-1999-0001",
    "CVE-1999-0003",
    "CVE-1999-0004",
  ]);
  expect(problems).toEqual(['cannot parse a line of the EPSS scores: "\\"CVE-1999-0002,0.5,0.5"']);
});

test("a line without end is left out as another", async () => {
  const good = "CVE-1999-0001,0.5,0.5";
  const { items, problems } = await parse(
    `${head}${good}${",".repeat(1_000_000)}\n"${good}${'"'.repeat(1_000_001)}\n${good}\n`,
  );
  expect(items).toHaveLength(1);
  expect(problems).toHaveLength(2);
});
