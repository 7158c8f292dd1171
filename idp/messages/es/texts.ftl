## Ayuda
help-title = Ayuda para ingresar
help-lead = Busca lo que te pasó.
help-number-title = No me acepta el número
help-number = Escríbelo con su dígito verificador. Da igual si usas puntos, guion o espacios.
help-password-title = Olvidé mi contraseña
help-password = Si tienes una llave de acceso, ingresa con ella. Si no, elige «No puedo ingresar» y recupera tu cuenta.
help-code-title = El código no funciona
help-code = Cada código sirve una vez y dura 30 segundos. Revisa que tu teléfono tenga la hora automática.
help-passkey-title = La llave de acceso no aparece
help-passkey = Usa el mismo teléfono o computador en que la creaste, o la misma cuenta donde la guardas.
help-throttle-title = Me pide esperar
help-throttle = Hubo muchos intentos con tu número. La pausa protege tu cuenta y termina sola.
help-fraud-title = Alguien me pidió mis datos
help-fraud = Nunca te pediremos la contraseña ni el código. Si los entregaste, bloquea tu cuenta desde «No puedo ingresar».

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
