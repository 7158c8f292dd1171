#!/bin/sh
# Authorities whose signatures take the longest to check, each with an official; nobody keeps their keys.
#   tests/src/bench/hostile/data/make.sh: writes NAME-root.pem and NAME-official.pem beside itself
set -e
cd "$(dirname "$0")"
authority() { # NAME DIGEST, then how the key is made
  name=$1; digest=$2; shift 2
  work=$(mktemp -d)
  openssl genpkey "$@" -out "$work/key"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/official" -subj /CN=official -out "$work/csr"
  openssl req -new -key "$work/key" -subj "/CN=$name" -out "$work/own"
  cat >"$work/settings" <<SETTINGS
[ca]
default_ca = all
[all]
database = $work/database
serial = $work/serial
new_certs_dir = $work
policy = any
unique_subject = no
default_md = $digest
[any]
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[person]
keyUsage = critical,nonRepudiation
SETTINGS
  : >"$work/database"; echo 4100000001 >"$work/serial"
  issue() { # EXTENSIONS, then what
    extensions=$1; shift
    openssl ca -batch -notext -config "$work/settings" -extensions "$extensions" -keyfile "$work/key" -startdate 20200101000000Z \
      -enddate 20600101000000Z "$@"
  }
  issue root -selfsign -in "$work/own" -out "$name-root.pem"
  issue person -cert "$name-root.pem" -in "$work/csr" -out "$name-official.pem"
  rm -r "$work"
}
authority p521 sha512 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
authority rsa8192 sha256 -algorithm RSA -pkeyopt rsa_keygen_bits:8192
