import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { makeFolder } from "../../io/files/make-folder.ts";
import { HttpClient, type ProxyEnvironment } from "../../io/http/http-client.ts";
import { secretsOfAddress, secretsOfProxies } from "../../io/http/secrets-of-address.ts";
import { withoutSecrets } from "../../io/http/without-secrets.ts";
import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import { TufFetcher, TufFetchFailure } from "./tuf-fetcher.ts";

/** Where a trusted root is fetched from. */
export interface TrustedRootOptions {
  /**
   * A folder for what was fetched and proved; made when it is not there. Without it an old root could be served as a
   * new one.
   */
  readonly cacheFolder: string;
  /** The address of the TUF repository; Sigstore's public one unless given. */
  readonly mirror?: string;
  /** The path of a `root.json` to begin with: needed for every repository but the public one. */
  readonly rootFile?: string;
  readonly proxies?: ProxyEnvironment;
  /** Milliseconds for all of it; 60,000 unless given. One file may take half of them at one attempt. */
  readonly timeout?: number;
  readonly signal: AbortSignal;
}

const target = "trusted_root.json";
const publicMirror = "https://tuf-repo-cdn.sigstore.dev";
const longestFetch = 60_000;

/**
 * The trusted root that a Sigstore instance publishes, fetched with The Update Framework, which proves its publisher
 * and that it is the newest. The mirror alone is asked.
 *
 * Errors: `feed-unreachable` when it cannot be fetched or proved, `usage` for another mirror without a root and for a
 * proxy that is none, `cancelled`. Source: the TUF specification 1.0.
 */
export async function fetchTrustedRoot(options: TrustedRootOptions): Promise<Uint8Array> {
  const { mirror = publicMirror, rootFile, proxies = {}, timeout = longestFetch, signal } = options;
  if (signal.aborted) throw cancelled();
  if (mirror !== publicMirror && rootFile === undefined) {
    throw new PlimsollError(
      "usage",
      `the trusted root of ${hostOf(mirror)} cannot be verified without an initial root`,
      {
        hint: "Specify the root.json of this TUF repository.",
      },
    );
  }
  const within = AbortSignal.timeout(timeout);
  const fetcher = new TufFetcher({
    client: new HttpClient(proxies),
    signal: AbortSignal.any([signal, within]),
    timeout: timeout / 2,
  });
  try {
    return await fetchFrom(mirror, { ...options, fetcher });
  } catch (cause) {
    if (signal.aborted) throw cancelled();
    if (cause instanceof PlimsollError) throw cause;
    const failure = within.aborted ? new TufFetchFailure(tooSlow(timeout)) : (fetcher.failure ?? cause);
    const reason =
      failure instanceof TufFetchFailure
        ? failure.message
        : withoutSecrets(reasonOf(failure), [...secretsOfAddress(mirror), ...secretsOfProxies(proxies)]);
    const what = `the trusted root of ${hostOf(mirror)}`;
    const hint = failure instanceof TufFetchFailure ? failure.hint : undefined;
    throw new PlimsollError("feed-unreachable", `${what} could not be fetched: ${reason}`, {
      hint: hint ?? "Check the network, or specify the trusted root as a file.",
    });
  }
}

/**
 * The trusted root of Sigstore's public instance as it was when this version was made, for use without a network.
 * Signatures with newer logs or authorities are not verified by it.
 */
export async function builtInTrustedRoot(): Promise<Uint8Array> {
  return Buffer.from((await publicSeed()).targets[target], "base64");
}

async function fetchFrom(
  mirror: string,
  { cacheFolder, rootFile, fetcher }: Pick<TrustedRootOptions, "cacheFolder" | "rootFile"> & { fetcher: TufFetcher },
): Promise<Uint8Array> {
  const metadataDir = join(cacheFolder, encodeURIComponent(placeOf(mirror)));
  const targetDir = join(metadataDir, "targets");
  makeFolder(targetDir);
  await layFirstRoot(metadataDir, { rootFile, targetDir });
  const base = trimEnd(mirror, "/");
  const updater = new Updater({
    metadataBaseUrl: base,
    metadataDir,
    targetBaseUrl: `${base}/targets`,
    targetDir,
    fetcher,
  });
  await updater.refresh();
  const info = await updater.getTargetInfo(target);
  if (!info) throw new Error(`it has no ${target}`);
  return readFileSync((await updater.findCachedTarget(info)) ?? (await updater.downloadTarget(info)));
}

/** The root that is trusted at first, unless one is there that came from it. */
async function layFirstRoot(
  metadataDir: string,
  { rootFile, targetDir }: { readonly rootFile: string | undefined; readonly targetDir: string },
): Promise<void> {
  const root = join(metadataDir, "root.json");
  if (existsSync(root)) return;
  if (rootFile !== undefined) {
    copyFileSync(rootFile, root);
    return;
  }
  const seed = await publicSeed();
  writeFileSync(root, Buffer.from(seed["root.json"], "base64"));
  writeFileSync(join(targetDir, target), Buffer.from(seed.targets[target], "base64"));
}

async function publicSeed(): Promise<{
  readonly "root.json": string;
  readonly targets: { readonly [target]: string };
}> {
  const { default: seeds } = await import("@sigstore/tuf/seeds.json", { with: { type: "json" } });
  return seeds[publicMirror];
}

function cancelled(): PlimsollError {
  return new PlimsollError("cancelled", "the download of the trusted root was interrupted");
}

function hostOf(address: string): string {
  return URL.parse(address)?.host ?? "its mirror";
}

/** What a repository's folder is named after. */
function placeOf(address: string): string {
  const { host, pathname } = new URL(address);
  return `${host}${trimEnd(pathname, "/")}`;
}

function tooSlow(milliseconds: number): string {
  return `its server did not complete a response within ${Math.ceil(milliseconds / 1000)} seconds`;
}

/** The innermost reason, without an address that might hold a secret. */
function reasonOf(cause: unknown): string {
  let error = cause;
  for (let depth = 0; depth < 8 && error instanceof Error && error.cause instanceof Error; depth++) error = error.cause;
  const text = error instanceof Error ? error.message : "unknown error";
  return oneLine(text.replace(/(?<![a-z])[a-z]+:\/\/\S+/gi, "…"));
}
