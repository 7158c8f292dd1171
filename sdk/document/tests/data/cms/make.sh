#!/bin/sh
# Signatures made by OpenSSL 3 over the same thirteen bytes, for the tests of the CMS reader. Throw-away keys:
# they are not kept. Run in an empty folder, then copy *.p7s, token.tst and root.pem here.
set -e
cat > ca.cnf <<'E'
[req]
distinguished_name=dn
prompt=no
[dn]
CN=x
[root]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[leaf]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,nonRepudiation
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
[tsu]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
E
openssl ecparam -name prime256v1 -genkey -noout -out root.key
openssl req -new -x509 -config ca.cnf -extensions root -utf8 -subj "/C=CL/O=Aval/OU=DEV ONLY/CN=Aval root" -key root.key -days 36500 -out root.pem
leaf() { # name subject ext keygen...
 n=$1; s=$2; e=$3; shift 3
 "$@" -out $n.key
 openssl req -new -config ca.cnf -utf8 -subj "$s" -key $n.key -out $n.csr
 openssl x509 -req -in $n.csr -CA root.pem -CAkey root.key -days 36400 -extfile ca.cnf -extensions $e -out $n.pem 2>/dev/null
}
leaf ana "/C=CL/O=Municipalidad de Temuco/OU=DEV ONLY/title=Directora de Obras/CN=María Muñoz del Río/GN=María/SN=Muñoz del Río/serialNumber=PNOCL-11111111-1" leaf openssl ecparam -name prime256v1 -genkey -noout
leaf rsa "/C=CL/O=Aval/OU=DEV ONLY/CN=RSA" leaf openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048
leaf p384 "/C=CL/O=Aval/OU=DEV ONLY/CN=P384" leaf openssl ecparam -name secp384r1 -genkey -noout
leaf p521 "/C=CL/O=Aval/OU=DEV ONLY/CN=P521" leaf openssl ecparam -name secp521r1 -genkey -noout
# Signs itself: nobody here checks such keys.
openssl ecparam -name brainpoolP256r1 -genkey -noout -out brainpool.key
openssl req -new -x509 -utf8 -subj "/C=CL/O=Aval/OU=DEV ONLY/CN=Brainpool" -key brainpool.key -days 36400 -out brainpool.pem

leaf tsu "/C=CL/O=Aval/OU=DEV ONLY/CN=Timestamping unit" tsu openssl ecparam -name prime256v1 -genkey -noout
printf 'Ordenanza 42\n' > content.txt
sign() { o=$1; shift; openssl cms -sign -binary -in content.txt -outform DER -out $o.p7s "$@"; }
sign detached -cades -md sha256 -signer ana.pem -inkey ana.key -certfile root.pem
sign embedded -nodetach -cades -md sha256 -signer ana.pem -inkey ana.key
sign plain -md sha256 -signer ana.pem -inkey ana.key
sign keyid -keyid -cades -md sha256 -signer ana.pem -inkey ana.key
sign indefinite -stream -nodetach -cades -md sha256 -signer ana.pem -inkey ana.key
sign noattr -noattr -nodetach -md sha256 -signer ana.pem -inkey ana.key
sign noattr_detached -noattr -md sha256 -signer ana.pem -inkey ana.key
sign nocerts -nocerts -cades -md sha256 -signer ana.pem -inkey ana.key
sign two -cades -md sha256 -signer ana.pem -inkey ana.key -signer rsa.pem -inkey rsa.key
sign rsa -cades -md sha256 -signer rsa.pem -inkey rsa.key
sign rsa512 -cades -md sha512 -signer rsa.pem -inkey rsa.key
sign sha1 -cades -md sha1 -signer rsa.pem -inkey rsa.key
sign pss -cades -md sha256 -signer rsa.pem -inkey rsa.key -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest
sign pss_salt20 -cades -md sha256 -signer rsa.pem -inkey rsa.key -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20
sign p384 -cades -md sha384 -signer p384.pem -inkey p384.key
sign p521 -cades -md sha512 -signer p521.pem -inkey p521.key
sign brainpool -cades -md sha256 -signer brainpool.pem -inkey brainpool.key
sign p256_sha512 -cades -md sha512 -signer ana.pem -inkey ana.key

cat > ts.cnf <<'E'
[tsa]
default_tsa=t
[t]
serial=./serial
crypto_device=builtin
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256,sha384,sha512
accuracy=secs:1
ess_cert_id_alg=sha256
E
echo 01 > serial
openssl ts -query -data content.txt -sha256 -cert -out q.tsq
openssl ts -reply -config ts.cnf -queryfile q.tsq -signer tsu.pem -inkey tsu.key -chain root.pem -token_out -out token.tst

