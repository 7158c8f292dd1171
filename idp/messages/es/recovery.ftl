## Problemas para ingresar
recover-title = ¿Qué te pasó?
recover-lead = Elige lo que más se parece. Te decimos qué necesitas y cuánto demora.
recover-stolen = Me robaron, o alguien usa mi cuenta
recover-stolen-do = Bloquea tu cuenta ahora. Después la recuperas con calma.
recover-block = Bloquear mi cuenta
recover-phone = Perdí mi teléfono o lo cambié
recover-phone-do = Necesitas un código de recuperación y tu contraseña. También sirven dos códigos distintos.
recover-password = Olvidé mi contraseña
recover-password-do = Necesitas un código de recuperación y el código de tu aplicación. También sirven dos códigos distintos.
recover-begin = Recuperar mi cuenta
recover-how = Cómo funciona
recover-how-code = Muestras un código: uno que guardaste, o uno que enviamos a tu correo.
recover-how-second = Muestras una segunda cosa: el otro código, tu contraseña o el código de tu aplicación.
recover-how-wait = Esperas { $wait }. Avisamos a todos tus correos, por si no eres tú.
recover-how-new = Vuelves y creas una forma nueva de ingresar.
recover-visit = Si no tienes dos de esas cosas, acércate a una oficina con tu documento. Ahí no hay espera.
recover-resume-link = Ya empecé y quiero continuar
recover-office = Me dieron un código en una oficina
recover-other = Tengo otro problema
recover-begin-title = Recupera tu cuenta
recover-begin-lead = Escribe tu número. Seguirás igual aunque no tengas cuenta, para cuidar la privacidad de todos.
recover-continue = Continuar

## Mostrar códigos
recover-code-title = Muestra un código de recuperación
recover-code-lead = Puede ser uno de los que guardaste, o uno que enviamos a tu correo.
recover-either = Escribe el código
recover-saved = Con un código que guardaste
recover-issued = Con un código que enviamos a tu correo
recover-code = Código de recuperación
recover-code-hint = Da igual si usas mayúsculas, guiones o espacios.
recover-code-shape = Ese código no está completo. Son 8 caracteres en el correo, o 24 en tu hoja de códigos.
recover-code-wrong = Ese código no es correcto o ya se usó. Revísalo, o pide otro a tu correo.
recover-password-wrong = La contraseña no es correcta. Revísala e inténtalo otra vez.
recover-ask-hint = El código llega a los correos de tu cuenta y dura 24 horas.
recover-ask = Enviar un código a mi correo
recover-sent = Si ese número tiene cuenta, enviamos un código a sus correos. Puede demorar un minuto.
recover-too-soon = Pediste un código hace un momento. Espera 30 segundos y pide otro.
recover-right = El código es correcto. Falta una cosa más.
recover-second-title = Muestra una segunda cosa
recover-second-after-saved = Ya mostraste un código guardado. Ahora muestra algo distinto.
recover-second-after-issued = Ya mostraste el código de tu correo. Ahora muestra algo distinto.
recover-second-frozen = Tu cuenta está bloqueada. Por eso solo sirve el otro código de recuperación, o una visita.
recover-by-password = Con tu contraseña
recover-continue-password = Continuar con la contraseña
recover-by-app = Con tu aplicación de códigos
recover-continue-app = Continuar con el código
recover-give-up = Dejar la recuperación

## La espera
recover-wait-title = Ya mostraste lo necesario
recover-wait-lead = Podrás crear una forma nueva de ingresar en { $wait }.
recover-wait-later = Cómo vuelves
recover-wait-here = En este navegador, abre otra vez esta página.
recover-wait-elsewhere = En otro equipo, elige «Ya empecé y quiero continuar» y escribe este código.
recover-wait-keep = Anótalo ahora. No lo enviamos por correo y no lo pedimos por teléfono.
recover-wait-why = La espera te protege. Si alguien se hace pasar por ti, puedes detenerlo desde tu correo.
recover-ready-title = Crea una forma nueva de ingresar
recover-ready-lead = La espera terminó. Ahora creas una llave de acceso, o una contraseña con códigos.
recover-ready-replaces = Al terminar, las formas anteriores dejan de servir y se cierran todas las sesiones.
recover-ready-continue = Continuar
recover-resume-title = Continúa tu recuperación
recover-resume-lead = Escribe el código que viste en la página de espera.
recover-resume-code = Código para continuar
recover-resume-hint = Son 24 caracteres. Da igual si usas mayúsculas, guiones o espacios.
recover-resume-wrong = Ese código no es correcto, o la recuperación ya terminó. Revísalo o empieza otra vez.

## Bloquear
block-title = Bloquea tu cuenta
block-lead = Escribe tu número y una sola cosa más: tu contraseña, o un código que guardaste.
block-or = o
block-code = Código de recuperación guardado
block-code-hint = Uno de los diez de tu hoja de códigos
block-empty = Escribe tu contraseña, o un código de recuperación
block-wrong = El número no coincide con la contraseña o el código. Revísalos e inténtalo otra vez.
block-what = Se cierran todas las sesiones y nadie más ingresa, tampoco con la contraseña correcta.
blocked-title = La cuenta está bloqueada
blocked-lead = Cerramos todas las sesiones. Nadie puede ingresar, tampoco con la contraseña correcta.
blocked-recover = Cuando puedas, recupera tu cuenta con dos códigos, o acércate a una oficina con tu documento.
stopped-title = Detuvimos la recuperación
stopped-lead = Tu cuenta sigue como estaba. Si esto se repite, bloquéala desde otro aviso o ingresa y cambia tu contraseña.
stale-title = Este enlace ya no sirve
stale-lead = Se usa una sola vez y vence a los catorce días. Si necesitas bloquear tu cuenta, elige aquí.
not-me-title = ¿No fuiste tú?
not-me-lead = Bloquea tu cuenta y nadie más podrá usarla.
not-me-recovery = Alguien quiere recuperar tu cuenta. Si no eres tú, detenlo ahora.
not-me-stop-lead = La recuperación termina y tu cuenta sigue como está.
not-me-stop = Detener la recuperación
not-me-after = Para volver a ingresar, recuperas tu cuenta con dos códigos o vas a una oficina.
not-me-me = Si fuiste tú, cierra esta página. Abrir el enlace no cambia nada.

## Los avisos por correo
notice-recovery-yours = Si fuiste tú, sigue con tu recuperación.
notice-recovery-not-yours = Si no fuiste tú, abre este enlace. Con él la detienes, o bloqueas tu cuenta.
notice-recovery-press = No fui yo: detener la recuperación
notice-frozen-yours = Si fuiste tú, puedes recuperarla cuando quieras.
notice-frozen-not-yours = Si no fuiste tú, recupérala con este enlace o acércate a una oficina con tu documento.
notice-frozen-press = Recuperar mi cuenta
notice-recovery-code-subject = Código para recuperar tu cuenta
notice-recovery-code-text = Tu código es { $code }. Sirve una vez y dura 24 horas. No lo entregues a nadie.
notice-recovery-waiting-subject = Alguien recupera tu cuenta
notice-recovery-waiting-text = Alguien mostró códigos para recuperar tu cuenta. Después de una espera de { $hours } h podrá crear una forma nueva de ingresar.
notice-recovery-ready-subject = Ya se puede recuperar tu cuenta
notice-recovery-ready-text = La espera terminó. Quien empezó la recuperación ya puede crear una forma nueva de ingresar.
notice-account-recovered-subject = Recuperaste tu cuenta
notice-account-recovered-text = Tu cuenta tiene formas de ingresar nuevas. Las anteriores ya no sirven y todas las sesiones se cerraron.
notice-account-frozen-subject = Tu cuenta está bloqueada
notice-account-frozen-text = Se cerraron todas las sesiones y nadie puede ingresar a tu cuenta.
notice-recovery-offered-subject = Continúa la recuperación de tu cuenta
notice-recovery-offered-text = La mesa de ayuda empezó la recuperación que pediste. En la página «No puedo ingresar», elige continuar y escribe este código: { $code }

## En la cuenta
account-recovery = Alguien recupera tu cuenta
account-recovery-left = Si no eres tú, detenlo. Le falta esperar { $wait }.
account-done-recovery-stopped = Detuviste la recuperación.
account-freeze = No fui yo: bloquear mi cuenta
