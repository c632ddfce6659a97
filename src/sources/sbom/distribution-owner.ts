import type { Package } from "../../model/packages/package.ts";
import { normaliseName } from "../../model/packages/package-name.ts";

// Which package of a distribution owns a package of a language, from what a document without that relation tells: the
// folder in which it lies, and a package of the distribution that is called after it and has its version. Such a folder
// holds one version of one name, so where both agree they are the same files. Where they do not, or nothing is called
// after it, it has no owner, and the advisories of its language count.
//
//   usr/lib/python3/dist-packages      Debian, Ubuntu: pip installs below usr/local    deb python3-requests
//   usr/lib(64)/python3.11/site-packages   rpm and apk     python3.11-requests, python311-requests, py3.11-requests,
//                                          and python3-requests, py3-requests of the Python that is the default one
//   usr/share/nodejs                   Debian, Ubuntu: npm installs below usr/local    deb node-lodash
//   usr/share/rubygems-integration     Debian, Ubuntu                                  deb ruby-rack

/** The packages, each without an owner with the one that folder, name and version tell. */
export function withDistributionOwners(packages: readonly Package[]): readonly Package[] {
  const owners = ownersIn(packages);
  if (owners.size === 0) return packages;
  const defaults = defaultPythons(packages);
  return packages.map((found) => {
    if (found.ownedBy) return found;
    const owner = namesOfOwner(found, defaults)
      .flatMap((name) => {
        const known = owners.get(name) ?? [];
        return known.length > mostOwners ? [] : known;
      })
      .find(({ version }) => isBuildOf(version, found.version));
    return owner ? { ...found, ownedBy: { type: owner.type, name: owner.name } } : found;
  });
}

/**
 * More than any image has of one name; a name with more owners counts as one without an owner, so that each package
 * costs a bounded look.
 */
const mostOwners = 20;

/**
 * What may own a package of a language, by type and by its own name and by that which its source gives it; of one name
 * at most one more than `mostOwners`.
 */
function ownersIn(packages: readonly Package[]): ReadonlyMap<string, readonly Package[]> {
  const owners = new Map<string, Package[]>();
  for (const found of packages) {
    const [, prefix, rest = ""] = (isSystem(found) && called.exec(found.name)) || [];
    if (prefix === undefined) continue;
    const names = [rest, found.source?.name.replace(/^(?:python3?|py3|node|ruby)-/i, "")];
    for (const name of new Set(names.flatMap((one) => (one ? fold(one) : [])))) {
      const key = keyOf(found.type, prefix, name);
      const known = owners.get(key);
      if (known?.some((other) => other.name === found.name && other.version === found.version)) continue;
      if (known && known.length <= mostOwners) known.push(found);
      else if (!known) owners.set(key, [found]);
    }
  }
  return owners;
}

const called = /^(python3(?:\.?\d+)?|py3(?:\.\d+)?|node|ruby)-(.+)$/;

function isSystem({ type }: Package): boolean {
  return type === "deb" || type === "rpm" || type === "apk";
}

function namesOfOwner(found: Package, defaults: ReadonlySet<string>): string[] {
  const name = fold(found.name);
  const folders = new Set(found.paths.map((path) => folderOf(found, path)));
  const [folder] = folders;
  if (folders.size !== 1 || folder === undefined) return [];
  if (folder === "deb") return [keyOf("deb", debPrefixes[found.type] ?? "", name)];
  const ofDefault = defaults.has(folder);
  return [
    ...[`python3.${folder}`, `python3${folder}`, ...(ofDefault ? ["python3"] : [])].map((one) =>
      keyOf("rpm", one, name),
    ),
    ...[`py3.${folder}`, ...(ofDefault ? ["py3"] : [])].map((one) => keyOf("apk", one, name)),
  ];
}

const debPrefixes: Partial<Readonly<Record<Package["type"], string>>> = { gem: "ruby", npm: "node", pypi: "python3" };

/**
 * `deb` in a folder of Debian, the minor version of Python in one of others; undefined elsewhere, and for copies that
 * lie inside other packages.
 */
function folderOf({ type }: Package, path: string): string | undefined {
  if (type === "npm") return /^usr\/share\/nodejs\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path) ? "deb" : undefined;
  if (type === "gem") return gemsOfDeb.test(path) ? "deb" : undefined;
  if (type !== "pypi") return undefined;
  const [, folder, inside = ""] = /^usr\/(lib(?:64)?\/python3[^/]*\/(?:dist|site)-packages)\/(.*)$/s.exec(path) ?? [];
  if (folder === undefined || !/^[^/]+\.(?:dist|egg)-info(?:\/|$)/.test(inside)) return undefined;
  if (folder === "lib/python3/dist-packages") return "deb";
  return /^lib(?:64)?\/python3\.(\d+)\/site-packages$/.exec(folder)?.[1];
}

const gemsOfDeb = /^usr\/share\/rubygems-integration\/[^/]+\/specifications\/(?:default\/)?[^/]+\.gemspec$/;

const interpreters: ReadonlySet<string> = new Set(["platform-python", "python3", "python3-base", "python3-libs"]);

/** The minor versions of the Python for which packages without a number in their names are. */
function defaultPythons(packages: readonly Package[]): ReadonlySet<string> {
  const found = packages.filter((one) => isSystem(one) && interpreters.has(one.name));
  return new Set(found.flatMap(({ version }) => /^3\.(\d+)\./.exec(withoutEpoch(version))?.[1] ?? []));
}

/** Whether a distribution's version is of this version of upstream: `2.28.1+dfsg-1` of `2.28.1`. */
function isBuildOf(version: string, upstream: string): boolean {
  const own = withoutEpoch(version).replace(/-[^-]*$/, "");
  return [own, own.replaceAll("~", "")].some(
    (text) =>
      text.startsWith(upstream) && /^(?:$|[+.]?(?:dfsg|ds|repack)|\+(?!really))/.test(text.slice(upstream.length)),
  );
}

function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, "");
}

/** `@babel/core` is in the deb node-babel-core. */
function fold(name: string): string {
  return normaliseName("PyPI", name.replace(/^@/, "").replaceAll("/", "-"));
}

function keyOf(type: string, prefix: string, name: string): string {
  return `${type} ${prefix} ${name}`;
}
