# The image of Plimsoll: the program, Node.js and its libraries; no shell and no package manager.
# `npm run build && npm run image` writes dist/image, the root file system.

# plimsoll:ignore dockerfile/healthcheck reason=a command that ends has no health to check

FROM scratch
COPY dist/image/ /
LABEL org.opencontainers.image.title="Plimsoll" \
      org.opencontainers.image.description="Container security: scan, check, watch" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
ENV HOME=/tmp
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/usr/bin/node", "/usr/lib/plimsoll/dist/plimsoll.js"]
CMD ["--help"]
