import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { everyFile } from "../../../tests/setup/take-stock.ts";
import type { TarMember } from "../../../tests/setup/tar.ts";
import { tarTree } from "../../../tests/setup/tar-tree.ts";
import type { Extractor } from "../../extractors/extractor.ts";
import { FileMatcher } from "./file-matcher.ts";
import { takeInventory } from "./layer-inventory.ts";
import { type MergedTree, mergeLayers } from "./merge-layers.ts";

const signal: AbortSignal = new AbortController().signal;

async function merge(layers: readonly (readonly TarMember[])[], extractor: Extractor = everyFile): Promise<MergedTree> {
  const matcher = new FileMatcher([extractor]);
  const inventories = await Promise.all(layers.map((members) => takeInventory(tarTree(members), matcher, { signal })));
  const merged = mergeLayers(inventories, matcher.exactPaths);
  // The state remembered of a layer after its first merge does not change the result.
  const again = mergeLayers(inventories, matcher.exactPaths);
  const withoutFunctions = { resolve: undefined, holds: undefined };
  expect({ ...again, ...withoutFunctions }).toEqual({ ...merged, ...withoutFunctions });
  return again;
}

/** Path, and `layer:content`, of every file that is visible. */
async function visible(...layers: (readonly TarMember[])[]): Promise<Record<string, string>> {
  const { files } = await merge(layers);
  return Object.fromEntries(
    files.map(({ path, layer, facts }) => {
      const [extraction] = facts.extractions;
      return [path, `${layer}:${extraction?.kind === "package" ? extraction.package.version : ""}`];
    }),
  );
}

function file(name: string, content: string): TarMember {
  return { name, content };
}

const symlink = (name: string, link: string): TarMember => ({ name, link, type: "symlink" });
const hardlink = (name: string, link: string): TarMember => ({ name, link, type: "hardlink" });
const folder = (name: string): TarMember => ({ name, type: "directory" });

describe("a layer over others", () => {
  const base = [file("a/x", "1"), file("a/b/y", "2"), file("whoami", "3"), file("c", "4")];

  test.each<[string, TarMember[], Record<string, string>]>([
    ["replaces a file", [file("c", "new")], { "a/x": "0:1", "a/b/y": "0:2", whoami: "0:3", c: "1:new" }],
    [
      "adds to a folder",
      [folder("a"), file("a/z", "5")],
      { "a/x": "0:1", "a/b/y": "0:2", "a/z": "1:5", whoami: "0:3", c: "0:4" },
    ],
    ["removes a file by a whiteout", [file("a/.wh.x", "")], { "a/b/y": "0:2", whoami: "0:3", c: "0:4" }],
    ["removes a folder by a whiteout", [file(".wh.a", "")], { whoami: "0:3", c: "0:4" }],
    [
      "never removes a name that only begins or ends as the whiteout's",
      [file(".wh.w", ""), file(".wh.hoami", ""), file("a/.wh.b/", "")],
      { "a/x": "0:1", whoami: "0:3", c: "0:4" },
    ],
    [
      "hides what a folder held by an opaque whiteout",
      [file("a/.wh..wh..opq", ""), file("a/n", "5")],
      { "a/n": "1:5", whoami: "0:3", c: "0:4" },
    ],
    ["hides everything by an opaque whiteout at the root", [file(".wh..wh..opq", ""), file("n", "5")], { n: "1:5" }],
    [
      "keeps its own files whatever its whiteouts say, in any order",
      [file("a/x", "5"), file("a/.wh.x", ""), file(".wh.a", "")],
      { "a/x": "1:5", whoami: "0:3", c: "0:4" },
    ],
    ["replaces a folder by a file", [file("a", "5")], { a: "1:5", whoami: "0:3", c: "0:4" }],
    ["replaces a folder by a link", [symlink("a", "elsewhere")], { whoami: "0:3", c: "0:4" }],
    [
      "replaces a file by a folder",
      [folder("c"), file("c/d", "5")],
      { "a/x": "0:1", "a/b/y": "0:2", whoami: "0:3", "c/d": "1:5" },
    ],
    [
      "replaces a file by a folder that it only implies",
      [file("c/d", "5")],
      { "a/x": "0:1", "a/b/y": "0:2", whoami: "0:3", "c/d": "1:5" },
    ],
    [
      "replaces a file by a device",
      [{ name: "c", type: "character" }],
      { "a/x": "0:1", "a/b/y": "0:2", whoami: "0:3" },
    ],
    ["replaces a file by an empty one", [file("c", "")], { "a/x": "0:1", "a/b/y": "0:2", whoami: "0:3" }],
    [
      "ignores whiteouts without a name",
      [
        file("a/.wh.", ""),
        file("a/.wh..", ""),
        file("a/.wh...", ""),
        file(".wh..wh.plnk", ""),
        file(".wh..wh..wh.aufs", ""),
      ],
      { "a/x": "0:1", "a/b/y": "0:2", whoami: "0:3", c: "0:4" },
    ],
    [
      "removes a file whose name holds .wh.",
      [file(".wh.c.wh.d", "")],
      { "a/x": "0:1", "a/b/y": "0:2", whoami: "0:3", c: "0:4" },
    ],
    [
      "keeps a file whose name holds .wh. inside",
      [file("not.a.wh..wh..opq", "5")],
      { "a/x": "0:1", "a/b/y": "0:2", whoami: "0:3", c: "0:4", "not.a.wh..wh..opq": "1:5" },
    ],
  ])("%s", async (_, upper, expected) => {
    expect(await visible(base, upper)).toEqual(expected);
  });

  test("over a file in place of a folder does not bring the folder's content back", async () => {
    expect(await visible([file("a/x", "1")], [file("a", "2")], [folder("a")])).toEqual({});
  });

  test("may bring back what another removed", async () => {
    expect(await visible([file("a/x", "1")], [file(".wh.a", "")], [file("a/x", "3")])).toEqual({ "a/x": "2:3" });
  });
});

describe("within one layer", () => {
  test.each<[string, TarMember[], Record<string, string>]>([
    ["the later of two entries counts", [file("a", "1"), file("a", "2")], { a: "0:2" }],
    ["an empty file takes the place of an earlier one", [file("a", "1"), file("a", "")], {}],
    ["a file takes the place of a folder", [file("a/b/c", "1"), file("a", "2")], { a: "0:2" }],
    ["a folder takes the place of a file", [file("a", "1"), file("a/b", "2")], { "a/b": "0:2" }],
    [
      "a folder that is named twice keeps what it holds",
      [file("a/b", "1"), folder("a"), file("a/c", "2")],
      { "a/b": "0:1", "a/c": "0:2" },
    ],
    [
      "entries behind a link land where it leads",
      [folder("usr/lib"), symlink("lib", "usr/lib"), file("lib/x", "1")],
      { "usr/lib/x": "0:1" },
    ],
    [
      "entries behind a link that changes land where it leads then",
      [symlink("l", "a"), file("l/x", "1"), symlink("l", "b"), file("l/y", "2")],
      { "a/x": "0:1", "b/y": "0:2" },
    ],
    [
      "entries behind a link that became a folder stay there",
      [symlink("l", "a"), file("l/x", "1"), folder("l"), file("l/y", "2")],
      { "a/x": "0:1", "l/y": "0:2" },
    ],
    [
      "entries behind a link that leaves the root stay inside",
      [symlink("l", "../../../tmp"), file("l/x", "1")],
      { "tmp/x": "0:1" },
    ],
    ["a hard link is the file under another name", [file("a", "1"), hardlink("b", "a")], { a: "0:1", b: "0:1" }],
    [
      "a hard link keeps the file that it was made for",
      [file("a", "1"), hardlink("b", "a"), file("a", "2")],
      { a: "0:2", b: "0:1" },
    ],
  ])("%s", async (_, members, expected) => {
    expect(await visible(members)).toEqual(expected);
  });

  test("a cycle of links is a problem and nothing more", async () => {
    const members = [symlink("a", "b"), symlink("b", "a"), file("a/x", "1"), file("c", "2")];
    const inventory = await takeInventory(tarTree(members), new FileMatcher([everyFile]), { signal });
    expect(inventory.files.map(({ path }) => path)).toEqual(["c"]);
    expect(inventory.problems).toEqual([expect.objectContaining({ code: "unreadable", path: "a/x" })]);
  });

  test("folders nested too deep are a problem, counted once there are many", async () => {
    const members = Array.from({ length: 10_000 }, (_, depth) => folder("d/".repeat(depth + 1)));
    const inventory = await takeInventory(tarTree([...members, file("x", "1")]), new FileMatcher([everyFile]), {
      signal,
    });
    expect(inventory.complete).toBe(true);
    expect(inventory.files.map(({ path }) => path)).toEqual(["x"]);
    expect(inventory.problems).toHaveLength(101);
    expect(inventory.problems[0]?.code).toBe("limit-exceeded");
    expect(inventory.problems[100]?.message).toMatch(/^\d+ more entries/);
  });
});

describe("names that an extractor wants exactly", () => {
  const wanted: Extractor = {
    ...everyFile,
    files: [{ path: "etc/os-release" }, { path: "lib/db" }, { suffix: ".jar" }],
  };
  const text = file("usr/lib/os-release", "text");

  async function followUps(...layers: TarMember[][]): Promise<unknown> {
    return (await merge(layers, wanted)).followUps;
  }

  test("are followed through a symbolic link to the layer that has the file", async () => {
    const expected = [{ layer: 0, path: "usr/lib/os-release", as: "etc/os-release" }];
    expect(await followUps([text, symlink("etc/os-release", "../usr/lib/os-release")])).toEqual(expected);
    expect(await followUps([text], [symlink("etc/os-release", "/usr/lib/os-release")])).toEqual(expected);
  });

  test("are followed to the visible file, not to one below it", async () => {
    const link = symlink("etc/os-release", "../usr/lib/os-release");
    expect(await followUps([text, link], [text])).toEqual([
      { layer: 1, path: "usr/lib/os-release", as: "etc/os-release" },
    ]);
    expect(await followUps([text, link], [file("usr/lib/.wh.os-release", "")])).toEqual([]);
  });

  test("are followed through links among the folders", async () => {
    const layers = [[folder("usr/lib"), file("usr/lib/db", "x"), symlink("lib", "usr/lib")]];
    expect(await followUps(...layers)).toEqual([{ layer: 0, path: "usr/lib/db", as: "lib/db" }]);
  });

  test("are not followed through a link that is hidden, in a cycle, or to nothing", async () => {
    const link = symlink("etc/os-release", "../usr/lib/os-release");
    expect(await followUps([text, link], [file("etc/os-release", "own")])).toEqual([]);
    expect(await followUps([symlink("etc/os-release", "os-release")])).toEqual([]);
    expect(await followUps([link])).toEqual([]);
  });

  test("are read again when a hard link gives them to a file that was not wanted", async () => {
    expect(await followUps([file("store/1", "x"), hardlink("a.jar", "store/1")])).toEqual([
      { layer: 0, path: "store/1", as: "a.jar" },
    ]);
  });

  test("give nothing to a hard link that nobody wants", async () => {
    const { files, followUps: more } = await merge([[file("a.jar", "x"), hardlink("store/1", "a.jar")]], wanted);
    expect(files.map(({ path }) => path)).toEqual(["a.jar"]);
    expect(more).toEqual([]);
  });
});

describe("the layer that brought a file", () => {
  test("is found through every version up to the visible one, and no further than where it was removed", async () => {
    const { files } = await merge([
      [file("kept", "0"), file("gone", "0"), file("d/hidden", "0")],
      [file("kept", "1"), file(".wh.gone", ""), file("d/.wh..wh..opq", "")],
      [file("kept", "2"), file("gone", "2"), file("d/hidden", "2")],
      [file("kept", "3"), file("gone", "3")],
    ]);
    const below = Object.fromEntries(
      files.map((each) => [each.path, [each.layer, ...each.below.map(({ layer }) => layer)]]),
    );
    expect(below).toEqual({ kept: [3, 2, 1, 0], gone: [3, 2], "d/hidden": [2] });
  });
});

/** A folder or a file, as a plain model of an overlay has them. */
type Model = { content: string } | { children: Map<string, Model>; opaque: boolean };

describe("any layers", () => {
  const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant("file" as const), path, content: fc.constantFrom("1", "2", "") }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("folder" as const), path }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("whiteout" as const), path }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("opaque" as const), path }) },
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function toMember(one: Step): TarMember {
    if (one.do === "file") return file(one.path, one.content);
    if (one.do === "folder") return folder(one.path);
    if (one.do === "opaque") return file(`${one.path}/.wh..wh..opq`, "");
    const slash = one.path.lastIndexOf("/") + 1;
    return file(`${one.path.slice(0, slash)}.wh.${one.path.slice(slash)}`, "");
  }

  function newFolder(opaque = false): Model & { children: Map<string, Model> } {
    return { children: new Map<string, Model>(), opaque };
  }

  /** The folder at a path; another entry on the way becomes a folder that hides lower entries. */
  function folderAt(
    root: Model & { children: Map<string, Model> },
    parts: readonly string[],
  ): { children: Map<string, Model> } {
    let at: { children: Map<string, Model> } = root;
    for (const part of parts) {
      const child = at.children.get(part);
      const next = child && "children" in child ? child : newFolder(child !== undefined);
      at.children.set(part, next);
      at = next;
    }
    return at;
  }

  function layerOf(steps: readonly Step[]): {
    tree: Model & { children: Map<string, Model> };
    removed: string[];
    opaque: string[];
  } {
    const tree = newFolder();
    const removed: string[] = [];
    const opaque: string[] = [];
    for (const one of steps) {
      const parts = one.path.split("/");
      if (one.do === "folder") folderAt(tree, parts);
      else if (one.do === "opaque") {
        folderAt(tree, parts);
        opaque.push(one.path);
      } else {
        const parent = folderAt(tree, parts.slice(0, -1));
        const name = parts.at(-1) ?? "";
        if (one.do === "file") parent.children.set(name, { content: one.content });
        else removed.push(one.path);
      }
    }
    return { tree, removed, opaque };
  }

  function at(root: { children: Map<string, Model> }, parts: readonly string[]): Model | undefined {
    let node: Model | undefined = { children: root.children, opaque: false };
    for (const part of parts) node = node && "children" in node ? node.children.get(part) : undefined;
    return node;
  }

  function cover(lower: { children: Map<string, Model> }, upper: { children: Map<string, Model> }): void {
    for (const [name, node] of upper.children) {
      const below = lower.children.get(name);
      if ("children" in node) {
        const target = below && "children" in below && !node.opaque ? below : newFolder();
        lower.children.set(name, target);
        cover(target, node);
      } else lower.children.set(name, node);
    }
  }

  function listed(root: { children: Map<string, Model> }, prefix = ""): [string, string][] {
    return [...root.children].flatMap(([name, node]): [string, string][] => {
      if ("children" in node) return listed(node, `${prefix}${name}/`);
      return node.content === "" ? [] : [[`${prefix}${name}`, node.content]];
    });
  }

  function expectedTree(layers: readonly (readonly Step[])[]): Record<string, string> {
    const root = newFolder();
    for (const steps of layers) {
      const { tree, removed, opaque } = layerOf(steps);
      for (const gone of removed) {
        const parts = gone.split("/");
        const parent = at(root, parts.slice(0, -1));
        if (parent && "children" in parent) parent.children.delete(parts.at(-1) ?? "");
      }
      for (const hidden of opaque) {
        const node = at(root, hidden.split("/"));
        if (node && "children" in node) node.children.clear();
      }
      cover(root, tree);
    }
    return Object.fromEntries(listed(root));
  }

  test("merge to what a plain model of an overlay holds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { minLength: 1, maxLength: 4 }), async (layers) => {
        const seen = await visible(...layers.map((steps) => steps.map(toMember)));
        const contents = Object.fromEntries(Object.entries(seen).map(([name, text]) => [name, text.slice(2)]));
        expect(contents).toEqual(expectedTree(layers));
      }),
      { numRuns: 1500, seed: 5 },
    );
  });
});
