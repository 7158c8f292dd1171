//! Every warning in one sentence, in Spanish and English.

use crate::sentence::Language;

/// The sentence of a warning's code; none for a code that is not ours.
pub fn warning_sentence(code: &str, language: Language) -> Option<&'static str> {
    let found = SENTENCES.iter().find(|(known, ..)| *known == code);
    found.map(|(_, es, en)| match language {
        Language::Es => *es,
        Language::En => *en,
    })
}

/// Codes with their sentences.
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "hidden_layer",
        "Tiene una capa que no se ve, o que se ve solo en pantalla o solo al imprimir.",
        "It has a layer that is not shown, or only on the screen or only on paper.",
    ),
    (
        "script",
        "Lleva un programa dentro (JavaScript), que puede cambiar lo que se ve.",
        "It carries a program (JavaScript), which may change what is seen.",
    ),
    (
        "launch",
        "Puede abrir otro programa o archivo en el computador de quien lo lea.",
        "It can open another program or file on the reader's computer.",
    ),
    (
        "submit",
        "Puede enviar o traer datos por la red cuando alguien lo usa.",
        "It can send or fetch data over the network when somebody uses it.",
    ),
    (
        "opens_by_itself",
        "Abre una dirección u otro archivo por su cuenta.",
        "It opens an address or another file by itself.",
    ),
    (
        "acts_by_itself",
        "Hace algo por su cuenta al abrirlo o recorrerlo.",
        "It does something by itself when it is opened or read.",
    ),
    (
        "external_content",
        "Muestra contenido que viene de fuera del archivo y puede cambiar.",
        "It shows content from outside the file, which may change.",
    ),
    (
        "attachment",
        "Lleva otros archivos adjuntos dentro: también los firmas.",
        "It has other files attached inside: you sign them, too.",
    ),
    (
        "unused_page",
        "Tiene páginas o textos escondidos que hoy no se ven y podrían aparecer después.",
        "It has hidden pages or texts that are not seen today and could appear later.",
    ),
    (
        "several_catalogs",
        "Tiene más de un índice principal, así que puede mostrar más de un documento.",
        "It has more than one main index, so it can show more than one document.",
    ),
    (
        "font_replaced",
        "Un tipo de letra fue reemplazado después de escribirse el documento.",
        "A typeface was replaced after the document was written.",
    ),
    (
        "earlier_content",
        "Guarda una versión anterior en que se veía otra cosa.",
        "It keeps an earlier version that showed something else.",
    ),
    (
        "earlier_unknown",
        "Guarda una versión anterior que no pudimos comparar con la de hoy.",
        "It keeps an earlier version that we could not compare with today's.",
    ),
    (
        "covered_content",
        "Un campo o una anotación tapa algo escrito debajo.",
        "A field or an annotation covers something written below it.",
    ),
    (
        "not_examined",
        "Es demasiado complejo para revisarlo por completo.",
        "It is too complex to be examined completely.",
    ),
];

#[cfg(test)]
mod tests {
    use super::SENTENCES;

    #[test]
    fn no_sentence_is_longer_than_twenty_words() {
        for (code, es, en) in SENTENCES {
            for text in [es, en] {
                assert!(text.split_whitespace().count() <= 20, "{code}: {text}");
            }
        }
    }

    #[test]
    fn every_code_comes_once() {
        let mut codes: Vec<_> = SENTENCES.iter().map(|(code, ..)| code).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), SENTENCES.len());
    }
}
