/** How Trivy calls distributions, with the `ID` of their os-release and the type of their packages. */
export const trivyFamilies: Readonly<Record<string, { readonly id: string; readonly type: "apk" | "deb" | "rpm" }>> = {
  alma: { id: "almalinux", type: "rpm" },
  alpine: { id: "alpine", type: "apk" },
  amazon: { id: "amzn", type: "rpm" },
  "cbl-mariner": { id: "mariner", type: "rpm" },
  debian: { id: "debian", type: "deb" },
  "opensuse-tumbleweed": { id: "opensuse-tumbleweed", type: "rpm" },
  oracle: { id: "ol", type: "rpm" },
  photon: { id: "photon", type: "rpm" },
  redhat: { id: "rhel", type: "rpm" },
  rocky: { id: "rocky", type: "rpm" },
};
