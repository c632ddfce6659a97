import { trimEnd } from "../../model/text/trim-end.ts";

/**
 * An audit rule that watches a path, as it was written; undefined when none does. A rule on a folder covers what is in
 * it.
 */
export function watchOf(rules: readonly string[], path: string): string | undefined {
  const places = new Set(samePlaces(path));
  return rules.find((rule) => {
    const words = rule.split(" ");
    const watched = watchedBy(words);
    if (watched === undefined) return false;
    const clean = trimEnd(watched.path, "/") || watched.path.slice(0, 1);
    return samePlaces(clean).some(
      (place) => places.has(place) || (watched.recursive && [...places].some((one) => one.startsWith(`${place}/`))),
    );
  });
}

function watchedBy(words: readonly string[]): { readonly path: string; readonly recursive: boolean } | undefined {
  const after = (flag: string): string | undefined => words[words.indexOf(flag) + 1];
  if (words[0] === "-w") {
    const permissions = words.includes("-p") ? (after("-p") ?? "") : "rwxa";
    return words[1] !== undefined && /[wxa]/.test(permissions) ? { path: words[1], recursive: true } : undefined;
  }
  const list = (words[0] === "-a" || words[0] === "-A" ? words[1] : undefined)?.split(",") ?? [];
  if (!list.includes("always") || !list.includes("exit")) return undefined;
  const fields = words.flatMap((word, index) => (words[index - 1] === "-F" ? [word] : []));
  const fieldOf = (name: string): string | undefined =>
    fields.find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1);
  const permissions = fieldOf("perm");
  if (permissions !== undefined && !/[wxa]/.test(permissions)) return undefined;
  const folder = fieldOf("dir");
  const file = fieldOf("path") ?? fieldOf("exe");
  if (folder !== undefined) return { path: folder, recursive: true };
  return file === undefined ? undefined : { path: file, recursive: false };
}

/** `/var/run` is a link to `/run` on every host of today, and `/bin`, `/sbin` and `/lib` to theirs in `/usr`. */
function samePlaces(path: string): string[] {
  const places = [path];
  if (path.startsWith("/var/run/")) places.push(path.slice(4));
  if (path.startsWith("/run/")) places.push(`/var${path}`);
  if (/^\/(?:bin|sbin|lib)\//.test(path)) places.push(`/usr${path}`);
  if (/^\/usr\/(?:bin|sbin|lib)\//.test(path)) places.push(path.slice(4));
  return places;
}
