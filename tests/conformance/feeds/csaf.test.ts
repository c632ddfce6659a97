import { expect, test } from "vitest";
import { productOf, resolveProduct } from "../../../src/advisories/feeds/csaf/csaf-products.ts";
import { describeWithCorpus } from "../../setup/corpus.ts";
import { documentOf, filesOf } from "../../setup/csaf-documents.ts";

describeWithCorpus("CSAF documents of others", () => {
  const documents = [
    ...filesOf("feeds/claircore/rhel-vex").filter((path) => /\/(?:cve|delete)[^/]*\.json/.test(path)),
    ...filesOf("feeds/claircore/acceptance").filter((path) => path.includes(".json")),
    ...filesOf("feeds/claircore/csaf"),
    ...filesOf("feeds/vunnel/rhel/csaf/advisories"),
    ...filesOf("feeds/vunnel/rhel/csaf/advisories/2024"),
    ...filesOf("feeds/vunnel/rhel/csaf/advisories/2025"),
    ...filesOf("feeds/vunnel/rhel/csaf/server/2024"),
    ...filesOf("sbom-vex/csaf/go-vex").filter((path) => !path.includes("openvex")),
    ...filesOf("sbom-vex/csaf/vexctl").filter((path) => path.endsWith("csaf.json")),
  ];

  test("are all read, and what they say about products is about products that they define", () => {
    let products = 0;
    const undefinedProducts: string[] = [];
    for (const path of documents) {
      const document = documentOf(path);
      for (const { status } of document.vulnerabilities) {
        for (const id of Object.values(status).flat()) {
          products++;
          const resolved = resolveProduct(document, id);
          const known = resolved && productOf(document, resolved.component) !== undefined;
          if (!known || (resolved.platform !== undefined && !productOf(document, resolved.platform))) {
            undefinedProducts.push(`${path.split("/").at(-1)} ${id}`);
          }
        }
      }
    }
    expect(documents.length).toBeGreaterThanOrEqual(35);
    expect(products).toBeGreaterThanOrEqual(8774);
    // The example of go-vex names a product that it does not define, in each of its two vulnerabilities.
    expect(undefinedProducts).toEqual(["csaf.json ABC:CSAFPID-0002", "csaf.json ABC:CSAFPID-0002"]);
  });
});
