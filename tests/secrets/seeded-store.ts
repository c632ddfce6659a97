import { createPublicKey } from "node:crypto";
import { pushDatabase } from "../../src/pipeline/database/database-artifact.ts";
import {
  envelopeLayer,
  makeKey,
  signedEnvelope,
  statementOf,
  type TestKey,
} from "../../src/registry/signatures/fixtures/sign.ts";
import { attachUnderTag, signImage } from "../registry/setup/attach.ts";
import { fakeRegistry } from "../registry/setup/fake-registry.ts";
import { pushImage, pushIndex, pushLayers } from "../registry/setup/push-image.ts";
import { reference, testClient } from "../registry/setup/registry-client.ts";
import { tar } from "../setup/tar.ts";

const key: TestKey = makeKey();

/** The public key of {@link seededStore}'s signatures, in PEM. */
export const signerPem: string = createPublicKey(key.secret).export({ type: "spki", format: "pem" }).toString();

/** A registry without credentials that has what commands ask for. */
export interface SeededStore {
  readonly host: string;
  /** The digest of the image at `team/app:v1`. */
  readonly digest: string;
}

/**
 * Starts a registry with an image at `team/app:v1`, signed and with an SBOM attached, an index of two platforms at
 * `team/several:v1`, and the advisory database at `security/advisories`. Call it in a test: it stops when it is done.
 */
export async function seededStore(database: string): Promise<SeededStore> {
  const { host } = await fakeRegistry({ referrers: true });
  const client = testClient();
  const named = reference(`${host}/team/app:v1`);
  const manifest = JSON.stringify({ name: "leaky", version: "1.5.0" });
  const layer = tar([{ name: "app/node_modules/leaky/package.json", content: manifest }]);
  const { descriptor: image } = await pushLayers(client, named, { tars: [layer] });
  await signImage(client, named, { image, key });
  const statement = { ...statementOf(image.digest, "https://cyclonedx.org/bom"), predicate: sbom };
  const layers = [envelopeLayer(signedEnvelope(key, statement))];
  await attachUnderTag(client, named, { image, ending: "att", layers });
  const several = reference(`${host}/team/several:v1`);
  const platforms = [
    { image: await pushLayers(client, several, { tars: [layer] }), platform: "linux/amd64" },
    { image: await pushImage(client, several, { texts: ["arm"], architecture: "arm64" }), platform: "linux/arm64" },
  ];
  await pushIndex(client, several, platforms);
  const { signal } = new AbortController();
  await pushDatabase(reference(`${host}/security/advisories:latest`), { database, client, signal });
  return { host, digest: image.digest };
}

const sbom: object = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  components: [{ type: "library", name: "leaky", version: "1.5.0", purl: "pkg:npm/leaky@1.5.0" }],
};
