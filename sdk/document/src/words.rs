//! What a report says in words, in Spanish and English: the answer in a few, every problem and every change in one
//! sentence. English is that of the lists which define the codes; Spanish stands here.

use crate::changes::Change;
use crate::names::CHANGES;
use crate::report::{Problem, Report, Verdict};
use crate::sentence::Language;

impl Report {
    /// The answer in a few words, without a full stop: for whoever reads one line.
    pub fn headline(&self, language: Language) -> &'static str {
        let (es, en) = match self.verdict {
            Verdict::Valid => ("Este documento es auténtico", "This document is authentic"),
            Verdict::ValidWithLaterChanges => (
                "Auténtico, con cambios permitidos después de la firma",
                "Authentic, with permitted changes after signing",
            ),
            Verdict::Indeterminate => ("No podemos confirmarlo", "We cannot confirm it"),
            Verdict::Invalid => ("No confíes en este documento", "Do not trust this document"),
            Verdict::Unsigned => ("Este documento no está firmado", "This document is not signed"),
        };
        match language {
            Language::Es => es,
            Language::En => en,
        }
    }
}

impl Problem {
    /// One sentence; in English it is [`Problem::text`].
    pub fn sentence(&self, language: Language) -> &str {
        match language {
            Language::Es => of(PROBLEMS_ES, self.code).unwrap_or(&self.text),
            Language::En => &self.text,
        }
    }
}

impl Change {
    /// One sentence about what happened; where, say the other fields.
    pub fn sentence(&self, language: Language) -> &'static str {
        let list = match language {
            Language::Es => CHANGES_ES,
            Language::En => CHANGES,
        };
        of(list, self.kind).unwrap_or(self.kind)
    }
}

fn of(list: &'static [(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    list.iter().find(|(name, _)| *name == code).map(|(_, text)| *text)
}

/// In the order of `verify::problem::SENTENCES`.
const PROBLEMS_ES: &[(&str, &str)] = &[
    ("empty", "El archivo está vacío."),
    ("not_a_pdf", "El archivo no es un PDF."),
    (
        "no_startxref",
        "El archivo termina antes de tiempo, o le agregaron algo al final.",
    ),
    ("truncated", "El archivo termina a medias."),
    ("syntax", "El archivo no respeta las reglas del PDF."),
    ("number", "Un número del archivo no lo es."),
    ("string", "Un texto del archivo no tiene fin."),
    ("name", "Un nombre del archivo está mal escrito."),
    ("dictionary", "Un dato del archivo está definido dos veces."),
    ("stream", "Una parte del archivo no mide lo que declara."),
    (
        "object_header",
        "Una parte del archivo no está donde dice su índice.",
    ),
    ("type", "Un valor del archivo es de otro tipo."),
    ("xref", "Un índice del archivo no se puede leer."),
    ("xref_loop", "Los índices del archivo dan vueltas en círculo."),
    ("object_stream", "Una parte comprimida del archivo se contradice."),
    ("filter", "Hay datos comprimidos dañados."),
    ("catalog", "El archivo no tiene catálogo."),
    ("pages", "No se pueden contar las páginas: su orden está dañado."),
    (
        "form",
        "No se puede leer el formulario: sus campos están dañados.",
    ),
    (
        "too_deep",
        "El archivo anida más que cualquier documento honesto.",
    ),
    ("too_large", "Algo en el archivo es más grande de lo que leemos."),
    (
        "too_much_work",
        "Leer el archivo cuesta más que cualquier documento honesto.",
    ),
    (
        "encrypted",
        "El archivo está cifrado y ninguna contraseña lo abre; no se comparó lo que muestra.",
    ),
    ("unreadable", "No se pudo leer el archivo hasta el final."),
    (
        "reading_crashed",
        "El archivo hizo caer el programa que lo leía, así que no sabemos nada de él.",
    ),
    (
        "reading_out_of_time",
        "Leer el archivo tomó más de lo permitido, así que no sabemos nada de él.",
    ),
    (
        "xref_entry_width",
        "Una línea de un índice tiene otro largo que el debido.",
    ),
    (
        "free_head",
        "La lista de partes libres del archivo no tiene comienzo.",
    ),
    ("leading_bytes", "Hay algo antes del PDF en el archivo."),
    ("trailing_bytes", "Hay algo después del PDF en el archivo."),
    (
        "xref_entry_twice",
        "Un índice del archivo nombra dos veces lo mismo.",
    ),
    (
        "hybrid_conflict",
        "Programas antiguos y nuevos verían cosas distintas en este archivo.",
    ),
    (
        "trailer_size",
        "El archivo declara menos partes de las que tiene.",
    ),
    (
        "revision_end",
        "Una versión guardada del archivo no termina como debe.",
    ),
    (
        "prev_forward",
        "Las versiones guardadas del archivo están desordenadas.",
    ),
    (
        "signature_without_field",
        "Hay una firma que no pertenece a ningún campo.",
    ),
    (
        "signature_removed",
        "Una firma de una versión anterior ya no se muestra.",
    ),
    ("byte_range_malformed", "La firma no dice bien qué bytes cubre."),
    (
        "byte_range_partial",
        "La firma cubre solo una parte de su versión.",
    ),
    (
        "sub_filter_unsupported",
        "La firma tiene un formato que no comprobamos.",
    ),
    (
        "cms_encapsulates",
        "La firma trae datos propios, lo que no se permite en un PDF.",
    ),
    ("cms_malformed", "La firma no se puede leer."),
    ("cms_not_signed_data", "En lugar de una firma hay otra cosa."),
    ("cms_trailing_bytes", "Sobran bytes al final de la firma."),
    ("cms_too_large", "La firma es demasiado grande."),
    ("cms_no_signer", "La firma no tiene firmante."),
    (
        "cms_several_signers",
        "La firma tiene varios firmantes y solo se permite uno.",
    ),
    (
        "cms_duplicate_attribute",
        "Un atributo firmado aparece dos veces.",
    ),
    ("cms_attribute_missing", "Falta un atributo firmado obligatorio."),
    (
        "cms_too_many",
        "La firma trae más datos que cualquier firma honesta.",
    ),
    ("timestamp_not_a_token", "Un sello de tiempo no lo es."),
    ("cms_not_der", "La firma no está codificada como debe (DER)."),
    (
        "cms_attribute_order",
        "Los atributos firmados no están en el orden debido.",
    ),
    (
        "cms_digest_not_listed",
        "La firma no anuncia el algoritmo de huella que usa.",
    ),
    (
        "cms_unreadable_certificate",
        "Un certificado dentro de la firma no se puede leer.",
    ),
    (
        "cms_unreadable_evidence",
        "Un dato de revocación dentro de la firma no se puede leer.",
    ),
    (
        "cms_signing_time",
        "La hora que declara la firma no se puede leer.",
    ),
    (
        "cms_countersigned",
        "Alguien refrendó la firma. No se revisó quién fue.",
    ),
    (
        "cms_countersignature",
        "Un refrendo no corresponde a esta firma o no se puede leer.",
    ),
    ("content_missing", "No está a mano lo que se firmó."),
    ("content_changed", "El contenido no es el que se firmó."),
    ("signature_invalid", "La firma no corresponde al certificado."),
    (
        "content_type_mismatch",
        "La firma es sobre otro tipo de contenido.",
    ),
    (
        "digest_algorithm_mismatch",
        "La firma se contradice sobre cómo calculó la huella.",
    ),
    (
        "signing_certificate_mismatch",
        "La firma nombra otro certificado que el que trae.",
    ),
    (
        "signing_certificate_unbound",
        "La firma no dice qué certificado la hizo.",
    ),
    (
        "signer_certificate_missing",
        "El certificado de quien firmó no viene en la firma.",
    ),
    (
        "algorithm_unsupported",
        "La firma usa un algoritmo que no comprobamos.",
    ),
    (
        "algorithm_weak",
        "La firma usa un algoritmo o una clave que ya no es segura.",
    ),
    (
        "no_trust_anchors",
        "No se nombraron autoridades de confianza (--trust), así que nadie es de confianza.",
    ),
    ("no_path", "El certificado no lleva a una autoridad de confianza."),
    (
        "authority_not_granted",
        "Ninguna lista de confianza reconoce a la autoridad del certificado en ese momento.",
    ),
    (
        "trusted_list_outdated",
        "Una lista de confianza terminó y no dice nada de tiempos posteriores.",
    ),
    (
        "certificate_expired",
        "El certificado había vencido, y nada prueba que la firma sea anterior.",
    ),
    ("certificate_not_yet_valid", "El certificado aún no regía."),
    (
        "certificate_revoked",
        "El certificado fue revocado, y nada prueba que la firma sea anterior.",
    ),
    ("certificate_purpose", "El certificado es para otro uso."),
    (
        "certificate_signature_invalid",
        "Un certificado no lo firmó quien dice.",
    ),
    (
        "work_limit",
        "Buscar la autoridad de confianza cuesta más que en cualquier firma honesta.",
    ),
    (
        "too_many_checks",
        "Comprobar las firmas cuesta más que en cualquier archivo honesto.",
    ),
    (
        "issuer_not_an_authority",
        "Emitió un certificado alguien que no es autoridad.",
    ),
    (
        "issuer_key_usage",
        "Un certificado se emitió con una clave para otro uso.",
    ),
    ("path_length", "Una autoridad no puede tener otra debajo."),
    (
        "critical_extension_unknown",
        "Un certificado trae una condición que no conocemos.",
    ),
    (
        "name_constraint",
        "Una autoridad no puede emitir certificados para este nombre.",
    ),
    (
        "certificate_policy",
        "Los certificados no se emitieron bajo una política aceptada.",
    ),
    (
        "policy_mapping",
        "Un certificado iguala políticas que no se pueden igualar.",
    ),
    (
        "revocation_unknown",
        "Nada a mano dice si el certificado fue revocado.",
    ),
    (
        "revocation_outdated",
        "Lo que tenemos sobre la revocación del certificado habla solo de fechas anteriores.",
    ),
    ("evidence_not_fetched", "Se pidió algo por la red y no llegó."),
    (
        "time_claimed",
        "La hora la dice quien firmó; ningún sello de tiempo la prueba.",
    ),
    (
        "timestamp_broken",
        "Un sello de tiempo está dañado o es de otra cosa.",
    ),
    (
        "timestamp_untrusted",
        "Un sello de tiempo no es de una autoridad de confianza.",
    ),
    (
        "timestamp_future",
        "Un sello de tiempo es posterior a esta comprobación.",
    ),
    ("timestamp_order", "Los sellos de tiempo se contradicen."),
    (
        "changed_after_signing",
        "Después de firmar se cambió algo que ninguna firma posterior explica.",
    ),
    (
        "docmdp_violated",
        "Después de firmar se cambió algo que la certificación prohíbe.",
    ),
    (
        "form_overwritten",
        "Después de firmar se reemplazó lo que mostraba un campo del formulario.",
    ),
    ("field_locked", "Se cambió un campo que la firma deja cerrado."),
    (
        "changes_unknown",
        "No se pudo comparar lo que vino después de la firma.",
    ),
];

/// In the order of [`CHANGES`].
const CHANGES_ES: &[(&str, &str)] = &[
    ("dss", "Se agregaron pruebas para conservar la firma."),
    ("document_timestamp", "Se agregó un sello de tiempo."),
    ("extensions", "Se declaró una extensión del formato."),
    ("file_identifier", "Se cambió el identificador del archivo."),
    ("metadata", "Se cambiaron los datos sobre el documento."),
    ("unused_object", "Se agregaron datos que no se muestran."),
    ("version", "Se cambió la versión del formato."),
    ("field", "Se cambió un campo del formulario más allá de llenarlo."),
    ("field_group", "Se agregó un grupo de campos."),
    ("fields_removed", "Se quitaron campos del formulario."),
    ("form", "Se cambió el formulario."),
    ("form_fill", "Se llenó un campo."),
    ("form_overwrite", "Se reemplazó lo que decía un campo."),
    ("new_field", "Se agregó un campo al formulario."),
    ("signature", "Se agregó otra firma."),
    ("signature_field", "Se agregó un lugar para firmar."),
    ("signature_replaced", "Se reemplazó una firma."),
    ("signature_reused", "Se usó una firma en otro lugar."),
    (
        "unsigned_appearance",
        "Se agregó algo que parece una firma, pero no lo es.",
    ),
    ("visible_signature", "Se agregó otra firma, visible en la página."),
    ("annotation_added", "Se agregó una anotación."),
    ("annotation_changed", "Se cambió una anotación."),
    ("annotation_removed", "Se quitó una anotación."),
    (
        "annotations_shared",
        "Varias páginas comparten ahora una lista de anotaciones.",
    ),
    (
        "covering_widget",
        "Un campo llenado o firmado después tapa la página.",
    ),
    (
        "action",
        "Se agregó una acción que el documento ejecuta por su cuenta.",
    ),
    ("catalog", "Se cambió la estructura general del documento."),
    (
        "catalog_exchanged",
        "Se cambió el documento por otro dentro del mismo archivo.",
    ),
    ("encryption", "Se cambió el cifrado."),
    ("evidence_removed", "Se quitaron pruebas que la firma tenía."),
    (
        "font",
        "Se cambió un tipo de letra: el texto puede leerse distinto.",
    ),
    ("form_content", "Se cambió un dibujo."),
    (
        "hybrid_update",
        "El cambio se muestra en unos lectores y en otros no.",
    ),
    ("image", "Se cambió una imagen."),
    ("layer", "Se cambió una capa."),
    ("object_added", "Se agregó contenido."),
    (
        "object_outside_revision",
        "Se sacó a la luz contenido que estaba escondido en el archivo.",
    ),
    ("object_removed", "Se quitó contenido."),
    ("object_replaced", "Se reemplazó contenido."),
    ("object_stream", "Se reemplazó un grupo de contenidos."),
    ("object_unreadable", "Se agregó contenido que no se puede leer."),
    (
        "object_was_awaited",
        "Se completó algo que lo firmado dejaba pendiente.",
    ),
    ("page", "Se cambió la página."),
    ("page_content", "Se cambió el contenido."),
    ("page_tree", "Se agregaron, quitaron o cambiaron páginas."),
    ("unexplained_bytes", "Se agregaron datos que nada explica."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::problem::SENTENCES;

    fn codes(list: &[(&'static str, &'static str)]) -> Vec<&'static str> {
        list.iter().map(|(code, _)| *code).collect()
    }

    #[test]
    fn every_code_has_a_sentence_in_spanish() {
        assert_eq!(codes(PROBLEMS_ES), codes(SENTENCES));
        assert_eq!(codes(CHANGES_ES), codes(CHANGES));
    }

    /// The house's rule for what people read: one sentence, of at most twenty words.
    #[test]
    fn sentences_are_short_and_end() {
        for (code, text) in PROBLEMS_ES.iter().chain(CHANGES_ES) {
            assert!(text.ends_with('.'), "{code}: {text}");
            for sentence in text.split_inclusive(". ") {
                assert!(sentence.split_whitespace().count() <= 20, "{code}: {sentence}");
            }
        }
    }
}
