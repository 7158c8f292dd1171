## En todos los avisos por correo
notice-greeting = Hola, { $name }:
notice-moment = { $day } de { $month } de { $year }, { $time } (hora universal)
notice-when = Cuándo: { $when }
notice-yours = Si fuiste tú, no tienes que hacer nada.
notice-not-yours = Si no fuiste tú, abre este enlace. Con él bloqueas tu cuenta hasta que la recuperes.
notice-press = No fui yo: bloquear mi cuenta
notice-ignore = Si no lo pediste, no hagas nada: sin el código no cambia nada.
notice-promise = { $programme } nunca te pide tu contraseña ni tus códigos por correo.

## Cada aviso: el asunto y qué pasó
notice-authenticator-added-subject = Agregaste una forma de ingresar
notice-authenticator-added-text = Desde ahora, «{ $name }» abre tu cuenta.
notice-authenticator-removed-subject = Quitaste una forma de ingresar
notice-authenticator-removed-text = «{ $name }» ya no abre tu cuenta.
notice-password-changed-subject = Cambió tu contraseña
notice-password-changed-text = Tu cuenta tiene una contraseña nueva.
notice-recovery-codes-renewed-subject = Tienes códigos de recuperación nuevos
notice-recovery-codes-renewed-text = Los códigos de recuperación anteriores ya no sirven.
notice-new-device-subject = Ingreso desde un equipo nuevo
notice-new-device-text = Alguien ingresó a tu cuenta desde un equipo que no conocíamos. Equipo: { $device ->
    [unknown] sin identificar
   *[other] { $device }
 }. Red: { $network ->
    [unknown] desconocida
   *[other] { $network }
 }. Entró a: { $agency ->
    [unknown] tu cuenta
   *[other] { $agency }
 }.
notice-counter-regressed-subject = Revisa una de tus llaves de acceso
notice-counter-regressed-text = La llave «{ $name }» respondió como si hubiera una copia de ella. Quítala y agrega otra.
notice-account-activated-subject = Tu cuenta está activa
notice-account-activated-text = Alguien activó tu cuenta con un código entregado en persona.
notice-account-closed-subject = Cerraste tu cuenta
notice-account-closed-text = Tu cuenta está cerrada. Para abrirla otra vez, ve al registro civil.
notice-contact-asked-subject = Tu código: { $code }
notice-contact-asked-text = Escribe { $code } en la página de tu cuenta. Así este correo recibirá tus avisos. El código sirve diez minutos.
notice-contact-added-subject = Agregaste un correo para avisos
notice-contact-added-text = Desde ahora, tus avisos llegan también a { $address }.
notice-contact-removed-subject = Quitaste un correo para avisos
notice-contact-removed-text = Tus avisos ya no llegan a { $address }.
notice-contact-preferred-subject = Cambió tu correo principal
notice-contact-preferred-text = Tu correo principal es ahora { $address }. Los servicios con permiso recibirán ese.
