import { createHash } from "node:crypto";
import type { Finding } from "../../../model/findings/finding.ts";
import type { Package } from "../../../model/packages/package.ts";
import { isDistributionType } from "../../../model/packages/package-type.ts";
import type { Report } from "../../../model/reports/report.ts";
import { jsonText } from "../../json.ts";

/**
 * A scan in the shape of a report of Dagda 0.9, for programs that read those. Languages that Dagda does not know have
 * the name of their package type.
 *
 * Source: github.com/eliasgranderubio/dagda, `dagda/analysis/analyzer.py` and its documentation of the REST API.
 */
export function scanDagda(report: Report): Iterable<string> {
  const { target, createdAt, packages, malware = [] } = report;
  const products = productsOf(report);
  const [system, languages] = [packages.filter(isOfSystem), packages.filter((found) => !isOfSystem(found))];
  const inSystem = system.map((found) => products(found));
  const vulnerable = inSystem.filter(({ is_vulnerable }) => is_vulnerable).length;
  const ofLanguages = languages.map((found) => ({ found, product: products(found) }));
  return jsonText({
    id: createHash("sha256")
      .update(`${target.manifestDigest ?? target.name} ${createdAt}`)
      .digest("hex")
      .slice(0, 24),
    image_name: target.name,
    status: "Completed",
    timestamp: Date.parse(createdAt) / 1000,
    static_analysis: {
      malware_binaries: malware.map(({ path, rule }) => ({ file: `/${path}`, malware: rule })),
      os_packages: {
        total_os_packages: system.length,
        vuln_os_packages: vulnerable,
        ok_os_packages: system.length - vulnerable,
        os_packages_details: inSystem,
      },
      prog_lang_dependencies: {
        vuln_dependencies: ofLanguages.filter(({ product }) => product.is_vulnerable).length,
        dependencies_details: {
          ...Object.fromEntries(languagesOfDagda.map((language) => [language, []])),
          ...Object.fromEntries(
            [...Map.groupBy(ofLanguages, ({ found }) => languageOf(found))].map(([language, all]) => [
              language,
              all.map(({ found, product }) => withPath(product, found)),
            ]),
          ),
        },
      },
    },
  });
}

const languagesOfDagda = ["java", "python", "nodejs", "js", "ruby", "php"] as const;
const languages: Readonly<Record<string, (typeof languagesOfDagda)[number]>> = {
  maven: "java",
  pypi: "python",
  npm: "nodejs",
  gem: "ruby",
  composer: "php",
};

function isOfSystem({ type }: Package): boolean {
  return isDistributionType(type);
}

function languageOf({ type }: Package): string {
  return languages[type] ?? type;
}

/** A package as Dagda has it; the names of the properties are its own. */
interface Product {
  readonly product: string;
  readonly version: string;
  readonly is_vulnerable: boolean;
  readonly is_false_positive: boolean;
  readonly vulnerabilities: readonly Readonly<Record<string, object>>[];
}

/** A package whose findings are all suppressed or waived is a false positive of Dagda; they are listed. */
function productsOf({ findings, suppressed, waived = [] }: Report): (found: Package) => Product {
  const counting = Map.groupBy(findings, keyOfFinding);
  const others = Map.groupBy(
    [...suppressed, ...waived].map(({ finding }) => finding),
    keyOfFinding,
  );
  return (found) => {
    const { name: product, version } = found;
    const open = counting.get(keyOf(found)) ?? [];
    const passed = others.get(keyOf(found)) ?? [];
    return {
      ...{ product, version, is_vulnerable: open.length > 0 },
      is_false_positive: open.length === 0 && passed.length > 0,
      vulnerabilities: [...open, ...passed].map(vulnerabilityOf),
    };
  };
}

function keyOfFinding({ package: found }: Finding): string {
  return keyOf(found);
}

function keyOf({ purl, layer, paths }: Pick<Package, "purl" | "layer" | "paths">): string {
  return JSON.stringify([purl, layer, paths[0]]);
}

function vulnerabilityOf({ id, summary = "", score, severity, published, modified, fixedIn }: Finding) {
  return {
    [id]: {
      ...{ cveid: id, summary, severity },
      ...(score !== undefined && { cvss_base: score }),
      ...(published !== undefined && { pub_date: published }),
      ...(modified !== undefined && { mod_date: modified }),
      ...(fixedIn !== undefined && { fixed_in: fixedIn }),
    },
  };
}

function withPath({ product, version, ...rest }: Product, { paths }: Package): object {
  return { product, version, product_file_path: `/${paths[0] ?? ""}`, ...rest };
}
