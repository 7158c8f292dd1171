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
wait-days = { $n ->
    [one] un día
   *[other] { $n } días
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
