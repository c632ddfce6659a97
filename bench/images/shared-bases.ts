import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchImage, BenchLayers } from "./bench-images.ts";
import { type BenchLayer, type LayerContent, type LayerPart, makeLayer } from "./layer.ts";

/**
 * What the images have for themselves: code alone, about 1 MB; with some npm packages, about 20 MB; or with all that a
 * service in JavaScript or in Python installs, about 60 MB, which makes images of 300 MB.
 */
export type OwnContent = "code" | "application" | "service";

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
    const layer = makeLayer(folder, ownLayer(own, { folder, name, index }));
    return { name, layers: [...below, ...(piece ? [piece] : []), layer] };
  });
}

/** The layers of all images, each once. */
export function distinctLayers(images: readonly BenchImage[]): readonly BenchLayer[] {
  return [...new Map(images.flatMap(({ layers }) => layers).map((layer) => [layer.digest, layer])).values()];
}

interface OwnPlace {
  readonly folder: string;
  readonly name: string;
  readonly index: number;
}

function ownLayer(own: OwnContent, { folder, name, index }: OwnPlace): LayerContent {
  const code = ownCode(folder, name);
  if (own === "code") return { name, parts: [code] };
  const modules = join(folder, "content", "npm-small", "node_modules");
  const at = `opt/${name}/node_modules`;
  if (own === "application") {
    return { name: `${name}-application`, parts: [code, { folder: modules, at, paths: third(modules, index) }] };
  }
  const python = join(folder, "content", "python-small");
  const packages: LayerPart =
    index % 2 === 0 ? { folder: modules, at } : { folder: python, at: `opt/${name}/lib`, paths: third(python, index) };
  return { name: `${name}-service`, parts: [code, packages], isPackedOnly: true };
}

/** Every third name of a folder. */
function third(folder: string, index: number): readonly string[] {
  return readdirSync(folder)
    .sort()
    .filter((_, place) => place % 3 === index % 3);
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
