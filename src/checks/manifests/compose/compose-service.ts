import { posix } from "node:path";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Check, CheckDescription, Observation } from "../../check.ts";
import { type JsonPath, objectAt, pathText, textAt, valueAt } from "../kustomize/json-path.ts";
import { type ManifestPlace, printed } from "../manifest-check.ts";
import type { ComposeFile, ManifestFacts } from "../manifest-resource.ts";
import { expandVariables } from "./expand-variables.ts";

// Compose files: https://github.com/compose-spec/compose-spec/blob/main/spec.md.

/** A service of a Compose file. */
export interface ComposeService {
  readonly name: string;
  readonly spec: JsonObject;
  /** The volumes of the file by their names. */
  readonly volumes: JsonObject;
  /** From the root of the file. */
  readonly path: JsonPath;
}

/** A variable that a service gives its containers. */
export interface ComposeVariable {
  readonly name: string;
  readonly value: string;
  readonly path: JsonPath;
}

/** What a service mounts from its host. */
export interface ComposeBind {
  readonly source: string;
  readonly isReadOnly: boolean;
  readonly path: JsonPath;
}

/** A port that a service opens on its host. */
export interface ComposePort {
  /** The address that it listens on; undefined for all. */
  readonly address: string | undefined;
  /** As written: a number, a range, or a variable. */
  readonly published: string;
  readonly path: JsonPath;
}

/** A check of every service of every Compose file; it names the fields that are wrong. */
export function composeCheck(
  description: CheckDescription,
  examine: (service: ComposeService) => readonly ManifestPlace[],
): Check<ManifestFacts> {
  return {
    ...description,
    needs: [],
    *evaluate({ compose }): Iterable<Observation> {
      const told = new Set<string>();
      for (const file of compose) {
        for (const service of servicesOf(file)) {
          const observation = observe({ file, service }, examine(service));
          const key = JSON.stringify([observation.state, observation.resource, observation.location]);
          // What a file says is not said once more of the file that is merged over it.
          if (file.isMerged !== true || !told.has(key)) yield observation;
          told.add(key);
        }
      }
    },
  };
}

/** The services of a Compose file. */
function servicesOf({ object }: ComposeFile): ComposeService[] {
  const { services } = object;
  if (!isJsonObject(services)) return [];
  return Object.entries(services).flatMap(([name, spec]) =>
    isJsonObject(spec) ? [{ name, spec, volumes: objectAt(object, "volumes"), path: ["services", name] }] : [],
  );
}

/** The entries of a list, or of the keys and values of a mapping as `KEY=VALUE`. */
export function entriesOf(service: ComposeService, key: string): { text: string; path: JsonPath }[] {
  const value = service.spec[key];
  const path = [...service.path, key];
  if (Array.isArray(value)) return value.map((item, index) => ({ text: printedEntry(item), path: [...path, index] }));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).map(([name, item]) => ({
    text: `${name}=${printedEntry(item)}`,
    path: [...path, name],
  }));
}

/** The variables that have a value. */
export function variablesOf(service: ComposeService): ComposeVariable[] {
  return entriesOf(service, "environment").flatMap(({ text, path }) => {
    const at = text.indexOf("=");
    return at < 0 ? [] : [{ name: text.slice(0, at), value: text.slice(at + 1), path }];
  });
}

/** The mounts of paths of the host, also by a volume that stands for such a path; other volumes are left out. */
export function bindsOf(service: ComposeService): ComposeBind[] {
  const { volumes } = service.spec;
  if (!Array.isArray(volumes)) return [];
  return volumes.flatMap((volume, index): ComposeBind[] => {
    const path = [...service.path, "volumes", index];
    if (isJsonObject(volume)) {
      const source = volume["source"];
      if (typeof source !== "string") return [];
      const bound = volume["type"] === "bind" ? source : deviceOf(service.volumes[source]);
      if (bound === undefined) return [];
      return [{ source: posix.normalize(bound), isReadOnly: volume["read_only"] === true, path }];
    }
    if (typeof volume !== "string") return [];
    const [source = "", , options = ""] = volume.split(":");
    // A path of the host begins with one of these; anything else is the name of a volume.
    const bound = /^[./~]/.test(source) ? source : deviceOf(service.volumes[source]);
    if (!volume.includes(":") || bound === undefined) return [];
    return [{ source: posix.normalize(bound), isReadOnly: options.split(",").includes("ro"), path }];
  });
}

/** The path of the host that a volume of the local driver binds. */
function deviceOf(volume: unknown): string | undefined {
  if (!isJsonObject(volume)) return undefined;
  const device = textAt(objectAt(volume, "driver_opts"), "device");
  return device === undefined || !/^[/$]/.test(device) ? undefined : expandVariables(device);
}

/** The ports that are opened on the host. */
export function portsOf(service: ComposeService): ComposePort[] {
  const { ports } = service.spec;
  if (!Array.isArray(ports)) return [];
  return ports.flatMap((port, index): ComposePort[] => {
    const path = [...service.path, "ports", index];
    if (isJsonObject(port)) {
      const { published, host_ip: address } = port;
      if (published === undefined || port["mode"] === "ingress") return [];
      return [{ address: typeof address === "string" ? address : undefined, published: String(published), path }];
    }
    const text = String(port).replace(/\/(?:tcp|udp|sctp)$/, "");
    const [, bracketed, plain, published] = /^(?:\[([^\]]*)\]:|([^:]+):(?=[^:]*:))?([^:]*):[^:]+$/.exec(text) ?? [];
    return published === undefined ? [] : [{ address: bracketed ?? plain, published, path }];
  });
}

function observe(
  { file, service }: { file: ComposeFile; service: ComposeService },
  places: readonly ManifestPlace[],
): Observation {
  const resource = `service ${service.name}`;
  const [first] = places;
  if (!first) return { state: "pass", resource, location: { path: file.path }, evidence: [] };
  return {
    state: "fail",
    resource,
    location: file.locate(first.path),
    evidence: places.map(({ path, value, expected }) => {
      const found = value ?? valueAt(file.object, path);
      return {
        subject: pathText(path),
        ...(found === undefined ? {} : { value: printed(found) }),
        ...(expected === undefined ? {} : { expected }),
      };
    }),
  };
}

function printedEntry(item: unknown): string {
  return isJsonObject(item) ? "" : String(item ?? "");
}
