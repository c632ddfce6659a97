import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import type { AdvisoryFeed, FeedPart } from "../advisories/advisory-feed.ts";
import { readParts } from "../advisories/database/read-parts.ts";
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
  expect(feeds[0]?.failure?.message).toBe('what came for "a" holds nothing, and it held 3 entries');
  // Its position is the old one, so that it is asked for again.
  expect(itemsIn("emptied")).toEqual(["a 3 at 3", "b 4 at 4"]);
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
