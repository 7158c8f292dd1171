// Throw-away certificates for clients, made by openssl.

import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** `{ certificate, key }` in PEM, self-signed, P-256, good for a day. */
export function selfSigned(commonName, names = []) {
  const folder = mkdtempSync(join(tmpdir(), "aval-certificate-"));
  try {
    const [certificate, key] = [join(folder, "c.pem"), join(folder, "k.pem")];
    const extensions = names.length ? ["-addext", `subjectAltName=${names.join(",")}`] : [];
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256", "-days", "1",
      "-subj", `/C=CL/O=DEV ONLY/CN=${commonName}`, ...extensions, "-keyout", key, "-out", certificate], { stdio: ["ignore", "ignore", "pipe"] });
    return { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `x5t#S256` (RFC 8705 §3.1). */
export function thumbprint({ certificate }) {
  return Buffer.from(new X509Certificate(certificate).fingerprint256.replaceAll(":", ""), "hex").toString("base64url");
}

/** The certificate as `x5c` of a JWK holds it (RFC 7517 §4.7). */
export const x5c = ({ certificate }) => [new X509Certificate(certificate).raw.toString("base64")];
