import { EvaluationFault } from "../values/fault.ts";
import { valueFromJson } from "../values/json-value.ts";
import { type Overload, overload } from "./overload.ts";

/**
 * What Kyverno adds for its `ValidatingPolicy`: other objects of the cluster, and the parts of a service account's
 * name.
 */
export const clusterFunctions: readonly Overload[] = [
  overload(".Get", {
    takes: ["cluster", "string", "string", "string", "string"],
    gives: "any",
    run: ([cluster, apiVersion, resource, namespace, name], meter) => {
      const found = cluster.find({ apiVersion, resource, namespace, name });
      meter.spend(100);
      if (found[0] === undefined) throw new EvaluationFault(`${resource} "${name}" not found`);
      return valueFromJson(found[0]);
    },
  }),
  overload(".List", {
    takes: ["cluster", "string", "string", "string"],
    gives: "any",
    run: ([cluster, apiVersion, resource, namespace], meter) => {
      const items = cluster.find({ apiVersion, resource, namespace });
      meter.spend(100 + items.length);
      return valueFromJson({ apiVersion, kind: "List", items });
    },
  }),
  overload("parseServiceAccount", {
    takes: ["string"],
    gives: "any",
    run: ([user]) => {
      const match = /^system:serviceaccount:([^:]*):([^:]*)$/.exec(user);
      return valueFromJson({ Name: match?.[2] ?? "", Namespace: match?.[1] ?? "" });
    },
  }),
];
