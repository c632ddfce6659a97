import { existsSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { readNamedText } from "../../io/files/read-small-file.ts";
import { asTargetError } from "../../io/http/as-target-error.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Assessment, VexProduct, VexSource } from "../../model/findings/vex.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { parsePackageUrl } from "../../model/packages/package-url.ts";
import { counted } from "../../model/text/counted.ts";
import { type ReadVex, readVex } from "../../sources/vex/read-vex.ts";
import { malformedVex, parseVexJson } from "../../sources/vex/vex-json.ts";
import { UserStatements } from "./user-statements.ts";

/** The VEX documents of the user. */
export interface LoadedVex {
  readonly statements: UserStatements;
  readonly sources: readonly VexSource[];
}

const largestDocument = 32 * 1024 * 1024;
const mostDocuments = 10_000;
const mostStatements = 500_000;
const mostRemarks = 20;

/**
 * Reads VEX documents, and folders that are VEX repositories (specification 0.1: `index.json` maps package URLs to
 * documents). A document of a repository applies only to the products under whose package URL the index lists it.
 *
 * Errors: `target-not-found`, `target-unreadable`, `limit-exceeded`, `file-malformed`.
 */
export function loadVex(paths: readonly string[]): LoadedVex {
  const assessments: Assessment[] = [];
  const sources = paths.map((path): VexSource => {
    const documents: NamedVex[] = [];
    const remarks: string[] = [];
    for (const document of documentsAt(path, remarks)) {
      documents.push(document);
      remarks.push(...document.remarks.map((text) => `${document.file}: ${text}`));
      for (const statement of document.statements) {
        assessments.push({ by: "user", document: document.file, statement });
      }
      if (assessments.length > mostStatements) {
        throw new PlimsollError("limit-exceeded", `the VEX documents have more than ${mostStatements} statements`);
      }
    }
    const statements = documents.reduce((sum, one) => sum + one.statements.length, 0);
    return { path, documents: documents.length, statements, remarks: shortened(remarks) };
  });
  return { statements: new UserStatements(assessments), sources };
}

interface NamedVex extends ReadVex {
  readonly file: string;
}

function* documentsAt(path: string, remarks: string[]): Generator<NamedVex> {
  if (!isFolder(path)) yield { file: path, ...readVex(readNamedText(path, { largest: largestDocument }), path) };
  else yield* repositoryDocuments(path, remarks);
}

function* repositoryDocuments(folder: string, remarks: string[]): Generator<NamedVex> {
  const root = [folder, join(folder, "0.1")].find((each) => existsSync(join(each, "index.json")));
  if (root === undefined) {
    throw new PlimsollError("target-unreadable", `${folder} is not a VEX repository: it has no index.json`, {
      hint: "Name a VEX document, or a folder with the index.json of a VEX repository.",
    });
  }
  const indexFile = join(root, "index.json");
  const index = parseVexJson(readNamedText(indexFile, { largest: largestDocument }), indexFile);
  const packages = isJsonObject(index) ? index["packages"] : undefined;
  if (!Array.isArray(packages)) throw malformedVex(indexFile, "packages is not a list");
  if (packages.length > mostDocuments) {
    throw new PlimsollError("limit-exceeded", `${indexFile} lists more than ${mostDocuments} documents`);
  }
  const whole = realpathSync(root);
  for (const entry of packages) {
    if (!isJsonObject(entry)) throw malformedVex(indexFile, "an entry of packages is not an object");
    const { id, location } = textsOf(entry, indexFile);
    const file = join(root, location);
    if (!existsSync(file)) {
      remarks.push(`${file} is listed in index.json but does not exist`);
      continue;
    }
    if (!realpathSync(file).startsWith(`${whole}${sep}`)) throw malformedVex(indexFile, `${location} is outside`);
    const read = readVex(readNamedText(file, { largest: largestDocument }), file);
    const statements = read.statements.flatMap(({ products, ...statement }) => {
      const listed = products.filter((product) => isListedAs(product, id));
      return listed.length === 0 ? [] : [{ ...statement, products: listed }];
    });
    const others = read.statements.length - statements.length;
    const remark = `${counted(others, "statement")} about products other than ${id}`;
    yield { file, statements, remarks: others === 0 ? read.remarks : [...read.remarks, remark] };
  }
}

function textsOf(entry: JsonObject, file: string): { readonly id: string; readonly location: string } {
  const { id, location } = entry as { readonly id?: unknown; readonly location?: unknown };
  if (typeof id !== "string" || typeof location !== "string") {
    throw malformedVex(file, "an entry of packages has no id or no location");
  }
  return { id, location };
}

function isListedAs({ "@id": text }: VexProduct, id: string): boolean {
  const [product, listed] = [parsePackageUrl(text), parsePackageUrl(id)];
  if (!product || !listed) return false;
  return (
    product.type === listed.type &&
    product.namespace === listed.namespace &&
    product.name === listed.name &&
    Object.entries(listed.qualifiers).every(([key, value]) => product.qualifiers[key] === value)
  );
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw asTargetError(path, cause);
  }
}

function shortened(remarks: readonly string[]): readonly string[] {
  const more = remarks.length - mostRemarks;
  return more > 0 ? [...remarks.slice(0, mostRemarks), `${more} more`] : remarks;
}
