import { addressFunctions } from "./addresses.ts";
import { encoderFunctions } from "./base64.ts";
import { clusterFunctions } from "./cluster.ts";
import { conversions } from "./conversions.ts";
import { formatFunctions, kubernetesFormatFunctions } from "./format-text.ts";
import { listFunctions, moreListFunctions } from "./lists.ts";
import { mathFunctions } from "./math.ts";
import { namedFormatFunctions } from "./named-formats.ts";
import { operators } from "./operators.ts";
import { optionalFunctions } from "./optionals.ts";
import { FunctionTable } from "./overload.ts";
import { patternFunctions } from "./patterns.ts";
import { quantityFunctions } from "./quantities.ts";
import { semverFunctions } from "./semvers.ts";
import { moreTextFunctions, textFunctions } from "./texts.ts";
import { timeFunctions } from "./times.ts";
import { urlFunctions } from "./urls.ts";

const ofKubernetes = [
  ...operators,
  ...conversions,
  ...textFunctions,
  ...timeFunctions,
  ...patternFunctions,
  ...listFunctions,
  ...optionalFunctions,
  ...addressFunctions,
  ...quantityFunctions,
  ...urlFunctions,
  ...semverFunctions,
  ...namedFormatFunctions,
];

/** The functions of an API server of Kubernetes 1.34. */
export const kubernetesFunctions: FunctionTable = new FunctionTable([...ofKubernetes, ...kubernetesFormatFunctions]);

/** Those, the extensions of CEL that Kubernetes does not have, and what Kyverno adds. */
export const allFunctions: FunctionTable = new FunctionTable([
  ...ofKubernetes,
  ...formatFunctions,
  ...moreTextFunctions,
  ...moreListFunctions,
  ...mathFunctions,
  ...encoderFunctions,
  ...clusterFunctions,
]);
