import { isJsonObject } from "../../model/objects/json-object.ts";
import { type PathNode, parseJsonPath } from "./parse-json-path.ts";

/** What a template printed, or why it could not be read or does not fit the document. */
export type JsonPathResult = { readonly text: string } | { readonly error: string };

const maxValues = 100_000;

/**
 * Prints a document through a JSONPath template of Kubernetes; a missing key prints nothing. Values of one `{…}` are
 * joined by a space, objects and lists are printed as JSON.
 *
 * Source: Kubernetes, "JSONPath Support"; the behaviour of `k8s.io/client-go/util/jsonpath` with missing keys allowed.
 */
export function evaluateJsonPath(template: string, document: unknown): JsonPathResult {
  const parsed = parseJsonPath(template);
  if ("error" in parsed) return parsed;
  try {
    const run = new TemplateRun();
    run.block(parsed.nodes, { from: 0, value: document });
    return { text: run.text };
  } catch (error) {
    if (error instanceof PathError) return { error: error.message };
    throw error;
  }
}

class PathError extends Error {}

class TemplateRun {
  text = "";
  #values = 0;

  /** Runs the actions of a block up to its `{end}` or the end of the template; returns the index behind it. */
  block(
    actions: readonly (readonly PathNode[])[],
    { from, value, silent = false }: { readonly from: number; readonly value: unknown; readonly silent?: boolean },
  ): number {
    for (let index = from; index < actions.length; index++) {
      const action = actions[index] ?? [];
      const word = action.find((node) => node.kind === "identifier")?.name;
      if (word === "end") return index + 1;
      const results = this.#walk([value], action);
      if (word !== "range") {
        if (!silent) this.text += results.map(printed).join(" ");
        continue;
      }
      let next = actions.length;
      for (const item of results) next = this.block(actions, { from: index + 1, value: item, silent });
      if (results.length === 0) next = this.block(actions, { from: index + 1, value: undefined, silent: true });
      index = next - 1;
    }
    return actions.length;
  }

  #walk(values: readonly unknown[], nodes: readonly PathNode[]): readonly unknown[] {
    return nodes.reduce<readonly unknown[]>((current, node) => this.#counted(this.#step(current, node)), values);
  }

  #counted(values: readonly unknown[]): readonly unknown[] {
    this.#values += values.length;
    if (this.#values > maxValues) throw new PathError(`the path selects more than ${maxValues} values`);
    return values;
  }

  #step(values: readonly unknown[], node: PathNode): readonly unknown[] {
    switch (node.kind) {
      case "text":
        return [node.text];
      case "number":
      case "boolean":
        return values.map(() => node.value);
      case "identifier":
        return values;
      case "field":
        return values.flatMap((value) =>
          isJsonObject(value) && Object.hasOwn(value, node.name) ? [value[node.name]] : [],
        );
      case "wildcard":
        return values.flatMap(children);
      case "recursive":
        return values.flatMap((value) => this.#descend(value));
      case "union":
        return node.parts.flatMap((part) => this.#walk(values, part));
      case "slice":
        return values.flatMap((value) => (value === null || value === undefined ? [] : sliced(value, node)));
      case "filter":
        return values.flatMap((value) => this.#filtered(value, node));
    }
  }

  /** A value that has children, and all of them that do, from the top. */
  #descend(value: unknown): readonly unknown[] {
    const found: unknown[] = [];
    const waiting = [value];
    while (waiting.length > 0) {
      const next = waiting.pop();
      const below = children(next);
      if (below.length === 0) continue;
      found.push(next);
      this.#counted(below);
      waiting.push(...[...below].reverse());
    }
    return found;
  }

  #filtered(list: unknown, node: Extract<PathNode, { readonly kind: "filter" }>): readonly unknown[] {
    if (!Array.isArray(list)) throw new PathError("only lists can be filtered");
    return list.filter((item: unknown) => {
      const left = this.#walk([item], node.left);
      if (node.operator === "exists") return left.length > 0;
      const right = this.#walk([item], node.right);
      if (left.length === 0 || right.length === 0) return false;
      if (left.length > 1 || right.length > 1) throw new PathError("only single elements can be compared");
      return holds(node.operator, left[0], right[0]);
    });
  }
}

function children(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function sliced(value: unknown, slice: Extract<PathNode, { readonly kind: "slice" }>): readonly unknown[] {
  if (!Array.isArray(value)) throw new PathError("only lists can be indexed");
  const length = value.length;
  let start = slice.start ?? 0;
  if (start < 0) start += length;
  let end = slice.end ?? length;
  if (end < 0 || (end === 0 && slice.single)) end += length;
  if (start === end) return [];
  if (start < 0 || start >= length || end < 0 || end > length || start > end) {
    throw new PathError(`the index ${start} is out of range for a list of ${length}`);
  }
  const step = slice.step ?? 1;
  if (step <= 0) throw new PathError("a step must be greater than 0");
  return value.slice(start, end).filter((_, index) => index % step === 0);
}

function holds(operator: string, left: unknown, right: unknown): boolean {
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) {
    throw new PathError("values of different types cannot be compared");
  }
  const [a, b] = [left as number | string, right as number | string];
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      throw new PathError(`unknown operator ${operator}`);
  }
}

function printed(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  if (typeof value === "bigint") return String(value);
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    // Deep nesting exhausts the stack.
    throw new PathError("the value is nested too deeply to be printed");
  }
}
