# The program built as small and fast as it gets, then alone on a bare system.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock schema.sql ./
COPY .cargo .cargo
COPY build build
COPY src src
COPY handlers handlers
COPY templates templates
COPY public public
RUN cargo build --locked --release --bin chinwag

FROM debian:bookworm-slim
# Anyone may write here, because Heroku runs the image as a user it makes up. Mount a volume to keep the messages, or set
# DATABASE_URL to PostgreSQL when the image is run; what is set then replaces what is set here.
RUN useradd --system --no-create-home chinwag && mkdir --mode=1777 /data
COPY --from=build /build/target/release/chinwag /usr/local/bin/chinwag
USER chinwag
WORKDIR /data
ENV HOST=0.0.0.0 DATABASE_URL=sqlite:/data/chinwag.db
EXPOSE 8000
# Exec form: signals reach the program itself.
CMD ["chinwag", "serve"]
