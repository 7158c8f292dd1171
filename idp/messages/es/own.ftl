## Más de mi cuenta
own-title = Tus derechos
own-looks = Ver quién miró tus datos
own-codes = Códigos de recuperación: { $n ->
    [one] queda uno
   *[other] quedan { $n }
 }
own-data = Descargar tus datos
own-close = Cerrar tu cuenta

## Quién miró mis datos
looks-title = Quién miró tus datos
looks-lead = Aquí ves qué servicio recibió tus datos, y qué funcionario abrió tu ficha.
looks-none = Todavía nadie miró tus datos.
looks-only-that = supo que eras tú
looks-registrar = Registro civil
looks-help-desk = Mesa de ayuda
looks-auditor = Auditoría
looks-official = Un funcionario
looks-because-asked = porque pediste ayuda
looks-because-lost-access = porque perdiste el acceso
looks-because-suspected-fraud = por sospecha de fraude
looks-because-correction = para corregir un dato
looks-because-order = por orden de una autoridad
looks-because-other = abrió tu ficha

## Descargar mis datos
data-title = Descarga tus datos
data-lead = El archivo contiene todo lo que guardamos de ti y lo que pasó en tu cuenta.
data-care = Guárdalo donde solo tú lo leas. Tus contraseñas y códigos no van en él.
data-send = Descargar archivo

## Cerrar mi cuenta
close-title = ¿Cierras tu cuenta?
close-lead = Desde ese momento nadie ingresa con ella, tampoco tú.
close-sessions = Se cierran todas tus sesiones, en todos los equipos.
close-agencies = Los servicios pierden el acceso a tus datos.
close-kept = La ley pide conservar el registro de lo que pasó. Lo demás deja de usarse.
close-again = Para volver a abrirla, ve al registro civil con tu documento de identidad.
close-do = Cerrar mi cuenta
close-keep = Conservar mi cuenta

## Funcionarios
account-official = Tu trabajo en el programa
account-official-lead = Tienes un cargo en este servicio.
account-official-go = Ir a tus páginas de trabajo
staff-key-title = Agrega tu llave física
staff-key-lead = Las páginas de trabajo piden una llave física autorizada por el programa.
staff-key-do = Agrégala a tu cuenta y vuelve. Si todavía no tienes una, pídela a tu jefatura.
staff-key-add = Agregar llave física
