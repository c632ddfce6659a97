import { expect, test } from "vitest";
import { isSilentVexDocument, readVexDocument } from "./vex-document.ts";

const source = "pkg:deb/ubuntu/curl@7.81.0-1ubuntu1.24?arch=source&distro=jammy";
const binary = "pkg:deb/ubuntu/libcurl4@7.81.0-1ubuntu1.24?arch=amd64&distro=jammy";

function statement(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    vulnerability: { name: "CVE-2023-1111", description: 'It says "products": [here].' },
    status: "affected",
    products: [{ "@id": binary }, { "@id": source }],
    ...fields,
  };
}

function document(...statements: unknown[]): Buffer {
  return Buffer.from(JSON.stringify({ timestamp: "2026-05-20T15:02:47.5Z", statements }, undefined, 2));
}

test("a document gives its statements with the source packages of each", () => {
  const bytes = document(
    statement({ action_statement: "needs fixing" }),
    statement({
      status: "not_affected",
      justification: "vulnerable_code_not_present",
      impact_statement: "not there",
      products: [
        { "@id": "pkg:deb/ubuntu/libstdc%2B%2B@1:1.0?arch=source&distro=esm-infra%2Ffocal" },
        { "@id": "pkg:deb/ubuntu/x@1?arch=source&distro=esm-apps/focal" },
        { "@id": "pkg:deb/debian/x@1?arch=source&distro=sid" },
      ],
    }),
    statement({ status: "fixed", products: [] }),
  );
  expect(readVexDocument(bytes)).toEqual({
    cve: "CVE-2023-1111",
    description: 'It says "products": [here].',
    statements: [
      { status: "affected", words: "needs fixing", sources: [{ name: "curl", distro: "jammy" }] },
      {
        status: "not_affected",
        justification: "vulnerable_code_not_present",
        words: "not there",
        sources: [
          { name: "libstdc++", distro: "esm-infra/focal" },
          { name: "x", distro: "esm-apps/focal" },
        ],
      },
      { status: "fixed", words: "", sources: [] },
    ],
  });
});

test("products with lists in them are read as well", () => {
  const nested = statement({
    products: [{ "@id": binary, subcomponents: [{ "@id": "pkg:generic/a" }] }, { "@id": source }],
  });
  const [only] = readVexDocument(document(nested, statement({ status: "fixed" })))?.statements ?? [];
  expect(only?.sources).toEqual([{ name: "curl", distro: "jammy" }]);
});

test("what is not about one CVE, or no statement, is left out", () => {
  const other = statement({ vulnerability: { name: "CVE-2023-2222" } });
  const read = readVexDocument(document(null, statement({ status: "unheard" }), statement({}), other));
  expect(read?.statements).toHaveLength(1);
  expect(read).toMatchObject({ unknownStatuses: 1, unreadStatements: 2 });
  for (const text of ["", "[]", "{}", '{"statements": 3}', '{"statements": [{"products": [', "\0\xff"]) {
    expect(readVexDocument(Buffer.from(text))).toBeUndefined();
  }
});

test("a list of products without quotation marks takes no longer than one with them", () => {
  const list = "arch=source".repeat(200_000);
  const bytes = Buffer.from(`{"statements": [{"vulnerability": {"name": "CVE-2024-1111"}, "products": [${list}]}]}`);
  const start = performance.now();
  expect(readVexDocument(bytes)).toEqual({ cve: "CVE-2024-1111", statements: [], unknownStatuses: 1 });
  expect(performance.now() - start).toBeLessThan(5_000);
});

test("the texts of early OpenVEX are read as the name of the vulnerability and as package URLs", () => {
  const early = statement({ vulnerability: "CVE-2023-1111", products: [binary, source] });
  for (const bytes of [document(early), document(early, { status: "fixed" })]) {
    const read = readVexDocument(bytes);
    expect(read?.cve).toBe("CVE-2023-1111");
    expect(read?.statements.map(({ sources }) => sources)).toEqual([[{ name: "curl", distro: "jammy" }]]);
  }
});

test.each([{ products: "a text" }, { products: { a: 1 } }, { products: [3, { "@id": 4 }] }, { products: undefined }])(
  "%j are not products, which is counted",
  (fields) => {
    const read = readVexDocument(document(statement({}), statement(fields)));
    expect(read?.statements.map(({ sources }) => sources.length)).toEqual([1, 0]);
    expect(read?.unreadStatements).toBe(1);
  },
);

test("a package URL may stand beside the id of a product", () => {
  const product = { identifiers: { purl: source }, subcomponents: [] };
  const read = readVexDocument(document(statement({ products: [product] }), statement({ products: [product] })));
  expect(read?.statements[1]?.sources).toEqual([{ name: "curl", distro: "jammy" }]);
  expect(read).not.toHaveProperty("unreadStatements");
});

test.each([
  { "@id": 7 },
  null,
  "",
  { "@id": "pkg:deb/ubuntu/curl@1?arch=%73ource&distro=jammy" },
  { "@id": "pkg:deb/ubuntu/curl@1?distro=jammy" },
  { "@id": "pkg:deb/ubuntu/curl@1?arch=source" },
  { "@id": "curl" },
])("a list in which %j may stand for a source package is counted, and the others in it are read", (odd) => {
  for (const others of [[{ "@id": binary }], [{ "@id": source }, { "@id": binary }]]) {
    const read = readVexDocument(document(statement({ products: [odd, ...others] })));
    expect(read?.unreadStatements).toBe(1);
    expect(read?.statements[0]?.sources).toHaveLength(others.length - 1);
  }
});

test("a document whose list of statements is empty says nothing, and is told from one that is damaged", () => {
  expect(isSilentVexDocument(document())).toBe(true);
  for (const bytes of [document(null), document(statement({})), Buffer.from('{"statements": {}}'), Buffer.from("{")]) {
    expect(isSilentVexDocument(bytes)).toBe(false);
  }
});

test("a statement without products, or with binary packages alone, is none that cannot be read", () => {
  const read = readVexDocument(document(statement({ products: [] }), statement({ products: [{ "@id": binary }] })));
  expect(read).not.toHaveProperty("unreadStatements");
});

test("a list of thousands of packages is read to its end, and one that is odd among them is counted", () => {
  const many = Array.from({ length: 3000 }, (_, index) => ({ "@id": index % 500 === 0 ? source : binary }));
  const sources = Array.from({ length: 6 }, () => ({ name: "curl", distro: "jammy" }));
  const read = readVexDocument(document(statement({ products: many })));
  expect(read?.statements[0]?.sources).toEqual(sources);
  expect(read).not.toHaveProperty("unreadStatements");
  for (const place of [0, 700, 3000]) {
    const odd = readVexDocument(document(statement({ products: many.toSpliced(place, 0, { "@id": "curl" }) })));
    expect(odd?.statements[0]?.sources).toEqual(sources);
    expect(odd?.unreadStatements).toBe(1);
  }
});
