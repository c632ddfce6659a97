import { isDigest, isRegistry, isRepository, isTag } from "./reference.ts";

const longestText = 1024;

/**
 * The fault of a text that looks like the name of an image but is not valid: a clause about the first part that is
 * wrong. Undefined for text that may also be a path, and when the only fact is that the text is not a name.
 */
export function referenceFault(text: string): string | undefined {
  if (text.length > longestText || /^(?:[./~-]|$)/.test(text)) return undefined;
  const at = text.indexOf("@");
  const name = at < 0 ? text : text.slice(0, at);
  return ofDigest(at < 0 ? undefined : text.slice(at + 1)) ?? ofName(name);
}

function ofDigest(digest: string | undefined): string | undefined {
  if (digest === undefined || isDigest(digest)) return undefined;
  if (isDigest(digest.toLowerCase())) return "a digest must be in lower case";
  return "the part after @ is not a digest: expected sha256: and 64 hexadecimal digits";
}

function ofName(name: string): string | undefined {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const hasRegistry = /[.:[]/.test(first) || first === "localhost";
  if (slash < 0 && name.startsWith("[") && isRegistry(name)) return "it has a registry but no repository";
  if (hasRegistry && !isRegistry(first)) return ofRegistry(first);
  const rest = hasRegistry ? name.slice(slash + 1) : name;
  if (hasRegistry && rest === "") return `no repository follows ${name}`;
  const colon = rest.indexOf(":");
  const repository = colon < 0 ? rest : rest.slice(0, colon);
  if (!isRepository(repository)) {
    const isInCapitals = isRepository(repository.toLowerCase());
    return isInCapitals ? `the repository ${repository} contains capital letters` : undefined;
  }
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (tag === "") return "no tag follows the colon";
  if (tag === undefined || isTag(tag)) return undefined;
  return "a tag consists of at most 128 letters, digits, dots, hyphens and underscores";
}

function ofRegistry(registry: string): string | undefined {
  const port = /:([0-9]+)$/.exec(registry)?.[1];
  return port !== undefined && Number(port) > 65_535 ? "the port is higher than 65535" : undefined;
}
