# El servicio de firma habla así: de tú, voz activa, frases cortas.

skip = Saltar al contenido
nav-label = Principal
nav-desk = Bandeja
nav-history = Historial
nav-verify = Verificar
nav-logout = Salir
foot-help = Ayuda
foot-privacy = Privacidad
title-error = Error: { $title }
summary-title = Hay un problema

home-title = Firma y verificación de documentos
home-lead = Los documentos oficiales llevan la firma de quien responde por ellos. Aquí se firman, y cualquiera puede comprobarlos.
home-verify-title = Comprobar un documento
home-verify-text = Elige un PDF firmado. Te decimos quién lo firmó, en qué cargo, cuándo, y si alguien lo cambió después. No necesitas una cuenta.
home-verify-button = Verificar un documento
home-sign-title = Firmar documentos
home-sign-text = Para funcionarias y funcionarios con certificado. Revisas tus documentos, confirmas que eres tú y firmas uno o muchos a la vez.
home-sign-button = Ir a mi bandeja

desk-title = Bandeja
desk-as = Firmas como
desk-empty = Aquí verás tus documentos antes de firmarlos.
desk-ready-title = Listos para firmar
desk-look = Ver
desk-remove = Quitar
desk-review = Revisar y firmar
desk-running = En curso
desk-recent = Lo último que firmaste
desk-cannot-sign = Por ahora no puedes firmar
desk-wrong-nothing = Marca al menos un documento para firmar.
desk-wrong-not-ready = Uno de los documentos ya no está disponible. Revisa la lista y vuelve a elegir.
desk-wrong-page = Escribe el número de la página del sello, por ejemplo 2.

upload-label = Agrega documentos PDF
upload-hint = Arrástralos aquí o elígelos. Pueden ser varios, de hasta { $limit } cada uno.
upload-button = Agregar
upload-sending = Enviando…
upload-checking = Revisando…
upload-failed = No llegó. Vuelve a intentarlo.

refused-title = No se pueden firmar
refused-dismiss = Entendido
unfit-empty = El archivo está vacío. Vuelve a exportarlo y agrégalo otra vez.
unfit-not_a_pdf = No es un PDF. Expórtalo como PDF y agrégalo otra vez.
unfit-too_large = Es demasiado grande para este servicio.
unfit-truncated = Está cortado: le falta el final. Vuelve a descargarlo o exportarlo.
unfit-damaged = Está dañado y no se puede leer con seguridad. Ábrelo y guárdalo como un PDF nuevo.
unfit-encrypted = Está protegido con contraseña. Guarda una copia sin contraseña.
unfit-too_deep = Su estructura es tan compleja que podría dañar a quien lo abra. Guárdalo como un PDF nuevo.
unfit-no_pages = No tiene páginas.
unfit-certified_final = Su autor lo certificó como definitivo: no admite más firmas.
unfit-dynamic_form = Es un formulario dinámico (XFA), que puede cambiar al abrirlo. Imprímelo como PDF.

pages =
    { $n ->
        [one] 1 página
       *[other] { $n } páginas
    }
already-signed = Ya firmado por
already-signed-broken = Firma anterior que ya no vale: de
earlier-sound = Sin cambios posteriores
earlier-unsound = El documento cambió después

stamp-title = Sello visible
stamp-none = Sin sello visible
stamp-choose-none = Sin sello: la firma va dentro del archivo
stamp-choose-visible = Con sello: nombre, cargo, institución y fecha en la página
stamp-page = Página
stamp-page-first = Primera página
stamp-page-last = Última página
stamp-page-this = Otra página
stamp-page-number = Página { $number }
stamp-number = Número, si elegiste otra página
stamp-place = Lugar
place-top-left = Arriba a la izquierda
place-top-centre = Arriba al centro
place-top-right = Arriba a la derecha
place-middle-left = Al medio a la izquierda
place-middle-centre = Al centro
place-middle-right = Al medio a la derecha
place-bottom-left = Abajo a la izquierda
place-bottom-centre = Abajo al centro
place-bottom-right = Abajo a la derecha

document-back = Volver a la bandeja
document-refused = No se puede firmar
document-picture = Primera página del documento
document-pages = Páginas
document-size = Tamaño
document-received = Recibido
document-digest = Huella
document-signatures = Firmas anteriores
document-no-signatures = Ninguna
document-open = Descargar el original
document-remove = Quitar de la bandeja
column-document = Documento

approve-title =
    { $n ->
        [one] Firmar 1 documento
       *[other] Firmar { $n } documentos
    }
approve-lead = Revisa la lista: firmarás exactamente estos documentos, con estas huellas.
approve-next = Te pediremos que confirmes que eres tú. Después firmaremos.
approve-button =
    { $n ->
        [one] Confirmar y firmar
       *[other] Confirmar y firmar los { $n }
    }
approve-back = Volver
approve-not-proven-title = Aún no hemos firmado
approve-not-proven = No recibimos la confirmación de que eres tú. Puedes intentarlo otra vez: no se perdió nada.

batch-title-running = { $n } de { $of } firmados
batch-title-done =
    { $n ->
        [one] Firmaste 1 documento
       *[other] Firmaste { $n } documentos
    }
batch-title-partly = Firmaste { $n } de { $of } documentos
batch-progress = { $n } de { $of } listos
batch-leave = Esta página se actualiza sola. Puedes cerrarla: seguimos firmando.
batch-done-lead = Comprobamos cada copia después de firmarla.
batch-partly-lead = Los que no se firmaron volvieron a tu bandeja, con la razón al lado.
batch-download-all =
    { $n ->
        [one] Descargar
       *[other] Descargar los { $n } (zip)
    }
batch-download = Descargar
batch-retry = Volver a la bandeja para reintentar
batch-more = Firmar otros
batch-documents = Documentos
batch-approved = Aprobado el
item-signed = Firmado
item-failed = Sin firmar
item-queued = En espera
item-signing = Firmando
failure-source_changed = El archivo guardado no es el que aprobaste. No lo firmamos.
failure-approval_expired = Tu aprobación venció antes de su turno. Apruébalo otra vez.
failure-certificate_unusable = Tu certificado dejó de estar vigente.
failure-certificate_revoked = Tu certificado, o el de su autoridad, fue revocado antes de firmarlo.
failure-certificate_on_hold = Tu autoridad suspendió tu certificado antes de firmarlo.
failure-revocation_unknown = Hoy no sabemos si tu certificado sigue vigente. Avisa a quien administra el servicio.
failure-certificate_not_trusted = Tu certificado no lleva a una autoridad de confianza. Avisa a quien administra el servicio.
failure-cannot_extend = El archivo no admite una firma sin alterarlo. Guárdalo como un PDF nuevo.
failure-not_read_back = La copia firmada no pasó nuestra propia comprobación, así que no la entregamos.
failure-breaks_earlier = Firmarlo dañaría una firma anterior. Prueba sin sello visible, o pide el original.
failure-interrupted = El servicio se detuvo justo en ese momento. Apruébalo otra vez.
failure-fault = Algo nuestro falló. Inténtalo otra vez; si se repite, pide ayuda.

history-title = Historial
history-lead = Lo que firmaste, lo más reciente primero.
history-empty = Aún no has firmado nada aquí.
history-documents =
    { $n ->
        [one] 1 documento
       *[other] { $n } documentos
    }
history-signed =
    { $n ->
        [one] 1 firmado
       *[other] { $n } firmados
    }
history-failed = { $n } sin firmar
history-misuse = ¿Ves algo que no firmaste?

verify-title = Verificar un documento
verify-lead = Te decimos quién lo firmó, en qué cargo, cuándo, y si alguien lo cambió después.
verify-label = Documento PDF
verify-hint = De hasta { $limit }. Lo revisamos y lo olvidamos.
verify-button = Verificar
verify-offline = También puedes comprobarlo en tu computador, sin red:
verify-keeps-nothing = No guardamos el archivo que verificas.
verify-wrong-nothing = Elige el archivo que quieres verificar.
verify-wrong-not-a-pdf = Ese archivo no es un PDF. Elige el documento tal como lo recibiste.
verify-wrong-too-large = Ese archivo pasa de { $limit }. Compruébalo en tu computador con el programa verify.

verdict-indeterminate-do = No lo uses para un trámite hasta aclararlo con quien te lo entregó.
verdict-invalid-do = Pide el documento original a quien lo firmó.
verdict-unsigned-do = Nada prueba quién lo hizo ni si cambió. Si debía estar firmado, pide el original a quien te lo entregó.
verdict-technical = Detalle técnico
verdict-report = Informe (JSON)
verdict-page = página { $number }
verdict-password-title = Este archivo tiene contraseña
verdict-password-lead = Con ella revisamos también lo que muestra. La usamos una vez y la olvidamos.
verdict-password-wrong = Esa contraseña no abre el archivo. Revísala y vuelve a elegir el archivo.
verdict-password-document = El mismo documento
verdict-password-label = Contraseña del documento
verdict-password-button = Verificar con la contraseña
verify-sending = Enviando…
verify-checking = Revisando…
verify-failed = No llegó. Revisa tu conexión y vuelve a intentarlo.
verdict-file = Archivo
verdict-signature = Firma de
verdict-timestamp = Sello de tiempo de
verdict-nobody = alguien que no pudimos identificar
verdict-problems = Lo que conviene saber
verdict-another = Verificar otro
fact-integrity = Integridad
fact-changes = Cambios posteriores
fact-certificate = Certificado
fact-issued-by = emitido por
fact-revocation = Revocación
fact-time = Fecha y hora
fact-validity = Vigencia del certificado
fact-level = Nivel
fact-issuer = Nombre completo del emisor
fact-serial = Número de serie
integrity-intact = Intacta
integrity-broken = Rota
integrity-unknown = No se pudo calcular
coverage-whole-file = cubre el archivo completo
coverage-whole-revision = cubre el documento como estaba al firmar
coverage-partial = no cubre todo el documento
coverage-malformed = no dice bien qué bytes cubre
changes-none = Ninguno
changes-long-term = Solo evidencia para conservarlo
changes-form-fill = Solo firmas o campos de formulario
changes-annotate = Anotaciones
changes-unknown = No se pueden comprobar
changes-other = Cambios que nadie firmó
trust-trusted = De confianza
trust-untrusted = No es de confianza
trust-unknown = No se pudo comprobar
revocation-good = No revocado
revocation-revoked = Revocado
revocation-unknown = Sin información
time-proven = probada por un sello de tiempo
time-claimed = según quien firmó
time-none = No la dice

error-reference = Si pides ayuda, da este código:
error-to-desk = Ir a mi bandeja
error-to-home = Ir al inicio
error-not_found-title = Aquí no hay nada
error-not_found-what = La dirección no existe, o es de otra persona.
error-not_found-do = Revisa el enlace o empieza desde el inicio.
error-method_not_allowed-title = Esta dirección se usa de otra forma
error-method_not_allowed-what = La página recibió un tipo de pedido que no atiende.
error-method_not_allowed-do = Empieza desde el inicio.
error-not_an_official-title = Aún no puedes firmar aquí
error-not_an_official-what = Ingresaste bien, pero no estás en el registro de funcionarios que firman.
error-not_an_official-do = Pide a quien administra el servicio en tu institución que te registre. Para verificar documentos no necesitas nada.
error-not_certified-title = Tu certificado aún no está listo
error-not_certified-what = Tu llave de firma existe, pero su certificado todavía no se ha emitido.
error-not_certified-do = Vuelve más tarde o consulta a quien administra el servicio en tu institución.
error-certificate-title = Tu certificado no se puede usar
error-certificate-what = Tu certificado de firma no sirve en este momento.
error-certificate-expired = Tu certificado de firma venció.
error-certificate-not-yet = Tu certificado de firma todavía no empieza a regir.
error-certificate-revoked = Tu autoridad revocó tu certificado de firma el { $at }.
error-certificate-on-hold = Tu autoridad suspendió tu certificado de firma el { $at }.
error-certificate-on-hold-do = Pregunta a tu autoridad cuándo lo reactiva. Tus documentos siguen en la bandeja.
error-certificate-authority-revoked = La autoridad que emitió tu certificado de firma fue revocada.
error-certificate-no-news = Hoy no sabemos si tu certificado sigue vigente: nos faltan noticias de su autoridad.
error-certificate-not-trusted = Tu certificado de firma no lleva a una autoridad en la que este servicio confíe.
error-certificate-tell = Avisa a quien administra el servicio en tu institución. Tus documentos siguen en la bandeja.
error-certificate-do = Pide uno nuevo a quien administra el servicio en tu institución. Tus documentos siguen en la bandeja.
error-nothing_chosen-title = No elegiste documentos
error-nothing_chosen-what = Para seguir hace falta al menos un documento.
error-nothing_chosen-do = Vuelve a la bandeja y elige uno o varios.
error-too_many_chosen-title = Son demasiados a la vez
error-too_many_chosen-what = Puedes aprobar hasta { $limit } documentos por vez.
error-too_many_chosen-do = Desmarca algunos: los demás se quedan en tu bandeja.
error-desk_full-title = Tu bandeja está llena
error-desk_full-what = En la bandeja caben { $limit } documentos.
error-desk_full-do = Firma o quita algunos y agrega los demás.
error-not_ready-title = Un documento ya no está disponible
error-not_ready-what = Uno de los documentos se firmó, se quitó o cambió mientras revisabas.
error-not_ready-do = Vuelve a la bandeja y elige otra vez. No se firmó nada de esta lista.
error-approval_spent-title = Esta aprobación ya no sirve
error-approval_spent-what = Ya se usó una vez o pasó demasiado tiempo.
error-approval_spent-do = Mira tu historial. Si falta algo, vuelve a aprobarlo desde la bandeja.
error-presence_mismatch-title = La confirmación no corresponde
error-presence_mismatch-what = Confirmaste otra lista de documentos, así que no firmamos.
error-presence_mismatch-do = Vuelve a la bandeja y aprueba otra vez. No se perdió nada.
error-presence_stale-title = La confirmación venció
error-presence_stale-what = Pasó demasiado tiempo desde que confirmaste que eras tú.
error-presence_stale-do = Vuelve a la bandeja y aprueba otra vez. No se perdió nada.
error-assurance-title = Hace falta un ingreso más seguro
error-assurance-what = Para firmar se necesitan dos factores o una llave de acceso.
error-assurance-do = Sal, vuelve a ingresar con ambos y repite la aprobación.
error-another_person-title = Confirmó otra persona
error-another_person-what = Quien confirmó no es quien aprobaba los documentos.
error-another_person-do = Aprueba otra vez y confirma con tu propia identidad.
error-forged_form-title = No recibimos bien el formulario
error-forged_form-what = El formulario no venía de nuestra página, o la página era muy antigua.
error-forged_form-do = Vuelve a la bandeja, revisa y envíalo otra vez. No cambiamos nada.
error-bad_form-title = Al formulario le falta algo
error-bad_form-what = Llegó incompleto o con algo inesperado.
error-bad_form-do = Vuelve a la página anterior y envíalo otra vez.
error-bad_question-title = Esta dirección no entiende la pregunta
error-bad_question-what = Aquí valen at (una hora RFC 3339), pages=compare y lang, una vez cada uno; pages, solo en JSON.
error-bad_question-do = La descripción está en /api/openapi.json.
error-too_large-title = El archivo es demasiado grande
error-too_large-what = Aceptamos archivos de hasta { $limit }.
error-too_large-do = Divide el documento o reduce sus imágenes.
error-not_a_pdf-title = No es un PDF
error-not_a_pdf-what = El archivo no empieza como un PDF.
error-not_a_pdf-do = Envía el documento PDF tal como lo recibiste.
error-busy-title = Hay mucha gente a la vez
error-busy-what = En este momento atendemos todo lo que podemos.
error-busy-do = Vuelve a intentarlo en unos segundos.
error-upload_broken-title = El envío se cortó
error-upload_broken-what = El archivo no llegó completo.
error-upload_broken-do = Revisa tu conexión y envíalo otra vez.
error-storage_full-title = Nos quedamos sin espacio
error-storage_full-what = No pudimos guardar el archivo. Lo anterior está a salvo.
error-storage_full-do = Vuelve a intentarlo más tarde. Ya avisamos a quien administra el servicio.
error-internal-title = Algo nuestro falló
error-internal-what = No pudimos terminar lo que pediste. No es culpa tuya.
error-internal-do = Vuelve a intentarlo en un momento. Si se repite, pide ayuda con el código de abajo.

help-title = Ayuda
help-lead = Lo que más se pregunta sobre firmar y verificar.
help-1-title = ¿Qué es la huella?
help-1-text = Un número que cambia por completo si cambia un solo byte del archivo. Al aprobar, confirmas las huellas de la lista; firmamos esas y ninguna otra.
help-2-title = ¿Por qué confirmo que soy yo justo antes de firmar?
help-2-text = Para que nadie firme por ti con una sesión abierta. La confirmación vale una vez, cinco minutos, y solo para esa lista.
help-3-title = Un documento no se firmó
help-3-text = La razón está junto a su nombre y el documento sigue en tu bandeja. Corrígelo o apruébalo otra vez.
help-4-title = Veo una firma que no hice
help-4-text = Sal de tu sesión, cambia tu clave en el servicio de identidad y avisa hoy mismo a la seguridad de tu institución. Cada firma quedó en un registro que nadie puede alterar.

privacy-title = Privacidad
privacy-lead = Qué guardamos, y para qué.
privacy-1-title = Si verificas un documento
privacy-1-text = Leemos el archivo, te mostramos el resultado y lo borramos. No pedimos tu nombre ni guardamos el documento.
privacy-2-title = Si firmas
privacy-2-text = Guardamos tus documentos, sus copias firmadas, y un registro de qué se aprobó y cuándo. Solo tú ves tu bandeja.
privacy-3-title = Cookies
privacy-3-text = Usamos las necesarias para tu sesión y tu idioma. Nada de seguimiento, nada de terceros.

# Lo que el informe puede señalar, por su código.
problem-encrypted = El archivo está cifrado; no se comparó lo que muestra.
problem-no_trust_anchors = Este servicio no tiene autoridades de confianza configuradas.
