import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { CheckTitle } from "../../check-title.ts";
import { objectAt, objectsAt, textAt, valueAt } from "../../manifests/kustomize/json-path.ts";
import type { ManifestResource } from "../../manifests/manifest-resource.ts";
import { compileExpression, type Expression } from "../expression.ts";
import { typeText } from "../static-type.ts";
import type { NamedExpression, Policy, PolicyBinding, Validation } from "./policy.ts";

const variablesOfKubernetes = [
  "object",
  "oldObject",
  "request",
  "params",
  "namespaceObject",
  "variables",
  "authorizer",
];
const variablesOfKyverno = [...variablesOfKubernetes, "resource"];
const usualControllers = [
  "DaemonSet",
  "Deployment",
  "Job",
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
  "CronJob",
];
const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
const mostItems = 100;
const severities = ["critical", "high", "medium", "low", "negligible"] as const;

/**
 * A policy from an object of the kind ValidatingAdmissionPolicy (admissionregistration.k8s.io) or Kyverno's
 * ValidatingPolicy (policies.kyverno.io); undefined for any other object. Titles and severities are in annotations:
 * `policies.kyverno.io/title`, `…/failTitle` and `…/severity`, or with `plimsoll.dev/` before them. Its faults are in
 * its `mistakes`.
 */
export function readPolicy({ object, kind, apiVersion, name }: ManifestResource): Policy | undefined {
  const isAdmissionPolicy =
    kind === "ValidatingAdmissionPolicy" && apiVersion.startsWith("admissionregistration.k8s.io/");
  const isKyvernoPolicy = kind === "ValidatingPolicy" && apiVersion.startsWith("policies.kyverno.io/");
  if (!isAdmissionPolicy && !isKyvernoPolicy) return undefined;
  const spec = objectAt(object, "spec");
  const compiler = new PolicyCompiler(isKyvernoPolicy);
  const annotations = objectAt(objectAt(object, "metadata"), "annotations");
  const said = (key: string): string | undefined =>
    textAt(annotations, `plimsoll.dev/${key}`) ?? textAt(annotations, `policies.kyverno.io/${key}`);
  const paramKind = objectAt(spec, "paramKind");
  const policy = {
    kind: isKyvernoPolicy ? ("ValidatingPolicy" as const) : ("ValidatingAdmissionPolicy" as const),
    name,
    title: titlesOf(name, { pass: said("title"), fail: said("failTitle") }),
    severity: severities.find((severity) => severity === said("severity")) ?? "medium",
    why: oneLine(said("description") ?? ""),
    matchConstraints: objectAt(spec, "matchConstraints"),
    conditions: compiler.named(spec, "matchConditions"),
    variables: compiler.named(spec, "variables"),
    validations: compiler.validations(spec),
    failurePolicy: spec["failurePolicy"] === "Ignore" ? ("Ignore" as const) : ("Fail" as const),
    paramKind:
      textAt(paramKind, "kind") === undefined
        ? undefined
        : { apiVersion: textAt(paramKind, "apiVersion") ?? "", kind: textAt(paramKind, "kind") ?? "" },
    controllers: new Set(isKyvernoPolicy ? controllersOf(spec) : []),
  };
  return { ...policy, mistakes: compiler.mistakes };
}

/** A binding of a policy of Kubernetes; undefined for any other object. */
export function readBinding({ object, kind }: ManifestResource): PolicyBinding | undefined {
  if (kind !== "ValidatingAdmissionPolicyBinding") return undefined;
  const spec = objectAt(object, "spec");
  const paramRef = spec["paramRef"];
  return {
    policyName: textAt(spec, "policyName") ?? "",
    matchResources: objectAt(spec, "matchResources"),
    paramRef: isJsonObject(paramRef) ? paramRef : undefined,
  };
}

function controllersOf(spec: JsonObject): string[] {
  const listed = valueAt(spec, ["autogen", "podControllers", "controllers"]);
  if (!Array.isArray(listed)) return usualControllers;
  const wanted = listed.filter((kind) => typeof kind === "string").map((kind) => singular(kind));
  return usualControllers.filter((kind) => wanted.includes(kind.toLowerCase()));
}

function singular(kind: string): string {
  return kind.toLowerCase().replace(/s$/, "");
}

/** One title serves both states; without any, the policy's name does. */
function titlesOf(name: string, { pass, fail }: { pass: string | undefined; fail: string | undefined }): CheckTitle {
  if (pass !== undefined) return { pass: oneLine(pass), fail: oneLine(fail ?? pass) };
  return { pass: `Policy ${name} allows the object`, fail: oneLine(fail ?? `Policy ${name} denies the object`) };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 1000);
}

class PolicyCompiler {
  readonly mistakes: string[] = [];
  readonly #isKyvernoPolicy: boolean;

  constructor(isKyvernoPolicy: boolean) {
    this.#isKyvernoPolicy = isKyvernoPolicy;
  }

  named(spec: JsonObject, key: "matchConditions" | "variables"): NamedExpression[] {
    return this.#items(spec, key).flatMap(([index, item]) => {
      const name = textAt(item, "name") ?? "";
      const wanted = key === "variables" ? "any" : "bool";
      const expression = this.#compile(item["expression"], { place: `${key}[${index}].expression`, wanted });
      return expression ? [{ name, expression }] : [];
    });
  }

  validations(spec: JsonObject): Validation[] {
    const validations = this.#items(spec, "validations").flatMap(([index, item]) => {
      const expression = this.#compile(item["expression"], {
        place: `validations[${index}].expression`,
        wanted: "bool",
      });
      if (!expression) return [];
      const messageExpression = item["messageExpression"];
      const reason = textAt(item, "reason");
      if (reason !== undefined && !reasons.includes(reason))
        this.mistakes.push(`validations[${index}].reason: ${reason} is not one of ${reasons.join(", ")}`);
      return [
        {
          expression,
          message: textAt(item, "message"),
          messageExpression:
            messageExpression === undefined
              ? undefined
              : this.#compile(messageExpression, {
                  place: `validations[${index}].messageExpression`,
                  wanted: "string",
                }),
          reason,
        },
      ];
    });
    if (objectsAt(spec, "validations").length === 0 && objectsAt(spec, "auditAnnotations").length === 0) {
      this.mistakes.push("the policy has no validations");
    }
    return validations;
  }

  #items(spec: JsonObject, key: string): ReturnType<typeof objectsAt> {
    const items = objectsAt(spec, key);
    if (items.length > mostItems) this.mistakes.push(`${key} has more than ${mostItems} items`);
    return items.slice(0, mostItems);
  }

  #compile(
    source: unknown,
    { place, wanted }: { place: string; wanted: "any" | "bool" | "string" },
  ): Expression | undefined {
    // YAML reads an expression that is only `true` or a number as that.
    if (typeof source !== "string" && typeof source !== "boolean" && typeof source !== "number") {
      this.mistakes.push(`${place} is missing`);
      return undefined;
    }
    const compiled = compileExpression(String(source), {
      variables: this.#isKyvernoPolicy ? variablesOfKyverno : variablesOfKubernetes,
      functions: this.#isKyvernoPolicy ? "all" : "kubernetes",
    });
    if ("expression" in compiled) {
      const { type } = compiled.expression;
      if (wanted === "any" || type.kind === "any" || type.kind === wanted) return compiled.expression;
      this.mistakes.push(`${place}: must evaluate to ${wanted} but got ${typeText(type)}`);
      return undefined;
    }
    this.mistakes.push(`${place}, line ${compiled.line}, column ${compiled.column}: ${compiled.error}`);
    return undefined;
  }
}
