import { describe, expect, test } from "vitest";
import type { Extraction } from "../../extractors/extractor.ts";
import type { Distribution } from "../../model/packages/distribution.ts";
import type { FoundPackage } from "../../model/packages/package.ts";
import { assemble } from "./assemble.ts";
import type { VisibleFile } from "./merge-layers.ts";
import { resolveLinks } from "./resolve-links.ts";

const lodash: FoundPackage = { type: "npm", name: "lodash", version: "4.17.15" };
const requests: FoundPackage = { type: "pypi", name: "requests", version: "2.0" };
/** The paths that extractors want, the most trustworthy first. */
const exactPaths: readonly string[] = ["etc/os-release", "usr/lib/os-release", "etc/alpine-release"];
const debian = { id: "debian", idLike: [], version: "12", name: "Debian 12" };

function packages(...found: FoundPackage[]): Extraction[] {
  return found.map((one) => ({ kind: "package", package: one }));
}

function owns(name: string, ...paths: string[]): Extraction[] {
  return [{ kind: "ownership", owner: { type: "deb", name }, paths }];
}

function file(
  path: string,
  layer: number,
  extractions: readonly Extraction[],
  below: VisibleFile["below"] = [],
): VisibleFile {
  return { path, layer, below, facts: { path, extractions, problems: [] } };
}

function put(files: readonly VisibleFile[], links: Readonly<Record<string, string>> = {}): ReturnType<typeof assemble> {
  return assemble({ files, resolve: (path) => resolveLinks(path, (at) => links[at]), layers: [] }, { exactPaths });
}

describe("a package", () => {
  test("at several places in one layer is one with all its paths, sorted, each once", () => {
    const { packages: found } = put([
      file("b/package.json", 1, packages(lodash)),
      file("a/package.json", 1, packages(lodash, lodash)),
      file("c.jar", 1, packages({ ...lodash, inside: "x/package.json" })),
    ]);
    expect(found.map(({ paths }) => paths)).toEqual([["a/package.json", "b/package.json", "c.jar!/x/package.json"]]);
  });

  test("in several layers is one for each layer", () => {
    const { packages: found } = put([file("a", 0, packages(lodash)), file("b", 2, packages(lodash))]);
    expect(found.map(({ layer, paths }) => [layer, paths])).toEqual([
      [0, ["a"]],
      [2, ["b"]],
    ]);
  });

  test("of several programs contains what any of them contains, and is unknown where one is unknown", () => {
    const gin: FoundPackage = { type: "golang", name: "github.com/gin-gonic/gin", version: "v1.9.0" };
    const [one, other] = ["github.com/gin-gonic/gin", "github.com/gin-gonic/gin/render"];
    const known = [
      file("a", 0, packages({ ...gin, linkedPackages: [other] })),
      file("b", 0, packages({ ...gin, linkedPackages: [one, other] })),
    ];
    expect(put(known).packages.map(({ linkedPackages }) => linkedPackages)).toEqual([[one, other]]);
    const unknown = put([...known, file("c", 0, packages(gin))]).packages;
    expect(unknown.map((found) => [found.paths, found.linkedPackages])).toEqual([[["a", "b", "c"], undefined]]);
  });

  test("of programs that differ tells what is in which, and of one program or of equal ones what they all have", () => {
    const lib: FoundPackage = { type: "golang", name: "stdlib", version: "1.25.0", builtFor: "linux/amd64" };
    const hello = { ...lib, linkedPackages: ["fmt"] };
    const web = { ...lib, linkedPackages: ["fmt", "net/http"] };
    const { linkedPackages: _none, ...packed } = lib;
    const of = (...found: readonly FoundPackage[]) =>
      put(found.map((one, index) => file(`bin/${"abcd"[index]}`, 0, packages(one)))).packages[0];
    expect(of(hello)).toEqual(expect.objectContaining({ ...hello, paths: ["bin/a"] }));
    const equal = of(web, { ...web, linkedPackages: [...web.linkedPackages] });
    expect(equal).toEqual(expect.objectContaining({ ...web, paths: ["bin/a", "bin/b"] }));
    expect([of(hello), equal].map((one) => one && "linkedPrograms" in one)).toEqual([false, false]);
    expect(of(web, hello, web, packed)).toMatchObject({
      paths: ["bin/a", "bin/b", "bin/c", "bin/d"],
      builtFor: "linux/amd64",
      linkedPrograms: [
        { paths: ["bin/a", "bin/c"], linkedPackages: ["fmt", "net/http"], builtFor: "linux/amd64" },
        { paths: ["bin/b"], linkedPackages: ["fmt"], builtFor: "linux/amd64" },
        { paths: ["bin/d"], builtFor: "linux/amd64" },
      ],
    });
    expect(of(hello, { ...hello, builtFor: "windows/amd64" })).not.toHaveProperty("builtFor");
    expect(of(hello, { ...hello, builtFor: "windows/amd64" })?.linkedPrograms).toHaveLength(2);
  });

  test("belongs to the layer that first had it in the file, without a gap", () => {
    const older = (layer: number, ...found: FoundPackage[]): VisibleFile["below"][number] => ({
      layer,
      facts: { path: "status", extractions: packages(...found), problems: [] },
    });
    const { packages: found } = put([
      file("status", 5, packages(lodash, requests), [
        older(4, lodash, requests),
        older(3, lodash),
        older(1, lodash, requests),
      ]),
    ]);
    expect(found.map(({ name, layer }) => [name, layer])).toEqual([
      ["lodash", 1],
      ["requests", 4],
    ]);
  });
});

describe("the owner of a package", () => {
  const owner: FoundPackage = { type: "deb", name: "python3-requests", version: "2.0-1" };
  const place = "usr/lib/python3/dist-packages/requests-2.0.dist-info/METADATA";

  test("is the distribution's package that lists the file", () => {
    const { packages: found } = put([
      file(place, 0, packages(requests)),
      file("status", 0, [...packages(owner), ...owns("python3-requests", place)]),
    ]);
    expect(found.find(({ type }) => type === "pypi")?.ownedBy).toEqual({ type: "deb", name: "python3-requests" });
  });

  test("is found where the database names the file by a link at the top", () => {
    const listed = "lib/python3/dist-packages/requests-2.0.dist-info/METADATA";
    const files = [
      file(place, 0, packages(requests)),
      file("status", 0, packages(owner)),
      file("list", 0, owns("python3-requests", listed)),
    ];
    expect(put(files, { lib: "usr/lib" }).packages[1]?.ownedBy).toEqual({ type: "deb", name: "python3-requests" });
    expect(put(files).packages[1]?.ownedBy).toBeUndefined();
    expect(put(files, { lib: "lib" }).packages[1]?.ownedBy).toBeUndefined();
  });

  test("is nobody when the package that lists the file is not installed", () => {
    const files = [file(place, 0, packages(requests)), file("list", 0, owns("python3-requests", place))];
    expect(put(files).packages[0]?.ownedBy).toBeUndefined();
  });

  test("is found by a list that bears the name of the record's file", () => {
    const { packages: found } = put([
      file(place, 0, packages(requests)),
      file("status.d/python3-requests2", 0, packages({ ...owner, name: "python3-requests2.0" })),
      file("status.d/python3-requests2.md5sums", 0, owns("python3-requests2", place)),
    ]);
    expect(found.find(({ type }) => type === "pypi")?.ownedBy).toEqual({ type: "deb", name: "python3-requests2" });
  });

  test("is not told of the distribution's own packages", () => {
    const own: FoundPackage = { type: "deb", name: "base", version: "1" };
    const { packages: found } = put([file("status", 0, [...packages(own), ...owns("base", "status")])]);
    expect(found[0]?.ownedBy).toBeUndefined();
  });
});

describe("the distribution", () => {
  const alpine = { id: "alpine", idLike: [], version: "3.20", name: "Alpine 3.20" };
  const names = (distribution: Distribution): Extraction[] => [{ kind: "distribution", distribution }];

  test("comes from etc/os-release before usr/lib/os-release before anything older", () => {
    const [first, second, third] = [
      file("etc/os-release", 0, names(debian)),
      file("usr/lib/os-release", 0, names(alpine)),
      file("etc/alpine-release", 0, names(alpine)),
    ] as const;
    expect(put([third, second, first]).distribution).toBe(debian);
    expect(put([third, second]).distribution).toBe(alpine);
    expect(put([]).distribution).toBeNull();
  });

  test("takes a version from the next file of the same distribution when the first has none", () => {
    const { version: _, ...rolling } = debian;
    const [bare, older] = [file("etc/os-release", 0, names(rolling)), file("etc/alpine-release", 0, names(debian))];
    expect(put([bare, older]).distribution).toEqual(debian);
    expect(put([bare, file("usr/lib/os-release", 0, names(alpine))]).distribution).toEqual(rolling);
  });

  test("goes into the package URL of its packages", () => {
    const own: FoundPackage = { type: "deb", name: "bash", version: "5.2-1", architecture: "amd64" };
    const { packages: found } = put([file("etc/os-release", 0, names(debian)), file("status", 0, packages(own))]);
    expect(found[0]?.purl).toBe("pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12");
  });
});

test("the repositories that files name belong to the distribution, and are nothing without one", () => {
  const names = (...repositories: string[]): Extraction[] => [{ kind: "repositories", repositories }];
  const files = [file("b.json", 1, names("appstream", "baseos")), file("a.json", 0, names("baseos"))];
  const release = file("etc/os-release", 0, [{ kind: "distribution", distribution: debian }]);
  expect(put([release, ...files]).distribution).toEqual({ ...debian, repositories: ["appstream", "baseos"] });
  expect(put([release]).distribution).toEqual(debian);
  expect(put(files).distribution).toBeNull();
});
