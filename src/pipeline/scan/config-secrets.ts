import { secretSearch } from "../../detectors/secrets/find-secrets.ts";
import { secretRules } from "../../detectors/secrets/rules/builtin.ts";
import type { SecretFinding } from "../../model/findings/secret.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";

/** The secrets in the configuration of an image: its environment, labels, commands, and the steps of its history. */
export function configSecrets(config: JsonObject): readonly SecretFinding[] {
  const search = secretSearch(secretRules);
  return textsOf(config).flatMap(([path, text]) => {
    const { secrets } = search(Buffer.from(text));
    return secrets.map((secret): SecretFinding => ({ kind: "secret", ...secret, path, layer: null }));
  });
}

function textsOf({ config, history }: JsonObject): (readonly [path: string, text: string])[] {
  const { Env: env, Labels: labels, Entrypoint: entrypoint, Cmd: command } = isJsonObject(config) ? config : {};
  return [
    ...textsIn(env).map((text) => [`ENV ${text.split("=", 1)[0]}`, text] as const),
    ...Object.entries(isJsonObject(labels) ? labels : {}).map(
      ([key, value]) => [`LABEL ${key}`, `${key}=${value}`] as const,
    ),
    ...[entrypoint, command].map((words) => ["ENTRYPOINT and CMD", textsIn(words).join(" ")] as const),
    ...(Array.isArray(history) ? history : []).map((step, index) => {
      const { created_by: text } = isJsonObject(step) ? step : {};
      return [`history ${index + 1}`, typeof text === "string" ? text : ""] as const;
    }),
  ];
}

function textsIn(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
}
