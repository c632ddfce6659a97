import type { Affected } from "../../../model/findings/advisory.ts";
import type { FoundPackage, Package } from "../../../model/packages/package.ts";
import { listNames } from "../names/list-names.ts";

/** Known facts about a Go program that holds a module. */
export interface GoProgram {
  /**
   * The import paths of the module's packages of which it holds code, in lower case as names are compared; absent when
   * not known.
   */
  readonly linkedPackages?: ReadonlySet<string>;
  /** The system and the processor, as packages have them. */
  readonly builtFor?: string;
}

/**
 * The programs that hold a package, in the order of its `linkedPrograms` where it has these; undefined when nothing is
 * known of any.
 */
export function programsOf({
  linkedPackages,
  builtFor,
  linkedPrograms,
}: Pick<Package, "linkedPackages" | "builtFor" | "linkedPrograms">): readonly GoProgram[] | undefined {
  if (linkedPrograms) return linkedPrograms.map(programOf);
  return linkedPackages || builtFor !== undefined ? [programOf({ linkedPackages, builtFor })] : undefined;
}

function programOf({
  linkedPackages,
  builtFor,
}: { readonly [Key in "linkedPackages" | "builtFor"]?: FoundPackage[Key] | undefined }): GoProgram {
  return {
    ...(linkedPackages && { linkedPackages: new Set(linkedPackages.map((path) => path.toLowerCase())) }),
    ...(builtFor !== undefined && { builtFor }),
  };
}

/**
 * The reason why an entry about a Go module covers none of the programs that hold the module, as far as they are known.
 * A module of which a program contains no code at all brings none of its vulnerabilities; else the packages that the
 * entry names decide, when it names any: one of them must be in the program, and be affected on the program's system
 * and processor. Undefined when that is so of one program.
 *
 * Source: Go vulnerability database, "ecosystem_specific.imports".
 */
export function programMismatch(
  { ecosystem_specific: specific }: Affected,
  { name, programs }: { readonly name: string; readonly programs: readonly GoProgram[] },
): string | undefined {
  const imports = importsOf(specific?.["imports"]);
  let first: string | undefined;
  for (const program of programs) {
    const mismatch = mismatchOf(program, { name, imports });
    if (mismatch === undefined) return undefined;
    first ??= mismatch;
  }
  return first;
}

/** A package that an entry names; without systems or processors it is affected on all. */
interface Import {
  readonly path: string;
  readonly systems: readonly string[];
  readonly processors: readonly string[];
}

const noImports: readonly Import[] = [];
const remembered = new WeakMap<readonly unknown[], readonly Import[]>();

/** Empty when the entry names none. They are remembered for as long as the entry is. */
function importsOf(value: unknown): readonly Import[] {
  if (!Array.isArray(value)) return noImports;
  const known = remembered.get(value);
  if (known) return known;
  const imports = value.flatMap((item: { path?: unknown; goos?: unknown; goarch?: unknown } | null): Import[] =>
    typeof item?.path === "string"
      ? [{ path: item.path, systems: textsOf(item.goos), processors: textsOf(item.goarch) }]
      : [],
  );
  remembered.set(value, imports);
  return imports;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

function mismatchOf(
  { linkedPackages, builtFor }: GoProgram,
  { name, imports }: { readonly name: string; readonly imports: readonly Import[] },
): string | undefined {
  if (linkedPackages?.size === 0) return `the program contains no code of ${name}`;
  if (imports.length === 0) return undefined;
  const affected = builtFor === undefined ? imports : imports.filter((one) => isAffectedOn(one, builtFor));
  if (affected.length === 0) return `it is for ${listNames(imports.flatMap(placesOf))}, not ${builtFor}`;
  if (!linkedPackages || affected.some(({ path }) => linkedPackages.has(path.toLowerCase()))) return undefined;
  return `it is in ${listNames(affected.map(({ path }) => path))}, which the program does not contain`;
}

function isAffectedOn({ systems, processors }: Import, builtFor: string): boolean {
  const [system = "", processor] = builtFor.split("/", 2);
  const matchesSystem = systems.length === 0 || systems.includes(system);
  return matchesSystem && (processor === undefined || processors.length === 0 || processors.includes(processor));
}

function placesOf({ systems, processors }: Import): readonly string[] {
  if (processors.length === 0) return systems;
  return systems.length === 0 ? processors : systems.flatMap((one) => processors.map((other) => `${one}/${other}`));
}
