import {
  type Advisory,
  type Affected,
  extensionKey,
  type SeverityStatement,
} from "../../../model/findings/advisory.ts";
import { isCveId } from "../../../model/findings/cve-id.ts";
import { unknownTime } from "../../../model/findings/known-time.ts";
import { recordTime } from "../../record-time.ts";
import { shortenText } from "../../shorten-text.ts";

/** What a publisher says in one advisory. */
export interface Erratum {
  readonly id: string;
  readonly cves: readonly string[];
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** In any form that {@link timeOf} reads. */
  readonly issued?: string | undefined;
  readonly updated?: string | undefined;
  readonly severities?: readonly SeverityStatement[];
  /** Address of the advisory itself. */
  readonly address?: string | undefined;
  readonly affected: readonly Affected[];
}

/** A publisher's advisory as a record. `modified` is the date of the last change, else of the issue, else 1970. */
export function erratumAdvisory(erratum: Erratum): Advisory {
  const { id, address, affected } = erratum;
  const published = timeOf(erratum.issued);
  const cves = [...new Set(erratum.cves.filter(isCveId))];
  const summary = shortenText(erratum.title ?? "");
  const details = summary ? "" : shortenText(erratum.description ?? "");
  const severities = unlike(erratum.severities ?? []);
  return {
    id,
    modified: timeOf(erratum.updated) ?? published ?? unknownTime,
    ...(published && { published }),
    ...(cves.length > 0 && { upstream: cves }),
    ...(summary && { summary }),
    ...(details && { details }),
    affected,
    ...(isAddress(address) && { references: [{ type: "ADVISORY", url: address }] }),
    ...(severities.length > 0 && { database_specific: { [extensionKey]: { severities } } }),
  };
}

/** A date with or without a time, in UTC unless it says otherwise, by RFC 3339; undefined for anything else. */
export function timeOf(text: string | undefined): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.\d{1,12})?(Z|[+-]\d\d:\d\d)?)?$/.exec(text ?? "");
  if (!parts) return undefined;
  const [, day, minutes = "00:00", seconds = ":00", zone = "Z"] = parts;
  const time = `${day}T${minutes}${seconds}${zone}`;
  return Number.isNaN(Date.parse(time)) ? undefined : recordTime(time);
}

function isAddress(text: string | undefined): text is string {
  return text !== undefined && /^https?:\/\/[\x21-\x7e]{1,500}$/.test(text);
}

function unlike(severities: readonly SeverityStatement[]): SeverityStatement[] {
  return [...new Map(severities.map((statement) => [`${statement.type} ${statement.score}`, statement])).values()];
}
