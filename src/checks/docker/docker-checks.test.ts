import { describe, expect, test } from "vitest";
import type { EngineContainerFact, EngineFacts, EngineImageFact } from "../../model/checks/engine-facts.ts";
import type { DockerDaemonFact, HostFacts } from "../../model/checks/host-facts.ts";
import { closedHost, fileFact } from "../linux/fixtures/synthetic-hosts.ts";
import { runChecks } from "../run-checks.ts";
import { daemonHosts, daemonOption } from "./daemon-options.ts";
import { dockerChecks } from "./docker-checks.ts";
import { type DockerFacts, dockerFacts } from "./docker-facts.ts";

const container: EngineContainerFact = {
  id: "a1".repeat(32),
  name: "shop",
  image: "shop:1",
  imageId: "sha256:x",
  state: "running",
  user: "1000",
  appArmorProfile: "docker-default",
  securityOptions: [],
  addedCapabilities: [],
  droppedCapabilities: [],
  mounts: [],
  devices: [],
  ports: [],
  networks: ["shop"],
  ulimits: [],
  healthCheck: true,
  environment: [],
  programs: { value: ["shop"] },
  execs: { value: [] },
};

const image: EngineImageFact = {
  id: "sha256:x",
  tags: ["shop:1"],
  digests: [],
  user: "1000",
  healthCheck: true,
  environment: [],
  ports: [],
  history: { value: ["COPY x /x", "/bin/sh -c #(nop) ADD file:abc in / "] },
};

describe("dockerChecks", () => {
  test("have unique ids, and each says what to do", () => {
    const ids = dockerChecks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(dockerChecks.filter(({ why, remediation }) => !why.endsWith(".") || !remediation.endsWith("."))).toEqual([]);
  });

  test("warn, or leave to a person, when there are no facts at all", () => {
    const states = runChecks(dockerChecks, dockerFacts({})).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["warn", "manual"]));
  });

  test("never take what the engine does not say for a pass", () => {
    const facts = factsOf({ info: { value: { name: "old", swarm: { state: "inactive", manager: false } } } });
    const states = new Map(runChecks(dockerChecks, facts).map(({ id, state }) => [id, state]));
    for (const name of [
      "daemon-rootless",
      "daemon-userns",
      "daemon-insecure-registries",
      "daemon-live-restore",
      "daemon-experimental",
    ]) {
      expect([name, states.get(`docker/${name}`)]).toEqual([name, "warn"]);
    }
    for (const name of [
      "privileged",
      "host-network",
      "host-pid",
      "memory",
      "pids",
      "read-only",
      "restart",
      "cgroup-parent",
    ]) {
      expect([name, states.get(`docker/container-${name}`)]).toEqual([name, "warn"]);
    }
  });

  test("use facts of the host only when the engine is on it", () => {
    const engine = { ...engineFacts(), local: false };
    const facts = dockerFacts({ engine, host: closedHost() });
    expect(facts.files).toEqual({ unavailable: "the engine and the host facts are from different machines" });
  });
});

describe("the daemon behind an engine", () => {
  const daemon = (argv: readonly string[], change: Partial<DockerDaemonFact> = {}): DockerDaemonFact => ({
    ...{
      pid: 1,
      uid: 0,
      argv: ["dockerd", ...argv],
      rootless: false,
      configPath: "/etc/docker/daemon.json",
      config: { value: {} },
    },
    ...change,
  });
  const found = (daemons: readonly DockerDaemonFact[], rootFolder: string): DockerFacts["daemon"] => {
    const info = { value: { name: "x", rootFolder, swarm: { state: "inactive", manager: false } } };
    return factsOf({ info }, { dockerDaemons: { value: daemons } }).daemon;
  };

  test("is the one with its folder", () => {
    const [first, second] = [daemon([]), daemon(["--data-root=/data/", "-H", "fd://"])];
    expect(found([first, second], "/data")).toEqual({ value: second });
    expect(found([first, second], "/var/lib/docker")).toEqual({ value: first });
    expect(found([first, second], "/data/100000.100000")).toEqual({ value: second });
    expect(found([first], "/elsewhere")).toMatchObject({ unavailable: expect.stringContaining("matches the engine") });
    expect(found([], "/data")).toMatchObject({ unavailable: expect.stringContaining("no dockerd") });
  });

  test("has settings from arguments and from its file", () => {
    const one = daemon(
      ["--icc", "false", "--log-level", "debug", "-D", "--insecure-registry", "a", "--insecure-registry=b"],
      {
        config: {
          value: { "insecure-registries": ["c"], "userland-proxy": false, hosts: ["unix:///x", "tcp://0.0.0.0:1"] },
        },
      },
    );
    // A switch takes no word after it: `false` is an argument of its own there, as for dockerd.
    expect(daemonOption(one, "icc")).toMatchObject({ value: { values: ["true"] } });
    expect(daemonOption(one, "log-level")).toEqual({ value: { values: ["debug"], source: "--log-level of dockerd" } });
    expect(daemonOption(one, "debug")).toMatchObject({ value: { values: ["true"] } });
    expect(daemonOption(one, "insecure-registry")).toMatchObject({ value: { values: ["a", "b", "c"] } });
    expect(daemonOption(one, "userland-proxy")).toEqual({
      value: { values: ["false"], source: "userland-proxy in /etc/docker/daemon.json" },
    });
    expect(daemonOption(one, "iptables")).toEqual({ value: undefined });
    expect(daemonHosts(one)).toEqual(["unix:///x", "tcp://0.0.0.0:1"]);
  });

  test("with a file that could not be read sets only what its arguments say", () => {
    const one = daemon(["--icc=false"], { config: { unavailable: "not this user" } });
    expect(daemonOption(one, "icc")).toMatchObject({ value: { values: ["false"] } });
    expect(daemonOption(one, "iptables")).toEqual({ unavailable: "not this user" });
    const facts = factsOf({}, { dockerDaemons: { value: [one] } });
    expect(stateOf(facts, "daemon-iptables")).toBe("warn");
  });

  test("without root has its files in its user's hands", () => {
    const own = daemon([], { uid: 1000, rootless: true, configPath: "/home/ann/.config/docker/daemon.json" });
    const files = {
      value: {
        [own.configPath]: fileFact({ uid: 1000, user: "ann", gid: 1000 }),
        "/etc/docker/daemon.json": fileFact({ mode: "0777" }),
      },
    };
    const facts = factsOf({}, { dockerDaemons: { value: [own] }, files });
    expect(stateOf({ ...facts, daemon: { value: own } }, "daemon-json-owner")).toBe("pass");
    expect(stateOf({ ...facts, daemon: { value: own } }, "daemon-json-mode")).toBe("pass");
  });

  test.each([
    [["-H", "tcp://127.0.0.1:2375"], "fail"],
    [["--host=tcp://0.0.0.0:2376", "--tls"], "fail"],
    [["--host=tcp://0.0.0.0:2376", "--tlsverify=false"], "fail"],
    [["--host=tcp://0.0.0.0:2376", "--tlsverify"], "pass"],
    [["-H", "unix:///x"], "pass"],
    [["-H", "0.0.0.0:2375"], "fail"],
    [[], "pass"],
  ] as const)("at %j is a %s for TLS", (argv, state) => {
    expect(stateOf({ ...factsOf(), daemon: { value: daemon(argv) } }, "daemon-tls")).toBe(state);
  });
});

describe("a container", () => {
  test.each([
    ["user", { user: "root:root" }, "fail"],
    ["user", { user: "0" }, "fail"],
    ["user", { user: "rooty" }, "pass"],
    ["restart", { restart: { name: "on-failure", retries: 0 } }, "fail"],
    ["restart", { restart: { name: "on-failure", retries: 6 } }, "fail"],
    ["restart", { restart: { name: "unless-stopped", retries: 0 } }, "fail"],
    ["pids", { pidsLimit: -1 }, "fail"],
    ["no-new-privileges", { securityOptions: ["no-new-privileges:true"] }, "pass"],
    ["no-new-privileges", { securityOptions: ["no-new-privileges=false"] }, "fail"],
    ["seccomp", { securityOptions: ["seccomp:unconfined"] }, "fail"],
    ["seccomp", { securityOptions: ['seccomp={"defaultAction":"SCMP_ACT_ERRNO"}'] }, "pass"],
    ["apparmor", { appArmorProfile: "unconfined" }, "fail"],
    ["apparmor", { appArmorProfile: "" }, "fail"],
    ["apparmor", {}, "pass"],
    ["capabilities", { addedCapabilities: ["NET_BIND_SERVICE"], droppedCapabilities: ["ALL"] }, "pass"],
    ["capabilities", { addedCapabilities: ["NET_ADMIN"] }, "fail"],
    ["escape-capabilities", { addedCapabilities: ["NET_ADMIN"] }, "pass"],
    ["escape-capabilities", { addedCapabilities: ["BPF"] }, "fail"],
    ["health", { health: "unhealthy" }, "fail"],
    ["ssh", { programs: { unavailable: "the engine answers 500" } }, "warn"],
    ["ssh", { state: "exited", programs: { unavailable: "the container is not running (exited)" } }, "not-applicable"],
    ["privileged-ports", { ports: [{ container: "80/tcp", address: "10.0.0.5", port: 1023 }] }, "fail"],
    ["privileged-ports", { ports: [{ container: "80/tcp", address: "10.0.0.5" }] }, "pass"],
    ["bind-address", { ports: [{ container: "80/tcp", address: "::", port: 8080 }] }, "fail"],
    ["default-bridge", { networks: ["bridge"], networkMode: "default" }, "fail"],
    ["image-current", { image: `shop@sha256:${"a".repeat(64)}` }, "pass"],
    ["devices", { devices: [{ host: "/dev/fuse", container: "/dev/fuse", permissions: "rwm" }] }, "manual"],
    ["exec-root", { execs: { value: [{ privileged: false, user: "0:0" }] } }, "fail"],
  ] as const)("%s with %j is a %s", (name, change, state) => {
    const containers = { value: [{ ...container, ...(change as Partial<EngineContainerFact>) }] };
    expect(stateOf(factsOf({ containers }), `container-${name}`)).toBe(state);
  });

  test.each([
    ["/", true, true],
    ["/etc", true, false],
    ["/etc/shadow", true, false],
    ["/etc/localtime", false, false],
    ["/proc/sys", true, false],
    ["/var/run/docker.sock", false, true],
    ["/run", true, true],
    ["/run/user/1000/podman/podman.sock", false, true],
    ["/srv/shop", false, false],
    ["/usr/", true, false],
    ["/etcetera", false, false],
  ])("that mounts %s: sensitive %s, an engine's socket %s", (source, sensitive, socket) => {
    const mounts = [{ type: "bind", source, target: "/x", writable: false, propagation: "rprivate" }];
    const facts = factsOf({ containers: { value: [{ ...container, mounts }] } });
    expect(stateOf(facts, "container-sensitive-mounts")).toBe(sensitive ? "fail" : "pass");
    expect(stateOf(facts, "container-engine-socket")).toBe(socket ? "fail" : "pass");
  });

  test("in a volume of the engine mounts nothing of the host", () => {
    const mounts = [
      { type: "volume", source: "/var/lib/docker/volumes/x/_data", target: "/x", writable: true, propagation: "" },
    ];
    expect(stateOf(factsOf({ containers: { value: [{ ...container, mounts }] } }), "container-sensitive-mounts")).toBe(
      "pass",
    );
  });
});

describe("an image", () => {
  test.each([
    ["RUN /bin/sh -c apt-get update # buildkit", "fail"],
    ["/bin/sh -c apk update", "fail"],
    ["RUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit", "pass"],
    ["RUN |1 A /bin/sh -c yum makecache", "fail"],
    ["RUN /bin/sh -c echo update", "pass"],
    ["RUN /bin/sh -c apk add --no-cache curl", "pass"],
  ])("with the step %j is a %s for updates alone", (step, state) => {
    const images = {
      value: [{ ...image, history: { value: [step, ...("value" in image.history ? image.history.value : [])] } }],
    };
    expect(stateOf(factsOf({ images }), "image-update-alone")).toBe(state);
  });

  test("with a step of 200,000 blanks is judged in time", () => {
    const history = { value: [`RUN ${" ".repeat(200_000)}x`] };
    const started = performance.now();
    expect(stateOf(factsOf({ images: { value: [{ ...image, history }] } }), "image-update-alone")).toBe("pass");
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test("may add its whole file system in its first step, and nothing later", () => {
    expect(stateOf(factsOf(), "image-add")).toBe("pass");
    const history = { value: ["ADD https://example.org/x /x # buildkit", "ADD rootfs.tar / # buildkit"] };
    expect(stateOf(factsOf({ images: { value: [{ ...image, history }] } }), "image-add")).toBe("fail");
  });

  test("shows a variable like a secret by its name and shape", () => {
    const environment = [{ name: "API_TOKEN", shape: "40 characters", secret: true }];
    const [result] = runChecks(dockerChecks, factsOf({ images: { value: [{ ...image, environment }] } })).filter(
      ({ id }) => id === "docker/image-secrets",
    );
    expect(result).toMatchObject({
      state: "fail",
      evidence: [{ subject: "variable API_TOKEN", value: "40 characters" }],
    });
  });
});

function engineFacts(): EngineFacts {
  return {
    product: { value: "docker" },
    address: "/run/docker.sock",
    local: true,
    version: { value: { engine: "29.0.1", components: [] } },
    info: {
      value: {
        name: "host",
        securityOptions: ["name=apparmor", "name=seccomp,profile=builtin"],
        swarm: { state: "inactive", manager: false },
      },
    },
    images: { value: [image] },
    containers: { value: [container] },
    networks: { value: [] },
    swarm: { value: null },
  };
}

function factsOf(engine: Partial<EngineFacts> = {}, host: Partial<HostFacts> = {}): DockerFacts {
  return dockerFacts({ engine: { ...engineFacts(), ...engine }, host: { ...closedHost(), ...host } });
}

function stateOf(facts: DockerFacts, name: string): string | undefined {
  return runChecks(dockerChecks, facts).find(({ id }) => id === `docker/${name}`)?.state;
}
