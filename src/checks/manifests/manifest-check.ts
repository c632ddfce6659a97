import type { Evidence } from "../../model/checks/check.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import type { Check, CheckDescription, Observation } from "../check.ts";
import { type JsonPath, pathText, valueAt } from "./kustomize/json-path.ts";
import { type ManifestFacts, type ManifestResource, resourceTitle } from "./manifest-resource.ts";
import type { PodContainer, PodTemplate } from "./pods/pod-template.ts";

/** A field that makes a check fail, or that should be there. */
export interface ManifestPlace {
  /** From the root of the resource. */
  readonly path: JsonPath;
  /** What to print in place of what is there: for secrets, and for fields of another resource. */
  readonly value?: string;
  /** What would have passed. */
  readonly expected?: string;
}

/** One way in which a resource fails a check. */
export interface ManifestFailure {
  /** The first is where the failure is located. */
  readonly places: readonly ManifestPlace[];
  /** Which container it is about, when it is about one. */
  readonly container?: PodContainer;
  readonly reason?: string;
  /** `manual` where only a person can tell; `fail` when absent. */
  readonly state?: "fail" | "manual";
}

const longestValue = 160;
const mostItems = 20;

/** A check of every pod, and of every resource that makes pods. */
export function podCheck(
  description: CheckDescription,
  examine: (pod: PodTemplate, about: { resource: ManifestResource; facts: ManifestFacts }) => Iterable<ManifestFailure>,
): Check<ManifestFacts> {
  return manifestCheck(description, {
    isAbout: ({ pod }) => pod !== undefined,
    examine: (resource, facts) => (resource.pod ? examine(resource.pod, { resource, facts }) : []),
  });
}

/** A check of every container of every pod; it names the fields that are wrong. */
export function containerCheck(
  description: CheckDescription,
  examine: (
    container: PodContainer,
    about: { pod: PodTemplate; resource: ManifestResource },
  ) => readonly ManifestPlace[],
): Check<ManifestFacts> {
  return podCheck(description, function* (pod, { resource }) {
    for (const container of pod.containers) {
      const places = examine(container, { pod, resource });
      if (places.length > 0) yield { places, container };
    }
  });
}

/** A check of the resources that it is about. */
export function manifestCheck(
  description: CheckDescription,
  {
    isAbout,
    examine,
  }: {
    isAbout(resource: ManifestResource): boolean;
    examine(resource: ManifestResource, facts: ManifestFacts): Iterable<ManifestFailure>;
  },
): Check<ManifestFacts> {
  return {
    ...description,
    needs: [],
    *evaluate(facts): Iterable<Observation> {
      for (const resource of facts.resources) {
        if (!isAbout(resource)) continue;
        let isFailing = false;
        for (const failure of examine(resource, facts)) {
          isFailing = true;
          yield failed(resource, failure);
        }
        if (!isFailing) yield passed(resource);
      }
    },
  };
}

/** A check of the resources of some kinds. */
export function kindCheck(
  description: CheckDescription,
  kinds: readonly string[],
  {
    examine,
  }: {
    examine(resource: ManifestResource, facts: ManifestFacts): Iterable<ManifestFailure>;
  },
): Check<ManifestFacts> {
  const set = new Set(kinds);
  return manifestCheck(description, {
    isAbout: ({ kind }) => set.has(kind),
    examine,
  });
}

/** The value on one line: for an object its keys only, so that no secret is printed with it. */
export function printed(value: unknown): string {
  if (Array.isArray(value)) {
    const items = value.slice(0, mostItems).map((item) => (typeof item === "string" ? shortened(item) : printed(item)));
    return `[${items.join(", ")}${value.length > mostItems ? ", …" : ""}]`;
  }
  if (isJsonObject(value)) return `{${Object.keys(value).slice(0, mostItems).map(shortened).join(", ")}}`;
  return shortened(String(value));
}

function evidenceOf(resource: ManifestResource, { path, value, expected }: ManifestPlace): Evidence {
  const found = value === undefined ? valueAt(resource.object, path) : value;
  return {
    subject: pathText(path),
    ...(found === undefined ? {} : { value: printed(found) }),
    ...(expected === undefined ? {} : { expected }),
  };
}

/** What a check says of a resource that it has nothing against. */
export function passed(resource: ManifestResource): Observation {
  const title = resourceTitle(resource);
  return resource.path === undefined
    ? { state: "pass", resource: title, evidence: [] }
    : {
        state: "pass",
        resource: title,
        location: { path: resource.path },
        evidence: [],
      };
}

/** What a check says of a resource that fails it. */
export function failed(
  resource: ManifestResource,
  { places, container, reason, state = "fail" }: ManifestFailure,
): Observation {
  const location = resource.locate(places[0]?.path ?? []);
  const title = resourceTitle(resource);
  return {
    state,
    resource: container ? `${title} container ${container.name}` : title,
    ...(location ? { location } : {}),
    evidence: places.map((place) => evidenceOf(resource, place)),
    ...(reason === undefined ? {} : { reason }),
  };
}

function shortened(text: string): string {
  const line = /[\x00-\x1f\x7f]/.test(text) ? JSON.stringify(text).slice(1, -1) : text;
  return line.length > longestValue ? `${line.slice(0, longestValue)}…` : line;
}
