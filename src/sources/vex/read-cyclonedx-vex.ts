import type { VexJustification, VexProduct, VexStatement, VexStatus } from "../../model/findings/vex.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { parsePackageUrl } from "../../model/packages/package-url.ts";
import { counted } from "../../model/text/counted.ts";
import type { ReadVex } from "./read-vex.ts";
import { objectIn, objectsIn, textIn } from "./vex-json.ts";
import { withVersion } from "./with-version.ts";

const statuses: ReadonlyMap<string, VexStatus> = new Map([
  ["resolved", "fixed"],
  ["resolved_with_pedigree", "fixed"],
  ["exploitable", "affected"],
  ["in_triage", "under_investigation"],
  ["false_positive", "not_affected"],
  ["not_affected", "not_affected"],
]);

const justifications: ReadonlyMap<string, VexJustification> = new Map([
  ["code_not_present", "vulnerable_code_not_present"],
  ["code_not_reachable", "vulnerable_code_not_in_execute_path"],
  ["protected_at_perimeter", "inline_mitigations_already_exist"],
  ["protected_at_runtime", "inline_mitigations_already_exist"],
  ["protected_by_compiler", "inline_mitigations_already_exist"],
  ["protected_by_mitigating_control", "inline_mitigations_already_exist"],
]);

/**
 * Reads the analyses of the vulnerabilities in a CycloneDX document (1.4 to 1.7, JSON). `affects` refers to components
 * of the document by their `bom-ref`, or names a package URL. A component of a document about another component is a
 * part of that one. Error: `file-malformed`.
 */
export function readCyclonedxVex(document: JsonObject, file: string): ReadVex {
  const metadata = objectIn(document, "metadata");
  const main = objectIn(metadata, "component");
  const urls = new Map([...componentsIn(document, file)].map((one) => [textIn(one, "bom-ref"), textIn(one, "purl")]));
  const product = { ref: textIn(main, "bom-ref"), url: textIn(main, "purl"), isGiven: Object.keys(main).length > 0 };
  const author = textIn(objectIn(metadata, "supplier"), "name") ?? "CycloneDX document";
  const time = textIn(metadata, "timestamp");
  let unusable = 0;
  const statements = objectsIn(document, "vulnerabilities", file).flatMap((vulnerability): VexStatement[] => {
    const analysis = objectIn(vulnerability, "analysis");
    const status = statuses.get(textIn(analysis, "state") ?? "");
    const name = textIn(vulnerability, "id");
    if (status === undefined || name === undefined) return [];
    const products = objectsIn(vulnerability, "affects", file).flatMap((affected) => {
      const found = productsOf(affected, { urls, product, file });
      if (found.length === 0) unusable++;
      return found;
    });
    if (products.length === 0) return [];
    const justification = justifications.get(textIn(analysis, "justification") ?? "");
    const detail = textIn(analysis, "detail");
    const timestamp = textIn(analysis, "lastUpdated") ?? textIn(vulnerability, "updated") ?? time;
    const aliases = objectsIn(vulnerability, "references", file).flatMap((one) => textIn(one, "id") ?? []);
    return [
      {
        vulnerability: { name, aliases },
        products,
        status,
        ...(justification && { justification }),
        ...(detail !== undefined && { status_notes: detail }),
        ...(timestamp !== undefined && { timestamp }),
        author,
      },
    ];
  });
  const remark = `${counted(unusable, "affected product")} without a package URL or with a version range`;
  return { statements, remarks: unusable === 0 ? [] : [remark] };
}

interface Refs {
  /** Package URLs by `bom-ref`. */
  readonly urls: ReadonlyMap<string | undefined, string | undefined>;
  readonly product: { readonly ref: string | undefined; readonly url: string | undefined; readonly isGiven: boolean };
  readonly file: string;
}

/** Without its version ranges, and empty for a link to another document: neither can be compared. */
function productsOf(affected: JsonObject, { urls, product, file }: Refs): VexProduct[] {
  const ref = textIn(affected, "ref");
  if (ref === undefined || ref.startsWith("urn:cdx:")) return [];
  const isMain = ref === product.ref;
  const url = isMain ? product.url : (urls.get(ref) ?? ref);
  const parsed = url === undefined ? undefined : parsePackageUrl(url);
  if (!parsed || url === undefined) return [];
  const isPart = product.isGiven && !isMain && url !== product.url;
  if (isPart && (product.url === undefined || parsePackageUrl(product.url) === undefined)) return [];
  const versions = objectsIn(affected, "versions", file);
  const those = versions
    .filter(({ status = "affected" }) => status === "affected")
    .map((one) => textIn(one, "version"));
  const ids =
    versions.length === 0
      ? [url]
      : those.flatMap((version) => (version === undefined ? [] : withVersion(parsed, version)));
  return ids.map((id) =>
    isPart && product.url !== undefined ? { "@id": product.url, subcomponents: [{ "@id": id }] } : { "@id": id },
  );
}

function* componentsIn(object: JsonObject, file: string): Generator<JsonObject> {
  for (const component of objectsIn(object, "components", file)) {
    yield component;
    yield* componentsIn(component, file);
  }
}
