# Sourced by tests/run and tests/bench/run: what they need from the machine. Nothing here starts a
# service or uses a fixed port.

say() { printf '\n== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Installs the packages of the arguments that are "COMMAND:PACKAGE" and whose command is missing.
need() {
    local missing=() pair
    for pair in "$@"; do
        PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

# Kamailio with its LDAP modules, which are a package of their own.
need_kamailio() {
    compgen -G '/usr/lib/*/kamailio/modules/h350.so' >/dev/null || install_packages kamailio-ldap-modules
}

install_packages() {
    [ "$(id -u)" = 0 ] || die "missing, and only root may install: apt-get install $*"
    say "Installing $*"
    # A package that brings a service must not start it.
    local policy=/usr/sbin/policy-rc.d ours=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        ours=1
    fi
    local result=0
    { apt_install "$@" || { apt-get -qq update && apt_install "$@"; }; } || result=1
    [ -z "$ours" ] || rm -f "$policy"
    [ $result = 0 ] || die "apt-get could not install $*"
}

apt_install() {
    # slapd's package would set up a directory of its own, and start it at the next boot, as
    # Kamailio's does.
    if [[ " $* " == *" slapd "* ]]; then
        echo 'slapd slapd/no_configuration boolean true' | debconf-set-selections
    fi
    DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install -y --no-install-recommends "$@" </dev/null >/dev/null || return 1
    local service
    for service in slapd kamailio; do
        if [[ " $*" == *" $service"* ]] && command -v update-rc.d >/dev/null; then
            update-rc.d "$service" disable >/dev/null 2>&1 || true
        fi
    done
}

# The newest PostgreSQL on the machine: prints the folder of its programs, if there is one.
postgres_programs() {
    local initdb
    for initdb in $(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -rV); do
        dirname "$initdb"
        return
    done
    if initdb=$(command -v initdb); then dirname "$initdb"; fi
}

# As a user that PostgreSQL agrees to run under.
unprivileged() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# start_postgres FOLDER: a cluster of our own below FOLDER, on a Unix socket only. Exports
# JACKFIELD_TEST_POSTGRES, under which the tests make databases.
start_postgres() {
    local programs
    programs=$(postgres_programs)
    if [ -z "$programs" ]; then
        install_packages postgresql
        programs=$(postgres_programs)
    fi
    POSTGRES_FOLDER=$1/postgres
    POSTGRES_CTL=$programs/pg_ctl
    mkdir "$POSTGRES_FOLDER"
    [ "$(id -u)" != 0 ] || chown postgres "$POSTGRES_FOLDER"
    (
        cd "$POSTGRES_FOLDER"
        unprivileged "$programs/initdb" -D "$POSTGRES_FOLDER/data" -U postgres -A trust \
            -E UTF8 --locale=C.UTF-8 >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
        cat >>data/postgresql.conf <<-CONF
			listen_addresses = ''
			unix_socket_directories = '$POSTGRES_FOLDER'
			max_connections = 300
			shared_buffers = 128MB
			fsync = on
		CONF
        unprivileged "$POSTGRES_CTL" -D data -l "$POSTGRES_FOLDER/log" -w start >/dev/null ||
            { cat log >&2; exit 1; }
    ) || die "PostgreSQL did not start"
    export JACKFIELD_TEST_POSTGRES="postgres://postgres@localhost/postgres?host=$POSTGRES_FOLDER"
    PATH=$PATH:$programs
}

stop_postgres() {
    [ -n "${POSTGRES_FOLDER:-}" ] && [ -f "$POSTGRES_FOLDER/data/postmaster.pid" ] || return 0
    (cd / && unprivileged "$POSTGRES_CTL" -D "$POSTGRES_FOLDER/data" -m immediate -w stop) \
        >/dev/null || true
}

# make_venv FOLDER REQUIREMENTS: a Python environment with exactly the pinned packages.
make_venv() {
    local folder=$1 requirements=$2 stamp=$1/requirements.txt python=python3
    # bonsai is built against OpenLDAP's library.
    [ -e /usr/include/ldap.h ] && [ -e /usr/include/sasl/sasl.h ] ||
        install_packages libldap-dev libsasl2-dev
    cmp -s "$requirements" "$stamp" && return
    command -v python3 >/dev/null && python3 -c 'import ensurepip, venv' 2>/dev/null || {
        install_packages python3 python3-venv python3-dev
        python=/usr/bin/python3
    }
    say "Python environment"
    rm -rf "$folder"
    "$python" -m venv "$folder"
    "$folder/bin/pip" -q install --disable-pip-version-check --require-hashes -r "$requirements"
    cp "$requirements" "$stamp"
}

# make_modules FOLDER: the npm packages of tests/clients, exactly as its lock file has them.
make_modules() {
    local folder=$1
    need node:nodejs npm:npm
    cmp -s tests/clients/package-lock.json "$folder/package-lock.json" &&
        [ -d "$folder/node_modules" ] && return
    say "Node modules"
    rm -rf "$folder"
    mkdir -p "$folder"
    cp tests/clients/package.json tests/clients/package-lock.json tests/clients/.npmrc "$folder"
    (cd "$folder" && npm ci --silent)
}
