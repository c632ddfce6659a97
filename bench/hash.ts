/** Reads a file and hashes it all, as a verification of an archive must. Usage: `node bench/hash.ts FILE` */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

const hash = createHash("sha256");
for await (const piece of createReadStream(process.argv[2] ?? "", { highWaterMark: 1024 * 1024 })) {
  hash.update(piece as Buffer);
}
process.stdout.write(`${hash.digest("hex")}\n`);
