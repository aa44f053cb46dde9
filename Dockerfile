# dealix-sender as one static binary, in an image that holds nothing else but certificates: no shell, no libraries.
# `cargo xtask sender-image` lints this file, runs its build step, and starts the binary in an empty folder.
FROM rust:1-bookworm AS build
WORKDIR /build
COPY . .
# glibc is linked in, with its DNS look-ups. `--target` keeps the flag away from macros, which cannot be static.
RUN RUSTFLAGS="-C target-feature=+crt-static" \
    cargo build --release --locked --features=cli --bin=dealix-sender --target="$(rustc --print host-tuple)" \
    && install -D --target-directory=/image/usr/bin "target/$(rustc --print host-tuple)/release/dealix-sender" \
    && install -D --mode=644 --target-directory=/image/etc/ssl/certs /etc/ssl/certs/ca-certificates.crt \
    && install -d --mode=700 --owner=65532 --group=65532 /image/data

FROM scratch
COPY --from=build /image/etc /etc
COPY --from=build /image/usr /usr
COPY --from=build --chown=65532:65532 /image/data /data
# For a queue in SQLite, and as the folder that relative names begin in.
WORKDIR /data
USER 65532:65532
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
HEALTHCHECK --interval=60s --timeout=15s --start-period=30s CMD ["/usr/bin/dealix-sender", "doctor"]
ENTRYPOINT ["/usr/bin/dealix-sender"]
CMD ["work"]
