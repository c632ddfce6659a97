import type { DeclaredPlace, FoundPackage, LinkedProgram, Package } from "../../model/packages/package.ts";

/** A package, and where else in the same layer it was found. */
export interface PackageAtPlaces {
  /** With the first of its paths. */
  readonly first: Package;
  readonly others: {
    readonly path: string;
    readonly found: FoundPackage;
    readonly declaration?: DeclaredPlace | undefined;
  }[];
}

const lastJoined = new WeakMap<Package, { readonly others: PackageAtPlaces["others"]; readonly made: Package }>();

/**
 * The package with all of its paths, with the licences of the first place that tells any, and with what is known of
 * the programs that hold it. Images that share a layer get
 * the same object for the same package in the same places.
 */
export function joinPlaces({ first, others }: PackageAtPlaces): Package {
  if (others.length === 0) return first;
  const last = lastJoined.get(first);
  if (last && isSame(last.others, others)) return last.made;
  const made = join({ first, others });
  lastJoined.set(first, { others, made });
  return made;
}

function isSame(one: PackageAtPlaces["others"], other: PackageAtPlaces["others"]): boolean {
  return (
    one.length === other.length &&
    one.every(({ path, found }, index) => other[index]?.found === found && other[index]?.path === path)
  );
}

function join({ first, others }: PackageAtPlaces): Package {
  const { linkedPackages, builtFor, declaration: _declaration, ...own } = first;
  // Where an application names what it has, licences stand only in the copies that lie there.
  const licenses = [first, ...others.map(({ found }) => found)].find((one) => one.licenses)?.licenses;
  const declaration = inRuntime([first, ...others]);
  const rest = { ...own, ...(licenses && { licenses }), ...(declaration && { declaration }) };
  const paths = [...new Set([...first.paths, ...others.map(({ path }) => path)])].sort();
  if (isWithoutProgram(first) && others.every(({ found }) => isWithoutProgram(found))) return { ...rest, paths };
  const programs = programsOf(first, others);
  const [only] = programs;
  if (programs.length === 1 && only) return { ...rest, ...only, paths };
  return { ...rest, paths, ...inCommon(programs), linkedPrograms: programs };
}

/** The first declaration; one that is not for development alone before all others. Undefined without any. */
function inRuntime(places: readonly { readonly declaration?: DeclaredPlace | undefined }[]): DeclaredPlace | undefined {
  const all = places.map(({ declaration }) => declaration);
  const first = all.find((declaration) => declaration);
  if (!first?.development) return first;
  const other = all.find((declaration) => !declaration?.development);
  if (other) return other;
  const { development: _development, ...installed } = first;
  return all.includes(undefined) ? installed : first;
}

function isWithoutProgram({ linkedPackages, builtFor }: Pick<FoundPackage, "linkedPackages" | "builtFor">): boolean {
  return linkedPackages === undefined && builtFor === undefined;
}

/** Programs that agree are one. */
function programsOf(first: Package, others: PackageAtPlaces["others"]): readonly LinkedProgram[] {
  const programs = new Map<string, LinkedProgram & { readonly paths: string[] }>();
  const add = (path: string, { linkedPackages, builtFor }: Pick<FoundPackage, "linkedPackages" | "builtFor">): void => {
    const key = `${builtFor ?? ""} ${linkedPackages?.join(" ") ?? "?"}`;
    const known = programs.get(key);
    if (!known) {
      const contents = { ...(linkedPackages && { linkedPackages }), ...(builtFor !== undefined && { builtFor }) };
      programs.set(key, { paths: [path], ...contents });
    } else if (!known.paths.includes(path)) known.paths.push(path);
  };
  for (const path of first.paths) add(path, first);
  for (const { path, found } of others) add(path, found);
  return [...programs.values()];
}

/** What any of the programs contains, where that is known of all, and what all were built for. */
function inCommon(programs: readonly LinkedProgram[]): Pick<FoundPackage, "linkedPackages" | "builtFor"> {
  const lists = programs.flatMap(({ linkedPackages }) => (linkedPackages ? [linkedPackages] : []));
  const isKnown = lists.length === programs.length;
  const builtFor = programs[0]?.builtFor;
  const isSame = builtFor !== undefined && programs.every((program) => program.builtFor === builtFor);
  return { ...(isKnown && { linkedPackages: [...new Set(lists.flat())].sort() }), ...(isSame && { builtFor }) };
}
