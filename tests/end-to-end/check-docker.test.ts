import { rmSync } from "node:fs";
import type { Server } from "node:http";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { dockerChecks } from "../../src/checks/docker/docker-checks.ts";
import { type DockerFacts, dockerFacts } from "../../src/checks/docker/docker-facts.ts";
import { runChecks } from "../../src/checks/run-checks.ts";
import { openDockerEngine } from "../../src/engines/docker/docker-engine.ts";
import type { CheckResult, CheckState } from "../../src/model/checks/check.ts";
import type { EngineFacts } from "../../src/model/checks/engine-facts.ts";
import type { HostFacts } from "../../src/model/checks/host-facts.ts";
import { readBundle, writeBundle } from "../../src/sources/host/bundle.ts";
import { collectDocker } from "../../src/sources/host/collect-docker.ts";
import { collectHost } from "../../src/sources/host/collect-host.ts";
import { obstacle, type RunningDockerd, startDockerd } from "../engines/dockerd.ts";
import { obstacleTo } from "../engines/programs.ts";
import {
  badArguments,
  badConfig,
  buildImages,
  closeSwarm,
  createBadContainers,
  createGoodContainer,
  createOpenService,
  gatedConfig,
  gatedMounts,
  goodArguments,
  goodConfig,
  initSwarm,
  makeCertificates,
  makeHostTree,
  markerSecret,
  openSocket,
  serveGate,
  stopContainers,
} from "./check-docker-engines.ts";

const signal = new AbortController().signal;
const collectedAt = "2026-01-01T00:00:00Z";
const reason = obstacle ?? obstacleTo("unshare", "openssl", "ldd", "tar");

/** Seen on engines: fails on the badly set up one, or on the resource that is named, and passes on the well set up one. */
const onEngines: readonly (readonly [id: string, bad?: string, good?: string])[] = [
  ...["icc", "insecure-registries", "log-driver", "live-restore", "experimental", "log-level", "iptables", "tls"].map(
    (name) => [`daemon-${name}`] as const,
  ),
  ["daemon-no-new-privileges"],
  ["daemon-userland-proxy"],
  ...["tls-authority", "tls-certificate", "tls-key", "daemon-json", "docker-socket", "configuration-folder"].flatMap(
    (name) => [[`${name}-owner`] as const, [`${name}-mode`] as const],
  ),
  ...["user", "health-check", "update-alone", "add", "secrets"].map(
    (name) => [`image-${name}`, "image shop/bad:1", "image shop/good:1"] as const,
  ),
  ...[
    "user",
    "capabilities",
    "escape-capabilities",
    "privileged",
    "seccomp",
    "no-new-privileges",
    "secrets",
    "host-network",
  ]
    .concat([
      "host-pid",
      "host-ipc",
      "host-uts",
      "host-userns",
      "sensitive-mounts",
      "engine-socket",
      "mount-propagation",
    ])
    .concat(["devices", "memory", "cpu", "pids", "read-only", "restart", "health"])
    .map((name) => [`container-${name}`, "container open", "container closed"] as const),
  ["container-devices", "container disk", "container closed"],
  ["container-ssh", "container ssh", "container closed"],
  ...["privileged-ports", "bind-address", "default-bridge"].map(
    (name) => [`container-${name}`, "container ports", "container closed"] as const,
  ),
];

/** Seen on a swarm that was just begun, and on one that was closed. */
const onSwarms: readonly (readonly [id: string, bad?: string, good?: string])[] = [
  ["swarm-mode"],
  ["swarm-auto-lock"],
  ["swarm-node-certificates"],
  ["swarm-secrets", "service shop"],
  ["swarm-overlay-encryption", "network open", "network sealed"],
];

/** Fail on the badly set up engine, and pass on one that remaps users and asks a plugin. */
const onGatedEngine: readonly string[] = ["daemon-userns", "daemon-authorization"];

/** Seen on a tree of files, because a test may not change those of the machine. */
const onFiles: readonly string[] = [
  ...["dockerd", "run-containerd", "data-folder", "configuration-folder", "docker-service", "containerd-socket"],
  ...["docker-socket", "default-docker", "daemon-json", "containerd-config", "sysconfig-docker", "containerd"],
  ...["containerd-shim", "containerd-shim-runc-v1", "containerd-shim-runc-v2", "runc"],
]
  .map((name) => `audit-${name}`)
  .concat(
    ["docker-service", "docker-socket-unit", "registry-certificates", "default-docker", "sysconfig-docker"]
      .concat("containerd-socket")
      .flatMap((name) => [`${name}-owner`, `${name}-mode`]),
  );

/** One state is seen on an engine; the machine cannot show the other, so a fact is changed for it. */
const withChangedFacts: readonly (readonly [
  id: string,
  seen: CheckState,
  other: CheckState,
  change: (facts: DockerFacts) => DockerFacts,
])[] = [
  ["daemon-rootless", "manual", "pass", (facts) => changedInfo(facts, { securityOptions: ["name=rootless"] })],
  ["daemon-aufs", "pass", "fail", (facts) => changedInfo(facts, { storageDriver: "aufs" })],
  [
    "daemon-seccomp",
    "pass",
    "fail",
    (facts) => changedInfo(facts, { securityOptions: ["name=seccomp,profile=unconfined"] }),
  ],
  ["daemon-base-size", "pass", "fail", (facts) => changedConfig(facts, { "storage-opts": ["dm.basesize=50G"] })],
  ["data-partition", "fail", "pass", onItsOwnPartition],
  ["content-trust", "warn", "pass", (facts) => ({ ...facts, contentTrust: { value: true } })],
  ["stopped-containers", "manual", "pass", (facts) => ({ ...facts, containers: { value: [] } })],
];

describe.skipIf(reason !== undefined)(`checks of a real Docker Engine${reason ? ` (${reason})` : ""}`, () => {
  const engines: RunningDockerd[] = [];
  const trees: string[] = [];
  let problem: string | undefined;
  let gatedProblem: string | undefined;
  let bad: DockerFacts;
  let good: DockerFacts;
  let gated: DockerFacts;
  let openSwarm: DockerFacts;
  let closedSwarm: DockerFacts;
  let boundSwarm: DockerFacts;
  let gate: Server | undefined;
  let collected: { host: HostFacts; docker: EngineFacts };
  let fileFacts: { readonly open: DockerFacts; readonly closed: DockerFacts };

  /** The engine with a gate, in place of the bad one: sockets are those of every dockerd of the machine. */
  async function prepareGated(badEngine: RunningDockerd): Promise<string | undefined> {
    await stopContainers(badEngine);
    await badEngine.stop();
    engines.splice(engines.indexOf(badEngine), 1);
    const gatedEngine = await startDockerd("vfs", {
      config: gatedConfig(),
      ownNetwork: true,
      mounts: gatedMounts,
      prepare: (folder) => {
        gate = serveGate(folder);
      },
    });
    if (typeof gatedEngine === "string") return gatedEngine;
    engines.push(gatedEngine);
    gated = await swarmFactsOf(gatedEngine);
    await initSwarm(gatedEngine, "172.17.0.1");
    boundSwarm = await swarmFactsOf(gatedEngine);
    return undefined;
  }

  async function prepare(): Promise<string | undefined> {
    const badEngine = await startDockerd("vfs", {
      config: badConfig,
      args: badArguments,
      ownNetwork: true,
      prepare: (folder) => makeCertificates(folder, "open"),
    });
    if (typeof badEngine === "string") return badEngine;
    engines.push(badEngine);
    const goodEngine = await startDockerd("vfs", {
      config: goodConfig,
      args: goodArguments,
      ownNetwork: true,
      prepare: (folder) => makeCertificates(folder, "closed"),
    });
    if (typeof goodEngine === "string") return goodEngine;
    engines.push(goodEngine);
    openSocket(badEngine);
    await Promise.all(engines.map(buildImages));
    try {
      await createBadContainers(badEngine);
      await createGoodContainer(goodEngine);
    } catch (error) {
      return `containers do not run: ${error instanceof Error ? error.message.slice(0, 200) : "unknown"}`;
    }
    collected = await factsOf(badEngine);
    bad = dockerFacts({ engine: collected.docker, host: collected.host });
    const wellDone = await factsOf(goodEngine);
    good = dockerFacts({ engine: wellDone.docker, host: wellDone.host });
    await initSwarm(badEngine);
    const removeService = await createOpenService(badEngine);
    openSwarm = await swarmFactsOf(badEngine);
    await removeService();
    await closeSwarm(badEngine);
    closedSwarm = await swarmFactsOf(badEngine);
    const [open, closed] = [makeHostTree("open"), makeHostTree("closed")];
    trees.push(open, closed);
    fileFacts = { open: await factsOfTree(open), closed: await factsOfTree(closed) };
    gatedProblem = await prepareGated(badEngine);
    return undefined;
  }

  beforeAll(async () => {
    problem = await prepare();
  }, 300_000);

  afterAll(async () => {
    // Containers outlive an engine with live-restore.
    for (const engine of engines) {
      await stopContainers(engine);
      await engine.stop();
    }
    gate?.close();
    for (const tree of trees) rmSync(tree, { recursive: true, force: true });
  }, 60_000);

  const orSkip = (context: TestContext): void => {
    if (problem !== undefined) context.skip(`dockerd does not run here: ${problem}`);
  };

  test("each check of settings, images and containers fails where they are bad, and passes where they are well", (context) => {
    orSkip(context);
    const [badResults, goodResults] = [runChecks(dockerChecks, bad), runChecks(dockerChecks, good)];
    const seen = onEngines.map(([id, where, well]) => [
      id,
      stateOf(badResults, id, where),
      stateOf(goodResults, id, well),
    ]);
    expect(seen).toEqual(onEngines.map(([id]) => [id, "fail", "pass"]));
  });

  test("each check of Docker's files and their audit rules fails and passes on a tree of files", (context) => {
    orSkip(context);
    const [open, closed] = [runChecks(dockerChecks, fileFacts.open), runChecks(dockerChecks, fileFacts.closed)];
    const seen = onFiles.map((id) => [id, stateOf(open, id), stateOf(closed, id)]);
    expect(seen).toEqual(onFiles.map((id) => [id, "fail", "pass"]));
  });

  test("each check of a swarm fails as a swarm begins, and passes when it was closed", (context) => {
    orSkip(context);
    const [open, closed] = [runChecks(dockerChecks, openSwarm), runChecks(dockerChecks, closedSwarm)];
    const states = onSwarms.map(([id, where, well]) => {
      const good = id === "swarm-mode" ? runChecks(dockerChecks, bad) : closed;
      return [id, stateOf(open, id, where), stateOf(good, id, well)];
    });
    expect(states).toEqual(onSwarms.map(([id]) => [id, "fail", "pass"]));
    expect(stateOf(open, "swarm-managers")).toBe("pass");
  });

  test("each check of a gate fails on an engine without it, and passes on one that has it", (context) => {
    orSkip(context);
    if (gatedProblem !== undefined) context.skip(`no engine with remapped users and a plugin here: ${gatedProblem}`);
    const [without, gatedResults] = [runChecks(dockerChecks, bad), runChecks(dockerChecks, gated)];
    const states = onGatedEngine.map((id) => [id, stateOf(without, id), stateOf(gatedResults, id)]);
    expect(states).toEqual(onGatedEngine.map((id) => [id, "fail", "pass"]));
    expect(stateOf(runChecks(dockerChecks, openSwarm), "swarm-bind-address")).toBe("fail");
    expect(stateOf(runChecks(dockerChecks, boundSwarm), "swarm-bind-address")).toBe("pass");
  });

  test("what the machine cannot show is seen with one fact changed", (context) => {
    orSkip(context);
    const results = runChecks(dockerChecks, bad);
    for (const [id, seen, other, change] of withChangedFacts) {
      const changed = stateOf(runChecks(dockerChecks, change(bad)), id);
      expect([id, stateOf(results, id), changed]).toEqual([id, seen, other]);
    }
  });

  test("at least 60 checks are seen to fail and to pass on engines, and others on files", (context) => {
    orSkip(context);
    const gatedIds = gatedProblem === undefined ? [...onGatedEngine, "swarm-bind-address"] : [];
    const live = new Set([...onEngines, ...onSwarms].map(([id]) => id).concat(gatedIds));
    const files = new Set(onFiles.filter((id) => !live.has(id)));
    const changed = withChangedFacts.filter(([id]) => !live.has(id) && !files.has(id));
    console.info(
      `checks seen both ways: ${live.size} on engines, ${files.size} on files, ` +
        `${changed.length} with a changed fact, of ${dockerChecks.length}`,
    );
    expect(live.size).toBeGreaterThanOrEqual(gatedProblem === undefined ? 60 : 58);
    expect(files.size).toBeGreaterThanOrEqual(25);
    const known = new Set(dockerChecks.map(({ id }) => id));
    expect([...live, ...files].filter((id) => !known.has(`docker/${id}`))).toEqual([]);
  });

  test("the facts hold no secret, and give the same verdicts and bytes out of a bundle", (context) => {
    orSkip(context);
    const bytes = writeBundle({ schemaVersion: 1, collectedAt, ...collected });
    expect(bytes.toString("utf8")).not.toContain(markerSecret);
    const read = readBundle(bytes, "facts.json");
    expect(writeBundle(read)).toEqual(bytes);
    const again = dockerFacts({ ...(read.docker && { engine: read.docker }), ...(read.host && { host: read.host }) });
    expect(runChecks(dockerChecks, again)).toEqual(runChecks(dockerChecks, bad));
  });

  test("an engine that has gone is a warning for every check that needs it", async (context) => {
    orSkip(context);
    const docker = await collectDocker(openDockerEngine({ host: "unix:///nowhere/docker.sock" }), { signal });
    const results = runChecks(dockerChecks, dockerFacts({ engine: docker, host: collected.host }));
    const states = new Set(results.filter(({ id }) => id.startsWith("docker/container-")).map(({ state }) => state));
    expect(states).toEqual(new Set(["warn"]));
    expect(results.find(({ id }) => id === "docker/container-user")?.reason).toContain("/nowhere/docker.sock");
  });
});

async function factsOf(engine: RunningDockerd): Promise<{ host: HostFacts; docker: EngineFacts }> {
  const docker = await collectDocker(openDockerEngine({ host: engine.host }), { signal });
  return { host: await collectHost({ signal }), docker };
}

async function swarmFactsOf(engine: RunningDockerd): Promise<DockerFacts> {
  const { host, docker } = await factsOf(engine);
  return dockerFacts({ engine: docker, host });
}

async function factsOfTree(root: string): Promise<DockerFacts> {
  return dockerFacts({ host: await collectHost({ root, signal }) });
}

/** The state of a check on one resource, or on all of its resources when they agree. */
function stateOf(results: readonly CheckResult[], id: string, resource?: string): string {
  const found = results.filter(
    (one) => one.id === `docker/${id}` && (resource === undefined || one.resource === resource),
  );
  return [...new Set(found.map(({ state }) => state))].sort().join(" and ");
}

function changedInfo(facts: DockerFacts, change: object): DockerFacts {
  return "value" in facts.info ? { ...facts, info: { value: { ...facts.info.value, ...change } } } : facts;
}

function changedConfig(facts: DockerFacts, change: object): DockerFacts {
  if (!("value" in facts.daemon) || !("value" in facts.daemon.value.config)) return facts;
  const config = { value: { ...facts.daemon.value.config.value, ...change } };
  return { ...facts, daemon: { value: { ...facts.daemon.value, config } } };
}

function onItsOwnPartition(facts: DockerFacts): DockerFacts {
  if (!("value" in facts.mounts) || !("value" in facts.info)) return facts;
  const path = facts.info.value.rootFolder ?? "";
  const mount = { source: "/dev/sdb1", device: "8:17", path, type: "ext4", options: ["rw"] };
  return { ...facts, mounts: { value: [...facts.mounts.value, mount] } };
}
