/**
 * The variables that a file assigns in the subset of shell syntax that os-release(5) allows: `NAME=value` lines, the
 * value bare or in single or double quotes, where a backslash escapes `$`, `` ` ``, `"` and itself. The last assignment
 * counts. Lines that are anything else are skipped.
 */
export function readShellVariables(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    const name = line.slice(0, Math.max(0, equals)).trim();
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) variables.set(name, unquote(line.slice(equals + 1).trim()));
  }
  return variables;
}

function unquote(value: string): string {
  const quote = value.charAt(0);
  if (quote !== '"' && quote !== "'") return value.replace(/\\(.)/g, "$1");
  const end = value.length > 1 && value.endsWith(quote) ? value.length - 1 : value.length;
  const inner = value.slice(1, end);
  return quote === '"' ? inner.replace(/\\([$`"\\])/g, "$1") : inner;
}
