/**
 * The floor of building a database: reads the records of a bucket's archives, over and over until there are enough, and parses
 * their JSON. Usage: `node bench/read-records.ts BUCKET RECORDS`
 */
import { archivedRecords } from "../src/advisories/feeds/osv/osv-archive.ts";
import { bucketArchives } from "./bucket.ts";

const [folder = "", wanted = "0"] = process.argv.slice(2);
let left = Number(wanted);
let fields = 0;
while (left > 0) {
  for (const { ecosystem, path } of bucketArchives(folder)) {
    for (const { text = "{}" } of archivedRecords(path, ecosystem)) {
      if (left-- <= 0) break;
      fields += Object.keys(JSON.parse(text)).length;
    }
  }
}
process.stdout.write(`${fields} fields\n`);
