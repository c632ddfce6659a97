import type { Advisory, Affected } from "../../model/findings/advisory.ts";
import { ecosystemBase, normaliseName } from "../../model/packages/package-name.ts";
import type { StatementItem } from "../feed-item.ts";

/** Known packages that an advisory which was read in part is compared with. */
export interface KnownPackages {
  /** What was affected before. */
  readonly before: readonly Affected[];
  /** Statements beside the advisory: packages that are not affected. */
  readonly statements: readonly StatementItem[];
}

/**
 * The advisory with what was affected before, where neither it nor a statement says anything of the package in that
 * ecosystem: what was said of it may be what could not be read.
 */
export function keepPackages(advisory: Advisory, { before, statements }: KnownPackages): Advisory {
  const { affected = [] } = advisory;
  const said = new Set([
    ...affected.flatMap(({ package: named }) => (named ? [keyOf(named)] : [])),
    ...statements.map(keyOf),
  ]);
  const kept = before.filter(({ package: named }) => named !== undefined && !said.has(keyOf(named)));
  return kept.length === 0 ? advisory : { ...advisory, affected: [...affected, ...kept] };
}

function keyOf({ ecosystem, name }: { readonly ecosystem: string; readonly name: string }): string {
  return JSON.stringify([ecosystem, normaliseName(ecosystemBase(ecosystem), name)]);
}
