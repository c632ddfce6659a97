import { expect, test } from "vitest";
import { accessOf } from "../../../src/profiles/apparmor/events/access-of-record.ts";
import { readAuditRecord } from "../../../src/profiles/apparmor/events/read-record.ts";
import { generateProfile } from "../../../src/profiles/apparmor/generate/generate-profile.ts";
import { printPolicy } from "../../../src/profiles/apparmor/language/print.ts";
import { loadPolicy } from "../../../src/profiles/apparmor/policy/load-policy.ts";
import { corpusBytes, describeWithCorpus } from "../../setup/corpus.ts";

interface LogCase {
  readonly id: string;
  readonly log: string;
  readonly records: readonly Readonly<Record<string, string>>[];
  readonly profile: string | null;
}

/** Our names of the fields, by upstream's. */
const fieldNames: Readonly<Record<string, readonly string[]>> = {
  operation: ["operation"],
  profile: ["profile", "label"],
  name: ["name", "capname"],
  denied_mask: ["denied_mask", "denied", "mask"],
  pid: ["pid"],
  fsuid: ["fsuid"],
  ouid: ["ouid"],
  network_family: ["family"],
  socket_type: ["sock_type"],
  peer: ["peer"],
  name2: ["target", "name2"],
  info: ["info"],
  flags: ["flags"],
  src_name: ["srcname"],
  signal: ["signal"],
};

/**
 * Lines for which other tools write another rule, and why: we execute with `ix` alone, allow no address of a socket, and
 * an audited access was allowed already.
 */
const reviewed: readonly string[] = ["exec01", "exec02", "testcase12", "testcase35", "testcase_stack_crash"];

describeWithCorpus("AppArmor log lines", () => {
  const rows = corpusBytes("hardening", "apparmor", "log-lines.jsonl").toString().trimEnd().split("\n");
  const cases = rows.map((row) => JSON.parse(row) as LogCase);

  test("have the fields that AppArmor's library reads", () => {
    expect(cases.length).toBeGreaterThan(100);
    for (const { id, log, records } of cases) {
      const [expected = {}] = records;
      const record = readAuditRecord(log.trimEnd());
      const type = expected["event_type"]?.replace("AA_RECORD_", "");
      expect([id, record?.type]).toEqual([id, type === "INVALID" ? undefined : type]);
      for (const [theirs, ours] of Object.entries(fieldNames)) {
        if (type === "INVALID" || expected[theirs] === undefined) continue;
        const value = ours.map((name) => record?.fields.get(name)).find((text) => text !== undefined);
        expect([id, theirs, value]).toEqual([id, theirs, expected[theirs]]);
      }
    }
  });

  test("lead to the rules that AppArmor's tools write", () => {
    for (const { id, log, profile } of cases) {
      const record = readAuditRecord(log.trimEnd());
      const access = record === undefined ? undefined : accessOf(record);
      if (reviewed.includes(id)) continue;
      const rules = access === undefined ? [] : rulesOf(access);
      const theirs = (profile ?? "").split("\n").flatMap((line) => (line.trim().endsWith(",") ? [line.trim()] : []));
      expect([id, rules.map(comparable)]).toEqual([id, theirs.map(comparable)]);
    }
  });
});

function rulesOf(access: NonNullable<ReturnType<typeof accessOf>>): readonly string[] {
  const { statements, leftOut } = generateProfile([access], { name: "t", complain: false, exact: true });
  expect(leftOut).toEqual([]);
  const text = printPolicy(statements);
  expect(loadPolicy(text, { read: () => "" }).problems).toEqual([]);
  return text
    .split("\n")
    .slice(2, -2)
    .map((line) => line.trim());
}

/** A rule without parentheses of its access and without addresses, in one order. */
function comparable(rule: string): string {
  const bare = rule.replace(/"/g, "").replace(/^(\w+) \(([^)]*)\)/, "$1 $2");
  if (!bare.startsWith("network ")) return bare;
  const [, family = "", type = ""] = /\b(inet6?|unix) (\w+)/.exec(bare) ?? [];
  return `network ${family} ${type}`;
}
