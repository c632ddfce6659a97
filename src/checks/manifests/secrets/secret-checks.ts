import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Check } from "../../check.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import { objectAt, objectsAt, textAt, textsAt } from "../kustomize/json-path.ts";
import { containerCheck, kindCheck, type ManifestPlace } from "../manifest-check.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import { secretPrint, secretShape } from "./secret-shape.ts";

const mostKeys = 10_000;

/** Where secrets are written out, or handed over in a way that shows them. */
export const secretChecks: readonly Check<ManifestFacts>[] = [
  containerCheck(
    {
      id: "manifests/secret-in-environment",
      title: {
        pass: "Environment contains no plain-text secret",
        fail: "Environment contains a plain-text secret",
      },
      severity: "high",
      why: "Everyone who can read the manifest, its repository or the pod can read the secret.",
      remediation: "Move the value to a Secret or a secret store, rotate it, and mount it as a file.",
      mappings: [cis("5.4.1"), nsa("Authentication and authorization"), mitre("T1552"), cwe("798")],
    },
    ({ path, spec }) =>
      objectsAt(spec, "env").flatMap(([index, { name, value }]): ManifestPlace[] => {
        if (typeof name !== "string" || value === undefined || value === null || isJsonObject(value)) return [];
        const shape = secretShape(name, String(value));
        if (shape === undefined) return [];
        return [
          {
            path: [...path, "env", index, "value"],
            value: secretPrint(String(value), shape),
          },
          { path: [...path, "env", index, "name"] },
        ];
      }),
  ),
  containerCheck(
    {
      id: "manifests/secret-in-arguments",
      title: { pass: "Command contains no plain-text secret", fail: "Command contains a plain-text secret" },
      severity: "high",
      why: "Process lists and the API show arguments to users who cannot read Secrets.",
      remediation: "Mount the secret as a file, and pass the path of the file to the program.",
      mappings: [cis("5.4.1"), mitre("T1552"), cwe("214")],
    },
    ({ path, spec }) =>
      ["command", "args"].flatMap((key) =>
        textsAt(spec, key).flatMap((text, index): ManifestPlace[] => {
          const [, name = "", value = text] = /^-{1,2}([A-Za-z][\w.-]{0,60})=(.*)$/s.exec(text) ?? [];
          const shape = text.length > 10_000 ? undefined : secretShape(name, value);
          return shape === undefined
            ? []
            : [
                {
                  path: [...path, key, index],
                  value: secretPrint(value, shape),
                },
              ];
        }),
      ),
  ),
  containerCheck(
    {
      id: "manifests/secret-as-environment",
      title: { pass: "Secrets are mounted as files", fail: "Secret is passed as an environment variable" },
      severity: "low",
      why: "Child processes inherit environment variables, and they appear in crash dumps and logs.",
      remediation: "Mount the Secret as a volume.",
      mappings: [cis("5.4.1"), nsa("Authentication and authorization"), mitre("T1552"), cwe("526")],
    },
    ({ path, spec }) => [
      ...objectsAt(spec, "env").flatMap(([index, item]) =>
        isJsonObject(objectAt(item, "valueFrom")["secretKeyRef"]) ? [{ path: [...path, "env", index, "name"] }] : [],
      ),
      ...objectsAt(spec, "envFrom").flatMap(([index, item]) =>
        isJsonObject(item["secretRef"]) ? [{ path: [...path, "envFrom", index, "secretRef"] }] : [],
      ),
    ],
  ),
  kindCheck(
    {
      id: "manifests/secret-in-config-map",
      title: { pass: "ConfigMap contains no secret", fail: "ConfigMap contains a secret" },
      severity: "high",
      why: "ConfigMaps are not encrypted, and more users can read ConfigMaps than can read Secrets.",
      remediation: "Move the value to a Secret or a secret store, and rotate it.",
      mappings: [nsa("Authentication and authorization"), mitre("T1552"), cwe("312")],
    },
    ["ConfigMap"],
    {
      *examine({ object }) {
        for (const [key, value] of Object.entries(objectAt(object, "data")).slice(0, mostKeys)) {
          if (typeof value !== "string" && typeof value !== "number") continue;
          const found = secretShape(key, String(value)) ?? shapeInLines(String(value));
          if (found === undefined) continue;
          yield {
            places: [{ path: ["data", key], value: secretPrint(String(value), found) }],
          };
        }
      },
    },
  ),
  kindCheck(
    {
      id: "manifests/secret-in-manifest",
      title: { pass: "Manifest does not contain Secret data", fail: "Manifest contains Secret data" },
      severity: "medium",
      why: "Base64 is not encryption: everyone who can read the file can read the secret.",
      remediation: "Use a secret store or encrypt the manifest, and rotate the values.",
      mappings: [nsa("Authentication and authorization"), mitre("T1552"), cwe("312")],
    },
    ["Secret"],
    {
      examine({ object, path }) {
        // In a cluster that is where it belongs.
        if (path === undefined || textAt(object, "type") === "kubernetes.io/service-account-token") return [];
        const places = ["data", "stringData"].flatMap((key) =>
          Object.entries(objectAt(object, key))
            .slice(0, mostKeys)
            .filter(
              ([, value]) =>
                typeof value === "string" && value !== "" && !/^\s*(?:\$[({]|\{\{|ENC\[|<[^>]*>\s*$)/.test(value),
            )
            .map(([name, value]) => ({
              path: [key, name],
              value: secretPrint(String(value), "a value"),
            })),
        );
        return places.length > 0 ? [{ places }] : [];
      },
    },
  ),
];

const assignment = /^\s*(?:export\s+)?["']?([A-Za-z][\w.-]{0,60})["']?\s*[=:]\s*["']?([^\s"'#,;]{1,500})["']?,?\s*$/;

/** The shape of a secret on a line of a configuration file that is a value of a config map. */
function shapeInLines(value: string): string | undefined {
  if (!value.includes("\n") && !/[=:]/.test(value)) return undefined;
  for (const line of value.slice(0, 256 * 1024).split("\n")) {
    if (line.length > 1000) continue;
    const [, name, text] = assignment.exec(line) ?? [];
    if (name === undefined || text === undefined) continue;
    const shape = secretShape(name, text);
    if (shape !== undefined) return `${shape} in one of the lines`;
  }
  return undefined;
}
