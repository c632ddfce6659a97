import { headerBlob, sqliteDatabase, type TagValue } from "../../src/extractors/os/rpm/rpm-fixtures.ts";
import type { LayerSpec } from "./image.ts";
import type { TarMember } from "./tar.ts";

/** An installed package of a distribution. */
export interface InstalledPackage {
  readonly name: string;
  /** For rpm `[epoch:]version-release`. */
  readonly version: string;
  /** The source package: its name, or `name version`. */
  readonly source?: string;
  /** `amd64` for deb, `x86_64` for the others unless given. */
  readonly architecture?: string;
  /** The maintainer or vendor. */
  readonly maker?: string;
  /** The module of an rpm, `nodejs:18`. */
  readonly module?: string;
  /** Absolute paths. */
  readonly files?: readonly string[];
}

/** An image of a distribution in small. */
export interface DistributionSpec {
  readonly manager: "deb" | "apk" | "rpm";
  /** The lines of os-release. */
  readonly release: Readonly<Record<string, string>>;
  readonly packages: readonly InstalledPackage[];
  /** Further files. */
  readonly members?: readonly TarMember[];
}

/** A layer with the os-release, the package database and further files of a distribution. */
export function distributionLayer({ manager, release, packages, members = [] }: DistributionSpec): LayerSpec {
  const lines = Object.entries(release).map(([key, value]) => `${key}="${value}"\n`);
  const database = { deb: debDatabase, apk: apkDatabase, rpm: rpmDatabase }[manager];
  return { members: [{ name: "etc/os-release", content: lines.join("") }, ...database(packages), ...members] };
}

function debDatabase(packages: readonly InstalledPackage[]): TarMember[] {
  const paragraphs = packages.map(({ name, version, source, architecture = "amd64", maker }) =>
    [
      `Package: ${name}`,
      "Status: install ok installed",
      `Architecture: ${architecture}`,
      ...(source === undefined ? [] : [`Source: ${source.replace(/ (.*)$/, " ($1)")}`]),
      `Version: ${version}`,
      ...(maker === undefined ? [] : [`Maintainer: ${maker}`]),
    ].join("\n"),
  );
  const lists = packages.flatMap(({ name, files }): TarMember[] =>
    files ? [{ name: `var/lib/dpkg/info/${name}.list`, content: `/.\n${files.join("\n")}\n` }] : [],
  );
  return [{ name: "var/lib/dpkg/status", content: `${paragraphs.join("\n\n")}\n` }, ...lists];
}

function apkDatabase(packages: readonly InstalledPackage[]): TarMember[] {
  const paragraphs = packages.map(({ name, version, source = name, architecture = "x86_64", files = [] }) =>
    [
      `P:${name}`,
      `V:${version}`,
      `A:${architecture}`,
      `o:${source}`,
      ...files.flatMap((path) => {
        const slash = path.lastIndexOf("/");
        return [`F:${path.slice(1, slash)}`, `R:${path.slice(slash + 1)}`];
      }),
    ].join("\n"),
  );
  return [{ name: "lib/apk/db/installed", content: `${paragraphs.join("\n\n")}\n\n` }];
}

function rpmDatabase(packages: readonly InstalledPackage[]): TarMember[] {
  const headers = packages.map((one) => headerBlob(tagsOf(one)));
  return [{ name: "var/lib/rpm/rpmdb.sqlite", content: sqliteDatabase(headers) }];
}

function tagsOf(one: InstalledPackage): TagValue[] {
  const { name, version, source = name, architecture = "x86_64", maker, module, files = [] } = one;
  const [, epoch, upstream = "", release = ""] = /^(?:(\d+):)?(.*)-([^-]+)$/.exec(version) ?? [];
  const [sourceName, sourceVersion = `${upstream}-${release}`] = source.split(" ");
  const folders = files.map((path) => path.slice(0, path.lastIndexOf("/") + 1));
  const tags: (TagValue | undefined)[] = [
    [1000, name],
    [1001, upstream],
    [1002, release],
    epoch === undefined ? undefined : [1003, Number(epoch)],
    maker === undefined ? undefined : [1011, maker],
    [1022, architecture],
    [1044, `${sourceName}-${sourceVersion}.src.rpm`],
    ...(files.length === 0
      ? []
      : ([
          [1116, folders.map((_, place) => place)],
          [1117, files.map((path) => path.slice(path.lastIndexOf("/") + 1))],
          [1118, folders],
        ] satisfies TagValue[])),
    module === undefined ? undefined : [5096, `${module}:8100020240301:489197e6:${architecture}`],
  ];
  return tags.filter((tag) => tag !== undefined);
}
