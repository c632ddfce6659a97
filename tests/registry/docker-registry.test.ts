import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import { isAttachmentTag } from "../../src/registry/content/list-referrers.ts";
import { openRemoteImage } from "../../src/registry/content/open-remote-image.ts";
import { Secret } from "../../src/registry/credentials/secret.ts";
import { ociLayout, writeLayout } from "../setup/image.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type Certificates, makeCertificates, pem } from "./setup/certificates.ts";
import { isInstalled, type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { fakeProxy } from "./setup/fake-proxy.ts";
import { pushImage, pushIndex } from "./setup/push-image.ts";
import { basic, collect, listOf, reference, testClient } from "./setup/registry-client.ts";
import { startTokenServer, type TokenServer } from "./setup/token-server.ts";

const password = "marker-pa55word";
const htpasswd = "alice:$2b$05$k77b7u3FWX3TXiv04PH9p.BLJbNPd7NCXwnaNfB14dtKClqN5wMaO\n";

describe.skipIf(registryObstacle !== undefined)(
  `Debian's docker-registry${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    const folder = temporaryFolder();

    describe("that lets everybody in", () => {
      let registry: RunningRegistry;
      beforeAll(async () => {
        registry = await startDockerRegistry();
      });
      afterAll(() => registry.stop());
      const named = (name: string): ReturnType<typeof reference> => reference(`${registry.host}/${name}`);

      test("gives back what was pushed, picks a platform, and streams its layers", async () => {
        const client = testClient();
        const amd64 = await pushImage(client, named("team/app:amd64"), { texts: ["one", "two"] });
        const arm64 = await pushImage(client, named("team/app:arm64"), {
          texts: ["one", "three"],
          architecture: "arm64",
        });
        const index = await pushIndex(client, named("team/app:multi"), [
          { image: amd64, platform: "linux/amd64" },
          { image: arm64, platform: "linux/arm64/v8" },
        ]);
        const image = await openRemoteImage(client, named("team/app:multi"), { platform: "linux/arm64" });
        expect(image.index?.digest).toBe(index.digest);
        expect(image.reference.digest).toBe(arm64.descriptor.digest);
        expect(image.platform).toBe("linux/arm64/v8");
        expect(image.configDigest).toBe(arm64.config.digest);
        expect(image.layers.map(({ digest }) => digest)).toEqual(arm64.layers.map(({ digest }) => digest));
        const [layer] = image.layers;
        expect(layer && (await collect(layer.read()))).toEqual(arm64.layers[0]?.open());
        expect(await client.head(named("team/app:multi"))).toMatchObject({ digest: index.digest });
        const missing = openRemoteImage(client, named("team/app:multi"), { platform: "linux/s390x" });
        await expect(missing).rejects.toMatchObject({ code: "platform-not-found" });
      });

      test("takes blobs whole, in chunks, from another repository, and not twice", async () => {
        const client = testClient();
        const [whole, chunked] = [blobOf(randomBytes(300_000)), blobOf(randomBytes(300_001))];
        const place = named("push/one");
        expect(await client.pushBlob(place, whole)).toBe("uploaded");
        expect(await client.pushBlob(place, whole)).toBe("was-there");
        expect(await client.pushBlob(place, chunked, { chunkSize: 70_000 })).toBe("uploaded");
        expect(await client.pushBlob(named("push/two"), whole, { mountFrom: "push/one" })).toBe("mounted");
        expect(await client.pushBlob(named("push/two"), blobOf(randomBytes(10)), { mountFrom: "push/one" })).toBe(
          "uploaded",
        );
        for (const blob of [whole, chunked]) expect(await collect(client.blob(place, blob))).toEqual(blob.open());
      });

      test("lists tags and repositories", async () => {
        const client = testClient();
        const tags = Array.from({ length: 12 }, (_, index) => `v${index}`);
        for (const tag of tags) await pushImage(client, named(`lists/app:${tag}`), { texts: ["same"] });
        expect((await listOf(client.tags(named("lists/app")))).sort()).toEqual([...tags].sort());
        expect(await listOf(client.catalog(registry.host))).toContain("lists/app");
      });

      test("has no list of referrers, so a tag stands in for it", async () => {
        const client = testClient();
        const subject = await pushImage(client, named("refer/app:v1"), { texts: ["subject"] });
        const attach = (artifactType: string, text: string): Promise<{ digest: string }> =>
          client.pushArtifact(named("refer/app"), {
            artifactType,
            layers: [{ mediaType: artifactType, blob: blobOf(Buffer.from(text)) }],
            annotations: { b: "2", a: "1" },
            subject: subject.descriptor,
          });
        const sbom = await attach("application/spdx+json", "{}");
        const other = await attach("application/vnd.cyclonedx+json", "{}");
        expect(await attach("application/spdx+json", "{}")).toEqual(sbom);
        const found = await listOf(client.referrers(named("refer/app"), subject.descriptor.digest));
        expect(found.map(({ manifest }) => manifest.digest)).toEqual([sbom.digest, other.digest]);
        expect(found[0]).toMatchObject({ artifactType: "application/spdx+json", annotations: { a: "1", b: "2" } });
        const filter = { artifactType: "application/vnd.cyclonedx+json" };
        const some = await listOf(client.referrers(named("refer/app"), subject.descriptor.digest, filter));
        expect(some.map(({ manifest }) => manifest.digest)).toEqual([other.digest]);
        const tags = await listOf(client.tags(named("refer/app")));
        expect(tags.filter((tag) => !isAttachmentTag(tag))).toEqual(["v1"]);
        const artifact = openRemoteImage(
          client,
          { ...named("refer/app"), digest: sbom.digest },
          { platform: "linux/amd64" },
        );
        await expect(artifact).rejects.toMatchObject({ code: "manifest-malformed" });
      });

      describe.skipIf(!isInstalled("skopeo"))(
        `with skopeo${isInstalled("skopeo") ? "" : " (it is not installed)"}`,
        () => {
          const skopeo = (...words: string[]): string =>
            execFileSync("skopeo", ["--insecure-policy", ...words], {
              encoding: "utf8",
              timeout: 60_000,
              env: { PATH: process.env["PATH"], HOME: folder, XDG_RUNTIME_DIR: folder },
            });

          test("it pulls what we push", async () => {
            const pushed = await pushImage(testClient(), named("skopeo/ours:v1"), { texts: ["from us"] });
            const target = join(folder, "pulled");
            mkdirSync(target);
            skopeo("copy", "--src-tls-verify=false", `docker://${registry.host}/skopeo/ours:v1`, `oci:${target}:v1`);
            const index = JSON.parse(readFileSync(join(target, "index.json"), "utf8")) as {
              manifests: { digest: string }[];
            };
            expect(index.manifests[0]?.digest).toBe(pushed.descriptor.digest);
          });

          test.each(["oci", "v2s2"])("we pull what it pushes: %s", async (format) => {
            const source = join(folder, `pushed-${format}`);
            const spec = {
              layers: [{ compression: "gzip" as const, members: [{ name: "a", content: Buffer.from("theirs") }] }],
              tags: ["v1"],
            };
            writeLayout(source, ociLayout([spec]));
            const target = `${registry.host}/skopeo/theirs-${format}:v1`;
            skopeo("copy", "--dest-tls-verify=false", "--format", format, `oci:${source}:v1`, `docker://${target}`);
            const client = testClient();
            const image = await openRemoteImage(client, reference(target), { platform: "linux/amd64" });
            const raw = skopeo("inspect", "--tls-verify=false", "--raw", `docker://${target}`);
            expect(image.manifest.bytes.toString()).toBe(raw);
            expect(image.manifest.mediaType).toContain(
              format === "oci" ? "oci.image.manifest" : "docker.distribution.manifest.v2",
            );
            for (const layer of image.layers) expect(await collect(layer.read())).toHaveLength(layer.size);
          });
        },
      );
    });

    describe("that asks for a password", () => {
      let registry: RunningRegistry;
      beforeAll(async () => {
        registry = await startDockerRegistry({ auth: { kind: "basic", htpasswd } });
      });
      afterAll(() => registry.stop());

      test("lets in who has it, and nobody else", async () => {
        const named = reference(`${registry.host}/team/app:v1`);
        const client = testClient({ credentials: { [registry.host]: basic("alice", password) } });
        const pushed = await pushImage(client, named, { texts: ["secret"] });
        expect((await client.manifest(named)).digest).toBe(pushed.descriptor.digest);
        expect(await listOf(client.catalog(registry.host))).toEqual(["team/app"]);
        const unknown = testClient().manifest(named);
        await expect(unknown).rejects.toMatchObject({
          code: "registry-refused",
          hint: expect.stringContaining("login"),
        });
        const wrong = testClient({ credentials: { [registry.host]: basic("alice", "wrong") } }).manifest(named);
        await expect(wrong).rejects.toMatchObject({
          code: "registry-refused",
          hint: expect.stringContaining("have not expired"),
        });
      });
    });

    describe("that asks for tokens", () => {
      let registry: RunningRegistry;
      let tokens: TokenServer;
      beforeAll(async () => {
        const { authority } = makeCertificates(folder);
        tokens = await startTokenServer({
          signer: authority,
          users: { alice: password },
          refreshTokens: { "refresh-me": "alice" },
        });
        const { realm, issuer, service } = tokens;
        registry = await startDockerRegistry({
          auth: { kind: "token", realm, issuer, service, certificate: authority.certificate },
        });
      });
      afterAll(async () => {
        tokens.stop();
        await registry.stop();
      });

      const client = (options: Parameters<typeof testClient>[0] = {}): RegistryClient => {
        tokens.requests.length = 0;
        Object.assign(tokens, { lifetime: { real: 300, said: 300 }, member: "token", refuseRefresh: undefined });
        return testClient({ settings: new Map([[registry.host, { trustedHosts: [tokens.host] }]]), ...options });
      };
      const alice = (): Parameters<typeof testClient>[0] => ({
        credentials: { [registry.host]: basic("alice", password) },
      });
      const named = (name: string): ReturnType<typeof reference> => reference(`${registry.host}/${name}`);

      test("one token serves all requests of one scope, and pushing needs another than pulling", async () => {
        const one = client(alice());
        const pushed = await pushImage(one, named("team/app:v1"), { texts: ["one"] });
        const image = await openRemoteImage(one, named("team/app:v1"), { platform: "linux/amd64" });
        for (const layer of image.layers) await collect(layer.read());
        expect(image.reference.digest).toBe(pushed.descriptor.digest);
        expect(tokens.requests.map(({ query }) => query.getAll("scope")).sort()).toEqual([
          ["repository:team/app:pull"],
          ["repository:team/app:pull,push"],
        ]);
        expect(tokens.requests[0]?.query.get("service")).toBe(tokens.service);
        expect(tokens.requests.every(({ user }) => user === "alice")).toBe(true);
      });

      test("mounting asks for both repositories, the catalogue for its own right", async () => {
        const one = client(alice());
        const blob = blobOf(Buffer.from("to be mounted"));
        await one.pushBlob(named("team/base"), blob);
        expect(await one.pushBlob(named("team/mounted"), blob, { mountFrom: "team/base" })).toBe("mounted");
        expect(tokens.requests.map(({ query }) => query.getAll("scope"))).toContainEqual([
          "repository:team/mounted:pull,push",
          "repository:team/base:pull",
        ]);
        await listOf(one.catalog(registry.host));
        expect(tokens.requests.at(-1)?.query.getAll("scope")).toEqual(["registry:catalog:*"]);
      });

      test("anybody gets a token for what is public, and none for the rest", async () => {
        await pushImage(client(alice()), named("public/app:v1"), { texts: ["public"] });
        const anonymous = client();
        expect((await anonymous.manifest(named("public/app:v1"))).kind).toBe("image");
        expect(tokens.requests.map(({ user }) => user)).toEqual([undefined]);
        await expect(anonymous.manifest(named("team/app:v1"))).rejects.toMatchObject({ code: "registry-refused" });
      });

      test("a token that expires in the middle of a pull is renewed", async () => {
        const blob = blobOf(randomBytes(100_000));
        await client(alice()).pushBlob(named("team/slow"), blob);
        const one = client(alice());
        // Tokens end at whole seconds: this one lives for one at least.
        Object.assign(tokens, { lifetime: { real: 2, said: 300 } });
        expect(await collect(one.blob(named("team/slow"), blob, { to: 50_000 }))).toHaveLength(50_000);
        await delay(3_200);
        expect(await collect(one.blob(named("team/slow"), blob, { from: 50_000 }))).toHaveLength(50_000);
        expect(tokens.requests).toHaveLength(2);
      });

      test("a token is asked for again before it expires, after a minute where nothing is said", async () => {
        const one = client(alice());
        Object.assign(tokens, { lifetime: { real: 300, said: 1 }, member: "access_token" });
        await one.pushBlob(named("team/app"), blobOf(Buffer.from("a")));
        const asked = tokens.requests.length;
        await delay(1_000);
        await one.pushBlob(named("team/app"), blobOf(Buffer.from("b")));
        expect(tokens.requests.length).toBeGreaterThan(asked);
        const two = client(alice());
        Object.assign(tokens, { lifetime: { real: 300, said: undefined } });
        await two.pushBlob(named("team/app"), blobOf(Buffer.from("c")));
        const before = tokens.requests.length;
        await two.pushBlob(named("team/app"), blobOf(Buffer.from("d")));
        expect(tokens.requests).toHaveLength(before);
      });

      test("an identity token is exchanged by POST, and shown as a password where that is not known", async () => {
        const identity = {
          credentials: { [registry.host]: { kind: "identity-token", token: new Secret("refresh-me") } as const },
        };
        for (const status of [undefined, 404, 405, 401]) {
          const one = client(identity);
          tokens.refuseRefresh = status;
          await one.pushBlob(named("team/app"), blobOf(Buffer.from(`identity ${status}`)));
          const [first] = tokens.requests;
          expect(first?.method).toBe("POST");
          expect(first?.form.get("grant_type")).toBe("refresh_token");
          expect(tokens.requests.some(({ method }) => method === "GET")).toBe(status !== undefined);
        }
      });

      test("a token of the registry itself is sent as it is", async () => {
        const one = client({
          credentials: { [registry.host]: { kind: "registry-token", token: new Secret("no-such-token") } },
        });
        await expect(one.manifest(named("team/app:v1"))).rejects.toMatchObject({ code: "registry-refused" });
        expect(tokens.requests).toEqual([]);
      });

      test("a wrong password is refused, and not repeated even if the server does", async () => {
        const one = client({ credentials: { [registry.host]: basic("alice", "wr0ng-marker") } });
        const failure = await one.manifest(named("team/app:v1")).catch((error: unknown) => error);
        expect(failure).toMatchObject({ code: "registry-refused", message: expect.stringContaining("[secret]") });
        expect(String((failure as Error).message)).not.toContain("wr0ng-marker");
      });

      test("a token server on this machine that nobody named is not asked", async () => {
        const one = client({ settings: new Map(), ...alice() });
        await expect(one.manifest(named("team/app:v1"))).rejects.toMatchObject({
          code: "registry-refused",
          message: expect.stringContaining("not on the public internet"),
        });
        expect(tokens.requests).toEqual([]);
      });
    });

    describe("behind TLS", () => {
      let certificates: Certificates;
      let registry: RunningRegistry;
      let strict: RunningRegistry;
      beforeAll(async () => {
        certificates = makeCertificates(temporaryOf(folder, "tls"), ["registry.test"]);
        registry = await startDockerRegistry({ tls: certificates.server });
        const clientAuthority = certificates.authority.certificate;
        strict = await startDockerRegistry({ tls: { ...certificates.server, clientAuthority } });
      });
      afterAll(async () => {
        await registry.stop();
        await strict.stop();
      });

      test("its authority is trusted when the user names it, for the address and for its name", async () => {
        const ca = pem(certificates.authority.certificate);
        const port = registry.host.split(":")[1];
        for (const host of [registry.host, `localhost:${port}`]) {
          const client = testClient({ settings: new Map([[host, { ca }]]) });
          await pushImage(client, reference(`${host}/team/app:v1`), { texts: ["tls"] });
        }
      });

      test("without it the certificate is refused, and with `insecure` anything goes", async () => {
        const named = reference(`${registry.host}/team/app:v1`);
        const refusal = testClient().manifest(named);
        await expect(refusal).rejects.toMatchObject({
          code: "registry-unreachable",
          message: expect.stringContaining("signed by an untrusted CA"),
          hint: expect.stringContaining("--insecure"),
        });
        const client = testClient({ settings: new Map([[registry.host, { insecure: true }]]) });
        await pushImage(client, named, { texts: ["tls"] });
      });

      test("it is reached through a proxy when one is named", async () => {
        const proxy = await fakeProxy({ hosts: { "registry.test": registry.host } });
        const proxies = { HTTPS_PROXY: `http://${proxy.host}` };
        const settings = new Map([["registry.test", { ca: pem(certificates.authority.certificate) }]]);
        await pushImage(testClient({ settings, proxies }), reference("registry.test/proxy/app:v1"), {
          texts: ["tls"],
        });
        expect(proxy.asked.length).toBeGreaterThan(0);
        expect(new Set(proxy.asked)).toEqual(new Set(["CONNECT registry.test:443"]));
      });

      test("it is shown a certificate when it wants one", async () => {
        const ca = pem(certificates.authority.certificate);
        const { certificate, key } = certificates.client;
        const clientCertificate = { certificate: pem(certificate), key: pem(key) };
        const client = testClient({ settings: new Map([[strict.host, { ca, clientCertificate }]]) });
        await pushImage(client, reference(`${strict.host}/team/app:v1`), { texts: ["tls"] });
        const without = testClient({ settings: new Map([[strict.host, { ca }]]), limits: { attempts: 2 } });
        const failure = without.manifest(reference(`${strict.host}/team/app:v1`));
        await expect(failure).rejects.toMatchObject({
          code: "registry-unreachable",
          message: `the request to the registry ${strict.host} failed: it requires a client certificate that it trusts`,
          hint: expect.stringContaining("NAME.cert and NAME.key"),
        });
      });
    });
  },
);

function temporaryOf(parent: string, name: string): string {
  const path = join(parent, name);
  mkdirSync(path);
  return path;
}
