import { expect, test } from "vitest";
import { feedItems } from "../../../../tests/setup/feed-items.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { endOfLifeFeed } from "./end-of-life-feed.ts";

const folder = temporaryFolder();

function parse(value: unknown): ReturnType<typeof feedItems> {
  return feedItems(endOfLifeFeed, folder, { contents: [JSON.stringify(value)] });
}

test("both forms of a product give the same cycles", async () => {
  const api = await parse({
    schema_version: "1.2.0",
    result: [
      {
        name: "ubuntu",
        releases: [
          {
            name: "22.04",
            codename: "Jammy",
            isEol: false,
            eolFrom: "2027-04-01",
            isEoes: false,
            eoesFrom: "2032-04-09",
          },
          { name: "x", codename: null, isEol: true, eolFrom: null },
          { name: "y", isEol: false, eolFrom: null, isEoes: false, eoesFrom: null },
          { name: "z" },
        ],
      },
    ],
  });
  const site = await parse({
    ubuntu: {
      releases: [
        { releaseCycle: "22.04", codename: "Jammy", eol: "2027-04-01", eoes: "2032-04-09" },
        { releaseCycle: "x", eol: true },
        { releaseCycle: "y", eol: false, eoes: false },
        { releaseCycle: "z" },
      ],
    },
  });
  expect(site).toEqual(api);
  expect(api.items).toEqual([
    {
      kind: "release-cycle",
      product: "ubuntu",
      cycle: { cycle: "22.04", codename: "Jammy", endOfLife: "2027-04-01", extendedEnd: "2032-04-09" },
    },
    { kind: "release-cycle", product: "ubuntu", cycle: { cycle: "x", endOfLife: true } },
    { kind: "release-cycle", product: "ubuntu", cycle: { cycle: "y", endOfLife: false, extendedEnd: false } },
    { kind: "release-cycle", product: "ubuntu", cycle: { cycle: "z", endOfLife: false } },
  ]);
});

test("products come sorted, and a release without a name is a problem", async () => {
  const { items, problems } = await parse({
    b: { releases: [{ eol: true }, 7, { releaseCycle: "1", eol: true }] },
    a: { releases: [{ releaseCycle: "2", eol: true }] },
  });
  expect(items.map((item) => item.kind === "release-cycle" && item.product)).toEqual(["a", "b"]);
  expect(problems).toHaveLength(2);
});

test("what holds no products is malformed", async () => {
  await expect(parse({ result: [] })).rejects.toMatchObject({ code: "feed-malformed" });
  await expect(parse([1])).rejects.toMatchObject({ code: "feed-malformed" });
});
