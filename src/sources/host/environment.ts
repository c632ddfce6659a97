import type { EnvironmentFact } from "../../model/checks/engine-facts.ts";
import { isSecretName, looksSecret, shapeOf } from "./hide-secrets.ts";

/** Variables as `NAME=value`, with each value only as its shape. */
export function environmentOf(variables: readonly string[]): EnvironmentFact[] {
  return variables.map((variable) => {
    const separator = variable.indexOf("=");
    const [name, value] =
      separator < 0 ? [variable, ""] : [variable.slice(0, separator), variable.slice(separator + 1)];
    const secret = value !== "" && (isSecretName(name) || looksSecret(value));
    return { name: name.slice(0, 256), shape: shapeOf(value), secret };
  });
}
