import { dockerLayout, layoutTar } from "../../tests/setup/image.ts";
import type { TarMember } from "../../tests/setup/tar.ts";
import { type ZipMember, zip } from "../../tests/setup/zip.ts";
import { addedPackages, basePackages, dpkgDatabase, ownedPythonMetadata } from "./demo-debian-packages.ts";

const osRelease = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`;

/**
 * An image as `docker save` writes it, such as one meets: a Debian base of summer 2023, packages added to it, a Java service,
 * packages of a Node.js application and of Python, some of each out of date; a lower layer holds an archive that a higher one
 * deletes. It runs as root. The same bytes every time.
 */
export function demoImage(): Buffer {
  const base: TarMember[] = [
    { name: "etc/os-release", type: "symlink", link: "../usr/lib/os-release" },
    { name: "usr/lib/os-release", content: osRelease },
    { name: "etc/debian_version", content: "12.0\n" },
    ...dpkgDatabase(basePackages),
  ];
  const added = [...dpkgDatabase([...basePackages, ...addedPackages]), ownedPythonMetadata];
  const service: TarMember[] = [
    { name: "opt/shop/shop.jar", content: serviceArchive() },
    { name: "opt/shop/old/shop-1.war", content: oldArchive() },
  ];
  const web = ["lodash 4.17.15", "minimist 1.2.5", "express 4.21.2", "semver 7.6.3", "ws 8.18.0", "debug 4.3.7"];
  const python = ["Django 3.2.12", "Jinja2 3.1.6", "PyYAML 5.3", "requests 2.32.4", "certifi 2024.8.30", "idna 3.10"];
  return layoutTar(
    dockerLayout([
      {
        tags: ["shop:1.4"],
        layers: [
          { members: base, compression: "gzip" },
          { members: added, compression: "gzip" },
          { members: service, compression: "gzip" },
          { members: web.map(nodePackage), compression: "gzip" },
          { members: python.map(pythonPackage), compression: "gzip" },
          { members: [{ name: "opt/shop/.wh.old" }], compression: "gzip" },
        ],
        history: [
          { created_by: "/bin/sh -c #(nop) ADD file:bookworm-rootfs.tar.xz in / " },
          { created_by: '/bin/sh -c #(nop)  CMD ["bash"]', empty_layer: true },
          { created_by: "RUN /bin/sh -c apt-get update && apt-get install -y curl openssl python3-urllib3" },
          { created_by: "COPY target/ /opt/shop/ # buildkit" },
          { created_by: "COPY node_modules /opt/shop/web/node_modules # buildkit" },
          { created_by: "RUN /bin/sh -c pip install -r requirements.txt # buildkit" },
          { created_by: "RUN /bin/sh -c rm -r /opt/shop/old # buildkit" },
          { created_by: 'ENTRYPOINT ["java" "-jar" "/opt/shop/shop.jar"]', empty_layer: true },
        ],
      },
    ]),
  );
}

function serviceArchive(): Buffer {
  const libraries = [
    "org.apache.logging.log4j:log4j-core:2.14.1",
    "org.apache.logging.log4j:log4j-api:2.14.1",
    "org.springframework:spring-beans:5.3.17",
    "org.springframework:spring-core:5.3.17",
    "com.fasterxml.jackson.core:jackson-databind:2.17.2",
    "org.slf4j:slf4j-api:1.7.36",
  ];
  const manifest = [
    "Manifest-Version: 1.0",
    "Main-Class: org.springframework.boot.loader.JarLauncher",
    "Start-Class: com.example.shop.Shop",
    "Implementation-Title: shop",
    "Implementation-Version: 1.4.0",
  ];
  return zip([
    { name: "META-INF/MANIFEST.MF", content: `${manifest.join("\r\n")}\r\n` },
    ...libraries.map((library) => nestedJar("BOOT-INF/lib/", library)),
  ]);
}

function oldArchive(): Buffer {
  return zip([nestedJar("WEB-INF/lib/", "org.apache.struts:struts2-core:2.3.31")]);
}

/** A jar inside an archive, stored as Java needs it, with the coordinates that Maven leaves in it. */
function nestedJar(folder: string, coordinates: string): ZipMember {
  const [group, artifact, version] = coordinates.split(":");
  const properties = `groupId=${group}\nartifactId=${artifact}\nversion=${version}\n`;
  return {
    name: `${folder}${artifact}-${version}.jar`,
    content: zip([
      { name: "META-INF/MANIFEST.MF", content: "Manifest-Version: 1.0\r\n" },
      { name: `META-INF/maven/${group}/${artifact}/pom.properties`, content: properties },
    ]),
    stored: true,
  };
}

function nodePackage(text: string): TarMember {
  const [name, version] = text.split(" ");
  return {
    name: `opt/shop/web/node_modules/${name}/package.json`,
    content: JSON.stringify({ name, version, license: "MIT" }, undefined, 2),
  };
}

function pythonPackage(text: string): TarMember {
  const [name, version] = text.split(" ");
  return {
    name: `usr/local/lib/python3.11/dist-packages/${name}-${version}.dist-info/METADATA`,
    content: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
  };
}
