import { describe, expect, test } from "vitest";
import type { Extraction } from "../../extractors/extractor.ts";
import type { FoundPackage } from "../../model/packages/package.ts";
import { assemble } from "./assemble.ts";
import type { FileFacts, LayerInventory } from "./layer-inventory.ts";
import { mergeLayers } from "./merge-layers.ts";

const owner = "liblog4j2-java";
const jar = "usr/share/java/log4j-core.jar";
const status = "var/lib/dpkg/status";
const list = "var/lib/dpkg/info/liblog4j2-java.list";
const copyright = "usr/share/doc/liblog4j2-java/copyright";
const database = "var/lib/rpm/rpmdb.sqlite";

describe("a file still belongs to the package that lists it", () => {
  test("when the package's own layer has it", () => {
    expect(ownerIn([{ ...debian(), ...log4j("2.19.0") }])).toBe("liblog4j2-java");
  });

  test("when another installation rewrote the database later", () => {
    const other: FoundPackage = { type: "deb", name: "curl", version: "8" };
    const layers = [{ ...debian(), ...log4j("2.19.0") }, { [status]: packages(record(), other) }];
    expect(ownerIn(layers)).toBe("liblog4j2-java");
  });

  test("when a layer above touched it, or put another there and yet another the same again", () => {
    const touched = [{ ...debian(), ...log4j("2.19.0") }, log4j("2.19.0")];
    expect(ownerIn(touched)).toBe("liblog4j2-java");
    expect(ownerIn([...touched, log4j("2.14.1"), log4j("2.19.0")])).toBe("liblog4j2-java");
  });

  test("when an upgrade of the package brought it", () => {
    const layers = [
      { ...debian(), ...log4j("2.14.1") },
      { ...debian("2.19.0-3"), ...log4j("2.19.0") },
    ];
    expect(ownerIn(layers)).toBe("liblog4j2-java");
  });

  test("when the layer of an rpm's files lies above the layer of the database, also touched later", () => {
    const cut = [{ [database]: rpm() }, log4j("2.19.0")];
    expect(ownerIn(cut)).toBe("log4j");
    expect(ownerIn([...cut, log4j("2.19.0")])).toBe("log4j");
  });
});

describe("a file belongs to the package whose record lies below", () => {
  test("where no file that the package lists does: the image is cut by package, or the database was copied first", () => {
    expect(ownerIn([debian(), log4j("2.19.0")])).toBe("liblog4j2-java");
    expect(ownerIn([debian(), log4j("2.19.0"), log4j("2.19.0")])).toBe("liblog4j2-java");
  });

  test("but not when another version was put over it, or when it was removed and put there again", () => {
    expect(ownerIn([debian(), log4j("2.19.0"), log4j("2.14.1")])).toBeUndefined();
    expect(ownerIn([debian(), log4j("2.19.0"), { [`${jar}!`]: [] }, log4j("2.14.1")])).toBeUndefined();
  });

  test("but not when the link by which it was read leads to what was put over it", () => {
    const through: FileFacts = { ...fileOf(log4j("2.14.1")), path: "app/x.jar" };
    expect(ownerOfLinked([debian(), log4j("2.19.0"), log4j("2.14.1")], { layer: 2, facts: through })).toBeUndefined();
    expect(ownerOfLinked([debian(), log4j("2.14.1")], { layer: 1, facts: through })).toBe("liblog4j2-java");
  });
});

describe("a file belongs to nobody", () => {
  test("when a layer above put another version over what the package brought", () => {
    expect(ownerIn([{ ...debian(), ...log4j("2.19.0") }, log4j("2.14.1")])).toBeUndefined();
    expect(ownerIn([{ [database]: rpm(), ...log4j("2.19.0") }, log4j("2.14.1")])).toBeUndefined();
  });

  test("when the layer that did so rewrote the database as well", () => {
    const above = { ...log4j("2.14.1"), [status]: packages(record(), { type: "deb", name: "curl", version: "8" }) };
    expect(ownerIn([{ ...debian(), ...log4j("2.19.0") }, above])).toBeUndefined();
  });

  test("when the replacement was touched once more", () => {
    expect(ownerIn([{ ...debian(), ...log4j("2.19.0") }, log4j("2.14.1"), log4j("2.14.1")])).toBeUndefined();
  });

  test("when nothing of the kind was there while other files of the package came", () => {
    expect(ownerIn([{ ...debian(), [copyright]: [] }, log4j("2.14.1")])).toBeUndefined();
  });

  test("when what an rpm brought was removed and something else put there", () => {
    const brought = { [database]: rpm(), ...log4j("2.19.0") };
    expect(ownerIn([brought, { [`${jar}!`]: [] }, log4j("2.14.1")])).toBeUndefined();
  });
});

describe("where dpkg diverts a path", () => {
  const elsewhere = "usr/share/java/log4j-core.jar.distrib";
  const diversions = "var/lib/dpkg/diversions";
  const local = divert();
  const own: Layer = log4j("2.14.1");
  const moved: Layer = { [elsewhere]: log4j("2.19.0")[jar] ?? [] };
  const name = jar.slice("usr/".length);
  const merged = `merged/${name}`;
  const ownership = { kind: "ownership", owner: { type: "deb", name: owner } } as const;
  function divert(by?: string, path = jar): Layer {
    return { [diversions]: [{ kind: "diversion", path, to: elsewhere, ...(by !== undefined && { by }) }] };
  }

  test("the package's file is the one at the other place, and what lies at the path is nobody's", () => {
    expect(ownersIn([{ ...debian(), ...local, ...own, ...moved }])).toEqual({ "2.14.1": undefined, "2.19.0": owner });
  });

  test("a layer above may have moved the package's file, and not put another there", () => {
    const above = { ...local, ...own };
    const base = { ...debian(), ...log4j("2.19.0") };
    expect(ownersIn([base, { ...above, ...moved }])).toEqual({ "2.14.1": undefined, "2.19.0": owner });
    const replaced = { [elsewhere]: log4j("2.20.0")[jar] ?? [] };
    expect(ownersIn([base, { ...above, ...replaced }])).toEqual({ "2.14.1": undefined, "2.20.0": undefined });
  });

  test("the package that diverts keeps the path, and other packages' file lies elsewhere", () => {
    const files = { ...own, ...moved };
    expect(ownersIn([{ ...debian(), ...divert("another"), ...files }])).toEqual({
      "2.14.1": undefined,
      "2.19.0": owner,
    });
    expect(ownersIn([{ ...debian(), ...divert(owner), ...files }])).toEqual({ "2.14.1": owner, "2.19.0": undefined });
  });

  test("a path is meant by each name that its first folder has", () => {
    const layer = inventoryOf({
      ...debian(),
      ...divert(undefined, merged),
      ...own,
      ...moved,
    });
    expect(ownersOfAll([{ ...layer, symlinks: [["merged", "usr"]] }])).toEqual({
      "2.14.1": undefined,
      "2.19.0": owner,
    });
  });

  test("of two for names of one file each counts for its own name", () => {
    const both = [jar, merged].map((path, index): Extraction => ({ kind: "diversion", path, to: `to/${index}.jar` }));
    const files = { "to/0.jar": log4j("1")[jar] ?? [], "to/1.jar": log4j("2")[jar] ?? [] };
    const listing = (path: string): Layer => ({ [list]: [{ ...ownership, paths: [path] }] });
    for (const [path, owned] of [
      [jar, "1"],
      [merged, "2"],
      [`also/${name}`, "1"],
    ] as const) {
      const layer = inventoryOf({ ...debian(), ...listing(path), ...files, [diversions]: both });
      const links = [["merged", "usr"] as const, ["also", "usr"] as const];
      const other = owned === "1" ? "2" : "1";
      expect(ownersOfAll([{ ...layer, symlinks: links }])).toEqual({ [owned]: owner, [other]: undefined });
    }
  });

  test("one that ended counts no more", () => {
    expect(ownersIn([local, { ...debian(), [diversions]: [], ...log4j("2.19.0") }])).toEqual({ "2.19.0": owner });
  });
});

describe("many links at the top take no more work", () => {
  const symlinks = Array.from({ length: 2_000 }, (_, index) => [`l${index}`, "usr"] as const);
  const many = Array.from({ length: 9_000 }, (_, index) => index);

  test("with many diversions", () => {
    const diverted = many.map((index): Extraction => {
      return { kind: "diversion", path: `l${index % 2_000}/x${index}`, to: `usr/y${index}` };
    });
    const layer = inventoryOf({ ...debian(), ...log4j("1"), "var/lib/dpkg/diversions": diverted });
    expect(ownersOfAll([{ ...layer, symlinks }])).toEqual({ 1: owner });
  });

  test("with many files of packages", () => {
    const path = (index: number): string => `usr/share/java/${index}.jar`;
    const jars = many.map((index) => [path(index), log4j(`${index}`)[jar] ?? []] as const);
    const paths = many.map((index) => `l${index % 2_000}${path(index).slice("usr".length)}`);
    const owns: Extraction = { kind: "ownership", owner: { type: "deb", name: owner }, paths };
    const layer = inventoryOf({ ...debian(), ...Object.fromEntries(jars), [list]: [owns] });
    const owners = ownersOfAll([{ ...layer, symlinks }]);
    expect(many.every((index) => owners[`${index}`] === owner)).toBe(true);
  });
});

type Layer = Readonly<Record<string, readonly Extraction[]>>;

function packages(...found: FoundPackage[]): Extraction[] {
  return found.map((one) => ({ kind: "package", package: one }));
}

function record(version = "2.19.0-2"): FoundPackage {
  return { type: "deb", name: "liblog4j2-java", version };
}

function debian(version?: string): Layer {
  const owner = { type: "deb", name: "liblog4j2-java" } as const;
  return { [status]: packages(record(version)), [list]: [{ kind: "ownership", owner, paths: [copyright, jar] }] };
}

function rpm(): Extraction[] {
  const owner = { type: "rpm", name: "log4j" } as const;
  return [...packages({ ...owner, version: "2.19.0-1.fc41" }), { kind: "ownership", owner, paths: [jar] }];
}

function log4j(version: string): Layer {
  return { [jar]: packages({ type: "maven", name: "org.apache.logging.log4j:log4j-core", version }) };
}

/** A path with an exclamation mark at its end is a whiteout. */
function inventoryOf(layer: Layer): LayerInventory {
  const files = Object.entries(layer).flatMap(([path, extractions]): FileFacts[] =>
    path.endsWith("!") ? [] : [{ path, extractions, problems: [] }],
  );
  const whiteouts = Object.keys(layer).flatMap((path) => (path.endsWith("!") ? [path.slice(0, -1)] : []));
  const names = files.map(({ path }) => path);
  return { files, names, whiteouts, opaques: [], symlinks: [], hardlinks: [], problems: [], complete: true };
}

function ownerIn(layers: readonly Layer[]): string | undefined {
  const found = assemble(mergeLayers(layers.map(inventoryOf), []), { exactPaths: [] }).packages;
  return found.find(({ type }) => type === "maven")?.ownedBy?.name;
}

/** The owner of each jar, by its version. */
function ownersIn(layers: readonly Layer[]): Record<string, string | undefined> {
  return ownersOfAll(layers.map(inventoryOf));
}

function ownersOfAll(layers: readonly LayerInventory[]): Record<string, string | undefined> {
  const { packages } = assemble(mergeLayers(layers, []), { exactPaths: [] });
  const jars = packages.filter(({ type }) => type === "maven");
  return Object.fromEntries(jars.map(({ version, ownedBy }) => [version, ownedBy?.name]));
}

function fileOf(layer: Layer): FileFacts {
  return inventoryOf(layer).files[0] ?? { path: "", extractions: [], problems: [] };
}

/** The owner of the jar that was read by the name of a link. */
function ownerOfLinked(
  layers: readonly Layer[],
  { layer, facts }: { readonly layer: number; readonly facts: FileFacts },
): string | undefined {
  const merged = mergeLayers(layers.map(inventoryOf), []);
  const linked = { path: facts.path, at: jar, layer, facts, below: [] };
  const { packages } = assemble({ ...merged, files: [...merged.files, linked] }, { exactPaths: [] });
  return packages.find(({ paths }) => paths.includes(facts.path))?.ownedBy?.name;
}
