# need_node: Node 18 or newer and npm, or says what to install.
need_node() {
    need node nodejs
    need npm npm
    if ! node --eval 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)'; then
        echo "$0 needs Node 18 or newer, and this is $(node --version)" >&2
        exit 1
    fi
}

# node_packages FOLDER: its packages, as its lock file has them; made once for each lock file.
node_packages() {
    local complete
    complete=$1/node_modules/.complete-$(cksum <"$1/package-lock.json" | cut -d ' ' -f 1)
    [[ ! -e $complete ]] || return 0
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error
    touch "$complete"
}
