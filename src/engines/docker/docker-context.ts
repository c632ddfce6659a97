import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import { objectIn, textIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";

/** Where Docker's command line keeps its settings, and which context was asked for. */
export interface DockerContexts {
  /** `~/.docker`, or `DOCKER_CONFIG`. */
  readonly folder: string;
  /** `DOCKER_CONTEXT`; else the one that `docker context use` chose. */
  readonly name?: string;
}

/** An engine as a context describes it. */
interface DockerContext {
  /** A value of `DOCKER_HOST`. */
  readonly host: string;
  /** A folder with `ca.pem`, `cert.pem`, `key.pem`. */
  readonly certificates?: { readonly folder: string; readonly verify: boolean };
}

/** The context that stands for no context. */
const usualPlace = "default";
const largestFile = 1024 * 1024;

/**
 * The engine that `docker` itself would ask where `DOCKER_HOST` is not set: Docker Desktop, a rootless engine and
 * others are contexts. Undefined when it would be the one at its usual place.
 *
 * Error: `engine-unreachable` for a context that is not there, and for one over SSH.
 * Source: docker/cli `cli/command/cli.go`, `cli/context/store`.
 */
export function readDockerContext({ folder, name }: DockerContexts): DockerContext | undefined {
  const context = name || textIn(readJson(join(folder, "config.json")), "currentContext");
  if (context === "" || context === usualPlace) return undefined;
  const shown = JSON.stringify(context.slice(0, 100));
  const id = createHash("sha256").update(context).digest("hex");
  const endpoint = objectIn(
    objectIn(readJson(join(folder, "contexts", "meta", id, "meta.json")), "Endpoints"),
    "docker",
  );
  const host = textIn(endpoint, "Host");
  if (host === "") {
    throw unreachable(
      `the Docker context ${shown} does not exist`,
      "Select another context, for example: docker context use default.",
    );
  }
  if (host.toLowerCase().startsWith("ssh://")) {
    const hint =
      "Forward the engine's socket (ssh -L /tmp/docker.sock:/var/run/docker.sock HOST), and set DOCKER_HOST to it.";
    throw unreachable(`the Docker context ${shown} uses SSH, which is not supported`, hint);
  }
  const tls = join(folder, "contexts", "tls", id, "docker");
  const verify = endpoint["SkipTLSVerify"] !== true;
  return { host, ...(existsSync(tls) && { certificates: { folder: tls, verify } }) };
}

/** Empty for what is not JSON: whoever needs the file for something else says so. */
function readJson(path: string): JsonObject {
  try {
    if (statSync(path).size > largestFile) return {};
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function unreachable(message: string, hint: string): PlimsollError {
  return new PlimsollError("engine-unreachable", message, { hint });
}
