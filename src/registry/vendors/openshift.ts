import { PlimsollError } from "../../model/error.ts";
import { apiPages, memberOf } from "./api-pages.ts";
import { bearerSecrets, firstGiven, givenOr, listCatalog, splitPrefix, textOf } from "./listing.ts";
import type { ListedPlace, Vendor } from "./vendor.ts";

const pageSize = 500;

/**
 * The registry of Red Hat OpenShift: a repository is an image stream of a project. The cluster's own interface lists
 * them to the token that the registry takes, where the host's name says which cluster it is: that of the default route,
 * and the name inside the cluster. The catalogue lists them to who may list them in all projects.
 *
 * Source: OpenShift's documentation, "Exposing the registry", "ImageStream [image.openshift.io/v1]";
 * openshift/image-registry `pkg/dockerregistry/server/catalog.go`.
 */
export const openshift: Vendor = {
  id: "openshift",
  name: "Red Hat OpenShift",
  isHost: (host) => clusterOf(host) !== undefined,
  isShown: ({ bearer }) => bearer?.realm.pathname === "/openshift/token",
  list: (place) => {
    const cluster = clusterOf(place.registry);
    return cluster === undefined ? listCatalog(place) : listWithCluster(place, cluster);
  },
};

/** `HOST:PORT` of the cluster's interface. */
function clusterOf(host: string): string | undefined {
  if (/^image-registry\.openshift-image-registry\.svc(?:\.cluster\.local)?(?::5000)?$/.test(host))
    return "kubernetes.default.svc:443";
  const domain = /^default-route-openshift-image-registry\.apps([.-][a-z0-9.-]{1,200})$/.exec(host)?.[1];
  if (domain === undefined) return undefined;
  // Red Hat OpenShift Service on AWS, with its control plane elsewhere than the cluster.
  const hosted = /^\.rosa\.([a-z0-9.-]+\.openshiftapps\.com)$/.exec(domain)?.[1];
  if (hosted !== undefined) return `api.${hosted}:443`;
  // CodeReady Containers has its applications below apps-crc.testing.
  return domain.startsWith("-") ? `api.${domain.slice(1)}:6443` : `api${domain}:6443`;
}

/** The catalogue, else the streams; of an interface that cannot be reached the catalogue's refusal tells. */
async function* listWithCluster(place: ListedPlace, cluster: string): AsyncGenerator<string> {
  let refusal: PlimsollError | undefined;
  const catalog = (): AsyncGenerator<string> =>
    givenOr(
      () => listCatalog(place),
      (cause) => (refusal = cause),
    );
  try {
    yield* firstGiven(catalog, () => listStreams(place, cluster));
  } catch (cause) {
    if (!refusal || !(cause instanceof PlimsollError) || cause.code !== "registry-unreachable") throw cause;
    const { code, message, hint = "" } = refusal;
    throw new PlimsollError(code, message, {
      hint: `${hint} The cluster API cannot be used either: ${cause.message}.`,
      cause,
    });
  }
}

async function* listStreams(place: ListedPlace, cluster: string): AsyncGenerator<string> {
  const { client, registry, prefix } = place;
  const [project] = splitPrefix(prefix);
  const secrets = bearerSecrets(await place.credential());
  const path = project === "" ? "imagestreams" : `namespaces/${project}/imagestreams`;
  const streams = apiPages({
    server: client.host(cluster),
    request: (_, token) => ({
      url: new URL(
        `https://${cluster}/apis/image.openshift.io/v1/${path}?limit=${pageSize}${token ? `&continue=${encodeURIComponent(token)}` : ""}`,
      ),
      secrets,
      what: `the image streams of ${registry}`,
    }),
    entries: (json) => memberOf(json, "items"),
    more: ({ json }) => textOf(memberOf(memberOf(json, "metadata"), "continue")) || false,
  });
  for await (const { metadata } of streams)
    yield `${textOf(memberOf(metadata, "namespace"))}/${textOf(memberOf(metadata, "name"))}`;
}
