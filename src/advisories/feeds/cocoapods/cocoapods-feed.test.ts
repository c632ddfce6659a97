import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { entryLines, type ParsedPart, parsePart } from "../../../../tests/setup/parse-part.ts";
import { tar } from "../../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { zip } from "../../../../tests/setup/zip.ts";
import { cocoapodsFeed } from "./cocoapods-feed.ts";
import { repositoryOf } from "./pod-repositories.ts";

const folder = temporaryFolder();
const events = [{ introduced: "2.41.0" }, { fixed: "2.42.0" }];

function record(id: string, name: string, more: object = {}): object {
  const affected = [{ package: { ecosystem: "SwiftURL", name }, ranges: [{ type: "SEMVER", events }] }];
  return { id, modified: "2023-06-19T16:45:07Z", aliases: [`CVE-of-${id}`], affected, ...more };
}

function spec(name: string, source: object | undefined, version = "2.41.0"): object {
  return { name, version, ...(source && { source }) };
}

async function parse(records: readonly object[], specs: readonly (object | string)[]): Promise<ParsedPart> {
  const paths = [join(folder, "all.zip"), join(folder, "master.tar.gz")] as const;
  writeFileSync(
    paths[0],
    zip(records.map((content, index) => ({ name: `R-${index}.json`, content: JSON.stringify(content) }))),
  );
  const files = specs.map((content, index) => ({
    name: `Specs-master/Specs/a/b/c/P/${index}/P.podspec.json`,
    content: typeof content === "string" ? content : JSON.stringify(content),
  }));
  writeFileSync(paths[1], tar([...files, { name: "Specs-master/README.md", content: "Specs" }]));
  return parsePart(cocoapodsFeed, { name: "all", files: paths });
}

const nio = { git: "https://github.com/Apple/swift-nio.git", tag: "2.41.0" };

test("an advisory for a repository is carried over to every pod whose specs name that repository", async () => {
  const { advisories, problems } = await parse(
    [record("GHSA-1", "github.com/apple/swift-nio"), record("GHSA-2", "github.com/no/pods")],
    [
      spec("SwiftNIO", nio),
      spec("SwiftNIO", nio),
      spec("_NIODataStructures", nio),
      spec("Other", { git: "https://x.org/y" }),
    ],
  );
  expect(problems).toEqual([]);
  expect(advisories.map(({ id, aliases }) => [id, aliases])).toEqual([
    ["COCOAPODS-GHSA-1", ["GHSA-1", "CVE-of-GHSA-1"]],
  ]);
  expect(entryLines(advisories[0])).toEqual([
    "CocoaPods SwiftNIO [2.41.0, 2.42.0)",
    "CocoaPods _NIODataStructures [2.41.0, 2.42.0)",
  ]);
});

test("a pod that counts on its own has those versions listed whose tags are affected", async () => {
  const tagged = (tag: string): object => ({ git: "https://github.com/apple/swift-nio.git", tag });
  const affected = [
    {
      package: { ecosystem: "SwiftURL", name: "github.com/apple/swift-nio" },
      ranges: [
        {
          type: "SEMVER",
          events: [{ introduced: "0" }, { fixed: "2.29.1" }, { introduced: "2.39.0" }, { fixed: "2.39.1" }],
        },
        { type: "SEMVER", events: [{ introduced: "2.41.0" }, { last_affected: "2.41.2" }] },
      ],
    },
  ];
  const tags = ["2.29.0", "2.29.1", "2.39.0", "2.39.1", "2.41.0", "2.41.2", "NIO-2.41.3", "main"];
  const { advisories } = await parse(
    [record("GHSA-1", "", { affected })],
    [
      ...tags.map((tag, index) => spec("Own", tagged(tag), `0.${index}`)),
      ...["v2.29.0", "release/2.41.0"].map((tag) => spec("Alike", tagged(tag), tag.replace(/^\D+/, ""))),
    ],
  );
  expect(advisories[0]?.affected?.map((entry) => [entry.package?.name, entry.versions, entry.ranges?.length])).toEqual([
    ["Alike", undefined, 2],
    // The last comes from a branch, of which only the pod's own version is known.
    ["Own", ["0.0", "0.2", "0.4", "0.5", "0.7"], 0],
  ]);
});

test("a name alone says nothing: a pod of the repository's name from elsewhere or from an archive is not meant", async () => {
  const { advisories } = await parse(
    [record("GHSA-1", "github.com/apple/swift-nio")],
    [
      spec("swift-nio", { git: "https://github.com/fork/swift-nio.git" }),
      spec("SwiftNIO", { http: "https://github.com/apple/swift-nio/archive/2.41.0.zip" }),
      spec("Bare", undefined),
    ],
  );
  expect(advisories).toEqual([]);
});

test("a withdrawn advisory stays withdrawn, and one about other ecosystems too gives its Swift packages alone", async () => {
  const npm = { package: { ecosystem: "npm", name: "github.com/apple/swift-nio" }, versions: ["1.0.0"] };
  const swift = {
    package: { ecosystem: "SwiftURL", name: "https://github.com/apple/swift-nio" },
    versions: ["2.41.0"],
  };
  const withdrawn = "2024-01-01T00:00:00Z";
  const { advisories } = await parse(
    [record("GHSA-1", "", { affected: [npm, swift], withdrawn })],
    [spec("SwiftNIO", nio)],
  );
  expect(advisories.map((advisory) => [advisory.withdrawn, advisory.affected])).toEqual([
    [withdrawn, [{ package: { ecosystem: "CocoaPods", name: "SwiftNIO" }, versions: ["2.41.0"], ranges: [] }]],
  ]);
});

test("what cannot be read is told, and leaves the record that was there", async () => {
  const { items, advisories, problems } = await parse(
    [record("GHSA-1", "github.com/apple/swift-nio"), { id: "GHSA-2" }],
    [spec("SwiftNIO", nio), "{", spec("a b", nio)],
  );
  expect(advisories.map(({ id }) => id)).toEqual(["COCOAPODS-GHSA-1"]);
  expect(items.filter(({ kind }) => kind !== "advisory")).toEqual([{ kind: "unreadable", id: "COCOAPODS-R-1" }]);
  expect(problems.map(({ message }) => message)).toEqual([
    "R-1.json is not a valid OSV record: modified is missing",
    "Specs-master/Specs/a/b/c/P/1/P.podspec.json is not a valid podspec",
    "Specs-master/Specs/a/b/c/P/2/P.podspec.json is not a valid podspec",
  ]);
});

test("an archive without advisories or without specs is not a feed", async () => {
  const [advisory, pod] = [record("GHSA-1", "github.com/apple/swift-nio"), spec("SwiftNIO", nio)];
  await expect(parse([], [pod])).rejects.toMatchObject({ code: "feed-malformed" });
  await expect(parse([advisory], [])).rejects.toMatchObject({ code: "feed-malformed" });
});

test.each([
  "https://github.com/Apple/swift-nio.git",
  "http://github.com/apple/swift-nio/",
  "git://github.com/apple/swift-nio.git",
  "git@github.com:apple/swift-nio.git",
  "ssh://git@github.com/apple/swift-nio",
  "github.com/apple/swift-nio",
])("%s is one repository with the others", (address) => {
  expect(repositoryOf(address)).toBe("github.com/apple/swift-nio");
});

test.each(["https://gitlab.com/apple/swift-nio", "https://github.com/apple/swift-nio-ssl", "../swift-nio", ""])(
  "%j is another one",
  (address) => {
    expect(repositoryOf(address)).not.toBe("github.com/apple/swift-nio");
  },
);
