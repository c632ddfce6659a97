import type { ProxyEnvironment } from "../../io/http/http-client.ts";
import { PlimsollError } from "../../model/error.ts";
import { type ImageReference, isRegistry } from "../../model/packages/reference.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import { type Artifact, artifactManifest } from "../content/artifact-manifest.ts";
import type { BlobSource } from "../content/blob-source.ts";
import { type BlobStreamOptions, fetchBlob, streamBlob } from "../content/blob-stream.ts";
import type { Content } from "../content/content-digest.ts";
import type { Descriptor } from "../content/descriptor.ts";
import {
  type FetchManifestOptions,
  fetchManifest,
  headManifest,
  type ManifestHead,
} from "../content/fetch-manifest.ts";
import { type ListReferrersOptions, listReferrers, type Referrer } from "../content/list-referrers.ts";
import type { Manifest } from "../content/manifest.ts";
import { type PushBlobOptions, type PushedBlob, pushBlob } from "../content/push-blob.ts";
import { type NewManifest, pushManifest } from "../content/push-manifest.ts";
import type { CredentialSource } from "../credentials/credential.ts";
import { type CatalogOptions, listRepositories, listTags, type Misfit } from "../listing/list-names.ts";
import type { CloudAccounts } from "../vendors/cloud-accounts.ts";
import { vendorOfHost } from "../vendors/vendor-of-host.ts";
import type { RateLimit } from "./rate-limit.ts";
import { RegistryHost } from "./registry-host.ts";
import { defaultLimits, type RegistryLimits, type RegistrySettings } from "./registry-settings.ts";
import type { RepositoryAt } from "./repository-at.ts";

/** What {@link RegistryClient} is made with. */
export interface RegistryClientOptions {
  readonly credentials: CredentialSource;
  /** By registry, as references name it (`docker.io`, `HOST:PORT`), asked once for each; mirrors have their own. */
  readonly settings?: { get(registry: string): RegistrySettings | undefined };
  readonly proxies?: ProxyEnvironment;
  /** The accounts at clouds, for what credentials of registries do not open. */
  readonly accounts?: CloudAccounts;
  readonly limits?: Partial<RegistryLimits>;
  /** Ends everything that the client does. */
  readonly signal: AbortSignal;
  /** Told once for each registry, in a sentence, that it is being waited for. */
  readonly waiting?: (sentence: string) => void;
}

/** A repository of a registry. */
export type Repository = Pick<ImageReference, "registry" | "repository">;

/**
 * A client of the OCI Distribution Specification 1.1 for any number of registries. What it learns of one, how to log in
 * and which tokens it has, it remembers; so one client serves a whole run.
 *
 * A registry is asked over TLS, with the credentials that belong to it and only where its challenge sends them. Neither
 * a redirect nor a challenge leads to a private address that the user did not name. Every digest is computed here. All
 * methods throw `registry-unreachable`, `registry-refused`, `registry-failed`, those of the credential source, and
 * `cancelled`.
 *
 * A stream of a blob occupies one of the few places that a registry has until it is read or closed.
 */
export class RegistryClient {
  readonly #options: RegistryClientOptions;
  readonly #limits: RegistryLimits;
  readonly #hosts = new Map<string, RegistryHost>();

  constructor(options: RegistryClientOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
  }

  /**
   * The manifest or index that a reference names, from a mirror if there is one that has it; `latest` without tag and
   * digest.
   * Errors: `image-not-found`, `manifest-malformed`, `digest-mismatch`, `limit-exceeded`.
   */
  manifest(reference: ImageReference, options: Pick<FetchManifestOptions, "accept"> = {}): Promise<Manifest> {
    const limit = this.#limits.manifestBytes;
    return this.#fromFirst(reference, (place) => fetchManifest(place, reference, { ...options, limit }));
  }

  /** As {@link manifest}, from the registry itself, whatever mirrors it has. */
  manifestOf(reference: ImageReference): Promise<Manifest> {
    return fetchManifest(this.#place(reference), reference, { limit: this.#limits.manifestBytes });
  }

  /**
   * What a reference stands for now, by the registry's word; undefined when it has no such manifest. It counts as no
   * pull.
   */
  head(
    reference: ImageReference,
    options: Pick<FetchManifestOptions, "accept"> = {},
  ): Promise<ManifestHead | undefined> {
    return headManifest(this.#place(reference), reference, { ...options, limit: this.#limits.manifestBytes });
  }

  /**
   * The bytes of a blob, or of a part of it. A break in the connection does not show. The digest of a whole blob is
   * proved after its last byte; that of a part cannot be.
   * Errors: `image-not-found`, `digest-mismatch`.
   */
  blob(
    repository: Repository,
    content: Content,
    range: Pick<BlobStreamOptions, "from" | "to" | "partOnly"> = {},
  ): AsyncGenerator<Buffer> {
    return streamBlob(this.#places(repository), content, { ...range, ...this.#patience });
  }

  /**
   * A small blob as a whole, proved by its digest, whatever size was said of it.
   * Errors: as {@link RegistryClient.blob}, and `limit-exceeded` beyond `limit` bytes.
   */
  async blobBytes(
    repository: Repository,
    content: Pick<Content, "digest"> & Partial<Content>,
    limit: number,
  ): Promise<Buffer> {
    if (content.size !== undefined && content.size > limit) {
      throw new PlimsollError(
        "limit-exceeded",
        `the blob ${content.digest} is ${content.size} bytes; the limit is ${limit} bytes`,
      );
    }
    return this.#fromFirst(repository, (place) => fetchBlob(place, content, { limit, ...this.#patience }));
  }

  /**
   * Whether the registry accepts the credentials that there are for it: `open` when it lets anybody in without asking.
   * Error: `registry-refused` when it does not accept them.
   */
  async checkLogin(registry: string): Promise<"accepted" | "open"> {
    const host = this.host(registry);
    const answer = await host.send({ path: "/v2/", scopes: [] });
    if (answer.status !== 200) throw await host.refusal(answer, "the log-in", { scopes: [] });
    return host.asksWhoWeAre ? "accepted" : "open";
  }

  /** See {@link listTags}. */
  tags(repository: Repository, misfit?: Misfit): AsyncGenerator<string> {
    const pageSize = vendorOfHost(repository.registry)?.tagsOnPage;
    return listTags(this.#place(repository), { pageSize, misfit });
  }

  /** See {@link listRepositories}. */
  catalog(registry: string, options: CatalogOptions = {}): AsyncGenerator<string> {
    return listRepositories(this.host(registry), options);
  }

  /** The attachments of a manifest. See {@link listReferrers}. */
  referrers(
    repository: Repository,
    digest: string,
    options: Omit<ListReferrersOptions, "limit"> = {},
  ): AsyncGenerator<Referrer> {
    return listReferrers(this.#place(repository), digest, { ...options, limit: this.#limits.manifestBytes });
  }

  /** See {@link pushBlob}. */
  pushBlob(repository: Repository, source: BlobSource, options: PushBlobOptions = {}): Promise<PushedBlob> {
    return pushBlob(this.#place(repository), source, { ...options, ...this.#patience });
  }

  /** Puts a manifest under a tag, or under its digest alone. See {@link pushManifest}. */
  pushManifest(reference: ImageReference, manifest: NewManifest): Promise<Descriptor> {
    return pushManifest(this.#place(reference), reference, manifest);
  }

  /** Pushes an artifact with all its blobs, under a tag, or under its digest alone; gives its descriptor. */
  async pushArtifact(
    reference: ImageReference,
    artifact: Artifact,
    options: PushBlobOptions = {},
  ): Promise<Descriptor> {
    const { bytes, mediaType, blobs } = artifactManifest(artifact);
    for (const blob of blobs) await this.pushBlob(reference, blob, options);
    return this.pushManifest(reference, { bytes, mediaType });
  }

  /** The accounts at clouds that the client was made with. */
  get accounts(): CloudAccounts | undefined {
    return this.#options.accounts;
  }

  /** What a registry last said of how much may still be asked; undefined when it does not mention it. */
  rateLimit(registry: string): RateLimit | undefined {
    return this.#hosts.get(registry)?.rateLimit;
  }

  /** One registry, or another server that a registry's vendor runs, as it is reached. */
  host(name: string): RegistryHost {
    let host = this.#hosts.get(name);
    if (!host) {
      const { credentials, proxies, waiting } = this.#options;
      const settings = this.#options.settings?.get(name) ?? {};
      host = new RegistryHost(name, {
        credentials,
        settings,
        proxies,
        isInsecure: (other) => isRegistry(other) && this.#options.settings?.get(other)?.insecure === true,
        ...(waiting && { waiting }),
        ...this.#patience,
      });
      this.#hosts.set(name, host);
    }
    return host;
  }

  get #patience(): Pick<BlobStreamOptions, "limits" | "signal"> {
    return { limits: this.#limits, signal: this.#options.signal };
  }

  #place({ registry, repository }: Repository): RepositoryAt {
    return { host: this.host(registry), repository };
  }

  /** Where to pull from, in order: the mirrors, then the registry itself. */
  #places(repository: Repository): readonly RepositoryAt[] {
    const mirrors = this.#options.settings?.get(repository.registry)?.mirrors ?? [];
    const copies = mirrors.map((mirror) => {
      const [registry = "", ...prefix] = trimEnd(mirror, "/").split("/");
      return this.#place({ registry, repository: [...prefix, repository.repository].join("/") });
    });
    return [...copies, this.#place(repository)];
  }

  async #fromFirst<T>(repository: Repository, work: (place: RepositoryAt) => Promise<T>): Promise<T> {
    const places = this.#places(repository);
    for (const place of places.slice(0, -1)) {
      try {
        return await work(place);
      } catch (cause) {
        if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
      }
    }
    return work(places.at(-1) ?? this.#place(repository));
  }
}
