import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import { type VerdictRecord, VerdictStore } from "./verdict-store.ts";

const folder = temporaryFolder();
const digest = `sha256:${"a".repeat(64)}`;
const record = (name: string, platform: string): VerdictRecord => ({
  ...{
    name,
    platform,
    scannedAt: "2026-11-20T09:00:00Z",
    revision: "1",
    problems: 0,
    findings: {},
    verdicts: {},
    distro: null,
  },
  database: { kind: "file", builtAt: "2026-11-20T00:00:00Z" },
});

test("a digest that is one image's own stays that when the image is scanned again under another of its digests", () => {
  const store = new VerdictStore(folder);
  store.set([digest], { ...record("first", "linux/amd64"), isOfIndex: true });
  expect(store.get(digest)).toMatchObject([{ name: "first", isOfIndex: true }]);
  store.set([digest], record("second", "linux/amd64"));
  store.set([digest], { ...record("third", "linux/amd64"), isOfIndex: true });
  expect(store.get(digest)).toEqual([record("third", "linux/amd64")]);
  store.set([digest], { ...record("fourth", "linux/arm64"), isOfIndex: true });
  expect(store.get(digest)).toMatchObject([{ name: "fourth", isOfIndex: true }, { name: "third" }]);
});

test("a verdict that an earlier version remembered without a policy is not read as allowed", () => {
  const store = new VerdictStore(folder);
  const old = `sha256:${"c".repeat(64)}`;
  const verdicts = { none: { decision: "allowed", reasons: ["nothing was found"] } } as const;
  store.set([old], { ...record("first", "linux/amd64"), verdicts });
  const path = join(folder, "verdicts", `sha256-${"c".repeat(64)}.json`);
  writeFileSync(path, readFileSync(path, "utf8").replace(/"format":\d+/, '"format":7'));
  expect(store.get(old)).toEqual([]);
});

test("platforms that mean the same have one record, however they are written", () => {
  const store = new VerdictStore(folder);
  const other = `sha256:${"b".repeat(64)}`;
  store.set([other], { ...record("first", "linux/arm64/v8"), isOfIndex: true });
  store.set([other], { ...record("second", "linux/arm64"), isOfIndex: true });
  expect(store.get(other)).toMatchObject([{ name: "second" }]);
  store.set([other], { ...record("third", "linux/arm/v6"), isOfIndex: true });
  store.set([other], { ...record("fourth", "linux/arm"), isOfIndex: true });
  expect(store.get(other)).toMatchObject([{ name: "fourth" }, { name: "third" }, { name: "second" }]);
});
