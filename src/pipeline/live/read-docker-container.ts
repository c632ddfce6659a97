import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { Container, ContainerMount } from "../../rules/state/container.ts";

const idLength = 12;

/** The facts in the answer of Docker and Podman to `GET /containers/ID/json`; `undefined` for another answer. */
export function readDockerContainer(answer: unknown, type: string): Container | undefined {
  if (!isJsonObject(answer)) return undefined;
  const fullId = textOf(answer, "Id");
  if (fullId === "") return undefined;
  const config = objectOf(answer, "Config");
  const host = objectOf(answer, "HostConfig");
  const image = textOf(config, "Image");
  const created = Date.parse(textOf(answer, "Created"));
  const ip = addressOf(objectOf(answer, "NetworkSettings"));
  return {
    id: fullId.slice(0, idLength),
    fullId,
    type,
    isKnown: true,
    lookupState: 1,
    name: textOf(answer, "Name").replace(/^\//, ""),
    image,
    ...readReference(image),
    imageId: textOf(answer, "Image")
      .replace(/^sha256:/, "")
      .slice(0, idLength),
    user: textOf(config, "User"),
    isPrivileged: host["Privileged"] === true,
    isPodSandbox: false,
    hostPid: host["PidMode"] === "host",
    hostNetwork: host["NetworkMode"] === "host",
    hostIpc: host["IpcMode"] === "host",
    ...(ip !== "" && { ip }),
    mounts: mountsOf(answer["Mounts"]),
    labels: labelsOf(config["Labels"]),
    env: Array.isArray(config["Env"]) ? config["Env"].filter((item) => typeof item === "string") : [],
    ...(Number.isFinite(created) && { createdTime: BigInt(created) * 1_000_000n }),
  };
}

/** Repository, tag and digest of the reference that a container was started with; nothing for the id of an image. */
function readReference(image: string): Pick<Container, "imageRepository" | "imageTag" | "imageDigest"> {
  const [name = "", digest] = image.split("@");
  if (/^(?:sha256:)?[0-9a-f]{12,64}$/.test(name)) return {};
  const colon = name.lastIndexOf(":");
  const hasTag = colon > name.lastIndexOf("/");
  return {
    imageRepository: hasTag ? name.slice(0, colon) : name,
    ...(hasTag && { imageTag: name.slice(colon + 1) }),
    ...(!hasTag && digest === undefined && { imageTag: "latest" }),
    ...(digest !== undefined && { imageDigest: digest }),
  };
}

function addressOf(settings: JsonObject): string {
  const all = [settings, ...Object.values(objectOf(settings, "Networks")).filter(isJsonObject)];
  return all.map((network) => textOf(network, "IPAddress")).find((address) => address !== "") ?? "";
}

function mountsOf(value: unknown): readonly ContainerMount[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((mount) => ({
    source: textOf(mount, "Source"),
    destination: textOf(mount, "Destination"),
    mode: textOf(mount, "Mode"),
    isWritable: mount["RW"] === true,
    propagation: textOf(mount, "Propagation"),
  }));
}

function labelsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function objectOf(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}

function textOf(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === "string" ? value : "";
}
