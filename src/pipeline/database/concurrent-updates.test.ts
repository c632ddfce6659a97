// `updateDatabase`, twice at the same time.

import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisories/advisory-feed.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { readParts } from "../../advisories/database/read-parts.ts";
import { verifyDatabase } from "../../advisories/database/verify-database.ts";
import { type UpdatedDatabase, updateDatabase } from "./update-database.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();

interface Part {
  readonly name: string;
  readonly ids: readonly string[];
  readonly state?: FeedPart["state"];
}

/** A feed of these parts; `during` is awaited before the last one comes. */
function feedOf(id: string, parts: readonly Part[], during: () => Promise<unknown> = async () => {}): AdvisoryFeed {
  return {
    id,
    revision: 1,
    title: id,
    ecosystems: ["npm"],
    address: "https://feed.example.org/",
    licence: "CC0-1.0",
    redistributable: true,
    async *fetch() {
      for (const [index, { name, ids, state = "whole" }] of parts.entries()) {
        if (index === parts.length - 1) await during();
        yield { name, state, files: [], position: { at: ids.join() } };
      }
    },
    *parse({ name }) {
      for (const advisory of parts.find((part) => part.name === name)?.ids ?? []) {
        yield {
          kind: "advisory",
          advisory: {
            id: advisory,
            modified: "2024-01-01T00:00:00Z",
            affected: [{ package: { ecosystem: "npm", name: "thing" }, versions: ["1.0.0"] }],
          },
        };
      }
    },
  };
}

function update(name: string, feed: AdvisoryFeed, { day = "01", named = true } = {}): Promise<UpdatedDatabase> {
  const output = join(folder, name);
  const chosen = { feed, ...(named && { ecosystems: ["npm"] }) };
  return updateDatabase({ output, feeds: [chosen], builtAt: `2025-01-${day}T00:00:00Z`, signal });
}

async function contentOf(name: string): Promise<{ ids: string[]; behind: string[] }> {
  const path = join(folder, name);
  await verifyDatabase(path);
  const index = openAdvisoryDatabase(path);
  const ids = index.find("npm", "thing").map(({ id }) => id);
  const behind = (index.status.behind ?? []).map((part) => `${part.feed} ${part.name} ${part.since.slice(0, 10)}`);
  index.close();
  return { ids: ids.sort(), behind };
}

test("of two first updates at the same time neither is lost", async () => {
  const slow = feedOf("slow", [{ name: "a", ids: ["A-1"] }], () => update("first", feedOf("fast", [one("b", "B-1")])));
  await update("first", slow);
  expect(await contentOf("first")).toEqual({ ids: ["A-1", "B-1"], behind: [] });
});

test("what another update brings meanwhile stays, and so does what neither touched", async () => {
  await update("three", feedOf("osv", [one("a", "A-1"), one("b", "B-1"), one("c", "C-1")]));
  const meanwhile = () => update("three", feedOf("osv", [one("b", "B-2")]), { day: "02" });
  await update("three", feedOf("osv", [one("a", "A-2")], meanwhile), { day: "03" });
  expect(await contentOf("three")).toEqual({
    ids: ["A-2", "B-2", "C-1"],
    behind: ["osv b 2025-01-02", "osv c 2025-01-01"],
  });
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

test("changes of a part count where the other update left it alone, and where it did not the other's part stays", async () => {
  await update("changes", feedOf("osv", [one("a", "A-1"), one("b", "B-1")]));
  const meanwhile = () => update("changes", feedOf("osv", [one("b", "B-2", "B-3")]), { day: "02" });
  const changes: Part[] = [
    { name: "a", ids: ["A-2"], state: "changes" },
    { name: "b", ids: ["B-9"], state: "changes" },
  ];
  await update("changes", feedOf("osv", changes, meanwhile), { day: "03" });
  expect(await contentOf("changes")).toEqual({ ids: ["A-1", "A-2", "B-2", "B-3"], behind: ["osv b 2025-01-02"] });
  expect(readParts(join(folder, "changes")).map(({ position }) => position["at"])).toEqual(["A-2", "B-2,B-3"]);
});

test("a part that the publisher had nothing new of is the other's when that has something else", async () => {
  await update("unchanged", feedOf("osv", [one("a", "A-1"), one("b", "B-1")]));
  const meanwhile = () => update("unchanged", feedOf("osv", [one("b", "B-2")]), { day: "02" });
  const parts: Part[] = ["a", "b"].map((name) => ({ name, ids: [], state: "unchanged" }));
  await update("unchanged", feedOf("osv", parts, meanwhile), { day: "03" });
  expect(await contentOf("unchanged")).toEqual({ ids: ["A-1", "B-2"], behind: ["osv b 2025-01-02"] });
});

test("a part that the publisher no longer gives goes, also when another update has brought it meanwhile", async () => {
  await update("gone", feedOf("osv", [one("a", "A-1")]));
  const meanwhile = () => update("gone", feedOf("osv", [one("old", "O-1")]), { day: "02" });
  await update("gone", feedOf("osv", [one("a", "A-2")], meanwhile), { day: "03", named: false });
  expect(await contentOf("gone")).toEqual({ ids: ["A-2"], behind: [] });
});

test("a database that comes meanwhile and lacks what was to be changed stays, and the update says to run again", async () => {
  await update("lacking", feedOf("osv", [one("a", "A-1")]));
  const meanwhile = async () => {
    rmSync(join(folder, "lacking"));
    await update("lacking", feedOf("osv", [one("b", "B-1")]));
  };
  const slow = update("lacking", feedOf("osv", [{ name: "a", ids: ["A-2"], state: "changes" }], meanwhile));
  await expect(slow).rejects.toMatchObject({
    code: "output-not-written",
    message: expect.stringContaining("another process replaced the database"),
    hint: expect.stringContaining("Run the command again"),
  });
  expect(await contentOf("lacking")).toEqual({ ids: ["B-1"], behind: [] });
});

test("a file that comes meanwhile and is not a database stays", async () => {
  const path = join(folder, "notes");
  const slow = feedOf("osv", [one("a", "A-1")], async () => writeFileSync(path, "not to be lost"));
  await expect(update("notes", slow)).rejects.toMatchObject({ code: "output-not-written" });
});

test("a database that was removed meanwhile is written again, with all that it held", async () => {
  await update("removed", feedOf("osv", [one("a", "A-1"), one("b", "B-1")]));
  const remove = async () => rmSync(join(folder, "removed"));
  await update("removed", feedOf("osv", [one("a", "A-2")], remove), { day: "02" });
  expect((await contentOf("removed")).ids).toEqual(["A-2", "B-1"]);
  expect(existsSync(join(folder, ".removed.lock"))).toBe(false);
});

function one(name: string, ...ids: string[]): Part {
  return { name, ids };
}
