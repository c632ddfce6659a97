import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { feeds } from "../../src/advisories/feeds/builtin.ts";
import type { DatabaseStatus } from "../../src/model/findings/advisory.ts";
import { describeWithCorpus } from "../setup/corpus.ts";
import { type FeedServer, feedServer } from "../setup/feed-server.ts";
import { addressOf, publisherMirror } from "../setup/publisher-mirror.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

/** What is asked for without a condition, because it is short and says what else there is. */
const tablesOfContents =
  /(?:ecosystems\.txt|mirror\.list|repomd\.xml|extras-catalog-x86_64\.json|photon_versions\.json|\.meta)$/;

describeWithCorpus("a database of every publisher's feed", () => {
  const plimsoll = startPlimsoll();
  const at = (name: string): string => join(plimsoll.folder, name);
  const files = publisherMirror();

  async function update(server: FeedServer, ...more: string[]): Promise<void> {
    const env = { PLIMSOLL_OFFLINE: "0" };
    const run = await plimsoll(["db", "update", "--mirror", server.address, "--db", "all.sqlite", ...more], { env });
    expect(run).toMatchObject({ code: 0, stderr: "" });
  }

  async function statusOf(db: string): Promise<DatabaseStatus> {
    const { stdout } = await plimsoll(["db", "status", "--db", db, "--format", "json"]);
    return JSON.parse(stdout) as DatabaseStatus;
  }

  async function digestOf(db: string): Promise<string> {
    const { stdout } = await plimsoll(["db", "verify", "--db", db, "--format", "json"]);
    return (JSON.parse(stdout) as { digest: string }).digest;
  }

  test("an update brings all of them, the next one only asks, and what one publisher changes is all that changes", async () => {
    const server = await feedServer(files);
    await update(server);
    await update(server, "--only", "exploit-db,cocoapods");
    const first = await statusOf("all.sqlite");
    const held = first.parts.filter(({ items }) => items > 0).map(({ feed }) => feed);
    expect(new Set(held)).toEqual(new Set(feeds.map(({ id }) => id)));
    expect(first.records).toBeGreaterThanOrEqual(49_000);
    expect(first.ecosystems.map(({ ecosystem }) => ecosystem)).toHaveLength(25);
    const digest = await digestOf("all.sqlite");
    expect(digest).toMatch(/^(?:sha256:)?[0-9a-f]{64}$/);

    server.forget();
    await update(server);
    expect(server.requests.length).toBeGreaterThanOrEqual(100);
    const sent = server.requests.filter(({ status }) => status === 200).map(({ address }) => address);
    expect(sent.filter((address) => !tablesOfContents.test(address))).toEqual([]);
    expect((await statusOf("all.sqlite")).parts).toEqual(first.parts);
    expect(await digestOf("all.sqlite")).toBe(digest);

    copyFileSync(at("all.sqlite"), at("before.sqlite"));
    const changed = addressOf("wolfi", "security.json");
    server.put(changed, String(files[changed]).replace("8.4.0-r0", "8.4.0-r7"));
    await update(server);
    const { parts } = await statusOf("all.sqlite");
    const touched = parts.filter(({ updatedAt }, place) => updatedAt !== first.parts[place]?.updatedAt);
    expect(touched.map(({ feed }) => feed)).toEqual(["wolfi"]);
    const { stdout } = await plimsoll(["db", "diff", "before.sqlite", "all.sqlite"]);
    expect(stdout.split("\n", 2)).toEqual([
      "~ Wolfi  WOLFI-CVE-2023-38545  curl",
      expect.stringMatching(/^advisories 0 added, 0 removed, 1 changed; statements 0 added, 0 removed/),
    ]);
  }, 180_000);

  test("two builds of one date have the same bytes", async () => {
    const server = await feedServer(files);
    for (const db of ["one.sqlite", "two.sqlite"]) {
      const date = ["--date", "2026-11-25T00:00:00Z"];
      const run = await plimsoll(["db", "build", "--mirror", server.address, "--db", db, ...date], {
        env: { PLIMSOLL_OFFLINE: "0" },
      });
      expect(run).toMatchObject({ code: 0, stderr: "" });
    }
    expect(readFileSync(at("one.sqlite")).equals(readFileSync(at("two.sqlite")))).toBe(true);
  }, 180_000);
});
