import type { XmlElement } from "../../../io/documents/xml.ts";

/** A dependency after the properties and the dependency management of its own file. */
export interface PomDependency {
  readonly group: string;
  readonly artifact: string;
  /** Undefined where the file does not state it. */
  readonly version: string | undefined;
  readonly scope: string;
  /** Its place among all elements of its name in the file. */
  readonly index: number;
}

/** What a project states about its dependencies. */
export interface PomModel {
  readonly dependencies: readonly PomDependency[];
  /** How many elements of that name the file has, also those of dependency management and plug-ins. */
  readonly dependencyElements: number;
}

type Resolve = (text: string) => string;

/** Properties may name properties, but none needs more steps than this. */
const deepest = 16;
const longestValue = 1024;

/** Reads the element `project`. */
export function modelOf(project: XmlElement): PomModel {
  const order = new Map<XmlElement, number>();
  number(project, order);
  const resolve = resolver(project);
  const dependencies = [project, ...all(project, ["profiles", "profile"])].flatMap((holder) =>
    all(holder, ["dependencies", "dependency"]),
  );
  const managed = new Map(
    [project, ...all(project, ["profiles", "profile"])]
      .flatMap((holder) => all(holder, ["dependencyManagement", "dependencies", "dependency"]))
      .map((element) => [keyOf(element, resolve), element]),
  );
  return {
    dependencies: dependencies.map((element) => {
      const management = managed.get(keyOf(element, resolve));
      const version = textOf(element, "version") ?? (management && textOf(management, "version"));
      const scope = textOf(element, "scope") ?? (management && textOf(management, "scope")) ?? "compile";
      return {
        group: resolve(textOf(element, "groupId") ?? ""),
        artifact: resolve(textOf(element, "artifactId") ?? ""),
        version: version === undefined ? undefined : resolve(version),
        scope: resolve(scope),
        index: order.get(element) ?? 0,
      };
    }),
    dependencyElements: order.size,
  };
}

function number(element: XmlElement, order: Map<XmlElement, number>): void {
  if (element.name === "dependency") order.set(element, order.size);
  for (const child of element.children) number(child, order);
}

function keyOf(element: XmlElement, resolve: Resolve): string {
  return `${resolve(textOf(element, "groupId") ?? "")}:${resolve(textOf(element, "artifactId") ?? "")}`;
}

/** Replaces `${name}` by the project's properties and coordinates; an unknown name stays. */
function resolver(project: XmlElement): Resolve {
  const values = new Map<string, string>();
  for (const property of all(project, ["properties"]).flatMap(({ children }) => children)) {
    values.set(property.name, property.text);
  }
  const [parent] = all(project, ["parent"]);
  for (const key of ["groupId", "artifactId", "version"]) {
    const ofParent = parent && textOf(parent, key);
    const own = textOf(project, key) ?? ofParent;
    if (own !== undefined) for (const prefix of ["project.", "pom.", ""]) values.set(`${prefix}${key}`, own);
    if (ofParent !== undefined) values.set(`project.parent.${key}`, ofParent).set(`parent.${key}`, ofParent);
  }
  return (text) => {
    let resolved = text;
    for (let step = 0; step < deepest && resolved.includes("$"); step++) {
      const next = resolved.replace(/\$\{([\w.-]{1,200})\}/g, (whole, name: string) => values.get(name) ?? whole);
      if (next === resolved || next.length > longestValue) break;
      resolved = next;
    }
    return resolved;
  };
}

/** The elements at the end of a path of names. */
function all(element: XmlElement, path: readonly string[]): XmlElement[] {
  let found = [element];
  for (const name of path) found = found.flatMap(({ children }) => children.filter((child) => child.name === name));
  return found;
}

function textOf(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text || undefined;
}
