import type { DatabaseStatus } from "../findings/advisory.ts";
import type { Finding } from "../findings/finding.ts";
import type { AppliedFilter } from "../findings/finding-filter.ts";
import type { MalwareEngineStatus, MalwareFinding } from "../findings/malware.ts";
import type { SecretFinding } from "../findings/secret.ts";
import type { Assessment, VexSource } from "../findings/vex.ts";
import type { WaivedFileFinding, WaivedFinding } from "../findings/waiver.ts";
import type { Distribution } from "../packages/distribution.ts";
import type { Package } from "../packages/package.ts";
import type { UnreadFiles } from "../packages/unread-files.ts";
import type { Scanner } from "../scanner.ts";
import type { Problem } from "./problem.ts";
import type { Verdict } from "./verdict.ts";

/** What kind of thing was scanned. */
export type TargetKind =
  | "docker"
  | "podman"
  | "containers-storage"
  | "containerd"
  | "registry"
  | "docker-archive"
  | "oci-archive"
  | "oci-dir"
  | "dir"
  | "repo"
  | "file"
  | "sbom";

/** A trusted signer of an SBOM. */
export interface SbomSigner {
  readonly kind: "key" | "identity";
  /** A key's fingerprint, `sha256:…` of its SubjectPublicKeyInfo in DER, or an address of electronic mail or a URI. */
  readonly name: string;
  /** The identity provider of an identity, a URL. */
  readonly issuer?: string;
}

/** An SBOM that was found attached to an image, verified, and taken in place of its layers. */
export interface AttachedSbom {
  readonly format: "cyclonedx" | "spdx";
  /**
   * How it is attached: as a signed attestation, as an artifact that is signed like an image, or beside the image in an
   * index that is signed as a whole.
   */
  readonly place: "attestation" | "artifact" | "index";
  /** The digest of the manifest that carries it. */
  readonly manifest: string;
  /** The signer of the statement. */
  readonly signer: SbomSigner;
  /** When it was signed, if that is proved, in ISO 8601, UTC. */
  readonly time?: string;
}

/** What was scanned. */
export interface Target {
  readonly kind: TargetKind;
  /** As the user named it, without the scheme. */
  readonly name: string;
  /** The digest of the image's config, `sha256:…`. */
  readonly imageId?: string;
  /** The digest of the image's manifest, `sha256:…`. */
  readonly manifestDigest?: string;
  /** Names that the archive or engine gives the image. */
  readonly tags?: readonly string[];
  /** The namespace of containerd in which the image was found. */
  readonly namespace?: string;
  /** `linux/amd64`, `linux/arm/v7`. */
  readonly platform?: string;
  /** The user that the image runs as; `root` when it names none. */
  readonly user?: string;
  /** Where the packages are from, when not from the layers. */
  readonly attachedSbom?: AttachedSbom;
  /** Why no attached SBOM was taken, though one was asked for; the layers were read instead. */
  readonly attachedSbomRefused?: readonly string[];
}

/** A layer of an image, lowest first in the report. */
export interface Layer {
  readonly index: number;
  /** The digest as the manifest has it, of the compressed bytes when they are; absent in the old docker-save form. */
  readonly digest?: string;
  /** The digest of the uncompressed tar, from the config. */
  readonly diffId?: string;
  /** Bytes as stored. */
  readonly size: number;
  /** The instruction that made it, from the image's history. */
  readonly createdBy?: string;
  /** True when the layer is part of the base image, as far as the history shows. */
  readonly base: boolean;
  /** True when the bytes were hashed and equal the digest, in this run or in the run that filled the cache. */
  readonly verified: boolean;
  /**
   * True when the layer was read by its table of contents alone: the files that the table names are proved, and what
   * else its tar holds was not looked at. Absent for a layer that was read whole.
   */
  readonly inPart?: true;
}

/** Contents of a target, before any evaluation. */
export interface Contents {
  /** The program that wrote the report. */
  readonly tool: { readonly name: "plimsoll"; readonly version: string };
  /** When the target was read, RFC 3339. */
  readonly createdAt: string;
  readonly target: Target;
  readonly distro: Distribution | null;
  readonly layers: readonly Layer[];
  readonly packages: readonly Package[];
  /** Files of packages in formats that are not read; absent when there are none. */
  readonly unread?: readonly UnreadFiles[];
  /** How many packages that only development needs were left out; absent when there are none. */
  readonly developmentLeftOut?: number;
  /** Absent when no secrets were looked for. */
  readonly secrets?: readonly SecretFinding[];
  /** Absent when no malware was looked for. */
  readonly malware?: readonly MalwareFinding[];
  /** What malware was looked for with; absent with it. */
  readonly malwareEngines?: readonly MalwareEngineStatus[];
  readonly problems: readonly Problem[];
}

/** A finding that does not count, and the statement by which it does not. */
export interface SuppressedFinding extends Assessment {
  readonly finding: Finding;
}

/** What the advisories cannot tell about a target, one sentence each. */
export interface ReportLimits {
  /** All of it, also what does not change a verdict. */
  readonly limits: readonly string[];
  /** Those of `limits` with which a verdict is at best `cannot-tell`; absent when there are none. */
  readonly gaps?: readonly string[];
  /** Those of `limits` by which severities are in doubt; absent when there are none. */
  readonly severityGaps?: readonly string[];
}

/** An earlier report, and how many findings of this run it has: they are left out. */
export interface AppliedBaseline {
  /** As the user named it. */
  readonly name: string;
  readonly known: number;
}

/** The result of a scan. */
export interface Report extends Contents {
  /** The version of this format. */
  readonly schemaVersion: 2;
  /** What the findings leave out, when they were filtered. */
  readonly filter?: AppliedFilter;
  /** The earlier report whose findings do not count; absent when none was named. */
  readonly baseline?: AppliedBaseline;
  readonly findings: readonly Finding[];
  /** What would be a finding, were it not for a statement that it is fixed or does not affect the package. */
  readonly suppressed: readonly SuppressedFinding[];
  /** What was looked for; absent for vulnerabilities alone. */
  readonly scanners?: readonly Scanner[];
  /** What would be a finding, were it not for a waiver of the policy; absent when there is none. */
  readonly waived?: readonly WaivedFinding[];
  /** What would be among the secrets, were it not for a waiver; absent when there is none. */
  readonly waivedSecrets?: readonly WaivedFileFinding<SecretFinding>[];
  /** The same of the malware. */
  readonly waivedMalware?: readonly WaivedFileFinding<MalwareFinding>[];
  /** A sentence for each waiver of the policy without effect; absent when there is none. */
  readonly idleWaivers?: readonly string[];
  /** The VEX documents of the user; absent when none were named. */
  readonly vex?: readonly VexSource[];
  /** What the advisories are and what they therefore cannot tell. */
  readonly database: DatabaseStatus & ReportLimits;
  readonly verdict: Verdict;
}
