/**
 * The signers of Kubernetes whose client certificates an API server trusts for any user, as the names of rules have
 * them. Source: https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/.
 */
export const certificateSigners: readonly string[] = ["kubernetes.io/kube-apiserver-client", "kubernetes.io/*"];
