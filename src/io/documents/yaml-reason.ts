const tooDeep = "the document is nested too deeply";

/**
 * What the YAML parser says of what it refused or threw, in one line. Deep nesting exhausts its stack, which it tells
 * in the words of JavaScript: those become what they mean.
 */
export function yamlReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof RangeError || ("code" in error && error.code === "RESOURCE_EXHAUSTION")) return tooDeep;
  const [first = ""] = error.message.split("\n");
  return first.replace(/:$/, "");
}
