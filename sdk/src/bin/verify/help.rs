//! What `--help` says.

use sdk::document::Language;

/// How the command is used.
pub fn text(language: Language) -> &'static str {
    match language {
        Language::Es => ES,
        Language::En => EN,
    }
}

const EN: &str = "\
verify: who signed a PDF (or a CMS file), when, and whether anything changed since. Offline.

Usage: verify [OPTIONS] FILE...        (- is standard input)

Whom to trust:
  --trust PATH          A root to trust: a PEM or DER file, or a folder of them. Or a trusted list
                        (ETSI TS 119 612, XML), whose signers are named. May be repeated.
                        Without any, signatures are checked but nobody is trusted.
  --trust-signers PATH  Certificates (PEM) of those who may sign trusted lists. May be repeated. A list
                        that points to others names their signers, too: give it first.

What is known of revocation:
  --evidence PATH       A revocation list or OCSP response in PEM or DER, or a folder of them. May be
                        repeated.
  --fetch               Asks for what is missing where certificates say that it is, over http and https, on
                        the public internet only. Authorities then see that somebody verifies, and when.
  --fetch-cache FOLDER  Keeps what was fetched there, up to an hour, and looks there first.
  --fetch-private       For development: fetches from private addresses and this machine, too.
  --require-revocation  A certificate of which nothing says whether it was revoked does not pass.

What is verified:
  --detached SIGNATURE  FILE is what this signature (CMS: .p7s) is about.
  --password PASSWORD   Opens encrypted files.
  --at TIME             Answer for this time instead of now (RFC 3339: 2026-11-21T12:00:00Z).

How the answer is told:
  --json                One JSON document per file, one per line.
  --schema              Prints what that JSON looks like (JSON Schema), with every code and what it means.
  --xml                 One validation report per file by ETSI TS 119 102-2.
  --lang es|en          Language of the sentences. By default that of the environment (LC_ALL, LC_MESSAGES,
                        LANG).
  -h, --help            This text.
  -V, --version         The version.
  --                    What follows is a file, even if it begins with a dash.

Marks: ✓ valid, ✗ not valid, ? not known, – not signed. A line that begins with ! names a problem and, in
brackets, its code, which does not change between versions.

Exit status: 0 when every file is validly signed, 1 when some file is not, 2 when the command or a file
could not be read.

Examples:
  One permit, by the roots of the state:
    verify --trust roots.pem permiso.pdf
  A folder, and which files of it are not valid:
    verify --trust /etc/aval/roots --json *.pdf | jq 'select(.verdict != \"valid\") | .path'
  By the trusted list of a country, which the list of lists vouches for:
    verify --trust-signers lotl-signers.pem --trust lotl.xml --trust list.xml contrato.pdf
  A signature beside the file that it is about:
    verify --trust roots.pem --detached acta.xml.p7s acta.xml
  With what authorities say today of the certificates:
    verify --trust roots.pem --fetch --require-revocation permiso.pdf
  As it was on a day, with the revocation lists kept since:
    verify --trust roots.pem --evidence crls/ --at 2026-11-21T12:00:00Z permiso.pdf
";

const ES: &str = "\
verify: quién firmó un PDF (o un archivo CMS), cuándo, y si algo cambió desde entonces. Sin red.

Uso: verify [OPCIONES] ARCHIVO...        (- es la entrada estándar)

En quién confiar:
  --trust RUTA          Una raíz de confianza: un archivo PEM o DER, o una carpeta de ellos. O una lista de
                        confianza (ETSI TS 119 612, XML), cuyos firmantes se nombran. Se puede repetir.
                        Sin ninguna, las firmas se revisan pero nadie es de confianza.
  --trust-signers RUTA  Certificados (PEM) de quienes pueden firmar listas de confianza. Se puede repetir.
                        Una lista que apunta a otras nombra también a sus firmantes: dala primero.

Qué se sabe de la revocación:
  --evidence RUTA       Una lista de revocación o respuesta OCSP en PEM o DER, o una carpeta de ellas. Se
                        puede repetir.
  --fetch               Pide lo que falta donde los certificados dicen que está, por http y https, solo en
                        internet. Así las autoridades ven que alguien verifica, y cuándo.
  --fetch-cache CARPETA Guarda ahí lo que llegó, hasta una hora, y lo busca ahí primero.
  --fetch-private       Para desarrollo: pide también a direcciones privadas y a este equipo.
  --require-revocation  No pasa un certificado del que nada dice si fue revocado.

Qué se verifica:
  --detached FIRMA      ARCHIVO es lo que firma esta firma (CMS: .p7s).
  --password CLAVE      Abre archivos cifrados.
  --at HORA             Responde para esta hora en vez de ahora (RFC 3339: 2026-11-21T12:00:00Z).

Cómo se da la respuesta:
  --json                Un documento JSON por archivo, uno por línea.
  --schema              Muestra cómo es ese JSON (JSON Schema), con cada código y lo que significa.
  --xml                 Un informe de validación por archivo, según ETSI TS 119 102-2.
  --lang es|en          Idioma de las frases. Si no, el del entorno (LC_ALL, LC_MESSAGES, LANG).
  -h, --help            Este texto.
  -V, --version         La versión.
  --                    Lo que sigue es un archivo, aunque comience con un guion.

Marcas: ✓ válido, ✗ no válido, ? no se sabe, – sin firma. Una línea que comienza con ! nombra un problema y,
entre corchetes, su código, que no cambia entre versiones.

Termina con 0 si cada archivo tiene firmas válidas, con 1 si alguno no, con 2 si la orden o un archivo no se
pudo leer.

Ejemplos:
  Un permiso, según las raíces del Estado:
    verify --trust raices.pem permiso.pdf
  Una carpeta, y cuáles de sus archivos no son válidos:
    verify --trust /etc/aval/roots --json *.pdf | jq 'select(.verdict != \"valid\") | .path'
  Según la lista de confianza de un país, que la lista de listas respalda:
    verify --trust-signers lotl-signers.pem --trust lotl.xml --trust lista.xml contrato.pdf
  Una firma junto al archivo que firma:
    verify --trust raices.pem --detached acta.xml.p7s acta.xml
  Con lo que las autoridades dicen hoy de los certificados:
    verify --trust raices.pem --fetch --require-revocation permiso.pdf
  Como era un día, con las listas de revocación guardadas desde entonces:
    verify --trust raices.pem --evidence crls/ --at 2026-11-21T12:00:00Z permiso.pdf
";

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Vec<&str> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("  -"));
        lines.filter_map(|line| line.split_whitespace().next()).collect()
    }

    #[test]
    fn both_languages_name_the_same_options() {
        assert_eq!(options(EN), options(ES));
        assert!(options(EN).len() > 10);
    }

    #[test]
    fn it_fits_a_terminal_of_110_columns() {
        for line in EN.lines().chain(ES.lines()) {
            assert!(line.chars().count() <= 110, "{line}");
        }
    }
}
