import type { SwarmFact } from "../../model/checks/engine-facts.ts";
import { objectIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { compareText } from "../../model/text/compare-text.ts";
import { type AskDocker, unexpectedDockerResponse } from "./ask-docker.ts";
import { boundedObjectsIn, boundedTextIn, boundedTextsIn, flagIn, numberIn } from "./bounded-members.ts";
import { environmentOf } from "./environment.ts";

const mostServices = 10_000;

/** The swarm that the engine manages; null where it manages none. Tokens, keys and certificates are not read. */
export async function collectSwarm(ask: AskDocker, manager: boolean): Promise<SwarmFact | null> {
  if (!manager) return null;
  const swarm = await ask("/swarm");
  const [nodes, services, secrets] = [await ask("/nodes"), await ask("/services"), await ask("/secrets")];
  if (!isJsonObject(swarm) || !Array.isArray(nodes) || !Array.isArray(services) || services.length > mostServices) {
    throw unexpectedDockerResponse("its swarm");
  }
  const spec = objectIn(swarm, "Spec");
  const autoLock = flagIn(objectIn(spec, "EncryptionConfig"), "AutoLockManagers");
  const certificateExpiry = numberIn(objectIn(spec, "CAConfig"), "NodeCertExpiry");
  const rootRotating = flagIn(swarm, "RootRotationInProgress");
  return {
    ...(autoLock !== undefined && { autoLock }),
    ...(certificateExpiry !== undefined && { certificateExpiry }),
    ...(rootRotating !== undefined && { rootRotating }),
    nodes: nodes.filter(isJsonObject).map(readNode).sort(byName),
    secrets: Array.isArray(secrets) ? secrets.length : 0,
    services: services.filter(isJsonObject).map(readService).sort(byName),
  };
}

function readNode(node: JsonObject): SwarmFact["nodes"][number] {
  const spec = objectIn(node, "Spec");
  return {
    name: boundedTextIn(objectIn(node, "Description"), "Hostname") || boundedTextIn(node, "ID"),
    role: boundedTextIn(spec, "Role"),
    availability: boundedTextIn(spec, "Availability"),
    manager: isJsonObject(node["ManagerStatus"]),
  };
}

function readService(service: JsonObject): SwarmFact["services"][number] {
  const spec = objectIn(service, "Spec");
  const task = objectIn(spec, "TaskTemplate");
  const container = objectIn(task, "ContainerSpec");
  const restart = task["RestartPolicy"];
  return {
    name: boundedTextIn(spec, "Name"),
    image: boundedTextIn(container, "Image"),
    ...(isJsonObject(restart) && {
      restart: {
        condition: boundedTextIn(restart, "Condition") || "any",
        attempts: numberIn(restart, "MaxAttempts") ?? 0,
      },
    }),
    environment: environmentOf(boundedTextsIn(container, "Env")),
    secrets: boundedObjectsIn(container, "Secrets")
      .map((secret) => boundedTextIn(secret, "SecretName"))
      .sort(),
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compareText(a.name, b.name);
}
