import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { type BenchServer, startEngineWith, startRegistryWith } from "./bench-servers.ts";
import { type BenchArchives, makeArchives } from "./images/archives.ts";
import { type BenchImage, benchFolder, benchImages, imageSize, makeBenchLayers } from "./images/bench-images.ts";
import { medianTime, runInTurn } from "./measure.ts";
import { missingPeers } from "./peers.ts";
import { preparePlimsoll, type TimedPlimsoll } from "./plimsoll-commands.ts";
import { inMegabytes, printMachine, printRuns, write } from "./print-runs.ts";
import { benchSource } from "./scan-image.ts";
import { type ScanSource, type SourceKind, sourceKinds } from "./scan-source.ts";

/**
 * Times scans of images that are made once, from archives, a Docker Engine and a registry, cold and warm, against a floor and against
 * the peers on the path. Arguments: names of images, else all; `--source KIND` (repeatable), else all; `--rounds N`, else 3.
 */
export async function benchScan(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { source: { type: "string", multiple: true }, rounds: { type: "string", default: "3" } },
  });
  const folder = benchFolder();
  mkdirSync(folder, { recursive: true });
  const images = benchImages(makeBenchLayers(folder));
  const chosen = images.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  if (chosen.length === 0) throw new Error(`no such image; there are ${images.map(({ name }) => name).join(", ")}`);
  const plimsoll = await preparePlimsoll(folder);
  const rounds = Number(values.rounds);
  printMachine(rounds);
  for (const name of missingPeers()) write(`${name} is not on the path`);
  await startUp(plimsoll);
  for (const image of chosen) {
    const archives = makeArchives(folder, image);
    for (const kind of sourceKinds.filter((kind) => values.source?.includes(kind) ?? true)) {
      const { plain, packed } = imageSize(image);
      write(
        `\n${image.name}, ${kind}: ${image.layers.length} layers, ${inMegabytes(plain)}, gzip ${inMegabytes(packed)}`,
      );
      const server = await serverFor(kind, image, archives);
      if (typeof server === "string") {
        write(`  not run: ${server}`);
        continue;
      }
      const source: ScanSource = { kind, image, archives, ...(server && { host: server.host }) };
      try {
        await benchSource(source, { plimsoll, folder, rounds });
      } finally {
        await server?.stop();
      }
    }
  }
}

/** What serves the image where it is not a file; the reason when nothing can. */
async function serverFor(
  kind: SourceKind,
  image: BenchImage,
  archives: BenchArchives,
): Promise<BenchServer | string | undefined> {
  if (kind === "engine") return startEngineWith(archives);
  if (kind === "registry") return startRegistryWith([image]);
  return undefined;
}

async function startUp({ program }: TimedPlimsoll): Promise<void> {
  const [version = [], empty = []] = await runInTurn(
    [
      { name: "plimsoll --version", command: [...program, "--version"] },
      { name: "empty process", command: [process.execPath, "-e", "0"] },
    ],
    15,
  );
  printRuns("empty process", empty, "");
  const more = (medianTime(version) - medianTime(empty)).toFixed(0);
  printRuns("plimsoll --version", version, `${more} ms more than an empty process (target 60)`);
}
