import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BenchServer, startRegistryWith } from "./bench-servers.ts";
import { archivesOf, makeArchives } from "./images/archives.ts";
import { type BenchImage, type BenchLayers, benchFolder, benchImages, makeBenchLayers } from "./images/bench-images.ts";
import type { BenchLayer } from "./images/layer.ts";
import { distinctLayers, imagesOnSharedBases } from "./images/shared-bases.ts";
import { medianTime, type Run, ratio, runOnce } from "./measure.ts";
import { missingPeers, peerCommands } from "./peers.ts";
import { preparePlimsoll, type TimedPlimsoll } from "./plimsoll-commands.ts";
import { inMegabytes, printMachine, printRuns, write } from "./print-runs.ts";
import { removeAtExit } from "./remove-at-exit.ts";
import { benchSource } from "./scan-image.ts";
import type { ScanSource } from "./scan-source.ts";
import { startStaticRegistry } from "./static-registry.ts";

/** How many of the registry's images each peer is timed on. */
const peerImages = 12;

/**
 * Times what is in a registry on this machine: one image pulled and scanned, against the peers on the path; then a registry of 200
 * images that share bases, of three sizes, as files served by nginx and in docker-registry, against inflating each distinct layer
 * once. Arguments: `--rounds N`, else 3; `--images N`, else 200.
 */
export async function benchRegistry(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: "string", default: "3" }, images: { type: "string", default: "200" } },
  });
  const [folder, rounds] = [benchFolder(), Number(values.rounds)];
  mkdirSync(folder, { recursive: true });
  const layers = makeBenchLayers(folder);
  const plimsoll = await preparePlimsoll(folder);
  printMachine(rounds);
  for (const name of missingPeers()) write(`${name} is not on the path`);
  const setting = { folder, rounds, plimsoll };
  await oneImage(layers, setting);
  const registries = (["code", "application", "service"] as const).map((own) =>
    imagesOnSharedBases(folder, layers, { count: Number(values.images), own }),
  );
  for (const images of registries) await fromFiles(images, setting);
  for (const images of registries) await fromDockerRegistry(images, setting);
}

interface Setting {
  readonly folder: string;
  readonly rounds: number;
  readonly plimsoll: TimedPlimsoll;
}

async function oneImage(layers: BenchLayers, { folder, rounds, plimsoll }: Setting): Promise<void> {
  const image = benchImages(layers)[1];
  if (!image) throw new Error("there is no such image");
  write(`\n${image.name} from a registry`);
  await withServer(startRegistryWith([image]), async (host) => {
    const archives = makeArchives(folder, image);
    await benchSource({ kind: "registry", image, archives, host }, { plimsoll, folder, rounds });
  });
}

async function fromFiles(images: readonly BenchImage[], setting: Setting): Promise<void> {
  const distinct = announce(images, "files served by nginx");
  await withServer(startStaticRegistry(images), (host) => timeRegistry(distinct, { ...setting, host, images }));
}

async function fromDockerRegistry(images: readonly BenchImage[], setting: Setting): Promise<void> {
  const distinct = announce(images, "docker-registry on the same processors");
  await withServer(startRegistryWith(images), async (host) => {
    const perImage = await timeRegistry(distinct, { ...setting, host, images });
    await peersOnRegistry(images, { ...setting, host, perImage });
  });
}

function announce(images: readonly BenchImage[], how: string): readonly BenchLayer[] {
  const distinct = distinctLayers(images);
  const bytes = inMegabytes(distinct.reduce((sum, { size }) => sum + size, 0));
  write(`\na registry of ${images.length} images: ${distinct.length} distinct layers, ${bytes}, ${how}`);
  return distinct;
}

interface RegistrySetting extends Setting {
  readonly host: string;
  readonly images: readonly BenchImage[];
}

/** Gives the milliseconds for an image, with an empty cache. */
async function timeRegistry(
  distinct: readonly BenchLayer[],
  { plimsoll, rounds, host, images }: RegistrySetting,
): Promise<number> {
  mkdirSync(plimsoll.cache, { recursive: true });
  const advisories = plimsoll.database === undefined ? [] : ["--db", plimsoll.database];
  const scan = [...plimsoll.program, "scan", "--registry", host, "--format", "json", "--no-update", ...advisories];
  const floor = [process.execPath, join(import.meta.dirname, "floor.ts"), ...distinct.map(({ gzip }) => gzip)];
  const [floors, cold, warm]: [Run[], Run[], Run[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    const cache = mkdtempSync(join(plimsoll.cache, "registry-"));
    removeAtExit(cache);
    const command = [...scan, "--quiet", "--cache", cache];
    floors.push(await runOnce({ name: "floor", command: floor }));
    cold.push(await runOnce({ name: "plimsoll scan --registry", command }));
    warm.push(await runOnce({ name: "plimsoll scan --registry", command }));
  }
  printRuns("floor: each layer once", floors, "");
  printRuns("plimsoll, empty cache", cold, `${ratio(cold, floors).toFixed(2)} × the floor (target 1.3)`);
  printRuns("plimsoll, filled cache", warm, `${(medianTime(warm) / images.length).toFixed(1)} ms for an image`);
  return medianTime(cold) / images.length;
}

/** Peers scan image by image, so some of the images tell; a peer that caches layers keeps its cache from one to the next. */
async function peersOnRegistry(
  images: readonly BenchImage[],
  { folder, host, perImage }: Setting & { readonly host: string; readonly perImage: number },
): Promise<void> {
  const some = images.slice(0, peerImages);
  const sources = some.map(
    (image): ScanSource => ({ kind: "registry", image, archives: archivesOf(folder, image), host }),
  );
  const [first] = sources;
  for (const { name } of first ? peerCommands(first, folder).cold : []) {
    const runs: Run[] = [];
    try {
      for (const [index, source] of sources.entries()) {
        const command = peerCommands(source, folder).cold.find((peer) => peer.name === name);
        if (!command) continue;
        const { prepare, ...rest } = command;
        runs.push(await runOnce({ ...rest, ...(index === 0 && prepare && { prepare }) }));
      }
      const each = runs.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / runs.length;
      printRuns(
        `${name}, an image`,
        runs,
        `${(each / perImage).toFixed(1)} × the time of Plimsoll for an image (mean)`,
      );
    } catch (error) {
      write(`  ${name} failed: ${error instanceof Error ? error.message.trim().split("\n").at(-1) : error}`);
    }
  }
}

async function withServer(
  starting: Promise<BenchServer | string>,
  work: (host: string) => Promise<unknown>,
): Promise<void> {
  const server = await starting;
  if (typeof server === "string") return write(`  not run: ${server}`);
  try {
    await work(server.host);
  } finally {
    await server.stop();
  }
}
