/**
 * The upstream version that a vendor's build of Kubernetes is made from: `1.24.10` for `1.24.10-gke.2300` and
 * `v1.27.3-eks-a5565ad`. By SemVer such a build would come before its release; a release's own `-alpha.1`, `-beta.0`
 * and `-rc.1` do and stay.
 *
 * Source: the package URLs of Trivy's bills of material of clusters, and Kubernetes' release versioning.
 */
export function kubernetesVersion(version: string): string {
  const [, release, suffix = ""] = /^v?(\d+\.\d+\.\d+)([-+].*)?$/s.exec(version) ?? [];
  return release === undefined || /^-(?:alpha|beta|rc)\.\d+(?:$|[-+.])/.test(suffix) ? version : release;
}
