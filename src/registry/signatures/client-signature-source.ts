import { PlimsollError } from "../../model/error.ts";
import { type ImageReference, isDigest } from "../../model/packages/reference.ts";
import type { RegistryClient } from "../connection/registry-client.ts";
import type { SignatureSource } from "./signature-source.ts";

/** Signatures in the repositories of one registry. */
export function clientSignatureSource(client: RegistryClient, registry: string): SignatureSource {
  return {
    async manifest(repository, reference) {
      const name: ImageReference = {
        registry,
        repository,
        ...(isDigest(reference) ? { digest: reference } : { tag: reference }),
      };
      try {
        return await client.manifest(name);
      } catch (cause) {
        if (cause instanceof PlimsollError && cause.code === "image-not-found") return undefined;
        throw cause;
      }
    },
    blob: (repository, digest, maxBytes) =>
      client.blobBytes({ registry, repository }, { digest, size: maxBytes }, maxBytes),
    async *referrers(repository, digest) {
      const unreadable: string[] = [];
      const problem = (reason: string) => void unreadable.push(reason);
      for await (const { manifest, artifactType } of client.referrers({ registry, repository }, digest, { problem })) {
        yield { digest: manifest.digest, artifactType, manifest };
      }
      const [first] = unreadable;
      if (first !== undefined) throw new PlimsollError("registry-failed", first);
    },
  };
}
