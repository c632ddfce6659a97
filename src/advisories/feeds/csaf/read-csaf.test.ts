import { expect, test } from "vitest";
import type { CsafDocument } from "./csaf-document.ts";
import { exampleDocument } from "./example-document.ts";
import { csafLimits, readCsaf } from "./read-csaf.ts";

function read(value: unknown): CsafDocument {
  const reading = readCsaf(value);
  if ("refused" in reading) throw new Error(reading.refused);
  return reading.document;
}

function refusal(value: unknown, limits = csafLimits): string {
  const reading = readCsaf(value, limits);
  return "refused" in reading ? reading.refused : "read";
}

const platforms = { "Product 9": "cpe:/o:example:product:9" };
const components = { "tool-1.0": "pkg:rpm/example/tool@1.0", library: null };

test("products of branches at any depth and of the flat list are found by id", () => {
  const value = exampleDocument({ platforms, components });
  const tree = value["product_tree"] as Record<string, unknown>;
  const flat = { ...tree, full_product_names: [{ product_id: "flat", name: "Flat" }] };
  const document = read({ ...value, product_tree: flat });
  expect([...document.products.keys()]).toEqual(["Product 9", "tool-1.0", "library", "flat"]);
  expect(document.products.get("tool-1.0")).toEqual({
    id: "tool-1.0",
    name: "tool-1.0",
    purl: "pkg:rpm/example/tool@1.0",
  });
});

test("remediations, flags and threats name products themselves, by group, or all by naming none", () => {
  const value = exampleDocument({
    vulnerability: {
      remediations: [{ category: "vendor_fix", details: "Update", product_ids: ["a"], group_ids: ["g", "unknown"] }],
      flags: [{ label: "component_not_present", group_ids: ["g"] }],
      threats: [{ category: "impact", details: "Important" }],
    },
  });
  const groups = [{ group_id: "g", product_ids: ["b", "c"] }];
  const [vulnerability] = read({ ...value, product_tree: { product_groups: groups } }).vulnerabilities;
  expect(vulnerability?.remediations[0]?.products).toEqual(["a", "b", "c"]);
  expect(vulnerability?.flags[0]?.products).toEqual(["b", "c"]);
  expect(vulnerability?.threats[0]?.products).toBeUndefined();
});

test("each vector of a score is one score", () => {
  const cvss = { cvss_v2: { vectorString: "AV:N" }, cvss_v3: { vectorString: "CVSS:3.1/AV:N" }, products: ["a"] };
  const [vulnerability] = read(exampleDocument({ vulnerability: { scores: [cvss] } })).vulnerabilities;
  expect(vulnerability?.scores.map(({ type, vector }) => [type, vector])).toEqual([
    ["CVSS_V3", "CVSS:3.1/AV:N"],
    ["CVSS_V2", "AV:N"],
  ]);
});

test("what is left of a deleted document needs no more than its id and status", () => {
  const document = read({ document: { tracking: { id: "CVE-2023-1", status: "deleted" } } });
  expect(document).toMatchObject({ id: "CVE-2023-1", trackingStatus: "deleted", vulnerabilities: [] });
});

test("a status of a later standard is passed over, and counted", () => {
  const [vulnerability] = read(
    exampleDocument({ vulnerability: { product_status: { fixed: ["a"], unknown: ["b"] } } }),
  ).vulnerabilities;
  expect(vulnerability?.status).toMatchObject({ fixed: ["a"], known_affected: [] });
  expect(vulnerability?.unknownStatuses).toEqual({ unknown: 1 });
});

test("a status of a later standard without a product says nothing", () => {
  const [vulnerability] = read(
    exampleDocument({ vulnerability: { product_status: { unknown: [], odd: null } } }),
  ).vulnerabilities;
  expect(vulnerability?.unknownStatuses).toBeUndefined();
});

test.each([
  ["a list", [], "the document is not an object"],
  ["no tracking", { document: { csaf_version: "2.0" } }, "document.tracking is not an object"],
  ["no id", exampleDocument({ tracking: { id: "" } }), "document.tracking.id is missing"],
  ["another version", exampleDocument({ document: { csaf_version: "2.1" } }), "document.csaf_version is not 2.0"],
  [
    "no date",
    exampleDocument({ tracking: { current_release_date: null } }),
    "document.tracking.current_release_date is missing",
  ],
  [
    "a bad date",
    exampleDocument({ tracking: { current_release_date: "today" } }),
    "current_release_date is not an RFC 3339 time",
  ],
  [
    "a number in a status",
    exampleDocument({ vulnerability: { product_status: { fixed: [1] } } }),
    "fixed contains a value that is not a string",
  ],
  ["a text for a list", exampleDocument({ vulnerability: { scores: "x" } }), "scores is not a list"],
])("%s is refused", (_name, value, reason) => {
  expect(refusal(value)).toBe(reason);
});

test("branches that are nested too deep are refused, however deep they are", () => {
  let branches: unknown[] = [{ category: "product_name", name: "x", product: { product_id: "x", name: "x" } }];
  for (let depth = 0; depth < 5000; depth++) branches = [{ category: "vendor", name: "v", branches }];
  expect(refusal({ ...exampleDocument({}), product_tree: { branches } })).toBe(
    "its branches are nested more than 32 levels deep",
  );
});

test("too many products, relationships or vulnerabilities are refused", () => {
  const few = { ...csafLimits, products: 2 };
  const value = exampleDocument({ platforms, components, status: { fixed: ["Product 9 > library"] } });
  expect(refusal(value, few)).toBe("it has more than 2 products");
  expect(refusal(value, { ...csafLimits, products: 3 })).toBe("it has more than 3 products");
  expect(refusal(value, { ...csafLimits, vulnerabilities: 0 })).toBe("it has more than 0 vulnerabilities");
});

test("groups that make a document many times larger are refused", () => {
  const tree = { product_groups: [{ group_id: "all", product_ids: ["a", "b"] }] };
  const value = exampleDocument({ vulnerability: { flags: [1, 2].map(() => ({ label: "x", group_ids: ["all"] })) } });
  const grown = { ...value, product_tree: tree };
  expect(read(grown).vulnerabilities[0]?.flags.map(({ products }) => products)).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
  expect(refusal(grown, { ...csafLimits, grouped: 3 })).toBe("its product groups contain more than 3 products");
});

test("a package URL that is too long to be searched is refused", () => {
  const value = exampleDocument({ components: { library: `pkg:rpm/redhat/${"?upstream=".repeat(1000)}` } });
  expect(refusal(value)).toBe("a purl is too long");
});
