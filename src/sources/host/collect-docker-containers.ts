import type { EngineContainerFact, EngineMountFact, EnginePortFact } from "../../model/checks/engine-facts.ts";
import { objectIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { compareText } from "../../model/text/compare-text.ts";
import { factOf } from "../fact-of.ts";
import { type AskDocker, collectEach, unexpectedDockerResponse } from "./ask-docker.ts";
import { boundedObjectsIn, boundedTextIn, boundedTextsIn, flagIn, numberIn } from "./bounded-members.ts";
import { environmentOf } from "./environment.ts";

const mostContainers = 10_000;
const mostExecs = 100;
const runningStates: ReadonlySet<string> = new Set(["running", "paused", "restarting"]);

/** Every container that the engine has, in order of their names. A container that is removed meanwhile is left out. */
export async function collectContainers(
  ask: AskDocker,
  { signal }: { readonly signal: AbortSignal },
): Promise<EngineContainerFact[]> {
  const list = await ask("/containers/json?all=1");
  if (!Array.isArray(list) || list.length > mostContainers) throw unexpectedDockerResponse("its containers");
  const described = await collectEach(
    list.filter(isJsonObject),
    async (item): Promise<EngineContainerFact | undefined> => {
      const id = boundedTextIn(item, "Id");
      if (!/^[0-9a-f]{12,64}$/.test(id)) throw unexpectedDockerResponse("its containers");
      const body = await ask(`/containers/${id}/json`);
      if (body === undefined) return undefined;
      if (!isJsonObject(body)) throw unexpectedDockerResponse(`the container ${id.slice(0, 12)}`);
      const state = boundedTextIn(objectIn(body, "State"), "Status");
      const programs = runningStates.has(state)
        ? await factOf(async () => readPrograms(await ask(`/containers/${id}/top`)), { signal })
        : { unavailable: `the container is not running (${state || "unknown"})` };
      const execs = await factOf(() => collectExecs(ask, boundedTextsIn(body, "ExecIDs")), { signal });
      return { ...readContainer(body, { id, state }), programs, execs };
    },
  );
  const containers = described.filter((container) => container !== undefined);
  return containers.sort((a, b) => compareText(a.name, b.name) || compareText(a.id, b.id));
}

function readContainer(
  body: JsonObject,
  { id, state }: { readonly id: string; readonly state: string },
): Omit<EngineContainerFact, "programs" | "execs"> {
  const config = objectIn(body, "Config");
  const host = objectIn(body, "HostConfig");
  const health = boundedTextIn(objectIn(objectIn(body, "State"), "Health"), "Status");
  const test = boundedTextsIn(objectIn(config, "Healthcheck"), "Test");
  const restart = host["RestartPolicy"];
  return {
    id,
    name: boundedTextIn(body, "Name").replace(/^\//, "") || id.slice(0, 12),
    image: boundedTextIn(config, "Image"),
    imageId: boundedTextIn(body, "Image"),
    state,
    user: boundedTextIn(config, "User"),
    appArmorProfile: boundedTextIn(body, "AppArmorProfile"),
    securityOptions: boundedTextsIn(host, "SecurityOpt").map((option) => option.slice(0, 256)),
    addedCapabilities: capabilitiesIn(host, "CapAdd"),
    droppedCapabilities: capabilitiesIn(host, "CapDrop"),
    mounts: boundedObjectsIn(body, "Mounts")
      .map(readMount)
      .sort((a, b) => compareText(a.target, b.target)),
    devices: boundedObjectsIn(host, "Devices").map((device) => ({
      host: boundedTextIn(device, "PathOnHost"),
      container: boundedTextIn(device, "PathInContainer"),
      permissions: boundedTextIn(device, "CgroupPermissions"),
    })),
    ports: portsIn(objectIn(host, "PortBindings"), objectIn(objectIn(body, "NetworkSettings"), "Ports")),
    networks: Object.keys(objectIn(objectIn(body, "NetworkSettings"), "Networks")).sort(),
    ulimits: boundedObjectsIn(host, "Ulimits").map(
      (limit) => `${boundedTextIn(limit, "Name")}=${limit["Soft"]}:${limit["Hard"]}`,
    ),
    ...flag(host, "Privileged", "privileged"),
    ...flag(host, "ReadonlyRootfs", "readOnlyRoot"),
    ...text(host, "NetworkMode", "networkMode"),
    ...text(host, "PidMode", "pidMode"),
    ...text(host, "IpcMode", "ipcMode"),
    ...text(host, "UTSMode", "utsMode"),
    ...text(host, "UsernsMode", "usernsMode"),
    ...text(host, "CgroupnsMode", "cgroupnsMode"),
    ...text(host, "CgroupParent", "cgroupParent"),
    ...number(host, "Memory", "memory"),
    ...number(host, "CpuShares", "cpuShares"),
    ...number(host, "NanoCpus", "nanoCpus"),
    ...number(host, "CpuQuota", "cpuQuota"),
    ...(host["PidsLimit"] === null ? { pidsLimit: null } : number(host, "PidsLimit", "pidsLimit")),
    ...(isJsonObject(restart) && {
      restart: { name: boundedTextIn(restart, "Name") || "no", retries: numberIn(restart, "MaximumRetryCount") ?? 0 },
    }),
    ...(health !== "" && health !== "none" && { health }),
    healthCheck: test.length > 0 && test[0] !== "NONE",
    environment: environmentOf(boundedTextsIn(config, "Env")),
  };
}

/** Docker writes capabilities with and without `CAP_`. */
function capabilitiesIn(host: JsonObject, key: string): string[] {
  return boundedTextsIn(host, key)
    .map((name) => name.toUpperCase().replace(/^CAP_/, ""))
    .sort();
}

function readMount(mount: JsonObject): EngineMountFact {
  return {
    type: boundedTextIn(mount, "Type"),
    source: boundedTextIn(mount, "Source"),
    target: boundedTextIn(mount, "Destination"),
    writable: mount["RW"] !== false,
    propagation: boundedTextIn(mount, "Propagation"),
  };
}

/** What was asked for, and what a container that runs got. */
function portsIn(asked: JsonObject, given: JsonObject): EnginePortFact[] {
  const ports = new Map<string, EnginePortFact>();
  for (const bindings of [asked, given]) {
    for (const container of Object.keys(bindings)) {
      for (const binding of boundedObjectsIn(bindings, container)) {
        const address = boundedTextIn(binding, "HostIp");
        const port = Number(boundedTextIn(binding, "HostPort"));
        const known = Number.isInteger(port) && port > 0 && port < 65_536;
        ports.set(`${container} ${address} ${known ? port : ""}`, { container, address, ...(known && { port }) });
      }
    }
  }
  return [...ports].sort(([a], [b]) => compareText(a, b)).map(([, port]) => port);
}

/** The last column of `ps` is the command; only the program's name is kept of it. */
function readPrograms(answer: unknown): string[] {
  const rows = isJsonObject(answer) ? answer["Processes"] : undefined;
  if (!isJsonObject(answer) || !Array.isArray(rows)) throw unexpectedDockerResponse("the processes of a container");
  const titles = boundedTextsIn(answer, "Titles");
  const column = titles.findIndex((title) => title === "CMD" || title === "COMMAND" || title === "ARGS");
  const names = rows.map((row: unknown) => {
    const cell: unknown = Array.isArray(row) ? row[column < 0 ? row.length - 1 : column] : undefined;
    const program = typeof cell === "string" ? (cell.trim().split(/\s+/)[0] ?? "") : "";
    return program.replace(/:$/, "").split("/").at(-1)?.slice(0, 128) ?? "";
  });
  return [...new Set(names.filter((name) => name !== ""))].sort();
}

async function collectExecs(
  ask: AskDocker,
  ids: readonly string[],
): Promise<{ readonly privileged: boolean; readonly user: string }[]> {
  const execs = [];
  for (const id of ids.slice(0, mostExecs)) {
    const body = /^[0-9a-f]{12,64}$/.test(id) ? await ask(`/exec/${id}/json`) : undefined;
    if (!isJsonObject(body)) continue;
    const process = objectIn(body, "ProcessConfig");
    execs.push({ privileged: process["privileged"] === true, user: boundedTextIn(process, "user") });
  }
  return execs;
}

function flag(record: JsonObject, key: string, name: string): Record<string, boolean> {
  const value = flagIn(record, key);
  return value === undefined ? {} : { [name]: value };
}

/** An empty text is kept: it says that nothing was set, which an absent member does not. */
function text(record: JsonObject, key: string, name: string): Record<string, string> {
  return typeof record[key] === "string" ? { [name]: boundedTextIn(record, key) } : {};
}

function number(record: JsonObject, key: string, name: string): Record<string, number> {
  const value = numberIn(record, key);
  return value === undefined ? {} : { [name]: value };
}
