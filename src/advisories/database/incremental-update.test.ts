import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Advisory } from "../../model/findings/advisory.ts";
import type { FeedItem } from "../feed-item.ts";
import { AdvisoryDatabaseWriter } from "./database-writer.ts";
import { keepPackages } from "./keep-packages.ts";
import { openAdvisoryDatabase } from "./open-advisory-database.ts";
import { verifyDatabase } from "./verify-database.ts";

const folder = temporaryFolder();
const origin = { builtAt: "2025-01-01T00:00:00Z", source: "a test" };

/** A part as it should be: what a test holds beside the database. */
interface PartContent {
  readonly items: readonly FeedItem[];
  readonly revision: number;
  readonly updatedAt: string;
  readonly position: Readonly<Record<string, string>>;
}
type Content = ReadonlyMap<string, PartContent>;

const partNames = ["debian all", "osv npm", "osv Debian"];
const id = fc.constantFrom("A-1", "A-2", "A-3", "CVE-1");
const cve = fc.constantFrom("CVE-1", "CVE-2", "CVE-3");
const ecosystem = fc.constantFrom("npm", "Debian:11", "Debian:12", "Debian", "PyPI", "Ä\u{1f600}:1");
const name = fc.constantFrom("a", "b", "Flask_Cors", "\0", "é");
const modified = fc.constantFrom("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5Z", "2024-01-01T01:00:00+01:00");
const advisory: fc.Arbitrary<FeedItem> = fc
  .record({
    id,
    modified,
    affected: fc.array(fc.record({ package: fc.record({ ecosystem, name }), versions: fc.array(name) }), {
      maxLength: 3,
    }),
    ...{ upstream: fc.array(cve, { maxLength: 2 }), withdrawn: fc.option(modified, { nil: undefined }) },
  })
  .map(({ withdrawn, ...rest }) => ({
    kind: "advisory",
    advisory: { ...rest, ...(withdrawn !== undefined && { withdrawn }) },
  }));
const statement: fc.Arbitrary<FeedItem> = fc
  .record({ ecosystem, name, cve, status_notes: fc.constantFrom("one", "two") })
  .map(({ ecosystem, name, cve, status_notes }) => ({
    kind: "statement",
    ecosystem,
    name,
    statement: { vulnerability: { name: cve }, products: [], status: "not_affected", status_notes, author: "x" },
  }));
const entry: fc.Arbitrary<FeedItem> = fc.oneof(
  fc.tuple(cve, name).map(([cve, exploit]): FeedItem => ({ kind: "facts", cve, facts: { exploits: [exploit] } })),
  name.map((cycle): FeedItem => ({ kind: "release-cycle", product: "p", cycle: { cycle, endOfLife: true } })),
  name.map((cpe): FeedItem => ({ kind: "repository", repository: "r", cpes: [cpe] })),
);
const item = fc.oneof({ arbitrary: advisory, weight: 3 }, statement, entry);
const removed = fc.oneof(id, cve).map((one): FeedItem => ({ kind: "removed", id: one }));
const position = fc.dictionary(fc.constantFrom("etag", "last-modified"), name);
const about = { revision: fc.integer({ min: 1, max: 3 }), updatedAt: modified, position };
const unreadable = fc.oneof(
  fc.oneof(id, cve).map((one): FeedItem => ({ kind: "unreadable", id: one })),
  advisory.map(
    (one): FeedItem =>
      one.kind === "advisory" ? { kind: "unreadable", id: one.advisory.id, standIn: one.advisory } : one,
  ),
);
const whole = fc.record({
  kind: fc.constant("whole"),
  items: fc.array(fc.oneof({ arbitrary: item, weight: 5 }, unreadable), { maxLength: 8 }),
  ...about,
});
const changed = fc.record({
  kind: fc.constant("changed"),
  items: fc.array(fc.oneof({ arbitrary: item, weight: 5 }, { arbitrary: removed, weight: 2 }, unreadable), {
    maxLength: 6,
  }),
  ...about,
});
const step = fc.oneof(
  whole,
  changed,
  fc.constant({ kind: "kept" } as const),
  fc.constant({ kind: "dropped" } as const),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const update = fc.record({
  steps: fc.tuple(step, step, step),
  order: fc.shuffledSubarray([0, 1, 2], { minLength: 3, maxLength: 3 }),
});

describe("an update", () => {
  test("gives the bytes that building from nothing gives, whatever was kept or changed and in whatever order", async () => {
    let kept = 0;
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(update, { minLength: 1, maxLength: 4 }), fc.boolean(), async (updates, backwards) => {
        const path = join(folder, "updated.db");
        rmSync(path, { force: true });
        let content: Content = new Map();
        for (const { steps, order } of updates) {
          kept += steps.filter(({ kind }) => kind === "kept").length;
          changes += steps.filter(({ kind }) => kind === "changed").length;
          content = runUpdate(path, { content, steps, order });
        }
        const scratch = join(folder, "scratch.db");
        build(scratch, backwards ? new Map([...content].reverse()) : content);
        expect(readFileSync(path).equals(readFileSync(scratch))).toBe(true);
        await verifyDatabase(path);
        expect(foundIn(path)).toEqual(expectedIn(content));
      }),
      { numRuns: 60 },
    );
    expect(kept).toBeGreaterThan(40);
    expect(changes).toBeGreaterThan(40);
  });
});

function runUpdate(
  path: string,
  { content, steps, order }: { content: Content; steps: readonly Step[]; order: readonly number[] },
): Content {
  const next = new Map<string, PartContent>();
  using writer = new AdvisoryDatabaseWriter(path);
  for (const index of order) {
    const [key = "", todo] = [partNames[index], steps[index]];
    const [feed = "", partName = ""] = key.split(" ");
    const before = content.get(key);
    if (todo === undefined || todo.kind === "dropped" || (todo.kind === "kept" && !before)) continue;
    if (todo.kind === "kept") {
      writer.keepPart(path, { feed, name: partName });
      if (before) next.set(key, before);
      continue;
    }
    const changes = todo.kind === "changed" && before ? before : undefined;
    const { revision, updatedAt } = todo;
    const from = changes ? { changesOf: path } : existsSync(path) ? { unreadableFrom: path } : {};
    writer.startPart({ feed, name: partName, revision, updatedAt, ...from });
    for (const one of todo.items) writer.add(one);
    writer.endPart(todo.position);
    const come = withKept(before?.items ?? [], todo.items);
    const items = changes
      ? applied(changes.items, withStandIns(changes.items, come))
      : withUnreadable(before?.items ?? [], withoutRemoved(come));
    next.set(key, { ...todo, items });
  }
  writer.finish(origin);
  return next;
}

/** What stands in with what was affected before; where nothing was there, one without a package does not count. */
function withKept(before: readonly FeedItem[], items: readonly FeedItem[]): readonly FeedItem[] {
  const current = currentAdvisories(before);
  return items.map((one) => {
    if (one.kind !== "unreadable" || !one.standIn) return one;
    const known = current.find((there) => there.id === one.id);
    if (!known && !one.standIn.affected?.length) return { kind: "unreadable", id: one.id };
    return { ...one, standIn: keepPackages(one.standIn, { before: known?.affected ?? [], statements: [] }) };
  });
}

/** What a part holds that came whole, by the contract of `startPart`. */
function withUnreadable(before: readonly FeedItem[], items: readonly FeedItem[]): readonly FeedItem[] {
  const refused = new Set(items.flatMap((one) => (one.kind === "unreadable" ? one.id : [])));
  const wasRead = currentItems(before).filter((one) => one.kind === "advisory" && refused.has(idOf(one)));
  const stoodIn = currentItems(before).filter((one) => one.kind === "unreadable" && refused.has(idOf(one)));
  const has = (list: readonly FeedItem[], one: FeedItem): boolean => list.some((other) => idOf(other) === idOf(one));
  const all = items.filter((one) => one.kind !== "unreadable" || (one.standIn && !has(wasRead, one)));
  const kept = [...wasRead, ...stoodIn].filter((one) => !has(all, one));
  const standIns = currentItems(all).filter(({ kind }) => kind === "unreadable");
  const stated = new Set([
    ...all.map(statedName),
    ...standIns.flatMap(advisoryOf).flatMap(({ upstream = [] }) => upstream),
  ]);
  const left = before.filter((one) => refused.has(statedName(one) ?? "") && !stated.has(statedName(one)));
  return [...kept, ...left, ...all];
}

/** Changes without what says nothing new: of what cannot be read a stand-in counts where no advisory was. */
function withStandIns(before: readonly FeedItem[], changes: readonly FeedItem[]): readonly FeedItem[] {
  const wasRead = new Set(before.flatMap((one) => (one.kind === "advisory" ? one.advisory.id : [])));
  return changes.filter((one) => one.kind !== "unreadable" || (one.standIn && !wasRead.has(one.id)));
}

/** The id of an advisory or of its stand-in. */
function idOf(one: FeedItem): string {
  return one.kind === "advisory" ? one.advisory.id : one.kind === "unreadable" ? one.id : "";
}

function statedName(one: FeedItem): string | undefined {
  return one.kind === "statement" ? one.statement.vulnerability.name : undefined;
}

/** What a part holds after changes, by the contract of `startPart`. */
function applied(before: readonly FeedItem[], changes: readonly FeedItem[]): readonly FeedItem[] {
  const ids = new Set(changes.flatMap((one) => (advisoryOf(one).length > 0 ? idOf(one) : removedId(one))));
  const replaced = currentAdvisories(before).filter((one) => ids.has(one.id));
  const about = new Set([
    ...ids,
    ...replaced.flatMap((one) => one.upstream ?? []),
    ...changes.flatMap((one) => statedName(one) ?? advisoryOf(one).flatMap(({ upstream = [] }) => upstream)),
  ]);
  const keys = new Set(changes.map(keyOf));
  const kept = before.filter((one) => {
    if (one.kind === "advisory" || one.kind === "unreadable") return !ids.has(idOf(one));
    if (one.kind === "statement") return !about.has(one.statement.vulnerability.name);
    return !keys.has(keyOf(one)) && !(one.kind === "facts" && changes.some((change) => removedId(change) === one.cve));
  });
  return [...kept, ...withoutRemoved(changes)];
}

/** Items that remain when those that remove an advisory have taken away the ones before them. */
function withoutRemoved(items: readonly FeedItem[]): readonly FeedItem[] {
  return items.filter(
    (one, index) =>
      one.kind !== "removed" &&
      !(advisoryOf(one).length > 0 && items.slice(index).some((later) => removedId(later) === idOf(one))),
  );
}

function removedId(one: FeedItem): string | never[] {
  return one.kind === "removed" ? one.id : [];
}

function keyOf(one: FeedItem): string {
  if (one.kind === "facts") return `facts ${one.cve}`;
  if (one.kind === "release-cycle") return `cycle ${one.product}`;
  return one.kind === "repository" ? `repository ${one.repository}` : one.kind;
}

/** When several advisories and stand-ins have one id, the one that counts within a part. */
function currentItems(items: readonly FeedItem[]): FeedItem[] {
  const current = new Map<string, FeedItem>();
  for (const one of items) {
    const [modified] = advisoryOf(one).map((advisory) => Date.parse(advisory.modified));
    if (modified === undefined) continue;
    const known = current.get(idOf(one));
    const isLater =
      known && modified >= Math.max(...advisoryOf(known).map((advisory) => Date.parse(advisory.modified)));
    if (!known || (known.kind === one.kind ? isLater : one.kind === "advisory")) current.set(idOf(one), one);
  }
  return [...current.values()];
}

function currentAdvisories(items: readonly FeedItem[]): Advisory[] {
  return currentItems(items).flatMap(advisoryOf);
}

function advisoryOf(one: FeedItem): Advisory[] {
  if (one.kind === "advisory") return [one.advisory];
  return one.kind === "unreadable" && one.standIn ? [one.standIn] : [];
}

function build(path: string, content: Content): void {
  using writer = new AdvisoryDatabaseWriter(path);
  for (const [key, { items, revision, updatedAt, position }] of content) {
    const [feed = "", partName = ""] = key.split(" ");
    writer.startPart({ feed, name: partName, revision, updatedAt });
    for (const one of items) writer.add(one);
    writer.endPart(position);
  }
  writer.finish(origin);
}

/** The id and time of what is found of some packages. */
function foundIn(path: string): string[] {
  const index = openAdvisoryDatabase(path);
  const found = ["npm", "Debian"].flatMap((of) => index.find(of, "a").map((one) => `${of} ${one.id} ${one.modified}`));
  index.close();
  return found.sort();
}

function expectedIn(content: Content): string[] {
  const current = new Map<string, Advisory>();
  for (const key of [...content.keys()].sort()) {
    for (const one of currentAdvisories(content.get(key)?.items ?? [])) {
      const known = current.get(one.id);
      if (!known || Date.parse(one.modified) > Date.parse(known.modified)) current.set(one.id, one);
    }
  }
  const isOf = (one: Advisory, of: string): boolean =>
    one.affected?.some(({ package: named }) => named?.name === "a" && named.ecosystem.split(":")[0] === of) === true;
  return ["npm", "Debian"]
    .flatMap((of) =>
      [...current.values()]
        .filter((one) => one.withdrawn === undefined && isOf(one, of))
        .map((one) => `${of} ${one.id} ${one.modified}`),
    )
    .sort();
}

describe("a writer", () => {
  const npm = { feed: "osv", name: "npm", revision: 1, updatedAt: "2025-01-01T00:00:00Z" };
  const one = {
    kind: "advisory",
    advisory: {
      id: "A-1",
      modified: "2024-01-01T00:00:00Z",
      affected: [{ package: { ecosystem: "npm", name: "a" }, versions: ["1"] }],
    },
  } as const satisfies FeedItem;
  const written = (file: string, parts: Content): string => {
    const path = join(folder, file);
    build(path, parts);
    return path;
  };
  const content = (...items: FeedItem[]): Content =>
    new Map([["osv npm", { items, revision: 1, updatedAt: "2025-01-01T00:00:00Z", position: {} }]]);

  test("keeps what another database holds after a part was abandoned", () => {
    const old = written("abandoned.db", content(one));
    const path = join(folder, "after.db");
    using writer = new AdvisoryDatabaseWriter(path);
    writer.startPart({ ...npm, name: "first" });
    writer.add(one);
    writer.endPart({});
    writer.startPart({ ...npm, changesOf: old });
    writer.add({ kind: "removed", id: "A-1" });
    for (const item of [one, { kind: "facts", cve: "CVE-1", facts: {} } as const]) writer.add(item);
    writer.abandonPart();
    writer.keepPart(old, npm);
    expect(writer.finish(origin)).toBe(1);
    const { status } = openAdvisoryDatabase(path);
    expect(status.parts.map(({ name, items }) => [name, items])).toEqual([
      ["first", 1],
      ["npm", 1],
    ]);
  });

  test("does not hold what was stated against what stands in for an advisory, in a part of changes either", () => {
    const standIn = { ...one.advisory, upstream: ["CVE-1"] };
    const unreadable: FeedItem = { kind: "unreadable", id: "A-1", standIn };
    const statementsOf = (path: string): number => {
      const index = openAdvisoryDatabase(path);
      const { length } = index.statements("npm", "a");
      index.close();
      return length;
    };
    const stated: FeedItem = {
      kind: "statement",
      ecosystem: "npm",
      name: "a",
      statement: { vulnerability: { name: "CVE-1" }, products: [], status: "not_affected", author: "x" },
    };
    for (const before of [[stated], [unreadable, stated]]) {
      const old = written("stated.db", content(...before));
      expect(statementsOf(old)).toBe(1);
      const path = join(folder, "stands-in.db");
      using writer = new AdvisoryDatabaseWriter(path);
      writer.startPart({ ...npm, changesOf: old });
      writer.add(unreadable);
      writer.endPart({});
      expect(writer.finish(origin)).toBe(1);
      expect(statementsOf(path)).toBe(0);
    }
  });

  test("refuses a part that the other database lacks, and a file that is none", () => {
    const old = written("lacking.db", content(one));
    const malformed = expect.objectContaining({ code: "database-malformed" });
    using writer = new AdvisoryDatabaseWriter(join(folder, "refused.db"));
    expect(() => writer.keepPart(old, { feed: "osv", name: "Go" })).toThrow(malformed);
    writeFileSync(join(folder, "text.db"), "hello");
    using other = new AdvisoryDatabaseWriter(join(folder, "refused.db"));
    expect(() => other.startPart({ ...npm, changesOf: join(folder, "text.db") })).toThrow(malformed);
  });

  test("does not take over a part whose content is not what was written, and leaves what was there", () => {
    const path = written("tampered.db", content(one));
    const database = new DatabaseSync(path);
    database.exec("UPDATE affected SET body = replace(body, '\"1\"', '\"2\"')");
    database.close();
    const before = readFileSync(path);
    using writer = new AdvisoryDatabaseWriter(path);
    writer.keepPart(path, npm);
    expect(() => writer.finish(origin)).toThrow(expect.objectContaining({ code: "database-malformed" }));
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("a part comes once, items come within a part, and a part ends before the next", () => {
    using writer = new AdvisoryDatabaseWriter(join(folder, "order.db"));
    expect(() => writer.add(one)).toThrow("no part was started");
    writer.startPart(npm);
    expect(() => writer.startPart({ ...npm, name: "Go" })).toThrow("was not finished");
    expect(() => writer.finish(origin)).toThrow("was not finished");
    writer.endPart({});
    expect(() => writer.startPart(npm)).toThrow("duplicate part npm of osv");
  });
});
