import type { EngineFacts } from "../../model/checks/engine-facts.ts";
import type { DockerDaemonFact, HostFacts, UnitFact } from "../../model/checks/host-facts.ts";
import type { Fact } from "../check.ts";
import { daemonHosts, dataRootOf } from "./daemon-options.ts";

/** What the checks of Docker read: an engine, its daemon's settings, and the host under it. */
export interface DockerFacts
  extends Pick<EngineFacts, "version" | "info" | "images" | "containers" | "networks" | "swarm">,
    Pick<HostFacts, "files" | "auditRules" | "mounts" | "users" | "groups" | "units" | "listeners" | "runtimes"> {
  /** The dockerd behind the engine. */
  readonly daemon: Fact<DockerDaemonFact>;
  /** The engine's socket on the host; absent when it was reached over the network. */
  readonly socket?: string;
  /** Whether Docker's client of the one who asked verifies signatures (`DOCKER_CONTENT_TRUST=1`). */
  readonly contentTrust: Fact<boolean>;
}

/** Where the facts of Docker come from; what is absent makes its facts unavailable. */
export interface DockerFactSources {
  readonly engine?: EngineFacts;
  readonly host?: HostFacts;
  readonly contentTrust?: boolean;
}

/**
 * Puts the facts of an engine and of a host together. Those of the host count only when the engine is on it, and its
 * daemon is the dockerd with the engine's data folder or address.
 */
export function dockerFacts({ engine, host, contentTrust }: DockerFactSources): DockerFacts {
  const noEngine = { unavailable: "no facts about a Docker Engine were collected" };
  const noHost = whyNoHost({ ...(engine && { engine }), ...(host && { host }) });
  const own = noHost === undefined ? host : undefined;
  const unavailable = { unavailable: noHost ?? "" };
  return {
    version: engine?.version ?? noEngine,
    info: engine?.info ?? noEngine,
    images: engine?.images ?? noEngine,
    containers: engine?.containers ?? noEngine,
    networks: engine?.networks ?? noEngine,
    swarm: engine?.swarm ?? noEngine,
    files: own?.files ?? unavailable,
    auditRules: own?.auditRules ?? unavailable,
    mounts: own?.mounts ?? unavailable,
    users: own?.users ?? unavailable,
    groups: own?.groups ?? unavailable,
    units: own?.units ?? unavailable,
    listeners: own?.listeners ?? unavailable,
    runtimes: own?.runtimes ?? unavailable,
    ...(own && engine?.address.startsWith("/") && { socket: engine.address }),
    daemon: own ? daemonOf(own, engine) : unavailable,
    contentTrust:
      contentTrust === undefined
        ? { unavailable: "the facts do not contain the environment of the Docker client" }
        : { value: contentTrust },
  };
}

function whyNoHost({ engine, host }: DockerFactSources): string | undefined {
  if (!host) return "no facts about the engine's host were collected";
  return engine && !engine.local ? "the engine and the host facts are from different machines" : undefined;
}

function daemonOf(host: HostFacts, engine: EngineFacts | undefined): Fact<DockerDaemonFact> {
  if (engine && "value" in engine.product && engine.product.value === "podman") {
    return { unavailable: "the engine is Podman, which has no dockerd" };
  }
  const daemons = host.dockerDaemons;
  if ("unavailable" in daemons) return daemons;
  const [only] = daemons.value;
  if (!only) return { unavailable: "no dockerd process was found on the host" };
  if (!engine || "unavailable" in engine.info) {
    return daemons.value.length === 1 ? { value: only } : { unavailable: "more than one dockerd runs on the host" };
  }
  const folder = engine.info.value.rootFolder;
  const users = "value" in host.users ? host.users.value : [];
  const match = daemons.value.find((daemon) => {
    const home = users.find(({ uid }) => uid === daemon.uid)?.home;
    return (
      dataRootOf(daemon, home) === withoutMapping(folder) || daemonHosts(daemon).includes(`unix://${engine.address}`)
    );
  });
  return match ? { value: match } : { unavailable: "no dockerd process on the host matches the engine" };
}

/** With remapped users the engine's folder gets `/uid.gid` behind it. */
function withoutMapping(folder: string | undefined): string | undefined {
  return folder?.replace(/\/\d{1,10}\.\d{1,10}$/, "");
}

/** An installed unit of the host; undefined when there is none or it could not be read. */
export function unitOf(facts: DockerFacts, name: string): UnitFact | undefined {
  if ("unavailable" in facts.units) return undefined;
  const unit = facts.units.value[name];
  return unit && "value" in unit && unit.value ? unit.value : undefined;
}
