import { expect, test } from "vitest";
import { loadVex } from "../../../src/pipeline/scan/load-vex.ts";
import { type ReadVex, readVex } from "../../../src/sources/vex/read-vex.ts";
import { corpusBytes, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

function read(path: string): ReadVex {
  return readVex(corpusBytes("sbom-vex", path).toString("utf8"), path);
}

describeWithCorpus("VEX documents of the corpus", () => {
  test("OpenVEX 0.2.0 speaks of packages in an image", () => {
    const [first] = read("openvex/go-vex/v0.2.0.json").statements;
    expect(first?.vulnerability.name).toBe("CVE-2023-1255");
    expect(first?.products.map(({ subcomponents }) => subcomponents?.map((part) => part["@id"]))).toEqual([
      ["pkg:apk/alpine/libssl3@3.0.8-r3", "pkg:apk/alpine/libcrypto3@3.0.8-r3"],
    ]);
  });

  test("OpenVEX 0.0.1 names products as texts", () => {
    const { statements } = read("openvex/go-vex/v0.0.1.json");
    expect(statements.map(({ status, products }) => [status, products.map((product) => product["@id"])])).toEqual([
      ["fixed", ["pkg:apk/wolfi/git@2.39.0-r1?arch=armv7", "pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64"]],
    ]);
  });

  test("CSAF is used for products with a package URL, and counts the others", () => {
    expect(read("csaf/vexctl/examples-csaf-csaf.json").statements).toMatchObject([
      { vulnerability: { name: "CVE-2009-4487" }, products: [{ "@id": "pkg:generic/component1@1.3.4" }] },
    ]);
    expect(read("csaf/go-vex/csaf.json")).toEqual({
      statements: [],
      remarks: ["4 product statuses for a product without a package URL"],
    });
  });

  test("a VEX repository: missing documents are named, others are read", () => {
    const [source] = loadVex([corpusPath("sbom-vex/vexhub/aquasecurity")]).sources;
    expect(source).toMatchObject({ documents: 8, statements: 77 });
    expect(source?.remarks[0]).toContain("is listed in index.json but does not exist");
  });
});
