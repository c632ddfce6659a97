import { expect, test } from "vitest";
import type { Distribution } from "../model/distribution.ts";
import type { Package, PackageType } from "../model/package.ts";
import { ecosystemsToFetch } from "./fetch-missing-advisories.ts";

const alpine: Distribution = { id: "alpine", idLike: [], version: "3.20.1", name: "Alpine Linux" };
const debian: Distribution = { id: "debian", idLike: [], version: "12", name: "Debian 12" };

function fetched(type: PackageType, distro: Distribution, hasFeed: (ecosystem: string) => boolean): string[] {
  const of = { name: "thing", version: "1.5", purl: "", paths: [], layer: null };
  const packages: Package[] = [
    { ...of, type },
    { ...of, type: "npm", ownedBy: { type, name: "thing" } },
    { ...of, type: "pypi" },
  ];
  return ecosystemsToFetch({ packages, distro }, hasFeed);
}

test("what a distribution's packages own needs its language only where the distribution's advisories are not all", () => {
  expect(fetched("deb", debian, () => true)).toEqual(["Debian", "PyPI"]);
  expect(fetched("deb", debian, (ecosystem) => ecosystem !== "Debian")).toEqual(["Debian", "PyPI", "npm"]);
  expect(fetched("apk", alpine, () => true)).toEqual(["Alpine", "PyPI", "npm"]);
});
