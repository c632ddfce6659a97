import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type TarMember, tar } from "../../../tests/setup/tar.ts";
import { tarTree } from "../../../tests/setup/tar-tree.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { ImageFacts } from "../../checks/image/image-facts.ts";
import type { Tree } from "../../model/images/tree.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { FolderTree } from "../../sources/folder/folder-tree.ts";
import { collectImage } from "./collect-image.ts";

const signal = new AbortController().signal;

/** The facts of an image of these layers, lowest first. */
function collect(
  layers: readonly (readonly TarMember[] | Uint8Array)[],
  { config, standsAlone = false }: { readonly config?: JsonObject; readonly standsAlone?: boolean } = {},
): Promise<ImageFacts> {
  return collectTrees(layers.map(tarTree), { ...(config && { config }), standsAlone });
}

function collectTrees(
  layers: readonly Tree[],
  { config, standsAlone = false }: { readonly config?: JsonObject; readonly standsAlone?: boolean } = {},
): Promise<ImageFacts> {
  const trees = layers.map((tree, index) => ({ tree, name: `layer ${index}`, verifies: true, standsAlone }));
  return collectImage(
    {
      form: "tree",
      target: { kind: "docker-archive", name: "image.tar" },
      ...(config && { config }),
      trees,
      layers: [],
      unexamined: [],
      [Symbol.dispose]: () => undefined,
    },
    signal,
  );
}

/** The set-uid programs that the image has. */
async function programs(...layers: (readonly TarMember[])[]): Promise<string[]> {
  const { files } = await collect(layers);
  return "value" in files ? files.value.setId.map(({ path }) => path) : [files.unavailable];
}

const program = (name: string): TarMember => ({ name, content: "x", mode: 0o4755 });
const plain = (name: string): TarMember => ({ name, content: "x" });
const folder = (name: string): TarMember => ({ name, type: "directory" });

describe("files of an image", () => {
  test.each<[string, (readonly TarMember[])[], string[]]>([
    ["all layers are joined", [[program("bin/a")], [program("bin/b")]], ["/bin/a", "/bin/b"]],
    ["a file is what the topmost layer makes of it", [[program("bin/a")], [plain("bin/a")]], []],
    ["a file can become set-uid later", [[plain("bin/a")], [program("bin/a")]], ["/bin/a"]],
    ["a whiteout removes a file", [[program("bin/a"), program("bin/b")], [plain("bin/.wh.a")]], ["/bin/b"]],
    ["a whiteout removes a folder with all in it", [[program("opt/x/y/a")], [plain("opt/.wh.x")]], []],
    ["a whiteout is for layers below only", [[plain("bin/.wh.a")], [program("bin/a")]], ["/bin/a"]],
    ["a file may come back above its whiteout", [[program("a")], [plain(".wh.a")], [program("a")]], ["/a"]],
    ["a whiteout does not remove what its own layer adds", [[], [program("bin/a"), plain("bin/.wh.a")]], ["/bin/a"]],
    [
      "a whiteout is for one name, not for those that begin so",
      [[program("bin/ab")], [plain("bin/.wh.a")]],
      ["/bin/ab"],
    ],
    [
      "an opaque folder hides what layers below have in it",
      [
        [program("opt/x/a"), program("opt/b")],
        [folder("opt/x"), plain("opt/x/.wh..wh..opq"), program("opt/x/c")],
      ],
      ["/opt/b", "/opt/x/c"],
    ],
    ...[".wh.", ".wh..", ".wh...", ".wh..wh.aufs"].map((name): [string, TarMember[][], string[]] => [
      `${name} removes nothing, and is not a file`,
      [
        [program("a"), program("b/c")],
        [program(name), program(`b/${name}`)],
      ],
      ["/a", "/b/c"],
    ]),
    ["an opaque root hides all layers below", [[program("a"), program("b/c")], [plain(".wh..wh..opq")]], []],
    ["a file in place of a folder hides what was in it", [[program("opt/x/a")], [plain("opt/x")]], []],
    [
      "a link in place of a folder hides what was in it",
      [[program("opt/x/a")], [{ name: "opt/x", type: "symlink", link: "/" }]],
      [],
    ],
    [
      "a folder in place of a file hides the file",
      [[program("opt/x")], [folder("opt/x"), program("opt/x/a")]],
      ["/opt/x/a"],
    ],
    ["a folder that is there again hides nothing in it", [[program("opt/x/a")], [folder("opt/x")]], ["/opt/x/a"]],
    [
      "a hard link is a name of a set-uid program too",
      [[program("bin/a"), { name: "bin/b", type: "hardlink", link: "bin/a", mode: 0o4755 }]],
      ["/bin/a", "/bin/b"],
    ],
  ])("%s", async (_, layers, expected) => {
    expect(await programs(...layers)).toEqual(expected);
  });

  test("names of whiteouts are names of files in a folder, which has no layers", async () => {
    const { files } = await collect([[program("a"), program("b/.wh.a")]], { standsAlone: true });
    expect("value" in files && files.value.setId.map(({ path }) => path)).toEqual(["/a", "/b/.wh.a"]);
  });

  test.skipIf(process.getuid?.() === 0)("a file of a folder counts although its user may not read it", async () => {
    const folder = temporaryFolder();
    for (const size of [10, 8 * 1024, 1024 * 1024]) {
      writeFileSync(join(folder, `${size}`), Buffer.alloc(size));
      chmodSync(join(folder, `${size}`), 0o4111);
    }
    const { files } = await collectTrees([new FolderTree(folder)], { standsAlone: true });
    expect("value" in files && files.value.setId.map(({ path }) => path)).toEqual(["/10", "/1048576", "/8192"]);
  });

  test("a layer that cannot be read makes files and accounts unavailable, with its name, and not the config", async () => {
    const cut = tar([program("bin/a"), { name: "etc/passwd", content: "root::0:0::/:/bin/sh\n" }]).subarray(0, 700);
    const facts = await collect([[program("bin/b")], cut], { config: { config: { User: "app" } } });
    expect(facts.files).toEqual({ unavailable: expect.stringMatching(/^layer 1 cannot be read: /) });
    expect(facts.accounts).toEqual({ unavailable: expect.stringMatching(/^layer 1 cannot be read: /) });
    expect(facts.config).toMatchObject({ value: { user: "app" } });
  });

  test("without a config the config is unavailable", async () => {
    expect((await collect([[]])).config).toEqual({ unavailable: "a folder does not have an image config" });
  });

  test("an abort ends it", async () => {
    const aborted = AbortSignal.abort();
    const tree = { walk: () => Promise.reject(new Error("stopped")) };
    const trees = [{ tree, name: "layer 0", verifies: true }];
    const target = { kind: "docker-archive", name: "x" } as const;
    const image = {
      form: "tree",
      target,
      trees,
      layers: [],
      unexamined: [],
      [Symbol.dispose]: () => undefined,
    } as const;
    await expect(collectImage(image, aborted)).rejects.toThrow();
  });
});

describe("accounts of an image", () => {
  const passwd = (text: string): TarMember => ({ name: "etc/passwd", content: text });
  const otherRoots = async (...layers: (readonly TarMember[])[]): Promise<readonly string[] | string> => {
    const { accounts } = await collect(layers);
    return "value" in accounts ? accounts.value.otherRoots : accounts.unavailable;
  };

  test("are those of the topmost passwd", async () => {
    const [old, new_] = [passwd("toor:x:0:0::/:/bin/sh\n"), passwd("root:x:0:0::/:/bin/sh\n")];
    expect(await otherRoots([old], [new_])).toEqual([]);
    expect(await otherRoots([new_], [old])).toEqual(["toor"]);
    expect(await otherRoots([old], [{ name: "etc/.wh.passwd" }])).toEqual([]);
  });

  test("cannot be told when the file of accounts is a link or too large", async () => {
    expect(await otherRoots([{ name: "etc/passwd", type: "symlink", link: "/run/passwd" }])).toBe(
      "/etc/passwd is not a regular file",
    );
    expect(await otherRoots([passwd("#".repeat(5 * 1024 * 1024))])).toBe("/etc/passwd is larger than 4194304 bytes");
    expect(await otherRoots([{ name: "etc/passwd", type: "symlink", link: "x" }], [passwd("a:x:0:0::/:\n")])).toEqual([
      "a",
    ]);
    const sparse = { ...passwd("root:x:0:0::/:\n"), type: "sparse", format: "gnu" } as const;
    expect(await otherRoots([sparse])).toBe(
      "/etc/passwd was passed over: it is stored as a sparse file, which is not supported",
    );
    expect(await otherRoots([sparse], [passwd("a:x:0:0::/:\n")])).toEqual(["a"]);
  });
});
