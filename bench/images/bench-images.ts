import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addedFiles } from "./added-files.ts";
import { type Content, makeAllContent } from "./content.ts";
import { type BenchLayer, type LayerContent, makeLayer } from "./layer.ts";

/** An image of the bench: its layers, lowest first. */
export interface BenchImage {
  /** Fit for a repository's name. */
  readonly name: string;
  readonly layers: readonly BenchLayer[];
}

/** The layers that the images are put together from. */
export interface BenchLayers {
  readonly base: BenchLayer;
  readonly tools: BenchLayer;
  readonly npmSmall: BenchLayer;
  readonly npmLarge: BenchLayer;
  readonly pythonSmall: BenchLayer;
  readonly pythonLarge: BenchLayer;
  /** The small npm and PyPI packages again, a few to a layer. */
  readonly pieces: readonly BenchLayer[];
}

const sitePackages = "usr/local/lib/python3.11/site-packages";
const application = "srv/app";
const [npmPieces, pythonPieces] = [30, 29];

/** Where the images are kept from one run to the next: `PLIMSOLL_BENCH`, else a folder among temporary files. */
export function benchFolder(): string {
  return process.env["PLIMSOLL_BENCH"] ?? join(tmpdir(), "plimsoll-bench");
}

/** Makes the layers, or takes those that an earlier run left. Throws naming a program that is missing. */
export function makeBenchLayers(folder: string): BenchLayers {
  const content = makeAllContent(folder);
  const make = (layer: LayerContent): BenchLayer => makeLayer(folder, layer);
  return {
    base: make({ name: "base", parts: [{ folder: content.base }] }),
    tools: make({
      name: "tools",
      parts: [{ folder: content.tools, paths: addedFiles(content.base, content.tools), alone: true }],
    }),
    npmSmall: make({ name: "npm-small", parts: [{ folder: content.npm.small, at: application }] }),
    npmLarge: make({ name: "npm-large", parts: [{ folder: content.npm.large, at: application }] }),
    pythonSmall: make({ name: "python-small", parts: [{ folder: content.python.small, at: sitePackages }] }),
    pythonLarge: make({ name: "python-large", parts: [{ folder: content.python.large, at: sitePackages }] }),
    pieces: pieceContents(content).map(make),
  };
}

/** The images of the bench: about 80 MB, 400 MB and 1.5 GB unpacked, and one of 60 layers. */
export function benchImages(layers: BenchLayers): readonly BenchImage[] {
  const { base, tools, npmSmall, npmLarge, pythonSmall, pythonLarge, pieces } = layers;
  return [
    { name: "debian-80mb", layers: [base] },
    { name: "application-400mb", layers: [base, tools, npmSmall, pythonSmall] },
    { name: "large-1500mb", layers: [base, tools, npmLarge, pythonLarge] },
    { name: "layers-60", layers: [base, ...pieces] },
  ];
}

/** Bytes of the plain layers, and of their gzip. */
export function imageSize({ layers }: BenchImage): { readonly plain: number; readonly packed: number } {
  return {
    plain: layers.reduce((sum, { size }) => sum + size, 0),
    packed: layers.reduce((sum, { packedSize }) => sum + packedSize, 0),
  };
}

function pieceContents({ npm, python }: Content): readonly LayerContent[] {
  const modules = join(npm.small, "node_modules");
  return [
    ...spread(readdirSync(modules).sort(), npmPieces).map(
      (paths, index): LayerContent => ({
        name: `npm-piece-${index}`,
        parts: [{ folder: modules, at: `${application}/node_modules`, paths }],
      }),
    ),
    ...spread(readdirSync(python.small).sort(), pythonPieces).map(
      (paths, index): LayerContent => ({
        name: `python-piece-${index}`,
        parts: [{ folder: python.small, at: sitePackages, paths }],
      }),
    ),
  ];
}

/** Items dealt out in turn. */
function spread(items: readonly string[], hands: number): readonly (readonly string[])[] {
  return Array.from({ length: hands }, (_, hand) => items.filter((_, index) => index % hands === hand));
}
