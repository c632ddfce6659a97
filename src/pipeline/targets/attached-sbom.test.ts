import { expect, test } from "vitest";
import { PlimsollError } from "../../model/error.ts";
import { digestOf } from "../../registry/content/content-digest.ts";
import { readManifest } from "../../registry/content/manifest.ts";
import { MemorySource, type TestLayer } from "../../registry/signatures/fixtures/memory-source.ts";
import {
  bundleLayer,
  bundleType,
  envelopeLayer,
  makeKey,
  signBytes,
  signedEnvelope,
  simpleLayer,
  simplePayload,
  statementOf,
} from "../../registry/signatures/fixtures/sign.ts";
import { type AttachedSbomChoice, chooseAttachedSbom } from "./attached-sbom.ts";

const key = makeKey();
const stranger = makeKey();
const cyclonedxType = "application/vnd.cyclonedx+json";
const cyclonedxPredicate = "https://cyclonedx.org/bom";
const spdxPredicate = "https://spdx.dev/Document";
const signer = { kind: "key", name: key.trusted.fingerprint };

test.each([
  ["under cosign's tag", "tag"],
  ["in a referrer with an envelope", "referrer"],
  ["in a bundle", "bundle"],
])("an attestation %s is taken", async (_, form) => {
  const [source, image] = withImage();
  const envelope = attestation(image, cyclonedx(["adduser", "bash"]));
  if (form === "tag") source.putUnderTag(image, "att", [envelopeLayer(envelope)]);
  if (form === "referrer")
    source.putReferrer(image, "application/vnd.dev.cosign.artifact.att.v1+json", [envelopeLayer(envelope)]);
  if (form === "bundle") source.putReferrer(image, bundleType, [bundleLayer({ dsseEnvelope: envelope })]);
  const choice = await choose(source, image);
  expect(choice).toMatchObject({ origin: { format: "cyclonedx", place: "attestation", signer } });
});

test("SPDX is taken too, with a version in the predicate type, and as older cosign wraps a document", async () => {
  const forms: [object, string][] = [
    [spdx(["bash"]), spdxPredicate],
    [spdx(["bash"]), `${spdxPredicate}/v2.3`],
    [{ Data: spdx(["bash"]), Timestamp: "" }, spdxPredicate],
    [{ Data: JSON.stringify(spdx(["bash"])), Timestamp: "" }, spdxPredicate],
  ];
  for (const [predicate, type] of forms) {
    const [source, image] = withImage();
    source.putUnderTag(image, "att", [envelopeLayer(attestation(image, predicate, { type }))]);
    expect(await choose(source, image)).toMatchObject({ origin: { format: "spdx" } });
  }
});

test("an artifact is taken when its manifest is signed, and no other", async () => {
  const [source, image] = withImage();
  const manifest = source.putReferrer(image, cyclonedxType, [document(cyclonedx(["bash"]))]);
  expect(refusals(await choose(source, image))).toEqual([
    `the SBOM in ${manifest} is not verified: it has no trusted signature`,
  ]);
  sign(source, manifest, stranger);
  expect(refusals(await choose(source, image))).toHaveLength(1);
  sign(source, manifest, key);
  expect(await choose(source, image)).toMatchObject({ origin: { place: "artifact", manifest, signer } });
});

test("what is under cosign's tag for SBOMs says itself of which image it is, for anybody may move a tag", async () => {
  for (const described of [true, false]) {
    const [source, image] = withImage();
    const content = { ...cyclonedx(["bash"]), ...(described && { metadata: { component: { version: image } } }) };
    const manifest = source.putUnderTag(image, "sbom", [document(content)]);
    sign(source, manifest, key);
    const choice = await choose(source, image);
    if (described) expect(choice).toMatchObject({ origin: { place: "artifact", manifest } });
    else expect(refusals(choice)).toEqual([expect.stringContaining("the signed statement does not name an image")]);
  }
});

test("the SBOM of an index counts for one of its images only when it says so, or when there is no other", async () => {
  for (const [images, described] of [
    [1, false],
    [2, false],
    [2, true],
  ] as const) {
    const [source, image] = withImage();
    const other = source.putImage("another");
    const index = indexOf(source, [image, other].slice(0, images));
    const content = { ...cyclonedx(["bash"]), ...(described && { metadata: { component: { version: image } } }) };
    source.putUnderTag(index.digest, "att", [envelopeLayer(attestation(index.digest, content))]);
    const choice = await choose(source, image, index);
    if (images === 1 || described) expect(choice).toMatchObject({ origin: { place: "attestation" } });
    else expect(refusals(choice)).toEqual([expect.stringContaining("an index of several images")]);
  }
});

test("an index with one entry that is another index is not an index of one image", async () => {
  const [source, image] = withImage();
  const inner = indexOf(source, [image, source.putImage("another")]);
  const outer = indexOf(source, [inner.digest]);
  source.putUnderTag(outer.digest, "att", [envelopeLayer(attestation(outer.digest, cyclonedx(["bash"])))]);
  expect(refusals(await choose(source, image, outer))).toEqual([expect.stringContaining("an index of several images")]);
});

test("what BuildKit puts into an index is taken when the index is signed", async () => {
  const [source, image] = withImage();
  const statement = { ...statementOf(image, spdxPredicate), predicate: spdx(["bash"]) };
  const beside = source.putManifest({ schemaVersion: 2, layers: [inToto(source, statement)] });
  const aboutOther = { ...statementOf(digestOf(Buffer.from("x")), spdxPredicate), predicate: spdx(["bash"]) };
  const other = source.putManifest({ schemaVersion: 2, layers: [inToto(source, aboutOther)] });
  const index = indexOf(source, [image], [{ digest: beside, of: image }]);
  expect(refusals(await choose(source, image, index))).toEqual([
    "the SBOM in the index was not used, because the index is not verified",
  ]);
  sign(source, index.digest, key);
  expect(await choose(source, image, index)).toMatchObject({ origin: { place: "index", manifest: beside, signer } });
  const wrong = indexOf(source, [image], [{ digest: other, of: image }]);
  sign(source, wrong.digest, key);
  expect(refusals(await choose(source, image, wrong))).toEqual([expect.stringContaining("it is about another image")]);
});

test.each([
  [
    "of a stranger",
    (image: string) => attestation(image, cyclonedx(["bash"]), { by: stranger }),
    /it was not made with any of the keys/,
  ],
  ["of another image", () => attestation(digestOf(Buffer.from("x")), cyclonedx(["bash"])), /it is about another image/],
  [
    "that was changed",
    (image: string) => changed(attestation(image, cyclonedx(["bash"]))),
    /it was not made with any of the keys/,
  ],
  ["that lists nothing", (image: string) => attestation(image, cyclonedx([])), /it lists no package/],
  ["that says that it is incomplete", (image: string) => attestation(image, incomplete), /it is marked as incomplete/],
  ["of programs alone", (image: string) => attestation(image, npmOnly), /no distribution packages/],
  ["that is not an SBOM", (image: string) => attestation(image, { hello: "world" }), /neither CycloneDX nor SPDX/],
  [
    "with another one inside, which nobody verified",
    (image: string) => attestation(image, attestation(image, cyclonedx(["bash"]), { by: stranger })),
    /inside another attestation, which was not verified/,
  ],
  ["without a document", (image: string) => attestation(image, ""), /contains no document/],
])("an attestation %s is not taken, and the reason is told", async (_, make, reason) => {
  const [source, image] = withImage();
  source.putUnderTag(image, "att", [envelopeLayer(make(image))]);
  expect(refusals(await choose(source, image))).toEqual([expect.stringMatching(reason)]);
});

test("attestations of other kinds are passed over, and nothing at all is a reason too", async () => {
  const [source, image] = withImage();
  source.putUnderTag(image, "att", [
    envelopeLayer(attestation(image, cyclonedx(["bash"]), { type: "https://slsa.dev/provenance/v1" })),
  ]);
  source.putReferrer(image, "application/vnd.example", [{ mediaType: "text/plain", content: Buffer.from("hello") }]);
  expect(refusals(await choose(source, image))).toEqual(["no SBOM is attached to the image"]);
});

test("of several the one that lists most is taken, unless they contradict each other", async () => {
  const [source, image] = withImage();
  const layers = [["bash"], ["bash", "apt"], ["apt"]].map((names) =>
    envelopeLayer(attestation(image, cyclonedx(names))),
  );
  source.putUnderTag(image, "att", layers);
  const choice = await choose(source, image);
  expect("bytes" in choice && choice.bytes.toString()).toContain('"apt"');
  source.putUnderTag(image, "att", [...layers, envelopeLayer(attestation(image, spdx(["zsh"])))]);
  expect(refusals(await choose(source, image))).toEqual([
    "4 verified SBOMs of the image contradict each other about its packages",
  ]);
});

test("a large document, one of several and what cannot be looked at are reasons, an interruption is none", async () => {
  const [source, image] = withImage();
  const large = source.putReferrer(image, cyclonedxType, [document({ ...cyclonedx(["bash"]), x: "x".repeat(34e6) })]);
  sign(source, large, key);
  source.putReferrer(image, cyclonedxType, [document(cyclonedx(["bash"])), document(spdx(["bash"]))]);
  expect(refusals(await choose(source, image))).toEqual([
    expect.stringMatching(/the limit for an attached SBOM is/),
    expect.stringMatching(/it contains several documents/),
  ]);
  source.referrers = () => {
    throw new PlimsollError("registry-failed", "the registry broke off");
  };
  expect(refusals(await choose(source, image))).toEqual([
    "the referrers could not be examined: the registry broke off",
  ]);
  source.referrers = () => {
    throw new PlimsollError("cancelled", "it was interrupted");
  };
  await expect(choose(source, image)).rejects.toMatchObject({ code: "cancelled" });
});

test("an artifact whose manifest programs could read in two ways is a reason, as a referrer and under a tag", async () => {
  for (const place of ["referrer", "tag"]) {
    const [source, image] = withImage();
    const layers = [document(cyclonedx(["bash"]))];
    const good =
      place === "tag" ? source.putUnderTag(image, "sbom", layers) : source.putReferrer(image, cyclonedxType, layers);
    const bytes = Buffer.from(`\ufeff${Buffer.from(source.manifests.get(good) ?? "").toString()}`);
    const manifest = { bytes, mediaType: "", digest: digestOf(bytes) };
    if (place === "tag") source.manifests.set(`${image.replace(":", "-")}.sbom`, bytes);
    else
      source.referrers = async function* () {
        yield { digest: manifest.digest, artifactType: cyclonedxType, manifest };
      };
    expect(refusals(await choose(source, image))).toEqual([
      `the manifest ${manifest.digest} cannot be read: it is not valid JSON`,
    ]);
  }
});

test("a list of referrers beyond a limit is a reason once", async () => {
  const [source, image] = withImage();
  source.referrers = () => {
    throw new PlimsollError("limit-exceeded", "the list of what is attached has more than 200 pages");
  };
  expect(refusals(await choose(source, image))).toEqual([
    "the list of what is attached has more than 200 pages, so not all signatures were examined",
  ]);
});

test("manifests of many megabytes are not kept, but asked for again when they are needed again", async () => {
  const [source, image] = withImage();
  const pad = "x".repeat(4_000_000);
  for (let count = 0; count < 8; count++) {
    source.listed.push({
      digest: source.putManifest({
        ...{
          schemaVersion: 2,
          artifactType: "application/vnd.example",
          layers: [],
          annotations: { pad, count: `${count}` },
        },
        subject: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: image, size: 1 },
      }),
    });
  }
  const last = source.putReferrer(image, cyclonedxType, [document(cyclonedx(["bash"]))]);
  sign(source, last, key);
  // As a registry's client does it, each manifest comes with its place in the list.
  const listed = source.referrers.bind(source);
  const asked: string[] = [];
  let lists = 0;
  source.referrers = async function* (repository, digest) {
    lists += digest === image ? 1 : 0;
    for await (const referrer of listed(repository, digest)) {
      const manifest = await MemorySource.prototype.manifest.call(source, repository, referrer.digest);
      yield { ...referrer, ...(manifest && { manifest }) };
    }
  };
  source.manifest = (repository, reference) => {
    if (reference.startsWith("sha256:")) asked.push(reference);
    return MemorySource.prototype.manifest.call(source, repository, reference);
  };
  expect(await choose(source, image)).toMatchObject({ origin: { place: "artifact", manifest: last } });
  expect(lists).toBe(1);
  expect(asked).toEqual(source.listed.slice(4, 8).map(({ digest }) => digest));
});

function withImage(): [MemorySource, string] {
  const source = new MemorySource();
  return [source, source.putImage()];
}

function choose(source: MemorySource, digest: string, index?: ReturnType<typeof indexOf>): Promise<AttachedSbomChoice> {
  const { signal } = new AbortController();
  const subject = { repository: "team/app", digest, index };
  return chooseAttachedSbom(source, subject, { policy: { keys: [key.trusted] }, signal });
}

function refusals(choice: AttachedSbomChoice): readonly string[] {
  return "refused" in choice ? choice.refused : ["it was taken"];
}

function sign(source: MemorySource, digest: string, by: typeof key): void {
  const payload = simplePayload(digest);
  source.putUnderTag(digest, "sig", [simpleLayer(payload, signBytes(by, payload))]);
}

function attestation(
  digest: string,
  predicate: object | string,
  { by = key, type = cyclonedxPredicate }: { readonly by?: typeof key; readonly type?: string } = {},
): ReturnType<typeof signedEnvelope> {
  return signedEnvelope(by, { ...statementOf(digest, type), predicate });
}

function changed(envelope: ReturnType<typeof signedEnvelope>): object {
  const text = Buffer.from(envelope.payload, "base64").toString().replaceAll("bash", "fish");
  return { ...envelope, payload: Buffer.from(text).toString("base64") };
}

function document(content: object): TestLayer {
  const mediaType = "spdxVersion" in content ? "application/spdx+json" : cyclonedxType;
  return { mediaType, content: Buffer.from(JSON.stringify(content)) };
}

function inToto(source: MemorySource, statement: object): object {
  const content = Buffer.from(JSON.stringify(statement));
  const digest = digestOf(content);
  source.blobs.set(digest, content);
  const annotations = { "in-toto.io/predicate-type": spdxPredicate };
  return { mediaType: "application/vnd.in-toto+json", digest, size: content.length, annotations };
}

function indexOf(
  source: MemorySource,
  images: readonly string[],
  statements: readonly { readonly digest: string; readonly of: string }[] = [],
): ReturnType<typeof readManifest> {
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const digest = source.putManifest({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      ...images.map((one, number) => ({
        ...{ mediaType, digest: one, size: 1 },
        platform: { os: "linux", architecture: number === 0 ? "amd64" : "arm64" },
      })),
      ...statements.map((one) => ({
        ...{ mediaType, digest: one.digest, size: 1, platform: { os: "unknown", architecture: "unknown" } },
        annotations: {
          "vnd.docker.reference.type": "attestation-manifest",
          "vnd.docker.reference.digest": one.of,
        },
      })),
    ],
  });
  const bytes = Buffer.from(source.manifests.get(digest) ?? "");
  return readManifest(bytes, { digest, contentType: undefined, what: "the index" });
}

function cyclonedx(names: readonly string[]): object {
  const components = names.map((name) => ({ ...{ type: "library", name, version: "1.0-1" }, purl: purlOf(name) }));
  return { bomFormat: "CycloneDX", specVersion: "1.6", components };
}

function spdx(names: readonly string[]): object {
  const packages = names.map((name) => ({
    ...{ SPDXID: `SPDXRef-${name}`, name, versionInfo: "1.0-1" },
    externalRefs: [{ referenceType: "purl", referenceLocator: purlOf(name) }],
  }));
  return { spdxVersion: "SPDX-2.3", packages };
}

const incomplete = { ...cyclonedx(["bash"]), compositions: [{ aggregate: "incomplete", assemblies: ["target"] }] };

const npmOnly = {
  ...{ bomFormat: "CycloneDX", specVersion: "1.6" },
  components: [{ type: "library", name: "lodash", version: "4.17.15", purl: "pkg:npm/lodash@4.17.15" }],
};

function purlOf(name: string): string {
  return `pkg:deb/debian/${name}@1.0-1?arch=amd64&distro=debian-12`;
}
