import { PlimsollError } from "../../model/error.ts";
import { objectIn, textIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { parsePlatform, platformText } from "../../model/packages/platform.ts";

/** A container that runs, as Docker and Podman describe it. */
export interface EngineContainer {
  readonly id: string;
  /** Without the slash that Docker puts before it. */
  readonly name: string;
  /** As whoever created the container wrote it; empty for one that was started from a folder. */
  readonly image: string;
  /** `sha256:…`, as {@link EngineImage.id}. */
  readonly imageId?: string;
  /** The digest of the manifest for the container's platform; only engines that store images with containerd tell. */
  readonly manifestDigest?: string;
  /** `linux/amd64`, where the engine tells it with the manifest. */
  readonly platform?: string;
  /** RFC 3339. */
  readonly startedAt?: string;
  /** `running`, `paused`, `restarting`, or `stopping`. */
  readonly state: string;
}

/** Asks the engine for a path without its version; undefined when it has nothing there, and throws when it refuses. */
export type AskEngine = (path: string) => Promise<unknown>;

const runningStates: ReadonlySet<string> = new Set(["running", "paused", "restarting", "stopping"]);
/** Containers that are looked at one by one; an engine with more is not believed. */
const mostContainers = 10_000;

/**
 * The containers that run, in order of their names; undefined when the answer is not of Docker's form. A container that
 * ends meanwhile is left out; a container that the engine cannot describe is given as the list describes it.
 *
 * The list names an image by its id once its tag has moved, so what was asked for comes from each container's own
 * description.
 * Source: Docker Engine API 1.24 and later, `/containers/json` and `/containers/{id}/json`; Podman's service answers
 * alike.
 */
export async function listContainers(ask: AskEngine): Promise<readonly EngineContainer[] | undefined> {
  const list = await ask("/containers/json?all=1");
  if (!Array.isArray(list) || list.length > mostContainers) return undefined;
  const running = list.filter(isJsonObject).filter((item) => isOrMayBeRunning(textIn(item, "State")));
  const containers: EngineContainer[] = [];
  for (const item of running) {
    const id = textIn(item, "Id");
    if (!/^[0-9a-f]{12,64}$/.test(id)) return undefined;
    const described = await describe(ask, id);
    if (described === undefined) continue;
    if (described !== "failed" && !isJsonObject(described)) return undefined;
    const container = described === "failed" ? containerInList(id, item) : readContainer(id, described, item);
    if (container) containers.push(container);
  }
  return containers.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Engines before 1.23 do not say it in the list. */
function isOrMayBeRunning(state: string): boolean {
  return state === "" || runningStates.has(state);
}

async function describe(ask: AskEngine, id: string): Promise<unknown> {
  try {
    return await ask(`/containers/${id}/json`);
  } catch (error) {
    if (error instanceof PlimsollError && error.code === "engine-failed") return "failed";
    throw error;
  }
}

function readContainer(id: string, body: JsonObject, item: JsonObject): EngineContainer | undefined {
  const state = objectIn(body, "State");
  const status = textIn(state, "Status");
  if (status === "") return containerInList(id, item);
  if (!runningStates.has(status)) return undefined;
  const imageId = digestOf(textIn(body, "Image"));
  const startedAt = textIn(state, "StartedAt");
  const descriptor = objectIn(body, "ImageManifestDescriptor");
  const manifestDigest = digestOf(textIn(descriptor, "digest"));
  const platform = platformIn(objectIn(descriptor, "platform"));
  return {
    id,
    name: textIn(body, "Name").replace(/^\//, "") || id.slice(0, 12),
    image: textIn(objectIn(body, "Config"), "Image") || imageId || "",
    ...(imageId !== undefined && { imageId }),
    ...(manifestDigest !== undefined && { manifestDigest }),
    ...(platform !== undefined && { platform }),
    ...(!startedAt.startsWith("0001-") && !Number.isNaN(Date.parse(startedAt)) && { startedAt }),
    state: status,
  };
}

function containerInList(id: string, item: JsonObject): EngineContainer {
  const names = item["Names"];
  const name = Array.isArray(names) && typeof names[0] === "string" ? names[0].replace(/^\//, "") : "";
  const imageId = digestOf(textIn(item, "ImageID"));
  return {
    id,
    name: name || id.slice(0, 12),
    image: textIn(item, "Image") || imageId || "",
    ...(imageId !== undefined && { imageId }),
    state: textIn(item, "State") || "running",
  };
}

/** Source: OCI image-spec, "Image Index", `platform`. */
function platformIn(platform: JsonObject): string | undefined {
  const [os, architecture, variant] = ["os", "architecture", "variant"].map((key) => textIn(platform, key));
  const parsed =
    os && architecture ? parsePlatform([os, architecture, ...(variant ? [variant] : [])].join("/")) : undefined;
  return parsed && platformText(parsed);
}

/** Podman leaves the algorithm away. */
function digestOf(text: string): string | undefined {
  const digest = text.replace(/^(?=[0-9a-f]{64}$)/, "sha256:");
  return /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined;
}
