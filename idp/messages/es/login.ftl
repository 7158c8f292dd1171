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
