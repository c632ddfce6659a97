import type { DockerEngine } from "../../engines/docker/docker-engine.ts";
import type {
  EngineFacts,
  EngineImageFact,
  EngineInfoFact,
  EngineNetworkFact,
  EngineVersionFact,
} from "../../model/checks/engine-facts.ts";
import type { Fact } from "../../model/checks/fact.ts";
import { objectIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { compareText } from "../../model/text/compare-text.ts";
import { factOf } from "../fact-of.ts";
import { type AskDocker, collectEach, unexpectedDockerResponse } from "./ask-docker.ts";
import { boundedObjectsIn, boundedTextIn, boundedTextsIn, flagIn } from "./bounded-members.ts";
import { collectContainers } from "./collect-docker-containers.ts";
import { collectSwarm } from "./collect-docker-swarm.ts";
import { environmentOf } from "./environment.ts";
import { hideInText } from "./hide-secrets.ts";

const mostImages = 5000;
const mostNetworks = 5000;
const mostSteps = 1000;

/**
 * Everything that checks read of a Docker Engine, or of Podman's service, through its API alone. Throws only for the
 * signal: facts that the engine does not report are unavailable, with a reason. Values of variables and other secrets
 * are not kept.
 *
 * Source: Docker Engine API 1.24 and later, `/version`, `/info`, `/images`, `/containers`, `/networks`, `/swarm` and
 * what belongs to it.
 */
export async function collectDocker(
  engine: DockerEngine,
  { signal }: { readonly signal: AbortSignal },
): Promise<EngineFacts> {
  const ask: AskDocker = (path) => engine.read(path, signal);
  const attempt = <T>(collect: () => Promise<T>): Promise<Fact<T>> => factOf(collect, { signal });
  const product = await attempt(() => engine.product(signal));
  // An engine that does not answer at all is asked once, not once for each fact.
  if ("unavailable" in product) {
    const { address, local } = engine;
    return {
      product,
      address,
      local,
      version: product,
      info: product,
      images: product,
      containers: product,
      networks: product,
      swarm: product,
    };
  }
  const info = await attempt(async () => readInfo(await ask("/info")));
  return {
    product,
    address: engine.address,
    local: engine.local,
    version: await attempt(async () => readVersion(await ask("/version"))),
    info,
    images: await attempt(() => collectImages(ask, { signal })),
    containers: await attempt(() => collectContainers(ask, { signal })),
    networks: await attempt(async () => readNetworks(await ask("/networks"))),
    swarm: await attempt(() => collectSwarm(ask, "value" in info && info.value.swarm.manager)),
  };
}

function readVersion(answer: unknown): EngineVersionFact {
  if (!isJsonObject(answer) || boundedTextIn(answer, "Version") === "") throw unexpectedDockerResponse("its version");
  const experimental = flagIn(answer, "Experimental");
  return {
    engine: boundedTextIn(answer, "Version"),
    ...(experimental !== undefined && { experimental }),
    components: boundedObjectsIn(answer, "Components").map((component) => {
      const commit = boundedTextIn(objectIn(component, "Details"), "GitCommit");
      return {
        name: boundedTextIn(component, "Name"),
        version: boundedTextIn(component, "Version"),
        ...(commit !== "" && { commit }),
      };
    }),
  };
}

function readInfo(answer: unknown): EngineInfoFact {
  if (!isJsonObject(answer)) throw unexpectedDockerResponse("itself");
  const optional = (key: string, name: string): Record<string, string> => {
    const value = boundedTextIn(answer, key);
    return value === "" ? {} : { [name]: value };
  };
  const flag = (key: string, name: string): Record<string, boolean> => {
    const value = flagIn(answer, key);
    return value === undefined ? {} : { [name]: value };
  };
  const registries = answer["RegistryConfig"];
  const swarm = objectIn(answer, "Swarm");
  const managers = swarm["Managers"];
  const address = boundedTextIn(swarm, "NodeAddr");
  return {
    name: boundedTextIn(answer, "Name"),
    ...optional("OperatingSystem", "operatingSystem"),
    ...optional("DockerRootDir", "rootFolder"),
    ...optional("Driver", "storageDriver"),
    ...optional("LoggingDriver", "loggingDriver"),
    ...optional("CgroupVersion", "cgroupVersion"),
    ...optional("CgroupDriver", "cgroupDriver"),
    ...optional("DefaultRuntime", "defaultRuntime"),
    ...flag("LiveRestoreEnabled", "liveRestore"),
    ...flag("ExperimentalBuild", "experimental"),
    ...(Array.isArray(answer["SecurityOptions"]) && { securityOptions: boundedTextsIn(answer, "SecurityOptions") }),
    ...(isJsonObject(answer["Plugins"]) && {
      authorizationPlugins: boundedTextsIn(answer["Plugins"], "Authorization"),
    }),
    ...(isJsonObject(registries) && { insecureRegistries: insecureIn(registries) }),
    swarm: {
      state: boundedTextIn(swarm, "LocalNodeState") || "inactive",
      manager: swarm["ControlAvailable"] === true,
      ...(typeof managers === "number" && { managers }),
      ...(address !== "" && { address }),
    },
  };
}

/** Ranges of addresses, and registries by name that are reached without a trusted certificate. */
function insecureIn(registries: JsonObject): string[] {
  const named = Object.entries(objectIn(registries, "IndexConfigs"))
    .filter(([, settings]) => isJsonObject(settings) && settings["Secure"] === false)
    .map(([name]) => name);
  return [...boundedTextsIn(registries, "InsecureRegistryCIDRs"), ...named];
}

async function collectImages(ask: AskDocker, { signal }: { readonly signal: AbortSignal }): Promise<EngineImageFact[]> {
  const list = await ask("/images/json");
  if (!Array.isArray(list) || list.length > mostImages) throw unexpectedDockerResponse("its images");
  const described = await collectEach(list.filter(isJsonObject), async (item): Promise<EngineImageFact | undefined> => {
    const id = boundedTextIn(item, "Id");
    if (!/^(?:sha256:)?[0-9a-f]{12,64}$/.test(id)) throw unexpectedDockerResponse("its images");
    const path = `/images/${encodeURIComponent(id)}`;
    const body = await ask(`${path}/json`);
    if (body === undefined) return undefined;
    if (!isJsonObject(body)) throw unexpectedDockerResponse(`the image ${id.slice(0, 19)}`);
    return readImage(body, {
      id,
      history: await factOf(async () => readHistory(await ask(`${path}/history`)), { signal }),
    });
  });
  const images = described.filter((image) => image !== undefined);
  return images.sort((a, b) => compareText(a.tags[0] ?? a.id, b.tags[0] ?? b.id) || compareText(a.id, b.id));
}

function readImage(
  body: JsonObject,
  { id, history }: { readonly id: string; readonly history: EngineImageFact["history"] },
): EngineImageFact {
  const config = objectIn(body, "Config");
  const test = boundedTextsIn(objectIn(config, "Healthcheck"), "Test");
  const created = boundedTextIn(body, "Created");
  return {
    id,
    tags: boundedTextsIn(body, "RepoTags")
      .filter((tag) => tag !== "<none>:<none>")
      .sort(),
    digests: boundedTextsIn(body, "RepoDigests")
      .filter((digest) => !digest.startsWith("<none>"))
      .sort(),
    user: boundedTextIn(config, "User"),
    healthCheck: test.length > 0 && test[0] !== "NONE",
    environment: environmentOf(boundedTextsIn(config, "Env")),
    ports: Object.keys(objectIn(config, "ExposedPorts")).sort(),
    history,
    ...(created !== "" && { created }),
  };
}

function readHistory(answer: unknown): string[] {
  if (!Array.isArray(answer)) throw unexpectedDockerResponse("the history of an image");
  return answer
    .filter(isJsonObject)
    .slice(0, mostSteps)
    .map((step) => hideInText(withoutValues(boundedTextIn(step, "CreatedBy"))));
}

/** Steps that set variables keep their names only. */
function withoutValues(step: string): string {
  const short = step.slice(0, 16 * 1024);
  const match = /^(?:\/bin\/sh -c #\(nop\)\s+)?(ENV|ARG)\s+(\S{1,256}?)(?:=|\s|$)/.exec(short);
  if (match) return `${match[1]} ${match[2]}`;
  // `RUN |2 A=1 B=2 /bin/sh -c …`: the values of build arguments.
  return short.replace(/^(?:RUN )?\|\d{1,3} (.*?)(?=\/bin\/|$)/s, (_, values: string) => {
    const names = Array.from(values.matchAll(/(?:^|\s)([A-Za-z_]\w{0,255})=/g), ([, name = ""]) => name);
    return `|${names.join(" ")} `;
  });
}

function readNetworks(answer: unknown): EngineNetworkFact[] {
  if (!Array.isArray(answer) || answer.length > mostNetworks) throw unexpectedDockerResponse("its networks");
  const networks = answer.filter(isJsonObject).map((network): EngineNetworkFact => {
    const options = Object.entries(objectIn(network, "Options")).filter(([, value]) => typeof value === "string");
    return {
      id: boundedTextIn(network, "Id"),
      name: boundedTextIn(network, "Name"),
      driver: boundedTextIn(network, "Driver"),
      scope: boundedTextIn(network, "Scope"),
      internal: network["Internal"] === true,
      ingress: network["Ingress"] === true,
      options: Object.fromEntries(options.map(([key, value]) => [key, hideInText(String(value))]).sort()),
    };
  });
  return networks.sort((a, b) => compareText(a.name, b.name));
}
