import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { extractors } from "../../../src/extractors/builtin.ts";
import { FileMatcher } from "../../../src/pipeline/inventory/file-matcher.ts";
import { takeInventory } from "../../../src/pipeline/inventory/layer-inventory.ts";
import { FolderLayout } from "../../../src/sources/image/layout-files.ts";
import { resolveManifest } from "../../../src/sources/image/oci-layout.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { dockerLayout, layoutTar } from "../../setup/image.ts";
import { everyFile, type StockOptions, takeStock, visibleFiles } from "../../setup/take-stock.ts";
import type { TarMember, TarMemberType } from "../../setup/tar.ts";
import { tarTree } from "../../setup/tar-tree.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";

const folder = temporaryFolder();
const signal: AbortSignal = new AbortController().signal;

interface LayerChainCase {
  readonly name: string;
  readonly file: string;
  readonly limits?: { readonly MaxFileBytes?: number };
  readonly error?: boolean;
  readonly after_layer?: readonly Readonly<Record<string, string | null | { readonly error: string }>>[];
}

describeWithCorpus("layers that build on each other", () => {
  const { cases } = corpusJson<{ cases: readonly LayerChainCase[] }>("images", "layer-chain", "cases.json");
  /** The source sets a limit on the size of a file, which is an option of its own that this program does not have. */
  const limited = cases.filter(({ limits }) => (limits?.MaxFileBytes ?? 1e9) < 2);

  /** The source follows 6 links by default, Linux and this program 40. */
  const deeperHere = "image with symlink depth exceeded";

  test("14 cases, 2 of them about an option of the source alone", () => {
    expect(cases).toHaveLength(14);
    expect(limited.map(({ name }) => name)).toEqual([
      "invalid config - non positive maxFileBytes",
      "image with file surpassing max file size",
    ]);
  });

  test.each(cases.filter((one) => !limited.includes(one)))("$name", async ({ name, file, after_layer = [] }) => {
    const path = corpusPath("images", "layer-chain", file);
    let compared = 0;
    for (const [upTo, expected] of after_layer.entries()) {
      const seen = await throughLinks(path, Object.keys(expected), { upTo });
      for (const [wanted, content] of Object.entries(expected)) {
        if (content === null) continue;
        const text = name === deeperHere ? "sample text\n" : typeof content === "string" ? shown(content) : undefined;
        expect([wanted, seen[wanted]]).toEqual([wanted, text]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(0);
  });
});

/** The visible files, and what these names lead to where they are links. */
async function throughLinks(
  path: string,
  names: readonly string[],
  options: StockOptions = {},
): Promise<Record<string, string>> {
  const files = await visibleFiles(path, options);
  const links = names.filter((name) => files[name] === undefined).map((name) => ({ path: name }));
  const following = { ...everyFile, files: [...everyFile.files, ...links] };
  const { packages } = await takeStock(path, { ...options, extractors: [following] });
  return Object.fromEntries(packages.map(({ name, version }) => [name, version]));
}

/** How {@link everyFile} shows a content. */
function shown(content: string): string {
  return content.length > 16_384 ? `${content.length} bytes` : content;
}

interface UnpackCase {
  readonly name: string;
  readonly file?: string;
  readonly limits?: { readonly MaxFileBytes?: number };
  readonly entries?: readonly {
    readonly name: string;
    readonly type: TarMemberType;
    readonly content?: string;
    readonly link?: string;
  }[];
  readonly want?: Readonly<
    Record<string, { readonly content: string; readonly mode: number | { readonly symlink: true } }>
  >;
}

describeWithCorpus("images that others unpack", () => {
  const { cases } = corpusJson<{ cases: readonly UnpackCase[] }>("images", "unpack", "cases.json");

  test("9 cases", () => {
    expect(cases).toHaveLength(9);
  });

  test.each(cases.map((one, number) => ({ ...one, number })))("$name", async ({ file, entries, want = {}, number }) => {
    const path = file === undefined ? join(folder, `unpack-${number}.tar`) : corpusPath("images", "unpack", file);
    if (entries) {
      const members: TarMember[] = entries.map(({ name, type, content = "", link = "" }) => ({
        name,
        type,
        content,
        link,
      }));
      writeFileSync(path, layoutTar(dockerLayout([{ layers: [{ members }] }])));
    }
    const seen = await throughLinks(path, Object.keys(want));
    for (const [name, { content }] of Object.entries(want)) expect([name, seen[name]]).toEqual([name, shown(content)]);
    for (const name of Object.keys(seen)) expect(name).not.toMatch(/^\/|(^|\/)\.\.(\/|$)/);
    // The last entry but one replaces the folder of the only file by a link, as it does where Docker unpacks it.
    if (entries) expect(seen).toEqual({});
  });

  test("a tar whose member leaves the root, and which lacks its end mark, is refused", async () => {
    const path = corpusPath("images", "unpack", "escape.tar");
    await expect(takeStock(path)).rejects.toMatchObject({ code: "archive-malformed" });
  });
});

interface LayerCases {
  readonly whiteouts: readonly { readonly file: string; readonly count: number }[];
  readonly is_deleted: readonly (readonly [whiteout: string, path: string, isDeleted: boolean])[];
  readonly resolve: readonly {
    readonly name: string;
    readonly layers: number;
    readonly packages: readonly { readonly file: string; readonly layers: readonly number[] }[];
    readonly whiteouts: readonly { readonly layer: number; readonly whiteouts: readonly string[] }[];
    readonly packages_left: number;
  }[];
}

describeWithCorpus("single layers", () => {
  const cases = corpusJson<LayerCases>("images", "layers", "cases.json");

  async function merged(name: string, layers: readonly (readonly TarMember[])[]): Promise<string[]> {
    const path = join(folder, `${createHash("sha256").update(name).digest("hex")}.tar`);
    writeFileSync(path, layoutTar(dockerLayout([{ layers: layers.map((members) => ({ members })) }])));
    return Object.keys(await visibleFiles(path));
  }

  test("3 layers with whiteouts, 9 pairs of whiteout and file, 8 merges and 4 odd layers", () => {
    expect([cases.whiteouts.length, cases.is_deleted.length, cases.resolve.length]).toEqual([3, 9, 8]);
  });

  test.each(cases.whiteouts)("$file holds $count whiteouts", async ({ file, count }) => {
    const tree = tarTree(corpusBytes("images", "layers", file));
    const { whiteouts, opaques, problems } = await takeInventory(tree, new FileMatcher(extractors), { signal });
    expect(whiteouts.length + opaques.length).toBe(count);
    expect(problems).toEqual([]);
  });

  /**
   * The source asks about the whiteout alone; in an image its entry makes folder `a` in place of file `a`, which hides
   * it.
   */
  const impliesFolder = (whiteout: string, path: string): boolean => whiteout.startsWith(`${path}/`);

  test.each(cases.is_deleted)("%s and %s: %j", async (whiteout, path, isDeleted) => {
    const left = await merged(whiteout + path, [[{ name: path, content: "x" }], [{ name: whiteout }]]);
    expect(left.includes(path)).toBe(!isDeleted && !impliesFolder(whiteout, path));
  });

  test("2 of these pairs differ from the source, because the whiteout implies a folder", () => {
    expect(cases.is_deleted.filter(([whiteout, path]) => impliesFolder(whiteout, path))).toHaveLength(2);
  });

  test.each(cases.resolve)(
    "$name leaves $packages_left packages",
    async ({ name, layers, packages, whiteouts, packages_left }) => {
      const members = Array.from({ length: layers }, (_, index): TarMember[] => [
        ...packages.filter((each) => each.layers.includes(index)).map(({ file }) => ({ name: file, content: "x" })),
        ...whiteouts
          .filter(({ layer }) => layer === index)
          .flatMap((each) => each.whiteouts.map((path) => ({ name: path }))),
      ]);
      expect(await merged(name, members)).toHaveLength(packages_left);
    },
  );

  /**
   * The source lets a folder entry keep the symbolic link of that name; Docker replaces the link by the folder, and so
   * is it here: both files are there, each under its own path only.
   */
  test("a tar of two halves is read to its end", async () => {
    const tree = tarTree(corpusBytes("images", "layers", "concat.tar"));
    const { names, problems } = await takeInventory(tree, new FileMatcher(extractors), { signal });
    expect(names).toEqual(expect.arrayContaining(["run/logs/log.txt", "var/run/console/algo.txt"]));
    expect(problems).toEqual([]);
  });

  test("a name that is not UTF-8 is read", async () => {
    const tree = tarTree(corpusBytes("images", "layers", "bad_name.tar"));
    const { files, problems } = await takeInventory(tree, new FileMatcher([everyFile]), { signal });
    expect(files.map(({ path }) => path)).toEqual([`${"_".repeat(100)}bad\udcfdname`]);
    expect(problems).toEqual([]);
  });

  test("a layer of one block without an end mark is an empty layer", async () => {
    const tree = tarTree(corpusBytes("images", "layers", "oddlayer.tar"));
    const inventory = await takeInventory(tree, new FileMatcher(extractors), { signal });
    expect(inventory).toMatchObject({ files: [], problems: [], complete: true });
  });
});

interface LayoutCase {
  readonly layout: string;
  readonly reference?: string;
  readonly digest?: string;
  readonly error: string | null;
}

describeWithCorpus("OCI layouts", () => {
  const { cases } = corpusJson<{ cases: readonly LayoutCase[] }>("images", "oci-layout", "cases.json");

  test("16 cases", () => {
    expect(cases).toHaveLength(16);
  });

  test.each(cases)(
    "$layout $reference $digest: $error",
    ({ layout, reference = undefined, digest = reference, error }) => {
      using files = new FolderLayout(corpusPath("images", "oci-layout", layout));
      const options = { verifyDigests: false, signal, ...(digest === undefined ? {} : { reference: digest }) };
      const resolve = (): string => resolveManifest(files, options).chosen.digest;
      if (error !== null) {
        const code = expect.stringMatching(/^(?:layout-malformed|image-not-found)$/);
        expect(resolve).toThrow(expect.objectContaining({ code }));
      } else if (layout.endsWith(".oci")) expect(resolve()).toMatch(/^sha256:/);
      // In these two the reference is found and the manifest that it names is not in the layout.
      else expect(resolve).toThrow("its index.json lists no image manifest that the layout contains");
    },
  );
});
