import { isMap, LineCounter, parseAllDocuments } from "yaml";
import { yamlReason } from "../../io/documents/yaml-reason.ts";
import { PlimsollError } from "../../model/error.ts";

const mostDocuments = 1000;

/** The values of all documents of a YAML text; whole numbers that a double cannot hold are bigints. */
export function readYamlDocuments(text: string, file: string): readonly unknown[] {
  try {
    const lines = new LineCounter();
    const parsed = parseAllDocuments(text, { intAsBigInt: true, logLevel: "error", lineCounter: lines });
    if (!Array.isArray(parsed)) return [];
    if (parsed.length > mostDocuments) throw malformed(file, `more than ${mostDocuments} documents`);
    return parsed.map((document) => {
      const [error] = document.errors;
      if (error) throw error;
      return isMap(document.contents) ? narrowed(document.toJS({ maxAliasCount: 100 })) : null;
    });
  } catch (error) {
    if (error instanceof PlimsollError) throw error;
    throw malformed(file, yamlReason(error));
  }
}

function malformed(file: string, reason: string): PlimsollError {
  return new PlimsollError("file-malformed", `${file} is not valid YAML: ${reason}`);
}

/** Bigints that a number holds exactly become numbers, as JSON has them. */
function narrowed(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(narrowed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, narrowed(member)]));
}
