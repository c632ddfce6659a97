import { expect, test } from "vitest";
import { readSbom } from "../read-sbom.ts";

const signal = new AbortController().signal;

function read(text: string): ReturnType<typeof readSbom> {
  return readSbom(Buffer.from(text), { signal, problem: () => undefined });
}

test("CycloneDX XML gives packages with paths, licences and those inside them, and the distribution", () => {
  const { packages, distribution } = read(`<?xml version="1.0"?>
    <bom xmlns="http://cyclonedx.org/schema/bom/1.6">
      <metadata><tools><tool><vendor>anchore</vendor><name>syft</name></tool></tools></metadata>
      <components>
        <component type="operating-system"><name>alpine</name><version>3.20.1</version></component>
        <component type="library" bom-ref="a">
          <name>outer</name><version>1</version><purl>pkg:npm/outer@1</purl>
          <licenses><license><id>MIT</id></license><expression>A OR B</expression></licenses>
          <properties><property name="syft:location:0:path">/app/package.json</property></properties>
          <components>
            <component type="library"><name>inner</name><version>2</version><purl>pkg:npm/inner@2</purl></component>
          </components>
        </component>
      </components>
      <services><service><name>s</name></service></services>
      <annotations><annotation><annotator><component type="library"><name>no</name></component></annotator></annotation></annotations>
    </bom>`);
  expect(distribution).toMatchObject({ id: "alpine", version: "3.20.1" });
  expect(packages).toMatchObject([
    { name: "outer", version: "1", paths: ["app/package.json"], licenses: ["MIT", "A OR B"] },
    { name: "inner", version: "2" },
  ]);
});

test("SPDX tag-value gives packages, what the document describes, and texts of several lines", () => {
  const { packages } = read(
    [
      ...["SPDXVersion: SPDX-2.3", "SPDXID: SPDXRef-DOCUMENT", "Creator: Tool: trivy-0.74.0", ""],
      ...["# a package", "PackageName: image", "SPDXID: SPDXRef-image", "PrimaryPackagePurpose: CONTAINER"],
      ...["PackageName: rails", "SPDXID: SPDXRef-rails", "PackageVersion: 7.0.0"],
      ...["PackageComment: <text>PackageName: none", "SPDXID: none</text>", "PackageLicenseDeclared: MIT"],
      ...["ExternalRef: PACKAGE-MANAGER purl pkg:gem/rails@7.0.0", "FileName: app/Gemfile.lock", "SPDXID: SPDXRef-f"],
      ...["Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-image", "Relationship: SPDXRef-rails CONTAINS SPDXRef-f"],
      ...["Annotator: Tool: trivy-0.74.0", "SPDXREF: SPDXRef-rails", "AnnotationComment: PkgType: bundler"],
    ].join("\n"),
  );
  expect(packages).toMatchObject([
    { type: "gem", name: "rails", version: "7.0.0", licenses: ["MIT"], paths: ["app/Gemfile.lock"] },
  ]);
});

test("SPDX YAML gives what SPDX JSON gives", () => {
  const yaml = `SPDXID: SPDXRef-DOCUMENT
packages:
- name: a
  SPDXID: SPDXRef-a
  versionInfo: "1"
  externalRefs:
  - {referenceType: purl, referenceLocator: "pkg:npm/a@1"}
spdxVersion: SPDX-2.3
`;
  expect(read(yaml).packages).toMatchObject([{ type: "npm", name: "a", version: "1" }]);
});

test("SPDX 3 gives packages by their package URLs, with licences, and leaves out what it is about", () => {
  const graph = [
    { type: "CreationInfo", "@id": "_:c", specVersion: "3.0.1", createdUsing: ["t"] },
    { type: "Tool", spdxId: "t", name: "syft" },
    { type: "SpdxDocument", spdxId: "d", rootElement: ["s"] },
    { type: "software_Sbom", spdxId: "s", rootElement: ["i"] },
    { type: "software_Package", spdxId: "i", name: "image", software_primaryPurpose: "container" },
    {
      ...{ type: "software_Package", spdxId: "p", name: "musl", software_packageVersion: "1.2.5-r0" },
      externalIdentifier: [
        { externalIdentifierType: "packageUrl", identifier: "pkg:apk/alpine/musl@1.2.5-r0?distro=alpine-3.20.1" },
      ],
    },
    { type: "software_Package", spdxId: "n", name: "a", software_packageUrl: "pkg:npm/a@1" },
    { type: "simplelicensing_LicenseExpression", spdxId: "l", simplelicensing_licenseExpression: "MIT" },
    { type: "Relationship", from: "p", relationshipType: "hasDeclaredLicense", to: ["l"] },
    { type: "Relationship", from: "i", relationshipType: "contains", to: ["p", "n"] },
  ];
  const text = JSON.stringify({ "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph });
  const { packages, distribution } = read(text);
  expect(distribution).toMatchObject({ id: "alpine", version: "3.20.1" });
  expect(packages).toMatchObject([
    { type: "apk", name: "musl", version: "1.2.5-r0", licenses: ["MIT"] },
    { type: "npm", name: "a", version: "1" },
  ]);
});
