import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { feedServer } from "../../tests/setup/feed-server.ts";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import type { FeedPart } from "./advisory-feed.ts";
import type { Position } from "./feed-source.ts";
import { addressesOf, fetchTogether, type TogetherFile } from "./fetch-together.ts";
import { openFeedSource } from "./open-feed-source.ts";

const workFolder = temporaryFolder();
const base = "https://feed.example/data/";
const two: readonly TogetherFile[] = [
  { address: "a", maxBytes: 1000 },
  { address: "https://other.example/b", maxBytes: 1000, optional: true },
];

function fetchFrom(from: string, previous?: Position, files = two): Promise<FeedPart> {
  const source = openFeedSource({ base, from, workFolder, signal: new AbortController().signal, retryDelay: 1 });
  return fetchTogether(source, { part: "all", previous, files: () => files });
}

function contents({ files }: FeedPart): string[] {
  return files.map((path) => readFileSync(path, "utf8"));
}

test("files are one part: unchanged when none has changed, all fetched again when one has", async () => {
  const server = await feedServer({ [`${base}a`]: "A1", "https://other.example/b": "B1" });
  const first = await fetchFrom(server.address);
  expect(first).toMatchObject({ name: "all", state: "whole" });
  expect(contents(first)).toEqual(["A1", "B1"]);
  expect(addressesOf(first)).toEqual(["a", "https://other.example/b"]);

  const second = await fetchFrom(server.address, first.position);
  expect(second).toEqual({ name: "all", state: "unchanged", files: [], position: first.position });

  server.put("https://other.example/b", "B2");
  expect(contents(await fetchFrom(server.address, first.position))).toEqual(["A1", "B2"]);
});

test("a file that is optional may be missing, and that it came is a change", async () => {
  const server = await feedServer({ [`${base}a`]: "A" });
  const alone = await fetchFrom(server.address);
  expect(contents(alone)).toEqual(["A"]);
  expect(addressesOf(alone)).toEqual(["a"]);
  expect((await fetchFrom(server.address, alone.position)).state).toBe("unchanged");

  server.put("https://other.example/b", "B");
  const both = await fetchFrom(server.address, alone.position);
  expect(contents(both)).toEqual(["A", "B"]);
});

test("a file that was there the last time and is gone is a failure, also of one that is optional", async () => {
  const server = await feedServer({ [`${base}a`]: "A", "https://other.example/b": "B" });
  const both = await fetchFrom(server.address);
  server.remove("https://other.example/b");
  await expect(fetchFrom(server.address, both.position)).rejects.toMatchObject({
    code: "feed-unreachable",
    message: "https://other.example/b existed at the last update but was not found now",
    hint: expect.stringContaining("delete the database and update again"),
  });
  expect(contents(await fetchFrom(server.address))).toEqual(["A"]);
});

test("a file that the part no longer has is a change", async () => {
  const server = await feedServer({ [`${base}a`]: "A", "https://other.example/b": "B" });
  const both = await fetchFrom(server.address);
  const without = await fetchFrom(server.address, both.position, two.slice(0, 1));
  expect(without.state).toBe("whole");
  expect(contents(without)).toEqual(["A"]);
  expect(addressesOf(without)).toEqual(["a"]);
});

test("a file that is needed must be there, and so must one of those that are optional", async () => {
  const server = await feedServer({ "https://other.example/b": "B" });
  await expect(fetchFrom(server.address)).rejects.toMatchObject({ code: "feed-unreachable" });
  const none = [{ address: "x", maxBytes: 10, optional: true }];
  await expect(fetchFrom(server.address, undefined, none)).rejects.toMatchObject({ code: "feed-unreachable" });
});
