# python_tools: puts the Python programs of python-tools.txt on the PATH. They live under target/, made once for each list.
python_tools() {
    local list=scripts/lib/python-tools.txt folder
    need python3 python3
    folder=$PWD/target/python-tools-$(cksum <"$list" | cut -d ' ' -f 1)
    if [[ ! -e $folder/complete ]]; then
        python3 -c 'import ensurepip' 2>/dev/null || need_python_venv
        rm -rf "$folder"
        python3 -m venv "$folder"
        "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$list"
        touch "$folder/complete"
    fi
    PATH=$folder/bin:$PATH
}

# Debian keeps the module for environments apart from the program.
need_python_venv() {
    if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
        install_packages python3-venv
    else
        echo "scripts/test needs Python's venv module. Install: python3-venv" >&2
        exit 1
    fi
}
