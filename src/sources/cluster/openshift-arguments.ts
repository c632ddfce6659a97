import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";

/** Members of the configuration that are flags of the component under another name. */
const renamed: readonly (readonly [path: readonly string[], flag: string])[] = [
  [["servingInfo", "clientCA"], "client-ca-file"],
  [["servingInfo", "certFile"], "tls-cert-file"],
  [["servingInfo", "keyFile"], "tls-private-key-file"],
  [["servingInfo", "minTLSVersion"], "tls-min-version"],
  [["servingInfo", "cipherSuites"], "tls-cipher-suites"],
  [["serviceAccountPublicKeyFiles"], "service-account-key-file"],
];
const mostValues = 1000;

/**
 * The arguments that a component of OpenShift takes from the file of `--openshift-config`: those that stand there as
 * arguments, and members that are flags of Kubernetes under another name. Source: OpenShift, `KubeAPIServerConfig` and
 * `KubeControllerManagerConfig`.
 */
export function openShiftArguments(config: JsonObject): readonly string[] {
  const found: string[] = [];
  const add = (flag: string, value: unknown): void => {
    const values = Array.isArray(value) ? value : [value];
    for (const one of values.slice(0, mostValues)) {
      if (["string", "number", "boolean"].includes(typeof one) && one !== "") found.push(`--${flag}=${String(one)}`);
    }
  };
  for (const group of ["apiServerArguments", "extendedArguments"]) {
    const given = config[group];
    for (const [flag, value] of Object.entries(isJsonObject(given) ? given : {})) add(flag, value);
  }
  const named = new Set(found.map((argument) => argument.slice(2, argument.indexOf("="))));
  for (const [path, flag] of renamed) {
    let value: unknown = config;
    for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
    if (!named.has(flag)) add(flag, value);
  }
  return found;
}
