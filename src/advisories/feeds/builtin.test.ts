import { globSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { schemeOf } from "../../versions/ecosystems.ts";
import { ecosystemsOfOsv, feeds } from "./builtin.ts";

/** A folder here is a feed's when it holds `<id>-feed.ts`; in the others is what several feeds share. */
function idsOfFolders(): string[] {
  return globSync("*/*-feed.ts", { cwd: import.meta.dirname })
    .map((path) => path.replaceAll("\\", "/").split("/"))
    .filter(([folder, file]) => file === `${folder}-feed.ts`)
    .flatMap(([folder = ""]) => folder);
}

test("the list holds the feeds of all folders, each once, under the folder's name", async () => {
  const ids = feeds.map(({ id }) => id);
  expect(ids.toSorted()).toEqual(idsOfFolders().sort());
  expect(new Set(ids).size).toBe(ids.length);
  for (const feed of feeds) {
    const module: Record<string, unknown> = await import(join(import.meta.dirname, feed.id, `${feed.id}-feed.ts`));
    expect(Object.values(module)).toContain(feed);
  }
});

test.each(feeds)("$id says what it is, where its data is and under which terms", (feed) => {
  expect(feed.id).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
  expect(Number.isSafeInteger(feed.revision) && feed.revision > 0).toBe(true);
  expect(feed.title.trim()).not.toBe("");
  expect(feed.licence.trim()).not.toBe("");
  expect(feed.address).toMatch(/^https:\/\/[^?#]*\/$/);
});

test("no two feeds have the same title", () => {
  expect(new Set(feeds.map(({ title }) => title)).size).toBe(feeds.length);
});

test("the versions of every ecosystem can be compared", () => {
  const names = [...feeds.flatMap(({ ecosystems }) => ecosystems), ...ecosystemsOfOsv];
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => schemeOf(name) === undefined)).toEqual([]);
});

test("an ecosystem comes from one publisher, and from OSV only when it has no other", () => {
  const ofPublishers = feeds.filter(({ id }) => id !== "osv").flatMap(({ ecosystems }) => ecosystems);
  expect(new Set(ofPublishers).size).toBe(ofPublishers.length);
  expect(ecosystemsOfOsv.filter((name) => ofPublishers.includes(name))).toEqual([]);
});
