import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchImage, BenchLayers } from "./bench-images.ts";
import { type BenchLayer, type LayerPart, makeLayer } from "./layer.ts";

/** What the images have for themselves: code alone, about 1 MB, or with the npm packages that it uses, about 20 MB. */
export type OwnContent = "code" | "application";

/**
 * Images that share four bases as a company's images do: on top of a base each has one of the small pieces and a layer of its own.
 */
export function imagesOnSharedBases(
  folder: string,
  layers: BenchLayers,
  { count, own }: { readonly count: number; readonly own: OwnContent },
): readonly BenchImage[] {
  const { base, tools, npmSmall, pythonSmall, pieces } = layers;
  const bases = [[base], [base, tools], [base, tools, npmSmall], [base, tools, pythonSmall]];
  return Array.from({ length: count }, (_, index) => {
    const name = `shared-${String(index).padStart(3, "0")}`;
    const [below = [base], piece] = [bases[index % bases.length], pieces[index % pieces.length]];
    const layer = own === "code" ? codeLayer(folder, name) : applicationLayer(folder, name, index);
    return { name, layers: [...below, ...(piece ? [piece] : []), layer] };
  });
}

/** The layers of all images, each once. */
export function distinctLayers(images: readonly BenchImage[]): readonly BenchLayer[] {
  return [...new Map(images.flatMap(({ layers }) => layers).map((layer) => [layer.digest, layer])).values()];
}

function codeLayer(folder: string, name: string): BenchLayer {
  return makeLayer(folder, { name, parts: [ownCode(folder, name)] });
}

function applicationLayer(folder: string, name: string, index: number): BenchLayer {
  const modules = join(folder, "content", "npm-small", "node_modules");
  const every = 3;
  const paths = readdirSync(modules)
    .sort()
    .filter((_, place) => place % every === index % every);
  const used: LayerPart = { folder: modules, at: `opt/${name}/node_modules`, paths };
  return makeLayer(folder, { name: `${name}-application`, parts: [ownCode(folder, name), used] });
}

/** About 1 MB: a manifest and code that says the image's name, so that no two are the same. */
function ownCode(folder: string, name: string): LayerPart {
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
  return { folder: source, at: `opt/${name}` };
}
