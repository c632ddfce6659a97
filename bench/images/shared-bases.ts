import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchImage, BenchLayers } from "./bench-images.ts";
import { type BenchLayer, makeLayer } from "./layer.ts";

/**
 * Images that share four bases as a company's images do: on top of a base each has one of the small pieces and a layer of its own, an
 * application of a few files.
 */
export function imagesOnSharedBases(folder: string, layers: BenchLayers, count: number): readonly BenchImage[] {
  const { base, tools, npmSmall, pythonSmall, pieces } = layers;
  const bases = [[base], [base, tools], [base, tools, npmSmall], [base, tools, pythonSmall]];
  return Array.from({ length: count }, (_, index) => {
    const name = `shared-${String(index).padStart(3, "0")}`;
    const [below = [base], piece] = [bases[index % bases.length], pieces[index % pieces.length]];
    return { name, layers: [...below, ...(piece ? [piece] : []), applicationLayer(folder, name)] };
  });
}

/** The layers of all images, each once. */
export function distinctLayers(images: readonly BenchImage[]): readonly BenchLayer[] {
  return [...new Map(images.flatMap(({ layers }) => layers).map((layer) => [layer.digest, layer])).values()];
}

/** About 1 MB: a manifest and code that says the image's name, so that no two are the same. */
function applicationLayer(folder: string, name: string): BenchLayer {
  const source = join(folder, "content", "applications", name);
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, "package.json"), JSON.stringify({ name, version: "1.0.0", private: true }));
  for (let file = 0; file < 20; file++) {
    const lines = Array.from(
      { length: 1000 },
      (_, line) => `export const value${line} = "${name}/${file}/${line * line}";\n`,
    );
    writeFileSync(join(source, `module-${file}.js`), lines.join(""));
  }
  return makeLayer(folder, { name, parts: [{ folder: source, at: `opt/${name}` }] });
}
