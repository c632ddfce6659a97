import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import type { Position } from "../../feed-source.ts";
import { openFeedSource } from "../../open-feed-source.ts";
import { fetchTogether, keysOf } from "./fetch-together.ts";

const base = "https://feeds.example.org/";
const workFolder = temporaryFolder();
const files = ["1", "2", "3"].map((key) => ({ key, address: `${key}.json`, maxBytes: 100 }));

function contents(part: FeedPart): string[] {
  return part.files.map((path) => readFileSync(path, "utf8"));
}

test("all files come when one has changed, in their order, and none when none has", async () => {
  const server = await feedServer({ [`${base}1.json`]: "one", [`${base}3.json`]: "three" });
  const source = openFeedSource({ base, from: server.address, workFolder, signal: new AbortController().signal });
  const fetch = (previous?: Position): Promise<FeedPart> => fetchTogether(source, files, { name: "all", previous });

  const first = await fetch();
  expect([first.state, contents(first), keysOf(first)]).toEqual(["whole", ["one", "three"], ["1", "3"]]);

  const second = await fetch(first.position);
  expect([second.state, second.files, second.position]).toEqual(["unchanged", [], first.position]);

  server.put(`${base}3.json`, "three again");
  const third = await fetch(first.position);
  expect([third.state, contents(third)]).toEqual(["whole", ["one", "three again"]]);

  server.put(`${base}2.json`, "two");
  const fourth = await fetch(third.position);
  expect([fourth.state, contents(fourth), keysOf(fourth)]).toEqual([
    "whole",
    ["one", "two", "three again"],
    ["1", "2", "3"],
  ]);

  server.remove(`${base}1.json`);
  const fifth = await fetch(fourth.position);
  expect([fifth.state, contents(fifth), keysOf(fifth)]).toEqual(["whole", ["two", "three again"], ["2", "3"]]);
});

test("a feed without any of its files has changed its form", async () => {
  const server = await feedServer();
  const source = openFeedSource({ base, from: server.address, workFolder, signal: new AbortController().signal });
  const fetching = fetchTogether(source, files, { name: "all", previous: undefined });
  await expect(fetching).rejects.toMatchObject({ code: "feed-malformed" });
});
