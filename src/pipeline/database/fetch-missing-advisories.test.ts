import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { feedServer } from "../../../tests/setup/feed-server.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { redHatFeed } from "../../advisories/feeds/red-hat/red-hat-feed.ts";
import { redHatRepositoriesFeed } from "../../advisories/feeds/red-hat-repositories/red-hat-repositories-feed.ts";
import type { Distribution } from "../../model/packages/distribution.ts";
import type { Package, PackageType } from "../../model/packages/package.ts";
import { ecosystemsToFetch, fetchMissingAdvisories } from "./fetch-missing-advisories.ts";

const folder = temporaryFolder();

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

test("what a target of Red Hat needs is the table of repositories too, also beside advisories that are there", async () => {
  const repository = "rhocp-4.14-for-rhel-9-x86_64-rpms";
  const table = `${redHatRepositoriesFeed.address}repository-to-cpe.json`;
  const cpes = ["cpe:/a:redhat:openshift:4.14::el9"];
  const server = await feedServer({ [table]: JSON.stringify({ data: { [repository]: { cpes } } }) });
  const fetchFor = (isThere: boolean, hasTable: boolean) =>
    fetchMissingAdvisories(
      { ecosystems: ["Red Hat"] },
      {
        ...{ database: join(folder, "table"), index: { covers: () => isThere }, hasTable: () => hasTable },
        ...{ access: { mirror: server.address }, now: new Date(), signal: new AbortController().signal },
      },
    );
  const isOfRedHat = ({ address }: { readonly address: string }): boolean =>
    redHatFeed.address.includes(address.split("/")[0] ?? "") && !table.endsWith(address);
  await fetchFor(false, false);
  expect(server.requests.some(isOfRedHat)).toBe(true);
  server.forget();
  expect(await fetchFor(true, false)).toEqual({ changed: true, asked: ["red-hat-repositories"], failures: [] });
  expect(server.requests.map(({ address }) => table.endsWith(address))).toEqual([true]);
  const index = openAdvisoryDatabase(join(folder, "table"));
  onTestFinished(() => index.close());
  expect(index.repositoryCpes(repository)).toEqual(cpes);
  expect(index.status.parts.map(({ feed }) => feed)).toEqual(["red-hat-repositories"]);
  server.forget();
  expect(await fetchFor(true, true)).toEqual({ changed: false, asked: [], failures: [] });
  expect(server.requests).toEqual([]);
});
