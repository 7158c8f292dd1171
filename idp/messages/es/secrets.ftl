## Contraseña, códigos y códigos de recuperación
secrets-back = Volver a mi cuenta

recovery-codes-title = Códigos de recuperación
recovery-codes-lead = Te devuelven el acceso si pierdes tu teléfono o tu llave.
recovery-codes-none = Todavía no tienes códigos de recuperación.
recovery-codes-left = { $n ->
    [0] Ya usaste todos tus códigos.
    [one] Te queda un código.
   *[other] Te quedan { $n } códigos.
}
recovery-codes-made = Los creaste { $when }.
recovery-codes-how = Te daremos diez. Cada uno sirve una sola vez, junto con otra prueba de que eres tú.
recovery-codes-void = Los códigos que tienes ahora dejarán de servir.
recovery-codes-make = Crear diez códigos
recovery-codes-already = Esos códigos ya se mostraron. Si no los guardaste, crea otros diez.
recovery-codes-told-title = Guarda estos diez códigos
recovery-codes-told-lead = Los mostramos solo esta vez. Imprímelos o anótalos ahora.
recovery-codes-of = Códigos de recuperación de { $programme }
recovery-codes-printed = Creados { $when }. Cada uno sirve una sola vez.
recovery-codes-keep = Guárdalos en papel, en un lugar seguro. Nadie del servicio te los pedirá por teléfono ni por correo.
recovery-codes-saved = Ya los guardé

account-done-password-changed = Cambiaste tu contraseña.
account-done-code-app-added = Agregaste la aplicación de códigos.
account-done-code-app-removed = Quitaste la aplicación de códigos.

## Contraseña
password-title = Tu contraseña
password-lead = Escribe una que puedas recordar o que guarde tu navegador. Una frase larga es mejor que una palabra rara.
password-new = Contraseña nueva
password-hint = Al menos { $least } caracteres. Puedes usar espacios, tildes y emojis.
password-show = Mostrar la contraseña
password-others = Cerrar mis otras sesiones
password-save = Guardar contraseña
password-empty = Escribe la contraseña nueva
password-short = Esa contraseña es corta. Escribe al menos { $least } caracteres.
password-long = La contraseña puede tener hasta 256 caracteres.
password-common = Esa contraseña está en las listas que prueba cualquiera. Escribe otra.
password-own = Esa contraseña es tu nombre, tu número o tu correo. Escribe otra.
password-busy = Hay muchas personas en este momento. Espera unos segundos e inténtalo otra vez.

## Aplicaciones de códigos
codes-new-title = Agrega una aplicación de códigos
codes-new-lead = Muestra un código de seis dígitos que cambia cada 30 segundos.
codes-scan = Abre la aplicación en tu teléfono y escanea este cuadro.
codes-qr = Código QR para tu aplicación de códigos
codes-by-hand = O escribe esta clave en la aplicación:
codes-name = Nombre de la aplicación
codes-name-hint = Para reconocerla después. Por ejemplo, Teléfono de María
codes-name-default = Aplicación de códigos
codes-name-empty = Escribe un nombre para la aplicación
codes-name-long = El nombre puede tener hasta 60 caracteres
codes-code = Código que muestra la aplicación
codes-add = Agregar aplicación
codes-wrong = Ese código no es el de la aplicación. Espera el siguiente y escríbelo.
codes-stale = La página estuvo abierta mucho tiempo. Escanea este cuadro nuevo.
codes-full-title = Ya tienes dos aplicaciones de códigos
codes-full-lead = Puedes tener dos. Quita una para agregar otra.
codes-remove = Quitar
codes-remove-title = ¿Quitas esta aplicación de códigos?
codes-remove-lead = Los códigos de «{ $name }» ya no abrirán tu cuenta.
codes-remove-do = Quitar la aplicación
codes-keep = Conservarla
codes-last = Es tu único segundo paso. Agrega antes una llave de acceso u otra aplicación.

## Muchos intentos desde una red
effort = Hubo muchos intentos desde tu red. Espera diez segundos, escribe otra vez lo que falta y continúa.
