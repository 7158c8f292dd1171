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
