import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCluster } from "../../src/engines/kubernetes/cluster-client.ts";
import { readKubeContext } from "../../src/engines/kubernetes/kube-context.ts";
import { readKubeConfig } from "../../src/engines/kubernetes/read-kube-config.ts";
import { PlimsollError } from "../../src/model/error.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeCluster, obstacle, startCluster, writeKubeconfig } from "./ps-cluster.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();
const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl";
const password = 'Pa"55/Word\\ + 1';

describe.skipIf(obstacle !== undefined)(`what a cluster says of secrets${obstacle ? ` (${obstacle})` : ""}`, () => {
  let cluster: FakeCluster;
  let secrets: readonly string[];

  beforeAll(async () => {
    cluster = await startCluster(folder);
    const basic = Buffer.from(`someone:${password}`).toString("base64");
    const key = readFileSync(join(folder, "client.key"), "utf8");
    const lines = key.split("\n").filter((line) => !line.startsWith("-") && line.length > 16);
    secrets = [token, "someone", password, basic, ...lines, Buffer.from(key).toString("base64")];
  });
  afterAll(() => cluster.close());

  /** The users of kubeconfigs by which somebody proves who they are, in YAML. */
  const users: Readonly<Record<string, () => string>> = {
    "a token": () => `token: ${token}`,
    "a token file": () => {
      writeFileSync(join(folder, "token.txt"), `${token}\n`);
      return "tokenFile: token.txt";
    },
    "a password": () => `username: someone\npassword: ${JSON.stringify(password)}`,
    "a client's certificate": () => "client-certificate: client.crt\nclient-key: client.key",
    "an exec plug-in's token": () => plugin({ token }),
    "an exec plug-in's key": () => {
      const [clientCertificateData, clientKeyData] = ["client.crt", "client.key"].map((name) =>
        readFileSync(join(folder, name), "utf8"),
      );
      return plugin({ clientCertificateData, clientKeyData });
    },
  };

  function plugin(status: object): string {
    const apiVersion = "client.authentication.k8s.io/v1";
    const path = join(folder, "plugin");
    const credential = JSON.stringify({ apiVersion, kind: "ExecCredential", status });
    writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${credential}\nEND\n`);
    chmodSync(path, 0o755);
    return `exec: { apiVersion: ${apiVersion}, command: ./plugin, interactiveMode: Never }`;
  }

  /** What the server was told, and what it may have beside that, in the forms in which servers and proxies write it. */
  function echoes({ headers }: IncomingMessage): readonly string[] {
    const authorization = headers.authorization ?? "no header";
    const [, value = ""] = authorization.split(" ");
    const pair = Buffer.from(value, "base64").toString("utf8");
    const key = readFileSync(join(folder, "client.key"), "utf8");
    return [
      `token ${authorization} is unknown`,
      `${value} is none`,
      `${pair} ${encodeURIComponent(pair)}`,
      JSON.stringify(headers),
      `panic: ${JSON.stringify(JSON.stringify({ pair, headers }))}`,
      key,
      `a key ${JSON.stringify(key)}`,
      Buffer.from(key).toString("base64"),
    ];
  }

  async function errorOf(path: string): Promise<PlimsollError> {
    const config = await readKubeConfig({ paths: [path], required: true });
    if (!config) throw new Error("no kubeconfig");
    const exec = { environment: process.env, searchPath: "" };
    using client = openCluster(await readKubeContext(config, undefined), { exec });
    const { signal } = new AbortController();
    const error = await client.get("/api/v1/pods", { signal }).catch((reason: unknown) => reason);
    if (error instanceof PlimsollError) return error;
    throw new Error(String(error));
  }

  function expectNoSecretIn(text: string): void {
    for (const secret of secrets) {
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
        expect(text).not.toContain(form);
      }
    }
  }

  test.each(Object.keys(users))("shows nothing of %s", async (kind) => {
    const path = writeKubeconfig(cluster, "kubeconfig", { user: users[kind]?.() ?? "" });
    for (const status of [401, 403, 500]) {
      for (const index of echoes({ headers: {} } as IncomingMessage).keys()) {
        cluster.refusal = (request) => [status, JSON.stringify({ message: `it says: ${echoes(request)[index]}` })];
        const { message, hint } = await errorOf(path);
        expect(message).toContain(`${status}: it says`);
        expectNoSecretIn(message + hint);
      }
    }
  });

  test("nothing shows on the terminal either, and what is no secret stays", async () => {
    const path = writeKubeconfig(cluster, "kubeconfig", { user: `token: ${token}` });
    cluster.refusal = ({ headers }) => [401, JSON.stringify({ message: `${headers.authorization} has expired` })];
    const args = ["ps", "--engine", "kubernetes", "--no-update", "--kubeconfig", path];
    const { code, stdout, stderr } = await plimsoll(args, { env: { PLIMSOLL_OFFLINE: "0" } });
    expect(code).toBe(3);
    expect(stderr).toContain("(401: [secret] has expired)");
    expectNoSecretIn(stdout + stderr);
  });
});
