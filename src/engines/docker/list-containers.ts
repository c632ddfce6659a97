import { isJsonObject, type JsonObject } from "../../model/json-object.ts";

/** A container that runs, as Docker and Podman describe it. */
export interface EngineContainer {
  readonly id: string;
  /** Without the slash that Docker puts before it. */
  readonly name: string;
  /** As whoever created the container wrote it. */
  readonly image: string;
  /** `sha256:…`, as {@link EngineImage.id}. */
  readonly imageId?: string;
  /** The digest of the manifest for the container's platform; only engines that store images with containerd tell. */
  readonly manifestDigest?: string;
  /** RFC 3339. */
  readonly startedAt?: string;
  /** `running`, `paused` or `restarting`. */
  readonly state: string;
}

/** Asks the engine for a path without its version; undefined when it has nothing there, and throws when it refuses. */
export type AskEngine = (path: string) => Promise<unknown>;

const runningStates: ReadonlySet<string> = new Set(["running", "paused", "restarting"]);
/** Containers that are looked at one by one; an engine with more is not believed. */
const mostContainers = 10_000;

/**
 * The containers that run, in order of their names; undefined when the answer is not of Docker's form. One that ends while they
 * are looked at is left out.
 *
 * The list names an image by its id once its tag has moved, so what was asked for comes from each container's own description.
 * Source: Docker Engine API 1.24 and later, `/containers/json` and `/containers/{id}/json`; Podman's service answers alike.
 */
export async function listContainers(ask: AskEngine): Promise<readonly EngineContainer[] | undefined> {
  const list = await ask("/containers/json?all=1");
  if (!Array.isArray(list) || list.length > mostContainers) return undefined;
  const running = list.filter(isJsonObject).filter((item) => runningStates.has(textIn(item, "State")));
  const containers: EngineContainer[] = [];
  for (const item of running) {
    const id = textIn(item, "Id");
    if (!/^[0-9a-f]{12,64}$/.test(id)) return undefined;
    const described = await ask(`/containers/${id}/json`);
    if (described === undefined) continue;
    if (!isJsonObject(described)) return undefined;
    const container = readContainer(id, described);
    if (container) containers.push(container);
  }
  return containers.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function readContainer(id: string, body: JsonObject): EngineContainer | undefined {
  const state = objectIn(body, "State");
  const status = textIn(state, "Status");
  if (!runningStates.has(status)) return undefined;
  const imageId = digestOf(textIn(body, "Image"));
  const startedAt = textIn(state, "StartedAt");
  const manifestDigest = digestOf(textIn(objectIn(body, "ImageManifestDescriptor"), "digest"));
  return {
    id,
    name: textIn(body, "Name").replace(/^\//, "") || id.slice(0, 12),
    image: textIn(objectIn(body, "Config"), "Image") || imageId || "",
    ...(imageId !== undefined && { imageId }),
    ...(manifestDigest !== undefined && { manifestDigest }),
    ...(!startedAt.startsWith("0001-") && !Number.isNaN(Date.parse(startedAt)) && { startedAt }),
    state: status,
  };
}

/** Podman leaves the algorithm away. */
function digestOf(text: string): string | undefined {
  const digest = text.replace(/^(?=[0-9a-f]{64}$)/, "sha256:");
  return /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined;
}

function objectIn(record: JsonObject, key: string): JsonObject {
  const value = record[key];
  return isJsonObject(value) ? value : {};
}

function textIn(record: JsonObject, key: string): string {
  const value = record[key];
  return typeof value === "string" ? value : "";
}
