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

test.each([
  { eolFrom: "2024-6-10" },
  { eolFrom: "2024-6-10", isEol: false },
  { eolFrom: "2024-02-30" },
  { isEol: "true", eolFrom: null },
  { eol: "true" },
  { eol: 20240610 },
])("a release with %j is left out and told, as it would look supported", async (fields) => {
  const { items, problems } = await parse({
    a: {
      releases: [
        { name: "1", ...fields },
        { name: "2", isEol: true },
      ],
    },
  });
  expect(items).toEqual([{ kind: "release-cycle", product: "a", cycle: { cycle: "2", endOfLife: true } }]);
  expect(problems).toEqual([
    expect.stringMatching(/^a release of a in the .* was skipped: 1 has .*, which is not a date$/),
  ]);
});

test.each([
  [{ eolFrom: "2024-6-10", isEol: true }, { endOfLife: true }],
  [{ eolFrom: "2024-06-10", isEol: "true" }, { endOfLife: "2024-06-10" }],
  [{ eolFrom: 20240610, eol: "2024-06-10" }, { endOfLife: "2024-06-10" }],
  [{ eol: false, eoes: "soon" }, { endOfLife: false }],
  [{ eolFrom: "2024-06-10", isEol: true, eoesFrom: "2030-6-10", isEoes: false }, { endOfLife: "2024-06-10" }],
  [
    { isEol: true, eoesFrom: "2025-6-10", isEoes: true },
    { endOfLife: true, extendedEnd: true },
  ],
])("of a release with %j counts what says that it is over, and the rest is told", async (fields, end) => {
  const { items, problems } = await parse({ a: { releases: [{ name: "1", ...fields }] } });
  expect(items).toEqual([{ kind: "release-cycle", product: "a", cycle: { cycle: "1", ...end } }]);
  expect(problems).toEqual([expect.stringMatching(/^release 1 of a in the .* has .*, which is not a date$/)]);
});

test("a product without a name or a list of releases is left out and told", async () => {
  const good = { name: "a", releases: [{ name: "1", isEol: true }] };
  const { items, problems } = await parse({ result: [good, 7, { name: "b", releases: {} }, { ...good, name: "c d" }] });
  expect(items).toHaveLength(1);
  expect(problems.map((problem) => problem.replace(/^.*: /, ""))).toEqual(["something else", '"b"', '"c d"']);
});

test("lists in each other without end are told as any other value", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const content = `{"result": [{"name": ${deep}}, {"name": "a", "releases": [{"name": "1", "eol": ${deep}}, {"name": "2"}]}]}`;
  const { items, problems } = await feedItems(endOfLifeFeed, folder, { contents: [content] });
  expect(items).toHaveLength(1);
  expect(problems).toHaveLength(2);
});

test("what holds no products is malformed", async () => {
  await expect(parse({ result: [] })).rejects.toMatchObject({ code: "feed-malformed" });
  await expect(parse([1])).rejects.toMatchObject({ code: "feed-malformed" });
});
