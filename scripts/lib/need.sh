# need COMMAND PACKAGE…: installs the Debian packages if the command is missing, or says what to install.
need() {
    local command=$1
    shift
    command -v "$command" >/dev/null && return
    if [[ $1 != Rust* && $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
        install_packages "$@"
        return
    fi
    echo "scripts/test needs '$command'. Install: $*" >&2
    exit 1
}

install_packages() {
    echo "installing: $*" >&2
    DEBIAN_FRONTEND=noninteractive apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
