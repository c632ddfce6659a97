import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisories/advisory-feed.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { readParts } from "../../advisories/database/read-parts.ts";
import { PlimsollError } from "../../model/error.ts";
import type { PartBehind } from "../../model/findings/advisory.ts";
import { type UpdatedDatabase, updateDatabase } from "./update-database.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();

/** A feed whose parts hold so many advisories each. */
function feedOf(parts: Readonly<Record<string, number>>, state: FeedPart["state"] = "whole"): AdvisoryFeed {
  return {
    id: "example",
    revision: 1,
    title: "Example",
    ecosystems: ["npm"],
    address: "https://feed.example.org/",
    licence: "CC0-1.0",
    redistributable: true,
    async *fetch() {
      for (const [name, items] of Object.entries(parts)) yield { name, state, files: [], position: { at: `${items}` } };
    },
    *parse({ name }) {
      for (let number = 0; number < (parts[name] ?? 0); number++) {
        yield {
          kind: "advisory",
          advisory: {
            id: `${name}-${number}`,
            modified: "2024-01-01T00:00:00Z",
            affected: [{ package: { ecosystem: "npm", name: "thing" }, versions: ["1.0.0"] }],
          },
        };
      }
    },
  };
}

function update(name: string, feed: AdvisoryFeed, fresh = false): Promise<UpdatedDatabase> {
  const output = join(folder, name);
  return updateDatabase({ output, feeds: [{ feed }], builtAt: "2025-01-01T00:00:00Z", signal, fresh });
}

function itemsIn(name: string): string[] {
  return readParts(join(folder, name)).map((part) => `${part.name} ${part.items} at ${part.position["at"]}`);
}

test("a part that comes empty does not replace what there was, while the others do", async () => {
  await update("emptied", feedOf({ a: 3, b: 2 }));
  const { feeds } = await update("emptied", feedOf({ a: 0, b: 4 }));
  expect(feeds).toMatchObject([{ updated: 1, unchanged: 0, failure: { code: "feed-malformed" } }]);
  expect(feeds[0]?.failure?.message).toBe(
    'the download from Example for "a" has no entries; the database has 3 entries from it',
  );
  expect(feeds[0]?.failure?.hint).not.toContain("before");
  // Its position is the old one, so that it is asked for again.
  expect(itemsIn("emptied")).toEqual(["a 3 at 3", "b 4 at 4"]);
});

test("the only part of a feed that comes empty is told by the name of the feed", async () => {
  await update("emptied-whole", feedOf({ all: 1, b: 1 }));
  const { feeds } = await update("emptied-whole", feedOf({ all: 0, b: 1 }));
  expect(feeds[0]?.failure?.message).toBe(
    "the download from Example has no entries; the database has one entry from it",
  );
});

test("an update of which nothing came but that is an error, and the database is as it was", async () => {
  await update("alone", feedOf({ a: 3 }));
  await expect(update("alone", feedOf({ a: 0 }))).rejects.toMatchObject({ code: "feed-malformed" });
  expect(itemsIn("alone")).toEqual(["a 3 at 3"]);
});

test("a part may be empty from the start, and its changes may be none", async () => {
  await update("small", feedOf({ a: 0, b: 1 }));
  const { feeds } = await update("small", feedOf({ a: 0, b: 0 }, "changes"));
  expect(feeds[0]?.failure).toBeUndefined();
  expect(itemsIn("small")).toEqual(["a 0 at 0", "b 1 at 0"]);
});

test("a build from nothing takes what comes", async () => {
  await update("anew", feedOf({ a: 3, b: 2 }));
  await update("anew", feedOf({ a: 0, b: 2 }), true);
  expect(itemsIn("anew")).toEqual(["a 0 at 0", "b 2 at 2"]);
});

/** The feed of another publisher, which fills Debian and perhaps cannot be reached. */
function debianLike(answers: boolean): AdvisoryFeed {
  const example = feedOf({ all: 2 });
  return {
    ...example,
    id: "debian-like",
    ecosystems: ["Debian"],
    fetch: answers
      ? example.fetch
      : async function* () {
          yield* [];
          throw new PlimsollError("feed-unreachable", "nobody answers");
        },
  };
}

/** Updates at midnight of a day of 2025, and gives what the database then says is older than it. */
async function updateOn(day: string, name: string, ...feeds: AdvisoryFeed[]): Promise<readonly PartBehind[]> {
  const output = join(folder, name);
  await updateDatabase({
    output,
    feeds: feeds.map((feed) => ({ feed })),
    builtAt: `2025-${day}T00:00:00Z`,
    signal,
  });
  using index = openIndex(output);
  return index.status.behind ?? [];
}

function openIndex(path: string): Pick<ReturnType<typeof openAdvisoryDatabase>, "status"> & Disposable {
  const { status, close } = openAdvisoryDatabase(path);
  return { status, [Symbol.dispose]: close };
}

test("what was not asked for and what did not answer stays older than the database, until it is brought up to date", async () => {
  const [npm, unchanged] = [feedOf({ npm: 2 }), feedOf({ npm: 2 }, "unchanged")];
  const debian = { feed: "debian-like", name: "all" };
  expect(await updateOn("01-01", "ages", npm, debianLike(true))).toEqual([]);
  const since = "2025-01-01T00:00:00Z";
  expect(await updateOn("01-05", "ages", npm)).toEqual([{ ...debian, since }]);
  expect(await updateOn("01-09", "ages", unchanged, debianLike(false))).toEqual([{ ...debian, since }]);
  expect(await updateOn("02-01", "ages", debianLike(true))).toEqual([
    { feed: "example", name: "npm", since: "2025-01-09T00:00:00Z" },
  ]);
  expect(await updateOn("02-02", "ages", unchanged, debianLike(true))).toEqual([]);
});

test("a part that came empty stays as old as it was", async () => {
  await updateOn("01-01", "old-and-empty", feedOf({ a: 3, b: 2 }));
  expect(await updateOn("01-05", "old-and-empty", feedOf({ a: 0, b: 2 }))).toEqual([
    { feed: "example", name: "a", since: "2025-01-01T00:00:00Z" },
  ]);
});

test("another feed's copy of an ecosystem goes when its publisher's own feed has come, and not before", async () => {
  const copies = feedOf({ npm: 1, Debian: 1 });
  await updateOn("01-01", "copies", copies);
  await updateOn("01-02", "copies", feedOf({ npm: 1, Debian: 1 }, "unchanged"), debianLike(false));
  expect(itemsIn("copies").map((line) => line.split(" ")[0])).toEqual(["Debian", "npm"]);
  await updateOn("01-03", "copies", debianLike(true));
  expect(itemsIn("copies").map((line) => line.split(" ")[0])).toEqual(["all", "npm"]);
});
