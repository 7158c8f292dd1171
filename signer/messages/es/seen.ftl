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
change-action = Se agregó una acción que el documento ejecuta por su cuenta.
change-annotation_added = Se agregó una anotación.
change-annotation_changed = Se cambió una anotación.
change-annotation_removed = Se quitó una anotación.
change-annotations_shared = Varias páginas comparten ahora una lista de anotaciones.
change-catalog = Se cambió la estructura general del documento.
change-catalog_exchanged = Se cambió el documento por otro dentro del mismo archivo.
change-covering_widget = Una firma posterior tapa gran parte de la página.
change-document_timestamp = Se agregó un sello de tiempo.
change-dss = Se agregaron pruebas para conservar la firma.
change-encryption = Se cambió el cifrado.
change-evidence_removed = Se quitaron pruebas que la firma tenía.
change-extensions = Se declaró una extensión del formato.
change-field = Se cambió un campo del formulario más allá de llenarlo.
change-field_group = Se agregó un grupo de campos.
change-fields_removed = Se quitaron campos del formulario.
change-file_identifier = Se cambió el identificador del archivo.
change-font = Se cambió un tipo de letra: el texto puede leerse distinto.
change-form = Se cambió el formulario.
change-form_content = Se cambió un dibujo.
change-form_fill = Se llenó un campo.
change-form_overwrite = Se reemplazó lo que decía un campo.
change-hybrid_update = El cambio se muestra en unos lectores y en otros no.
change-image = Se cambió una imagen.
change-layer = Se cambió una capa.
change-metadata = Se cambiaron los datos sobre el documento.
change-new_field = Se agregó un campo al formulario.
change-object_added = Se agregó contenido.
change-object_outside_revision = Se sacó a la luz contenido que estaba escondido en el archivo.
change-object_removed = Se quitó contenido.
change-object_replaced = Se reemplazó contenido.
change-object_stream = Se reemplazó un grupo de contenidos.
change-object_unreadable = Se agregó contenido que no se puede leer.
change-object_was_awaited = Se completó algo que lo firmado dejaba pendiente.
change-page = Se cambió la página.
change-page_content = Se cambió el contenido.
change-page_tree = Se agregaron, quitaron o cambiaron páginas.
change-signature = Se agregó otra firma.
change-signature_field = Se agregó un lugar para firmar.
change-signature_replaced = Se reemplazó una firma.
change-signature_reused = Se usó una firma en otro lugar.
change-unexplained_bytes = Se agregaron datos que nada explica.
change-unsigned_appearance = Se agregó algo que parece una firma, pero no lo es.
change-unused_object = Se agregaron datos que no se muestran.
change-version = Se cambió la versión del formato.
change-visible_signature = Se agregó otra firma, visible en la página.
problem-form_overwritten = Después de firmar se reemplazó lo que mostraba un campo del formulario.
verdict-signature-technical = Detalle técnico de esta firma

# Antes de firmar
warning-tag = Aviso
warning-decide = Un aviso no te impide firmar. Si algo no lo esperabas, pide el documento otra vez.
document-warnings = Antes de firmar
