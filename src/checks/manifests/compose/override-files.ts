import { posix } from "node:path";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import { objectAt } from "../kustomize/json-path.ts";
import type { ComposeFile } from "../manifest-resource.ts";
import { type LocatedService, mergeServices } from "./merge-services.ts";

// Which files Compose takes when none is named: https://docs.docker.com/compose/how-tos/multiple-compose-files/merge/.

/** A Compose file, and its services with those that they extend; undefined for a file without services. */
export interface ResolvedFile {
  readonly file: ComposeFile;
  readonly services: ReadonlyMap<string, LocatedService> | undefined;
}

// The first one that is there counts.
const baseNames = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const overrideNames = [
  "compose.override.yml",
  "compose.override.yaml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
];

/**
 * Files with their services. A file that Compose merges over another in its folder has the services as they are
 * together, and follows all others.
 */
export function withOverrides(files: readonly ResolvedFile[]): ComposeFile[] {
  const folders = Map.groupBy(files, ({ file }) => posix.dirname(file.path));
  const plain: ComposeFile[] = [];
  const merged: ComposeFile[] = [];
  for (const one of files) {
    const siblings = folders.get(posix.dirname(one.file.path)) ?? [];
    const base = isOverride(one, siblings) ? firstOf(siblings, baseNames) : [];
    if (base.length === 0) plain.push(withServices(one));
    else merged.push(onTop(one, base));
  }
  return [...plain, ...merged];
}

function isOverride(one: ResolvedFile, siblings: readonly ResolvedFile[]): boolean {
  return firstOf(siblings, overrideNames).includes(one);
}

/** The documents of the first of these files that is there. */
function firstOf(files: readonly ResolvedFile[], names: readonly string[]): readonly ResolvedFile[] {
  for (const name of names) {
    const found = files.filter(({ file }) => posix.basename(file.path) === name);
    if (found.length > 0) return found;
  }
  return [];
}

function onTop(override: ResolvedFile, bases: readonly ResolvedFile[]): ComposeFile {
  const { file } = override;
  const below = new Map(bases.flatMap(({ services }) => Array.from(services ?? [])));
  const services = new Map(
    Array.from(override.services ?? [], ([name, own]) => {
      const base = below.get(name);
      return [name, base ? mergeServices(base, own, { missing: "base" }) : own] as const;
    }),
  );
  const volumes = Object.assign({}, ...[...bases, override].map((one) => objectAt(one.file.object, "volumes")));
  return { ...withServices({ file: { ...file, object: { ...file.object, volumes } }, services }), isMerged: true };
}

function withServices({ file, services }: ResolvedFile): ComposeFile {
  if (services === undefined || !isJsonObject(file.object["services"])) return file;
  const specs = Object.fromEntries(Array.from(services, ([name, { spec }]) => [name, spec]));
  return {
    ...file,
    object: { ...file.object, services: specs },
    locate: (path) => {
      const [first, name, ...rest] = path;
      const service = first === "services" ? services.get(String(name)) : undefined;
      return service ? service.locate(rest) : file.locate(path);
    },
  };
}
