/**
 * The floor of a check of manifests: reads the files of a folder and parses them, and nothing else. Shares no code with the product.
 * Usage: `node bench/checks-floor.ts yaml|json FOLDER`
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

const [form = "", folder = ""] = process.argv.slice(2);
let objects = 0;
for (const name of readdirSync(folder)) {
  const text = readFileSync(join(folder, name), "utf8");
  if (form === "json") {
    JSON.parse(text);
    objects++;
  } else {
    for (const document of parseAllDocuments(text)) {
      if ("toJS" in document) document.toJS();
      objects++;
    }
  }
}
process.stdout.write(`${objects} objects\n`);
