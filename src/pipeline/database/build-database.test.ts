import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { zip } from "../../../tests/setup/zip.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { buildDatabase } from "./build-database.ts";
import type { UpdateProgress } from "./update-database.ts";

const folder = temporaryFolder();
const builtAt = "2025-01-01T00:00:00Z";
const { signal } = new AbortController();

function bucket(name: string, archive: Buffer): string {
  const path = join(folder, name);
  mkdirSync(join(path, "npm"), { recursive: true });
  writeFileSync(join(path, "npm", "all.zip"), archive);
  return path;
}

function records(count: number): Buffer {
  return zip(
    Array.from({ length: count }, (_, index) => ({
      name: `X-${index}.json`,
      content: JSON.stringify({
        id: `X-${index}`,
        modified: builtAt,
        affected: [{ package: { ecosystem: "npm", name: `package-${index % 7}` }, versions: ["1.0.0"] }],
      }),
    })),
  );
}

test("a bucket becomes a database that says where it came from", async () => {
  const from = bucket("good", records(600));
  const output = join(folder, "new", "folder", "advisories.db");
  const seen: [string, number][] = [];
  const progress = ({ stage, part, items }: UpdateProgress): void => {
    if (stage === "reading") seen.push([part, items]);
  };
  const built = await buildDatabase({ from, output, builtAt, signal, progress });
  expect(built).toMatchObject({ refused: 0, problems: [], status: { records: 600, builtAt, source: "a folder" } });
  expect(seen).toEqual([
    ["npm", 0],
    ["npm", 250],
    ["npm", 500],
    ["npm", 600],
  ]);
  const index = openAdvisoryDatabase(output);
  expect(index.find("npm", "package-3")).toHaveLength(86);
  index.close();
});

test("the same bucket in another folder gives the same bytes, and the file says no path", async () => {
  const outputs = await Promise.all(
    ["here", "elsewhere"].map(async (name) => {
      const output = join(folder, `${name}.db`);
      await buildDatabase({ from: bucket(name, records(3)), output, builtAt, signal });
      return readFileSync(output);
    }),
  );
  expect(outputs[0]?.equals(outputs[1] ?? Buffer.of())).toBe(true);
  expect(outputs[0]?.includes(folder)).toBe(false);
});

test("an ecosystem that was asked for by name and is not there is an error, in any case of its letters", async () => {
  const from = bucket("named", records(3));
  const output = join(folder, "named.db");
  const build = (...only: string[]) => buildDatabase({ from, output, builtAt, signal, only });
  await expect(build("npm", "Go")).rejects.toMatchObject({
    code: "usage",
    message: "the OSV bucket has no advisories for Go",
  });
  expect((await build("NPM")).status.parts).toMatchObject([{ name: "npm" }]);
});

test("records that are refused are counted and told", async () => {
  const from = bucket("partly", zip([{ name: "a.json", content: "[]" }, ...[{ name: "b.json", content: good() }]]));
  const built = await buildDatabase({ from, output: join(folder, "partly.db"), builtAt, signal });
  expect(built).toMatchObject({ refused: 1, status: { records: 1 }, problems: [{ code: "unreadable" }] });
});

test("a build that fails or is aborted leaves the old database and no other file", async () => {
  const output = join(folder, "out", "kept.db");
  await buildDatabase({ from: bucket("first", records(3)), output, builtAt, signal });
  const before = readFileSync(output);
  const controller = new AbortController();
  const aborted = buildDatabase({
    from: bucket("second", records(1000)),
    output,
    builtAt,
    signal: controller.signal,
    progress: () => controller.abort(),
  });
  await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
  const cut = bucket("cut", records(1000).subarray(0, 5000));
  await expect(buildDatabase({ from: cut, output, builtAt, signal })).rejects.toMatchObject({ code: "feed-malformed" });
  const empty = bucket("empty", zip([]));
  await expect(buildDatabase({ from: empty, output, builtAt, signal })).rejects.toMatchObject({
    code: "feed-malformed",
  });
  await expect(buildDatabase({ from: join(folder, "none"), output, builtAt, signal })).rejects.toMatchObject({
    code: "feed-unreachable",
  });
  expect(readFileSync(output).equals(before)).toBe(true);
  expect(readdirSync(join(folder, "out"))).toEqual(["kept.db"]);
});

function good(): string {
  return JSON.stringify({ id: "B-1", modified: builtAt });
}
