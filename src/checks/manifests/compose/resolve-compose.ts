import { posix } from "node:path";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { textAt } from "../kustomize/json-path.ts";
import type { ComposeFile } from "../manifest-resource.ts";
import { ComposeEnvironments, type EnvironmentReading } from "./compose-environments.ts";
import { expandVariables, openVariable } from "./expand-variables.ts";
import { type LocatedService, mergeServices } from "./merge-services.ts";
import { withOverrides } from "./override-files.ts";

/** What Compose files are resolved against. */
export interface ComposeResolving extends EnvironmentReading {
  /** Whether a file is among those that are checked. */
  hasFile(path: string): boolean;
}

const deepest = 20;
const mostMerged = 200_000;
// Values of these decide whether a container is isolated at all.
const decisive = [
  "privileged",
  "network_mode",
  "pid",
  "ipc",
  "uts",
  "userns_mode",
  "cgroup",
  "cap_add",
  "security_opt",
];
// What stands for a secret here is judged as written.
const asWritten: ReadonlySet<string> = new Set(["command", "entrypoint", "environment", "labels"]);

/**
 * Compose files as `docker compose` reads them: `extends` is resolved, variables get their values from `.env` or their
 * defaults, and a file such as `compose.override.yaml` is merged into the one beside it, which is also checked alone.
 * A problem is each named service or file that is missing, and each decisive value that depends on an unknown variable.
 * Included files are checked as files of their own.
 */
export function resolveCompose(files: readonly ComposeFile[], resolving: ComposeResolving): ComposeFile[] {
  const extending = new ServiceResolver(files, resolving);
  const environments = new ComposeEnvironments(resolving);
  const resolved = files.map((file) => {
    const known = environments.beside(file.path);
    reportMissingIncludes(file, { ...resolving, known });
    const { services, volumes } = file.object;
    if (!isJsonObject(services)) return { file, services: undefined };
    const specs = new Map(
      Object.entries(services).flatMap(([name, spec]) =>
        isJsonObject(spec) ? [[name, expanded(extending.resolve(file, { name, spec, known }), known)] as const] : [],
      ),
    );
    reportUnresolvedFields(file, specs, resolving);
    const object = volumes === undefined ? file.object : { ...file.object, volumes: expandedValue(volumes, known) };
    return { file: { ...file, object }, services: specs };
  });
  return withOverrides(resolved);
}

function reportUnresolvedFields(
  { path }: ComposeFile,
  services: ReadonlyMap<string, LocatedService>,
  { problem }: ComposeResolving,
): void {
  for (const [name, { spec }] of services) {
    const open = openField(spec);
    if (open === undefined) continue;
    const message = `${open.field} of service ${name} depends on the variable ${open.variable}, which has no default`;
    problem({ code: "not-examined", message, path });
  }
}

interface NamedService {
  readonly name: string;
  readonly spec: JsonObject;
  /** The variables that are known. */
  readonly known: ReadonlyMap<string, string>;
}

class ServiceResolver {
  readonly #byPath = new Map<string, ComposeFile[]>();
  readonly #problem: (problem: Problem) => void;
  #merged = 0;

  constructor(files: readonly ComposeFile[], { problem }: ComposeResolving) {
    this.#problem = problem;
    for (const file of files) this.#byPath.set(file.path, [...(this.#byPath.get(file.path) ?? []), file]);
  }

  /** A service on top of all that it extends. */
  resolve(file: ComposeFile, { name, spec, known }: NamedService): LocatedService {
    const chain: LocatedService[] = [];
    const way = new Set<string>();
    let next: { file: ComposeFile; name: string; spec: JsonObject } | undefined = { file, name, spec };
    while (next !== undefined) {
      const { file: at, name: called, spec: said } = next;
      const key = JSON.stringify([at.path, called]);
      if (way.has(key) || way.size === deepest) {
        this.#tell(file, `service ${name} extends itself, or a chain of more than ${deepest} services`, "unreadable");
        break;
      }
      way.add(key);
      chain.push(locatedService(at, { name: called, spec: said }));
      next = this.#baseOf(next, { file, name, known });
    }
    if (chain.length > 1) {
      for (const { spec: part } of chain) this.#merged += sizeOf(part);
      if (this.#merged > mostMerged) {
        this.#tell(
          file,
          `service ${name} and others exceed the limit for extends: checked without it`,
          "limit-exceeded",
        );
        chain.length = 1;
      }
    }
    const [own = locatedService(file, { name, spec }), ...bases] = chain;
    if (bases.length === 0) return own;
    return [own, ...bases].reduceRight((base, above) => mergeServices(base, above));
  }

  #baseOf(
    { file, spec }: { readonly file: ComposeFile; readonly spec: JsonObject },
    asking: { readonly file: ComposeFile; readonly name: string; readonly known: ReadonlyMap<string, string> },
  ): { file: ComposeFile; name: string; spec: JsonObject } | undefined {
    const { extends: written } = spec;
    if (written === undefined || written === null) return undefined;
    const base = isJsonObject(written) ? written : { service: written };
    const name = textAt(base, "service") ?? "";
    const other = textAt(base, "file");
    const path = other === undefined ? file.path : beside(file.path, expandVariables(other, asking.known));
    const documents = this.#byPath.get(path) ?? [];
    for (const document of documents.toReversed()) {
      const { services } = document.object;
      const found = isJsonObject(services) && Object.hasOwn(services, name) ? services[name] : undefined;
      if (isJsonObject(found)) return { file: document, name, spec: found };
    }
    const where =
      documents.length > 0 ? `which is not in ${path}` : `and ${path} is not among the files that were read`;
    this.#tell(asking.file, `service ${asking.name} extends service ${JSON.stringify(name)}, ${where}`, "not-examined");
    return undefined;
  }

  #tell({ path }: ComposeFile, message: string, code: Problem["code"]): void {
    this.#problem({ code, message, path });
  }
}

function locatedService(
  file: ComposeFile,
  { name, spec }: { readonly name: string; readonly spec: JsonObject },
): LocatedService {
  const replacing = file.replacing.flatMap(([first, second, ...rest]) =>
    first === "services" && second === name ? [rest] : [],
  );
  return { spec, replacing, locate: (path) => file.locate(["services", name, ...path]) };
}

function reportMissingIncludes(
  { object, path }: ComposeFile,
  { hasFile, problem, known }: ComposeResolving & { readonly known: ReadonlyMap<string, string> },
): void {
  const { include } = object;
  if (include === undefined || include === null) return;
  for (const entry of Array.isArray(include) ? include : [include]) {
    const named = isJsonObject(entry) ? entry["path"] : entry;
    for (const each of Array.isArray(named) ? named : [named]) {
      const isKnown = typeof each === "string" && hasFile(beside(path, expandVariables(each, known)));
      if (isKnown) continue;
      const what = typeof each === "string" ? each : "without a path";
      problem({ code: "not-examined", message: `include ${what} is not among the files that were read`, path });
    }
  }
}

function beside(path: string, name: string): string {
  return name.startsWith("/") ? posix.normalize(name) : posix.join(posix.dirname(path), name);
}

function expanded(service: LocatedService, known: ReadonlyMap<string, string>): LocatedService {
  const entries = Object.entries(service.spec).map(
    ([key, value]) => [key, asWritten.has(key) ? value : expandedValue(value, known)] as const,
  );
  return { ...service, spec: Object.fromEntries(entries) };
}

function expandedValue(value: unknown, known: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return expandVariables(value, known);
  if (Array.isArray(value)) return value.map((item) => expandedValue(item, known));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandedValue(item, known)]));
}

function openField(spec: JsonObject): { field: string; variable: string } | undefined {
  for (const field of decisive) {
    const value = spec[field];
    for (const item of Array.isArray(value) ? value : [value]) {
      const variable = typeof item === "string" ? openVariable(item) : undefined;
      if (variable !== undefined) return { field, variable };
    }
  }
  return undefined;
}

/** How many values a service has, each list and mapping with its parts. */
function sizeOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  let size = 1;
  for (const part of Object.values(value)) size += sizeOf(part);
  return size;
}
