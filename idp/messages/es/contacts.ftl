## Correos para avisos
contacts-title = Correos para avisos
contacts-lead = Te avisamos en todos estos correos cuando algo cambia en tu cuenta.
contacts-alone = Agrega otro: si pierdes uno, el aviso llega igual.
contact-first = Principal
contact-first-hint = Los servicios con permiso para ver tu correo reciben este.
contact-first-unconfirmed = Confírmalo para que confíen en él.
contact-first-title = Confirma tu correo principal
contact-first-lead = Enviaremos un código a ese correo. Así los servicios sabrán que lo lees.
contact-done-confirmed = Confirmaste tu correo principal.
contact-waiting = Falta el código
contact-prefer = Hacer principal
contact-remove = Quitar
contact-type-code = Escribir código
contact-add = Agregar correo
contact-new-title = Agregar un correo
contact-new-lead = Enviaremos un código a ese correo. Con él sabremos que lo lees.
contact-new-label = Correo
contact-send-code = Enviar código
contact-malformed = Escribe un correo completo, como nombre@correo.cl.
contact-known = Ese correo ya recibe tus avisos. Escribe otro.
contact-too-many = Llegaste al máximo de correos. Quita uno antes de agregar otro.
contact-too-many-letters = Ya enviamos varios códigos a ese correo. Espera un día o escribe otro.
contact-code-title = Escribe el código
contact-code-lead = Enviamos un código a { $address }. Sirve diez minutos.
contact-code-label = Código
contact-code-hint = Son seis números. Si no llega, revisa el correo no deseado.
contact-code-wrong = Ese código no sirve, o pasaron diez minutos. Revísalo o pide otro.
contact-confirm = Confirmar correo
contact-again = Pedir otro código
contact-done-added = Agregaste el correo. Avisamos en los otros.
contact-done-removed = Quitaste el correo.
contact-done-preferred = Cambiaste tu correo principal.

## Solo en el equipo de quien desarrolla
dev-mail-title = Cartas de desarrollo
dev-mail-lead = Aquí quedan los correos que este servicio enviaría. Solo existe en desarrollo.
dev-mail-none = Todavía no hay cartas.
