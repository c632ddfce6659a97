import { expect, test } from "vitest";
import { type ClaimOptions, PackageClaims } from "./package-claims.ts";

const options: ClaimOptions = {
  lineStart: () => undefined,
  statement: { vulnerability: { name: "CVE-2024-1000" }, author: "Example" },
  packageUrl: ({ name, names }) => `pkg:rpm/example/${name}${names === "source" ? "?arch=source" : ""}`,
  releaseOf: (ecosystem) => ecosystem.replace(/::.*/, ""),
  sources: false,
};
const tool = { ecosystem: "Example:9", name: "tool" } as const;

test("builds for several architectures at one version are one entry without architectures", () => {
  const claims = new PackageClaims();
  for (const architecture of ["x86_64", "aarch64"])
    claims.fixed(tool, { version: "0:1-2", architecture, cpe: "cpe:/o:x" });
  expect(claims.affected(options)).toEqual([
    {
      package: tool,
      ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "0:1-2" }] }],
      database_specific: { plimsoll: { cpes: ["cpe:/o:x"] } },
    },
  ]);
});

test("architectures that were fixed at different versions have entries of their own", () => {
  const claims = new PackageClaims();
  for (const architecture of ["x86_64", "aarch64"]) claims.fixed(tool, { version: "0:1-2", architecture });
  claims.fixed(tool, { version: "0:1-3", architecture: "s390x" });
  const entries = claims
    .affected(options)
    .map(({ ranges, database_specific: specific }) => [ranges?.[0]?.events[1]?.fixed, specific?.["plimsoll"]]);
  expect(entries).toEqual([
    ["0:1-2", { architectures: ["aarch64", "x86_64"] }],
    ["0:1-3", { architectures: ["s390x"] }],
  ]);
});

test("builds of a module that differ in nothing but their number and hash are one version on all architectures", () => {
  const claims = new PackageClaims();
  const versions = ["0:1-2.module+el8.10.0+23147+20b7d289", "0:1-2.module+el8.10.0+23147+df114ff4"];
  claims.fixed(tool, { version: versions[0] ?? "", architecture: "x86_64" });
  for (const version of versions) claims.fixed(tool, { version, architecture: "aarch64" });
  const entries = claims.affected(options);
  expect(entries).toHaveLength(1);
  // "df114ff4" is lower: rpm orders digits after letters.
  expect(entries[0]?.ranges?.[0]?.events).toEqual([{ introduced: "0" }, { fixed: versions[1] }]);
});

test("fixed counts before affected, and affected before not affected", () => {
  const claims = new PackageClaims();
  claims.notAffected(tool, undefined);
  claims.unfixed(tool, { unfixed: { status: "will-not-fix", reason: "Will not fix" } });
  expect(claims.affected(options)[0]?.database_specific).toEqual({
    plimsoll: { status: "will-not-fix", reason: "Will not fix" },
  });
  claims.fixed(tool, { version: "0:1-2" });
  expect(claims.affected(options)).toHaveLength(1);
  expect(claims.affected(options)[0]).not.toHaveProperty("database_specific");
  expect([...claims.statements(options)]).toEqual([]);
});

test("a package that is not affected anywhere is stated once for all its products", () => {
  const claims = new PackageClaims();
  claims.notAffected({ ...tool, names: "source" }, "component_not_present");
  claims.notAffected({ ...tool, names: "binary" }, "component_not_present");
  claims.notAffected({ ...tool, names: "binary" }, "component_not_present");
  const statement = {
    ...options.statement,
    products: [],
    status: "not_affected",
    justification: "component_not_present",
  };
  expect([...claims.statements(options)]).toEqual([{ kind: "statement", ...tool, statement }]);
});

test("in a release with entries a statement is about its very package, and one about a source package only where that means something", () => {
  const claims = new PackageClaims();
  claims.unfixed({ ecosystem: "Example:9::other", name: "tool-libs", names: "binary" }, { unfixed: {} });
  claims.notAffected({ ...tool, names: "source" }, "component_not_present");
  claims.notAffected({ ...tool, names: "binary" }, "component_not_present");
  claims.notAffected({ ...tool, names: "binary" }, undefined);
  claims.notAffected({ ...tool, name: "source", names: "source" }, undefined);
  claims.notAffected({ ecosystem: "Example:9", name: "tool-libs", names: "binary" }, undefined);
  // Two reasons are not a reason.
  const statement = { ...options.statement, products: [{ "@id": "pkg:rpm/example/tool" }], status: "not_affected" };
  expect([...claims.statements(options)]).toEqual([{ kind: "statement", ...tool, statement }]);
  const told = [...claims.statements({ ...options, sources: true })].flatMap((item) =>
    item.kind === "statement" ? item.statement.products.map(({ "@id": id }) => id) : [],
  );
  expect(told).toEqual([
    "pkg:rpm/example/tool?arch=source",
    "pkg:rpm/example/tool",
    "pkg:rpm/example/source?arch=source",
  ]);
});

test("a statement about a stream of a module names it", () => {
  const claims = new PackageClaims();
  claims.notAffected({ ...tool, names: "source", module: "tool:2" }, undefined);
  const [item] = claims.statements(options);
  expect(item).toMatchObject({ statement: { products: [{ "@id": "pkg:rpm/example/tool?arch=source" }] } });
});
