import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FoundPackage, PackageType } from "./package.ts";
import { formatPackageUrl, packageUrl, parsePackageUrl } from "./package-url.ts";

const debian = { id: "debian", idLike: [], version: "12", name: "Debian GNU/Linux 12" };
const rhel = { id: "rhel", idLike: ["fedora"], version: "9.4", name: "Red Hat Enterprise Linux 9.4" };

describe("a package URL that is built", () => {
  test("carries the distribution and the architecture of a Debian package", () => {
    const found: FoundPackage = { type: "deb", name: "libstdc++6", version: "1:12.2.0-14+b1", architecture: "amd64" };
    expect(packageUrl(found, debian)).toBe(
      "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=amd64&distro=debian-12",
    );
  });

  test("moves an rpm's epoch into a qualifier and names the vendor as the type's definition does", () => {
    const found: FoundPackage = { type: "rpm", name: "npm", version: "1:8.19.2-1", module: "nodejs:18" };
    expect(packageUrl(found, rhel)).toBe("pkg:rpm/redhat/npm@8.19.2-1?distro=rhel-9.4&epoch=1&rpmmod=nodejs:18");
  });

  test("keeps the letter case of a Go module path", () => {
    const found: FoundPackage = { type: "golang", name: "github.com/BurntSushi/toml", version: "v1.2.0" };
    expect(packageUrl(found)).toBe("pkg:golang/github.com/BurntSushi/toml@v1.2.0");
  });

  test.each<[string, FoundPackage, string]>([
    ["a jar without a group", { type: "maven", name: "log4j-core", version: "2.14.1" }, "pkg:maven/log4j-core@2.14.1"],
    ["a pub name with a dot", { type: "pub", name: "a.b", version: "1" }, "pkg:pub/a.b@1"],
    ["half a surrogate pair", { type: "npm", name: "a\ud800", version: "1" }, "pkg:npm/a%EF%BF%BD@1"],
  ])("exists for %s, which the rules of the type forbid", (_, found, expected) => {
    expect(packageUrl(found)).toBe(expected);
  });

  test("exists for any text in any type", () => {
    const types: readonly PackageType[] = ["apk", "conan", "cran", "golang", "maven", "npm", "pub", "rpm", "swift"];
    const text = fc.string({ unit: "binary", minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom(...types), text, text, (type, name, version) => {
        expect(packageUrl({ type, name, version })).toMatch(/^pkg:[a-z]+\/[\w.\-~:%/@?&=]*$/);
      }),
    );
  });
});

describe("a package URL that is read", () => {
  test.each([
    ["pkg:npm/%40babel/core@7.0.0", "@babel/core"],
    ["pkg:npm/@babel/core@7.0.0", "@babel/core"],
    ["pkg:npm/%40babel%2Fcore@7.0.0", "@babel/core"],
    ["pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "org.apache.logging.log4j:log4j-core"],
    ["pkg:golang/github.com/BurntSushi/toml@v1.2.0", "github.com/BurntSushi/toml"],
    ["pkg:deb/debian/bash@5.0-4?distro=debian-10.2", "bash"],
    ["pkg:generic/vendor/openssl@1.1.1l", "openssl"],
  ])("gives of %s the name %s", (text, name) => {
    expect(parsePackageUrl(text)?.name).toBe(name);
  });

  test("divides an encoded npm scope in its canonical form", () => {
    expect(parsePackageUrl("pkg:npm/%40gar%2Fpromisify@1.1.3")).toEqual({
      type: "npm",
      namespace: "@gar",
      name: "@gar/promisify",
      version: "1.1.3",
      qualifiers: {},
      subpath: undefined,
      canonical: "pkg:npm/%40gar/promisify@1.1.3",
    });
  });

  test.each(["", "pkg:", "pkg:npm", "pkg:npm/", "pkg:npm/@1.0", "npm/lodash@1", "pkg:maven/a@1", "pkg:npm/%ff@1"])(
    "is undefined for %j",
    (text) => {
      expect(parsePackageUrl(text)).toBeUndefined();
    },
  );

  test("is undefined beyond the length limit and never a throw", () => {
    expect(parsePackageUrl(`pkg:npm/${"a".repeat(20_000)}`)).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        parsePackageUrl(`pkg:npm/${text}`);
        parsePackageUrl(text);
      }),
    );
  });

  test("has a canonical form that reads as itself", () => {
    const part = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom("deb", "npm", "golang", "generic"), part, part, (type, name, version) => {
        const text = formatPackageUrl({ type, namespace: "space", name, version, qualifiers: { arch: version } });
        if (text !== undefined) expect(parsePackageUrl(text)?.canonical).toBe(text);
      }),
    );
  });
});
