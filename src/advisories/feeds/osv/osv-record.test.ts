import { expect, test } from "vitest";
import { readOsvRecord } from "./osv-record.ts";

const minimal = { id: "X-1", modified: "2024-01-02T03:04:05Z" };

function refused(value: unknown): string | undefined {
  const reading = readOsvRecord(value);
  return "refused" in reading ? reading.refused : undefined;
}

test("a record with only its required fields is an advisory", () => {
  expect(readOsvRecord(minimal)).toEqual({ advisory: minimal });
});

test("null counts as absent and unknown fields are passed over", () => {
  const value = { ...minimal, aliases: null, affected: null, severity: null, credits: 7, future: { a: [1] } };
  expect(readOsvRecord(value)).toEqual({ advisory: minimal });
});

test("values that are not OSV records are refused with a reason", () => {
  expect(refused(null)).toBe("the record is not an object");
  expect(refused([])).toBe("the record is not an object");
  expect(refused({})).toBe("id is missing");
  expect(refused({ ...minimal, id: "a\nb" })).toBe("id is not a valid identifier");
  expect(refused({ ...minimal, id: 5 })).toBe("id is not text");
  expect(refused({ id: "X-1" })).toBe("modified is missing");
  expect(refused({ ...minimal, modified: "yesterday" })).toBe("modified is not an RFC 3339 time");
  expect(refused({ ...minimal, withdrawn: 7 })).toBe("withdrawn is not text");
  expect(refused({ ...minimal, affected: "all" })).toBe("affected is not a list");
  expect(refused({ ...minimal, affected: [{ package: { name: "a" } }] })).toBe(
    "affected.package lacks its ecosystem or name",
  );
  expect(refused({ ...minimal, affected: [{ ranges: [{ type: "MOON", events: [] }] }] })).toBe(
    "affected.ranges.type is not in the schema",
  );
  expect(refused({ ...minimal, affected: [{ ranges: [{ type: "SEMVER", events: [{ introduced: 0 }] }] }] })).toBe(
    "introduced is not text",
  );
});

test.each([
  [{ aliases: "CVE-1" }, "aliases is not a list"],
  [{ aliases: [{}] }, "aliases contains a value that is not a string"],
  [{ related: 1 }, "related is not a list"],
  [{ upstream: {} }, "upstream is not a list"],
  [{ severity: "oops" }, "severity is not a list"],
  [{ severity: [{ type: "CVSS_V3" }] }, "severity has no type or no score"],
  [{ references: [7] }, "references is not an object"],
  [{ summary: [] }, "summary is not text"],
  [{ details: [] }, "details is not text"],
  [{ published: "yesterday" }, "published is not an RFC 3339 time"],
  [{ database_specific: "x" }, "database_specific is not an object"],
])("of a record with %j only that field is left out, with the reason", (bad, reason) => {
  const affected = [{ package: { ecosystem: "npm", name: "a" }, versions: ["1"] }];
  const reading = readOsvRecord({ ...minimal, affected, ...bad });
  expect(reading).toEqual({ advisory: { ...minimal, affected }, leftOut: [reason] });
});

test("a severity of an entry that cannot be read is left out, and the entry stays", () => {
  const entry = { package: { ecosystem: "npm", name: "a" }, versions: ["1"] };
  expect(readOsvRecord({ ...minimal, affected: [{ ...entry, severity: 7 }] })).toEqual({
    advisory: { ...minimal, affected: [entry] },
    leftOut: ["affected.severity is not a list"],
  });
});

test("ranges of commits are left out and the others kept", () => {
  const ranges = [
    { type: "GIT", repo: "https://example.org", events: [{ introduced: "0" }] },
    { type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.2.3" }] },
  ];
  const reading = readOsvRecord({ ...minimal, affected: [{ package: { ecosystem: "npm", name: "a" }, ranges }] });
  expect(reading).toMatchObject({ advisory: { affected: [{ ranges: [ranges[1]] }] } });
});

test("an entry with ranges of commits alone covers nothing, which is told where versions could be compared", () => {
  const ranges = [{ type: "GIT", events: [{ introduced: "0" }] }];
  const leftOut = (entry: Record<string, unknown>, more = {}): readonly string[] | undefined => {
    const reading = readOsvRecord({ ...minimal, ...more, affected: [{ ranges, ...entry }] });
    return "advisory" in reading ? reading.leftOut : [reading.refused];
  };
  const named = { package: { ecosystem: "npm", name: "a" } };
  expect(leftOut(named)).toEqual(["affected has no versions"]);
  expect(leftOut({ ...named, versions: [] })).toEqual(["affected has no versions"]);
  expect(leftOut({ ...named, versions: ["1"] })).toBeUndefined();
  expect(leftOut(named, { withdrawn: minimal.modified })).toBeUndefined();
  expect(leftOut({ package: { ecosystem: "OSS-Fuzz", name: "a" } })).toBeUndefined();
  expect(leftOut({})).toBeUndefined();
});

test.each([
  ["0001-01-01T00:00:00Z", undefined],
  ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"],
  ["2199-01-01T00:00:00Z", "2199-01-01T00:00:00Z"],
])("withdrawn at %s is withdrawn unless that is no time", (withdrawn, read) => {
  expect(readOsvRecord({ ...minimal, withdrawn })).toEqual({
    advisory: { ...minimal, ...(read && { withdrawn: read }) },
  });
});

test("details are kept only without a summary, as one line of at most 300 characters", () => {
  const long = `first\n\n${"word ".repeat(200)}`;
  const reading = readOsvRecord({ ...minimal, details: long });
  const details = "advisory" in reading ? (reading.advisory.details ?? "") : "";
  expect(details).toHaveLength(300);
  expect(details).toMatch(/^first word .*…$/);
  expect(readOsvRecord({ ...minimal, summary: "short", details: long })).toEqual({
    advisory: { ...minimal, summary: "short" },
  });
});

test("five addresses are kept, advisories first, and only http and https ones", () => {
  const references = [
    { type: "WEB", url: "javascript:alert(1)" },
    ...[1, 2, 3, 4, 5].map((number) => ({ type: "WEB", url: `https://example.org/${number}` })),
    { type: "ADVISORY", url: "https://example.org/advisory" },
  ];
  const reading = readOsvRecord({ ...minimal, references });
  const urls = "advisory" in reading ? reading.advisory.references?.map(({ url }) => url.slice(20)) : [];
  expect(urls).toEqual(["advisory", "1", "2", "3", "4"]);
});

test("keys that name parts of every object are harmless", () => {
  const text = `{"id":"X-1","modified":"2024-01-02T03:04:05Z","__proto__":{"withdrawn":"2024-01-01T00:00:00Z"},
    "affected":[{"package":{"ecosystem":"npm","name":"__proto__"},"versions":["1"],"database_specific":{"__proto__":{"severity":"LOW"}}}]}`;
  expect(readOsvRecord(JSON.parse(text))).toEqual({
    advisory: { ...minimal, affected: [{ package: { ecosystem: "npm", name: "__proto__" }, versions: ["1"] }] },
  });
});

test("of a Go module the affected packages are kept with where they are affected, all of them or none", () => {
  const kept = (imports: unknown): unknown => {
    const reading = readOsvRecord({ ...minimal, affected: [{ ecosystem_specific: { urgency: "low", imports } }] });
    return "advisory" in reading ? reading.advisory.affected?.[0]?.ecosystem_specific : reading;
  };
  expect(kept([{ path: "net/http", symbols: ["Get"] }, { path: "crypto/tls" }])).toEqual({
    urgency: "low",
    imports: [{ path: "net/http" }, { path: "crypto/tls" }],
  });
  const somewhere = [{ path: "os", goos: ["windows"], goarch: ["amd64", "386"], symbols: ["Open"] }];
  expect(kept(somewhere)).toEqual({
    urgency: "low",
    imports: [{ path: "os", goos: ["windows"], goarch: ["amd64", "386"] }],
  });
  for (const goos of [[], "windows", ["windows", 1], ["a b"], Array.from({ length: 51 }, () => "windows")]) {
    expect(kept([{ path: "os", goos, goarch: goos }])).toEqual({ urgency: "low", imports: [{ path: "os" }] });
  }
  const many = Array.from({ length: 501 }, (_, index) => ({ path: `p/${index}` }));
  for (const imports of [[], many, "net/http", [{ path: "a" }, { symbols: [] }], [{ path: "a b" }]]) {
    expect(kept(imports)).toEqual({ urgency: "low" });
  }
});

test("Plimsoll's own extension is not believed from outside", () => {
  const plimsoll = { status: "will_not_fix", severities: [{ source: "x", type: "word", score: "Low" }] };
  const affected = [{ database_specific: { plimsoll }, ecosystem_specific: { plimsoll } }];
  expect(readOsvRecord({ ...minimal, database_specific: { plimsoll }, affected })).toEqual({
    advisory: { ...minimal, affected: [{}] },
  });
});

test("a range that nothing introduces is refused, and an entry without ranges and versions is told", () => {
  const reading = (...affected: readonly object[]) =>
    readOsvRecord({
      id: "A-1",
      modified: "2024-01-01T00:00:00Z",
      affected: affected.map((entry) => ({ package: { ecosystem: "npm", name: "a" }, ...entry })),
    });
  for (const events of [[], [{ fixed: "2.0.0" }]]) {
    expect(reading({ ranges: [{ type: "SEMVER", events }] })).toEqual({
      refused: "affected.ranges does not have a start",
    });
  }
  const versions = { versions: ["1.0.0"] };
  for (const entry of [{}, { ranges: [], versions: [] }]) {
    expect(reading(versions, entry)).toMatchObject({
      advisory: { affected: [versions, {}] },
      leftOut: ["affected has no versions"],
    });
  }
  const ofCommits = { ranges: [{ type: "GIT", repo: "https://example.org/a", events: [{ introduced: "0" }] }] };
  expect(reading(versions, ofCommits)).not.toHaveProperty("leftOut");
});
