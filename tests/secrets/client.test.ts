import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { inspect } from "node:util";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openRegistryClient, type RegistryAccess } from "../../src/pipeline/targets/registry-access.ts";
import { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import { repositoriesBelow } from "../../src/registry/vendors/list-repositories.ts";
import { obstacle } from "../engines/ps-cluster.ts";
import { type Certificates, makeCertificates } from "../registry/setup/certificates.ts";
import { fakeRegistry } from "../registry/setup/fake-registry.ts";
import { listOf, reference } from "../registry/setup/registry-client.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { credentialKinds, type OpenedKind } from "./credential-kinds.ts";
import { secretsFound } from "./marked-secret.ts";
import { spoilingServers } from "./spoiling-servers.ts";

/** Each begins with another of what a server repeats, and in another writing. */
const turns = Array.from({ length: 3 }, (_, index) => index * 7);
/** Of these no word is ever told. */
const untold: readonly string[] = ["is busy for long", "sends headers that are none"];
const folder = temporaryFolder();
let homes = 0;

describe.skipIf(obstacle !== undefined)(`what a client throws shows nothing${obstacle ? ` (${obstacle})` : ""}`, () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates(folder);
  });

  test.each(Object.entries(spoilingServers))("when a server %s", async (server, spoil) => {
    const { host: store } = await fakeRegistry();
    const leaks: string[] = [];
    let told = 0;
    for (const [name, open] of Object.entries(credentialKinds)) {
      for (const turn of turns) {
        const kind = await open({ store, certificates, turn, spoil });
        const client = clientOf(kind);
        const said = await everything(client, kind.host);
        const texts = [...said, client].flatMap(textsOf);
        leaks.push(...texts.filter((text) => secretsFound(text, kind.secrets).length > 0));
        told += texts.filter((text) => text.includes("[secret]")).length;
        expect([name, secretsFound(kind.heard().join("\n"), kind.secrets)]).not.toEqual([name, []]);
      }
    }
    expect(leaks).toEqual([]);
    // What is hidden was there.
    expect(told > 0).toBe(!untold.includes(server));
  });

  test("of a proxy that opens no tunnel, and repeats in its refusal what it was shown", async () => {
    const { host: store } = await fakeRegistry();
    const kind = await credentialKinds["a proxy that wants a password"]?.({ store, certificates });
    if (!kind) throw new Error("there is no such kind");
    const said = await everything(clientOf({ ...kind, args: [] }), kind.host);
    const texts = said.flatMap(textsOf);
    expect(texts.filter((text) => text.includes("405")).length).toBeGreaterThan(3);
    expect(texts.filter((text) => secretsFound(text, kind.secrets).length > 0)).toEqual([]);
  });
});

/** All that a program may log of what it was given. */
function textsOf(value: unknown): readonly string[] {
  // What a client was made with is the caller's own.
  const seen = inspect(value, { depth: 20, showHidden: true, getters: !(value instanceof RegistryClient) });
  if (!(value instanceof Error)) return [seen, JSON.stringify(value) ?? ""];
  return [seen, value.stack ?? "", JSON.stringify(value), "hint" in value ? String(value.hint) : ""];
}

/** A client as the program makes it with what a kind gives it. */
function clientOf({ env, files, args }: OpenedKind): RegistryClient {
  const home = join(folder, `home-${homes++}`);
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, name.replace("*", ""));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: name.endsWith("*") ? 0o755 : 0o600 });
  }
  const valueAfter = (option: string): string => args[args.indexOf(option) + 1] ?? "";
  const { PLIMSOLL_REGISTRY: registry = "", PLIMSOLL_REGISTRY_USER: username = "" } = env;
  const [of = "", mirror = ""] = args.includes("--registry-mirror") ? valueAfter("--registry-mirror").split("=") : [];
  const access: RegistryAccess = {
    environment: { ...env, PATH: `${join(home, "bin")}${delimiter}${process.env["PATH"]}` },
    home,
    ...(registry !== "" && {
      credential: { registry, username, password: env["PLIMSOLL_REGISTRY_PASSWORD"] ?? "" },
    }),
    ...(args.includes("--insecure") && { insecure: [valueAfter("--insecure")] }),
    ...(args.includes("--registry-trust") && { trustedHosts: [valueAfter("--registry-trust")] }),
    ...(mirror !== "" && { mirrors: new Map([[of, [mirror]]]) }),
  };
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  return openRegistryClient(access, controller.signal);
}

/** Does all that a client can do; gives what went wrong, and what it was told beside that. */
async function everything(client: RegistryClient, host: string): Promise<unknown[]> {
  const named = reference(`${host}/team/app:v1`);
  const digest = `sha256:${"1".repeat(64)}`;
  const blob = blobOf(Buffer.from("blob"));
  const said: unknown[] = [];
  const note = (text: unknown): void => void said.push(text);
  const work: (() => Promise<unknown>)[] = [
    () => client.checkLogin(host),
    () => client.manifest(named),
    () => client.head(named),
    () => client.blobBytes(named, blob, 100),
    () => listOf(client.blob(named, blob)),
    () => listOf(client.tags(named, note)),
    () => listOf(client.catalog(host, { misfit: note })),
    () => listOf(repositoriesBelow(client, host, "", { problem: note })),
    () => listOf(client.referrers(named, digest)),
    () => client.pushBlob(named, blob, { mountFrom: "other/app" }),
    () => client.pushManifest(named, { bytes: Buffer.from('{"layers":[]}'), mediaType: "application/json" }),
    () => client.pushArtifact(named, { artifactType: "a/b", layers: [{ mediaType: "c/d", blob }] }),
  ];
  for (const one of work) await one().catch(note);
  return said;
}
