import { expect, test } from "vitest";
import { feedItems } from "../../../../tests/setup/feed-items.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { redHatRepositoriesFeed } from "./red-hat-repositories-feed.ts";

const folder = temporaryFolder();

function parse(value: unknown): ReturnType<typeof feedItems> {
  return feedItems(redHatRepositoriesFeed, folder, { contents: [JSON.stringify(value)] });
}

test("a repository has its CPE names, sorted by the repository", async () => {
  const baseos = ["cpe:/o:redhat:enterprise_linux:9::baseos", "cpe:/o:redhat:rhel:9.3::baseos"];
  const { items, problems } = await parse({
    data: {
      "rhel-9-for-x86_64-baseos-rpms": { cpes: baseos, repo_relative_urls: [] },
      "rhel-9-for-x86_64-appstream-rpms": { cpes: [] },
      odd: { cpes: ["enterprise linux"] },
      none: 7,
    },
  });
  expect(items).toEqual([
    { kind: "repository", repository: "rhel-9-for-x86_64-appstream-rpms", cpes: [] },
    { kind: "repository", repository: "rhel-9-for-x86_64-baseos-rpms", cpes: baseos },
  ]);
  expect(problems).toHaveLength(2);
});

test("what holds no repositories is malformed", async () => {
  await expect(parse({ data: [] })).rejects.toMatchObject({ code: "feed-malformed" });
});
