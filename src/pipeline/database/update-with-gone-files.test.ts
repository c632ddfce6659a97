// `updateDatabase` where publishers no longer have a file.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { AdvisoryFeed } from "../../advisories/advisory-feed.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { readParts } from "../../advisories/database/read-parts.ts";
import { alpineFeed } from "../../advisories/feeds/alpine/alpine-feed.ts";
import { amazonFeed } from "../../advisories/feeds/amazon/amazon-feed.ts";
import { extrasCatalogue } from "../../advisories/feeds/amazon/amazon-repositories.ts";
import { kevFeed } from "../../advisories/feeds/kev/kev-feed.ts";
import { type UpdatedDatabase, updateDatabase } from "./update-database.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
const builtAt = "2025-01-01T00:00:00Z";

interface Mirror {
  readonly path: string;
  put(address: string, content: string): void;
  remove(address: string): void;
}

/** A mirror in a folder, with a catalogue of exploited vulnerabilities, so that one feed of an update always comes. */
function mirrorOf(name: string): Mirror {
  const path = join(folder, name);
  const at = (address: string): string => join(path, new URL(address).host, new URL(address).pathname);
  const mirror: Mirror = {
    path,
    put(address, content) {
      mkdirSync(dirname(at(address)), { recursive: true });
      writeFileSync(at(address), content);
    },
    remove: (address) => rmSync(at(address)),
  };
  const known = { cveID: "CVE-2024-1000", dateAdded: "2024-01-01", knownRansomwareCampaignUse: "Unknown" };
  mirror.put(`${kevFeed.address}known_exploited_vulnerabilities.json`, JSON.stringify({ vulnerabilities: [known] }));
  return mirror;
}

function update({ path }: Mirror, feed: AdvisoryFeed): Promise<UpdatedDatabase> {
  const feeds = [{ feed: kevFeed }, { feed }];
  return updateDatabase({ output: `${path}.sqlite`, feeds, builtAt, access: { mirror: path }, signal });
}

function idsOf({ path }: Mirror, ecosystem: string, name: string): string[] {
  const index = openAdvisoryDatabase(`${path}.sqlite`);
  const ids = index.find(ecosystem, name).map(({ id }) => id);
  index.close();
  return ids;
}

function secdb(name: string, cve: string): string {
  return JSON.stringify({ distroversion: "v3.23", packages: [{ pkg: { name, secfixes: { "9-r1": [cve] } } }] });
}

test("a file of Alpine's that is gone takes nothing out of the database, and the update says so each time", async () => {
  const mirror = mirrorOf("alpine");
  const main = `${alpineFeed.address}v3.23/main.json`;
  const community = `${alpineFeed.address}v3.23/community.json`;
  mirror.put(main, secdb("zlib", "CVE-2099-0001"));
  mirror.put(community, secdb("yaz", "CVE-2099-0002"));
  expect((await update(mirror, alpineFeed)).feeds.map(({ failure }) => failure)).toEqual([undefined, undefined]);
  mirror.remove(main);
  mirror.put(community, secdb("yaz", "CVE-2099-0003"));
  for (let times = 0; times < 2; times++) {
    expect((await update(mirror, alpineFeed)).feeds[1]).toMatchObject({
      failure: {
        code: "feed-unreachable",
        message: "v3.23/main.json existed at the last update but was not found now",
      },
    });
    expect(idsOf(mirror, "Alpine", "zlib")).toEqual(["ALPINE-CVE-2099-0001"]);
    expect(idsOf(mirror, "Alpine", "yaz")).toEqual(["ALPINE-CVE-2099-0002"]);
  }
  mirror.put(main, secdb("zlib", "CVE-2099-0001"));
  expect((await update(mirror, alpineFeed)).feeds.map(({ failure }) => failure)).toEqual([undefined, undefined]);
  expect(idsOf(mirror, "Alpine", "yaz")).toEqual(["ALPINE-CVE-2099-0003"]);
});

test("a topic of Amazon's that is gone stays, and one that is no longer listed goes, in the same update", async () => {
  const mirror = mirrorOf("amazon");
  const cdn = "https://cdn.amazonlinux.com/";
  const put = (list: string, id: string, name: string): void => {
    const root = `${cdn}root/${list}/`;
    mirror.put(`${cdn}${list}/mirror.list`, root);
    const location = `<checksum type="sha">${"a".repeat(40)}</checksum><location href="u.xml"/>`;
    mirror.put(`${root}repodata/repomd.xml`, `<repomd><data type="updateinfo">${location}</data></repomd>`);
    mirror.put(
      `${root}u.xml`,
      `<updates><update type="security"><id>${id}</id><references><reference type="cve" id="CVE-2024-1000"/></references>
       <pkglist><collection><package name="${name}" epoch="0" version="9" release="1.amzn2" arch="x86_64"/></collection></pkglist>
       </update></updates>`,
    );
  };
  put("2/core/latest/x86_64", "ALAS2-2024-1", "zlib");
  put("2/core/latest/aarch64", "ALAS2-2024-1", "zlib");
  put("al2023/core/mirrors/latest/x86_64", "ALAS2023-2024-1", "zlib");
  put("2/extras/docker/latest/x86_64", "ALAS2DOCKER-2024-1", "docker");
  put("2/extras/vim/latest/x86_64", "ALAS2VIM-2024-1", "vim");
  mirror.put(extrasCatalogue, '{"topics": [{"n": "docker"}, {"n": "vim"}]}');
  await update(mirror, amazonFeed);
  mirror.remove(`${cdn}root/2/extras/docker/latest/x86_64/repodata/repomd.xml`);
  mirror.put(extrasCatalogue, '{"topics": [{"n": "docker"}]}');
  expect((await update(mirror, amazonFeed)).feeds[1]).toMatchObject({
    unchanged: 2,
    failures: [{ part: "2/extras/docker", wasThere: true, cause: { code: "feed-unreachable" } }],
  });
  expect(readParts(`${mirror.path}.sqlite`).map(({ name }) => name)).toEqual([
    "2/core",
    "2/extras/docker",
    "2023/core",
    "catalogue",
  ]);
  expect(idsOf(mirror, "Amazon Linux", "docker")).toEqual(["ALAS2DOCKER-2024-1"]);
  expect(idsOf(mirror, "Amazon Linux", "vim")).toEqual([]);
});
