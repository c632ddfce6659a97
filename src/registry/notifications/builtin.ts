import { aliyunSender } from "./aliyun.ts";
import { amazonEcrSender } from "./amazon-ecr.ts";
import { artifactorySender } from "./artifactory.ts";
import { azureContainerRegistrySender } from "./azure-container-registry.ts";
import { cloudEventsSender } from "./cloud-events.ts";
import { distributionSender } from "./distribution.ts";
import { dockerHubSender } from "./docker-hub.ts";
import { ghcrSender } from "./ghcr.ts";
import { giteaSender } from "./gitea.ts";
import { googleArtifactRegistrySender } from "./google-artifact-registry.ts";
import { harborSender } from "./harbor.ts";
import { nexusSender } from "./nexus.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { quaySender } from "./quay.ts";
import { zotSender } from "./zot.ts";

/** All kinds of programs whose notifications are understood. */
export const notificationSenders: readonly NotificationSender[] = [
  aliyunSender,
  amazonEcrSender,
  artifactorySender,
  azureContainerRegistrySender,
  cloudEventsSender,
  distributionSender,
  dockerHubSender,
  ghcrSender,
  giteaSender,
  googleArtifactRegistrySender,
  harborSender,
  nexusSender,
  quaySender,
  zotSender,
];
