import { expect, test } from "vitest";
import { completeReport } from "../../fixtures/complete-report.ts";
import { scanDagda } from "./dagda.ts";

const read = (report: typeof completeReport) => JSON.parse([...scanDagda(report)].join(""));
const { suppressed, waived, ...open } = completeReport;

test("has the shape of Dagda's reports", () => {
  const report = read({ ...open, suppressed: [], waived: [] });
  expect(Object.keys(report).sort()).toEqual(["id", "image_name", "static_analysis", "status", "timestamp"]);
  expect(report).toMatchObject({ image_name: completeReport.target.name, status: "Completed", timestamp: 1773050400 });
  expect(report.static_analysis.malware_binaries).toEqual([{ file: "/usr/bin/kworker", malware: "Coin-Miner" }]);
  expect(report.static_analysis.os_packages).toEqual({
    total_os_packages: 1,
    vuln_os_packages: 1,
    ok_os_packages: 0,
    os_packages_details: [
      {
        product: "libssl3",
        version: "3.0.11-1~deb12u1",
        is_vulnerable: true,
        is_false_positive: false,
        vulnerabilities: [
          { "CVE-2024-5535": expect.objectContaining({ cveid: "CVE-2024-5535", pub_date: "2024-06-27T11:15:24Z" }) },
        ],
      },
    ],
  });
  const languages = Object.keys(report.static_analysis.prog_lang_dependencies.dependencies_details).sort();
  expect(languages).toEqual(["java", "js", "nodejs", "php", "python", "ruby"]);
});

test("what is suppressed or waived is a false positive", () => {
  const report = read({ ...open, findings: [], suppressed, waived: [] });
  const [product] = report.static_analysis.os_packages.os_packages_details;
  expect(product).toMatchObject({ is_vulnerable: false, is_false_positive: true });
  expect(product.vulnerabilities).toHaveLength(1);
});

test("a package of a language has its file, and a language that Dagda does not know its own name", () => {
  const [found] = completeReport.packages;
  if (!found) throw new Error("there should be a package");
  const packages = (["npm", "cargo"] as const).map((type) => ({
    ...found,
    type,
    paths: [`app/${type}.lock`] as const,
  }));
  const report = read({ ...open, packages, findings: [], suppressed: [], waived: [] } as never);
  const { nodejs, cargo } = report.static_analysis.prog_lang_dependencies.dependencies_details;
  expect([nodejs[0].product_file_path, cargo[0].product_file_path]).toEqual(["/app/npm.lock", "/app/cargo.lock"]);
});
