import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  dockerLayout,
  type ImageSpec,
  layoutOfTwoLists,
  layoutTar,
  legacyDockerLayout,
  ociLayout,
  writeLayout,
} from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { writeFiles } from "../../../tests/setup/write-files.ts";
import { type ExamineOptions, examineTarget } from "./examine-target.ts";

const folder = temporaryFolder();
const options: ExamineOptions = { verifyDigests: false, signal: new AbortController().signal, now: new Date(0) };
const manifest = JSON.stringify({ name: "lodash", version: "4.17.15" });
const image: ImageSpec = {
  tags: ["shop:1"],
  layers: [{ members: [{ name: "app/node_modules/lodash/package.json", content: manifest }] }],
};

function archive(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test("tells what is inside, from which layer, and when it looked", async () => {
  const contents = await examineTarget(archive("image.tar", layoutTar(dockerLayout([image]))), options);
  expect(contents).toMatchObject({
    createdAt: "1970-01-01T00:00:00.000Z",
    target: { kind: "docker-archive", tags: ["shop:1"], user: "root" },
    distro: null,
    packages: [{ purl: "pkg:npm/lodash@4.17.15", paths: ["app/node_modules/lodash/package.json"], layer: 0 }],
    problems: [],
  });
});

test("says that images beside the chosen one were not examined, and how to name them", async () => {
  const other: ImageSpec = { layers: [{ members: [{ name: "x", content: "y" }] }], tags: ["other:2"] };
  const path = archive("two.tar", layoutTar(dockerLayout([image, other])));
  const { problems } = await examineTarget(path, options);
  const said = `${path} contains one more image that was not scanned: other:2; scan one with docker-archive:${path}:NAME`;
  expect(problems).toEqual([{ code: "not-examined", message: said }]);
  const chosen = await examineTarget(`docker-archive:${path}:other:2`, options);
  expect(chosen.target.tags).toEqual(["other:2"]);
});

test("says nothing more of an image that is told as the target that it is", async () => {
  const other: ImageSpec = { layers: [{ members: [{ name: "x", content: "y" }] }], tags: ["shop:1"] };
  const path = archive("both.tar", layoutTar(layoutOfTwoLists([other], [image])));
  const { problems } = await examineTarget(`oci-archive:${path}`, options);
  const said = `${path} contains one more image that was not scanned: docker-archive:${path}:shop:1`;
  expect(problems).toEqual([{ code: "not-examined", message: said }]);
});

test("says of a folder around images that they were not examined, unless only its files are meant", async () => {
  const around = join(folder, "around");
  for (const name of ["web", "api"]) writeLayout(join(around, name), ociLayout([image]));
  writeFiles(around, {
    "kept/manifest.json": "{}",
    "kept/version": "Directory Transport Version: 1.1\n",
    "other/index.json": "{}",
    "files/app/node_modules/lodash/package.json": manifest,
  });
  const { packages, problems, target } = await examineTarget(around, options);
  expect([target.kind, packages.length]).toEqual(["repo", 1]);
  expect(problems).toEqual([
    {
      code: "not-examined",
      message: `${around} contains 3 images that were not scanned: api, kept, web; scan one with ${around}/NAME, or use repo:${around} to scan only the files`,
    },
  ]);
  expect((await examineTarget(join(around, "web"), options)).target.kind).toBe("oci-dir");
  expect((await examineTarget(`dir:${around}`, options)).problems).toEqual([]);
});

test("reports a layer that was to be verified and has no digest", async () => {
  const nameless: ImageSpec = { ...image, config: { rootfs: { type: "layers", diff_ids: [] } } };
  const path = archive("nameless.tar", layoutTar(legacyDockerLayout([nameless])));
  expect((await examineTarget(path, options)).problems).toEqual([]);
  const { problems, layers } = await examineTarget(path, { ...options, verifyDigests: true });
  expect(problems).toMatchObject([{ code: "unreadable", message: expect.stringContaining("no digest") }]);
  expect(layers.map(({ verified }) => verified)).toEqual([false]);
});

test("marks layers as verified when their digests were compared", async () => {
  const path = archive("honest.tar", layoutTar(dockerLayout([image])));
  const { layers, problems } = await examineTarget(path, { ...options, verifyDigests: true });
  expect(problems).toEqual([]);
  expect(layers.map(({ verified }) => verified)).toEqual([true]);
});

test("stops at once when it is already cancelled", async () => {
  const signal = AbortSignal.abort();
  await expect(examineTarget(folder, { ...options, signal })).rejects.toMatchObject({ code: "cancelled" });
});

test("joins what a document lists once for each place to one package with all its paths", async () => {
  const component = (path: string): object => ({
    type: "library",
    name: "lodash",
    version: "4.17.15",
    purl: "pkg:npm/lodash@4.17.15",
    properties: [{ name: "syft:location:0:path", value: path }],
  });
  const components = [component("/b/package.json"), component("/a/package.json")];
  const document = Buffer.from(JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", components }));
  const { packages } = await examineTarget(archive("image.cdx.json", document), options);
  expect(packages).toMatchObject([{ name: "lodash", paths: ["a/package.json", "b/package.json"] }]);
  expect(packages).toHaveLength(1);
});

test("an owner that an SBOM names does not count when somebody else than the distribution built it", async () => {
  const element = (SPDXID: string, purl: string, more: object = {}) => ({
    ...{ SPDXID, name: SPDXID, ...more },
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
  });
  const owns = (owner: string, owned: string) => ({
    ...{ spdxElementId: owner, relationshipType: "OTHER", relatedSpdxElement: owned },
    comment: "ownership-by-file-overlap: files of one are files of the other",
  });
  const document = {
    spdxVersion: "SPDX-2.3",
    packages: [
      element("docker-ce", "pkg:rpm/redhat/docker-ce@24.0.7-1.el9?distro=rhel-9.4", {
        supplier: "Organization: Docker",
      }),
      element("python3-jinja2", "pkg:rpm/redhat/python3-jinja2@2.11-8.el9?distro=rhel-9.4", {
        supplier: "Organization: Red Hat, Inc.",
      }),
      element("net", "pkg:golang/golang.org/x/net@v0.1.0"),
      element("jinja2", "pkg:pypi/jinja2@2.11"),
    ],
    relationships: [owns("docker-ce", "net"), owns("python3-jinja2", "jinja2")],
  };
  const { packages } = await examineTarget(archive("owners.spdx.json", Buffer.from(JSON.stringify(document))), options);
  expect(packages.map(({ name, ownedBy }) => [name, ownedBy?.name])).toEqual([
    ["docker-ce", undefined],
    ["python3-jinja2", undefined],
    ["golang.org/x/net", undefined],
    ["jinja2", "python3-jinja2"],
  ]);
});
