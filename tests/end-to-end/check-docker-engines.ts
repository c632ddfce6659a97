import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningDockerd } from "../engines/dockerd.ts";
import { installFile, librariesOf } from "./program-tree.ts";

/** A value that must not be in any facts. */
export const markerSecret = "hunter2-Marker-7f3a9c";

const base = "FROM scratch\nCOPY root/ /\n";
const plainEngine = { LogConfig: { Type: "json-file", Config: {} } };
const stranger = 54_321;
const wait = ["/bin/sleep", "600"];

/** An image with every fault that the engine can tell of: root, no health check, a secret, an ADD, an update in a step of its own. */
const badDockerfile = `${base}ENV API_TOKEN=${markerSecret}\nARG PASSWORD=${markerSecret}\nADD extra /extra\nRUN ["/bin/apt-get", "update"]\n`;
const goodDockerfile = `${base}COPY extra /extra\nUSER 1000:1000\nHEALTHCHECK --interval=60s CMD ["/bin/true"]\n`;

/** Builds the images `shop/bad:1` and `shop/good:1` in an engine, from programs of this machine. */
export async function buildImages(engine: RunningDockerd): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-check-image-"));
  try {
    for (const [name, from] of [
      ["sleep", "sleep"],
      ["true", "true"],
      ["sshd", "sleep"],
      ["apt-get", "true"],
    ] as const) {
      installFile(`/bin/${from}`, join(folder, "root", "bin", name));
    }
    for (const library of librariesOf("/bin/sleep")) installFile(library, join(folder, "root", library));
    writeFileSync(join(folder, "extra"), "x");
    for (const [name, text] of [
      ["bad", badDockerfile],
      ["good", goodDockerfile],
    ] as const) {
      writeFileSync(join(folder, "Dockerfile"), text);
      const context = execFileSync("tar", ["-C", folder, "-cf", "-", "."], { maxBuffer: 64 * 1024 * 1024 });
      await engine.post(`/build?t=shop/${name}:1`, context);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Containers with every setting that a check looks at, set badly; those that need rights which a machine may lack are not started. */
export async function createBadContainers(engine: RunningDockerd): Promise<void> {
  const create = (name: string, body: object): Promise<string> =>
    engine.postJson(`/containers/create?name=${name}`, { Image: "shop/bad:1", Cmd: wait, ...body });
  await create("open", {
    Env: [`DB_PASSWORD=${markerSecret}`],
    HostConfig: {
      ...plainEngine,
      Privileged: true,
      NetworkMode: "host",
      PidMode: "host",
      IpcMode: "host",
      UTSMode: "host",
      UsernsMode: "host",
      SecurityOpt: ["seccomp=unconfined"],
      CapAdd: ["SYS_ADMIN"],
      RestartPolicy: { Name: "always" },
      CgroupParent: "/elsewhere",
      Ulimits: [{ Name: "nofile", Soft: 100_000, Hard: 100_000 }],
      Mounts: [
        { Type: "bind", Source: join(engine.folder, "docker.sock"), Target: "/run/docker.sock" },
        { Type: "bind", Source: "/etc", Target: "/host-etc" },
        { Type: "bind", Source: engine.folder, Target: "/shared", BindOptions: { Propagation: "rshared" } },
      ],
    },
  });
  await create("disk", {
    HostConfig: {
      ...plainEngine,
      Devices: [{ PathOnHost: "/dev/mem", PathInContainer: "/dev/mem", CgroupPermissions: "rwm" }],
    },
  });
  await create("ports", {
    ExposedPorts: { "80/tcp": {} },
    HostConfig: { ...plainEngine, PortBindings: { "80/tcp": [{ HostPort: "80" }] } },
  });
  await create("ssh", { Cmd: ["/bin/sshd", "600"], HostConfig: { ...plainEngine, NetworkMode: "none" } });
  await engine.post("/containers/ssh/start");
  await engine.postJson("/containers/ssh/exec", { Cmd: wait, Privileged: true });
  await engine.postJson("/containers/ssh/exec", { Cmd: wait, User: "root" });
}

/** A container that is as closed as can be, on a network of its own, running. */
export async function createGoodContainer(engine: RunningDockerd): Promise<void> {
  await engine.postJson("/networks/create", { Name: "shop" });
  await engine.postJson("/containers/create?name=closed", {
    Image: "shop/good:1",
    Cmd: wait,
    ExposedPorts: { "8080/tcp": {} },
    HostConfig: {
      ...plainEngine,
      NetworkMode: "shop",
      Memory: 64 * 1024 * 1024,
      NanoCpus: 500_000_000,
      PidsLimit: 50,
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 5 },
      PortBindings: { "8080/tcp": [{ HostIp: "172.17.0.1", HostPort: "8080" }] },
    },
  });
  await engine.post("/containers/closed/start");
}

/** Ends every container that runs in an engine. */
export async function stopContainers(engine: RunningDockerd): Promise<void> {
  const running = (await engine.getJson("/containers/json")) as readonly { readonly Id: string }[];
  for (const { Id } of running) await engine.post(`/containers/${Id}/kill`);
}

/** The settings of an engine that is set up well. */
export const goodConfig: object = {
  icc: false,
  "no-new-privileges": true,
  "userland-proxy": false,
  "live-restore": true,
  "log-driver": "gelf",
  "log-opts": { "gelf-address": "udp://127.0.0.1:12201" },
  "default-ulimits": { nofile: { Name: "nofile", Hard: 1024, Soft: 1024 } },
};

/** Arguments that make a well set up engine listen on the network, with certificates from {@link makeCertificates}. */
export const goodArguments: readonly string[] = [
  ...["--host", "tcp://0.0.0.0:2376", "--tlsverify"],
  ...["--tlscacert", "FOLDER/tls/ca.pem", "--tlscert", "FOLDER/tls/cert.pem", "--tlskey", "FOLDER/tls/key.pem"],
];

export const badConfig: object = {
  debug: true,
  experimental: true,
  "insecure-registries": ["registry.example:5000"],
  "log-opts": { tag: `token=${markerSecret}` },
};

/** An open port is out of reach: the engine has a network of its own without a way out. */
export const badArguments: readonly string[] = [
  ...["--host", "tcp://0.0.0.0:2375", "--iptables=false", "--cgroup-parent", "/elsewhere"],
  ...[
    "--tls=false",
    "--tlscacert",
    "FOLDER/tls/ca.pem",
    "--tlscert",
    "FOLDER/tls/cert.pem",
    "--tlskey",
    "FOLDER/tls/key.pem",
  ],
];

/** Makes an authority that is also the engine's certificate, with its files open to everybody or to root only. */
export function makeCertificates(folder: string, access: "open" | "closed"): void {
  const tls = join(folder, "tls");
  mkdirSync(tls);
  const [key, certificate] = [join(tls, "key.pem"), join(tls, "cert.pem")];
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split(
    " ",
  );
  execFileSync("openssl", [...request, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  copyFileSync(certificate, join(tls, "ca.pem"));
  for (const path of [certificate, join(tls, "ca.pem")]) chmodSync(path, access === "open" ? 0o666 : 0o444);
  chmodSync(key, access === "open" ? 0o577 : 0o400);
  chmodSync(join(folder, "config.json"), access === "open" ? 0o666 : 0o600);
  if (access === "closed") return;
  for (const path of [certificate, join(tls, "ca.pem"), key, join(folder, "config.json"), folder]) {
    chownSync(path, stranger, stranger);
  }
  chmodSync(folder, 0o777);
}

/** Opens an engine's socket to everybody, as an administrator in a hurry does. */
export function openSocket(engine: RunningDockerd): void {
  chownSync(join(engine.folder, "docker.sock"), stranger, stranger);
  chmodSync(join(engine.folder, "docker.sock"), 0o666);
}

/** The settings of an engine that remaps users and asks a plugin about every request. */
export function gatedConfig(): object {
  const group = execFileSync("id", ["-gn", "nobody"], { encoding: "utf8" }).trim();
  return { "userns-remap": `nobody:${group}`, "authorization-plugins": ["gate"] };
}

/** What the engine of {@link gatedConfig} finds in its own mounts: ids for its users, and the plugin. */
export const gatedMounts: string =
  "mount --bind FOLDER/ids /etc/subuid; mount --bind FOLDER/ids /etc/subgid; mount -t tmpfs tmpfs /run; " +
  "mkdir -p /run/docker/plugins; ln -s FOLDER/gate.sock /run/docker/plugins/gate.sock";

/** Starts a plugin that allows every request, in an engine's folder, and writes the ids of its users. */
export function serveGate(folder: string): Server {
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, "ids"), "nobody:200000:65536\nnogroup:200000:65536\n");
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader("content-type", "application/vnd.docker.plugins.v1.1+json");
    response.end(JSON.stringify(request.url === "/Plugin.Activate" ? { Implements: ["authz"] } : { Allow: true }));
  });
  return server.listen(join(folder, "gate.sock"));
}

/** Makes a service of a swarm that gets a secret as a variable; the function takes it away. */
export async function createOpenService(engine: RunningDockerd): Promise<() => Promise<void>> {
  const ContainerSpec = { Image: "shop/bad:1", Env: [`DB_PASSWORD=${markerSecret}`] };
  await engine.postJson("/services/create", {
    Name: "shop",
    TaskTemplate: { ContainerSpec },
    Mode: { Replicated: { Replicas: 0 } },
  });
  return () => engine.delete("/services/shop");
}

/** Turns an engine into the only manager of a swarm, with all that is usual there. */
export async function initSwarm(engine: RunningDockerd, listen = "0.0.0.0"): Promise<void> {
  await engine.postJson("/swarm/init", { ListenAddr: `${listen}:2377`, AdvertiseAddr: "172.17.0.1" });
  await engine.postJson("/networks/create", { Name: "open", Driver: "overlay" });
  await engine.postJson("/networks/create", { Name: "sealed", Driver: "overlay", Options: { encrypted: "" } });
}

/** Locks the managers of a swarm, and lets certificates expire after a month. */
export async function closeSwarm(engine: RunningDockerd): Promise<void> {
  const spec = {
    Name: "default",
    Labels: {},
    EncryptionConfig: { AutoLockManagers: true },
    CAConfig: { NodeCertExpiry: 720 * 3600e9 },
  };
  const { Version } = (await engine.getJson("/swarm")) as { readonly Version: { readonly Index: number } };
  await engine.postJson(`/swarm/update?version=${Version.Index}`, spec);
}

/**
 * A tree with the files that Docker's packages install: owned by root with narrow modes and watched by audit rules, or a
 * stranger's, wide open, and unwatched.
 */
export function makeHostTree(access: "open" | "closed"): string {
  const root = mkdtempSync(join(tmpdir(), "plimsoll-check-host-"));
  for (const [path, mode] of hostFiles) {
    installFile("/bin/true", join(root, path));
    chmodSync(join(root, path), access === "open" ? 0o777 : mode);
    if (access === "open") chownSync(join(root, path), stranger, stranger);
  }
  writeFileSync(join(root, "usr/lib/systemd/system/docker.socket"), "[Socket]\nListenStream=/run/docker.sock\n");
  mkdirSync(join(root, "etc/audit/rules.d"), { recursive: true });
  const rules = watchedPlaces.map((place, index) =>
    index % 2 === 0 ? `-w ${place} -p wa -k docker` : `-a always,exit -F path=${place} -F perm=wa -k docker`,
  );
  // The rules of the open tree lie beside what they should watch.
  writeFileSync(
    join(root, "etc/audit/rules.d/docker.rules"),
    access === "closed" ? rules.join("\n") : "-w /usr/bin/dockerd2\n-a never,exit -F path=/usr/bin/dockerd\n",
  );
  return root;
}

const hostFiles: readonly (readonly [path: string, mode: number])[] = [
  ...["dockerd", "containerd", "containerd-shim", "containerd-shim-runc-v1", "containerd-shim-runc-v2", "runc"].map(
    (name) => [`usr/bin/${name}`, 0o755] as const,
  ),
  ["usr/lib/systemd/system/docker.service", 0o644],
  ["usr/lib/systemd/system/docker.socket", 0o644],
  ["etc/docker/daemon.json", 0o644],
  ["etc/docker/certs.d/registry.example/ca.crt", 0o444],
  ["etc/default/docker", 0o644],
  ["etc/sysconfig/docker", 0o644],
  ["etc/containerd/config.toml", 0o644],
  ["run/docker.sock", 0o660],
  ["run/containerd/containerd.sock", 0o660],
  ["var/lib/docker/image/file", 0o600],
];

const watchedPlaces: readonly string[] = [
  ...["/usr/bin/dockerd", "/usr/bin/containerd", "/usr/bin/containerd-shim", "/usr/bin/containerd-shim-runc-v1"],
  ...["/usr/bin/containerd-shim-runc-v2", "/usr/bin/runc", "/run/containerd", "/etc/docker/daemon.json", "/etc/docker"],
  ...["/usr/lib/systemd/system/docker.service", "/var/lib/docker", "/usr/lib/systemd/system/docker.socket"],
  ...["/var/run/docker.sock", "/etc/default/docker", "/etc/sysconfig/docker", "/etc/containerd/config.toml"],
];
