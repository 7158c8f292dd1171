# Lo que se ve del documento, antes y ahora, y qué cambió después de firmar.

seen-title = Lo que se ve, antes y ahora
seen-since = Comparamos el documento que firmó { $name } con el de hoy.
seen-since-timestamp = Comparamos el documento como estaba al sellarlo con el de hoy.
seen-frame = Un marco rojo rodea lo que se ve distinto.
seen-changed = Página { $number }: se ve distinta
seen-added = Página { $number }: no estaba cuando se firmó
seen-removed = Página { $number } de lo firmado: ya no está
seen-moved = Página { $before } de lo firmado: ahora es la { $now }
seen-before = Como se firmó
seen-now = Como está ahora
seen-alt-before = Página { $number } como se firmó
seen-alt-now = Página { $number } como está ahora
seen-not-there-before = Esta página no estaba en lo firmado.
seen-not-there-now = Esta página ya no está en el documento.
seen-no-room = Hay demasiadas páginas distintas para mostrarlas todas. Ábrela en tu lector y compárala con el original.
seen-same = Todas las páginas se ven como cuando se firmó.
seen-others =
    { $n ->
        [one] Otra página se ve como cuando se firmó.
       *[other] Otras { $n } páginas se ven como cuando se firmó.
    }
seen-unknown = Página { $number }: no pudimos compararla
seen-doubt-unreadable = No pudimos leer el documento como estaba antes, así que no comparamos lo que se ve.
seen-doubt-encrypted = El documento está cifrado, así que no comparamos lo que se ve.
seen-doubt-readers_disagree = Dos lectores ven páginas distintas en este archivo, así que no comparamos lo que se ve.
seen-doubt-cannot_draw = No pudimos dibujarla.
seen-doubt-drawn_in_part = Tiene algo que no pudimos dibujar; lo demás se ve igual.
seen-doubt-no_appearance = Cada lector dibuja a su manera lo que se agregó.
seen-doubt-too_many_pages = Cambiaron más páginas de las que comparamos. De las demás no sabemos si se ven igual.
seen-doubt-too_large = El archivo es muy grande para dibujarlo, así que no comparamos lo que se ve.
seen-doubt-too_much_work = Dibujarla costaba demasiado.
seen-doubt-busy = Ahora hay mucha gente verificando. Vuelve a intentarlo en unos minutos para comparar lo que se ve.
seen-doubt-too_much_work-all = Dibujar este documento costaba demasiado, así que no comparamos lo que se ve.

changed-title = Qué cambió después de firmar
changed-lead = Esto se guardó en el archivo después de la primera firma.
changed-not-allowed = nadie lo firmó
changed-more = Y otros { $n } cambios más, que están en el informe técnico.
changed-page = Página { $number }.
changed-field = Campo { $name }.
verdict-signature-technical = Detalle técnico de esta firma

# Antes de firmar
warning-tag = Aviso
warning-decide = Un aviso no te impide firmar. Si algo no lo esperabas, pide el documento otra vez.
document-warnings = Antes de firmar
