// What a document of Red Hat's says of products and cannot be read.

import { expect, test } from "vitest";
import { entryLines, parsePart } from "../../../../tests/setup/parse-part.ts";
import { type ExampleDocument, exampleDocument } from "../csaf/example-document.ts";
import { readCsaf } from "../csaf/read-csaf.ts";
import { redHatItems } from "./red-hat-document.ts";
import { redHatFeed } from "./red-hat-feed.ts";

const platforms = {
  base: "cpe:/o:redhat:enterprise_linux:9::baseos",
  bare: null,
  other: "cpe:/o:other:os:1",
  odd: "cpe:/o:redhat:enterprise linux:9",
  word: "BaseOS-9",
};

function read(example: ExampleDocument, change: (value: Record<string, unknown>) => void = () => {}) {
  const value = exampleDocument({ platforms, ...example });
  change(value);
  const reading = readCsaf(value);
  if ("refused" in reading) throw new Error(reading.refused);
  const lost: string[] = [];
  const items = [...redHatItems(reading.document, (what) => lost.push(what))];
  const advisories = items.flatMap((item) => (item.kind === "advisory" ? item.advisory : []));
  const stated = items.flatMap((item) => (item.kind === "statement" ? item.name : []));
  return { lines: advisories.flatMap(entryLines), stated, lost };
}

test.each([
  ["has no version", "pkg:rpm/redhat/tool?arch=x86_64", "it has no version"],
  ["has a word for a version", "pkg:rpm/redhat/tool@none?arch=x86_64", "its version is not valid"],
  ["has two epochs", "pkg:rpm/redhat/tool@1:2-1.el9?epoch=2", "it states several epochs"],
  ["has no number for an epoch", "pkg:rpm/redhat/tool@2-1.el9?epoch=(none)", "its epoch is not a number"],
])("a fixed package that %s is lost, and counts as affected rather than as unaffected", (_, purl, why) => {
  const { lines, stated, lost } = read({
    components: { tool: purl, name: "pkg:rpm/redhat/tool" },
    status: { fixed: ["base > tool"], known_not_affected: ["base > name"] },
  });
  expect(lost).toEqual([`"base:tool" is fixed, and ${why}`]);
  expect(lines).toEqual(["Red Hat:enterprise_linux:9::baseos tool [0, ) "]);
  expect(stated).toEqual([]);
});

test.each([
  ["a package URL without a namespace", "base > tool", "pkg:rpm/tool@2-1.el9", "has another vendor's package URL"],
  ["another's package URL", "base > tool", "pkg:rpm/RedHat/tool@2-1.el9", "has another vendor's package URL"],
  ["no package URL", "base > tool", "rpm/redhat/tool@2-1.el9", "has no package URL"],
  ["a damaged one", "base > tool", "pkg:rpm/redhat/tool@%E0%A4%A", "is not read: its package URL cannot be read"],
  [
    "a product without a CPE name",
    "bare > tool",
    "pkg:rpm/redhat/tool@2-1.el9",
    "belongs to a product without a CPE name",
  ],
  [
    "a product of an odd CPE name",
    "odd > tool",
    "pkg:rpm/redhat/tool@2-1.el9",
    "belongs to a product with an unreadable CPE name",
  ],
  [
    "a product of no CPE name",
    "word > tool",
    "pkg:rpm/redhat/tool@2-1.el9",
    "belongs to a product with an unreadable CPE name",
  ],
  ["a product that is not defined", "nowhere > tool", "pkg:rpm/redhat/tool@2-1.el9", "is not defined"],
  ["nothing that is defined", "base > nothing", "pkg:rpm/redhat/tool@2-1.el9", "is not defined"],
])("%s is lost where it is fixed or affected, not where it is unaffected", (_, product, purl, why) => {
  const example = { components: { tool: purl } };
  const lost = [`${JSON.stringify(product.replace(" > ", ":"))} ${why}`];
  expect(read({ ...example, status: { fixed: [product] } })).toEqual({ lines: [], stated: [], lost });
  expect(read({ ...example, status: { known_affected: [product] } }).lost).toEqual(lost);
  expect(read({ ...example, status: { under_investigation: [product] } }).lost).toEqual(lost);
  expect(read({ ...example, status: { known_not_affected: [product] } }).lost).toEqual([]);
});

test.each([
  ["a product that is not defined", "nowhere > tool"],
  ["a product without a CPE name", "bare > tool"],
])("a package that is fixed in %s is not stated to be unaffected elsewhere", (_, product) => {
  const components = { tool: "pkg:rpm/redhat/tool", other: "pkg:rpm/redhat/other" };
  const known_not_affected = ["base > tool", "base > other"];
  expect(read({ components, status: { fixed: [product], known_not_affected } }).stated).toEqual(["other"]);
  expect(read({ components, status: { known_affected: [product], known_not_affected } }).stated).toEqual(["other"]);
});

test("combinations in a circle and an id that is nowhere are lost", () => {
  const circle = (value: Record<string, unknown>): void => {
    const relationship = { full_product_name: { product_id: "c", name: "c" }, relates_to_product_reference: "base" };
    value["product_tree"] = { relationships: [{ ...relationship, product_reference: "c", category: "" }] };
  };
  const example = { vulnerability: { product_status: { fixed: ["c", "d"] } } };
  expect(read(example, circle).lost).toEqual([
    '"c" is a product relationship that is circular or nested too deeply',
    '"d" is not defined',
  ]);
});

test("a vulnerability without a CVE id is lost when it names products", () => {
  const example = { components: { tool: "pkg:rpm/redhat/tool" }, status: { known_affected: ["base > tool"] } };
  expect(read({ ...example, vulnerability: { cve: null } }).lost).toEqual(["a vulnerability has no CVE id"]);
  expect(read({ vulnerability: { cve: null } }).lost).toEqual([]);
});

test("what is left out because it is not a package, or no product of Red Hat's, is not lost", () => {
  const { lines, stated, lost } = read({
    components: {
      image: "pkg:oci/image@sha256:12",
      host: "pkg:generic/redhat/rhcos@1",
      "a/b": null,
      flatpak: "pkg:rpm/redhat/tool-flatpak@1-1.el10?arch=src&rpmmod=rhel10",
      debug: "pkg:rpm/redhat/tool-debuginfo",
      "EAP 7": null,
      centos: "pkg:rpm/centos/x@1-1",
      damaged: "pkg:rpm/redhat/tool@%E0%A4%A",
      "rhcos-x86_64-412.86.202305021736-0": null,
    },
    status: {
      fixed: [
        ...["base > image", "base > host", "base > a/b", "base > flatpak", "base > debug", "EAP 7", "other > debug"],
        ...["other > centos", "other > damaged", "other > nothing", "base > rhcos-x86_64-412.86.202305021736-0"],
      ],
      known_affected: ["other > image"],
    },
  });
  expect({ lines, stated, lost }).toEqual({ lines: [], stated: [], lost: [] });
});

test("documents that are listed no more may have been read in part, which is said", async () => {
  const position = { unlisted: "CVE-2024-0001 CVE-2024-0002" };
  const { problems } = await parsePart(redHatFeed, { name: "vex", state: "changes", files: [], position });
  expect(problems.map(({ message }) => message)).toEqual([
    "documents from Red Hat that were not read completely and are no longer listed: 2 (first: CVE-2024-0001)",
  ]);
});
