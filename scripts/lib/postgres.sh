# A private PostgreSQL cluster, on loopback and a port of its own, gone after the run.

# The newest installed server's programs.
postgres_programs() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -V | tail -n 1)
    [[ -n $found && -x $found/initdb ]] && echo "$found" && return
    command -v initdb >/dev/null && dirname "$(command -v initdb)"
}

# The server refuses to run as root.
as_postgres() {
    if [[ $(id -u) -eq 0 ]]; then
        runuser -u "$PG_USER" -- "$@"
    else
        "$@"
    fi
}

start_postgres() {
    PG_PROGRAMS=$(postgres_programs || true)
    if [[ -z $PG_PROGRAMS ]]; then
        if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
            echo "scripts/test needs a PostgreSQL server (15 or newer). Install: postgresql" >&2
            exit 1
        fi
        install_packages postgresql
        PG_PROGRAMS=$(postgres_programs)
    fi
    PG_USER=postgres
    id "$PG_USER" >/dev/null 2>&1 || PG_USER=nobody
    PG_FOLDER=$(mktemp -d)
    [[ $(id -u) -ne 0 ]] || chown "$PG_USER" "$PG_FOLDER"
    # Nothing in it outlives the run, so nothing has to reach the disk.
    as_postgres "$PG_PROGRAMS/initdb" -D "$PG_FOLDER/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$PG_FOLDER.log" 2>&1
    local try
    for try in 1 2 3 4 5 6 7 8; do
        PG_PORT=$((20000 + RANDOM % 20000))
        if (cd / && as_postgres "$PG_PROGRAMS/pg_ctl" -D "$PG_FOLDER/data" -l "$PG_FOLDER/server.log" -w -t 60 \
            -o "-p $PG_PORT -k '$PG_FOLDER' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300" start) \
            >>"$PG_FOLDER.log" 2>&1; then
            export TEST_DATABASE_URL="postgres://postgres@127.0.0.1:$PG_PORT/postgres"
            return
        fi
    done
    echo "PostgreSQL did not start:" >&2
    cat "$PG_FOLDER.log" "$PG_FOLDER/server.log" >&2 || true
    exit 1
}

stop_postgres() {
    [[ -n ${PG_FOLDER:-} ]] || return 0
    (cd / && as_postgres "$PG_PROGRAMS/pg_ctl" -D "$PG_FOLDER/data" -m immediate -w stop) >/dev/null 2>&1 || true
    rm -rf "$PG_FOLDER" "$PG_FOLDER.log"
}

# create_database NAME: one more on that server; its whole name is $database then.
create_database() {
    command -v psql >/dev/null || PATH=$PATH:$(postgres_programs || true)
    need psql postgresql-client
    database=ephemint_$1_$$_$RANDOM
    psql --quiet --no-psqlrc "$TEST_DATABASE_URL" --command "CREATE DATABASE $database"
}

drop_database() {
    psql --quiet --no-psqlrc "$TEST_DATABASE_URL" --command "DROP DATABASE IF EXISTS $database WITH (FORCE)" || true
}

# The server's address with another database's name: scheme and host, then the name, then the parameters if any.
in_database() {
    sed -E "s|^([a-z]+://[^/?]+)(/[^?]*)?|\1/$1|" <<<"$TEST_DATABASE_URL"
}
