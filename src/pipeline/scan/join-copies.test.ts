import { expect, test } from "vitest";
import type { Package } from "../../model/packages/package.ts";
import { joinCopies } from "./join-copies.ts";

const openssl: Package = {
  ...{ type: "rpm", name: "openssl-libs", version: "1:3.0.7-18.el9", architecture: "x86_64" },
  ...{
    purl: "pkg:rpm/redhat/openssl-libs@3.0.7-18.el9?arch=x86_64&distro=rhel-9.3&epoch=1",
    paths: ["a"],
    layer: null,
  },
};
const lodash: Package = {
  ...{ type: "npm", name: "lodash", version: "4.17.20", purl: "pkg:npm/lodash@4.17.20", paths: ["a"], layer: null },
};

test.each<[string, Package, Partial<Package>]>([
  ["the word for the distribution", openssl, { purl: openssl.purl.replace("rhel-9.3", "redhat-9.3") }],
  ["a licence", openssl, { licenses: ["Apache-2.0"] }],
  ["a maker that one names", openssl, { vendor: "Red Hat, Inc." }],
  ["a source that one names", openssl, { source: { name: "openssl", version: "1:3.0.7-18.el9" } }],
  ["a place", lodash, { paths: ["b"] }],
  ["the licence of a language's package", lodash, { licenses: ["MIT"] }],
])("copies that differ in %s are one package that has it", (_, first, more) => {
  for (const copies of [
    [first, { ...first, ...more }],
    [{ ...first, ...more }, first],
  ]) {
    const { purl: _purl, paths: _paths, ...others } = more;
    expect(joinCopies(copies)).toMatchObject([others]);
    expect(joinCopies(copies)).toHaveLength(1);
  }
});

test.each<[string, Package, Partial<Package>]>([
  ["version", openssl, { version: "1:3.0.7-25.el9" }],
  ["architecture", openssl, { architecture: "i686" }],
  ["module stream", { ...openssl, module: "nodejs:16" }, { module: "nodejs:18" }],
  ["maker", { ...openssl, vendor: "Red Hat, Inc." }, { vendor: "Example Ltd" }],
  ["owner", lodash, { ownedBy: { type: "deb", name: "node-lodash" } }],
  ["package URL, of a language", lodash, { purl: "pkg:npm/lodash@4.17.20?vcs_url=x" }],
])("packages of another %s are two", (_, first, more) => {
  expect(joinCopies([first, { ...first, ...more }])).toHaveLength(2);
});

test("many copies and many contradictions are joined in a bounded time", () => {
  const copies = Array.from({ length: 50_000 }, (_, place) => ({ ...lodash, paths: [`${place}`] }));
  expect(joinCopies(copies)[0]?.paths).toHaveLength(50_000);
  const makers = Array.from({ length: 50_000 }, (_, place) => ({ ...openssl, vendor: `maker ${place}` }));
  expect(joinCopies(makers)).toHaveLength(50_000);
});
