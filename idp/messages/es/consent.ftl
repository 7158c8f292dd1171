## Autorización
consent-title = ¿Compartes estos datos?
consent-lead = { $agency } te pide estos datos. Solo los recibirá si lo permites.
consent-facts = Datos que recibirá
consent-subject = Identificador
consent-subject-value = Uno propio para este servicio, que ningún otro conoce
consent-name = Nombre
consent-email = Correo
consent-phone = Teléfono
consent-address = Domicilio
consent-unknown = Sin registro por ahora
consent-offline = Acceso posterior
consent-offline-value = Podrá consultar estos datos también cuando no estés, hasta que lo retires
consent-resource = Acceso a
consent-duration = Si los compartes, lo recordaremos. Puedes retirar el acceso cuando quieras en { $account }.
consent-allow = Compartir
consent-deny = No compartir
consent-unclear = Elige si compartes o no los datos.
