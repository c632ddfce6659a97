import { posix } from "node:path";

const listed = 5;
// Helm writes this before each document; a template cannot, since Helm splits what it gives at lines of dashes.
const source = /^---\n# Source: [^/\n]+\/(\S+)$/gm;

/**
 * The templates of a chart, relative to its folder, that gave no output of `helm template`: the values leave them out.
 * `paths` are those of files that need rendering.
 */
export function emptyTemplates(
  folder: string,
  { paths, rendered }: { readonly paths: Iterable<string>; readonly rendered: string },
): string[] {
  const given = new Set(Array.from(rendered.matchAll(source), ([, path]) => path));
  return Array.from(paths)
    .filter((path) => path.startsWith(`${folder}/`) || folder === ".")
    .map((path) => (folder === "." ? path : path.slice(folder.length + 1)))
    .filter((path) => isTemplate(path) && !given.has(path));
}

/** The message about templates without output. */
export function emptyTemplatesText(templates: readonly string[]): string {
  const names = templates.slice(0, listed).join(", ");
  const more = templates.length > listed ? ` and ${templates.length - listed} more` : "";
  const what = templates.length === 1 ? "Helm template produces" : `${templates.length} Helm templates produce`;
  return `${what} no output with the chart's default values: ${names}${more}. Check the output of \`helm template\` with your values`;
}

/** Those with an underscore only hold parts for others. Charts within the chart are rendered on their own as well. */
function isTemplate(path: string): boolean {
  return path.startsWith("templates/") && !posix.basename(path).startsWith("_");
}
