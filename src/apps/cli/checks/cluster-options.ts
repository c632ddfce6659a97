import { InvalidArgumentError, Option } from "commander";
import { collectLists } from "./collect-lists.ts";

/** `--kubeconfig`, once. */
export function kubeconfigOption(): Option {
  return new Option("--kubeconfig <file>", "kubeconfig of the cluster (default: as in kubectl)").argParser(once);
}

/** `--context`, once: one cluster is looked at. */
export function contextOption(description: string): Option {
  return new Option("--context <name>", description).argParser(once);
}

/** `--namespace`, whose values are joined. */
export function namespaceOption(): Option {
  return new Option("--namespace <names>", "only these namespaces, separated by commas").argParser(
    collectLists(readNamespace),
  );
}

function once(text: string, before: string | undefined): string {
  if (before !== undefined) throw new InvalidArgumentError("The option was given twice.");
  return text;
}

/** Source: RFC 1123 labels, as Kubernetes has them for namespaces. */
function readNamespace(name: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new InvalidArgumentError("Expected namespace names.");
}
