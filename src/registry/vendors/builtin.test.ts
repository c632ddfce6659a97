import { expect, test } from "vitest";
import { vendors } from "./builtin.ts";
import { vendorOfHost } from "./vendor-of-host.ts";

test.each([
  ["docker.io", "docker-hub"],
  ["ghcr.io", "ghcr"],
  ["quay.io", "quay"],
  ["registry.gitlab.com", "gitlab"],
  ["gcr.io", "google-artifact-registry"],
  ["eu.gcr.io", "google-artifact-registry"],
  ["europe-west3-docker.pkg.dev", "google-artifact-registry"],
  ["contoso.azurecr.io", "azure-container-registry"],
  ["contoso.azurecr.us", "azure-container-registry"],
  ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "amazon-ecr"],
  ["public.ecr.aws", "amazon-ecr"],
  ["ecr-public.aws.com", "amazon-ecr"],
  ["acme.jfrog.io", "artifactory"],
  ["default-route-openshift-image-registry.apps.ocp.example.com", "openshift"],
  ["image-registry.openshift-image-registry.svc:5000", "openshift"],
  ["image-registry.openshift-image-registry.svc.cluster.local:5000", "openshift"],
])("%s is known by its name", (host, id) => {
  expect(vendorOfHost(host)?.id).toBe(id);
});

test.each([
  "ghcr.io.example.com",
  "notgcr.io",
  "gcr.io.example.com",
  "a.b.gcr.io",
  "docker.pkg.dev.example.com",
  "europe-docker.pkg.dev.example.com",
  "xdocker.pkg.dev",
  "contoso.azurecr.io.example.com",
  "azurecr.io",
  "contoso.azurecr.com",
  "contoso.azurecr.io:5000",
  "evil.example.com/contoso.azurecr.io",
  "acme.jfrog.io.example.com",
  "registry.example.com",
  "localhost:5000",
])("%s is nobody's", (host) => {
  expect(vendorOfHost(host)).toBeUndefined();
});

test("each kind has an id of its own, in order, and the last is any registry", () => {
  const ids = vendors.slice(0, -1).map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
  expect(vendors.at(-1)?.id).toBe("distribution");
});
