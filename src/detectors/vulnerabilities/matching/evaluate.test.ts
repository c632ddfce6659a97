import fc from "fast-check";
import { expect, test } from "vitest";
import type { Advisory, Affected, RangeEvent } from "../../../model/findings/advisory.ts";
import { evaluate } from "./evaluate.ts";

function advisory(...affected: (Omit<Affected, "package"> & { in?: string; of?: string })[]): Advisory {
  return {
    id: "X-1",
    modified: "2024-01-01T00:00:00Z",
    affected: affected.map(({ in: ecosystem = "npm", of: name = "a", ...rest }) => ({
      package: { ecosystem, name },
      ...rest,
    })),
  };
}

function semver(...events: RangeEvent[]): Advisory {
  return advisory({ ranges: [{ type: "SEMVER", events }] });
}

function at(record: Advisory, version: string, ecosystem = "npm", name = "a"): ReturnType<typeof evaluate> {
  return told(evaluate(record, { ecosystem, name, version }));
}

/** With the reason as a plain field. */
function told(evaluation: ReturnType<typeof evaluate>): ReturnType<typeof evaluate> {
  return evaluation.affected === false ? { affected: false, reason: evaluation.reason } : evaluation;
}

test("the evidence says between what the version lies", () => {
  const record = semver({ introduced: "0" }, { fixed: "4.17.21" });
  expect(at(record, "4.17.15")).toMatchObject({
    affected: true,
    rule: "range",
    scheme: "semver",
    comparison: "0 <= 4.17.15 < 4.17.21",
  });
  expect(at(record, "4.17.21")).toEqual({ affected: false, reason: "4.17.21 is outside from 0 before 4.17.21" });
});

test("introduced 0 comes before every version, pre-releases of zero too", () => {
  expect(at(semver({ introduced: "0" }), "0.0.0-alpha").affected).toBe(true);
});

test("last_affected is inside, what follows it is not", () => {
  const record = semver({ introduced: "1.0.0" }, { last_affected: "1.2.0" });
  expect(at(record, "1.2.0")).toMatchObject({ affected: true, comparison: "1.0.0 <= 1.2.0 <= 1.2.0" });
  expect(at(record, "1.2.1").affected).toBe(false);
});

test("a limit bounds the whole range unless it is a star", () => {
  const events: RangeEvent[] = [{ introduced: "1.0.0" }, { limit: "2.0.0" }];
  expect(at(semver(...events), "1.5.0").affected).toBe(true);
  expect(at(semver(...events), "2.0.0").affected).toBe(false);
  expect(at(semver(...events, { limit: "*" }), "2.0.0").affected).toBe(true);
});

test("events count by version, not by place, and several branches lie in one range", () => {
  const record = semver({ fixed: "2.0.5" }, { introduced: "2.0.0" }, { fixed: "1.8.3" }, { introduced: "0" });
  expect(at(record, "1.5.0")).toMatchObject({ affected: true, comparison: "0 <= 1.5.0 < 1.8.3" });
  expect(at(record, "1.9.0").affected).toBe(false);
  expect(at(record, "2.0.1")).toMatchObject({ affected: true, comparison: "2.0.0 <= 2.0.1 < 2.0.5" });
});

test("the order of events does not change the answer", () => {
  const events: RangeEvent[] = [
    { introduced: "0" },
    { fixed: "1.0.0" },
    { introduced: "2.0.0" },
    { last_affected: "2.5.0" },
    { introduced: "3.0.0" },
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: 5 }), fc.nat(40), (shuffled, tenths) => {
      const version = `${Math.floor(tenths / 10)}.${tenths % 10}.0`;
      expect(at(semver(...shuffled), version)).toEqual({
        ...at(semver(...events), version),
        ...(at(semver(...events), version).affected === true
          ? { entry: expect.anything() }
          : { reason: expect.any(String) }),
      });
    }),
  );
});

test("a listed version is a hit, also when it is written in another way", () => {
  const record = advisory({ in: "PyPI", versions: ["1.0.0", "2.0rc1"] });
  expect(at(record, "1.0.0", "PyPI")).toMatchObject({ affected: true, rule: "versions", comparison: "= 1.0.0" });
  expect(at(record, "2.0.0-rc.1", "PyPI")).toMatchObject({ affected: true, comparison: "2.0.0-rc.1 = 2.0rc1" });
  expect(at(record, "1.1", "PyPI").affected).toBe(false);
});

test("a version that cannot be read is unknown, never not affected, unless it is listed", () => {
  const record = advisory({
    in: "Go",
    versions: ["odd one"],
    ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.2.0" }] }],
  });
  expect(at(record, "(devel)", "Go").affected).toBe("unknown");
  expect(at(record, "", "Go")).toMatchObject({
    affected: "unknown",
    reason: expect.stringContaining("an empty version"),
  });
  expect(at(record, "odd one", "Go").affected).toBe(true);
});

test("a bound that cannot be read is unknown, unless another range covers the version", () => {
  const bad = { type: "SEMVER" as const, events: [{ introduced: "0" }, { fixed: "soon" }] };
  const good = { type: "SEMVER" as const, events: [{ introduced: "0" }, { fixed: "2.0.0" }] };
  expect(at(advisory({ ranges: [bad] }), "1.0.0")).toMatchObject({
    affected: "unknown",
    reason: "it has the bound soon, which is not a valid semver version",
  });
  expect(at(advisory({ ranges: [bad, good] }), "1.0.0").affected).toBe(true);
  expect(at(advisory({ ranges: [bad] }, { ranges: [good] }), "3.0.0").affected).toBe("unknown");
  expect(at(semver({}), "1.0.0").affected).toBe("unknown");
});

test("an ecosystem without a known order is unknown for ranges", () => {
  const events = [{ introduced: "0" }, { fixed: "2.0" }];
  const record = advisory({ in: "Somewhere", ranges: [{ type: "ECOSYSTEM", events }] });
  expect(at(record, "1.0", "Somewhere").affected).toBe("unknown");
});

test("a record for another release, another package or that was withdrawn does not match, and says so", () => {
  const range = { ranges: [{ type: "ECOSYSTEM" as const, events: [{ introduced: "0" }] }] };
  const record = advisory({ in: "Debian:11", ...range }, { in: "Debian:13", ...range });
  expect(at(record, "1.0", "Debian:12")).toEqual({
    affected: false,
    reason: "it is for Debian:11, Debian:13, not Debian:12",
  });
  expect(at(record, "1.0", "Debian:13").affected).toBe(true);
  expect(at(record, "1.0", "Debian:13", "b")).toEqual({ affected: false, reason: "it does not list b" });
  expect(at({ ...record, withdrawn: "2024-05-06T07:08:09Z" }, "1.0", "Debian:13")).toEqual({
    affected: false,
    reason: "it was withdrawn on 2024-05-06",
  });
});

test("a range from 0 without an end covers a version that cannot be read", () => {
  const endless = { type: "SEMVER" as const, events: [{ introduced: "0" }] };
  expect(at(advisory({ in: "Go", ranges: [endless] }), "(devel)", "Go")).toMatchObject({
    affected: true,
    comparison: "0 <= (devel)",
  });
  expect(at(advisory({ in: "Go", ranges: [{ ...endless, type: "GIT" }] }), "(devel)", "Go").affected).toBe(false);
});

test.each([
  ...["v0.0.0", "v0.0.0-00010101000000-000000000000", "v0.0.0-20240102030405-abcdefabcdef+dirty"],
  "v2.0.0-20240102030405-abcdefabcdef+dirty",
])("%s is Go's placeholder for an unknown version, so it is compared with no tag", (version) => {
  const record = advisory({
    in: "Go",
    ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.2.0" }] }],
  });
  expect(at(record, version, "Go").affected).toBe("unknown");
});

test("an entry that names no versions covers none", () => {
  expect(at(advisory({}), "1.0.0")).toEqual({ affected: false, reason: "it lists no versions" });
});

test("modular rpms are compared only within their stream", () => {
  const modular = (summary: string): Advisory => ({
    ...advisory({
      in: "AlmaLinux:8",
      ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1:18.2.0-1.module_el8.6.0+1+aa" }] }],
    }),
    summary,
  });
  const record = modular("Important: nodejs:18 security update");
  const subject = { ecosystem: "AlmaLinux:8", name: "a", version: "1:16.1.0-1.module_el8.5.0+1+bb" };
  expect(evaluate(record, { ...subject, module: "nodejs:18" }).affected).toBe(true);
  expect(told(evaluate(record, { ...subject, module: "nodejs:16" }))).toEqual({
    affected: false,
    reason: "the record is about nodejs:18 and the package is from nodejs:16",
  });
  expect(evaluate(record, subject).affected).toBe(true);
  expect(evaluate(modular("varnish security update"), { ...subject, module: "varnish:6" }).affected).toBe(true);
  expect(
    evaluate(modular("Moderate: virt:rhel and virt-devel:rhel update"), { ...subject, module: "virt-devel:rhel" })
      .affected,
  ).toBe(true);
  expect(told(evaluate(record, { ...subject, version: "1:10.0.0-1.el8" }))).toEqual({
    affected: false,
    reason: "the record is about a module stream and the package is from none",
  });
});

test.each<[string, string, RangeEvent[], string, boolean]>([
  ["a Debian epoch outweighs the rest", "Debian:12", [{ introduced: "0" }, { fixed: "1:1.2-1" }], "9.9-1", true],
  ["a Debian version with an epoch", "Debian:12", [{ introduced: "0" }, { fixed: "1:1.2-1" }], "1:1.2-1", false],
  [
    "an rpm without an epoch has epoch 0",
    "AlmaLinux:9",
    [{ introduced: "0" }, { fixed: "1:1.0-1.el9" }],
    "3.0-1.el9",
    true,
  ],
  ["a release candidate of Go", "Go", [{ introduced: "1.21.0-0" }, { fixed: "1.21.0-rc.3" }], "1.21rc2", true],
  ["the Go release itself", "Go", [{ introduced: "1.21.0-0" }, { fixed: "1.21.0-rc.3" }], "1.21", false],
  [
    "a Go pseudo-version before any tag",
    "Go",
    [{ introduced: "0" }, { fixed: "0.17.0" }],
    "v0.0.0-20200101000000-abcdef123456",
    true,
  ],
  [
    "a Go pseudo-version after a tag",
    "Go",
    [{ introduced: "0" }, { fixed: "1.2.3" }],
    "v1.2.4-0.20200101000000-abcdef123456",
    false,
  ],
  [
    "a Go pseudo-version after the fix",
    "Go",
    [{ introduced: "0" }, { fixed: "0.0.0-20200622213623-75b288015ac9" }],
    "v0.0.0-20201016220609-9e8e0b390897",
    false,
  ],
  [
    "a version marked incompatible",
    "Go",
    [{ introduced: "0" }, { fixed: "20.10.9+incompatible" }],
    "v20.10.8+incompatible",
    true,
  ],
  ["a Python development release of the fix", "PyPI", [{ introduced: "0" }, { fixed: "2.0" }], "2.0.dev3", true],
  ["a Python post-release of the fix", "PyPI", [{ introduced: "0" }, { fixed: "2.0" }], "2.0.post1", false],
  [
    "an Alpine release suffix below the fix",
    "Alpine:v3.19",
    [{ introduced: "0" }, { fixed: "1.2.4_git20230717-r5" }],
    "1.2.4_git20230717-r4",
    true,
  ],
  ["an Alpine record that is fixed in 0", "Alpine:v3.19", [{ introduced: "0" }, { fixed: "0" }], "1.0-r0", false],
])("%s (%s)", (_, ecosystem, events, version, affected) => {
  const record = advisory({ in: ecosystem, ranges: [{ type: "ECOSYSTEM", events }] });
  expect(at(record, version, ecosystem).affected).toBe(affected);
});

test("every entry and every range of a record counts for its package and release", () => {
  const range = (introduced: string, fixed: string) => ({
    type: "ECOSYSTEM" as const,
    events: [{ introduced }, { fixed }],
  });
  const record = advisory(
    { in: "Debian:11", ranges: [range("0", "1.5-1")] },
    { in: "Debian:12", of: "other", ranges: [range("0", "9-1")] },
    { in: "Debian:12", ranges: [range("0", "1.0-1"), range("2.0-1", "2.5-1")] },
    { in: "Debian:12", ranges: [range("3.0-1", "3.5-1")] },
  );
  const answers = ["0.9-1", "1.4-1", "2.4-1", "2.5-1", "3.0-1", "3.5-1"].map((version) => [
    version,
    at(record, version, "Debian:12").affected,
  ]);
  expect(answers).toEqual([
    ["0.9-1", true],
    ["1.4-1", false],
    ["2.4-1", true],
    ["2.5-1", false],
    ["3.0-1", true],
    ["3.5-1", false],
  ]);
});

test("names are compared as their ecosystem does: PyPI in one form, Go in any case, Maven to the letter", () => {
  const all = { ranges: [{ type: "ECOSYSTEM" as const, events: [{ introduced: "0" }] }] };
  const covers = (ecosystem: string, theirs: string, ours: string): boolean | "unknown" =>
    at(advisory({ in: ecosystem, of: theirs, ...all }), "1.0.0", ecosystem, ours).affected;
  expect(covers("PyPI", "Flask_Cors", "flask.cors")).toBe(true);
  expect(covers("npm", "@babel/core", "@babel/core")).toBe(true);
  expect(covers("npm", "core", "@babel/core")).toBe(false);
  expect(covers("Go", "github.com/BurntSushi/toml", "github.com/burntsushi/toml")).toBe(true);
  expect(covers("Go", "github.com/go-git/go-git/v5", "github.com/go-git/go-git")).toBe(false);
  expect(covers("Maven", "org.example:thing", "thing")).toBe(false);
  expect(covers("Maven", "org.example:Thing", "org.example:thing")).toBe(false);
});

test("a version of Python that a record lists stands for its local ones", () => {
  const record = advisory({ in: "PyPI", versions: ["2.5", "2.6.0"] });
  expect(at(record, "2.6.0+cu124", "PyPI")).toMatchObject({ affected: true, comparison: "2.6.0+cu124 = 2.6.0" });
  expect(at(record, "2.5.0+cpu", "PyPI").affected).toBe(true);
  expect(at(record, "2.6.1+cu124", "PyPI").affected).toBe(false);
  expect(at(advisory({ in: "PyPI", versions: ["2.6.0+cpu"] }), "2.6.0+cu124", "PyPI").affected).toBe(false);
  expect(at(advisory({ versions: ["2.6.0"] }), "2.6.1", "npm").affected).toBe(false);
});
