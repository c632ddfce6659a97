/** What the example documents of tests say, in the words of CSAF. */
export interface ExampleDocument {
  readonly cve?: string;
  /** `product_name`s by id; the value is the CPE name. */
  readonly platforms?: Readonly<Record<string, string | null>>;
  /** `product_version`s by id; the value is the package URL. */
  readonly components?: Readonly<Record<string, string | null>>;
  /** Lists of `PLATFORM COMPONENT` by status, divided at ` > `; a third name in the middle is a module. */
  readonly status?: Readonly<Record<string, readonly string[]>>;
  readonly remediations?: readonly (ExampleText & { readonly url?: string })[];
  readonly flags?: readonly { readonly label: string; readonly products?: readonly string[] }[];
  readonly threats?: readonly ExampleText[];
  readonly scores?: readonly { readonly vector: string; readonly products: readonly string[] }[];
  /** Members of `document`. */
  readonly document?: Readonly<Record<string, unknown>>;
  /** Members of `document.tracking`. */
  readonly tracking?: Readonly<Record<string, unknown>>;
  /** Members of the vulnerability. */
  readonly vulnerability?: Readonly<Record<string, unknown>>;
}

interface ExampleText {
  readonly category: string;
  readonly details: string;
  /** As in `status`. */
  readonly products?: readonly string[];
}

/** A CSAF VEX document for a test, as a JSON value. */
export function exampleDocument(example: ExampleDocument): Record<string, unknown> {
  const { cve = "CVE-2024-1000", platforms = {}, components = {}, status = {} } = example;
  const named = Object.values(status).flat();
  const texts = (list: readonly ExampleText[] = []): unknown[] =>
    list.map(({ products, ...rest }) => ({ ...rest, ...(products && { product_ids: products.map(idOf) }) }));
  const branch = (category: string, helper: "cpe" | "purl") => {
    return ([id, value]: [string, string | null]): unknown => ({
      category,
      name: id,
      product: { product_id: id, name: id, ...(value && { product_identification_helper: { [helper]: value } }) },
    });
  };
  return {
    document: {
      category: "csaf_vex",
      csaf_version: "2.0",
      title: cve,
      ...example.document,
      tracking: {
        id: cve,
        status: "final",
        current_release_date: "2024-05-06T07:08:09+00:00",
        initial_release_date: "2024-01-02T03:04:05+00:00",
        ...example.tracking,
      },
    },
    product_tree: {
      branches: [
        {
          category: "vendor",
          name: "Example",
          branches: [
            ...Object.entries(platforms).map(branch("product_name", "cpe")),
            ...Object.entries(components).map(branch("product_version", "purl")),
          ],
        },
      ],
      relationships: [
        ...new Map(named.flatMap(relationshipsOf).map((one) => [one.full_product_name.product_id, one])).values(),
      ],
    },
    vulnerabilities: [
      {
        cve,
        product_status: Object.fromEntries(Object.entries(status).map(([key, list]) => [key, list.map(idOf)])),
        remediations: texts(example.remediations),
        threats: texts(example.threats),
        flags: (example.flags ?? []).map(({ label, products }) => ({
          label,
          ...(products && { product_ids: products.map(idOf) }),
        })),
        scores: (example.scores ?? []).map(({ vector, products }) => ({
          cvss_v3: { vectorString: vector },
          products: products.map(idOf),
        })),
        ...example.vulnerability,
      },
    ],
  };
}

/** The product id of `PLATFORM > COMPONENT`. */
function idOf(text: string): string {
  return text.split(" > ").join(":");
}

function relationshipsOf(text: string): { full_product_name: { product_id: string }; [key: string]: unknown }[] {
  const [platform = "", ...rest] = text.split(" > ");
  let outer = platform;
  return rest.map((component) => {
    const id = `${outer}:${component}`;
    const relationship = {
      category: "default_component_of",
      full_product_name: { product_id: id, name: id },
      product_reference: component,
      relates_to_product_reference: outer,
    };
    outer = id;
    return relationship;
  });
}
