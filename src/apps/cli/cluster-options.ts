import { InvalidArgumentError, Option } from "commander";
import { collectLists } from "./collect-lists.ts";

/** `--kubeconfig`, once. */
export function kubeconfigOption(): Option {
  return new Option("--kubeconfig <file>", "the cluster's kubeconfig (default: that of kubectl)").argParser(once);
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
  if (before !== undefined) throw new InvalidArgumentError("It is given twice.");
  return text;
}

/** Source: RFC 1123 labels, as Kubernetes has them for namespaces. */
function readNamespace(name: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new InvalidArgumentError("Expected names of namespaces.");
}
