import { initTUF } from "@sigstore/tuf";
import { makeFolder } from "../../io/make-folder.ts";
import { nodeHttp } from "../../io/node-http.ts";
import { oneLine } from "../../io/one-line.ts";
import { type ProxyEnvironment, proxyChoice } from "../../io/proxy-variables.ts";
import { PlimsollError } from "../../model/error.ts";
import { trimEnd } from "../../model/trim-end.ts";

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
  readonly signal: AbortSignal;
}

const target = "trusted_root.json";
const publicMirror = "https://tuf-repo-cdn.sigstore.dev";
const timeout = 15_000;

/**
 * The trusted root that a Sigstore instance publishes, fetched with The Update Framework, which proves that it is the
 * newest and by whom. The library for it makes its own requests, to the mirror alone.
 *
 * Errors: `feed-unreachable` when it cannot be fetched or proved, `usage` for another mirror without a root and for a
 * proxy that is none, `cancelled`. Source: the TUF specification 1.0.
 */
export async function fetchTrustedRoot(options: TrustedRootOptions): Promise<Uint8Array> {
  const { cacheFolder, mirror = publicMirror, rootFile, proxies, signal } = options;
  if (signal.aborted) throw cancelled();
  if (mirror !== publicMirror && rootFile === undefined) {
    throw new PlimsollError("usage", `the trusted root of ${hostOf(mirror)} cannot be proved without a first root`, {
      hint: "Give the root.json of that TUF repository.",
    });
  }
  const address = URL.parse(mirror);
  const proxy = proxies && address ? proxyChoice(proxies)(address) : undefined;
  const interruption = Promise.withResolvers<never>();
  const interrupt = (): void => interruption.reject(cancelled());
  signal.addEventListener("abort", interrupt);
  const restoreProxies = askThrough(proxy);
  try {
    return await Promise.race([fetchFrom(mirror, { cacheFolder, rootFile }), interruption.promise]);
  } catch (cause) {
    if (signal.aborted) throw cancelled();
    const what = `the trusted root of ${hostOf(mirror)}`;
    throw new PlimsollError("feed-unreachable", `${what} could not be fetched: ${reasonOf(cause, proxy)}`, {
      hint: "Check the network, or give the trusted root as a file.",
    });
  } finally {
    signal.removeEventListener("abort", interrupt);
    restoreProxies();
  }
}

/**
 * The trusted root of Sigstore's public instance as it was when this version was made, for use without a network.
 * Signatures with newer logs or authorities are not verified by it.
 */
export async function builtInTrustedRoot(): Promise<Uint8Array> {
  const { default: seeds } = await import("@sigstore/tuf/seeds.json", { with: { type: "json" } });
  return Buffer.from(seeds[publicMirror].targets[target], "base64");
}

async function fetchFrom(
  mirror: string,
  { cacheFolder, rootFile }: { readonly cacheFolder: string; readonly rootFile: string | undefined },
): Promise<Uint8Array> {
  makeFolder(cacheFolder);
  const repository = await initTUF({
    mirrorURL: trimEnd(mirror, "/"),
    cachePath: cacheFolder,
    ...(rootFile !== undefined && { rootPath: rootFile }),
    retry: { retries: 2, minTimeout: 500 },
    timeout,
  });
  return Buffer.from(await repository.getTarget(target));
}

/** Has all of Node's own requests go through one proxy, or through none, until what it gives back is called. */
function askThrough(proxy: URL | undefined): () => void {
  // Without exceptions of its own, Node would read those of the process, in its own way.
  const variables = { http_proxy: proxy?.href, https_proxy: proxy?.href, no_proxy: "none.invalid" };
  return proxy ? nodeHttp().setGlobalProxyFromEnv(variables) : () => undefined;
}

function cancelled(): PlimsollError {
  return new PlimsollError("cancelled", "the fetching of the trusted root was interrupted");
}

function hostOf(address: string): string {
  return URL.parse(address)?.host ?? "its mirror";
}

/** The innermost reason, without an address that might hold a secret. */
function reasonOf(cause: unknown, proxy: URL | undefined): string {
  let error = cause;
  for (let depth = 0; depth < 8 && error instanceof Error && error.cause instanceof Error; depth++) error = error.cause;
  const text = error instanceof Error ? error.message : "unknown error";
  const [, status] = /^Proxy response \((\d{3})\)/.exec(text) ?? [];
  if (status !== undefined) return `the proxy ${proxy?.host} does not connect to that host: it answered ${status}`;
  return oneLine(text.replace(/(?<![a-z])[a-z]+:\/\/\S+/gi, "…"));
}
