import { expect, test } from "vitest";
import type { Package, PackageType } from "../../model/packages/package.ts";
import { withDistributionOwners } from "./distribution-owner.ts";

function one(type: PackageType, name: string, version: string, more: Partial<Package> = {}): Package {
  return { type, name, version, purl: `pkg:${type}/${name}`, paths: [], layer: null, ...more };
}

function ownerOf(found: Package, ...others: readonly Package[]): string | undefined {
  return withDistributionOwners([found, ...others])[0]?.ownedBy?.name;
}

const inDebian = { paths: ["usr/lib/python3/dist-packages/requests-2.28.1.egg-info/PKG-INFO"] };
const requests = one("pypi", "requests", "2.28.1", inDebian);
const inRhel = { paths: ["usr/lib/python3.9/site-packages/requests-2.25.1-py3.9.egg-info/PKG-INFO"] };

test("a Python package in Debian's folder belongs to the deb that has its name and version", () => {
  expect(ownerOf(requests, one("deb", "python3-requests", "2.28.1+dfsg-1"))).toBe("python3-requests");
  expect(ownerOf(requests, one("deb", "python3-requests", "1:2.28.1-1+deb12u1"))).toBe("python3-requests");
  const yaml = one("pypi", "PyYAML", "6.0", { paths: ["usr/lib/python3/dist-packages/PyYAML-6.0.egg-info"] });
  const source = { name: "pyyaml", version: "6.0-3" };
  expect(ownerOf(yaml, one("deb", "python3-yaml", "6.0-3+b2", { source }))).toBe("python3-yaml");
  const candidate = one("pypi", "thing", "1.0rc1", { paths: ["usr/lib/python3/dist-packages/thing.egg-info"] });
  expect(ownerOf(candidate, one("deb", "python3-thing", "1.0~rc1-1"))).toBe("python3-thing");
});

test("elsewhere, in another version or without a deb that is called after it, it belongs to nobody", () => {
  const deb = one("deb", "python3-requests", "2.28.1+dfsg-1");
  expect(ownerOf(one("pypi", "requests", "2.31.0", inDebian), deb)).toBe(undefined);
  expect(ownerOf(one("pypi", "requests", "2.28", inDebian), deb)).toBe(undefined);
  expect(ownerOf(requests, one("deb", "python3-requests", "2.28.1+really2.20-1"))).toBe(undefined);
  expect(ownerOf(requests, one("deb", "python3-requests-mock", "2.28.1-1"))).toBe(undefined);
  expect(ownerOf(requests, one("rpm", "python3-requests", "2.28.1-1.el9"))).toBe(undefined);
  const own = { paths: ["usr/local/lib/python3.11/dist-packages/requests-2.28.1.dist-info/METADATA"] };
  expect(ownerOf(one("pypi", "requests", "2.28.1", own), deb)).toBe(undefined);
  expect(ownerOf(one("pypi", "requests", "2.28.1", { paths: [...inDebian.paths, ...own.paths] }), deb)).toBe(undefined);
  expect(ownerOf(one("pypi", "requests", "2.28.1"), deb)).toBe(undefined);
});

test("a copy inside another package belongs to nobody, whatever has its name and version", () => {
  const inside = "usr/lib/python3/dist-packages/tool/_vendor/requests-2.28.1.dist-info/METADATA";
  expect(
    ownerOf(one("pypi", "requests", "2.28.1", { paths: [inside] }), one("deb", "python3-requests", "2.28.1-1")),
  ).toBe(undefined);
  const rpm = one("rpm", "python39-requests", "2.25.1-8.el8");
  const inRpm = { paths: ["usr/lib/python3.9/site-packages/tool/_vendor/requests-2.25.1.dist-info/METADATA"] };
  expect(ownerOf(one("pypi", "requests", "2.25.1", inRpm), rpm)).toBe(undefined);
  const gems = "usr/share/rubygems-integration/all";
  const rack = (path: string) => one("gem", "rack", "2.2.6", { paths: [`${gems}/${path}`] });
  const deb = one("deb", "ruby-rack", "2.2.6.4-1");
  const sameVersion = one("deb", "ruby-rack", "2.2.6-1");
  expect(ownerOf(rack("specifications/rack-2.2.6.gemspec"), sameVersion)).toBe("ruby-rack");
  expect(ownerOf(rack("specifications/rack-2.2.6.gemspec"), deb)).toBe(undefined);
  expect(ownerOf(rack("gems/tool-1/vendor/specifications/rack-2.2.6.gemspec"), sameVersion)).toBe(undefined);
});

test("that of an rpm or an apk is for one Python: the one in its name, else the default one", () => {
  const old = one("pypi", "requests", "2.25.1", inRhel);
  const rpm = one("rpm", "python3-requests", "2.25.1-8.el9");
  expect(ownerOf(old, rpm, one("rpm", "python3-libs", "3.9.18-3.el9"))).toBe("python3-requests");
  expect(ownerOf(old, rpm, one("rpm", "python3-libs", "3.6.8-3.el8"))).toBe(undefined);
  expect(ownerOf(old, rpm)).toBe(undefined);
  expect(ownerOf(old, one("rpm", "python39-requests", "2.25.1-8.el8"))).toBe("python39-requests");
  expect(ownerOf(old, one("apk", "py3.9-requests", "2.25.1-r0"))).toBe("py3.9-requests");
  expect(ownerOf(old, one("apk", "py3-requests", "2.25.1-r0"), one("apk", "python3", "3.9.5-r1"))).toBe("py3-requests");
  expect(ownerOf(old, one("rpm", "python3.11-requests", "2.25.1-8.el9"))).toBe(undefined);
});

test("a document that gives one name to many packages of a distribution is read in linear time, and tells no owner", () => {
  const debs = Array.from({ length: 8_000 }, (_, index) => one("deb", "python3-requests", `1.${index}-1`));
  const modules = Array.from({ length: 8_000 }, (_, index) => one("pypi", "requests", `2.${index}`, inDebian));
  const start = performance.now();
  const found = withDistributionOwners([requests, ...debs, ...modules, one("deb", "python3-requests", "2.28.1-1")]);
  expect(performance.now() - start).toBeLessThan(2_000);
  expect(found[0]?.ownedBy).toBe(undefined);
  const copies = Array.from({ length: 30 }, () => one("deb", "python3-requests", "2.28.1-1"));
  expect(ownerOf(requests, ...copies)).toBe("python3-requests");
});

test("modules of Node.js and gems in Debian's folders belong to debs too", () => {
  const core = { paths: ["usr/share/nodejs/@babel/core/package.json"] };
  expect(ownerOf(one("npm", "@babel/core", "7.20.12", core), one("deb", "node-babel-core", "7.20.12+ds1-1"))).toBe(
    "node-babel-core",
  );
  const inside = { paths: ["usr/share/nodejs/npm/node_modules/lodash/package.json"] };
  expect(ownerOf(one("npm", "lodash", "4.17.21", inside), one("deb", "node-lodash", "4.17.21-1"))).toBe(undefined);
  const rack = { paths: ["usr/share/rubygems-integration/all/specifications/rack-2.2.4.gemspec"] };
  expect(ownerOf(one("gem", "rack", "2.2.4", rack), one("deb", "ruby-rack", "2.2.4-3"))).toBe("ruby-rack");
});
