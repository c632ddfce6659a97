import { describe, expect, test } from "vitest";
import type { DockerEngine } from "../../engines/docker/docker-engine.ts";
import { PlimsollError } from "../../model/error.ts";
import { collectDocker } from "./collect-docker.ts";

const signal = new AbortController().signal;
const marker = "hunter2-Marker-7f3a9c";
const id = "a1".repeat(32);
const imageId = `sha256:${"b2".repeat(32)}`;
const swarmId = "c3".repeat(12);

const answers: Readonly<Record<string, unknown>> = {
  "/version": {
    Version: "28.0.0",
    Components: [{ Name: "runc", Version: "1.2.5", Details: { GitCommit: "v1.2.5-0-g5" } }],
  },
  "/info": {
    Name: "host",
    DockerRootDir: "/var/lib/docker",
    Driver: "overlay2",
    LoggingDriver: "json-file",
    LiveRestoreEnabled: false,
    ExperimentalBuild: false,
    HttpProxy: `http://user:${marker}@proxy:3128`,
    SecurityOptions: ["name=apparmor", "name=seccomp,profile=builtin"],
    Plugins: { Authorization: null },
    RegistryConfig: {
      InsecureRegistryCIDRs: ["127.0.0.0/8"],
      IndexConfigs: { "registry.example:5000": { Secure: false }, "docker.io": { Secure: true } },
    },
    Swarm: { LocalNodeState: "active", ControlAvailable: true, NodeAddr: "10.0.0.5", Managers: 1 },
  },
  "/images/json": [{ Id: imageId }],
  [`/images/${encodeURIComponent(imageId)}/json`]: {
    RepoTags: ["shop:1", "<none>:<none>"],
    RepoDigests: null,
    Config: { User: "1000", Env: [`API_TOKEN=${marker}`, "PATH=/bin"], Healthcheck: { Test: ["NONE"] } },
  },
  [`/images/${encodeURIComponent(imageId)}/history`]: [
    { CreatedBy: `/bin/sh -c #(nop)  ENV API_TOKEN=${marker}` },
    { CreatedBy: `|1 KEY=${marker} /bin/sh -c make` },
    { CreatedBy: `RUN |2 A=${marker} B=two ${marker} /bin/sh -c make all # buildkit` },
    { CreatedBy: `ARG TOKEN=${marker}` },
    { CreatedBy: `RUN /bin/sh -c curl -u me:${marker} https://x # buildkit` },
    { CreatedBy: "COPY file:abc in /app" },
  ],
  "/containers/json?all=1": [{ Id: id }, { Id: "d4".repeat(32) }],
  [`/containers/${id}/json`]: {
    Id: id,
    Name: "/shop",
    Image: imageId,
    Args: ["--password", marker],
    AppArmorProfile: "docker-default",
    ExecIDs: ["e5".repeat(32)],
    State: { Status: "running", Health: { Status: "healthy" } },
    Config: { Image: "shop:1", User: "", Env: [`DB_PASSWORD=${marker}`, "EMPTY="], Labels: { secret: marker } },
    HostConfig: {
      Privileged: false,
      PidMode: "",
      PidsLimit: null,
      CapAdd: ["CAP_SYS_ADMIN", "net_raw"],
      LogConfig: { Type: "splunk", Config: { "splunk-token": marker } },
      PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }] },
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
      Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }],
    },
    Mounts: [{ Type: "bind", Source: "/etc", Destination: "/x", RW: false, Propagation: "rprivate" }],
    NetworkSettings: { Ports: { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }] }, Networks: { bridge: {} } },
  },
  [`/containers/${id}/top`]: {
    Titles: ["UID", "CMD"],
    Processes: [
      ["root", `nginx: master --key ${marker}`],
      ["root", "/usr/sbin/sshd -D"],
    ],
  },
  [`/exec/${"e5".repeat(32)}/json`]: { ProcessConfig: { privileged: true, user: "root", arguments: [marker] } },
  "/networks": [
    {
      Id: "n",
      Name: "bridge",
      Driver: "bridge",
      Scope: "local",
      Options: { "com.docker.network.bridge.enable_icc": "true" },
    },
  ],
  "/swarm": {
    JoinTokens: { Worker: `SWMTKN-1-${marker}`, Manager: `SWMTKN-1-${marker}` },
    Spec: {
      EncryptionConfig: { AutoLockManagers: true },
      CAConfig: { NodeCertExpiry: 7_776_000_000_000_000, SigningCAKey: marker },
    },
  },
  "/nodes": [
    {
      ID: swarmId,
      Spec: { Role: "manager", Availability: "active" },
      Description: { Hostname: "one" },
      ManagerStatus: {},
    },
  ],
  "/services": [
    {
      Spec: {
        Name: "web",
        TaskTemplate: {
          ContainerSpec: { Image: "shop:1", Env: [`SECRET=${marker}`], Secrets: [{ SecretName: "db" }] },
        },
      },
    },
  ],
  "/secrets": [{ ID: "s" }],
};

describe("the facts of an engine", () => {
  test("are what it tells, in one form", async () => {
    const facts = await collectDocker(fakeEngine(answers), { signal });
    expect(facts.info).toMatchObject({
      value: {
        insecureRegistries: ["127.0.0.0/8", "registry.example:5000"],
        authorizationPlugins: [],
        liveRestore: false,
      },
    });
    expect(facts.containers).toMatchObject({
      value: [
        {
          name: "shop",
          addedCapabilities: ["NET_RAW", "SYS_ADMIN"],
          ports: [
            { container: "80/tcp", address: "", port: 8080 },
            { container: "80/tcp", address: "0.0.0.0", port: 8080 },
          ],
          mounts: [{ source: "/etc", target: "/x", writable: false }],
          pidsLimit: null,
          pidMode: "",
          programs: { value: ["nginx", "sshd"] },
          execs: { value: [{ privileged: true, user: "root" }] },
          environment: [
            { name: "DB_PASSWORD", shape: "21 characters", secret: true },
            { name: "EMPTY", shape: "empty", secret: false },
          ],
        },
      ],
    });
    expect(facts.images).toMatchObject({
      value: [
        {
          tags: ["shop:1"],
          digests: [],
          healthCheck: false,
          history: { value: expect.arrayContaining(["ENV API_TOKEN", "ARG TOKEN"]) },
        },
      ],
    });
    expect(facts.swarm).toMatchObject({
      value: { autoLock: true, secrets: 1, services: [{ name: "web", secrets: ["db"] }] },
    });
    expect(facts.version).toMatchObject({
      value: { engine: "28.0.0", components: [{ name: "runc", version: "1.2.5" }] },
    });
  });

  test("hold no secret value, wherever the engine has one", async () => {
    const facts = await collectDocker(fakeEngine(answers), { signal });
    expect(Object.values(facts).filter((fact) => typeof fact === "object" && "unavailable" in fact)).toEqual([]);
    expect(JSON.stringify(facts)).not.toContain(marker);
    expect(JSON.stringify(facts)).not.toContain("SWMTKN");
  });

  test("tell apart what an engine does not say from what it says is off", async () => {
    const bare = {
      ...answers,
      "/info": { Name: "old" },
      [`/containers/${id}/json`]: { Id: id, HostConfig: {}, State: { Status: "created" } },
    };
    const facts = await collectDocker(fakeEngine(bare), { signal });
    const info = "value" in facts.info ? facts.info.value : undefined;
    expect(info).toEqual({ name: "old", swarm: { state: "inactive", manager: false } });
    const container = "value" in facts.containers ? facts.containers.value[0] : undefined;
    expect(container).not.toHaveProperty("privileged");
    expect(container).not.toHaveProperty("pidsLimit");
    expect(container?.programs).toEqual({ unavailable: "the container is not running (created)" });
  });

  test("are one reason for everything when nothing answers", async () => {
    const gone = new PlimsollError("engine-unreachable", "no Docker Engine socket found at /x");
    let asked = 0;
    const engine = fakeEngine(answers);
    const product = (): Promise<never> => {
      asked++;
      return Promise.reject(gone);
    };
    const facts = await collectDocker({ ...engine, product }, { signal });
    expect(asked).toBe(1);
    expect(facts.containers).toEqual({ unavailable: "no Docker Engine socket found at /x" });
  });

  test.each([
    ["/images/json", {}, "images"],
    ["/images/json", [{ Id: "../../secret" }], "images"],
    ["/containers/json?all=1", null, "containers"],
    ["/containers/json?all=1", [{ Id: "x/../y" }], "containers"],
    ["/networks", "none", "networks"],
    ["/version", [], "version"],
    ["/info", null, "info"],
  ] as const)("are a reason where %s is answered with %j", async (path, answer, section) => {
    const facts = await collectDocker(fakeEngine({ ...answers, [path]: answer }), { signal });
    expect(facts[section]).toEqual({ unavailable: expect.stringContaining("returned an unexpected response") });
  });

  test("are not collected when the signal has aborted", async () => {
    const abort = AbortSignal.abort(new Error("enough"));
    const engine = { ...fakeEngine(answers), product: () => Promise.reject(abort.reason) };
    await expect(collectDocker(engine, { signal: abort })).rejects.toThrow("enough");
  });
});

function fakeEngine(known: Readonly<Record<string, unknown>>): DockerEngine {
  const nothing = (): never => {
    throw new Error("not asked for facts");
  };
  return {
    local: true,
    address: "/run/docker.sock",
    ping: nothing,
    product: () => Promise.resolve("docker"),
    listContainers: nothing,
    inspectImage: nothing,
    exportImage: nothing,
    storageFolder: nothing,
    read: (path) => Promise.resolve(known[path]),
  };
}
