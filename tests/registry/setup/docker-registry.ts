import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const program = "docker-registry";
const startWithin = 20_000;
const stopWithin = 5_000;

/** Why no registry can be started here, as far as can be told without trying; undefined when it is worth a try. */
export const registryObstacle: string | undefined = findObstacle();

/** True where a program is on the path. */
export function isInstalled(name: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** How a registry is to run. */
export interface DockerRegistryOptions {
  /** `htpasswd` with one line of such a file, or a token server's parameters. */
  readonly auth?:
    | { readonly kind: "basic"; readonly htpasswd: string }
    | {
        readonly kind: "token";
        readonly realm: string;
        readonly issuer: string;
        readonly service: string;
        readonly certificate: string;
      };
  /** Paths of PEM files; with `clientAuthority` it wants a certificate of that authority. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientAuthority?: string };
  /** An address that is told of every push, pull and deletion. */
  readonly notify?: string;
}

/** A registry that belongs to one test file: own data, a free port of the loopback interface. */
export interface RunningRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Stops it and removes all that it wrote. */
  stop(): Promise<void>;
}

/** Starts Debian's docker-registry; throws with its last words when it does not come up. */
export async function startDockerRegistry({ auth, tls, notify }: DockerRegistryOptions = {}): Promise<RunningRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-registry-"));
  if (auth?.kind === "basic") writeFileSync(join(folder, "htpasswd"), auth.htpasswd);
  const configuration = {
    version: "0.1",
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
    http: {
      addr: "127.0.0.1:0",
      secret: "of this test",
      ...(tls && {
        tls: {
          certificate: tls.certificate,
          key: tls.key,
          ...(tls.clientAuthority !== undefined && { clientcas: [tls.clientAuthority] }),
        },
      }),
    },
    ...(notify !== undefined && {
      notifications: {
        endpoints: [{ name: "test", url: notify, timeout: "5s", threshold: 3, backoff: "100ms" }],
      },
    }),
    ...(auth?.kind === "basic" && { auth: { htpasswd: { realm: "Registry Realm", path: join(folder, "htpasswd") } } }),
    ...(auth?.kind === "token" && {
      auth: {
        token: { realm: auth.realm, service: auth.service, issuer: auth.issuer, rootcertbundle: auth.certificate },
      },
    }),
  };
  // JSON is YAML.
  writeFileSync(join(folder, "config.yml"), JSON.stringify(configuration));
  const child = spawn(program, ["serve", join(folder, "config.yml")], {
    stdio: ["ignore", "ignore", "pipe"],
    // Variables such as REGISTRY_HTTP_ADDR would count more than the configuration.
    env: { PATH: process.env["PATH"], HOME: folder },
  });
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  let log = "";
  child.on("error", (error) => {
    log += error.message;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-20_000);
  });
  const deadline = Date.now() + startWithin;
  while (Date.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    const host = /listening on (127\.0\.0\.1:\d+)/.exec(log)?.[1];
    if (host !== undefined) return { host, stop };
    await delay(20);
  }
  await stop();
  throw new Error(`docker-registry does not start: ${log.trimEnd().split("\n").at(-1)}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await Promise.race([ended, delay(stopWithin, undefined, { ref: false })]);
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await ended;
}

function findObstacle(): string | undefined {
  if (!isInstalled(program)) return "docker-registry is not installed";
  if (!isInstalled("openssl")) return "openssl is not installed";
  try {
    execFileSync(program, ["--version"], { timeout: 10_000, stdio: "ignore" });
  } catch {
    return "docker-registry is installed but does not start";
  }
  return undefined;
}
