### Lenguaje simple: voz activa, de tú, frases de hasta veinte palabras, verbos en los botones.

## En todas las páginas
skip = Saltar al contenido
error-prefix = Error:
language-other = English
foot-help = Ayuda
foot-privacy = Privacidad
foot-accessibility = Accesibilidad
foot-promise = Nunca te pediremos tu contraseña por correo ni por teléfono.
summary-title = Revisa lo siguiente
nav-account = Mi cuenta
nav-logout = Salir
asking = Vas a entrar a
or-other = o con tu contraseña
or-code = o con un código
cancel = Cancelar
back = Volver

## Ingreso
login-title = Ingresa con tu credencial
login-lead = Una sola credencial para todos los servicios del Estado.
login-passkey = Usar mi llave de acceso
login-number-hint = Por ejemplo, { $example }
login-password = Contraseña
login-continue = Continuar
login-trouble = No puedo ingresar
login-or = o
login-wrong = El número o la contraseña no coinciden. Revísalos e inténtalo otra vez.
login-number-empty = Escribe tu { $label }
login-number-shape = Escribe tu { $label } completo, con su dígito verificador. Por ejemplo, { $example }
login-number-check = El dígito verificador no corresponde a ese { $label }. Revisa si hay un número cambiado.
login-password-empty = Escribe tu contraseña
login-password-long = La contraseña puede tener hasta 256 caracteres.
login-throttled = Hubo muchos intentos seguidos. Espera { $wait } e inténtalo otra vez. Tu llave de acceso sigue funcionando.
login-busy = Hay muchas personas ingresando en este momento. Espera unos segundos e inténtalo otra vez.
passkey-failed = No se completó el ingreso con la llave. Puedes intentarlo otra vez o usar tu contraseña.
passkey-failed-code = No se completó la comprobación con la llave. Puedes intentarlo otra vez o usar un código.
passkey-refused = No reconocimos esa llave de acceso. Ingresa con tu contraseña o prueba con otra llave.
passkey-stale = La página estuvo abierta mucho tiempo. Inténtalo otra vez.

## Segundo paso
code-title = Escribe tu código
code-lead = Abre tu aplicación de códigos y escribe los seis dígitos que muestra.
code-label = Código de seis dígitos
code-hint = Cambia cada 30 segundos
code-continue = Continuar
code-empty = Escribe el código de seis dígitos
code-shape = El código tiene seis dígitos, sin letras
code-wrong = Ese código no es correcto o ya se usó. Espera el siguiente y escríbelo.
code-again = Empezar de nuevo

## Confirmar presencia
presence-title = Confirma que eres tú
presence-lead = { $name }, antes de seguir necesitamos comprobar que estás aquí.
presence-passkey = Confirmar con mi llave de acceso
presence-continue = Confirmar
presence-other = Ingresar con otra persona

## Autorización
consent-title = ¿Compartes estos datos?
consent-lead = { $agency } te pide estos datos. Solo los recibirá si lo permites.
consent-facts = Datos que recibirá
consent-subject = Identificador
consent-subject-value = Uno propio para este servicio, que ningún otro conoce
consent-name = Nombre
consent-email = Correo
consent-offline = Acceso posterior
consent-offline-value = Podrá consultar estos datos también cuando no estés, hasta que lo retires
consent-resource = Acceso a
consent-duration = Si los compartes, lo recordaremos. Puedes retirar el acceso cuando quieras en { $account }.
consent-allow = Compartir
consent-deny = No compartir
consent-unclear = Elige si compartes o no los datos.

## Conectar un equipo
device-title = Conecta un equipo
device-lead = Escribe el código que ves en la pantalla del equipo.
device-code = Código
device-code-hint = Son ocho letras. Puedes escribirlas con o sin guion.
device-code-shape = El código tiene ocho letras, sin vocales ni números. Revísalo en el equipo.
device-code-unknown = No encontramos este código o ya venció. Pide uno nuevo en el equipo.
device-continue = Continuar
device-warning = Sigue solo si tienes el equipo delante y tú pediste el código. Si otra persona te lo envió, no continúes: es un engaño.
device-decide-title = ¿Conectas este equipo?
device-decide-lead = El equipo entrará a { $agency } como si fueras tú.
device-compare = Compara con tu equipo
device-asked = Lo pidió
device-which = Equipo
device-network = Red
device-network-other = Otra que la tuya: { $network }
device-network-same = La misma que usas ahora
device-allow = Conectar
device-deny = No conectar
device-done-title = Equipo conectado
device-done-lead = Vuelve a tu equipo. Continuará en unos segundos.
device-denied-title = No conectaste el equipo
device-denied-lead = El equipo no recibió nada. Si no lo pediste tú, ya está resuelto.

## Mi cuenta
account-title = Mi cuenta
account-hello = Hola, { $name }
account-you = Tus datos
account-name = Nombre
account-email = Correo
account-passkeys = Llaves de acceso
account-passkeys-none = Todavía no tienes llaves de acceso. Con una ingresas sin contraseña, con tu huella, tu cara o el PIN del equipo.
account-passkey-add = Agregar llave de acceso
account-passkey-remove = Quitar
account-passkey-rename = Cambiar nombre
account-passkey-created = Creada { $when }
account-passkey-used = usada { $when }
account-passkey-never = sin uso todavía
account-passkey-synced = Sincronizada
account-passkey-bound = Solo en este equipo
account-sessions = Sesiones abiertas
account-session-this = Esta sesión
account-session-since = Abierta { $when }
account-session-seen = último uso { $when }
account-session-end = Cerrar
account-sessions-end-all = Cerrar todas las sesiones
account-agencies = Servicios con acceso
account-agencies-none = Ningún servicio tiene acceso a tus datos.
account-agency-since = Acceso dado { $when }
account-agency-withdraw = Retirar acceso
account-activity = Actividad reciente
account-activity-none = Todavía no hay actividad.
account-activity-not-me = Si no reconoces algo, cierra todas las sesiones y pide ayuda.
account-unknown-device = Equipo sin identificar
account-done-passkey-added = Agregaste la llave de acceso.
account-done-passkey-removed = Quitaste la llave de acceso.
account-done-passkey-renamed = Cambiaste el nombre de la llave.
account-done-session-ended = Cerraste la sesión.
account-done-access-withdrawn = Retiraste el acceso.

## Actividad
activity-session-started = Ingresaste
activity-session-renewed = Confirmaste que eras tú
activity-session-ended = Se cerró una sesión
activity-login-password-refused = Contraseña equivocada
activity-throttled = Hicimos una pausa por muchos intentos
activity-login-totp-refused = Código equivocado
activity-login-passkey-refused = Llave de acceso no aceptada
activity-code-issued = Entraste a { $agency }
activity-claims-released = { $agency } recibió tus datos
activity-token-exchanged = { $agency } actuó en tu nombre ante otra institución
activity-consent-decided = Compartiste datos con { $agency }
activity-consent-decided-refused = No compartiste datos con { $agency }
activity-consent-withdrawn = Retiraste el acceso de { $agency }
activity-authenticator-added = Agregaste una llave de acceso
activity-authenticator-removed = Quitaste una llave de acceso
activity-authenticator-suspect = Una llave de acceso pudo ser copiada
activity-citizen-created = Se creó tu cuenta

## Llaves de acceso
passkey-new-title = Agrega una llave de acceso
passkey-new-lead = Ingresarás con tu huella, tu cara o el PIN de tu equipo. La llave no se puede copiar ni adivinar.
passkey-new-where = Funciona en teléfonos y computadores recientes y con llaves USB de seguridad.
passkey-name = Nombre de la llave
passkey-name-hint = Para reconocerla después. Por ejemplo, Teléfono de María
passkey-name-empty = Escribe un nombre para la llave
passkey-name-long = El nombre puede tener hasta 60 caracteres
passkey-create = Crear llave de acceso
passkey-later = Ahora no
passkey-no-script = Para crear una llave de acceso, activa JavaScript en tu navegador. Todo lo demás funciona sin él.
passkey-unsupported = Este navegador no admite llaves de acceso. Prueba con otro o con tu teléfono.
passkey-create-failed = No se creó la llave. Puedes intentarlo otra vez.
passkey-exists = Esta llave ya está registrada.
passkey-bad = El equipo entregó una llave que no podemos aceptar. Prueba con otro equipo.
passkey-rename-title = Cambia el nombre de la llave
passkey-rename = Guardar
passkey-remove-title = ¿Quitas esta llave de acceso?
passkey-remove-lead = Ya no podrás ingresar con «{ $name }».
passkey-remove-last = Es tu única llave. Después ingresarás con contraseña y código.
passkey-remove = Quitar la llave
passkey-keep = Conservarla

## Salida
logout-title = ¿Quieres salir?
logout-lead = Cerrarás tu sesión en este navegador.
logout-confirm = Salir
logout-stay = Seguir aquí
logged-out-title = Saliste
logged-out-lead = Tu sesión está cerrada. Si el equipo no es tuyo, cierra también el navegador.
logged-out-again = Ingresar otra vez
logged-out-unregistered = El servicio pidió llevarte a una dirección que no tiene registrada aquí. No la seguimos.
logged-out-telling = Estamos avisando a los servicios que usaste. Después sigues solo.
logged-out-onward = Volver al servicio
logged-out-frame = Aviso de salida a un servicio

## Errores: qué pasó, por qué, qué hacer
error-reference = Si pides ayuda, entrega este número: { $id }
error-home = Ir a mi cuenta
error-client-unknown-title = No conocemos ese servicio
error-client-unknown-why = El servicio desde el que vienes no está registrado aquí.
error-client-unknown-do = Vuelve a ese servicio y avísale. No ingreses tus datos en páginas que no reconoces.
error-client-disabled-title = Ese servicio no está habilitado
error-client-disabled-why = El servicio desde el que vienes está registrado aquí, pero por ahora no está habilitado para identificar personas.
error-client-disabled-do = No es un problema tuyo ni de tu cuenta. Intenta más tarde o consulta a ese servicio.
error-redirect-unregistered-title = La dirección de vuelta no es segura
error-redirect-unregistered-why = El servicio pidió volver a una dirección que no tiene registrada.
error-redirect-unregistered-do = Vuelve al servicio y empieza otra vez. Si se repite, avísale.
error-request-malformed-title = No entendimos el pedido
error-request-malformed-why = El servicio envió un pedido que no cumple las reglas ({ $detail }).
error-request-malformed-do = Vuelve al servicio y empieza otra vez. Si se repite, avísale.
error-interaction-lost-title = Esta página ya venció
error-interaction-lost-why = Pasó mucho tiempo, ya terminaste este ingreso o lo abriste en otro navegador.
error-interaction-lost-do = Vuelve al servicio y empieza otra vez. No perdiste ningún dato.
error-request-expired-title = Este enlace ya no sirve
error-request-expired-why = El pedido del servicio venció o ya tuvo respuesta.
error-request-expired-do = Vuelve al servicio y empieza otra vez. No perdiste ningún dato.
error-out-of-turn-title = Ese paso ya no corresponde
error-out-of-turn-why = Avanzaste en otra pestaña o repetiste un paso.
error-out-of-turn-do = Vuelve al servicio y empieza otra vez.
error-throttled-title = Hubo muchos intentos
error-throttled-why = Para proteger tu cuenta, hacemos una pausa.
error-throttled-do = Espera { $wait } e inténtalo otra vez.
error-too-many-title = Llegan demasiadas solicitudes desde tu red
error-too-many-why = Muchas personas u otro programa usan este servicio desde la misma conexión en este momento.
error-too-many-do = Espera { $wait } e inténtalo otra vez. Tu cuenta está bien.
error-busy-title = Hay mucha gente ingresando
error-busy-why = El servicio está al límite en este momento.
error-busy-do = Espera unos segundos y recarga la página.
error-forged-title = No pudimos comprobar tu pedido
error-forged-why = El formulario venció o llegó desde otro sitio.
error-forged-do = Vuelve atrás, recarga la página e inténtalo otra vez.
error-not-found-title = Esa página no existe
error-not-found-why = La dirección cambió o tiene un error.
error-not-found-do = Revisa la dirección o empieza desde tu cuenta.
error-method-not-allowed-title = Esa página no se usa así
error-method-not-allowed-why = La dirección existe, pero no para lo que intentaste.
error-method-not-allowed-do = Empieza desde tu cuenta.
error-not-allowed-title = No puedes hacer eso todavía
error-not-allowed-why = Falta confirmar que eres tú.
error-not-allowed-do = Vuelve a tu cuenta e inténtalo otra vez.
error-too-large-title = Enviaste demasiado
error-too-large-why = El formulario es más grande de lo que aceptamos.
error-too-large-do = Vuelve atrás y envía menos.
error-account-closed-title = Tu cuenta está cerrada
error-account-closed-why = Comprobamos que eres tú. Esta cuenta se cerró para protegerte o por un aviso del registro civil.
error-account-closed-do = Acércate a una oficina con tu documento para que la abran otra vez.
error-fault-title = Tenemos un problema
error-fault-why = Algo falló de nuestro lado. No es culpa tuya y no perdiste datos.
error-fault-do = Espera un momento e inténtalo otra vez.

## Ayuda
help-title = No puedo ingresar
help-lead = Busca lo que te pasó.
help-number-title = No me acepta el número
help-number = Escríbelo con su dígito verificador. Da igual si usas puntos, guion o espacios.
help-password-title = Olvidé mi contraseña
help-password = Si tienes una llave de acceso, ingresa con ella. Si no, acércate a una oficina con tu documento.
help-code-title = El código no funciona
help-code = Cada código sirve una vez y dura 30 segundos. Revisa que tu teléfono tenga la hora automática.
help-passkey-title = La llave de acceso no aparece
help-passkey = Usa el mismo teléfono o computador en que la creaste, o la misma cuenta donde la guardas.
help-throttle-title = Me pide esperar
help-throttle = Hubo muchos intentos con tu número. La pausa protege tu cuenta y termina sola.
help-fraud-title = Alguien me pidió mis datos
help-fraud = Nunca te pediremos la contraseña ni el código. Si los entregaste, ingresa y cierra todas las sesiones.

## Privacidad
privacy-title = Privacidad
privacy-lead = Guardamos lo mínimo para que ingreses y para que sepas quién usó tus datos.
privacy-what-title = Qué guardamos
privacy-what = Tu número, nombre y correo, cifrados. Tu contraseña, de una forma que nadie puede leer.
privacy-share-title = Qué compartimos
privacy-share = Solo lo que autorizas a cada servicio. Cada uno te conoce con un identificador distinto.
privacy-log-title = Qué registramos
privacy-log = Cada ingreso y cada cambio de tu cuenta. Los ves en Mi cuenta.
privacy-cookies-title = Qué guarda tu navegador
privacy-cookies = Una marca de sesión y tu idioma. No usamos publicidad ni medición de terceros.
privacy-rights-title = Qué puedes hacer
privacy-rights = Retirar el acceso de un servicio, cerrar sesiones y quitar llaves cuando quieras.

## Accesibilidad
accessibility-title = Accesibilidad
accessibility-lead = Estas páginas deben servir a todas las personas.
accessibility-what-title = Cómo las hacemos
accessibility-what = Se usan con teclado y lector de pantalla, y se leen hasta con 400 % de aumento. Funcionan sin JavaScript, salvo las llaves de acceso.
accessibility-goal-title = Qué norma seguimos
accessibility-goal = Buscamos cumplir WCAG 2.2 nivel AA.
accessibility-tell-title = Si algo te cuesta
accessibility-tell = Cuéntalo en la oficina o el teléfono de ayuda de tu institución. Lo corregiremos.

## Tiempo
when-now = hace un momento
when-minutes = hace { $n ->
    [one] un minuto
   *[other] { $n } minutos
 }
when-hours = hace { $n ->
    [one] una hora
   *[other] { $n } horas
 }
wait-minutes = { $n ->
    [one] un minuto
   *[other] { $n } minutos
 }
wait-hours = { $n ->
    [one] una hora
   *[other] { $n } horas
 }
when-date = el { $day } de { $month } de { $year }
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre

form-post-title = Vuelves al servicio
form-post-lead = Llevamos la respuesta al servicio que te envió. Si no avanza solo, usa el botón.
form-post-continue = Continuar

create-title = ¿Todavía no tienes credencial?
create-lead = Se entrega en persona, con tu documento de identidad, en las oficinas del registro civil. Lleva tu correo: allí queda anotado.
create-then = Cuando la tengas, ingresa aquí con ella.

consent-details = Además le permites
