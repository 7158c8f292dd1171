## Otras formas de ingresar
login-other = Usar otro método
methods-title = Elige cómo seguir
methods-lead = Estas son las formas de seguir desde aquí.
methods-use = Usar
methods-passkey = Llave de acceso
methods-passkey-hint = Con tu huella, tu cara, el PIN del equipo o tu teléfono
methods-password = Contraseña
methods-password-hint = Con tu número y, después, un segundo paso
methods-code = Código de seis dígitos
methods-code-hint = Lo muestra tu aplicación de códigos
methods-key = Llave sin uso todavía
methods-key-used = Llave usada { $when }
methods-restart = Empezar de nuevo con otro método
methods-none = Ya no tengo ninguno de estos

## Segundo paso con una llave
key-title = Usa tu llave
key-lead = Conecta o acerca tu llave de seguridad y tócala cuando parpadee.
key-hardware-lead = Este servicio pide una llave de seguridad. Conéctala o acércala y tócala cuando parpadee.
key-no-script = Para usar tu llave, activa JavaScript en tu navegador.
key-failed = No se completó la comprobación con la llave. Puedes intentarlo otra vez o usar otro método.

## Falta un nivel
unmet-title = Este servicio pide más seguridad
unmet-hardware = { $agency } pide ingresar con una llave de seguridad autorizada. Todavía no tienes una.
unmet-hardware-do = Si la tienes a mano, agrégala ahora. Si no, vuelve al servicio y pide una en tu institución.
unmet-second = { $agency } pide un segundo paso. Tu cuenta solo tiene contraseña.
unmet-second-do = Agrega una llave de acceso ahora. Toma menos de un minuto.
unmet-added = Ya puedes seguir. Te pediremos usar lo que agregaste.
unmet-add-hardware = Agregar llave de seguridad
unmet-add = Agregar llave de acceso
unmet-go-on = Continuar
unmet-back = Volver a { $agency }

## La llave de acceso no funcionó
trouble-link = Ver otras formas
trouble-title = Tu llave de acceso no funcionó
trouble-lead = Puedes seguir de otra forma. Tu cuenta está bien.
trouble-again = Inténtalo otra vez
trouble-again-hint = Desbloquea el equipo y acepta cuando te pida la huella, la cara o el PIN.
trouble-again-do = Volver a intentar
trouble-device = Usa la llave de otro equipo
trouble-device-hint = Elige «Otro equipo» cuando el navegador lo ofrezca. Lee el código que muestra con tu celular.
trouble-other = Ingresa con otro método
trouble-other-hint = Tu contraseña con un código, u otra llave que hayas agregado.
trouble-other-do = Elegir otro método
trouble-lost = Perdiste el equipo con la llave
trouble-lost-hint = Recupera tu cuenta, o bloquéala si te lo robaron.
trouble-lost-do = Recuperar mi cuenta
