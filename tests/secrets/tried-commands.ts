import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Plimsoll } from "../end-to-end/run-plimsoll.ts";
import { writeBucket } from "../end-to-end/small-targets.ts";
import { type FakeCluster, startCluster, writeKubeconfig } from "../engines/ps-cluster.ts";
import { type Certificates, makeCertificates } from "../registry/setup/certificates.ts";
import type { OpenedKind } from "./credential-kinds.ts";
import { markedSecret } from "./marked-secret.ts";
import type { RegistryCommand } from "./registry-commands.ts";
import { type OwnResult, type OwnRun, runInOwnHome } from "./run-in-own-home.ts";
import { type SeededStore, seededStore, signerPem } from "./seeded-store.ts";

const clusterToken = markedSecret("the cluster's token", "token");

/** What commands are tried with, for all tests of a file. */
export interface Trials {
  readonly certificates: Certificates;
  /** Call it in a test. */
  readonly store: () => Promise<SeededStore>;
  /** Runs a command with a kind of credentials. */
  readonly run: (command: RegistryCommand, trial: Trial) => Promise<OwnResult>;
}

interface Trial {
  readonly kind: OpenedKind;
  readonly store: SeededStore;
  /** Over what the kind says. */
  readonly more?: Partial<OwnRun>;
}

/** Makes what commands are tried with before the tests of a file. Call it at the top of the file. */
export function trials(plimsoll: Plimsoll): Trials {
  const folder = join(plimsoll.folder, "shared");
  const database = join(folder, "advisories.db");
  const key = join(folder, "key.pub");
  let certificates: Certificates;
  let cluster: FakeCluster;
  let namespaces = 0;
  beforeAll(async () => {
    for (const name of ["registry", "cluster"]) mkdirSync(join(folder, name), { recursive: true });
    certificates = makeCertificates(join(folder, "registry"));
    cluster = await startCluster(join(folder, "cluster"));
    cluster.token = clusterToken.value;
    writeFileSync(key, signerPem);
    const built = await plimsoll(["db", "build", "--from", writeBucket(folder), "--db", database]);
    if (built.code !== 0) throw new Error(built.stderr);
  });
  afterAll(() => cluster.close());

  /** Lets the cluster run an image in a namespace of its own. */
  function namespaceOf(host: string, digest: string): string {
    const namespace = `ns-${namespaces++}`;
    const container = { name: "app", image: `${host}/team/app:v1` };
    const running = {
      imageID: `${host}/team/app@${digest}`,
      state: { running: { startedAt: "2026-11-20T08:00:05Z" } },
    };
    const pod = {
      metadata: { name: "app", namespace },
      spec: { nodeName: "a", containers: [container] },
      status: { containerStatuses: [{ name: "app", ...running }] },
    };
    const labels = { "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux" };
    cluster.lists = {
      ...cluster.lists,
      "/api/v1/nodes": [{ metadata: { name: "a", labels } }],
      [`/api/v1/namespaces/${namespace}/pods`]: [pod],
    };
    return namespace;
  }

  return {
    get certificates() {
      return certificates;
    },
    store: () => seededStore(database),
    run: (command, { kind, store: { digest }, more }) => {
      const { host, password, env, files, secrets } = kind;
      const kubeconfig = writeKubeconfig(cluster, "kubeconfig", { user: `token: ${clusterToken.value}` });
      const namespace = namespaceOf(host, digest);
      const place = { host, digest, database, key, kubeconfig, namespace, password: password.value };
      return runInOwnHome(plimsoll, {
        args: [...command.args(place), ...(command.asksNobody ? [] : kind.args)],
        env,
        files: { ...files, "repository/Dockerfile": `FROM ${host}/team/app:v1\n` },
        secrets: [...secrets, clusterToken],
        input: command.input?.(place),
        ...(command.asksNobody || command.command === "login"
          ? { store: { path: ".docker/config.json", without: command.asksNobody ? [password] : [] } }
          : {}),
        ...more,
      });
    },
  };
}
