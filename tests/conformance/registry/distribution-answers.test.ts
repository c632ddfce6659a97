import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { RegistryClient, Repository } from "../../../src/registry/connection/registry-client.ts";
import { blobOf } from "../../../src/registry/content/blob-source.ts";
import { ociManifestType } from "../../../src/registry/content/manifest.ts";
import { type FakeRegistry, fakeRegistry } from "../../registry/setup/fake-registry.ts";
import { collect, listOf, testClient } from "../../registry/setup/registry-client.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface Case {
  readonly category: "pull" | "push" | "discovery" | "management";
  readonly group: string;
  readonly name: string;
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly statuses: readonly (number | string)[];
  }[];
}

/** A call that the specification's tests make, and how they let it be answered. */
interface Exchange {
  readonly call: string;
  readonly status: number;
}

const image = { schemaVersion: 2, mediaType: ociManifestType, config: {}, layers: [] };
const bytes = randomBytes(3_000);

/** The client's way to each call, and what it makes of each status. */
const outcomes: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  "HEAD /v2/{name}/blobs/{digest}": ({ client, place, status }) =>
    expect(client.pushBlob(place, blobOf(bytes))).resolves.toBe(status === 404 ? "uploaded" : "was-there"),
  "GET /v2/{name}/blobs/{digest}": ({ client, place, status }) => {
    const blob = collect(client.blob(place, blobOf(bytes)));
    return status === 404
      ? expect(blob).rejects.toMatchObject({ code: "image-not-found" })
      : expect(blob).resolves.toEqual(bytes);
  },
  "HEAD /v2/{name}/manifests/{reference}": ({ client, place, status, digest }) =>
    expect(client.head({ ...place, tag: "v1" })).resolves.toEqual(
      status === 404 ? undefined : expect.objectContaining({ digest }),
    ),
  "HEAD /v2/{name}/manifests/{digest}": ({ client, place, digest }) =>
    expect(client.head({ ...place, digest })).resolves.toMatchObject({ digest }),
  "GET /v2/{name}/manifests/{reference}": ({ client, place, status, digest }) =>
    manifestOutcome(client.manifest({ ...place, tag: "v1" }), { status, digest }),
  "GET /v2/{name}/manifests/{digest}": ({ client, place, status, digest }) =>
    manifestOutcome(client.manifest({ ...place, digest }), { status, digest }),
  "PUT /v2/{name}/manifests/{reference}": ({ client, place, digest }) =>
    expect(
      client.pushManifest(
        { ...place, tag: "v2" },
        { bytes: Buffer.from(JSON.stringify(image)), mediaType: ociManifestType },
      ),
    ).resolves.toMatchObject({ digest }),
  "POST /v2/{name}/blobs/uploads/": ({ client, place, status }) => {
    const from = status === 201 ? { mountFrom: "other/app" } : {};
    return expect(client.pushBlob(place, blobOf(randomBytesOnce), from)).resolves.toBe(
      status === 201 ? "mounted" : "uploaded",
    );
  },
  "PUT {Location of the previous answer}": ({ client, place }) =>
    expect(client.pushBlob(place, blobOf(randomBytes(100)))).resolves.toBe("uploaded"),
  "PATCH {Location of the previous answer}": ({ client, place }) =>
    expect(client.pushBlob(place, blobOf(randomBytes(5_000)), { chunkSize: 2_000 })).resolves.toBe("uploaded"),
  "GET {Location of the previous answer}": ({ client, place }) =>
    expect(client.pushBlob(place, blobOf(randomBytes(5_000)), { chunkSize: 2_000 })).resolves.toBe("uploaded"),
  "GET /v2/{name}/tags/list": ({ client, place }) => expect(listOf(client.tags(place))).resolves.toEqual(["v1"]),
  "GET /v2/{name}/referrers/{digest}": async ({ client, place, digest }) => {
    const attached = (type?: string): Promise<unknown[]> =>
      listOf(client.referrers(place, digest, type === undefined ? {} : { artifactType: type }));
    expect(await attached()).toEqual([]);
    const subject = { mediaType: ociManifestType, digest, size: 1 };
    await client.pushArtifact(place, { artifactType: "application/spdx+json", layers: [], subject });
    expect(await attached()).toHaveLength(1);
    expect(await attached("application/spdx+json")).toHaveLength(1);
    expect(await attached("application/other")).toEqual([]);
  },
};

const randomBytesOnce = randomBytes(500);

interface Scene {
  readonly client: RegistryClient;
  readonly place: Repository;
  readonly status: number;
  readonly digest: string;
}

describeWithCorpus("what the cases of the OCI distribution specification allow as answers", () => {
  const cases = corpusJson<Case[]>("platform", "distribution-conformance", "cases-v1.1.1.json");
  const ours = cases.filter(({ category, group }) => category !== "management" && group !== "Teardown");
  const exchanges = ours
    .flatMap(({ requests }) => requests)
    .flatMap(({ method, path, statuses }) =>
      (statuses.length === 0 ? ["200..299"] : statuses).map(
        (status): Exchange => ({ call: `${method} ${path}`, status: numberOf(status) }),
      ),
    );
  const distinct = new Map(exchanges.map((exchange) => [`${exchange.call} ${exchange.status}`, exchange]));

  test("every call of pull, push and content discovery is one that the client makes", () => {
    expect([ours.length, exchanges.length, distinct.size]).toEqual([57, 85, 24]);
    expect([...new Set(exchanges.map(({ call }) => call))].filter((call) => outcomes[call] === undefined)).toEqual([]);
  });

  test.each([...distinct.values()])("$call, answered with $status", async ({ call, status }) => {
    const registry = await fakeRegistry({ referrers: true });
    const repository = "team/app";
    const digest = registry.putManifest(repository, image, { tag: "v1" });
    if (!call.startsWith("HEAD") || status !== 404) registry.putBlob(repository, bytes);
    registry.putBlob("other/app", randomBytesOnce);
    let done = 0;
    registry.intercept = ({ method, path }, response) => {
      // What an upload holds is asked for after a break.
      if (call.startsWith("GET {") && method === "PATCH" && done++ === 0) {
        response.socket?.destroy();
        return true;
      }
      if (status < 300 || !isCall(call, { method, path }) || (status === 416 && done > 0)) return false;
      done++;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(
        method === "HEAD" ? undefined : JSON.stringify({ errors: [{ code: "TEST", message: "of a test" }] }),
      );
      return true;
    };
    await outcomes[call]?.({ client: testClient(), place: { registry: registry.host, repository }, status, digest });
    if (status >= 300) expect(done).toBeGreaterThan(0);
    else expect(callsOf(registry, call)).toBeGreaterThan(0);
  });
});

function manifestOutcome(
  manifest: Promise<unknown>,
  { status, digest }: { status: number; digest: string },
): Promise<unknown> {
  if (status === 200) return expect(manifest).resolves.toMatchObject({ digest });
  return expect(manifest).rejects.toMatchObject({ code: status === 404 ? "image-not-found" : "registry-failed" });
}

/** A range of statuses stands for its first. */
function numberOf(status: number | string): number {
  return Number(String(status).slice(0, 3));
}

function callsOf(registry: FakeRegistry, call: string): number {
  return registry.requests.filter((request) => isCall(call, request)).length;
}

function isCall(call: string, { method, path }: { readonly method: string; readonly path: string }): boolean {
  const [wanted, pattern = ""] = call.split(/ (.*)/s);
  const { pathname } = new URL(path, "http://x/");
  if (method !== wanted) return false;
  if (pattern.startsWith("{")) return pathname.includes("/blobs/uploads/upload-");
  const expression = pattern
    .replace("{name}", "team/app")
    .replace("{digest}", "sha256:[0-9a-f]{64}")
    .replace("{reference}", "(?!sha256:)[^/]+");
  return new RegExp(`^${expression}$`).test(pathname);
}
