import { existsSync, readFileSync } from "node:fs";
import { dataPath } from "../../../io/files/data-path.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { AdvisoryIndex } from "../../../model/findings/advisory.ts";
import type { ReleaseCycle } from "../../../model/findings/release-cycle.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package } from "../../../model/packages/package.ts";
import { isDistributionType } from "../../../model/packages/package-type.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { major, majorAndMinor, withMinor } from "../matching/release-number.ts";
import { distributionId, isCentOsStream } from "./distribution-ecosystem.ts";

// When nothing more is found in a release because it is not analysed any more, "no findings" would be wrong: that is
// the problem `end-of-life`. Which end that is differs. Debian's tracker goes on through LTS, which everybody gets.
// Canonical, Red Hat and SUSE go on publishing advisories for a release whose fixes only those get who pay: until the
// end of that a report can be trusted to name the vulnerabilities, and only says where the fixes are. All others end
// with their general support.

/**
 * The period in which a distribution publishes advisories: to the end of its general support, or of the extended one,
 * and the users of that.
 */
type Support = "general" | "extended to all" | "extended to those who pay";

interface Product {
  /** The name at endoflife.date. */
  readonly name: string;
  readonly support: Support;
  /** The name of the cycle for a VERSION_ID. */
  readonly cycle: (version: string) => string;
}

/** A statement about the support of a distribution on a day. */
export interface SupportStatement {
  readonly problems: readonly Problem[];
  readonly limits: readonly string[];
}

/** The distribution and the day of a question about support. */
export interface SupportOptions {
  readonly distribution: Distribution | null;
  readonly index: AdvisoryIndex;
  readonly now?: Date;
}

/**
 * Whether the distribution of these packages is still supported, by the database or else by the dates that ship with
 * Plimsoll. Nothing is said without a day, without packages of a distribution, or of a release that no table has.
 *
 * Errors: `database-not-found`, `database-malformed` when the installation is damaged; those of `index.releaseCycles`.
 */
export function supportOf(packages: readonly Package[], options: SupportOptions): SupportStatement {
  return packages.some(({ type }) => isDistributionType(type)) ? supportOfRelease(options) : nothing;
}

const nothing: SupportStatement = { problems: [], limits: [] };

/** As {@link supportOf}, of a target with packages of its distribution. */
export function supportOfRelease({ distribution, index, now }: SupportOptions): SupportStatement {
  if (!now || !distribution) return nothing;
  const product = productOf(distribution);
  const name = product && distribution.version && product.cycle(distribution.version);
  if (!product || !name) return nothing;
  const known = index.releaseCycles(product.name);
  const cycle = find(known, name) ?? find(shippedCycles()[product.name] ?? [], name);
  if (!cycle) return nothing;
  const today = now.toISOString().slice(0, 10);
  if (!isOver(cycle.endOfLife, today)) return nothing;
  const extended = product.support === "general" ? undefined : cycle.extendedEnd;
  if (extended === undefined || isOver(extended, today)) {
    const when = since(extended === undefined || extended === true ? cycle.endOfLife : extended);
    const message = `support for ${distribution.name} ended${when}, so later vulnerabilities in its packages are unknown; upgrade to a supported release`;
    return { problems: [{ code: "end-of-life", message }], limits: [] };
  }
  if (product.support === "extended to all") return nothing;
  const limit = `general support for ${distribution.name} ended${since(cycle.endOfLife)}: fixes are available only with its publisher's paid support`;
  return { problems: [], limits: [limit] };
}

function productOf(distribution: Distribution): Product | undefined {
  const id = distributionId(distribution);
  if (isCentOsStream(distribution)) return product("centos-stream", "general", major);
  return Object.hasOwn(products, id) ? products[id] : undefined;
}

const products: Readonly<Record<string, Product>> = {
  almalinux: product("almalinux", "general", major),
  // A snapshot of edge has the version of the release to come.
  alpine: product("alpine-linux", "general", (version) => /^(\d+\.\d+)(?:\.\d+)?$/.exec(version)?.[1] ?? ""),
  amzn: product("amazon-linux", "general", (version) => (version.startsWith("201") ? version : major(version))),
  azurelinux: product("azure-linux", "general", major),
  centos: product("centos", "general", major),
  debian: product("debian", "extended to all", major),
  fedora: product("fedora", "general", major),
  mageia: product("mageia", "general", major),
  mariner: product("azure-linux", "general", major),
  ol: product("oracle-linux", "general", major),
  "opensuse-leap": product("opensuse", "general", majorAndMinor),
  photon: product("vmware-photon", "general", withMinor),
  rhel: product("rhel", "extended to those who pay", major),
  rocky: product("rocky-linux", "general", major),
  "sl-micro": product("suse-linux-micro", "general", (version) => version),
  "sle-micro": product("suse-linux-micro", "general", (version) => version),
  "sle-micro-rancher": product("suse-linux-micro", "general", (version) => version),
  sled: product("sles", "general", withMinor),
  sles: product("sles", "extended to those who pay", withMinor),
  sles_sap: product("sles", "extended to those who pay", withMinor),
  ubuntu: product("ubuntu", "extended to those who pay", (version) => version),
};

function product(name: string, support: Support, cycle: (version: string) => string): Product {
  return { name, support, cycle };
}

function find(cycles: readonly ReleaseCycle[], name: string): ReleaseCycle | undefined {
  return cycles.find(({ cycle }) => cycle === name);
}

/** The day itself is still supported. */
function isOver(end: string | boolean, today: string): boolean {
  return typeof end === "boolean" ? end : end < today;
}

function since(end: string | boolean): string {
  return typeof end === "string" ? ` on ${end}` : "";
}

let shipped: Readonly<Record<string, readonly ReleaseCycle[]>> | undefined;

/** `data/end-of-life.json`, read when first needed. */
function shippedCycles(): Readonly<Record<string, readonly ReleaseCycle[]>> {
  shipped ??= readCycles(dataPath("end-of-life.json"));
  return shipped;
}

function readCycles(path: string): Readonly<Record<string, readonly ReleaseCycle[]>> {
  try {
    const text = readFileSync(path, "utf8");
    return (JSON.parse(text) as { products: Readonly<Record<string, readonly ReleaseCycle[]>> }).products;
  } catch (cause) {
    const code = existsSync(path) ? "database-malformed" : "database-not-found";
    throw new PlimsollError(code, `the table of release cycles at ${path} cannot be read`, {
      hint: "Install Plimsoll again.",
      cause,
    });
  }
}
