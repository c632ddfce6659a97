/**
 * For what an image is built: `OS[/ARCHITECTURE[/VARIANT]][,osver=VERSION]`, or one of the first two alone.
 *
 * Many names are in use for the same thing. Here `x86_64` is `amd64`, `aarch64` is `arm64`, `i386` is `386`, `armhf` is
 * `arm/v7`, `armel` is `arm/v6`, `macos` is `darwin`; `amd64/v1` and `arm64/v8` have no variant, since they are what a
 * missing one means.
 *
 * Source: the OCI Image Specification 1.1, "Image Index", platform; the names of Go's GOOS and GOARCH;
 * containerd/platforms.
 */
export interface Platform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  /** For Windows: `10.0.17763.4974`. */
  readonly osVersion?: string;
}

const operatingSystems: ReadonlySet<string> = new Set(
  "aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows".split(" "),
);
const architectureNames: ReadonlyMap<string, Platform> = new Map([
  ["x86_64", { architecture: "amd64" }],
  ["x86-64", { architecture: "amd64" }],
  ["aarch64", { architecture: "arm64" }],
  ["i386", { architecture: "386" }],
  ["armhf", { architecture: "arm", variant: "v7" }],
  ["armel", { architecture: "arm", variant: "v6" }],
]);
/** What an image runs as when its platform has no variant, where the variants are steps of one ladder. */
const usualVariants: ReadonlyMap<string, number> = new Map([
  ["amd64", 1],
  ["arm", 7],
  ["arm64", 8],
]);
/** Hosts whose container engines run Linux in a virtual machine. */
const hostsOfLinux: ReadonlySet<string> = new Set(["darwin", "windows"]);

/** The platform that a text names, under its usual names; undefined when it names none or has an unknown option. */
export function parsePlatform(text: string): Platform | undefined {
  const [name = "", ...options] = text.split(",");
  const parts = name.split("/");
  if (parts.length > 3 || options.length > 1 || !parts.every((part) => /^[A-Za-z0-9_.-]{1,64}$/.test(part))) {
    return undefined;
  }
  const osVersion = options[0] === undefined ? undefined : /^osver=([A-Za-z0-9_.-]{1,64})$/.exec(options[0])?.[1];
  if (options.length > 0 && osVersion === undefined) return undefined;
  const [first = "", architecture, variant] = parts;
  const isArchitecture = parts.length === 1 && !operatingSystems.has(usualSystem(first));
  return usualPlatform({
    ...(isArchitecture ? { architecture: first } : { os: first }),
    ...(architecture !== undefined && { architecture }),
    ...(variant !== undefined && { variant }),
    ...(osVersion !== undefined && { osVersion }),
  });
}

/** The platform under its usual names. Empty members count as absent. */
function usualPlatform({ os, architecture, variant, osVersion }: Platform): Platform {
  const known = architecture && architectureNames.get(architecture.toLowerCase());
  const usual = known ? (known.architecture ?? "") : (architecture ?? "").toLowerCase();
  const step = usualVariant(usual, variant || (known ? known.variant : undefined));
  return {
    ...(os && { os: usualSystem(os) }),
    ...(usual !== "" && { architecture: usual }),
    ...(step !== undefined && { variant: step }),
    ...(osVersion && { osVersion }),
  };
}

/** True when both are the same platform; of versions of Windows the first three numbers count. */
export function isSamePlatform(one: Platform, other: Platform): boolean {
  const [a, b] = [usualPlatform(one), usualPlatform(other)];
  return (
    a.os === b.os &&
    a.architecture === b.architecture &&
    stepOf(a) === stepOf(b) &&
    build(a.osVersion) === build(b.osVersion)
  );
}

/**
 * True when a host runs images of a platform: the same system, or Linux on a desktop that has a virtual machine for it;
 * the same architecture, and no higher variant than the host's.
 */
export function runsOn(image: Platform, host: Platform): boolean {
  const [wanted, given] = [usualPlatform(image), usualPlatform(host)];
  if (wanted.architecture !== given.architecture) return false;
  if (wanted.os !== given.os) {
    if (wanted.os !== "linux" || !hostsOfLinux.has(given.os ?? "")) return false;
  } else if (build(wanted.osVersion) !== build(given.osVersion)) return false;
  const [need, have] = [stepOf(wanted), stepOf(given)];
  return typeof need === "number" && typeof have === "number" ? need <= have : need === have;
}

/** True when two texts name the same platform, `linux/arm64` and `linux/arm64/v8` for example, or are both absent. */
export function meansSamePlatform(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  const [a, b] = [parsePlatform(one ?? ""), parsePlatform(other ?? "")];
  return a !== undefined && b !== undefined && isSamePlatform(a, b);
}

/** The platform as `OS/ARCHITECTURE/VARIANT`, without what is absent. */
export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part).join("/");
}

/**
 * The same platform under its usual names, with no variant that the text lacks: `linux/arm64` for `linux/aarch64/v8`,
 * and `linux/arm` as it is. Text that is not a platform stays unchanged.
 */
export function withUsualNames(text: string): string {
  const platform = parsePlatform(text);
  return platform?.os === undefined || platform.osVersion !== undefined ? text : platformText(platform);
}

/**
 * The one name of a platform that reports give it, as containerd does: `linux/arm64` for `linux/arm64/v8`,
 * `linux/arm/v7` for `linux/arm`. Text that is not a platform stays unchanged.
 *
 * Source: containerd/platforms, `Normalize`.
 */
export function usualPlatformName(text: string): string {
  const platform = parsePlatform(text);
  if (platform?.os === undefined || platform.osVersion !== undefined) return text;
  const { architecture, variant } = platform;
  return platformText(architecture === "arm" && variant === undefined ? { ...platform, variant: "v7" } : platform);
}

function usualSystem(os: string): string {
  const name = os.toLowerCase();
  return name === "macos" ? "darwin" : name;
}

function usualVariant(architecture: string, variant: string | undefined): string | undefined {
  if (!variant) return undefined;
  const name = variant.toLowerCase();
  const usual = usualVariants.get(architecture);
  if (usual === undefined) return name;
  const step = /^v?([0-9]{1,2})$/.exec(name)?.[1];
  if (step === undefined) return name;
  return architecture !== "arm" && Number(step) === usual ? undefined : `v${step}`;
}

/** The rung of the ladder of variants, or the variant itself where there is no ladder. */
function stepOf({ architecture, variant }: Platform): number | string | undefined {
  const usual = usualVariants.get(architecture ?? "");
  if (usual === undefined) return variant;
  if (variant === undefined) return usual;
  const step = /^v([0-9]{1,2})$/.exec(variant)?.[1];
  return step === undefined ? variant : Number(step);
}

function build(version: string | undefined): string | undefined {
  return version?.split(".").slice(0, 3).join(".");
}
