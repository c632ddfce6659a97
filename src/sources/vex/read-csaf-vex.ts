import type { VexJustification, VexProduct, VexStatement, VexStatus } from "../../model/findings/vex.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { parsePackageUrl } from "../../model/packages/package-url.ts";
import { counted } from "../../model/text/counted.ts";
import type { ReadVex } from "./read-vex.ts";
import { objectIn, objectsIn, textIn, textsIn } from "./vex-json.ts";
import { withVersion } from "./with-version.ts";

const statuses: readonly (readonly [string, VexStatus])[] = [
  ["known_affected", "affected"],
  ["under_investigation", "under_investigation"],
  ["known_not_affected", "not_affected"],
  ["fixed", "fixed"],
];

const justifications: Readonly<Record<string, VexJustification>> = {
  component_not_present: "component_not_present",
  vulnerable_code_not_present: "vulnerable_code_not_present",
  vulnerable_code_not_in_execute_path: "vulnerable_code_not_in_execute_path",
  vulnerable_code_cannot_be_controlled_by_adversary: "vulnerable_code_cannot_be_controlled_by_adversary",
  inline_mitigations_already_exist: "inline_mitigations_already_exist",
};

/**
 * Reads the product statuses of a CSAF 2.0 document. Products are identified by the package URLs in their
 * `product_identification_helper`; a relationship puts one product into another. A product without a package URL, or of
 * a range of versions, is not used. Error: `file-malformed`.
 */
export function readCsafVex(document: JsonObject, file: string): ReadVex {
  const about = objectIn(document, "document");
  const products = productsIn(objectIn(document, "product_tree"), file);
  const author = textIn(objectIn(about, "publisher"), "name") ?? "CSAF document";
  const timestamp = textIn(objectIn(about, "tracking"), "current_release_date");
  let unusable = 0;
  const statements = objectsIn(document, "vulnerabilities", file).flatMap((vulnerability) => {
    const [name, ...aliases] = namesOf(vulnerability, file);
    if (name === undefined) return [];
    const labels = labelsOf(vulnerability, file);
    return statuses.flatMap(([key, status]) =>
      textsIn(objectIn(vulnerability, "product_status"), key, file).flatMap((id): VexStatement[] => {
        const product = products.get(id);
        if (!product) unusable++;
        if (!product) return [];
        const justification = status === "not_affected" ? labels.get(id) : undefined;
        return [
          {
            vulnerability: { name, aliases },
            products: [product],
            status,
            ...(justification && { justification }),
            ...(timestamp !== undefined && { timestamp }),
            author,
          },
        ];
      }),
    );
  });
  const remark = `${counted(unusable, "product status", "product statuses")} for a product without a package URL`;
  return { statements, remarks: unusable === 0 ? [] : [remark] };
}

function namesOf(vulnerability: JsonObject, file: string): readonly string[] {
  const ids = objectsIn(vulnerability, "ids", file).map((one) => textIn(one, "text"));
  return [textIn(vulnerability, "cve"), ...ids].filter((name) => name !== undefined);
}

function labelsOf(vulnerability: JsonObject, file: string): ReadonlyMap<string, VexJustification> {
  return new Map(
    objectsIn(vulnerability, "flags", file).flatMap((flag) => {
      const justification = justifications[textIn(flag, "label") ?? ""];
      return justification
        ? textsIn(flag, "product_ids", file).map((id): [string, VexJustification] => [id, justification])
        : [];
    }),
  );
}

function productsIn(tree: JsonObject, file: string): ReadonlyMap<string, VexProduct> {
  const products = new Map<string, VexProduct>();
  const add = (product: JsonObject, branch?: Branch): void => {
    const [id, url] = [textIn(product, "product_id"), urlOf(product, branch)];
    if (id !== undefined && url !== undefined) products.set(id, { "@id": url });
  };
  for (const product of objectsIn(tree, "full_product_names", file)) add(product);
  for (const { product, branch } of branchProducts(tree, {}, file)) add(product, branch);
  for (const relationship of objectsIn(tree, "relationships", file)) {
    const id = textIn(objectIn(relationship, "full_product_name"), "product_id");
    const part = products.get(textIn(relationship, "product_reference") ?? "");
    const whole = products.get(textIn(relationship, "relates_to_product_reference") ?? "");
    if (id !== undefined && part && whole && !part.subcomponents && !whole.subcomponents) {
      products.set(id, { "@id": whole["@id"], subcomponents: [part] });
    }
  }
  return products;
}

/** What the branches above a product say of its version. */
interface Branch {
  readonly version?: string | undefined;
  readonly isRange?: boolean;
}

function* branchProducts(
  node: JsonObject,
  above: Branch,
  file: string,
): Generator<{ readonly product: JsonObject; readonly branch: Branch }> {
  for (const branch of objectsIn(node, "branches", file)) {
    const category = textIn(branch, "category");
    const here: Branch =
      category === "product_version"
        ? { version: textIn(branch, "name") }
        : category === "product_version_range"
          ? { isRange: true }
          : above;
    if (branch["product"] !== undefined) yield { product: objectIn(branch, "product"), branch: here };
    yield* branchProducts(branch, here, file);
  }
}

/** With the version of its branch where the package URL is without one; undefined for a range of versions. */
function urlOf(product: JsonObject, { version, isRange = false }: Branch = {}): string | undefined {
  const url = textIn(objectIn(product, "product_identification_helper"), "purl");
  const parsed = url === undefined ? undefined : parsePackageUrl(url);
  if (!parsed || parsed.version !== undefined) return parsed && url;
  if (isRange) return undefined;
  return version === undefined ? url : withVersion(parsed, version);
}
