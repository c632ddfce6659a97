import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasColour, widthOf, writeOut, writePieces } from "../../src/apps/cli/terminal/output.ts";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { jsonText } from "../../src/reporters/json.ts";
import { table } from "../../src/reporters/table.ts";
import { demoImage } from "./demo-image.ts";

// npm run demo: the main job on an image that is built here, without a network: scan, table, JSON report, what to try next.

// A reader such as `head` may stop early: what is left to say is for nobody.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const reportFile = "plimsoll-report.json";
const image = join(mkdtempSync(join(tmpdir(), "plimsoll-demo-")), "shop.tar");
writeFileSync(image, demoImage());
writeOut(`Built an image in code, as docker save writes one. Scanning it, offline:\n\n`);

const { signal } = new AbortController();
const report = await scanTarget(image, { verifyDigests: true, offline: true, signal, now: new Date() });
writePieces(table(report, { width: widthOf(process.stdout), colour: hasColour(process.stdout) }), undefined);
writePieces(jsonText(report), reportFile);
writeOut(`
The whole report is in ${reportFile}. Try next:

  npx plimsoll scan ${image} --explain CVE-2021-44228
  npx plimsoll scan ${image} --fail-on high
  npx plimsoll sbom ${image} --output shop.cdx.json

Your own: npx plimsoll scan NAME, an image here or in a registry, an archive or a folder.
`);
