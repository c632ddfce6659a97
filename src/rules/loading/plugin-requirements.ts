import type { RequiredPlugin } from "./rule-set.ts";
import { isCompatible, parseVersion } from "./version.ts";

/** A plugin, or what serves instead of it. */
export interface PluginVersion {
  readonly name: string;
  readonly version: string;
}

/** Why the plugins that are there do not serve what rule files need, in Falco's words; `undefined` when they do. */
export function unmetRequirement(
  requirements: readonly RequiredPlugin[],
  plugins: readonly PluginVersion[],
): string | undefined {
  for (const { name, version, alternatives } of requirements) {
    const choices = [{ name, version }, ...alternatives];
    const choice = choices.find((one) => plugins.some((plugin) => plugin.name === one.name));
    const plugin = plugins.find((one) => one.name === choice?.name);
    if (!choice || !plugin) {
      const list = choices.map((one) => `${one.name} (>= ${one.version})`).join(", ");
      return `Plugin requirement not satisfied, must load one of: ${list}`;
    }
    const present = parseVersion(plugin.version);
    const requested = parseVersion(choice.version);
    if (!present) return `Plugin '${plugin.name}' has invalid version string '${plugin.version}'`;
    if (!requested || !isCompatible(present, requested)) {
      return `Plugin '${plugin.name}' version '${plugin.version}' is not compatible with required plugin version '${choice.version}'`;
    }
  }
  return undefined;
}
