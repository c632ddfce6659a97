import type { Distribution } from "../../model/packages/distribution.ts";
import type { Package } from "../../model/packages/package.ts";

/**
 * openEuler's `VERSION_ID` is that of several releases, `22.03 LTS` and its service packs, which its name tells apart.
 * A document that names `22.03` alone has packages that tell: their release ends in `.oe2203sp1`. Gives the
 * distribution with a name that says so, and any other as it is.
 */
export function withLongTermSupport(distribution: Distribution, packages: readonly Package[]): Distribution {
  const { id, version, name } = distribution;
  if (id !== "openeuler" || version === undefined || name.includes("(LTS")) return distribution;
  const mark = `.oe${version.replace(".", "")}`;
  const counts = new Map<string, number>();
  for (const one of packages) {
    const pack = one.type === "rpm" ? servicePackAfter(one.version, mark) : undefined;
    if (pack !== undefined) counts.set(pack, (counts.get(pack) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (!most || !isLongTerm.test(version)) return distribution;
  return { ...distribution, name: `${name} (LTS${most[0] === "" ? "" : `-${most[0].toUpperCase()}`})` };
}

/** `sp1` of `1.1.1m-15.oe2203sp1`, empty for `1.1.1m-15.oe2203`; undefined for a package of another release. */
function servicePackAfter(version: string, mark: string): string | undefined {
  const start = version.lastIndexOf(mark);
  const rest = start < 0 ? undefined : version.slice(start + mark.length);
  return rest !== undefined && /^(?:sp\d+)?$/.test(rest) ? rest : undefined;
}

/** Every second year in March. */
const isLongTerm = /^2\d\.03$/;
